from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.core.workdays import Counting, DayKind, Festival, festival_of, kind_of, last_day, ordinary

WORKING = Counting.WORKING
# Years that the package knows whole, with room for a count of a hundred days behind them.
DAYS = st.dates(date(2010, 1, 1), date(2026, 3, 1))
COUNTS = st.integers(1, 100)


@pytest.mark.parametrize(
    ("published", "five_counted", "five_not_counted", "seven_not_counted"),
    [
        (date(2025, 1, 23), date(2025, 2, 5), date(2025, 2, 6), date(2025, 2, 8)),
        (date(2026, 2, 12), date(2026, 2, 25), date(2026, 2, 26), date(2026, 2, 28)),
        (date(2026, 4, 29), date(2026, 5, 8), date(2026, 5, 9), date(2026, 5, 12)),
        (date(2026, 9, 17), date(2026, 9, 22), date(2026, 9, 23), date(2026, 9, 28)),
        (date(2026, 9, 28), date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 13)),
    ],
)
def test_the_last_working_day_of_a_notice_around_a_holiday(
    published: date, five_counted: date, five_not_counted: date, seven_not_counted: date
) -> None:
    assert last_day(published, 5, counting=WORKING, published_counts=True) == five_counted
    assert last_day(published, 5, counting=WORKING, published_counts=False) == five_not_counted
    assert last_day(published, 7, counting=WORKING, published_counts=False) == seven_not_counted


def test_the_real_notice_of_september_2025_ends_on_its_fifth_working_day() -> None:
    assert last_day(date(2025, 9, 11), 5, counting=WORKING, published_counts=True) == date(2025, 9, 17)


def test_a_real_notice_of_seven_calendar_days_with_the_day_of_publication() -> None:
    assert last_day(date(2020, 11, 19), 7, published_counts=True) == date(2020, 11, 25)
    assert last_day(date(2020, 11, 19), 7, published_counts=False) == date(2020, 11, 26)


def test_calendar_days_need_no_plan_of_the_year() -> None:
    assert last_day(date(2150, 12, 30), 5, published_counts=True) == date(2151, 1, 3)


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_count_that_cannot_be_meant_is_refused(count: int) -> None:
    for counting in Counting:
        with pytest.raises(RuleBroken) as refused:
            last_day(date(2026, 1, 5), count, counting=counting, published_counts=True)
        assert (refused.value.code, refused.value.details) == ("workdays.count", {"most": 1000})


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)],
)
def test_a_make_up_weekend_is_a_working_day(day: date) -> None:
    assert (kind_of(day), day.weekday() >= 5) == (DayKind.WORKING, True)


def test_a_year_without_a_plan_is_not_announced() -> None:
    assert kind_of(date(2150, 1, 4)) is DayKind.NOT_ANNOUNCED
    assert festival_of(date(2150, 1, 1)) is None


def test_an_override_wins_over_the_package() -> None:
    day = date(2150, 1, 4)
    assert kind_of(day, {day: DayKind.OFF}) is DayKind.OFF


def test_counting_into_a_year_without_a_plan_names_the_day() -> None:
    with pytest.raises(RuleBroken) as refused:
        last_day(date(2150, 1, 4), 3, counting=WORKING, published_counts=True)
    assert (refused.value.code, refused.value.details) == ("workdays.not_announced", {"day": date(2150, 1, 4)})


def test_a_year_without_a_plan_is_counted_where_each_day_is_entered() -> None:
    first = date(2150, 1, 5)  # a Monday
    week = {first + timedelta(days=n): ordinary(first + timedelta(days=n)) for n in range(7)}
    assert last_day(first, 5, counting=WORKING, published_counts=True, overrides=week) == date(2150, 1, 9)
    with pytest.raises(RuleBroken) as refused:
        last_day(first, 6, counting=WORKING, published_counts=True, overrides=week)
    assert refused.value.details == {"day": date(2150, 1, 12)}


@pytest.mark.parametrize(
    ("day", "festival"),
    [
        (date(2026, 10, 3), Festival.NATIONAL_DAY),
        (date(2026, 9, 19), None),
        (date(2026, 9, 20), Festival.NATIONAL_DAY),  # worked for it
        (date(2026, 2, 17), Festival.SPRING_FESTIVAL),
        (date(2026, 3, 3), None),
    ],
)
def test_the_holiday_that_a_day_belongs_to(day: date, festival: Festival | None) -> None:
    assert festival_of(day) is festival


@given(DAYS, COUNTS, st.booleans(), st.sampled_from(Counting))
def test_one_day_more_ends_later(published: date, count: int, counted: bool, counting: Counting) -> None:
    ends = [last_day(published, n, counting=counting, published_counts=counted) for n in (count, count + 1)]
    assert published <= ends[0] < ends[1]


@given(DAYS, COUNTS, st.booleans())
def test_working_days_last_at_least_as_long_as_calendar_days(published: date, count: int, counted: bool) -> None:
    working = last_day(published, count, counting=WORKING, published_counts=counted)
    assert working >= last_day(published, count, published_counts=counted)
    assert kind_of(working) is DayKind.WORKING


@given(DAYS, COUNTS, st.booleans(), st.dictionaries(st.integers(0, 120), st.sampled_from(list(DayKind)[:2])))
def test_an_override_wins_wherever_it_stands(
    published: date, count: int, counted: bool, entered: dict[int, DayKind]
) -> None:
    overrides = {published + timedelta(days=n): kind for n, kind in entered.items()}
    ends = last_day(published, count, counting=WORKING, published_counts=counted, overrides=overrides)
    first = published if counted else published + timedelta(days=1)
    every = [first + timedelta(days=n) for n in range((ends - first).days + 1)]
    kinds = [overrides.get(day, kind_of(day)) for day in every]
    assert kinds.count(DayKind.WORKING) == count
    assert kinds[-1] is DayKind.WORKING
