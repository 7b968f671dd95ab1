from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.shifting import (
    Clash,
    DatedThing,
    Shift,
    Shifting,
    check,
    clashes,
    days_to_rule,
    free_day,
    moved,
    same_date,
    usual_gap,
    weeks_between,
)

ZONE = ZoneInfo("Asia/Shanghai")
SUMMERTIME = ZoneInfo("Europe/Berlin")
days = st.dates(date(1990, 1, 1), date(2150, 12, 31))
years = st.integers(-3, 10)
clocks = st.times(min_value=time(3), max_value=time(23, 59))
uniform = st.sampled_from([Shift.SAME_WEEK, Shift.DAYS, Shift.RULE])
shiftings = st.builds(Shifting, st.sampled_from(Shift), days, years, st.integers(-400, 400))


@given(days, years)
def test_the_same_week_keeps_the_weekday_and_stays_within_half_a_week_of_the_date(day: date, later: int) -> None:
    there = day + timedelta(days=Shifting(Shift.SAME_WEEK, day, later).days_of(day))
    assert there.weekday() == day.weekday()
    assert abs((there - same_date(day, later)).days) <= 3


@given(uniform, days, years, st.integers(-400, 400), st.lists(days, min_size=2, max_size=8))
def test_order_gaps_and_weekday_distances_are_kept(
    how: Shift, anchor: date, later: int, number: int, others: list[date]
) -> None:
    shifting = Shifting(how, anchor, later, number)
    assert len({shifting.days_of(day) for day in others}) == 1


@given(st.lists(days, min_size=2, max_size=8), years)
def test_the_same_date_keeps_the_order_of_days_and_the_day_itself(some: list[date], later: int) -> None:
    shifting = Shifting(Shift.SAME_DATE, some[0], later)
    there = [day + timedelta(days=shifting.days_of(day)) for day in sorted(some)]
    assert there == sorted(there)
    assert all(
        (new.month, new.day) == (old.month, old.day) or (old.month, old.day) == (2, 29)
        for old, new in zip(sorted(some), there, strict=True)
    )


@given(shiftings, days, clocks, st.sampled_from([ZONE, SUMMERTIME]))
def test_the_clock_on_the_wall_stays_whatever_summer_time_does(
    shifting: Shifting, day: date, clock: time, zone: ZoneInfo
) -> None:
    start = datetime.combine(day, clock, tzinfo=zone)
    there = moved(start.astimezone(UTC), shifting.days_of(day), zone)
    assert there.timetz().replace(tzinfo=None) == clock
    assert (there.date() - day).days == shifting.days_of(day)


@given(shiftings, days, clocks, st.integers(0, 60), clocks)
def test_a_span_stays_a_span(shifting: Shifting, day: date, start: time, lasts: int, end: time) -> None:
    first, last = (datetime.combine(day + timedelta(days=n), c, tzinfo=ZONE) for n, c in ((0, start), (lasts, end)))
    by = shifting.days_of(day)
    assert (moved(first, by, ZONE) <= moved(last, by, ZONE)) == (first <= last)


@pytest.mark.parametrize(
    ("day", "later", "there"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 5, 30), 1, date(2027, 5, 30)),
    ],
)
def test_the_29th_of_february_is_the_28th_where_there_is_none(day: date, later: int, there: date) -> None:
    assert same_date(day, later) == there


def test_as_many_weeks_as_lie_between() -> None:
    # 2019-04-26 is a Friday; two years later the nearest Friday is 2021-04-23, 104 weeks on.
    assert [weeks_between(date(2019, 4, 26), n) for n in (0, 1, 2, 3, 6)] == [0, 52, 104, 157, 313]


def test_a_shift_of_more_than_ten_years_is_a_mistake() -> None:
    check(Shifting(Shift.DAYS, date(2026, 1, 1), days=3660))
    for shifting in (
        Shifting(Shift.DAYS, date(2026, 1, 1), days=-3661),
        Shifting(Shift.SAME_WEEK, date(2026, 1, 1), years=40),
    ):
        with pytest.raises(RuleBroken) as refused:
            check(shifting)
        assert refused.value.code == "clone.days"


def test_a_day_that_no_calendar_has_is_refused() -> None:
    for broken in (
        lambda: same_date(date(9000, 1, 1), 5000),
        lambda: moved(datetime.max.replace(tzinfo=ZONE), 9, ZONE),
    ):
        with pytest.raises(RuleBroken) as refused:
            broken()
        assert refused.value.code == "event.day"


def test_the_rule_of_the_series_gives_the_date() -> None:
    thirds = [date(2026, 9, 19), date(2027, 9, 18), date(2028, 9, 16)]
    assert days_to_rule(date(2026, 9, 19), 1, thirds) == 364
    assert days_to_rule(date(2026, 9, 19), 5, thirds) is None
    # Within one year: the next one.
    fridays = [date(2026, 3, 20), date(2026, 5, 15), date(2026, 7, 17)]
    assert days_to_rule(date(2026, 3, 20), 0, fridays) == 56
    assert days_to_rule(date(2026, 7, 17), 0, fridays) is None


def test_the_usual_gap_is_that_of_the_last_two() -> None:
    assert usual_gap([date(2026, 3, 20)]) == 28
    assert usual_gap([date(2026, 5, 15), date(2026, 3, 20), date(2026, 1, 16)]) == 56
    assert usual_gap([date(2026, 5, 15), date(2026, 5, 15)]) == 7


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2027, 4, day, hour, tzinfo=ZONE)


def thing(key: str, day: int, before: int | None = None, **values: object) -> DatedThing:
    was = None if before is None else datetime(2026, 4, before, 9, tzinfo=ZONE)
    return DatedThing(key, at(day), at(day, 17), was, **values)  # type: ignore[arg-type]


def test_dates_that_keep_their_order_clash_with_nothing() -> None:
    found = clashes([thing("a", 3, 2), thing("b", 4, 3), thing("c", 4, 4)], at(1))
    assert found == {"a": [], "b": [], "c": []}


def test_what_now_begins_before_what_it_came_after_is_named() -> None:
    found = clashes([thing("closes", 9, 2), thing("judging", 5, 8), thing("notice", 20, 20)], at(1))
    assert found == {"closes": [], "judging": [Clash.ORDER], "notice": []}


def test_a_room_a_past_day_a_late_deadline_and_a_late_window_are_named() -> None:
    found = clashes(
        [
            thing("closes", 12, closes_entries=True),
            thing("final", 10, is_occurrence=True, closes_at=at(11)),
            thing("prizes", 20, is_occurrence=True, closes_at=at(20)),
            thing("kickoff", 2),
        ],
        at(5),
        rooms_taken={"prizes"},
    )
    assert found == {
        "closes": [], "final": [Clash.DEADLINE, Clash.WINDOW], "prizes": [Clash.ROOM], "kickoff": [Clash.PAST],
    }  # fmt: skip


def test_another_day_is_the_same_weekday_where_it_can() -> None:
    day = date(2027, 6, 7)
    assert free_day(day, {day: ["exam"]}) == date(2027, 6, 14)
    busy = {day + timedelta(days=n): ["x"] for n in (0, 7, -7, 14, -14, 1)}
    assert free_day(day, busy) == date(2027, 6, 6)
    assert free_day(day, {day + timedelta(days=n): ["x"] for n in range(-40, 41)}) is None
