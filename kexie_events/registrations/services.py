"""Registering, withdrawing, changing the number of places. Whatever changes a seat holds the occurrence's row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..accounts import services as accounts
from ..accounts.models import Person
from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor
from ..core.db import db, lock, one, transaction
from ..core.errors import Busy, NotFound, RuleBroken
from ..events.models import Occurrence
from ..events.patterns.rules import Own
from ..events.queries.places import place_of
from ..events.rules import Status, check_capacity
from ..events.services import say_own
from . import codes, letters, queries, rules
from .allocation import allocate
from .letters import ABOUT_SEAT, LetterKind, Recipient
from .models import Registration
from .rules import Applicant, RegistrationState


def register(
    occurrence_id: int,
    *,
    name: str,
    phone: str = "",
    email: str = "",
    answers: dict[str, Any] | None = None,
    submit_key: str,
    actor: Actor,
    arrived_at: datetime,
) -> Registration:
    """Give a person a seat, or the next place in the queue; the same key and answers again give the same one.

    Locks the occurrence, in one statement. ``arrived_at`` is what the opening and the deadline are compared with.
    Raises: NotFound; RuleBroken("registration.not_open" | "closed" | "cancelled" | "none" | "draft" | "duplicate" |
    "key_reused") and what ``rules.applicant`` raises.
    """
    who = rules.applicant(name, phone=phone, email=email)
    given = {"phone": who.phone, "email": who.email, **(answers or {})}
    digest = rules.digest(who, given)
    try:
        with transaction() as session:
            occurrence = queries.visible_occurrence(occurrence_id, actor)
            person_id = _person(who, actor=actor, now=arrived_at)
            row = allocate(
                session, occurrence_id, person_id=person_id, account_id=actor.account_id, submit_key=submit_key,
                submit_digest=digest, answers=given, arrived_at=arrived_at,
            )  # fmt: skip
            if row is None:
                return _settled(occurrence_id, person_id, submit_key, digest, now=arrived_at)
            if row.told_revision != occurrence.revision:  # moved while we waited for its lock: say the new time
                occurrence = queries.named_occurrence(occurrence_id)
            kind = LetterKind.REGISTERED if row.state is RegistrationState.CONFIRMED else LetterKind.WAITING
            letters.owe(kind, occurrence, [_recipient(row, who.name)], now=arrived_at)
            return row
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        # The same key, or the same person, came through at the same instant and was first.
        with transaction():
            person_id = _person(who, actor=actor, now=arrived_at)
            return _settled(occurrence_id, person_id, submit_key, digest, now=arrived_at)


def _person(who: Applicant, *, actor: Actor, now: datetime) -> int:
    """Signed in and under their own name they register themselves; anybody else is found, or added, by contact."""
    if actor.person_id is None or who.name != actor.name:
        return accounts.find_or_add_person(who.name, phone=who.phone, email=who.email, now=now)
    # What is not known of them yet is kept; what is known is never overwritten by a form.
    news = or_((Person.phone == "") & (literal(who.phone) != ""), (Person.email == "") & (literal(who.email) != ""))
    db.session.execute(
        update(Person)
        .where(Person.id == actor.person_id, news)
        .values(
            phone=func.coalesce(func.nullif(Person.phone, ""), who.phone),
            email=func.coalesce(func.nullif(Person.email, ""), who.email),
        )
    )
    return actor.person_id


def _settled(occurrence_id: int, person_id: int, submit_key: str, digest: str, *, now: datetime) -> Registration:
    """The registration that this very form made before. Raises: why there was none to be had."""
    before = queries.by_key(occurrence_id, submit_key)
    if before is not None:
        if before.submit_digest != digest:
            raise RuleBroken("registration.key_reused")
        return before
    refused = rules.refusal(queries.named_occurrence(occurrence_id), now)
    if refused is not None:
        raise refused
    if queries.of_person(occurrence_id, person_id) is not None:
        raise RuleBroken("registration.duplicate")
    raise Busy()  # what stood in the way is gone since: the same form, sent again, gets through


def withdraw(registration_id: int, *, actor: Actor, code: str | None = None, now: datetime) -> Registration:
    """Give the seat, or the place in the queue, back; twice is harmless. Locks the occurrence.

    ``code``: the secret of the link, for a registration that was made without an account.
    Raises: NotFound for anybody else's; RuleBroken("registration.over").
    """
    with transaction():
        row = one(Registration, registration_id)
        if not rules.holds(row, actor, codes.id_of(code) if code else None):
            raise NotFound()
        return _withdraw(row, now=now)


def withdraw_by_organizer(registration_id: int, *, reason: str, actor: Actor, now: datetime) -> Registration:
    """Take somebody's registration back, for a reason that they are told. Locks the occurrence.

    Raises: NotFound, Forbidden; RuleBroken("registration.reason" | "registration.over").
    """
    words = rules.reason(reason)
    with transaction():
        row = one(Registration, registration_id)
        _check_may_manage(queries.named_occurrence(row.occurrence_id), actor)
        was = row.state
        row = _withdraw(row, now=now, reason=words)
        if was is not RegistrationState.WITHDRAWN:
            audit.record(
                f"occurrence:{row.occurrence_id}", "registration.withdrawn_by_organizer", actor=actor, now=now,
                registration_id=row.id, line=row.line, reason=words,
            )  # fmt: skip
    return row


def set_capacity(occurrence_id: int, capacity: int | None, *, actor: Actor, now: datetime) -> int:
    """Change the number of places (None: no limit) and give the new ones to those who wait; how many got one.

    Locks the occurrence. Raises: NotFound, Forbidden; RuleBroken("event.capacity" | "event.capacity_below_taken").
    """
    with transaction():
        occurrence = lock(Occurrence, occurrence_id)
        _check_may_manage(occurrence, actor)
        check_capacity(capacity, occurrence.taken)
        if capacity == occurrence.capacity:
            return 0
        before, occurrence.capacity = occurrence.capacity, capacity
        say_own(occurrence, Own.SEATS)
        occurrence.touch(now)
        promoted = _promote(occurrence, now=now)
        audit.record(
            f"occurrence:{occurrence_id}", "occurrence.capacity_changed", actor=actor, now=now,
            before=before, after=capacity, promoted=promoted,
        )  # fmt: skip
    return promoted


def seats_added(occurrence_ids: Sequence[int], now: datetime) -> int:
    """Give places that a change of the series' rule has made to those who wait; how many got one.

    Locks the occurrences, lower id first. Whoever changed the rule was allowed to.
    """
    with transaction():
        return sum(_promote(lock(Occurrence, id), now=now) for id in sorted(occurrence_ids))


def record_export(occurrence_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Write down who takes the list with whole phone numbers away, and what for.

    Raises: NotFound, Forbidden; RuleBroken("registration.reason").
    """
    words = rules.reason(reason)
    with transaction():
        _check_may_manage(one(Occurrence, occurrence_id), actor)
        audit.record(f"occurrence:{occurrence_id}", "registrations.exported", actor=actor, now=now, reason=words)


