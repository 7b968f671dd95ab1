"""Reading registrations: of an occurrence, of a person, of a secret link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Row, ScalarSelect, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from ..accounts import rules as people
from ..accounts.models import Person
from ..core.access import Action, Actor, Granted, allows, visible
from ..core.db import db
from ..core.errors import NotFound
from ..events.models import Occurrence, Room
from ..events.queries.places import place_of
from .models import Registration
from .rules import RegistrationState

NAMED = (
    joinedload(Occurrence.series),
    joinedload(Occurrence.edition),
    joinedload(Occurrence.room).joinedload(Room.venue),
)
_WHOLE = (
    joinedload(Registration.person),
    joinedload(Registration.occurrence).options(*NAMED),
)
MOST_SHOWN = 200  # of one person


def visible_occurrence(occurrence_id: int, actor: Actor) -> Occurrence:
    """With the names of its series, edition and place. Raises: NotFound, also for what the actor may not know of."""
    found = db.session.scalar(_visible_occurrence(actor.grants), {"id": occurrence_id})
    if found is None:
        raise NotFound()
    return found


@lru_cache(maxsize=64)  # it depends on the grants alone, and building it takes longer than running it
def _visible_occurrence(grants: tuple[Granted, ...]) -> Select[Occurrence]:
    seen = visible(Occurrence, Actor(grants=grants))
    return select(Occurrence).where(Occurrence.id == bindparam("id", type_=Integer()), seen).options(*NAMED)


def named_occurrence(occurrence_id: int) -> Occurrence:
    """As it stands now, with its names; for rows that the caller holds or may see."""
    return db.session.scalars(
        select(Occurrence)
        .where(Occurrence.id == occurrence_id)
        .options(*NAMED)
        .execution_options(populate_existing=True)
    ).one()


def managed_occurrence(occurrence_id: int, actor: Actor, action: Action) -> Occurrence:
    """An occurrence whose registrations the actor may see or manage. Raises: NotFound."""
    found = visible_occurrence(occurrence_id, actor)
    if not allows(actor, action, place_of(found)):
        raise NotFound()
    return found


def whole_registration(registration_id: int) -> Registration:
    """With its person and its occurrence. Raises: NotFound."""
    found = db.session.scalar(select(Registration).where(Registration.id == registration_id).options(*_WHOLE))
    if found is None:
        raise NotFound()
    return found


def may_see(registration: Registration, actor: Actor) -> bool:
    query = select(Registration.id).where(Registration.id == registration.id, visible(Registration, actor))
    return db.session.scalar(query) is not None


def by_key(occurrence_id: int, submit_key: str) -> Registration | None:
    return db.session.scalar(
        select(Registration).where(Registration.occurrence_id == occurrence_id, Registration.submit_key == submit_key)
    )


def of_person(occurrence_id: int, person_id: int) -> Registration | None:
    """The person's registration that is in force."""
    return db.session.scalar(
        select(Registration).where(
            Registration.occurrence_id == occurrence_id,
            Registration.person_id == person_id,
            Registration.state != RegistrationState.WITHDRAWN,
        )
    )


def people_at(occurrence_id: int, address: str, state: RegistrationState | None = None) -> Select[int]:
    """Ids of persons who registered for an occurrence and whose letters about it go to this address: parents register
    two children with their own. None of "", which is no address.
    """
    theirs = func.lower(func.trim(_answered("email", Person.email)))
    query = (
        select(Registration.person_id)
        .join(Registration.person)
        .where(Registration.occurrence_id == occurrence_id, theirs == address.strip().lower(), theirs != "")
    )
    return query if state is None else query.where(Registration.state == state)


def own_and_waiting(occurrence_id: int, actor: Actor) -> tuple[int | None, int]:
    """The id of the actor's own registration in force, not one that they filed for somebody else; and how many wait."""
    own = (
        select(Registration.id)
        .where(
            Registration.occurrence_id == occurrence_id,
            Registration.person_id == actor.person_id,
            Registration.state != RegistrationState.WITHDRAWN,
        )
        .scalar_subquery()
    )
    id, waiting = db.session.execute(select(own, _waiting(occurrence_id).scalar_subquery())).one()
    return id, waiting


def waiting_count(occurrence_id: int) -> int:
    """How many wait: a public figure."""
    return db.session.scalar(_waiting(occurrence_id)) or 0


def people_to_tell(occurrence_ids: Sequence[int]) -> dict[int, int]:
    """How many hold a seat or wait for one, by occurrence: who is written to when it moves. One query.

    For whoever may plan the occurrences; numbers only.
    """
    query = (
        select(Registration.occurrence_id, func.count())
        .where(
            Registration.occurrence_id.in_(occurrence_ids),
            Registration.state.in_((RegistrationState.CONFIRMED, RegistrationState.WAITING)),
        )
        .group_by(Registration.occurrence_id)
    )
    return {id: count for id, count in db.session.execute(query)}


def _waiting(occurrence_id: int) -> Select[int]:
    return select(func.count()).where(
        Registration.occurrence_id == occurrence_id, Registration.state == RegistrationState.WAITING
    )


