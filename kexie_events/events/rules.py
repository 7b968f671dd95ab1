"""States of what is planned, the plan of a series, and what a sound one looks like."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.errors import RuleBroken
from ..core.workdays import DayKind
from .kinds import Kind
from .numbering import Numbered, Style
from .recurrence import MOST_DATES, Slot

LONGEST_OCCURRENCE = timedelta(days=120)  # a 科普月 with its run-up; longer is a campaign of several
MOST_PLACES = 1_000_000
LONGEST_NAME = 120  # characters, of a series or an occurrence
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)  # the years that an edition can be counted under
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Publication(enum.Enum):
    """Who may see it (发布状态). Withdrawn: published by mistake, gone at once."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Status(enum.Enum):
    """Whether it takes place (举办状态)."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class Repeat(enum.Enum):
    """How often a series takes place, as people choose it (重复)."""

    ONCE = "once"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"  # the n-th weekday of each month
    MONTHS = "months"  # the n-th weekday of every second, third … month: 双月论坛
    YEARLY = "yearly"  # the same day of each year


class Nth(enum.Enum):
    """Which of a month's four or five days of one weekday (第几个)."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    FOURTH = 4
    LAST = -1


class DayFlag(enum.Enum):
    """What to think twice about when something is planned on a day (日期提示)."""

    NONE = "none"
    HOLIDAY = "holiday"  # 放假
    MAKE_UP = "make_up"  # 调休上班: a weekend on which pupils have lessons
    NOT_ANNOUNCED = "not_announced"  # the year's holidays are not known yet


class Purpose(enum.Enum):
    """What the program does with a milestone besides showing it (节点作用); the value is its code."""

    SHOWN = "shown"
    ENTRIES_OPEN = "entries-open"
    ENTRIES_CLOSE = "entries-close"


def milestone_end(code: str, starts_at: datetime, ends_at: datetime | None) -> datetime:
    """When a milestone is over. Opening and deadline of applications are instants: a span has no one deadline."""
    if ends_at is None or code in (Purpose.ENTRIES_OPEN.value, Purpose.ENTRIES_CLOSE.value):
        return starts_at
    return ends_at


class Progress(enum.Enum):
    """Where a milestone stands at an instant (节点状态); the value is what ``macros/timeline.html`` takes."""

    PAST = "past"
    NOW = "now"
    NEXT = "next"


def milestone_state(starts_at: datetime, ends_at: datetime, now: datetime) -> Progress:
    """Half open: the beginning counts, the end does not; an instant is over when it has come.

    Source: docs/sources.md#half-open
    """
    if ends_at <= now:
        return Progress.PAST
    return Progress.NOW if starts_at <= now else Progress.NEXT


class Window(enum.Enum):
    """Where registration stands at an instant (报名状态)."""

    NONE = "none"  # takes no registrations
    LATER = "later"
    OPEN = "open"
    FULL = "full"  # open, but only the waiting list is left
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True)
class Plan:
    """What an organiser decides when a series is set up. Times are wall-clock times of the installation's zone."""

    name: str
    slug: str
    kind: Kind
    unit_id: int
    rule: str  # RFC 5545 RRULE value, bounded; "" for a single date
    first_on: date
    starts: time
    duration: timedelta
    style: Style
    first_number: int
    year: int
    summary: str = ""
    room_id: int | None = None
    place: str = ""
    all_day: bool = False  # whole days: it starts at midnight and lasts a number of them
    capacity: int | None = None
    opens_before: timedelta | None = None  # registration opens this long before the start; None: no registration
    closes_before: timedelta = timedelta(0)


class Planned(Protocol):
    """What ``window`` reads of an occurrence."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    capacity: int | None
    taken: int
    status: Status


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Raises: RuleBroken when it ends before it starts or lasts longer than ``LONGEST_OCCURRENCE``."""
    if ends_at <= starts_at:
        raise RuleBroken("event.ends_before_start", starts_at=starts_at, ends_at=ends_at)
    if ends_at - starts_at > LONGEST_OCCURRENCE:
        raise RuleBroken("event.too_long", days=LONGEST_OCCURRENCE.days)