def _check_may_manage(occurrence: Occurrence, actor: Actor) -> None:
    """Who may not even see the list learns nothing. Raises: NotFound, Forbidden."""
    place = place_of(occurrence)
    if not access.allows(actor, Action.SEE_REGISTRATIONS, place):
        raise NotFound()
    access.require(actor, Action.MANAGE_REGISTRATIONS, place)


def _withdraw(row: Registration, *, now: datetime, reason: str = "") -> Registration:
    occurrence = lock(Occurrence, row.occurrence_id)
    row = lock(Registration, row.id)  # again, under the lock: somebody may have been faster
    if row.state is RegistrationState.WITHDRAWN:
        return row
    rules.check_not_over(occurrence.ends_at, now)
    had_seat = row.state is RegistrationState.CONFIRMED
    _set_state(row, RegistrationState.WITHDRAWN, now)
    letters.take_back(ABOUT_SEAT, occurrence.id, people=[row.person_id], now=now)
    person = one(Person, row.person_id)
    to = _recipient(row, person.name)
    # Who shares an address shares a calendar: it keeps the occurrence as long as one of them has a seat in it.
    sharing = queries.people_at(occurrence.id, to.address or person.email, RegistrationState.CONFIRMED)
    to = replace(to, in_calendar=had_seat and db.session.scalar(sharing.limit(1)) is None)
    letters.owe(LetterKind.WITHDRAWN, queries.named_occurrence(occurrence.id), [to], now=now, reason=reason)
    if had_seat:
        occurrence.taken -= 1
        _promote(occurrence, now=now)
    return row


def _promote(occurrence: Occurrence, *, now: datetime) -> int:
    """Give the free seats to those who wait, in the order of their arrival; the caller holds the occurrence's row."""
    waiting = (
        select(Registration, Person.name)
        .join(Registration.person)
        .where(Registration.occurrence_id == occurrence.id, Registration.state == RegistrationState.WAITING)
    )
    count = db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    free = rules.to_promote(occurrence.capacity, occurrence.taken, count)
    if not free:
        return 0
    next_ones = [
        (row, name)
        for row, name in db.session.execute(
            waiting.order_by(Registration.line).limit(free).execution_options(populate_existing=True)
        )
    ]
    for row, _ in next_ones:
        _set_state(row, RegistrationState.CONFIRMED, now)
    occurrence.taken += len(next_ones)
    db.session.flush()
    if occurrence.status is Status.SCHEDULED:  # a seat in something cancelled is no good news
        people = [row.person_id for row, _ in next_ones]
        letters.take_back({LetterKind.WAITING}, occurrence.id, people=people, now=now)
        to = [_recipient(row, name) for row, name in next_ones]
        letters.owe(LetterKind.PROMOTED, queries.named_occurrence(occurrence.id), to, now=now)
    return len(next_ones)


def _set_state(row: Registration, state: RegistrationState, now: datetime) -> None:
    row.state, row.changed_at = state, now
    row.revision += 1


def _recipient(row: Registration, name: str) -> Recipient:
    return Recipient(
        row.id, row.person_id, name, str(row.answers.get("email", "")), queries.position(row),
        in_calendar=row.state is RegistrationState.CONFIRMED,
    )  # fmt: skip
