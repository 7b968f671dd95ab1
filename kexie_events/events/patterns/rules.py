"""A pattern: what the rule of a series gives to each of its dates, and which facts of a date are its own. Pure."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ...core.errors import RuleBroken
from .. import rules
from . import recurrence
from .recurrence import Slot


class Own(enum.Enum):
    """A fact of an occurrence that a person set for it alone; it stays when the pattern changes (单独定的)."""

    TIME = "time"
    PLACE = "place"
    HOST = "host"
    SEATS = "seats"
    WINDOW = "window"
    WORDS = "words"


class Scope(enum.Enum):
    """How far a change of the rule reaches (改动范围)."""

    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True)
class Facts:
    """When, where and for how many one date takes place, and when it takes registrations. Aware UTC instants."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool = False
    room_id: int | None = None
    place: str = ""
    capacity: int | None = None
    opens_at: datetime | None = None  # None: takes no registrations
    closes_at: datetime | None = None

    @property
    def times(self) -> tuple[object, ...]:
        return self.starts_at, self.ends_at, self.all_day

    @property
    def spot(self) -> tuple[object, ...]:
        return self.room_id, self.place

    @property
    def window(self) -> tuple[object, ...]:
        return self.opens_at, self.closes_at


@dataclass(frozen=True)
class Terms:
    """What a pattern says (排期规则). Wall-clock times of the installation's zone; ``rule``: RFC 5545, bounded, ""
    for a single date."""

    rule: str
    first_on: date
    starts: time
    duration: timedelta
    all_day: bool = False
    room_id: int | None = None
    place: str = ""
    capacity: int | None = None
    opens_before: timedelta | None = None  # None: takes no registrations
    closes_before: timedelta = timedelta(0)

    def slots(self, zone: ZoneInfo) -> list[Slot]:
        """All dates. Raises: RuleBroken."""
        return recurrence.expand(
            self.rule, first_on=self.first_on, starts=self.starts, duration=self.duration, zone=zone
        )

    def window(self, starts_at: datetime) -> tuple[datetime | None, datetime | None]:
        """When registration for a date opens and closes; twice None: it takes none."""
        if self.opens_before is None:
            return None, None
        return starts_at - self.opens_before, starts_at - self.closes_before

    def facts(self, slot_at: datetime) -> Facts:
        """What a date has that follows the pattern in everything. ``slot_at``: the planned start."""
        opens_at, closes_at = self.window(slot_at)
        return Facts(
            slot_at, slot_at + self.duration, self.all_day, self.room_id, self.place, self.capacity, opens_at,
            closes_at,
        )  # fmt: skip


def check_terms(terms: Terms, zone: ZoneInfo) -> list[Slot]:
    """The dates of terms that are sound. Raises: RuleBroken."""
    rules.check_day(terms.first_on)
    rules.check_capacity(terms.capacity)
    slots = terms.slots(zone)
    rules.check_times(slots[0].starts_at, slots[0].ends_at)
    rules.check_window(*terms.window(slots[0].starts_at), slots[0].ends_at)
    if terms.room_id is not None:
        check_apart(slots)
    return slots


def check_apart(slots: Sequence[Slot | Facts]) -> None:
    """Raises: RuleBroken when two dates would need the same room at once. ``slots`` in order of their starts."""
    for before, after in pairwise(slots):
        if after.starts_at < before.ends_at:
            raise RuleBroken("event.overlaps_itself", starts_at=after.starts_at, ends_at=before.ends_at)


@dataclass(frozen=True)
class Stored:
    """A pattern as it stands. ``edition_id`` None: each date is an issue with an edition of its own (期)."""

    id: int
    terms: Terms
    edition_id: int | None = None
    year_shift: int = 0  # an issue counts for the year of its day and this many more
    skipped: frozenset[datetime] = frozenset()  # slots that do not take place (EXDATE)


@dataclass(frozen=True)
class Held:
    """The occurrence of a slot as it stands."""

    id: int
    pattern_id: int
    slot_at: datetime  # the planned start: which slot it stands for, and later its RECURRENCE-ID
    facts: Facts
    own: frozenset[Own] = frozenset()
    taken: int = 0  # seats given
    is_draft: bool = True  # never public: it may vanish
    is_public: bool = False  # people know of it
    is_cancelled: bool = False


def compared(facts: Facts, terms: Terms, slot_at: datetime) -> dict[Own, bool]:
    """Which facts of the occurrence of a slot differ from what the terms say; the window is told by its own start."""
    expected = terms.facts(slot_at)
    return {
        Own.TIME: facts.times != expected.times,
        Own.PLACE: facts.spot != expected.spot,
        Own.SEATS: facts.capacity != expected.capacity,
        Own.WINDOW: facts.window != terms.window(facts.starts_at),
    }
