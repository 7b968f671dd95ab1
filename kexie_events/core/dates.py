"""Dates in words. Civil dates are read in one time zone; instants are stored in UTC.

The zone is a parameter everywhere: ``ZoneInfo("Asia/Shanghai")`` unless KEXIE_TZ says otherwise.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SOON_DAYS = 10  # a deadline this near is shown in cinnabar
WEEKDAYS = "一二三四五六日"
_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(value: date, *, today: date, english: bool = False) -> str:
    """``3月20日（周五）``; the year only when it is not this one."""
    if english:
        text = f"{_ENGLISH_DAYS[value.weekday()]} {value.day} {month_name(value.month, english=True)}"
        return text if value.year == today.year else f"{text} {value.year}"
    year = "" if value.year == today.year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日（周{WEEKDAYS[value.weekday()]}）"


def moment(value: datetime, *, today: date, english: bool = False) -> str:
    """``3月20日（周五）17:00``; ``value`` is already in the civil zone."""
    space = " " if english else ""
    return f"{day(value, today=today, english=english)}{space}{value.hour}:{value.minute:02}"


def span(start: date, end: date, *, today: date, english: bool = False) -> str:
    """``3月20日（周五）14:00至17:00`` on one day, ``3月1日（周日）至3月20日（周五）`` over several;
    ``3月20日（周五）`` for one whole day. Two instants in the civil zone, or two days, the last included."""
    to = "–" if english else "至"
    if isinstance(start, datetime) and isinstance(end, datetime):
        if start == end:
            return moment(start, today=today, english=english)
        if start.date() == end.date():
            return f"{moment(start, today=today, english=english)}{to}{end.hour}:{end.minute:02}"
    first, last = (day(value, today=today, english=english) for value in (start, end))
    return first if first == last else f"{first}{' – ' if english else to}{last}"


def month(year: int, number: int, *, english: bool = False) -> str:
    """``2026年3月``, ``March 2026``."""
    return f"{_ENGLISH_MONTHS[number - 1]} {year}" if english else f"{year}年{number}月"


def month_name(number: int, *, english: bool = False) -> str:
    """``3月``, ``Mar``: where the year is known and room is short."""
    return _ENGLISH_MONTHS[number - 1][:3] if english else f"{number}月"


def days_between(today: date, value: date) -> int:
    return (value - today).days


def days_touched(start: datetime, end: datetime) -> list[date]:
    """The days from one instant to another, both in the civil zone; a midnight ends the day before it."""
    last = max(start.date(), (end - timedelta(microseconds=1)).date())
    return [start.date() + timedelta(days=n) for n in range((last - start.date()).days + 1)]


def at(value: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time on a day in ``zone``."""
    return datetime.combine(value, clock, tzinfo=zone)


def month_days(year: int, month: int) -> list[date]:
    """Whole weeks, Monday first, that cover a month: 28 to 42 days."""
    first = date(year, month, 1)
    start = first - timedelta(days=first.weekday())
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    end = last + timedelta(days=6 - last.weekday())
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
