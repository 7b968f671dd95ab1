"""What is planned: a series, how often and under which numbers; one occurrence, when and where. And what is sound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from ..core.text import one_line
from . import numbering, rules
from .kinds import Kind
from .numbering import Numbered, Style
from .patterns.recurrence import Slot
from .patterns.rules import Terms, check_terms


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
    places_note: str = ""


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
    slots = check_terms(terms_of(plan), zone)
    for numbered in numbers(plan, [slot.starts_at.astimezone(zone).date() for slot in slots]):
        numbering.check(numbered)
    return slots


def terms_of(plan: Plan) -> Terms:
    """What the plan's pattern says, as it is kept."""
    return Terms(
        plan.rule, plan.first_on, plan.starts, plan.duration, plan.all_day, plan.room_id, one_line(plan.place),
        plan.capacity, plan.opens_before, plan.closes_before,
    )  # fmt: skip


def fallback_slug(kind: Kind, key: str) -> str:
    """An address for a series whose name gives none: Chinese does not go into it. ``key``: a few hex digits."""
    return f"{kind.value.replace('_', '-')}-{key}"


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


def further_numbers(days: Sequence[date], taken: Iterable[tuple[int, int]], year_shift: int) -> list[Numbered]:
    """The numbers of 期 that are added later: the next free one of their year behind its first; numbers that are given
    stay. ``days``: civil, in order. ``taken``: (year, number)."""
    held: dict[int, set[int]] = {}
    for year, number in taken:
        held.setdefault(year, set()).add(number)
    found: list[Numbered] = []
    for day in days:
        numbers_of_year = held.setdefault(day.year + year_shift, set())
        number = min(numbers_of_year, default=1)
        while number in numbers_of_year:
            number += 1
        numbers_of_year.add(number)
        found.append(Numbered(number, Style.ISSUE, day.year + year_shift))
    return found
