"""Recurrence: a stored, bounded rule becomes dates. Pure; wall-clock times stay what people wrote.

Engine: dateutil's reading of RFC 5545, and lunardate for a day of the Chinese calendar, written as RFC 7529 does
(RSCALE=CHINESE). What a rule may contain, and how much, is decided here, before expansion.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from lunardate import LunarDate

from ...core.errors import RuleBroken

MOST_DATES = 400  # more than one a day for a year is a mistake
YEARS_AHEAD = 10
FARTHEST = timedelta(days=366 * YEARS_AHEAD)
# What may narrow each frequency. Anything wider can describe days that never come, and then the engine searches
# up to the year 9999: FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 took 9.5 s.
_NARROWED_BY: dict[str, set[str]] = {
    "DAILY": set(),
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
}
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
_ENDS = ("COUNT", "UNTIL")
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"
_VALUES = {
    "BYDAY": rf"([+-]?[1-5])?{_WEEKDAY}(,([+-]?[1-5])?{_WEEKDAY})*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01]))*",
    "BYSETPOS": r"[+-]?[1-4]",
    "WKST": _WEEKDAY,
}
LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days; the others have 31
LUNAR = "CHINESE"
_LUNAR_PARTS = {"RSCALE", "FREQ", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY"}
LUNAR_FIRST, LUNAR_LAST = date(1900, 2, 1), date(2099, 12, 31)  # what the library's table holds


@dataclass(frozen=True)
class Slot:
    """One planned date: aware UTC instants."""

    starts_at: datetime
    ends_at: datetime


def parts(rule: str) -> dict[str, str]:
    """The rule as a table. Raises: RuleBroken for what we do not take.

    Refused: no end (neither COUNT nor UNTIL), both ends, a frequency below DAILY, unknown parts, more than MOST_DATES.
    Source: docs/sources.md#recurrence
    """
    if len(rule) > 300 or not re.fullmatch(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*", rule):
        raise RuleBroken("recurrence.unreadable", rule=rule[:80])
    pairs = [part.split("=", 1) for part in rule.split(";")]
    table = {name: value for name, value in pairs}
    if table.get("FREQ") not in _NARROWED_BY:
        raise RuleBroken("recurrence.frequency")
    if len(table) != len(pairs) or not _readable(table):
        raise RuleBroken("recurrence.unreadable", rule=rule[:80])
    if ("COUNT" in table) == ("UNTIL" in table):
        raise RuleBroken("recurrence.no_end" if "COUNT" not in table else "recurrence.two_ends")
    for name, most in (("COUNT", MOST_DATES), ("INTERVAL", 120)):
        if name in table and not (table[name].isdigit() and 1 <= int(table[name]) <= most):
            raise RuleBroken("recurrence.number", part=name, most=most)
    if "UNTIL" in table and not re.fullmatch(r"\d{8}", table["UNTIL"]):
        raise RuleBroken("recurrence.until")
    return table


def _readable(table: dict[str, str]) -> bool:
    """Whether each part fits the frequency and the others, so that the rule must come to a date soon."""
    if "RSCALE" in table:
        return _readable_lunar(table)
    if table.keys() - _PARTS - _NARROWED_BY[table["FREQ"]]:
        return False
    if not all(re.fullmatch(_VALUES[name], value) for name, value in table.items() if name in _VALUES):
        return False
    if table["FREQ"] == "WEEKLY" and re.search(r"\d", table.get("BYDAY", "")):
        return False
    if table["FREQ"] == "MONTHLY" and "BYMONTH" in table and table.get("INTERVAL", "1") != "1":
        return False  # every second month, and only in May: may never meet
    if "BYSETPOS" in table and not _picks_one_that_is_there(table):
        return False
    if "BYMONTHDAY" not in table:
        return True
    months = [int(month) for month in table.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in table["BYMONTHDAY"].split(",")]
    return "BYDAY" not in table and any(day <= LONGEST_MONTH.get(month, 31) for month in months for day in days)


def _picks_one_that_is_there(table: dict[str, str]) -> bool:
    """The fourth of one day never comes; of plain weekdays every month has four, of listed days the first or last."""
    if "BYDAY" in table:
        return not re.search(r"\d", table["BYDAY"])
    return "BYMONTHDAY" in table and abs(int(table["BYSETPOS"])) == 1


def _readable_lunar(table: dict[str, str]) -> bool:
    """One day of one month of each Chinese year; the 30th may be missing, -1 is the last."""
    return (
        table.keys() <= _LUNAR_PARTS
        and (table["RSCALE"], table["FREQ"]) == (LUNAR, "YEARLY")
        and re.fullmatch(r"[1-9]|1[0-2]", table.get("BYMONTH", "")) is not None
        and re.fullmatch(r"-1|[1-9]|[12]\d|30", table.get("BYMONTHDAY", "")) is not None
    )


def expand(rule: str, *, first_on: date, starts: time, duration: timedelta, zone: ZoneInfo) -> list[Slot]:
    """All dates of a rule, in order. ``rule`` "" means the first date alone.

    The first date counts only when the rule itself yields it, so that 'third Friday' never begins on a Monday.
    Raises: RuleBroken when the rule is unsound, yields nothing, yields more than MOST_DATES, or reaches more than
    ten years ahead: what was asked for is planned whole or not at all.
    """
    wall = datetime.combine(first_on, starts)
    if not rule:
        return [_slot(wall, duration, zone)]
    table = parts(rule)
    until = datetime.combine(_until(table["UNTIL"]), time.max) if "UNTIL" in table else None
    farthest = wall + FARTHEST
    if until is not None and until > farthest:
        raise RuleBroken("recurrence.too_far", years=YEARS_AHEAD)
    found: list[datetime] = []
    for moment in _moments(rule, table, wall):
        if until is not None and moment > until:
            break
        if moment > farthest:
            raise RuleBroken("recurrence.too_far", years=YEARS_AHEAD)
        found.append(moment)
        if len(found) > MOST_DATES:
            raise RuleBroken("recurrence.too_many", most=MOST_DATES)
    if not found:
        raise RuleBroken("recurrence.nothing")
    return [_slot(moment, duration, zone) for moment in found]


def _moments(rule: str, table: dict[str, str], wall: datetime) -> Iterator[datetime]:
    """The rule's moments on the wall clock from ``wall`` on, in order; ``until`` is not looked at."""
    if "RSCALE" in table:
        days = _lunar_days(int(table["BYMONTH"]), int(table["BYMONTHDAY"]), wall.date())
        most = int(table["COUNT"]) if "COUNT" in table else MOST_DATES + 1
        yield from (datetime.combine(day, wall.time()) for day, _ in zip(days, range(most), strict=False))
        return
    bounded = ";".join(f"{name}={value}" for name, value in table.items() if name != "UNTIL")
    try:
        dates = rrulestr(bounded, dtstart=wall)
    except ValueError as error:
        raise RuleBroken("recurrence.unreadable", rule=rule[:80]) from error
    yield from dates.xafter(wall, inc=True)


