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
from ..models import Assignment, Scoresheet
from ..rules import Checked, SheetState, Version
from .seats import Seat, own_seat


@dataclass(frozen=True)
class Saved:
    """What a device is answered: the revision that holds its change."""

    revision: int
    digest: str


def save_draft(
    assignment_id: int,
    *,
    points: Mapping[str, str],
    note: str,
    base_revision: int,
    operation: UUID,
    actor: Actor,
    now: datetime,
) -> Saved:
    """Keep what a judge has typed so far.

    The same operation with the same body is answered with the stored revision, however often it comes.
    Raises: RuleBroken("judging.other_body") when it comes with another one; Conflict("judging.stale", revision,
    points, note) when another device has saved since ``base_revision``; what ``check_points`` and ``check_open`` raise.
    """
    with transaction() as session:
        seat = own_seat(session, assignment_id, actor)
        sheet = _checked(seat, points, note, complete=False, now=now)
        return _save(session, seat.assignment, sheet, base_revision, operation, SheetState.DRAFT, now)


def submit(
    assignment_id: int,
    *,
    points: Mapping[str, str],
    note: str,
    base_revision: int,
    operation: UUID,
    actor: Actor,
    now: datetime,
) -> Saved:
    """Hand in a complete sheet; again and again until the round closes. The newest submitted one counts.

    Raises: as ``save_draft``; RuleBroken("judging.points_missing").
    """
    with transaction() as session:
        seat = own_seat(session, assignment_id, actor)
        sheet = _checked(seat, points, note, complete=True, now=now)
        saved = _save(session, seat.assignment, sheet, base_revision, operation, SheetState.SUBMITTED, now)
        audit.record(
            f"assignment:{assignment_id}", "scores.submitted", actor=actor, now=now, revision=saved.revision,
            digest=saved.digest,
        )  # fmt: skip
    return saved


@dataclass(frozen=True)
class _Sheet:
    checked: Checked
    note: str


def _checked(seat: Seat, points: Mapping[str, str], note: str, *, complete: bool, now: datetime) -> _Sheet:
    rules.check_open(seat.round.state, seat.round.opens_at, seat.round.closes_at, now)
    rubric = pack_in(seat.rules).rubric
    return _Sheet(rules.check_points(rubric, points, complete=complete), rules.check_note(note))


def _save(
    session: Session, seat: Assignment, sheet: _Sheet, base: int, operation: UUID, state: SheetState, now: datetime
) -> Saved:  # fmt: skip
    points = sheet.checked.as_text()
    body = rules.operation_digest(points, sheet.note, state)
    last, known = queries.standing(seat.id, operation)
    if known is not None:
        if known.operation_digest != body:
            raise RuleBroken("judging.other_body")
        return Saved(known.revision, known.digest)
    if last is not None and last.revision != base and not (
        # The draft of this very page may have arrived while its judge pressed the button: nothing to compare then.
        state is SheetState.SUBMITTED and (last.points, last.note) == (points, sheet.note)
    ):  # fmt: skip
        raise Conflict("judging.stale", revision=last.revision, points=last.points, note=last.note)
    revision = last.revision + 1 if last else 1
    digest = rules.sheet_digest(
        last.digest if last else rules.FIRST, seat.id, Version(revision, state, points, sheet.note, now)
    )
    row = Scoresheet(
        assignment_id=seat.id, revision=revision, operation=operation, operation_digest=body, state=state,
        points=points, total=sheet.checked.total, note=sheet.note, saved_at=now, digest=digest,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Saved(revision, digest)