def position(registration: Registration) -> int:
    """The place in the queue, from 1; 0 for who does not wait."""
    if registration.state is not RegistrationState.WAITING:
        return 0
    query = select(func.count()).where(
        Registration.occurrence_id == registration.occurrence_id,
        Registration.state == RegistrationState.WAITING,
        Registration.line <= registration.line,
    )
    return db.session.scalar(query) or 0


def _position_column() -> ScalarSelect[int]:
    ahead = aliased(Registration)
    return (
        select(func.count())
        .where(
            ahead.occurrence_id == Registration.occurrence_id,
            ahead.state == RegistrationState.WAITING,
            ahead.line <= Registration.line,
            Registration.state == RegistrationState.WAITING,
        )
        .correlate(Registration)
        .scalar_subquery()
    )


def of_actor(actor: Actor) -> list[tuple[Registration, int]]:
    """What the signed-in person registered or was registered for, with places in the queue; the soonest first."""
    if actor.account_id is None:
        return []
    query = (
        select(Registration, _position_column())
        .join(Registration.occurrence)
        .where(or_(Registration.account_id == actor.account_id, Registration.person_id == actor.person_id))
        .options(*_WHOLE)
        .order_by(Occurrence.starts_at.desc(), Registration.id.desc())
        .limit(MOST_SHOWN)
    )
    rows = [(registration, ahead) for registration, ahead in db.session.execute(query)]
    return rows[::-1]


# ---- for organisers; the caller asked ``managed_occurrence`` first, and still every list passes ``visible``


def of_occurrence(occurrence_id: int, actor: Actor, *, state: RegistrationState | None = None, words: str = "") -> Any:
    """(registration, place in the queue) in the order of arrival, as a query for ``web.page``.

    ``words`` finds a part of a name, a whole number of the ticket's line, or a whole phone or address: parts of what
    the list masks are not searched, because counting hits would unmask it.
    """
    query = (
        select(Registration, _position_column())
        .join(Registration.person)
        .where(Registration.occurrence_id == occurrence_id, visible(Registration, actor))
        .options(joinedload(Registration.person))
        .order_by(Registration.line)
    )
    if state is not None:
        query = query.where(Registration.state == state)
    return query.where(_matches(words)) if words else query


def _matches(words: str) -> Any:
    whole = people.identifier(words)
    ways = [
        Person.name.contains(words, autoescape=True),
        Person.phone == whole,
        Person.email == whole,
        Registration.answers["phone"].astext == whole,
        Registration.answers["email"].astext == whole,
    ]
    line = whole.rpartition("-")[2]
    if line.isascii() and line.isdigit() and len(line) <= 7:
        ways.append(Registration.line == int(line))
    return or_(*ways)


def counts(occurrence_id: int, actor: Actor) -> dict[RegistrationState, int]:
    """How many one may see of every state, zeros included."""
    rows = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.occurrence_id == occurrence_id, visible(Registration, actor))
        .group_by(Registration.state)
    )
    found = {state: count for state, count in rows}
    return {state: found.get(state, 0) for state in RegistrationState}


def by_state() -> dict[RegistrationState, int]:
    """How many there are of every state in the whole installation, zeros included: for the figures."""
    found = {
        state: count
        for state, count in db.session.execute(select(Registration.state, func.count()).group_by(Registration.state))
    }
    return {state: found.get(state, 0) for state in RegistrationState}


def export_rows(occurrence_id: int, actor: Actor) -> Iterator[Row[int, str, str, str, RegistrationState, datetime]]:
    """(line, name, phone, email, state, created_at) in the order of arrival; a thousand in memory at a time."""
    return iter(
        db.session.execute(
            select(
                Registration.line,
                Person.name,
                _answered("phone", Person.phone),
                _answered("email", Person.email),
                Registration.state,
                Registration.created_at,
            )
            .join(Registration.person)
            .where(Registration.occurrence_id == occurrence_id, visible(Registration, actor))
            .order_by(Registration.line)
            .execution_options(yield_per=1000)
        )
    )


def _answered(key: str, otherwise: Any) -> Any:
    """What was written on this form counts before what was known of the person."""
    return func.coalesce(func.nullif(Registration.answers[key].astext, ""), otherwise)


@dataclass(frozen=True)
class BrokenCounter:
    """An occurrence whose count of seats is not the number of those who have one."""

    occurrence_id: int
    taken: int
    confirmed: int


def broken_counters() -> list[BrokenCounter]:
    """What must never be: for ``flask check``. It alarms, it repairs nothing."""
    held = (
        select(
            Registration.occurrence_id,
            func.sum(case((Registration.state == RegistrationState.CONFIRMED, 1), else_=0)).label("confirmed"),
        )
        .group_by(Registration.occurrence_id)
        .subquery()
    )
    confirmed = func.coalesce(held.c.confirmed, 0)
    rows = db.session.execute(
        select(Occurrence.id, Occurrence.taken, confirmed)
        .outerjoin(held, held.c.occurrence_id == Occurrence.id)
        .where(Occurrence.taken != confirmed)
        .order_by(Occurrence.id)
    )
    return [BrokenCounter(*row) for row in rows]
