from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.core.workdays import DayKind, Festival, kind_of
from kexie_events.days import rules
from kexie_events.days.named import Named, Span
from kexie_events.days.rules import ANNOUNCED, Entered, Flag, FlagKind, Origin, Ruled, Ruling, Spanned, Step

WHOLE_2150 = Entered(years={(ANNOUNCED, 2150): Spanned(date(2150, 1, 1), date(2150, 12, 31))})
NATIONAL = Festival.NATIONAL_DAY


def flags(day: date, entered: Entered = rules.NOTHING) -> tuple[Flag, ...]:
    return rules.flags([day], entered)[day]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 10, 1), [Flag(FlagKind.HOLIDAY, NATIONAL)]),
        (date(2026, 10, 3), [Flag(FlagKind.HOLIDAY, NATIONAL)]),  # a Saturday within the holiday
        (date(2026, 3, 14), []),  # an ordinary Saturday
        (date(2026, 10, 10), [Flag(FlagKind.MAKE_UP, NATIONAL)]),
        (date(2026, 3, 16), []),
        (date(2026, 6, 8), [Flag(FlagKind.EXAM, Named.GAOKAO)]),
        (date(2026, 6, 13), [Flag(FlagKind.EXAM, Named.ZHONGKAO)]),
        (date(2026, 5, 30), [Flag(FlagKind.NAMED, Named.SCIENTISTS_DAY)]),
        (date(2026, 6, 19), [Flag(FlagKind.HOLIDAY, Festival.DRAGON_BOAT)]),  # its name once
        (
            date(2026, 9, 20),
            [
                Flag(FlagKind.MAKE_UP, NATIONAL), Flag(FlagKind.NAMED, Named.SCIENCE_MONTH),
                Flag(FlagKind.NAMED, Named.SCIENCE_DAY),
            ],
        ),
        (date(2150, 3, 16), [Flag(FlagKind.NOT_ANNOUNCED)]),
        (date(2150, 10, 1), [Flag(FlagKind.HOLIDAY, NATIONAL), Flag(FlagKind.NOT_ANNOUNCED)]),
    ],
)  # fmt: skip
def test_what_is_remarked_about_a_planned_day(day: date, found: list[Flag]) -> None:
    assert list(flags(day)) == found


def test_what_is_entered_wins_over_what_was_announced() -> None:
    monday, holiday, saturday = date(2026, 3, 16), date(2026, 10, 1), date(2026, 3, 14)
    entered = Entered(
        {
            monday: Ruled(Ruling.OFF, "校庆"),
            holiday: Ruled(Ruling.WORKING),
            saturday: Ruled(Ruling.WORKING, "补课"),
        }
    )
    assert flags(monday, entered) == (Flag(FlagKind.HOLIDAY, "校庆"),)
    assert flags(holiday, entered) == ()
    assert flags(saturday, entered) == (Flag(FlagKind.MAKE_UP, "补课"),)
    assert rules.state_on(monday, entered).origin is Origin.ENTERED


def test_a_named_day_that_was_entered_flags_its_new_days_alone() -> None:
    entered = Entered(years={("gaokao", 2026): Spanned(date(2026, 7, 7), date(2026, 7, 8))})
    assert flags(date(2026, 7, 8), entered) == (Flag(FlagKind.EXAM, Named.GAOKAO),)
    assert flags(date(2026, 6, 8), entered) == ()


def test_a_year_entered_whole_is_announced_and_its_other_days_are_like_their_weekday() -> None:
    assert rules.kind_on(date(2150, 3, 16), WHOLE_2150) is DayKind.WORKING
    assert rules.kind_on(date(2150, 3, 14), WHOLE_2150) is DayKind.OFF
    assert flags(date(2150, 10, 1), WHOLE_2150) == ()  # not listed: the notice is what counts
    assert rules.kind_on(date(2151, 3, 16), WHOLE_2150) is DayKind.NOT_ANNOUNCED


def test_overrides_are_what_was_entered_and_every_day_of_a_year_entered_whole() -> None:
    first, last = date(2149, 12, 31), date(2150, 1, 4)
    assert rules.overrides(first, last, WHOLE_2150) == {
        date(2150, 1, 1): DayKind.WORKING, date(2150, 1, 2): DayKind.WORKING, date(2150, 1, 3): DayKind.OFF,
        date(2150, 1, 4): DayKind.OFF,
    }  # fmt: skip
    single = Entered({date(2026, 3, 16): Ruled(Ruling.OFF)})
    assert rules.overrides(date(2026, 3, 1), date(2026, 3, 31), single) == {date(2026, 3, 16): DayKind.OFF}


def test_the_remarks_about_several_days_are_told_once_the_gravest_first() -> None:
    named, holiday = Flag(FlagKind.NAMED, Named.SCIENCE_MONTH), Flag(FlagKind.HOLIDAY, NATIONAL)
    by_day = {date(2026, 9, 30): (named,), date(2026, 10, 1): (holiday,), date(2026, 10, 2): (holiday,)}
    assert rules.together(by_day) == (holiday, named)
    assert [flag.serious for flag in (named, holiday)] == [False, True]


@given(st.dates(date(2004, 1, 1), date(2160, 12, 31)), st.sampled_from(Ruling))
def test_an_entry_decides_what_a_day_is_whatever_else_is_known(day: date, kind: Ruling) -> None:
    wanted = DayKind.OFF if kind is Ruling.OFF else DayKind.WORKING
    assert rules.kind_on(day, Entered({day: Ruled(kind)})) is wanted
    assert not any(flag.kind is FlagKind.NOT_ANNOUNCED for flag in flags(day, Entered({day: Ruled(kind)})))


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_without_entries_a_day_is_what_was_announced(day: date) -> None:
    assert rules.kind_on(day) is kind_of(day)


