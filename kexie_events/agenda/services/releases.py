"""Released versions of a programme: show the difference, release, take back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, transaction
from ...core.errors import RuleBroken
from ...core.previews import check_seen
from ...core.text import one_line
from ...events.models import Edition, Occurrence
from ...events.queries.places import require
from ...events.rules import Publication
from .. import difference, programme, queries, rules
from ..models import Release
from ..outcomes import Releasing

LONGEST_WORDS = 500


def release(edition_id: int, *, words: str, seen: str, tell: bool, reason: str, actor: Actor, now: datetime) -> Release:
    """Locks the edition and its sub-forums, lower id first. Keep what is planned now as the version that all read.

    Only published sub-forums are in it. ``seen``: the digest of what the preview showed (``outcomes.releasing``).
    ``tell``: those who registered for a sub-forum in which a session has moved, changed its room or is cancelled are
    written to, with ``reason``; their calendars learn of it too. Decision: docs/decisions/0014-what-is-booked.md
    Raises: RuleBroken("programme.empty" | "programme.same"), Conflict("programme.changed_meanwhile").
    """
    said, why = words.strip()[:LONGEST_WORDS], one_line(reason)
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PUBLISH, edition)
        forums = session.scalars(
            select(Occurrence)
            .where(Occurrence.edition_id == edition_id, Occurrence.publication == Publication.PUBLISHED)
            .order_by(Occurrence.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        ahead = queries.releasing(edition_id, now)
        check_seen(seen, ahead.digest, "programme.changed_meanwhile")
        ahead.check()
        told = _tell(forums, ahead, why, now) if tell else []
        last = session.scalar(select(func.max(Release.number)).where(Release.edition_id == edition_id)) or 0
        row = Release(
            edition_id=edition_id, number=last + 1, words=said, body=programme.written(ahead.after),
            changes=difference.written(ahead.changes), released_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            f"edition:{edition_id}", "programme.released", actor=actor, now=now, number=row.number,
            changes=len(ahead.changes), told=told,
        )  # fmt: skip
    return row


def _tell(forums: Sequence[Occurrence], ahead: Releasing, reason: str, now: datetime) -> list[int]:
    """Raise ``moved_revision`` where those who come must know; by it the reminders write to them."""
    if not ahead.told:
        return []
    rules.check_reason(reason)
    ids = {forum.id for forum in ahead.told}
    for row in forums:
        if row.id in ids:
            row.touch(now)
            row.moved_revision, row.reason = row.revision, reason
    return sorted(ids)


def withdraw_release(edition_id: int, number: int, *, reason: str, actor: Actor, now: datetime) -> Release:
    """Locks the edition. Take back a version that was released by mistake; the one before it stands again.

    Raises: RuleBroken("programme.not_last" | "agenda.reason").
    """
    why = one_line(reason)
    rules.check_reason(why)
    with transaction():
        edition = lock(Edition, edition_id)
        require(actor, Action.PUBLISH, edition)
        row = queries.last_release(edition_id)
        if row is None or row.number != number:
            raise RuleBroken("programme.not_last")
        row.withdrawn_at = now
        audit.record(
            f"edition:{edition_id}", "programme.withdrawn", actor=actor, now=now, number=row.number, reason=why
        )
    return row
