"""States of what is planned, and what a sound thing looks like."""

import enum
import re
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.errors import RuleBroken

LONGEST_OCCURRENCE = timedelta(days=120)  # a 科普月 with its run-up; longer is a campaign of several
MOST_PLACES = 1_000_000
LONGEST_NAME = 120  # characters, of a series or an occurrence
LONGEST_NOTE = 200  # characters, of what is said about the places
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)  # the years that an edition can be counted under


class Publication(enum.Enum):
    """Who may see it (发布状态). Withdrawn: published by mistake, gone at once."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Status(enum.Enum):
    """Whether it takes place (举办状态)."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


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


def shifted_window(
    opens_at: datetime | None, closes_at: datetime | None, *, by: timedelta, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """The registration window of an occurrence that moves ``by``: it moves along.

    One that has opened stays open from the instant that people know; only its end moves.
    """
    if opens_at is not None and opens_at > now:
        opens_at += by
    return opens_at, closes_at + by if closes_at is not None else None
