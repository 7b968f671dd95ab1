from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.patterns.recurrence import expand
from kexie_events.events.patterns.repeating import (
    LAST_DAY,
    Choice,
    Nth,
    Repeat,
    Short,
    choice_of,
    complete,
    is_weekend,
    period_start,
    rule_text,
    text_of,
)

BEIJING = ZoneInfo("Asia/Shanghai")
SATURDAY, FRIDAY = 5, 4
A_DAY = timedelta(days=1)


def days(chosen: Choice, first_on: date, lasts: timedelta = A_DAY) -> list[date]:
    slots = expand(text_of(complete(chosen, first_on)), first_on=first_on, starts=time(), duration=lasts, zone=BEIJING)
    return [slot.starts_at.astimezone(BEIJING).date() for slot in slots]


@pytest.mark.parametrize(
    ("repeat", "rule"),
    [
        (Repeat.ONCE, ""),
        (Repeat.WEEKLY, "FREQ=WEEKLY;BYDAY=TH;COUNT=6"),
        (Repeat.FORTNIGHTLY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=6"),
        (Repeat.MONTHLY, "FREQ=MONTHLY;BYDAY=-1TH;COUNT=6"),
        (Repeat.MONTHS, "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1TH;COUNT=6"),
        (Repeat.YEARLY, "FREQ=YEARLY;COUNT=6"),
    ],
)
def test_the_rule_of_what_was_chosen(repeat: Repeat, rule: str) -> None:
    assert rule_text(repeat, weekday=3, nth=Nth.LAST, every=2, count=6) == rule


def test_a_rule_may_end_on_a_day_instead() -> None:
    assert rule_text(Repeat.WEEKLY, until=date(2026, 6, 30)) == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260630"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "recurrence.no_end"),
        ({"count": 3, "until": date(2026, 6, 30)}, "recurrence.two_ends"),
        ({"count": 0}, "recurrence.count"),
        ({"count": 401}, "recurrence.count"),
        ({"count": 3, "every": 0}, "recurrence.every"),
        ({"count": 3, "every": 61}, "recurrence.every"),
    ],
)
def test_a_rule_needs_one_end_and_sound_numbers(values: dict[str, int], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rule_text(Repeat.MONTHS, **values)
    assert refused.value.code == code


def test_every_second_month_on_the_third_friday() -> None:
    chosen = Choice(Repeat.MONTHS, nth=Nth.THIRD, weekday=FRIDAY, every=2, count=4)
    assert text_of(chosen) == "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4"
    assert days(chosen, date(2027, 2, 1)) == [
        date(2027, 2, 19), date(2027, 4, 16), date(2027, 6, 18), date(2027, 8, 20)
    ]  # fmt: skip


def test_the_third_weekend_of_september_begins_on_the_third_saturday() -> None:
    chosen = Choice(Repeat.YEAR_WEEKEND, nth=Nth.THIRD, month=9, count=4)
    found = days(chosen, date(2024, 1, 1), 2 * A_DAY)
    assert found == [date(2024, 9, 21), date(2025, 9, 20), date(2026, 9, 19), date(2027, 9, 18)]
    read = choice_of(text_of(chosen), date(2024, 1, 1))
    assert read is not None
    assert (is_weekend(read, 2), is_weekend(read, 1)) == (True, False)


def test_a_day_of_each_year() -> None:
    chosen = Choice(Repeat.YEARLY, month=5, day=30, count=3)
    assert days(chosen, date(2026, 6, 1)) == [date(2027, 5, 30), date(2028, 5, 30), date(2029, 5, 30)]


def test_the_last_day_of_each_month() -> None:
    chosen = Choice(Repeat.MONTH_DAY, day=LAST_DAY, count=3)
    assert days(chosen, date(2026, 1, 31)) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@pytest.mark.parametrize(
    ("day", "short", "found"),
    [
        (31, Short.SKIP, ["01-31", "03-31", "05-31"]),
        (31, Short.LAST, ["01-31", "02-28", "03-31"]),
        (30, Short.SKIP, ["01-30", "03-30", "04-30"]),
        (30, Short.LAST, ["01-30", "02-28", "03-30"]),
        (29, Short.LAST, ["01-29", "02-28", "03-29"]),
        (28, Short.LAST, ["01-28", "02-28", "03-28"]),
    ],
)
def test_short_months_are_skipped_or_end_earlier_as_chosen(day: int, short: Short, found: list[str]) -> None:
    chosen = Choice(Repeat.MONTH_DAY, day=day, short=short, count=3)
    assert [f"{one:%m-%d}" for one in days(chosen, date(2026, 1, 1))] == found


@pytest.mark.parametrize(
    ("short", "found"),
    [
        (Short.SKIP, [date(2028, 2, 29), date(2032, 2, 29)]),
        (Short.LAST, [date(2027, 2, 28), date(2028, 2, 29)]),
    ],
)
def test_29_february_comes_in_leap_years_or_is_the_last_of_february(short: Short, found: list[date]) -> None:
    assert days(Choice(Repeat.YEARLY, month=2, day=29, short=short, count=2), date(2027, 1, 1)) == found


def test_a_lunar_day_is_the_same_of_every_chinese_year() -> None:
    mid_autumn = Choice(Repeat.LUNAR, month=8, day=15, count=4)
    assert text_of(mid_autumn) == "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=4"
    assert days(mid_autumn, date(2024, 1, 1)) == [
        date(2024, 9, 17), date(2025, 10, 6), date(2026, 9, 25), date(2027, 9, 15)
    ]  # fmt: skip


def test_a_leap_month_is_no_month_of_its_own() -> None:
    # 2025 has a sixth month twice: 六月初六 is in the first of them.
    assert days(Choice(Repeat.LUNAR, month=6, day=6, count=1), date(2025, 1, 1)) == [date(2025, 6, 30)]


def test_a_lunar_month_without_a_thirtieth_is_skipped_or_ends_earlier() -> None:
    # 除夕: the twelfth month has 30 days in 2023, 29 in the years around it.
    new_years_eve = Choice(Repeat.LUNAR, month=12, day=30, short=Short.LAST, count=3)
    assert days(new_years_eve, date(2023, 6, 1)) == [date(2024, 2, 9), date(2025, 1, 28), date(2026, 2, 16)]
    assert days(replace(new_years_eve, short=Short.SKIP, count=2), date(2023, 6, 1))[0] == date(2024, 2, 9)


def test_what_is_left_open_is_read_off_the_first_date() -> None:
    assert days(Choice(Repeat.LUNAR, count=2), date(2026, 9, 25)) == [date(2026, 9, 25), date(2027, 9, 15)]
    assert days(Choice(Repeat.YEARLY, count=2), date(2026, 5, 30)) == [date(2026, 5, 30), date(2027, 5, 30)]


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (Choice(Repeat.YEARLY, month=2, day=30, count=2), "recurrence.no_such_day"),
        (Choice(Repeat.YEARLY, month=4, day=31, count=2), "recurrence.no_such_day"),
        (Choice(Repeat.LUNAR, month=8, day=31, count=2), "recurrence.no_such_day"),
        (Choice(Repeat.MONTH_DAY, day=31, every=61, count=2), "recurrence.every"),
        (Choice(Repeat.YEARLY, month=5, day=30), "recurrence.no_end"),
    ],
)
def test_a_day_that_never_comes_is_refused(chosen: Choice, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        text_of(chosen)
    assert refused.value.code == code


def test_a_lunar_rule_is_bounded_by_the_years_that_the_table_knows() -> None:
    with pytest.raises(RuleBroken) as refused:
        days(Choice(Repeat.LUNAR, month=8, day=15, count=5), date(2097, 1, 1))
    assert refused.value.code == "recurrence.lunar_years"


choices = st.builds(
    Choice, st.sampled_from([one for one in Repeat if one is not Repeat.YEAR_WEEKEND]), st.integers(0, 6),
    st.sampled_from(Nth), st.integers(1, 6), st.integers(1, 12), st.sampled_from([LAST_DAY, *range(1, 31)]),
    st.sampled_from(Short), st.integers(1, 5),
)  # fmt: skip
firsts = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@given(choices, firsts)
def test_a_choice_is_read_back_from_its_rule(chosen: Choice, first_on: date) -> None:
    if (chosen.month, chosen.day) == (2, 30):
        chosen = replace(chosen, day=29)
    rule = text_of(chosen)
    read = choice_of(rule, first_on)
    assert read is not None
    assert text_of(read) == rule
    if chosen.repeat not in (Repeat.MONTHS,):  # every month is every first month
        assert read.repeat is chosen.repeat


@given(choices, firsts)
def test_the_period_of_a_date_holds_the_date_of_its_rule(chosen: Choice, first_on: date) -> None:
    if (chosen.month, chosen.day) == (2, 30):
        chosen = replace(chosen, day=29)
    chosen = replace(chosen, count=1, short=Short.LAST)
    (day,) = days(chosen, first_on)
    assert days(chosen, period_start(chosen, day)) == [day]


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", "FREQ=YEARLY;INTERVAL=2;COUNT=3",
             "FREQ=MONTHLY;BYDAY=5FR;COUNT=1", "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=2",
             "FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=-1;COUNT=2", "FREQ=YEARLY;BYMONTH=1,2;BYDAY=1MO;COUNT=2"]
)  # fmt: skip
def test_a_rule_that_nobody_can_choose_is_none(rule: str) -> None:
    assert choice_of(rule, date(2026, 1, 1)) is None
