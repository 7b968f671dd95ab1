from datetime import date

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.core.workdays import DayKind, is_festival, kind_of, last_working_day


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
    assert last_working_day(published, 5, published_counts=True) == five_counted
    assert last_working_day(published, 5, published_counts=False) == five_not_counted
    assert last_working_day(published, 7, published_counts=False) == seven_not_counted


def test_the_real_notice_of_september_2025_ends_on_its_fifth_working_day() -> None:
    assert last_working_day(date(2025, 9, 11), 5, published_counts=True) == date(2025, 9, 17)


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)],
)
def test_a_make_up_weekend_is_a_working_day(day: date) -> None:
    assert (kind_of(day), day.weekday() >= 5) == (DayKind.WORKING, True)


def test_a_year_without_a_plan_is_not_announced() -> None:
    assert kind_of(date(2150, 1, 4)) is DayKind.NOT_ANNOUNCED
    assert is_festival(date(2150, 1, 1)) is False


def test_an_override_wins_over_the_package() -> None:
    day = date(2150, 1, 4)
    assert kind_of(day, {day: DayKind.OFF}) is DayKind.OFF


def test_counting_into_a_year_without_a_plan_names_the_day() -> None:
    with pytest.raises(RuleBroken) as refused:
        last_working_day(date(2150, 1, 4), 3, published_counts=True)
    assert (refused.value.code, refused.value.details) == ("workdays.not_announced", {"day": date(2150, 1, 4)})


@pytest.mark.parametrize(
    ("day", "festival"),
    [(date(2026, 10, 3), True), (date(2026, 9, 19), False), (date(2026, 9, 20), False), (date(2026, 10, 1), True)],
)
def test_a_festival_is_a_named_day_off_not_an_ordinary_weekend(day: date, festival: bool) -> None:
    assert is_festival(day) is festival
