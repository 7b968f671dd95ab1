"""Saving and submitting score sheets. Rows are only added; each carries the digest of all before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ...audit import services as audit
from ...contests.queries import pack_in
from ...core.access import Actor
from ...core.db import transaction
from ...core.errors import Conflict, RuleBroken
from .. import queries, rules
from ..models import Scoresheet
from ..rules import SheetState, Version
from .seats import Seat, own_seat


@dataclass(frozen=True)
class Change:
    """What a device sends of a sheet."""

    points: Mapping[str, str]  # as typed, by criterion
    note: str
    base_revision: int  # what it was typed on; 0 for an empty sheet
    operation: UUID  # the device's own key: a replay is told from another change


@dataclass(frozen=True)
class Saved:
    """What a device is answered: the revision that holds its change."""

    revision: int
    digest: str


def save_draft(assignment_id: int, change: Change, *, actor: Actor, now: datetime) -> Saved:
    """Keep what a judge has typed so far.

    The same operation with the same body is answered with the stored revision, however often it comes.
    Raises: RuleBroken("judging.other_body") when it comes with another one; Conflict("judging.stale", revision,
    points, note) when another device has saved since ``base_revision``; what ``check_points`` and ``check_open`` raise.
    """
    with transaction() as session:
        seat = own_seat(session, assignment_id, actor)
        return _save(session, seat, change, SheetState.DRAFT, now)


def submit(assignment_id: int, change: Change, *, actor: Actor, now: datetime) -> Saved:
    """Hand in a complete sheet; again and again until the round closes. The newest submitted one counts.

    Raises: as ``save_draft``; RuleBroken("judging.points_missing").
    """
    with transaction() as session:
        seat = own_seat(session, assignment_id, actor)
        saved = _save(session, seat, change, SheetState.SUBMITTED, now)
        audit.record(
            f"assignment:{assignment_id}", "scores.submitted", actor=actor, now=now, revision=saved.revision,
            digest=saved.digest,
        )  # fmt: skip
    return saved


def _save(session: Session, seat: Seat, change: Change, state: SheetState, now: datetime) -> Saved:
    """Check a change and add it as the next version."""
    rules.check_open(seat.round.state, seat.round.opens_at, seat.round.closes_at, now)
    complete = state is SheetState.SUBMITTED
    checked = rules.check_points(pack_in(seat.rules).rubric, change.points, complete=complete)
    points, note = checked.as_text(), rules.check_note(change.note)
    body = rules.operation_digest(points, note, state)
    last, known = queries.newest_and_known(seat.assignment.id, change.operation)
    if known is not None:
        if known.operation_digest != body:
            raise RuleBroken("judging.other_body")
        return Saved(known.revision, known.digest)
    if last is not None and last.revision != change.base_revision and not (
        # The draft of this very page may have arrived while its judge pressed the button: nothing to compare then.
        complete and (last.points, last.note) == (points, note)
    ):  # fmt: skip
        raise Conflict("judging.stale", revision=last.revision, points=last.points, note=last.note)
    revision = last.revision + 1 if last else 1
    digest = rules.sheet_digest(
        last.digest if last else rules.FIRST, seat.assignment.id, Version(revision, state, points, note, now)
    )
    row = Scoresheet(
        assignment_id=seat.assignment.id, revision=revision, operation=change.operation, operation_digest=body,
        state=state, points=points, total=checked.total, note=note, saved_at=now, digest=digest,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Saved(revision, digest)
