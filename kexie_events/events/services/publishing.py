"""Approval before publication, publishing, and taking back what was published by mistake."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, one, transaction
from ...core.errors import RuleBroken
from ...core.text import one_line
from .. import rules
from ..hosting.rules import RequestState
from ..hosting.services.requests import answer_request, open_request
from ..kinds import Capability, can
from ..models import Edition, Milestone, Occurrence, Series
from ..queries.places import require
from ..rules import Publication
from .clashes import Wanted, refused_in_words


def approve(edition_id: int, words: str, *, actor: Actor, now: datetime) -> Edition:
    """Locks the edition. Record the approval that must stand before anything is public (一会一报).

    ``words``: number or wording of the approval. A slip can be corrected until the edition is public.
    """
    kept = one_line(words)
    if not kept:
        raise RuleBroken("event.approval_words")
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.APPROVE, edition)
        if edition.publication is Publication.PUBLISHED:
            raise RuleBroken("event.already_published")
        if edition.approved_at is not None and edition.approval == kept:
            return edition  # a second press: when it was approved, and by whom, stays
        before, edition.approval = edition.approval, kept
        edition.approved_at, edition.approved_by_id, edition.changed_at = now, actor.account_id, now
        if (asked := open_request(session, edition_id)) is not None:
            answer_request(asked, RequestState.APPROVED, kept, actor=actor, now=now)
        audit.record(f"edition:{edition.id}", "edition.approved", actor=actor, now=now, words=kept, before=before)
    return edition


def publish(edition_id: int, *, actor: Actor, now: datetime) -> Edition:
    """Locks the series, the edition, its occurrences and milestones. Show them to everybody.

    What was added to a published edition later stays a draft until this is done again.
    Raises: RuleBroken("event.not_approved" | "event.already_published").
    """
    with transaction() as session:
        series = lock(Series, one(Edition, edition_id).series_id)
        edition = lock(Edition, edition_id)
        require(actor, Action.PUBLISH, edition)
        if can(series.kind, Capability.APPROVAL_FIRST) and edition.approved_at is None:
            raise RuleBroken("event.not_approved")
        occurrences = [row for row in _occurrences(session, edition) if not _public(row)]
        milestones = [row for row in _milestones(session, edition) if not _public(row)]
        if _public(edition) and not occurrences and not milestones:
            raise RuleBroken("event.already_published")
        rooms = [Wanted(row.room_id, row.starts_at, row.ends_at) for row in occurrences]
        with refused_in_words(session, actor=actor, rooms=rooms):
            _set(Publication.PUBLISHED, series, edition, occurrences, milestones, now=now)
        audit.record(
            f"edition:{edition.id}", "edition.published", actor=actor, now=now,
            occurrences=[row.id for row in occurrences], milestones=[row.id for row in milestones],
        )  # fmt: skip
    return edition


def unpublish(edition_id: int, *, reason: str, actor: Actor, now: datetime) -> Edition:
    """Locks the series, the edition, its occurrences and milestones. Take back what was published by mistake.

    It is gone from every page and feed at once; nobody is written to. What will not take place is cancelled instead.
    The series goes with its last public edition.
    """
    why = one_line(reason)
    rules.check_reason(why)
    with transaction() as session:
        series = lock(Series, one(Edition, edition_id).series_id)
        edition = lock(Edition, edition_id)
        require(actor, Action.PUBLISH, edition)
        if not _public(edition):
            raise RuleBroken("event.not_published")
        occurrences = [row for row in _occurrences(session, edition) if _public(row)]
        milestones = [row for row in _milestones(session, edition) if _public(row)]
        goes_too = series if _public_editions(session, series) == 1 else None
        _set(Publication.WITHDRAWN, goes_too, edition, occurrences, milestones, now=now)
        audit.record(
            f"edition:{edition.id}", "edition.withdrawn", actor=actor, now=now, reason=why,
            occurrences=[row.id for row in occurrences], milestones=[row.id for row in milestones],
        )  # fmt: skip
    return edition


def _set(
    publication: Publication,
    series: Series | None,
    edition: Edition,
    occurrences: Sequence[Occurrence],
    milestones: Sequence[Milestone],
    *,
    now: datetime,
) -> None:
    if series is not None and series.publication is not publication:
        series.publication, series.changed_at = publication, now
    edition.publication, edition.changed_at = publication, now
    dated: list[Occurrence | Milestone] = [*occurrences, *milestones]
    for row in dated:
        row.publication = publication
        row.touch(now)


def _public(row: Edition | Occurrence | Milestone) -> bool:
    return row.publication is Publication.PUBLISHED


def _occurrences(session: Session, edition: Edition) -> Sequence[Occurrence]:
    query = select(Occurrence).where(Occurrence.edition_id == edition.id).order_by(Occurrence.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _milestones(session: Session, edition: Edition) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.edition_id == edition.id).order_by(Milestone.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _public_editions(session: Session, series: Series) -> int:
    query = select(func.count()).select_from(Edition)
    return (
        session.scalar(query.where(Edition.series_id == series.id, Edition.publication == Publication.PUBLISHED)) or 0
    )
