"""Venues and rooms to choose from."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from ....core.db import db, one
from ....core.errors import NotFound
from ....units.models import Region
from ...models import Room, Venue


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
