"""Venues and their rooms. They belong to no unit: whoever plans something may add one."""

from datetime import datetime

from sqlalchemy import select

from ...audit import services as audit
from ...core.access import GRANTS, Action, Actor
from ...core.db import lock, one, transaction
from ...core.errors import Conflict, Forbidden, RuleBroken
from ...core.text import one_line
from ...units.models import Region
from .. import rules
from ..models import Occurrence, Room, Venue
from .clashes import refused_in_words
from .series import raise_revisions


def _require_planner(actor: Actor) -> None:
    if not any(Action.PLAN in GRANTS[granted.role] for granted in actor.grants):
        raise Forbidden("access.denied", action=Action.PLAN.value)


def add_venue(
    name: str,
    *,
    address: str = "",
    region_id: int | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    actor: Actor,
    now: datetime,
) -> Venue:
    """Locks nothing: the row is new. Raises: RuleBroken("venue.name_taken" | "venue.name")."""
    clean = one_line(name)
    if not 1 <= len(clean) <= rules.LONGEST_NAME:
        raise RuleBroken("venue.name", most=rules.LONGEST_NAME)
    with transaction() as session:
        _require_planner(actor)
        if region_id is not None:
            one(Region, region_id)
        venue = Venue(
            name=clean, address=one_line(address), region_id=region_id, latitude=latitude, longitude=longitude
        )  # fmt: skip
        with refused_in_words(session, actor=actor, name=clean):
            session.add(venue)
        audit.record(f"venue:{venue.id}", "venue.added", actor=actor, now=now, name=clean)
    return venue


def change_venue(
    venue_id: int,
    name: str,
    *,
    address: str = "",
    region_id: int | None = None,
    expected_revision: int,
    actor: Actor,
    now: datetime,
) -> Venue:
    """Locks the venue. Correct its name, address and district: a visible change of everything in its rooms, in
    calendars too; nobody is written to.

    Raises: Conflict("venue.changed_meanwhile"), RuleBroken("venue.name_taken" | "venue.name").
    """
    clean, at = one_line(name), one_line(address)
    if not 1 <= len(clean) <= rules.LONGEST_NAME:
        raise RuleBroken("venue.name", most=rules.LONGEST_NAME)
    with transaction() as session:
        _require_planner(actor)
        venue = lock(Venue, venue_id)
        if (venue.name, venue.address, venue.region_id) == (clean, at, region_id):
            return venue
        if venue.revision != expected_revision:
            raise Conflict("venue.changed_meanwhile", yours=expected_revision, theirs=venue.revision)
        if region_id is not None:
            one(Region, region_id)
        before = {"name": venue.name, "address": venue.address, "region": venue.region_id}
        with refused_in_words(session, actor=actor, name=clean):
            venue.name, venue.address, venue.region_id = clean, at, region_id
            venue.revision += 1
            session.flush()
        rooms = select(Room.id).where(Room.venue_id == venue.id)
        raise_revisions(session, Occurrence, Occurrence.room_id.in_(rooms), now=now)
        audit.record(
            f"venue:{venue.id}", "venue.changed", actor=actor, now=now, before=before,
            after={"name": clean, "address": at, "region": region_id},
        )  # fmt: skip
    return venue


def add_room(venue_id: int, name: str, *, seats: int | None = None, actor: Actor, now: datetime) -> Room:
    """Locks the venue. Raises: RuleBroken("room.name_taken" | "room.name" | "room.seats")."""
    clean = one_line(name)
    if not 1 <= len(clean) <= rules.LONGEST_NAME:
        raise RuleBroken("room.name", most=rules.LONGEST_NAME)
    if seats is not None and not 1 <= seats <= rules.MOST_PLACES:
        raise RuleBroken("room.seats", least=1, most=rules.MOST_PLACES)
    with transaction() as session:
        _require_planner(actor)
        venue = lock(Venue, venue_id)
        room = Room(venue_id=venue.id, name=clean, seats=seats)
        with refused_in_words(session, actor=actor, name=clean):
            session.add(room)
        audit.record(f"venue:{venue.id}", "room.added", actor=actor, now=now, room=room.id, name=clean, seats=seats)
    return room
