"""The pages of one series, one edition, one occurrence as visitors see them. Every query passes ``access.visible``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ScalarSelect, bindparam, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from ...core.access import ANYBODY, Actor, visible
from ...core.db import constant, db
from ...core.errors import NotFound
from ...units.models import Region, Unit
from .. import wording
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..numbering import ORDINALS, rings
from ..rules import Status
from .picking import Grants, Rows, listable


@dataclass(frozen=True)
class OccurrencePage:
    """An occurrence and what stands around it."""

    occurrence: Occurrence
    edition: Edition
    series: Series
    unit: Unit
    room: Room | None
    venue: Venue | None
    region: str | None
    edition_visible: bool  # whether there is a page to link to
    series_visible: bool
    held: int

    @property
    def name(self) -> str:
        return wording.own_name(self.occurrence.title, self.edition.title, self.series.name)

    @property
    def edition_name(self) -> str:
        return wording.edition_name(self.edition.numbered, self.series.name)

    @property
    def whole_name(self) -> str:
        return wording.whole_name(self.edition.numbered, self.series.name, self.occurrence.title or self.edition.title)

    @property
    def place(self) -> str:
        venue, room = self.venue.name if self.venue else "", self.room.name if self.room else ""
        return wording.place_words(venue, room, self.occurrence.place)


@dataclass(frozen=True)
class EditionPage:
    """An edition and what it belongs to."""

    edition: Edition
    series: Series
    unit: Unit
    region: str | None
    series_visible: bool
    held: int
    # Of its public occurrences: from when until when, whether all are of whole days, whether all are cancelled; None
    # without any.
    first_at: datetime | None
    last_at: datetime | None
    by_day: bool | None
    cancelled: bool | None

    @property
    def name(self) -> str:
        return wording.own_name("", self.edition.title, self.series.name)

    @property
    def whole_name(self) -> str:
        return wording.whole_name(self.edition.numbered, self.series.name, self.edition.title)


def occurrence_page(occurrence_id: int, actor: Actor) -> OccurrencePage:
    """One query. Raises: NotFound, also for what the actor may not see."""
    return OccurrencePage(*_only(_occurrence_statement(actor.grants), id=occurrence_id))


def edition_page(edition_id: int, actor: Actor) -> EditionPage:
    """One query. Raises: NotFound, also for what the actor may not see."""
    return EditionPage(*_only(_edition_statement(actor.grants), id=edition_id))


def series_page(slug: str, actor: Actor) -> tuple[Series, Unit, str | None]:
    """The series, its unit and the unit's region. Raises: NotFound, also for what the actor may not see."""
    series, unit, region = _only(_series_statement(actor.grants), slug=slug)
    return series, unit, region


def milestones_of(edition_id: int, actor: Actor) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.edition_id == edition_id, listable(Milestone, actor.grants))
    return db.session.scalars(query.order_by(Milestone.starts_at, Milestone.ends_at, Milestone.id)).all()


def editions_of_series(series_id: int, actor: Actor, limit: int) -> tuple[list[Edition], int]:
    """The newest editions first, and how many there are in all. One query."""
    query = (
        select(Edition, func.count().over())
        .where(Edition.series_id == series_id, listable(Edition, actor.grants))
        .order_by(Edition.year.desc(), Edition.number.desc(), Edition.id.desc())
    )
    rows = db.session.execute(query.limit(limit)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def series_containing(actor: Actor, text: str, limit: int) -> Sequence[Series]:
    """Series whose name contains a text, also those that have nothing to come."""
    query = select(Series).where(listable(Series, actor.grants), Series.name.icontains(text, autoescape=True))
    return db.session.scalars(query.order_by(Series.name).limit(limit)).all()


def _only(statement: Rows, **values: Any) -> Sequence[Any]:
    row = db.session.execute(statement, values).one_or_none()
    if row is None:
        raise NotFound()
    return cast(Sequence[Any], row)


# ---- the statements depend only on the grants, so each is built once


@lru_cache(maxsize=64)
def _occurrence_statement(grants: Grants) -> Rows:
    actor = Actor(grants=grants)
    edition_visible, series_visible = visible(Edition, actor), visible(Series, actor)
    return (
        select(Occurrence, Edition, Series, Unit, Room, Venue, Region.name, edition_visible, series_visible)
        .add_columns(_held(grants))
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Occurrence.series_id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
        .where(Occurrence.id == bindparam("id"), visible(Occurrence, actor))
    )


@lru_cache(maxsize=64)
def _edition_statement(grants: Grants) -> Rows:
    actor = Actor(grants=grants)
    span = (
        select(
            func.min(Occurrence.starts_at).label("first_at"),
            func.max(Occurrence.ends_at).label("last_at"),
            func.bool_and(Occurrence.all_day).label("by_day"),
            func.bool_and(Occurrence.status == constant(Status.CANCELLED)).label("cancelled"),
        )
        .where(Occurrence.edition_id == Edition.id, visible(Occurrence, ANYBODY))
        .lateral("span")
    )
    return (
        select(Edition, Series, Unit, Region.name, visible(Series, actor), _held(grants), *span.c)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .join(span, true())
        .options(contains_eager(Edition.series))
        .where(Edition.id == bindparam("id"), visible(Edition, actor))
    )


@lru_cache(maxsize=64)
def _series_statement(grants: Grants) -> Rows:
    return cast(
        Rows,
        select(Series, Unit, Region.name)
        .join(Unit, Unit.id == Series.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .where(Series.slug == bindparam("slug"), visible(Series, Actor(grants=grants))),
    )


def rings_of(edition: Edition, actor: Actor) -> int:
    """The rings of an edition. One query where they are counted (年度, 期), none for a 届, which says them itself."""
    if edition.style in ORDINALS:
        return edition.number
    held = db.session.scalar(select(_held(actor.grants)).select_from(Edition).where(Edition.id == edition.id))
    return rings(edition.numbered, held or 1)


def _held(grants: Grants) -> ScalarSelect[int]:
    """How many editions of the series there are, this one included."""
    others = cast(Any, aliased(Edition))
    return (
        select(func.count())
        .where(others.series_id == Edition.series_id, or_(others.id == Edition.id, listable(others, grants)))
        .correlate_except(others)
        .scalar_subquery()
    )


def visible_edition(edition_id: int, actor: Actor) -> Edition:
    """An edition with its series and unit. Raises: NotFound, also for what the actor may not know of."""
    found = db.session.scalar(
        select(Edition)
        .where(Edition.id == edition_id, visible(Edition, actor))
        .options(joinedload(Edition.series), joinedload(Edition.unit))
    )
    if found is None:
        raise NotFound()
    return found
