"""One thing of the desk; lists of series, editions, occurrences, milestones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from ....core.access import Action, Actor, Scope, Scoped, visible
from ....core.db import db
from ....core.errors import NotFound
from ....units.models import Unit
from ...kinds import Kind
from ...models import Edition, Milestone, Occurrence, Room, Series
from ...rules import Publication, Status


@lru_cache(maxsize=512)
def planned_by(actor: Actor, model: type[Scoped], action: Action | None = None) -> ColumnElement[bool]:
    """The rows that this actor plans: ``visible`` without the public way in. ``action``: may do this to instead."""

    class Planned:
        @classmethod
        def scope(cls) -> Scope:
            scope = model.scope()
            return replace(scope, public=false(), action=action or scope.action)

    return visible(Planned, actor)


def series(actor: Actor, series_id: int) -> Series:
    """With its unit. Raises: NotFound."""
    query = select(Series).options(joinedload(Series.unit))
    return cast(Series, _one(query.where(Series.id == series_id, planned_by(actor, Series))))


def series_by_slug(actor: Actor, slug: str) -> Series | None:
    return db.session.scalar(select(Series).where(Series.slug == slug, planned_by(actor, Series)))


def edition(actor: Actor, edition_id: int) -> Edition:
    """With its series and unit. Raises: NotFound."""
    query = select(Edition).options(joinedload(Edition.series), joinedload(Edition.unit))
    return cast(Edition, _one(query.where(Edition.id == edition_id, planned_by(actor, Edition))))


def occurrence(actor: Actor, occurrence_id: int) -> Occurrence:
    """With its edition, series, room and venue, as they are now. Raises: NotFound."""
    query = select(Occurrence).options(
        joinedload(Occurrence.edition).joinedload(Edition.series),
        joinedload(Occurrence.series),
        joinedload(Occurrence.room).joinedload(Room.venue),
    )
    return cast(Occurrence, _one(query.where(Occurrence.id == occurrence_id, planned_by(actor, Occurrence))))


def milestone(actor: Actor, milestone_id: int) -> Milestone:
    """With its edition and series. Raises: NotFound."""
    query = select(Milestone).options(joinedload(Milestone.edition).joinedload(Edition.series))
    return cast(Milestone, _one(query.where(Milestone.id == milestone_id, planned_by(actor, Milestone))))


def _one(query: Select[Any]) -> Any:
    # After a refusal the session may still hold what the form tried to write.
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    return row


def series_rows(
    actor: Actor, *, text: str = "", kind: Kind | None = None, publication: Publication | None = None, now: datetime
) -> Select[Any]:
    """(Series with its unit, number of editions, next start); what comes next first, then by name."""
    held = select(func.count()).where(Edition.series_id == Series.id).correlate(Series).scalar_subquery()
    soonest = (
        select(func.min(Occurrence.starts_at))
        .where(Occurrence.series_id == Series.id, Occurrence.ends_at > now, Occurrence.status == Status.SCHEDULED)
        .correlate(Series)
        .scalar_subquery()
        .label("soonest")
    )
    query = (
        select(Series, held.label("held"), soonest)
        .join(Unit, Unit.id == Series.unit_id)
        .options(contains_eager(Series.unit))
        .where(planned_by(actor, Series))
        .order_by(soonest.asc().nulls_last(), Series.name, Series.id)
    )
    if text:
        query = query.where(or_(Series.name.contains(text, autoescape=True), Series.slug == text.lower()))
    if kind is not None:
        query = query.where(Series.kind == kind)
    if publication is not None:
        query = query.where(Series.publication == publication)
    return query


def kinds_in_use(actor: Actor) -> list[Kind]:
    return list(db.session.scalars(select(Series.kind).where(planned_by(actor, Series)).distinct()))


def edition_rows(series_id: int) -> Select[Any]:
    """(Edition with its unit, first start, last end, number of occurrences, not yet public), the latest first."""
    dates = (
        select(
            Occurrence.edition_id,
            func.min(Occurrence.starts_at).label("first_at"),
            func.max(Occurrence.ends_at).label("last_at"),
            func.count().label("held"),
            func.count().filter(Occurrence.publication == Publication.DRAFT).label("drafts"),
        )
        .where(Occurrence.series_id == series_id)
        .group_by(Occurrence.edition_id)
        .subquery("dates")
    )
    return (
        select(Edition, dates.c.first_at, dates.c.last_at, dates.c.held, dates.c.drafts)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(dates, dates.c.edition_id == Edition.id)
        .options(contains_eager(Edition.unit))
        .where(Edition.series_id == series_id)
        .order_by(Edition.year.desc(), Edition.number.desc())
    )


def occurrence_rows(edition_id: int) -> Select[Any]:
    """The occurrences of an edition in order, with room and venue."""
    return (
        select(Occurrence)
        .where(Occurrence.edition_id == edition_id)
        .options(joinedload(Occurrence.room).joinedload(Room.venue))
        .order_by(Occurrence.starts_at, Occurrence.id)
    )


def hidden_occurrence_rows(edition_id: int) -> Select[Any]:
    """Those of them that publishing would show."""
    return occurrence_rows(edition_id).where(Occurrence.publication != Publication.PUBLISHED)


def milestones(edition_id: int) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.edition_id == edition_id)
    return db.session.scalars(query.order_by(Milestone.starts_at, Milestone.id)).all()


@dataclass(frozen=True)
class Unpublished:
    """What of an edition is not public yet, and what people have already joined."""

    occurrences: int
    milestones: int
    taken: int  # seats given in public occurrences


def unpublished(edition_id: int) -> Unpublished:
    drafts = Occurrence.publication != Publication.PUBLISHED
    row = db.session.execute(
        select(func.count().filter(drafts), func.coalesce(func.sum(Occurrence.taken).filter(~drafts), 0)).where(
            Occurrence.edition_id == edition_id
        )
    ).one()
    points = select(func.count()).where(
        Milestone.edition_id == edition_id, Milestone.publication != Publication.PUBLISHED
    )
    return Unpublished(row[0], db.session.scalar(points) or 0, row[1])
