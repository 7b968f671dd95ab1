"""What every change of an agenda stands on: who may, and what the database refuses, in words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from ...core import access
from ...core.access import Action, Actor, visible
from ...core.db import constraint_of, db, one
from ...core.errors import RuleBroken
from ...events.models import Edition, Occurrence
from ...events.queries.places import place_of
from ...events.services.clashes import ROOMS, clash_of, room_taken
from ..models import AgendaSession, PersonBooking, Proposal, Speaker, Talk
from ..rules import PersonWords

PEOPLE = "ex_person_booking"
Made = TypeVar("Made", AgendaSession, Talk, Proposal)


def require_forum(actor: Actor, occurrence: Occurrence) -> None:
    """Whoever plans the sub-forum, or the edition that it belongs to. Raises: Forbidden."""
    if not access.allows(actor, Action.PLAN, place_of(occurrence)):
        access.require(actor, Action.PLAN, place_of(one(Edition, occurrence.edition_id)))


def sent_before(session: Session, model: type[Made], key: UUID | None, asked: Callable[[Made], bool]) -> Made | None:
    """What this very form has made already, when it ``asked`` for just that; None for a form that is new.

    Raises: RuleBroken("agenda.key_reused") when it comes again and asks for something else: that is not lost unseen.
    """
    row = session.scalar(select(model).where(model.key == str(key))) if key is not None else None
    if row is not None and not asked(row):
        raise RuleBroken("agenda.key_reused")
    return row


@contextmanager
def booked(session: Session, *, actor: Actor) -> Iterator[None]:
    """Change what takes place when and where. Rooms and people are compared once, when all is written.

    Raises: RuleBroken("event.room_taken…" | "agenda.person_taken…"); the transaction is still usable then.
    """
    try:
        with session.begin_nested():
            session.execute(text(f"SET CONSTRAINTS {ROOMS}, {PEOPLE} DEFERRED"))
            yield
            session.flush()
            session.execute(text(f"SET CONSTRAINTS {ROOMS}, {PEOPLE} IMMEDIATE"))
    except IntegrityError as error:
        if constraint_of(error) == ROOMS:
            raise room_taken(error, actor) from error
        if constraint_of(error) == PEOPLE:
            raise _person_taken(error, actor) from error
        raise


def _person_taken(error: IntegrityError, actor: Actor) -> RuleBroken:
    """Who is where; without the name and the hours of a sub-forum that this actor may not see."""
    clash = clash_of(error)
    if clash is None:
        return RuleBroken("agenda.person_taken_somewhere")
    speaker = one(Speaker, clash.id)
    found = _holder(clash.id, clash.theirs, actor)
    if found is None or not found[1]:
        return RuleBroken(
            "agenda.person_taken_unnamed", speaker=speaker.name, starts_at=clash.starts_at, ends_at=clash.ends_at
        )
    starts_at, ends_at = clash.theirs
    return RuleBroken(
        "agenda.person_taken", speaker=speaker.name, by=found[0].whole_name, starts_at=starts_at, ends_at=ends_at
    )


def _holder(speaker_id: int, hours: tuple[datetime, datetime], actor: Actor) -> tuple[Occurrence, bool] | None:
    row = db.session.execute(
        select(Occurrence, visible(Occurrence, actor))
        .join(PersonBooking, PersonBooking.occurrence_id == Occurrence.id)
        .where(
            PersonBooking.speaker_id == speaker_id,
            PersonBooking.starts_at == hours[0],
            PersonBooking.ends_at == hours[1],
        )
        .options(joinedload(Occurrence.edition), joinedload(Occurrence.series))
        .order_by(PersonBooking.layer)
        .limit(1)
    ).first()
    return (row[0], bool(row[1])) if row else None


def speaker_ids(session: Session, occurrence: Occurrence, people: Sequence[PersonWords]) -> list[int]:
    """The speakers of the edition with these names and units, entered where they are new; in order.

    Two who enter the same person at once get the same row: the unique constraint decides.
    """
    if not people:
        return []
    rows = [
        {
            "edition_id": occurrence.edition_id, "unit_id": occurrence.unit_id, "name": each.name,
            "organization": each.organization, "post": each.post, "words": each.words,
        }
        for each in people
    ]  # fmt: skip
    session.execute(
        insert(Speaker).values(rows).on_conflict_do_nothing(index_elements=["edition_id", "name", "organization"])
    )
    names = {each.name for each in people}
    found = session.execute(
        select(Speaker.name, Speaker.organization, Speaker.id).where(
            Speaker.edition_id == occurrence.edition_id, Speaker.name.in_(names)
        )
    )
    ids = {(name, organization): id for name, organization, id in found}
    return [ids[each.name, each.organization] for each in people]
