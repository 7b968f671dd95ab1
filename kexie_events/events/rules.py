"""States of what is planned, the plan of a series, and what a sound one looks like."""

import enum
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from ..core.errors import RuleBroken
from .kinds import Kind
from .numbering import Style

LONGEST_OCCURRENCE = timedelta(days=120)  # a 科普月 with its run-up; longer is a campaign of several
MOST_PLACES = 1_000_000


class Publication(enum.Enum):
    """Who may see it (发布状态). Withdrawn: published by mistake, gone at once."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Status(enum.Enum):
    """Whether it takes place (举办状态)."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


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
    capacity: int | None = None
    opens_before: timedelta | None = (
        None  # registration opens this long before the start; None: no registration
    )
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


def check_capacity(capacity: int | None, taken: int = 0) -> None:
    """Raises: RuleBroken when the number of places cannot be, or is less than those who have one."""
    if capacity is None:
        return
    if not 1 <= capacity <= MOST_PLACES:
        raise RuleBroken("event.capacity", least=1, most=MOST_PLACES)
    if capacity < taken:
        raise RuleBroken("event.capacity_below_taken", taken=taken)


def check_window(opens_at: datetime | None, closes_at: datetime | None, ends_at: datetime) -> None:
    """Raises: RuleBroken when registration closes before it opens or after the occurrence is over."""
    if opens_at is None:
        return
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