def whole_days(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight before to the midnight after, in ``zone``; whole days stay as they are.

    Raises: RuleBroken("event.ends_before_start") with both days.
    """
    first, last = starts_at.astimezone(zone).date(), (ends_at.astimezone(zone) - timedelta(microseconds=1)).date()
    if last < first:
        raise RuleBroken("event.ends_before_start", starts_at=first, ends_at=last)
    return dates.at(first, time(), zone), dates.at(last + timedelta(days=1), time(), zone)


def check_capacity(capacity: int | None, taken: int = 0) -> None:
    """Raises: RuleBroken when the number of places cannot be, or is less than those who have one."""
    if capacity is None:
        return
    if not 1 <= capacity <= MOST_PLACES:
        raise RuleBroken("event.capacity", least=1, most=MOST_PLACES)
    if capacity < taken:
        raise RuleBroken("event.capacity_below_taken", taken=taken)


def check_window(opens_at: datetime | None, closes_at: datetime | None, ends_at: datetime) -> None:
    """Raises: RuleBroken when registration closes before it opens, after the occurrence is over, or in no real year."""
    if opens_at is None:
        return
    check_day(*(moment.date() for moment in (opens_at, closes_at) if moment is not None))
    if closes_at is not None and closes_at <= opens_at:
        raise RuleBroken("event.closes_before_open", opens_at=opens_at, closes_at=closes_at)
    if closes_at is not None and closes_at > ends_at:
        raise RuleBroken("event.closes_after_end", ends_at=ends_at)


def last_call(starts_at: datetime, closes_at: datetime | None) -> datetime:
    """When registration ends: the stated time, else the start."""
    return starts_at if closes_at is None else closes_at


def window(occurrence: Planned, now: datetime) -> Window:
    """Where registration stands. Opening counts, closing does not (half open).

    Source: docs/sources.md#half-open
    """
    if occurrence.status is Status.CANCELLED:
        return Window.CANCELLED
    if occurrence.ends_at <= now:
        return Window.OVER
    if occurrence.opens_at is None:
        return Window.NONE
    if now < occurrence.opens_at:
        return Window.LATER
    if now >= last_call(occurrence.starts_at, occurrence.closes_at):
        return Window.CLOSED
    if occurrence.capacity is not None and occurrence.taken >= occurrence.capacity:
        return Window.FULL
    return Window.OPEN


def check_name(name: str) -> None:
    """Raises: RuleBroken when a series has no name or one that fits no page."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RuleBroken("series.name", most=LONGEST_NAME)


def check_title(title: str) -> None:
    """Raises: RuleBroken when the name of an edition or occurrence fits no page; it may be empty."""
    if len(title) > LONGEST_NAME:
        raise RuleBroken("event.title", most=LONGEST_NAME)


def check_slug(slug: str) -> None:
    """Raises: RuleBroken when it cannot stand in an address."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 60:
        raise RuleBroken("series.slug")


def check_reason(reason: str) -> None:
    """Raises: RuleBroken when nobody would understand later why it was done."""
    if not reason:
        raise RuleBroken("event.reason")


def check_milestone(name: str, starts_at: datetime, ends_at: datetime) -> None:
    """Raises: RuleBroken when a milestone has no name or ends before it starts; it may be an instant."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RuleBroken("milestone.name", most=LONGEST_NAME)
    if ends_at < starts_at:
        raise RuleBroken("event.ends_before_start", starts_at=starts_at, ends_at=ends_at)


def check_ahead(ends_at: datetime, now: datetime) -> None:
    """Raises: RuleBroken when it is over: what took place stays as it was."""
    if ends_at <= now:
        raise RuleBroken("event.over", ends_at=ends_at)


def check_day(*days: date) -> None:
    """Raises: RuleBroken for a year that nobody can mean."""
    for day in days:
        if not EARLIEST <= day <= LATEST:
            raise RuleBroken("event.day", least=EARLIEST.year, most=LATEST.year)


def rule_text(
    repeat: Repeat,
    *,
    weekday: int = 0,
    nth: Nth = Nth.FIRST,
    every: int = 2,
    count: int | None = None,
    until: date | None = None,
) -> str:
    """The RFC 5545 rule for what somebody chose, so that nobody types one; "" when it does not repeat.

    ``weekday``: 0 is Monday; ``nth`` with it: for MONTHLY and MONTHS. ``every``: months from one date to the next,
    for MONTHS. Exactly one of ``count`` (dates in all) and ``until`` (last day) ends it.
    Raises: RuleBroken("recurrence.no_end" | "recurrence.two_ends" | "recurrence.count" | "recurrence.every").
    """
    if repeat is Repeat.ONCE:
        return ""
    if count is None and until is None:
        raise RuleBroken("recurrence.no_end")
    if count is not None and until is not None:
        raise RuleBroken("recurrence.two_ends")
    if count is not None and not 1 <= count <= MOST_DATES:
        raise RuleBroken("recurrence.count", most=MOST_DATES)
    if repeat is Repeat.MONTHS and not 1 <= every <= 60:
        raise RuleBroken("recurrence.every", most=60)
    on = f"BYDAY={nth.value}{WEEKDAY_CODES[weekday]}"
    how = {
        Repeat.WEEKLY: "FREQ=WEEKLY",
        Repeat.FORTNIGHTLY: "FREQ=WEEKLY;INTERVAL=2",
        Repeat.MONTHLY: f"FREQ=MONTHLY;{on}",
        Repeat.MONTHS: f"FREQ=MONTHLY;INTERVAL={every};{on}",
        Repeat.YEARLY: "FREQ=YEARLY",
    }[repeat]
    return f"{how};COUNT={count}" if until is None else f"{how};UNTIL={until:%Y%m%d}"


def numbers(plan: Plan, days: Sequence[date]) -> list[Numbered]:
    """The numbers of a plan's editions: one per day for 期, one for all days for the other styles.

    期 start from the plan's first number and anew with each later year. ``days``: civil, in order, at least one.
    """
    if plan.style is Style.YEAR:
        return [Numbered(plan.year, Style.YEAR, plan.year)]
    if plan.style is not Style.ISSUE:
        return [Numbered(plan.first_number, plan.style, plan.year)]
    found: list[Numbered] = []
    for day in days:
        year = plan.year + day.year - days[0].year
        later = found[-1].number + 1 if found and found[-1].year == year else 1
        found.append(Numbered(later if found else plan.first_number, Style.ISSUE, year))
    return found


def check_apart(slots: Sequence[Slot]) -> None:
    """Raises: RuleBroken when two dates of one plan would need the same room at once. ``slots`` in order."""
    for before, after in pairwise(slots):
        if after.starts_at < before.ends_at:
            raise RuleBroken("event.overlaps_itself", starts_at=after.starts_at, ends_at=before.ends_at)


def day_flag(day: date, kind: DayKind, *, festival: bool) -> DayFlag:
    """What to show beside a planned day. An ordinary weekend needs no remark: forums live on weekends."""
    if kind is DayKind.NOT_ANNOUNCED:
        return DayFlag.NOT_ANNOUNCED
    weekend = day.weekday() >= 5
    if kind is DayKind.WORKING:
        return DayFlag.MAKE_UP if weekend else DayFlag.NONE
    return DayFlag.NONE if weekend and not festival else DayFlag.HOLIDAY


def shifted_window(
    opens_at: datetime | None, closes_at: datetime | None, *, by: timedelta, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The registration window of an occurrence that moves ``by``: it moves along.

    One that has opened stays open from the instant that people know; only its end moves.
    """
    if opens_at is not None and opens_at > now:
        opens_at += by
    return opens_at, closes_at + by if closes_at is not None else None
