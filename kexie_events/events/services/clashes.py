"""What the database's constraints refuse, in words: a room taken, a number or name used twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ...core.access import Actor, visible
from ...core.db import constraint_of, db, refused
from ...core.errors import RuleBroken
from ..models import Occurrence, Room
from ..rules import Publication, Status
from ..wording import place_words

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
        if constraint_of(error) == "ex_occurrence_room":
            raise _room_taken(rooms, actor) from error
        raise


def _room_taken(rooms: Sequence[Wanted], actor: Actor) -> RuleBroken:
    """Who has the room; without the name and the hours of what this actor may not see."""
    for wanted in rooms:
        if holder := _holder(wanted, actor):
            occurrence, room, seen = holder
            where = place_words(room.venue.name, room.name, "")
            if not seen:
                break
            return RuleBroken(
                "event.room_taken",
                room=where,
                by=occurrence.whole_name,
                starts_at=occurrence.starts_at,
                ends_at=occurrence.ends_at,
            )
    else:  # it was given back in this very moment; the same request, sent again, will tell
        wanted = next(wanted for wanted in rooms if wanted.room_id is not None)
        where = _room_name(wanted.room_id)
    return RuleBroken("event.room_taken_unnamed", room=where, starts_at=wanted.starts_at, ends_at=wanted.ends_at)


def _holder(wanted: Wanted, actor: Actor) -> tuple[Occurrence, Room, bool] | None:
    row = db.session.execute(
        select(Occurrence, Room, visible(Occurrence, actor))
        .join(Room, Room.id == Occurrence.room_id)
        .where(
            Occurrence.room_id == wanted.room_id,
            Occurrence.status == Status.SCHEDULED,
            Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.starts_at < wanted.ends_at,
            Occurrence.ends_at > wanted.starts_at,
        )
        .options(joinedload(Occurrence.edition), joinedload(Occurrence.series), joinedload(Room.venue))
        .order_by(Occurrence.starts_at)
        .limit(1)
    ).first()
    return (row[0], row[1], bool(row[2])) if row else None


def _room_name(room_id: int | None) -> str:
    room = db.session.scalars(select(Room).where(Room.id == room_id).options(joinedload(Room.venue))).one()
    return place_words(room.venue.name, room.name, "")
