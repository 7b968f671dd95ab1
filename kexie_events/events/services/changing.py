"""Changing what is planned: moving, cancelling, bringing back, correcting words.

``expected_revision`` is the revision that the person had on the screen; another one now means that somebody else
changed it in between, and nothing is overwritten. Of an occurrence that another room keeps, only that room (``keeper``,
its key) changes time, place, words and whether it takes place; anybody else is refused with that room's code.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import db, lock, one, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import one_line
from .. import plans, rules
from ..hosting.services.hosts import follow_dates, lock_hosted
from ..keepers import check_own
from ..models import Edition, Milestone, Occurrence, Room
from ..patterns.models import Pattern
from ..patterns.rules import Own, compared
from ..plans import Sitting
from ..queries.places import require
from ..rules import Publication, Status
from .clashes import Wanted, refused_in_words


def _check_revision(row: Occurrence | Milestone, expected_revision: int) -> None:
    if row.revision != expected_revision:
        raise Conflict("event.changed_meanwhile", yours=expected_revision, theirs=row.revision)


def move(
    occurrence_id: int,
    to: Sitting,
    *,
    reason: str,
    expected_revision: int,
    keeper: str = "",
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Occurrence:
    """Locks the occurrence, and before it an edition that is hosted for a time. Give it another time or place.

    The registration window moves with the start (``rules.shifted_window``) and the move is refused when the window
    no longer fits. A public one needs a reason, cannot be moved into the past, and raises ``moved_revision``, by
    which people are told. Asking for what already stands changes nothing, so a second press is harmless.
    Raises: Conflict("event.changed_meanwhile"), RuleBroken.
    """
    to, why = plans.sound(to, zone), one_line(reason)
    with transaction() as session:
        edition = lock_hosted(one(Occurrence, occurrence_id).edition_id)
        row = lock(Occurrence, occurrence_id)
        require(actor, Action.PLAN, row)
        if to == Sitting(row.starts_at, row.ends_at, row.all_day, row.room_id, row.place):
            return row
        check_own(row.id, by=keeper)
        _check_revision(row, expected_revision)
        _check_may_move(row, to, why, now)
        window = rules.shifted_window(row.opens_at, row.closes_at, by=to.starts_at - row.starts_at, now=now)
        rules.check_window(*window, to.ends_at)
        before = _facts(row)
        with refused_in_words(session, actor=actor, rooms=[Wanted(to.room_id, to.starts_at, to.ends_at)]):
            _write_move(row, to, why)
            row.opens_at, row.closes_at = window
            say_own(row, Own.TIME, Own.PLACE)
            tell(row, now)
        follow_dates(session, edition, row.ends_at, actor=actor, zone=zone)
        audit.record(
            f"occurrence:{row.id}", "occurrence.moved", actor=actor, now=now, reason=why, before=before,
            after=_facts(row),
        )  # fmt: skip
    return row


def _check_may_move(row: Occurrence, to: Sitting, reason: str, now: datetime) -> None:
    if row.status is Status.CANCELLED:
        raise RuleBroken("event.is_cancelled")
    if row.publication is Publication.PUBLISHED:
        rules.check_ahead(row.ends_at, now)
        rules.check_ahead(to.ends_at, now)
        rules.check_reason(reason)
    if to.room_id is not None:
        one(Room, to.room_id)


def _write_move(row: Occurrence, to: Sitting, reason: str) -> None:
    if row.publication is Publication.PUBLISHED and row.starts_at != to.starts_at:
        row.moved_from_at = row.starts_at
    row.starts_at, row.ends_at, row.all_day = to.starts_at, to.ends_at, to.all_day
    row.room_id, row.place, row.reason = to.room_id, to.place, reason


def cancel(
    occurrence_id: int,
    *,
    reason: str,
    expected_revision: int | None = None,
    keeper: str = "",
    actor: Actor,
    now: datetime,
) -> Occurrence:
    """Locks the occurrence. It will not take place; it stays on every page and says so, and its room is free again.

    Raises: RuleBroken("event.already_cancelled" | "event.over" | "event.reason"), Conflict.
    """
    why = one_line(reason)
    rules.check_reason(why)
    with transaction():
        row = lock(Occurrence, occurrence_id)
        require(actor, Action.PLAN, row)
        check_own(row.id, by=keeper)
        if row.status is Status.CANCELLED:
            raise RuleBroken("event.already_cancelled")
        if expected_revision is not None:
            _check_revision(row, expected_revision)
        rules.check_ahead(row.ends_at, now)
        row.status, row.reason, row.cancelled_at = Status.CANCELLED, why, now
        tell(row, now)
        audit.record(f"occurrence:{row.id}", "occurrence.cancelled", actor=actor, now=now, reason=why)
    return row


def restore(occurrence_id: int, *, keeper: str = "", actor: Actor, now: datetime) -> Occurrence:
    """Locks the occurrence. Undo a cancellation before the start; the room may have been given away meanwhile.

    Raises: RuleBroken("event.not_cancelled" | "event.begun" | "event.room_taken").
    """
    with transaction() as session:
        row = lock(Occurrence, occurrence_id)
        require(actor, Action.PLAN, row)
        check_own(row.id, by=keeper)
        if row.status is not Status.CANCELLED:
            raise RuleBroken("event.not_cancelled")
        if row.starts_at <= now:
            raise RuleBroken("event.begun", starts_at=row.starts_at)
        with refused_in_words(session, actor=actor, rooms=[Wanted(row.room_id, row.starts_at, row.ends_at)]):
            row.status, row.reason, row.cancelled_at = Status.SCHEDULED, "", None
            tell(row, now)
        audit.record(f"occurrence:{row.id}", "occurrence.restored", actor=actor, now=now)
    return row


def change_occurrence(
    occurrence_id: int,
    *,
    title: str,
    summary: str,
    expected_revision: int,
    keeper: str = "",
    actor: Actor,
    now: datetime,
) -> Occurrence:
    """Locks the occurrence. Correct its words. Feeds show them; nobody is written to."""
    name, text = one_line(title), summary.strip()
    rules.check_title(name)
    with transaction():
        row = lock(Occurrence, occurrence_id)
        require(actor, Action.PLAN, row)
        if (row.title, row.summary) == (name, text):
            return row
        check_own(row.id, by=keeper)
        _check_revision(row, expected_revision)
        before = {"title": row.title, "summary": row.summary}
        row.title, row.summary = name, text
        say_own(row, Own.WORDS)
        row.touch(now)
        audit.record(
            f"occurrence:{row.id}", "occurrence.changed", actor=actor, now=now, before=before,
            after={"title": name, "summary": text},
        )  # fmt: skip
    return row


def change_milestone(
    milestone_id: int,
    *,
    name: str,
    starts_at: datetime,
    ends_at: datetime | None = None,
    is_deadline: bool,
    expected_revision: int,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Milestone:
    """Locks the milestone. Correct its words or date; its code stays, because other rooms find it by that."""
    words = one_line(name)
    with transaction():
        row = lock(Milestone, milestone_id)
        require(actor, Action.PLAN, row)
        until = rules.milestone_end(row.code, starts_at, ends_at)
        rules.check_day(starts_at.astimezone(zone).date(), until.astimezone(zone).date())
        rules.check_milestone(words, starts_at, until)
        if (row.name, row.starts_at, row.ends_at, row.is_deadline) == (words, starts_at, until, is_deadline):
            return row
        _check_revision(row, expected_revision)
        before = {"name": row.name, "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
        row.name, row.starts_at, row.ends_at, row.is_deadline = words, starts_at, until, is_deadline
        row.touch(now)
        audit.record(
            f"milestone:{row.id}", "milestone.changed", actor=actor, now=now, before=before,
            after={"name": words, "starts_at": starts_at.isoformat(), "ends_at": until.isoformat()},
        )  # fmt: skip
    return row


def say_own(row: Occurrence, *fields: Own) -> None:
    """A person has just set these facts of one occurrence: those that differ from its pattern are its own from now
    on, those that agree with it follow it again. Call it under the row's lock; without a pattern it says nothing.
    """
    if row.pattern_id is None or row.planned_at is None:
        return
    pattern = db.session.get(Pattern, row.pattern_id, populate_existing=True)
    assert pattern is not None
    differs = compared(row.facts, pattern.terms, row.planned_at)
    differs[Own.WORDS] = bool(row.title or row.summary)
    differs[Own.HOST] = row.unit_id != one(Edition, row.edition_id).unit_id
    row.own = frozenset(own for own in Own if (differs[own] if own in fields else own in row.own))


def tell(row: Occurrence, now: datetime) -> None:
    """A change that people must hear of, when they could know of the occurrence at all."""
    row.touch(now)
    if row.publication is Publication.PUBLISHED:
        row.moved_revision = row.revision


def _facts(row: Occurrence) -> dict[str, object]:
    return {
        "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(), "all_day": row.all_day,
        "room": row.room_id, "place": row.place, "opens_at": row.opens_at.isoformat() if row.opens_at else None,
        "closes_at": row.closes_at.isoformat() if row.closes_at else None,
    }  # fmt: skip
