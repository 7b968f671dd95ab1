"""What is possible but will not go well: no time to get from one venue to the next, too few seats, a session that
reaches out of its sub-forum. Pure: values in, remarks out. None of them refuses anything."""

import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

# O: in a city by car with its walks at both ends; the straight line is shorter than the road.
DETOUR = 1.4
KILOMETRES_PER_HOUR = 30
WALKS = timedelta(minutes=10)
_EARTH = 6371.0  # km


class RemarkKind(enum.Enum):
    """What a remark is about (提醒类别)."""

    TRAVEL = "travel"
    TRAVEL_UNKNOWN = "travel_unknown"
    SEATS = "seats"
    OUTSIDE = "outside"
    SAME_NAME = "same_name"
    NO_ROOM = "no_room"


@dataclass(frozen=True)
class Spot:
    """Where something is. ``venue_id`` None: in no venue of ours."""

    venue_id: int | None
    venue: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Stay:
    """Somebody at a place for a time."""

    person_id: int
    person: str
    what: str
    occurrence_id: int
    starts_at: datetime
    ends_at: datetime
    spot: Spot


@dataclass(frozen=True)
class Gathering:
    """People in a room: of an occurrence, or of a session elsewhere."""

    what: str
    occurrence_id: int
    room: str
    seats: int | None
    people: int | None  # registered, places or expected, whichever is known and largest
    has_place: bool = True
    outside: bool = False  # reaches out of its occurrence


@dataclass(frozen=True)
class Remark:
    """One thing to think about. ``needs`` and ``has``: minutes for a way, people and seats for a room."""

    kind: RemarkKind
    what: str
    occurrence_id: int
    other: str = ""
    other_id: int | None = None
    person: str = ""
    needs: int | None = None
    has: int | None = None


def distance(one: Spot, other: Spot) -> float | None:
    """Kilometres in a straight line; None when the place of either is not known."""
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return None
    lat1, lon1, lat2, lon2 = (
        math.radians(value or 0) for value in (one.latitude, one.longitude, other.latitude, other.longitude)
    )
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))


def travel_time(one: Spot, other: Spot) -> timedelta | None:
    """How long somebody is on the way; nothing inside one venue, None when it is not known.

    Source: docs/sources.md#travel-time
    """
    if one.venue_id is not None and one.venue_id == other.venue_id:
        return timedelta(0)
    far = distance(one, other)
    return None if far is None else WALKS + timedelta(hours=far * DETOUR / KILOMETRES_PER_HOUR)


def travel_remarks(stays: Iterable[Stay], *, longest: timedelta = timedelta(hours=6)) -> list[Remark]:
    """For each person, from each stay to the next on the same journey: less time than the way takes, or an unknown way.

    ``longest``: a gap above this is nobody's hurry, known or not.
    """
    found = []
    for before, after in pairwise(sorted(stays, key=lambda stay: (stay.person_id, stay.starts_at, stay.ends_at))):
        gap = after.starts_at - before.ends_at
        if before.person_id != after.person_id or gap > longest or gap < timedelta(0):
            continue
        needed = travel_time(before.spot, after.spot)
        if needed is not None and needed <= gap:
            continue
        if needed is None and before.occurrence_id == after.occurrence_id:
            continue  # one sub-forum without a venue of ours: the same place, in words
        kind = RemarkKind.TRAVEL_UNKNOWN if needed is None else RemarkKind.TRAVEL
        minutes = None if needed is None else math.ceil(needed.total_seconds() / 60)
        found.append(
            Remark(
                kind, before.what, before.occurrence_id, after.what, after.occurrence_id, before.person, minutes,
                int(gap.total_seconds()) // 60,
            )
        )  # fmt: skip
    return found


def room_remarks(gatherings: Iterable[Gathering]) -> list[Remark]:
    """More people than seats; no place at all; a session that reaches out of its sub-forum."""
    found = []
    for each in gatherings:
        if each.seats is not None and each.people is not None and each.people > each.seats:
            found.append(
                Remark(RemarkKind.SEATS, each.what, each.occurrence_id, each.room, needs=each.people, has=each.seats)
            )
        if not each.has_place:
            found.append(Remark(RemarkKind.NO_ROOM, each.what, each.occurrence_id))
        if each.outside:
            found.append(Remark(RemarkKind.OUTSIDE, each.what, each.occurrence_id))
    return found


def same_names(people: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """(name, their units) of those who share a name: either two people or one who was entered twice."""
    found: dict[str, list[str]] = {}
    for name, organization in people:
        found.setdefault(name, []).append(organization)
    return [(name, units) for name, units in found.items() if len(units) > 1]
