"""Released versions of a programme: show the difference, release, take back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import one_line
from ...events.models import Edition, Occurrence
from ...events.queries.places import require
from ...events.rules import Publication
from .. import difference, programme, queries, rules
from ..difference import Change
from ..models import Release

LONGEST_WORDS = 500


def release(edition_id: int, *, words: str, seen: str, tell: bool, reason: str, actor: Actor, now: datetime) -> Release:
    """Locks the edition and its sub-forums, lower id first. Keep what is planned now as the version that all read.

    Only published sub-forums are in it. ``seen``: ``queries.digest_of`` what the preview showed. ``tell``: those who
    registered for a sub-forum in which a session has moved, changed its room or is cancelled are written to, with
    ``reason``; their calendars learn of it too. Decision: docs/decisions/0014-what-is-booked.md
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
        now_planned = queries.whole(edition_id, published=True).programme
        if programme.counts(now_planned)[1] == 0:
            raise RuleBroken("programme.empty")
        if queries.digest_of(now_planned) != seen:
            raise Conflict("programme.changed_meanwhile")
        before = queries.last_release(edition_id)
        changes = difference.difference(programme.read(before.body), now_planned) if before else []
        if before and not changes and programme.written(now_planned) == before.body:
            raise RuleBroken("programme.same")
        told = _tell(forums, changes, why, now) if tell and changes else []
        last = session.scalar(select(func.max(Release.number)).where(Release.edition_id == edition_id)) or 0
        row = Release(
            edition_id=edition_id, number=last + 1, words=said, body=programme.written(now_planned),
            changes=difference.written(changes), released_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            f"edition:{edition_id}", "programme.released", actor=actor, now=now, number=row.number,
            changes=len(changes), told=told,
        )  # fmt: skip
    return row


def _tell(forums: Sequence[Occurrence], changes: Sequence[Change], reason: str, now: datetime) -> list[int]:
    """Raise ``moved_revision`` where those who come must know; by it the reminders write to them."""
    felt = felt_by(forums, changes, now)
    if felt:
        rules.check_reason(reason)
    for row in felt:
        row.touch(now)
        row.moved_revision, row.reason = row.revision, reason
    return [row.id for row in felt]


def felt_by(forums: Sequence[Occurrence], changes: Sequence[Change], now: datetime) -> list[Occurrence]:
    """The sub-forums, not over and not cancelled, in which something moved that people came for."""
    by_forum: Mapping[int, list[Change]] = difference.felt_in(changes)
    return [row for row in forums if row.id in by_forum and row.ends_at > now and row.cancelled_at is None]


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