def _lunar_days(month: int, day: int, first_on: date) -> Iterator[date]:
    """A day of the Chinese calendar in each year from ``first_on`` on. Source: docs/sources.md#lunar-dates"""
    year = lunar_of(first_on)[0]
    while True:
        found = solar_of(year, month, day)
        if found is not None and found >= first_on:
            yield found
        year += 1


def lunar_of(day: date) -> tuple[int, int, int]:
    """Year, month and day in the Chinese calendar; of a leap month the number alone.

    Raises: RuleBroken("recurrence.lunar_years") outside 1900 to 2099.
    """
    if not LUNAR_FIRST <= day <= LUNAR_LAST:
        raise RuleBroken("recurrence.lunar_years", least=LUNAR_FIRST.year, most=LUNAR_LAST.year)
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return found.year, found.month, found.day


def solar_of(year: int, month: int, day: int) -> date | None:
    """The civil date of a day of a Chinese year, of the month that is no leap month; ``day`` -1: its last.

    None when that month has no such day: it has 29 or 30. Raises: RuleBroken("recurrence.lunar_years").
    """
    if not LUNAR_FIRST.year <= year <= LUNAR_LAST.year:
        raise RuleBroken("recurrence.lunar_years", least=LUNAR_FIRST.year, most=LUNAR_LAST.year)
    for one in (30, 29) if day == -1 else (day,):
        try:
            solar: date = LunarDate(year, month, one).to_solar_date()
        except ValueError:
            continue
        return solar
    return None


def without_end(rule: str) -> str:
    """The rule's form alone, to compare two rules by."""
    return ";".join(part for part in rule.split(";") if part.split("=")[0] not in _ENDS)


def cut(rule: str, count: int) -> str:
    """The rule for its first ``count`` dates; at least one."""
    return f"{without_end(rule)};COUNT={count}" if rule else ""


def _until(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError as error:
        raise RuleBroken("recurrence.until") from error


def _slot(wall: datetime, duration: timedelta, zone: ZoneInfo) -> Slot:
    start = wall.replace(tzinfo=zone).astimezone(UTC)
    return Slot(start, start + duration)
