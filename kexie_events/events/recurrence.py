"""Recurrence: a stored, bounded rule becomes dates. Pure; wall-clock times stay what people wrote.

Engine: dateutil's reading of RFC 5545. What a rule may contain, and how much, is decided here, before expansion.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from ..core.errors import RuleBroken

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
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"
_VALUES = {
    "BYDAY": rf"([+-]?[1-5])?{_WEEKDAY}(,([+-]?[1-5])?{_WEEKDAY})*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01]))*",
    "BYSETPOS": r"[+-]?[1-4]",
    "WKST": _WEEKDAY,
}
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


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
    if table.keys() - _PARTS - _NARROWED_BY[table["FREQ"]]:
        return False
    if not all(re.fullmatch(_VALUES[name], value) for name, value in table.items() if name in _VALUES):
        return False
    if table["FREQ"] == "WEEKLY" and re.search(r"\d", table.get("BYDAY", "")):
        return False
    if "BYSETPOS" in table and "BYDAY" not in table:
        return False
    if "BYMONTHDAY" not in table:
        return True
    months = [int(month) for month in table.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in table["BYMONTHDAY"].split(",")]
    return "BYDAY" not in table and any(day <= _LONGEST_MONTH.get(month, 31) for month in months for day in days)


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
    bounded = ";".join(f"{name}={value}" for name, value in table.items() if name != "UNTIL")
    until = datetime.combine(_until(table["UNTIL"]), time.max) if "UNTIL" in table else None
    farthest = wall + FARTHEST
    if until is not None and until > farthest:
        raise RuleBroken("recurrence.too_far", years=YEARS_AHEAD)
    try:
        dates = rrulestr(bounded, dtstart=wall)
    except ValueError as error:
        raise RuleBroken("recurrence.unreadable", rule=rule[:80]) from error
    found: list[datetime] = []
    for moment in dates.xafter(wall, inc=True):
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


def _until(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError as error:
        raise RuleBroken("recurrence.until") from error


def _slot(wall: datetime, duration: timedelta, zone: ZoneInfo) -> Slot:
    start = wall.replace(tzinfo=zone).astimezone(UTC)
    return Slot(start, start + duration)