# ---- a year at a glance


def test_a_year_at_a_glance() -> None:
    year = rules.year_of(2026, rules.NOTHING)
    assert (len(year.months), len(year.months[0]), year.announced) == (12, 5, True)
    assert year.months[0][0][:4] == (None, None, None, year.months[0][0][3])
    assert year.months[0][0][3].day == date(2026, 1, 1)
    assert (year.count(DayKind.OFF), year.count(DayKind.WORKING)) == (117, 248)
    spring = next(run for run in year.runs if run.state.name is Festival.SPRING_FESTIVAL and run.days > 1)
    assert (spring.first_on, spring.last_on, spring.days) == (date(2026, 2, 15), date(2026, 2, 23), 9)
    assert [run.first_on for run in year.runs if run.state.kind is DayKind.WORKING] == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
        date(2026, 10, 10),
    ]  # fmt: skip


def test_a_year_that_is_not_announced_shows_what_is_off_by_law() -> None:
    year = rules.year_of(2150, rules.NOTHING)
    assert (year.announced, year.count(DayKind.NOT_ANNOUNCED)) == (False, 365)
    assert [(run.state.name, run.state.origin) for run in year.runs] == [
        (Festival.NEW_YEAR, Origin.LAW), (Festival.LABOUR_DAY, Origin.LAW), (NATIONAL, Origin.LAW),
    ]  # fmt: skip
    assert rules.year_of(2150, WHOLE_2150).announced


# ---- changes


def test_what_the_package_already_says_needs_no_entry() -> None:
    wanted = {
        date(2026, 10, 1): Ruled(Ruling.OFF, "国庆节"),
        date(2026, 10, 10): Ruled(Ruling.WORKING, "国庆节"),
        date(2026, 10, 8): Ruled(Ruling.OFF, "国庆节"),
        date(2026, 3, 1): None,
    }
    assert rules.steps(wanted, rules.NOTHING) == [Step(date(2026, 10, 8), None, Ruled(Ruling.OFF, "国庆节"))]


def test_steps_replace_take_back_and_leave_what_is_the_same() -> None:
    one, two, three = (date(2150, 3, n) for n in (2, 3, 4))
    off, worked = Ruled(Ruling.OFF, "假", "旧"), Ruled(Ruling.WORKING)
    entered = Entered({one: off, two: off, three: worked})
    wanted = {one: None, two: Ruled(Ruling.OFF, "假", "新"), three: off}
    assert rules.steps(wanted, entered) == [Step(one, off, None), Step(three, worked, off)]


def test_a_whole_year_is_entered_once_and_only_when_it_is_not_known() -> None:
    step = Step((ANNOUNCED, 2150), None, Spanned(date(2150, 1, 1), date(2150, 12, 31), "文号"))
    assert rules.steps({}, rules.NOTHING, year=2150, source="文号") == [step]
    assert rules.steps({}, WHOLE_2150, year=2150) == []
    assert rules.steps({}, rules.NOTHING, year=2026) == []


def test_a_whole_year_without_one_of_its_holidays_is_noticed() -> None:
    off = {date(2027, 1, 1): Ruled(Ruling.OFF), date(2027, 2, 6): Ruled(Ruling.OFF), date(2027, 5, 1): None}
    entered = Entered({date(2027, 4, 5): Ruled(Ruling.OFF), date(2027, 5, 1): Ruled(Ruling.OFF)})
    assert rules.left_out(off, entered, 2027) == [
        Festival.LABOUR_DAY, Festival.DRAGON_BOAT, Festival.MID_AUTUMN, NATIONAL,
    ]  # fmt: skip
    assert rules.left_out({}, rules.NOTHING, 2150) == [Festival.NEW_YEAR, Festival.LABOUR_DAY, NATIONAL]


@pytest.mark.parametrize(
    "step",
    [
        Step(date(2026, 3, 1), None, Ruled(Ruling.OFF, "假", "源")),
        Step(date(2026, 3, 1), Ruled(Ruling.WORKING), None),
        Step(("gaokao", 2026), None, Spanned(date(2026, 7, 7), date(2026, 7, 8))),
    ],
)
def test_a_step_reads_back_from_the_audit(step: Step) -> None:
    assert rules.from_json(rules.as_json(step)) == step
    assert step.reversed().reversed() == step


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Step(date(1899, 12, 31), None, Ruled(Ruling.OFF)), "days.year"),
        (Step(date(2026, 3, 1), None, Ruled(Ruling.OFF, "字" * 41)), "days.words"),
        (Step(date(2026, 3, 1), None, Ruled(Ruling.OFF, "", "字" * 201)), "days.source"),
        (Step(("gaokao", 2026), None, Spanned(date(2026, 7, 8), date(2026, 7, 7))), "days.backwards"),
        (Step(("gaokao", 2026), None, Spanned(date(2025, 7, 8), date(2025, 7, 9))), "days.other_year"),
        (Step(("gaokao", 2026), None, Spanned(date(2026, 1, 1), date(2026, 12, 31))), "days.too_long"),
        (Step(("gaokao", 2300), None, Spanned(date(2300, 1, 1), date(2300, 1, 1))), "days.year"),
    ],
)
def test_what_cannot_be_meant_is_refused(step: Step, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_step(step)
    assert refused.value.code == code


def test_a_span_holds_its_first_and_its_last_day() -> None:
    span = Span(date(2026, 3, 1), date(2026, 3, 2))
    assert [span.first_on + timedelta(days=n) in span for n in (-1, 0, 1, 2)] == [False, True, True, False]
