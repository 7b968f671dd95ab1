from datetime import date

import pytest

from kexie_events.events.views.month import asked_day, asked_month, next_month


@pytest.mark.parametrize(
    ("asked", "month"),
    [
        (None, date(2026, 3, 1)),
        ("2026-12", date(2026, 12, 1)),
        ("1985-01", date(1985, 1, 1)),
        ("2029-12", date(2029, 12, 1)),
        ("1984-12", date(2026, 3, 1)),
        ("2030-01", date(2026, 3, 1)),
        ("2026-13", date(2026, 3, 1)),
        ("2026-00", date(2026, 3, 1)),
        ("２０２６-０３", date(2026, 3, 1)),
        ("2026-3", date(2026, 3, 1)),
        ("9999-12", date(2026, 3, 1)),
    ],
)
def test_a_month_stays_within_its_bounds(asked: str | None, month: date) -> None:
    assert asked_month(asked, date(2026, 3, 11)) == month


@pytest.mark.parametrize(
    ("asked", "day"),
    [("2026-03-18", date(2026, 3, 18)), ("2026-02-30", None), ("9999-12-31", None), ("0001-01-01", None), ("x", None)],
)
def test_a_day_is_one_of_the_calendar(asked: str, day: date | None) -> None:
    assert asked_day(asked) == day


@pytest.mark.parametrize(
    ("month", "after"),
    [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 12, 1), date(2027, 1, 1)), (date(2024, 2, 1), date(2024, 3, 1))],
)
def test_the_next_month_begins_with_its_first_day(month: date, after: date) -> None:
    assert next_month(month) == after
