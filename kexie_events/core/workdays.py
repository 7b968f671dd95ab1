"""Working days: public holidays and 调休; "not announced yet" is an answer of its own.

Source: docs/sources.md#working-days (the State Council's yearly notice, as the package chinesecalendar carries it).
"""

import enum
from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar

from .errors import RuleBroken


class DayKind(enum.Enum):
    """What a day is in the official calendar (工作日, 休息日, 尚未公布)."""

    WORKING = "working"
    OFF = "off"
    NOT_ANNOUNCED = "not_announced"


def kind_of(day: date, overrides: Mapping[date, DayKind] | None = None) -> DayKind:
    """Working, off, or not announced. ``overrides`` wins over what was announced."""
    if overrides and day in overrides:
        return overrides[day]
    try:
        return DayKind.WORKING if chinese_calendar.is_workday(day) else DayKind.OFF
    except NotImplementedError:
        return DayKind.NOT_ANNOUNCED


def is_festival(day: date) -> bool:
    """Whether a day is off because of a named holiday, not only because it is a weekend."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(off and name)


def last_working_day(
    published: date, count: int, *, published_counts: bool, overrides: Mapping[date, DayKind] | None = None
) -> date:
    """The last of ``count`` working days of a notice, with or without the day of publication.

    Raises: RuleBroken("workdays.not_announced", day=…) when the count reaches a year without a plan.
    Source: docs/sources.md#notice-days
    """
    day = published if published_counts else published + timedelta(days=1)
    left = count
    while True:
        kind = kind_of(day, overrides)
        if kind is DayKind.NOT_ANNOUNCED:
            raise RuleBroken("workdays.not_announced", day=day)
        left -= kind is DayKind.WORKING
        if left == 0:
            return day
        day += timedelta(days=1)
