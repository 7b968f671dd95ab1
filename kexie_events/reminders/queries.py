"""Reads: which occurrences somebody has to be told about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from ..accounts.models import Person
from ..core.db import db
from ..events.models import Occurrence
from ..events.rules import Publication, Status
from ..messages.models import Message
from ..messages.rules import MessageState
from ..registrations.letters import TELLS_WHEN, LetterKind, Recipient, about
from ..registrations.models import Registration
from ..registrations.rules import RegistrationState
from . import rules

_IN_FORCE = (RegistrationState.CONFIRMED, RegistrationState.WAITING)
_ADDRESS = func.coalesce(Registration.answers["email"].astext, "")  # the one that was given when registering


def untold_occurrences() -> Sequence[int]:
    """Ids of occurrences that were moved or cancelled and that somebody who registered does not know of yet."""
    return db.session.scalars(
        select(Occurrence.id).where(Occurrence.moved_revision > 0, exists().where(*_untold())).order_by(Occurrence.id)
    ).all()


def _untold() -> tuple[ColumnElement[bool], ...]:
    return (
        Registration.occurrence_id == Occurrence.id,
        Registration.told_revision < Occurrence.moved_revision,
        Registration.state.in_(_IN_FORCE),
    )


def untold_registrations(occurrence: Occurrence) -> list[Recipient]:
    """Those who do not know of its last move; their rows are held."""
    rows = db.session.execute(
        select(Registration.id, Registration.person_id, Person.name, _ADDRESS.label("address"), Registration.state)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.occurrence_id == occurrence.id,
            Registration.told_revision < occurrence.moved_revision,
            Registration.state.in_(_IN_FORCE),
        )
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    )
    return [
        Recipient(row.id, row.person_id, row.name, row.address, in_calendar=row.state is RegistrationState.CONFIRMED)
        for row in rows
    ]


def is_outdated(message: Message, occurrence_id: int) -> bool:
    """Whether its reader is still to be told of a newer move or cancellation, or it reminds of what is not held."""
    untold = exists().where(Occurrence.id == occurrence_id, Registration.person_id == message.person_id, *_untold())
    not_held = exists().where(
        Occurrence.id == occurrence_id,
        or_(Occurrence.status != Status.SCHEDULED, Occurrence.publication != Publication.PUBLISHED),
    )
    wrong = or_(untold, not_held) if message.kind == "reminder" else untold
    return bool(db.session.scalar(select(wrong)))


def occurrences_to_remind_of(now: datetime) -> Sequence[tuple[int, datetime]]:
    """Id and start of what begins within a day and has somebody to be reminded, whatever the hour is."""
    rows = db.session.execute(
        select(Occurrence.id, Occurrence.starts_at)
        .where(
            Occurrence.starts_at > now,
            Occurrence.starts_at <= now + rules.AHEAD,
            Occurrence.status == Status.SCHEDULED,
            Occurrence.publication == Publication.PUBLISHED,
            exists().where(
                Registration.occurrence_id == Occurrence.id,
                Registration.state == RegistrationState.CONFIRMED,
                ~_reminded(Occurrence.moved_revision),
            ),
        )
        .order_by(Occurrence.id)
    )
    return [(row[0], row[1]) for row in rows]


def registrations_to_remind(occurrence: Occurrence, told_since: datetime) -> list[Recipient]:
    """Those who have a seat and were neither reminded nor written to since."""
    told = aliased(Message)
    rows = db.session.execute(
        select(Registration.id, Registration.person_id, Person.name, _ADDRESS)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.occurrence_id == occurrence.id,
            Registration.state == RegistrationState.CONFIRMED,
            ~_reminded(literal(occurrence.moved_revision)),
            ~exists().where(
                told.person_id == Registration.person_id,
                told.about == about(occurrence.id),
                told.kind.in_([kind.value for kind in TELLS_WHEN]),
                told.state != MessageState.CANCELLED,
                told.created_at >= told_since,
            ),
        )
        .order_by(Registration.id)
    )
    return [Recipient(*row) for row in rows]


def _reminded(moved_revision: SQLColumnExpression[int]) -> ColumnElement[bool]:
    # ``letters.dedupe`` in SQL
    prefix = f"{LetterKind.REMINDER.value}:"
    dedupe = func.concat(prefix, cast(Registration.id, String), ":", cast(moved_revision, String))
    return exists().where(Message.dedupe == dedupe)
