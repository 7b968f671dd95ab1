from datetime import date

import pytest

from kexie_events.core.workdays import Festival
from kexie_events.days import named
from kexie_events.days.named import Basis, Named, Span


@pytest.mark.parametrize(
    ("year", "first", "last", "basis"),
    [
        (2019, date(2019, 9, 12), date(2019, 9, 20), Basis.KNOWN),
        (2020, date(2020, 9, 19), date(2020, 9, 25), Basis.KNOWN),
        (2021, date(2021, 9, 11), date(2021, 9, 17), Basis.KNOWN),
        (2022, date(2022, 9, 15), date(2022, 9, 21), Basis.KNOWN),
        (2023, date(2023, 9, 17), date(2023, 9, 23), Basis.KNOWN),
        (2024, date(2024, 9, 21), date(2024, 9, 22), Basis.CUSTOM),
        (2025, date(2025, 9, 20), date(2025, 9, 21), Basis.CUSTOM),
        (2026, date(2026, 9, 19), date(2026, 9, 20), Basis.CUSTOM),
        (2027, date(2027, 9, 18), date(2027, 9, 19), Basis.CUSTOM),
    ],
)
def test_the_science_day_by_its_rule_and_as_it_really_was(year: int, first: date, last: date, basis: Basis) -> None:
    assert named.standing(Named.SCIENCE_DAY, year) == named.Standing(Span(first, last), basis)


def test_what_is_entered_wins_over_what_is_known_and_over_the_rule() -> None:
    span = Span(date(2021, 9, 1), date(2021, 9, 2))
    entered = {Named.SCIENCE_DAY: span}
    assert named.standing(Named.SCIENCE_DAY, 2021, entered) == named.Standing(span, Basis.ENTERED)
    assert named.of_year(2021, entered)[Named.SCIENTISTS_DAY].basis is Basis.RULE


LUNAR = (Named.SPRING_FESTIVAL, Named.LANTERN, Named.DRAGON_BOAT, Named.MID_AUTUMN, Named.DOUBLE_NINTH)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2009, [(1, 26), (2, 9), (5, 28), (10, 3), (10, 26)]),  # leap month 5: the ordinary one counts
        (2014, [(1, 31), (2, 14), (6, 2), (9, 8), (10, 2)]),  # leap month 9
        (2025, [(1, 29), (2, 12), (5, 31), (10, 6), (10, 29)]),  # leap month 6: what follows comes late
        (2026, [(2, 17), (3, 3), (6, 19), (9, 25), (10, 18)]),
        (2033, [(1, 31), (2, 14), (6, 1), (9, 8), (10, 1)]),  # leap month 11
    ],
)
def test_festivals_of_the_lunar_calendar_lie_in_the_ordinary_month(year: int, days: list[tuple[int, int]]) -> None:
    found = [named.by_rule(each, year) for each in LUNAR]
    assert found == [Span(date(year, *day), date(year, *day)) for day in days]


def test_beyond_the_lunar_tables_and_before_a_day_was_founded_there_is_none() -> None:
    assert named.standing(Named.MID_AUTUMN, 2100) is None
    assert named.standing(Named.SCIENTISTS_DAY, 2016) is None
    assert named.standing(Named.SCIENCE_MONTH, 2024) is None
    assert Named.MID_AUTUMN not in named.of_year(2150)


@pytest.mark.parametrize(
    ("year", "first", "last", "basis"),
    [
        (2019, date(2019, 6, 7), date(2019, 6, 8), Basis.CUSTOM),
        (2020, date(2020, 7, 7), date(2020, 7, 8), Basis.KNOWN),
        (2026, date(2026, 6, 7), date(2026, 6, 9), Basis.CUSTOM),
    ],
)
def test_the_exam_of_a_year(year: int, first: date, last: date, basis: Basis) -> None:
    assert named.standing(Named.GAOKAO, year) == named.Standing(Span(first, last), basis)


def test_days_with_a_fixed_date() -> None:
    held = named.of_year(2026)
    assert held[Named.SCIENTISTS_DAY].span == Span(date(2026, 5, 30), date(2026, 5, 30))
    assert held[Named.DISASTER_DAY].span == Span(date(2026, 5, 12), date(2026, 5, 12))
    assert held[Named.SCIENCE_MONTH].span == Span(date(2026, 9, 1), date(2026, 9, 30))
    assert named.standing(Named.TECHNOLOGY_WEEK, 2021).span == Span(date(2021, 5, 22), date(2021, 5, 28))
    assert [standing.span.first_on for standing in held.values()] == sorted(
        standing.span.first_on for standing in held.values()
    )


@pytest.mark.parametrize(
    ("day", "festival"),
    [
        (date(2027, 1, 1), Festival.NEW_YEAR),
        (date(2027, 2, 5), Festival.SPRING_FESTIVAL),  # 除夕
        (date(2027, 2, 8), Festival.SPRING_FESTIVAL),
        (date(2027, 2, 9), None),
        (date(2027, 4, 5), Festival.TOMB_SWEEPING),
        (date(2028, 4, 4), Festival.TOMB_SWEEPING),
        (date(2027, 5, 2), Festival.LABOUR_DAY),
        (date(2027, 5, 3), None),
        (date(2027, 6, 9), Festival.DRAGON_BOAT),
        (date(2027, 9, 15), Festival.MID_AUTUMN),
        (date(2027, 10, 3), Festival.NATIONAL_DAY),
        (date(2150, 10, 1), Festival.NATIONAL_DAY),
        (date(2150, 4, 4), None),
    ],
)
def test_what_is_off_by_law_before_a_year_is_announced(day: date, festival: Festival | None) -> None:
    assert named.legal_holiday(day) is festival
