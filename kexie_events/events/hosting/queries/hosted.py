"""What a unit runs for another, and what was asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import aliased

from ....core.access import Actor
from ....core.db import db
from ....units.models import Unit
from ...kinds import Capability, can
from ...models import Edition, Occurrence, Series
from ...queries.manage.things import planned_by
from ...rules import Publication
from ..models import ApprovalRequest
from ..rules import RequestState


def latest_request(edition_id: int) -> ApprovalRequest | None:
    query = select(ApprovalRequest).where(ApprovalRequest.edition_id == edition_id)
    return db.session.scalar(query.order_by(ApprovalRequest.id.desc()).limit(1))


@dataclass(frozen=True)
class Hosted:
    """An issue that the actor's unit runs for another, and what is still open on it."""

    edition: Edition
    series: Series
    owner: str
    first_at: datetime | None
    drafts: int  # dates and the edition itself that nobody outside sees
    request: RequestState | None
    answer: str

    @property
    def needs_approval(self) -> bool:
        return self.edition.approved_at is None and can(self.series.kind, Capability.APPROVAL_FIRST)


def hosted_by(actor: Actor, now: datetime, today: date, *, limit: int = 8) -> list[Hosted]:
    """Issues whose host the actor is and not their owner, not over; the soonest first. One statement."""
    dates = (
        select(
            func.min(Occurrence.starts_at).filter(Occurrence.ends_at > now).label("first_at"),
            func.count().filter(Occurrence.publication != Publication.PUBLISHED).label("drafts"),
        )
        .where(Occurrence.edition_id == Edition.id)
        .correlate(Edition)
        .lateral("dates")
    )
    asked = (
        select(ApprovalRequest.state, ApprovalRequest.answer)
        .where(ApprovalRequest.edition_id == Edition.id)
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
        .correlate(Edition)
        .lateral("asked")
    )
    owner = aliased(Unit)
    rows = db.session.execute(
        select(Edition, Series, owner.name, dates.c.first_at, dates.c.drafts, asked.c.state, asked.c.answer)
        .join(Series, Series.id == Edition.series_id)
        .join(owner, owner.id == Series.unit_id)
        .join(dates, true())
        .outerjoin(asked, true())
        .where(
            Edition.hosted_until > today,
            Edition.publication != Publication.WITHDRAWN,
            planned_by(actor, Edition),
            ~planned_by(actor, Series),
        )
        .order_by(dates.c.first_at.asc().nulls_last(), Edition.hosted_until, Edition.id)
        .limit(limit)
    )
    return [Hosted(*row) for row in rows]
