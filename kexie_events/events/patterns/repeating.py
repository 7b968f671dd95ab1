"""How often something takes place, as people choose it, and the RFC 5545 rule for that choice: there and back. Pure."""

import enum
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ...core.errors import RuleBroken
from .recurrence import LONGEST_MONTH, LUNAR, MOST_DATES, lunar_of, parts, solar_of

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST_DAY = -1  # of a month, wherever a day of the month is meant
SATURDAY = 5


class Repeat(enum.Enum):
    """How often a series takes place, as people choose it (重复)."""

    ONCE = "once"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"  # the n-th weekday of each month
    MONTHS = "months"  # the n-th weekday of every second, third … month: 双月论坛
    MONTH_DAY = "month_day"  # the same day of every, every second … month; the last day
    YEARLY = "yearly"  # the same day of each year: 5月30日
    YEAR_WEEKDAY = "year_weekday"  # the n-th weekday of one month
    YEAR_WEEKEND = "year_weekend"  # the n-th Saturday and Sunday of one month: 全国科普日
    LUNAR = "lunar"  # a day of the Chinese calendar: 农历八月十五


class Nth(enum.Enum):
    """Which of a month's four or five days of one weekday (第几个)."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    FOURTH = 4
    LAST = -1


class Short(enum.Enum):
    """What happens where a month has no such day: the 31st, 29 February, 腊月三十 (没有这一天时).

    Source: docs/sources.md#recurrence
    """

    SKIP = "skip"
    LAST = "last"


@dataclass(frozen=True)
class Choice:
    """What somebody chose. ``weekday``: 0 is Monday. ``every``: months, or for WEEKLY weeks, from one to the next.
    ``month`` and ``day``: of the civil year, for LUNAR of the Chinese one; ``day`` may be LAST_DAY."""

    repeat: Repeat
    weekday: int = 0
    nth: Nth = Nth.FIRST
    every: int = 1
    month: int | None = None
    day: int | None = None
    short: Short = Short.SKIP
    count: int | None = None
    until: date | None = None


def rule_text(
    repeat: Repeat,
    *,
    weekday: int = 0,
    nth: Nth = Nth.FIRST,
    every: int = 2,
    month: int | None = None,
    day: int | None = None,
    short: Short = Short.SKIP,
    count: int | None = None,
    until: date | None = None,
) -> str:
    """The RFC 5545 rule for what somebody chose, so that nobody types one; "" when it does not repeat.

    ``weekday``: 0 is Monday. ``every``: months from one date to the next, for MONTHS and MONTH_DAY. ``month`` and
    ``day`` None: as in the first date. Exactly one of ``count`` (dates in all) and ``until`` (last day) ends it.
    Raises: RuleBroken("recurrence.no_end" | "recurrence.two_ends" | "recurrence.count" | "recurrence.every" |
    "recurrence.no_such_day").
    """
    if repeat is Repeat.ONCE:
        return ""
    if count is None and until is None:
        raise RuleBroken("recurrence.no_end")
    if count is not None and until is not None:
        raise RuleBroken("recurrence.two_ends")
    if count is not None and not 1 <= count <= MOST_DATES:
        raise RuleBroken("recurrence.count", most=MOST_DATES)
    if repeat in (Repeat.MONTHS, Repeat.MONTH_DAY) and not 1 <= every <= 60:
        raise RuleBroken("recurrence.every", most=60)
    how = _how(Choice(repeat, weekday, nth, every, month, day, short))
    return f"{how};COUNT={count}" if until is None else f"{how};UNTIL={until:%Y%m%d}"


def _how(chosen: Choice) -> str:
    """The rule without its end."""
    weekday, month = WEEKDAY_CODES[chosen.weekday], chosen.month
    on = f"BYDAY={chosen.nth.value}{weekday}"
    interval = f";INTERVAL={chosen.every}" if chosen.every > 1 else ""
    match chosen.repeat:
        case Repeat.WEEKLY:
            return f"FREQ=WEEKLY;BYDAY={weekday}"
        case Repeat.FORTNIGHTLY:
            return f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}"
        case Repeat.MONTHLY:
            return f"FREQ=MONTHLY;{on}"
        case Repeat.MONTHS:
            return f"FREQ=MONTHLY{interval};{on}"
        case Repeat.MONTH_DAY:
            days = f";{_month_days(chosen.day, chosen.short, longest=31, sure=28)}" if chosen.day else ""
            return f"FREQ=MONTHLY{interval}{days}"
        case Repeat.YEAR_WEEKDAY:
            return "FREQ=YEARLY" + (f";BYMONTH={month}" if month else "") + f";{on}"
        case Repeat.YEAR_WEEKEND:
            return "FREQ=YEARLY" + (f";BYMONTH={month}" if month else "") + f";BYDAY={chosen.nth.value}SA"
        case Repeat.LUNAR if month and chosen.day:
            days = _month_days(chosen.day, chosen.short, longest=30, sure=29)
            return f"RSCALE={LUNAR};FREQ=YEARLY;BYMONTH={month};{days}"
        case _ if month and chosen.day:
            longest = LONGEST_MONTH.get(month, 31)
            sure = 28 if month == 2 else longest
            return f"FREQ=YEARLY;BYMONTH={month};{_month_days(chosen.day, chosen.short, longest=longest, sure=sure)}"
        case _:
            return "FREQ=YEARLY"


def _month_days(day: int, short: Short, *, longest: int, sure: int) -> str:
    """The day of the month, plain RFC 5545 so that every calendar reads it: ``BYSETPOS=-1`` takes the last there is.

    ``longest``: days of the longest month that is meant; ``sure``: the last day that each of them has.
    """
    if not (day == LAST_DAY or 1 <= day <= longest):
        raise RuleBroken("recurrence.no_such_day", most=longest)
    if short is Short.SKIP or day <= sure:
        return f"BYMONTHDAY={day}"
    if day == longest:
        return f"BYMONTHDAY={LAST_DAY}"
    return f"BYMONTHDAY={','.join(str(n) for n in range(28, day + 1))};BYSETPOS=-1"


def complete(chosen: Choice, first_on: date) -> Choice:
    """The same with month and day of the first date where none were chosen; of the Chinese year for LUNAR.

    Raises: RuleBroken("recurrence.lunar_years").
    """
    lunar = chosen.repeat is Repeat.LUNAR
    month, day = lunar_of(first_on)[1:] if lunar else (first_on.month, first_on.day)
    return replace(chosen, month=chosen.month or month, day=chosen.day or day)


def text_of(chosen: Choice) -> str:
    """The rule for a choice. Raises: RuleBroken."""
    return rule_text(
        chosen.repeat, weekday=chosen.weekday, nth=chosen.nth, every=chosen.every, month=chosen.month, day=chosen.day,
        short=chosen.short, count=chosen.count, until=chosen.until,
    )  # fmt: skip


def choice_of(rule: str, first_on: date) -> Choice | None:
    """What was chosen to make this rule; what it leaves open is read off the first date. None: no choice makes it."""
    if not rule:
        return Choice(Repeat.ONCE)
    table = parts(rule)
    found = _read(table, first_on)
    if found is None:
        return None
    count = int(table["COUNT"]) if "COUNT" in table else None
    return replace(found, count=count, until=date(*_ymd(table["UNTIL"])) if "UNTIL" in table else None)


def _read(table: dict[str, str], first_on: date) -> Choice | None:
    """The choice without its end."""
    every = int(table.get("INTERVAL", "1"))
    shape = table.keys() - {"COUNT", "UNTIL", "INTERVAL", "FREQ"}
    match table["FREQ"], sorted(shape):
        case "WEEKLY", [] | ["BYDAY"] if every <= 2 and "," not in table.get("BYDAY", ""):
            repeat = Repeat.WEEKLY if every == 1 else Repeat.FORTNIGHTLY
            code = table.get("BYDAY", WEEKDAY_CODES[first_on.weekday()])
            return Choice(repeat, weekday=WEEKDAY_CODES.index(code), every=every)
        case "MONTHLY", ["BYDAY"] if on := _nth_weekday(table["BYDAY"]):
            repeat = Repeat.MONTHLY if every == 1 else Repeat.MONTHS
            return Choice(repeat, nth=on[0], weekday=on[1], every=every)
        case "MONTHLY", [] | ["BYMONTHDAY"] | ["BYMONTHDAY", "BYSETPOS"] if day := _day(table, first_on.day):
            return Choice(Repeat.MONTH_DAY, every=every, day=day[0], short=day[1])
        case "YEARLY", ["BYDAY", "BYMONTH"] if every == 1 and (on := _nth_weekday(table["BYDAY"])):
            month = _number(table["BYMONTH"])
            return Choice(Repeat.YEAR_WEEKDAY, nth=on[0], weekday=on[1], month=month) if month else None
        case "YEARLY", ["BYMONTH", "BYMONTHDAY", "RSCALE"] if day := _day(table, 0):
            return Choice(Repeat.LUNAR, month=int(table["BYMONTH"]), day=day[0], short=day[1])
        case "YEARLY", [] | ["BYMONTH", "BYMONTHDAY"] | ["BYMONTH", "BYMONTHDAY", "BYSETPOS"] if every == 1:
            month, day = _number(table.get("BYMONTH", str(first_on.month))), _day(table, first_on.day)
            return Choice(Repeat.YEARLY, month=month, day=day[0], short=day[1]) if month and day else None
        case _:
            return None


def period_start(chosen: Choice, day: date) -> date:
    """The first day of the week, month or year that a date stands for, so that another day of it can be chosen."""
    match chosen.repeat:
        case Repeat.ONCE:
            return day
        case Repeat.WEEKLY | Repeat.FORTNIGHTLY:
            return day - timedelta(days=day.weekday())
        case Repeat.MONTHLY | Repeat.MONTHS | Repeat.MONTH_DAY:
            return day.replace(day=1)
        case Repeat.LUNAR:
            return solar_of(lunar_of(day)[0], 1, 1) or day
        case _:
            return day.replace(month=1, day=1)


def _ymd(text: str) -> tuple[int, int, int]:
    return int(text[:4]), int(text[4:6]), int(text[6:])


def _number(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


def _nth_weekday(text: str) -> tuple[Nth, int] | None:
    found = re.fullmatch(r"\+?(-?[1-4])([A-Z]{2})", text)
    if found is None or int(found[1]) not in {nth.value for nth in Nth}:
        return None
    return Nth(int(found[1])), WEEKDAY_CODES.index(found[2])


def _day(table: dict[str, str], otherwise: int) -> tuple[int, Short] | None:
    """The one day of the month that is meant, and what happens where it is missing."""
    text = table.get("BYMONTHDAY", str(otherwise))
    if "BYSETPOS" not in table:
        day = _number(text)
        return None if day is None or day < LAST_DAY else (day, Short.SKIP)
    days = [int(day) for day in text.split(",")]
    meant = days == list(range(28, days[-1] + 1)) and table["BYSETPOS"] == "-1" and len(days) > 1
    return (days[-1], Short.LAST) if meant else None


def is_weekend(chosen: Choice, days: int) -> bool:
    """Whether the n-th Saturday of a month, lasting ``days``, is the n-th weekend."""
    return chosen.repeat is Repeat.YEAR_WEEKDAY and chosen.weekday == SATURDAY and days == 2
