"""What the database's constraints refuse, in words: a room taken, a number or name used twice."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg import Error as PostgresError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager, joinedload

from ...core.access import Actor, visible
from ...core.db import constraint_of, db, refused
from ...core.errors import RuleBroken
from ..models import Occurrence, Room, RoomBooking
from ..wording import place_words

ROOMS = "ex_room_booking"  # the constraint on the hours of rooms
# The constraint that refuses → the code that says so.
_TAKEN = {
    "uq_edition_number": "edition.number_taken",
    "uq_edition_ordinal": "edition.number_taken",
    "uq_series_slug": "series.slug_taken",
    "uq_milestone_edition_id_code": "milestone.code_taken",
    "uq_venue_name": "venue.name_taken",
    "uq_room_venue_id_name": "room.name_taken",
    "uq_occurrence_uid": "event.added_already",
}


@dataclass(frozen=True)
class Wanted:
    """A room for a time. ``room_id`` None asks for nothing."""

    room_id: int | None
    starts_at: datetime
    ends_at: datetime


@contextmanager
def refused_in_words(
    session: Session, *, actor: Actor, rooms: Sequence[Wanted] = (), **named: object
) -> Iterator[None]:
    """Write inside; ``named`` are the values that the sentence of a refusal mentions.

    After a refusal the transaction is still usable, so that we can ask who has the room.
    """
    try:
        with refused(session, _TAKEN, **named):
            yield
    except IntegrityError as error:
        if constraint_of(error) == ROOMS:
            raise room_taken(error, actor, rooms) from error
        raise


def room_taken(error: IntegrityError, actor: Actor, rooms: Sequence[Wanted] = ()) -> RuleBroken:
    """What ``ex_room_booking`` refused: who has the room; without name and hours of what this actor may not see.

    The database says which room and which hours it refused; ``rooms`` are what was asked for, should it not.
    """
    said = clash_of(error)
    wanted = Wanted(said.id, said.starts_at, said.ends_at) if said else next(row for row in rooms if row.room_id)
    where = _room_name(wanted.room_id)
    holder = _holder(wanted, said.theirs if said else None, actor)
    if holder is None or not holder[1]:  # given back in this very moment; the same request, sent again, will tell
        return RuleBroken("event.room_taken_unnamed", room=where, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
    booking = holder[0]
    return RuleBroken(
        "event.room_taken", room=where, by=booking.occurrence.whole_name, starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )  # fmt: skip


@dataclass(frozen=True)
class Clash:
    """What an exclusion constraint over (id, layer, time) refused, as PostgreSQL tells it."""

    id: int
    starts_at: datetime
    ends_at: datetime
    theirs: tuple[datetime, datetime]  # the hours that are already there


_ID = re.compile(r"=\(\[(\d+),")
_HOURS = re.compile(r'\["([^"]+)","([^"]+)"\)')


def clash_of(error: IntegrityError) -> Clash | None:
    """Read off the detail of the refusal; None when this server says it in another form."""
    detail = (error.orig.diag.message_detail or "") if isinstance(error.orig, PostgresError) else ""
    found, hours = _ID.search(detail), _HOURS.findall(detail)
    if found is None or len(hours) != 2:
        return None
    (starts, ends), theirs = ([datetime.fromisoformat(text) for text in pair] for pair in hours)
    return Clash(int(found[1]), starts, ends, (theirs[0], theirs[1]))


def _holder(wanted: Wanted, theirs: tuple[datetime, datetime] | None, actor: Actor) -> tuple[RoomBooking, bool] | None:
    query = (
        select(RoomBooking, visible(Occurrence, actor))
        .join(Occurrence, Occurrence.id == RoomBooking.occurrence_id)
        .where(
            RoomBooking.room_id == wanted.room_id,
            RoomBooking.starts_at < wanted.ends_at,
            RoomBooking.ends_at > wanted.starts_at,
        )
        .options(
            contains_eager(RoomBooking.occurrence).joinedload(Occurrence.edition),
            contains_eager(RoomBooking.occurrence).joinedload(Occurrence.series),
        )
        .order_by(RoomBooking.layer, RoomBooking.starts_at)
        .limit(1)
    )
    if theirs is not None:
        query = query.where(RoomBooking.starts_at == theirs[0], RoomBooking.ends_at == theirs[1])
    row = db.session.execute(query).first()
    return (row[0], bool(row[1])) if row else None


def _room_name(room_id: int | None) -> str:
    room = db.session.scalars(select(Room).where(Room.id == room_id).options(joinedload(Room.venue))).one()
    return place_words(room.venue.name, room.name, "")
