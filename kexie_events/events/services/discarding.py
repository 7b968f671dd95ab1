"""Throwing a draft away: with its dates, what came along, and the slots that they stood in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import constraint_of, lock, one, transaction
from ...core.errors import RuleBroken
from .. import carrying, numbering
from ..models import Edition, Milestone, Occurrence, Series
from ..patterns.models import Pattern, Skip
from ..queries.places import require
from ..rules import Publication


def discard(edition_id: int, *, actor: Actor, now: datetime) -> None:
    """Locks the series and the edition. Throw away a draft that nothing hangs on, with its dates and what came along.

    What people have joined, filed or tied to it refuses by its foreign key.
    Raises: RuleBroken("edition.was_public" | "edition.in_use"), Forbidden, NotFound.
    """
    with transaction() as session:
        series = lock(Series, one(Edition, edition_id).series_id)
        require(actor, Action.PLAN, series)
        edition = lock(Edition, edition_id)
        number, series_id = numbering.words(edition.numbered), edition.series_id
        if edition.publication is not Publication.DRAFT:
            raise RuleBroken("edition.was_public")
        try:
            with session.begin_nested():
                for carrier in carrying.CARRIERS:
                    carrier.remove(edition)
                leave_patterns(session, edition, actor=actor, now=now)
                for model in (Occurrence, Milestone):
                    session.execute(delete(model).where(model.edition_id == edition_id))
                session.execute(delete(Edition).where(Edition.id == edition_id))
        except IntegrityError as error:
            if not constraint_of(error).startswith("fk_"):
                raise
            raise RuleBroken("edition.in_use") from error
        audit.record(
            f"series:{series_id}", "edition.discarded", actor=actor, now=now, edition=edition_id, number=number
        )


def discard_drafts(
    session: Session, edition: Edition, rows: Sequence[Occurrence], *, actor: Actor, now: datetime
) -> None:
    """Dates that nobody has ever seen are thrown away, all or none, of one edition, with its series. For services,
    inside their transaction: they hold edition and rows, and ask who may do it.

    Raises: RuleBroken("event.already_published") for what is public or was, RuleBroken("event.draft_in_use") when
    something hangs on one.
    """
    if not rows:
        return
    if any(row.publication is not Publication.DRAFT for row in rows):
        raise RuleBroken("event.already_published")
    ids, names = [row.id for row in rows], [row.title or edition.own_name for row in rows]
    try:
        with session.begin_nested():
            doomed = delete(Occurrence).where(Occurrence.id.in_(ids))
            session.execute(doomed.execution_options(synchronize_session=False))
    except IntegrityError as error:
        if not constraint_of(error).startswith("fk_"):
            raise
        raise RuleBroken("event.draft_in_use", names=names[:5]) from error
    for row in rows:
        session.expunge(row)
    audit.record(f"edition:{edition.id}", "occurrences.discarded", actor=actor, now=now, occurrences=ids, names=names)


def leave_patterns(session: Session, edition: Edition, *, actor: Actor, now: datetime) -> None:
    """The dates of an edition are about to be thrown away: a pattern of its own goes with it, of another one their
    slots are skipped, so that the rule still tells the truth. Inside the transaction of whoever throws it away."""
    mine = list(session.scalars(select(Pattern.id).where(Pattern.edition_id == edition.id)))
    session.execute(update(Occurrence).where(Occurrence.pattern_id.in_(mine)).values(pattern_id=None))
    session.execute(delete(Skip).where(Skip.pattern_id.in_(mine)))
    session.execute(delete(Pattern).where(Pattern.id.in_(mine)))
    query = select(Occurrence.pattern_id, Occurrence.planned_at).where(
        Occurrence.edition_id == edition.id, Occurrence.pattern_id.is_not(None)
    )
    for pattern_id, slot_at in session.execute(query).all():
        session.add(
            Skip(pattern_id=pattern_id, slot_at=slot_at, reason="", skipped_at=now, skipped_by_id=actor.account_id)
        )
    series = one(Series, edition.series_id)
    series.revision, series.changed_at = series.revision + 1, now
