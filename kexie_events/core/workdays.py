"""Working days: public holidays and 调休; "not announced yet" is an answer of its own.

What a package knows, and over it what somebody has entered: ``overrides``, of ``days.queries``.
Source: docs/sources.md#working-days (the State Council's yearly notice, as the package chinesecalendar carries it).
"""

import enum
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from .errors import RuleBroken

MOST_DAYS = 1000  # of one count
SATURDAY = 5


class DayKind(enum.Enum):
    """What a day is in the official calendar (工作日, 休息日, 尚未公布)."""

    WORKING = "working"
    OFF = "off"
    NOT_ANNOUNCED = "not_announced"


class Counting(enum.Enum):
    """Which days of a period count (自然日, 工作日)."""

    CALENDAR = "calendar"
    WORKING = "working"


class Festival(enum.Enum):
    """A public holiday by its name (法定节日)."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    TOMB_SWEEPING = "tomb_sweeping"
    LABOUR_DAY = "labour_day"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL_DAY = "national_day"
    VICTORY_DAY = "victory_day"  # 2015


_FESTIVAL_OF = {
    "New Year's Day": Festival.NEW_YEAR,
    "Spring Festival": Festival.SPRING_FESTIVAL,
    "Tomb-sweeping Day": Festival.TOMB_SWEEPING,
    "Labour Day": Festival.LABOUR_DAY,
    "Dragon Boat Festival": Festival.DRAGON_BOAT,
    "Mid-autumn Festival": Festival.MID_AUTUMN,
    "National Day": Festival.NATIONAL_DAY,
    "Anti-Fascist 70th Day": Festival.VICTORY_DAY,
}


@lru_cache(maxsize=8192)  # the package looks through all its days at each question
def _announced(day: date) -> tuple[DayKind, Festival | None]:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayKind.NOT_ANNOUNCED, None
    return DayKind.OFF if off else DayKind.WORKING, _FESTIVAL_OF.get(name) if name else None


def kind_of(day: date, overrides: Mapping[date, DayKind] | None = None) -> DayKind:
    """Working, off, or not announced. ``overrides`` wins over what was announced."""
    if overrides and day in overrides:
        return overrides[day]
    return _announced(day)[0]


def ordinary(day: date) -> DayKind:
    """What a day is by its weekday alone."""
    return DayKind.OFF if is_weekend(day) else DayKind.WORKING


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def festival_of(day: date) -> Festival | None:
    """The holiday for which a day is off, or for which it is worked instead; None for a day like any other."""
    return _announced(day)[1]


def last_day(
    published: date,
    count: int,
    *,
    counting: Counting = Counting.CALENDAR,
    published_counts: bool,
    overrides: Mapping[date, DayKind] | None = None,
) -> date:
    """The last of ``count`` days of a period, with or without the day of publication.

    ``count``: 1 to 1000 days. Calendar days need no plan of the year; working days do, for every day that is passed.
    Raises: RuleBroken("workdays.count"); RuleBroken("workdays.not_announced", day=…) for a working day that nobody
    can tell yet.
    Source: docs/sources.md#notice-days
    """
    if not 1 <= count <= MOST_DAYS:
        raise RuleBroken("workdays.count", most=MOST_DAYS)
    day = published if published_counts else published + timedelta(days=1)
    if counting is Counting.CALENDAR:
        return day + timedelta(days=count - 1)
    left = count
    while True:
        kind = kind_of(day, overrides)
        if kind is DayKind.NOT_ANNOUNCED:
            raise RuleBroken("workdays.not_announced", day=day)
        left -= kind is DayKind.WORKING
        if left == 0:
            return day
        day += timedelta(days=1)
