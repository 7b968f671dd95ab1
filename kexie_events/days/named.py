"""Days with a name: a rule for each, real dates of single years, and what an administrator has entered over both.

Rules are data: ``RULES`` says since which year which rule holds, ``KNOWN`` what a year really was.
Source: docs/sources.md#named-days, #science-day, #exam-days, #lunar-days, #legal-holidays
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunardate import LunarDate

from ..core.workdays import SATURDAY, Festival


class Named(enum.Enum):
    """A day, or days, that planners know by name (纪念日, 传统节日, 考试日)."""

    GAOKAO = "gaokao"
    ZHONGKAO = "zhongkao"
    SPRING_FESTIVAL = "spring_festival"
    LANTERN = "lantern"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    DOUBLE_NINTH = "double_ninth"
    DISASTER_DAY = "disaster_day"
    TECHNOLOGY_WEEK = "technology_week"
    SCIENTISTS_DAY = "scientists_day"
    SCIENCE_MONTH = "science_month"
    SCIENCE_DAY = "science_day"


class Basis(enum.Enum):
    """Why a named day stands where it stands (依据)."""

    ENTERED = "entered"  # an administrator has said so
    KNOWN = "known"  # what the year really was
    RULE = "rule"  # computed, and certain
    CUSTOM = "custom"  # computed by custom; the real dates are set anew each year


# Pupils sit these exams, and schools are closed to everything else.
EXAMS = frozenset({Named.GAOKAO, Named.ZHONGKAO})
# Set anew each year: until somebody enters the dates, they are what custom makes likely.
SET_YEARLY = frozenset({Named.GAOKAO, Named.ZHONGKAO, Named.TECHNOLOGY_WEEK, Named.SCIENCE_DAY})


@dataclass(frozen=True)
class Span:
    """From one day to another, both counted."""

    first_on: date
    last_on: date

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True)
class Fixed:
    """The same date each year, ``days`` long."""

    month: int
    day: int
    days: int = 1

    def first_on(self, year: int) -> date:
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class NthSaturday:
    """The ``nth`` Saturday of a month, and the days after it."""

    month: int
    nth: int
    days: int = 2

    def first_on(self, year: int) -> date:
        first = date(year, self.month, 1)
        return first + timedelta(days=(SATURDAY - first.weekday()) % 7 + 7 * (self.nth - 1))


@dataclass(frozen=True)
class Lunar:
    """A day of the lunar calendar, in the ordinary month when a leap month has the same number.

    ``before``: how many days earlier it begins. Lunar years 1900 to 2099; none beyond.
    """

    month: int
    day: int
    days: int = 1
    before: int = 0

    def first_on(self, year: int) -> date | None:
        try:
            found: date = LunarDate(year, self.month, self.day).to_solar_date()
        except ValueError:
            return None
        return found - timedelta(days=self.before)


@dataclass(frozen=True)
class PureBrightness:
    """清明, 4 to 6 April, by the usual formula of the solar term for the years 2000 to 2099; none beyond."""

    days: int = 1

    def first_on(self, year: int) -> date | None:
        if not 2000 <= year <= 2099:
            return None
        of_century = year - 2000
        return date(year, 4, int(of_century * 0.2422 + 4.81) - of_century // 4)


Rule = Fixed | NthSaturday | Lunar | PureBrightness

# Since when which rule holds, the oldest first.
RULES: Mapping[Named, tuple[tuple[int, Rule], ...]] = {
    Named.GAOKAO: ((2003, Fixed(6, 7, 2)), (2021, Fixed(6, 7, 3))),
    Named.ZHONGKAO: ((2003, Fixed(6, 12, 3)),),
    Named.SPRING_FESTIVAL: ((1900, Lunar(1, 1)),),
    Named.LANTERN: ((1900, Lunar(1, 15)),),
    Named.DRAGON_BOAT: ((1900, Lunar(5, 5)),),
    Named.MID_AUTUMN: ((1900, Lunar(8, 15)),),
    Named.DOUBLE_NINTH: ((1900, Lunar(9, 9)),),
    Named.DISASTER_DAY: ((2009, Fixed(5, 12)),),
    Named.TECHNOLOGY_WEEK: ((2001, NthSaturday(5, 3, 7)),),
    Named.SCIENTISTS_DAY: ((2017, Fixed(5, 30)),),
    Named.SCIENCE_MONTH: ((2025, Fixed(9, 1, 30)),),
    Named.SCIENCE_DAY: ((2005, NthSaturday(9, 3)),),
}

KNOWN: Mapping[tuple[Named, int], Span] = {
    (Named.GAOKAO, 2020): Span(date(2020, 7, 7), date(2020, 7, 8)),
    (Named.TECHNOLOGY_WEEK, 2020): Span(date(2020, 8, 23), date(2020, 8, 29)),
    (Named.TECHNOLOGY_WEEK, 2021): Span(date(2021, 5, 22), date(2021, 5, 28)),
    (Named.SCIENCE_DAY, 2019): Span(date(2019, 9, 12), date(2019, 9, 20)),
    (Named.SCIENCE_DAY, 2020): Span(date(2020, 9, 19), date(2020, 9, 25)),
    (Named.SCIENCE_DAY, 2021): Span(date(2021, 9, 11), date(2021, 9, 17)),
    (Named.SCIENCE_DAY, 2022): Span(date(2022, 9, 15), date(2022, 9, 21)),
    (Named.SCIENCE_DAY, 2023): Span(date(2023, 9, 17), date(2023, 9, 23)),
}

# Off by law, whatever the yearly notice will add: what can be said of a year before it is announced.
LEGAL: Mapping[Festival, Rule] = {
    Festival.NEW_YEAR: Fixed(1, 1),
    Festival.SPRING_FESTIVAL: Lunar(1, 1, days=4, before=1),
    Festival.TOMB_SWEEPING: PureBrightness(),
    Festival.LABOUR_DAY: Fixed(5, 1, 2),
    Festival.DRAGON_BOAT: Lunar(5, 5),
    Festival.MID_AUTUMN: Lunar(8, 15),
    Festival.NATIONAL_DAY: Fixed(10, 1, 3),
}


@dataclass(frozen=True)
class Standing:
    """Where a named day stands in a year, and why."""

    span: Span
    basis: Basis


@lru_cache(maxsize=2048)  # the lunar calendar is counted from its beginning at each question
def span_by(rule: Rule, year: int) -> Span | None:
    first = rule.first_on(year)
    return Span(first, first + timedelta(days=rule.days - 1)) if first is not None else None


def by_rule(named: Named, year: int) -> Span | None:
    """What the rule alone says; None before there was such a day, or where the lunar calendar ends."""
    rules = [rule for since, rule in RULES[named] if since <= year]
    return span_by(rules[-1], year) if rules else None


def standing(named: Named, year: int, entered: Mapping[Named, Span] | None = None) -> Standing | None:
    """Entered, else known, else by the rule."""
    if entered and named in entered:
        return Standing(entered[named], Basis.ENTERED)
    if known := KNOWN.get((named, year)):
        return Standing(known, Basis.KNOWN)
    span = by_rule(named, year)
    if span is None:
        return None
    return Standing(span, Basis.CUSTOM if named in SET_YEARLY else Basis.RULE)


def of_year(year: int, entered: Mapping[Named, Span] | None = None) -> dict[Named, Standing]:
    """All named days of a year, in the order of the calendar."""
    found = {named: standing(named, year, entered) for named in Named}
    held = {named: each for named, each in found.items() if each is not None}
    return dict(sorted(held.items(), key=lambda pair: (pair[1].span.first_on, pair[1].span.last_on)))


def legal_holiday(day: date) -> Festival | None:
    """The holiday for which a day is off by law."""
    for festival, rule in LEGAL.items():
        span = span_by(rule, day.year)
        if span is not None and day in span:
            return festival
    return None
