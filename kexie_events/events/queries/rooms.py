"""Which rooms are taken when: the one answer for every preview. What is written is decided by the constraint."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from ...core.db import db
from ..bookings import HELD
from ..models import Occurrence, RoomBooking

K = TypeVar("K")


def rooms_taken(
    wanted: Mapping[K, tuple[int, datetime, datetime]],
    *,
    but: Collection[int] = (),
    but_edition: int | None = None,
) -> set[K]:
    """The keys of those (room, from, until) at which the room has something else, sessions of a programme included.

    ``but``, ``but_edition``: occurrences, or all of an edition's, that do not count. One query, none for nothing.
    """
    if not wanted:
        return set()
    query = select(RoomBooking.room_id, RoomBooking.starts_at, RoomBooking.ends_at).where(
        RoomBooking.layer == HELD,  # what lies inside an occurrence is held by it, or stands in this layer too
        RoomBooking.room_id.in_({room_id for room_id, _starts_at, _ends_at in wanted.values()}),
        RoomBooking.starts_at < max(ends_at for _room_id, _starts_at, ends_at in wanted.values()),
        RoomBooking.ends_at > min(starts_at for _room_id, starts_at, _ends_at in wanted.values()),
        RoomBooking.occurrence_id.not_in(but),
    )
    if but_edition is not None:
        own = select(Occurrence.id).where(Occurrence.edition_id == but_edition)
        query = query.where(RoomBooking.occurrence_id.not_in(own))
    held = db.session.execute(query).all()
    return {
        key
        for key, (room_id, starts_at, ends_at) in wanted.items()
        if any(row.room_id == room_id and row.starts_at < ends_at and row.ends_at > starts_at for row in held)
    }
