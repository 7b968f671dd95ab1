"""What is planned: a series, how often and under which numbers; one occurrence, when and where. And what is sound."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from ..core.errors import RuleBroken
from ..core.text import one_line
from . import numbering, recurrence, rules
from .kinds import Kind
from .numbering import Numbered, Style
from .recurrence import MOST_DATES, Slot

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


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


@dataclass(frozen=True)
class Sitting:
    """When and where one occurrence takes place. ``all_day``: it fills the days that it touches, and no clock time is
    said of it."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool = False
    room_id: int | None = None
    place: str = ""  # in words, when it is in no room of ours, or beside the room


@dataclass(frozen=True)
class OccurrencePlan(Sitting):
    """What an organiser decides when one more date is added to an edition."""

    title: str = ""
    summary: str = ""
    capacity: int | None = None
    opens_at: datetime | None = None  # None: takes no registrations
    closes_at: datetime | None = None
    unit_id: int | None = None  # None: run by the edition's own unit


S = TypeVar("S", bound=Sitting)


def sound(sitting: S, zone: ZoneInfo) -> S:
    """The same, whole days from midnight to midnight and the place in one line. Raises: RuleBroken."""
    starts_at, ends_at = sitting.starts_at, sitting.ends_at
    if sitting.all_day:
        starts_at, ends_at = rules.whole_days(starts_at, ends_at, zone)
    rules.check_day(starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date())
    rules.check_times(starts_at, ends_at)
    return replace(sitting, starts_at=starts_at, ends_at=ends_at, place=one_line(sitting.place))


def sound_occurrence(plan: OccurrencePlan, zone: ZoneInfo) -> OccurrencePlan:
    """The same with its words as they are kept. Raises: RuleBroken."""
    plan = replace(sound(plan, zone), title=one_line(plan.title), summary=plan.summary.strip())
    rules.check_title(plan.title)
    rules.check_capacity(plan.capacity)
    rules.check_window(plan.opens_at, plan.closes_at, plan.ends_at)
    return plan if plan.opens_at is not None else replace(plan, closes_at=None)


def check_plan(plan: Plan, zone: ZoneInfo) -> list[Slot]:
    """The dates of a plan that is sound; the preview shows the same. Raises: RuleBroken."""
    rules.check_name(one_line(plan.name))
    if plan.slug:
        rules.check_slug(plan.slug)
    rules.check_day(plan.first_on)
    rules.check_capacity(plan.capacity)
    for numbered in numbers(plan, [plan.first_on]):
        numbering.check(numbered)
    slots = recurrence.expand(plan.rule, first_on=plan.first_on, starts=plan.starts, duration=plan.duration, zone=zone)
    for numbered in numbers(plan, [slot.starts_at.astimezone(zone).date() for slot in slots]):
        numbering.check(numbered)
    rules.check_times(slots[0].starts_at, slots[0].ends_at)
    rules.check_window(*window_of(plan, slots[0]), slots[0].ends_at)
    if plan.room_id is not None:
        check_apart(slots)
    return slots


def window_of(plan: Plan, slot: Slot) -> tuple[datetime | None, datetime | None]:
    """When registration for one date of the plan opens and closes; twice None: it takes none."""
    if plan.opens_before is None:
        return None, None
    return slot.starts_at - plan.opens_before, slot.starts_at - plan.closes_before


def fallback_slug(kind: Kind, key: str) -> str:
    """An address for a series whose name gives none: Chinese does not go into it. ``key``: a few hex digits."""
    return f"{kind.value.replace('_', '-')}-{key}"


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
