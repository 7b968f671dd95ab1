"""Venues and rooms to choose from, and when a room is taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from ....core.db import db, one
from ....core.errors import NotFound
from ....units.models import Region
from ...models import Occurrence, Room, Venue
from ...patterns.recurrence import Slot
from ...rules import Publication, Status


def venue_rows() -> Select[Any]:
    """(Venue, name of its region), in order of names."""
    query = select(Venue, Region.name).outerjoin(Region, Region.id == Venue.region_id)
    return cast(Select[Any], query.order_by(Venue.name, Venue.id))


def rooms_of(venue_ids: Sequence[int]) -> dict[int, list[Room]]:
    """The rooms of some venues, in order of names."""
    found: dict[int, list[Room]] = {}
    for room in db.session.scalars(select(Room).where(Room.venue_id.in_(venue_ids)).order_by(Room.name, Room.id)):
        found.setdefault(room.venue_id, []).append(room)
    return found


def venue(venue_id: int) -> Venue:
    """As it is now; venues belong to no unit. Raises: NotFound."""
    row = db.session.get(Venue, venue_id, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def region_name(region_id: int) -> str:
    return one(Region, region_id).name


def venues() -> Sequence[Venue]:
    return db.session.scalars(select(Venue).order_by(Venue.name, Venue.id)).all()


def rooms() -> Sequence[Room]:
    """All rooms with their venues, in order of names."""
    query = select(Room).join(Venue, Venue.id == Room.venue_id).options(contains_eager(Room.venue))
    return db.session.scalars(query.order_by(Venue.name, Room.name, Room.id)).all()


def taken_slots(room_id: int, slots: Sequence[Slot]) -> set[datetime]:
    """The starts of those slots at which the room has something else. One query; the constraint decides later."""
    held = db.session.execute(
        select(Occurrence.starts_at, Occurrence.ends_at).where(
            Occurrence.room_id == room_id,
            Occurrence.status == Status.SCHEDULED,
            Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.starts_at < max(slot.ends_at for slot in slots),
            Occurrence.ends_at > min(slot.starts_at for slot in slots),
        )
    ).all()
    return {
        slot.starts_at
        for slot in slots
        if any(row.starts_at < slot.ends_at and row.ends_at > slot.starts_at for row in held)
    }


def taken_by_others(edition_id: int, wanted: Mapping[str, tuple[int, datetime, datetime]]) -> set[str]:
    """Of rooms wanted from–until, by key, those that another edition has. One query; the constraint decides later."""
    if not wanted:
        return set()
    held = db.session.execute(
        select(Occurrence.room_id, Occurrence.starts_at, Occurrence.ends_at).where(
            Occurrence.room_id.in_({room_id for room_id, _starts_at, _ends_at in wanted.values()}),
            Occurrence.edition_id != edition_id,
            Occurrence.status == Status.SCHEDULED,
            Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.starts_at < max(ends_at for _room_id, _starts_at, ends_at in wanted.values()),
            Occurrence.ends_at > min(starts_at for _room_id, starts_at, _ends_at in wanted.values()),
        )
    ).all()
    return {
        key
        for key, (room_id, starts_at, ends_at) in wanted.items()
        if any(row.room_id == room_id and row.starts_at < ends_at and row.ends_at > starts_at for row in held)
    }
