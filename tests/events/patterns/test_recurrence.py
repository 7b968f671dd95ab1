import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.patterns.recurrence import MOST_DATES, Slot, expand
from kexie_events.events.patterns.repeating import Nth, Repeat, rule_text

BEIJING = ZoneInfo("Asia/Shanghai")
# A zone with summer time: wall-clock times must not slip there either.
BERLIN = ZoneInfo("Europe/Berlin")
HOURS = timedelta(hours=3)


def days(rule: str, first_on: date = date(2026, 1, 5), zone: ZoneInfo = BEIJING) -> list[date]:
    slots = expand(rule, first_on=first_on, starts=time(14), duration=HOURS, zone=zone)
    return [slot.starts_at.astimezone(zone).date() for slot in slots]


def code(rule: str, first_on: date = date(2026, 1, 5)) -> str:
    with pytest.raises(RuleBroken) as refused:
        days(rule, first_on)
    return refused.value.code


firsts = st.dates(date(1992, 1, 1), date(2180, 1, 1))
repeats = st.sampled_from([repeat for repeat in Repeat if repeat is not Repeat.ONCE])


@given(
    repeats, st.integers(0, 6), st.sampled_from(Nth), st.integers(1, 3), st.integers(1, 9), firsts,
    st.sampled_from([BEIJING, BERLIN]),
)  # fmt: skip
def test_dates_are_in_order_counted_in_the_right_weekday_and_keep_the_wall_clock(
    repeat: Repeat, weekday: int, nth: Nth, every: int, count: int, first_on: date, zone: ZoneInfo
) -> None:
    if repeat is Repeat.YEARLY and (first_on.month, first_on.day) == (2, 29):
        count = 1
    rule = rule_text(repeat, weekday=weekday, nth=nth, every=every, count=count)
    slots = expand(rule, first_on=first_on, starts=time(14, 30), duration=HOURS, zone=zone)
    walls = [slot.starts_at.astimezone(zone) for slot in slots]
    assert len(slots) == count
    assert [slot.starts_at for slot in slots] == sorted({slot.starts_at for slot in slots})
    assert walls[0].date() >= first_on
    assert {wall.time() for wall in walls} == {time(14, 30)}
    assert {slot.ends_at - slot.starts_at for slot in slots} == {HOURS}
    if repeat in (Repeat.MONTHLY, Repeat.MONTHS):
        assert {wall.weekday() for wall in walls} == {weekday}
        assert {_nth_of_month(wall.date(), nth) for wall in walls} == {True}


def _nth_of_month(day: date, nth: Nth) -> bool:
    if nth is Nth.LAST:
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 == nth.value


@given(repeats, firsts, st.integers(0, 1500))
def test_no_date_lies_after_the_last_day(repeat: Repeat, first_on: date, length: int) -> None:
    until = first_on + timedelta(days=length)
    rule = rule_text(repeat, weekday=first_on.weekday(), until=until)
    try:
        found = days(rule, first_on)
    except RuleBroken as refused:
        outcome = refused.code
    else:
        outcome = "recurrence.nothing" if not found else "in time" if found[-1] <= until else "late"
    assert outcome in ("in time", "recurrence.nothing")


def test_the_two_monthly_forum_has_six_dates() -> None:
    rule = rule_text(Repeat.MONTHS, weekday=3, nth=Nth.THIRD, every=2, count=6)
    assert days(rule, date(2026, 2, 1)) == [
        date(2026, 2, 19), date(2026, 4, 16), date(2026, 6, 18), date(2026, 8, 20), date(2026, 10, 15),
        date(2026, 12, 17),
    ]  # fmt: skip


def test_no_rule_is_the_first_date_alone() -> None:
    assert expand("", first_on=date(2026, 3, 20), starts=time(9), duration=HOURS, zone=BEIJING) == [
        Slot(datetime(2026, 3, 20, 1, tzinfo=UTC), datetime(2026, 3, 20, 4, tzinfo=UTC))
    ]


def test_the_third_friday_never_begins_on_the_monday_that_was_typed() -> None:
    assert days("FREQ=MONTHLY;BYDAY=3FR;COUNT=2") == [date(2026, 1, 16), date(2026, 2, 20)]


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ("FREQ=WEEKLY", "recurrence.no_end"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20260301", "recurrence.two_ends"),
        ("FREQ=WEEKLY;UNTIL=20260230", "recurrence.until"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "recurrence.unreadable"),
        ("FREQ=WEEKLY;UNTIL=20250101", "recurrence.nothing"),
        ("FREQ=WEEKLY;COUNT=0", "recurrence.number"),
        ("FREQ=WEEKLY;COUNT=401", "recurrence.number"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=3", "recurrence.number"),
        ("FREQ=DAILY;UNTIL=20270301", "recurrence.too_many"),
        ("FREQ=YEARLY;COUNT=20", "recurrence.too_far"),
        ("FREQ=YEARLY;UNTIL=20991231", "recurrence.too_far"),
        ("FREQ=HOURLY;COUNT=3", "recurrence.frequency"),
        ("FREQ=SECONDLY;COUNT=3", "recurrence.frequency"),
        ("COUNT=3", "recurrence.frequency"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "recurrence.unreadable"),
        ("FREQ=WEEKLY;BYHOUR=1,2,3;COUNT=3", "recurrence.unreadable"),
        ("FREQ=WEEKLY;BYDAY=3FR;COUNT=3", "recurrence.unreadable"),
        ("FREQ=MONTHLY;BYMONTHDAY=99;COUNT=3", "recurrence.unreadable"),
        ("每周一次", "recurrence.unreadable"),
        ("FREQ=WEEKLY;COUNT=3\nDTSTART:19700101", "recurrence.unreadable"),
    ],
)
def test_an_unsound_rule_is_refused(rule: str, refusal: str) -> None:
    assert code(rule) == refusal


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=WEEKLY;BYSETPOS=50;BYDAY=MO;COUNT=2",
        "FREQ=MONTHLY;BYMONTH=2,4;BYMONTHDAY=31;COUNT=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=MONTHLY;BYDAY=1FR;BYMONTHDAY=31;COUNT=1",
    ],
)
def test_a_rule_that_never_comes_to_a_date_is_refused_before_anything_is_searched(rule: str) -> None:
    started = clock.perf_counter()
    assert code(rule) == "recurrence.unreadable"
    assert clock.perf_counter() - started < 0.1


def test_the_most_dates_are_taken_and_one_more_is_not() -> None:
    assert len(days(f"FREQ=WEEKLY;COUNT={MOST_DATES}")) == MOST_DATES


def test_a_leap_day_comes_in_leap_years_only() -> None:
    assert days("FREQ=YEARLY;COUNT=2", date(2028, 2, 29)) == [date(2028, 2, 29), date(2032, 2, 29)]
