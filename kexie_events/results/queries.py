"""Reading public notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true

from ..core.access import ANYBODY, Actor, visible
from ..core.db import db
from ..core.errors import NotFound
from ..events.models import Edition, Series
from ..events.rules import Publication
from ..events.wording import edition_name
from ..units.models import Unit
from .models import Notice


@dataclass(frozen=True)
class NoticePage:
    """A notice and whose it is."""

    notice: Notice
    edition: Edition
    series: Series
    unit: Unit
    edition_visible: bool

    @property
    def edition_name(self) -> str:
        return edition_name(self.edition.numbered, self.series.name)


def notice_page(notice_id: int, actor: Actor) -> NoticePage:
    """One query. Raises: NotFound, also for what the actor may not see."""
    row = db.session.execute(
        select(Notice, Edition, Series, Unit, visible(Edition, actor))
        .join(Edition, Edition.id == Notice.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Notice.unit_id)
        .where(Notice.id == notice_id, visible(Notice, actor))
    ).one_or_none()
    if row is None:
        raise NotFound()
    notice, edition, series, unit, edition_visible = row
    return NoticePage(notice, edition, series, unit, edition_visible)


def notices_of(edition_id: int, actor: Actor) -> Sequence[Notice]:
    """The notices of an edition, the newest first, without those that were taken back."""
    query = select(Notice).where(
        Notice.edition_id == edition_id,
        visible(Notice, actor),
        Notice.publication != Publication.WITHDRAWN,
    )
    return db.session.scalars(query.order_by(Notice.starts_at.desc(), Notice.id.desc())).all()


@dataclass(frozen=True)
class Announced:
    """What stands in a feed: the newest notices, the name of what it belongs to, and when anything in it changed."""

    pages: list[NoticePage]
    name: str  # of the series or the edition; "" for everything
    changed_at: datetime | None


def announced(most: int) -> Announced:
    """Every public notice. Two queries."""
    return _announced(true(), "", most)


def announced_of_series(slug: str, most: int) -> Announced:
    """Three queries. Raises: NotFound, also for what the public may not see."""
    row = db.session.execute(
        select(Series.id, Series.name).where(Series.slug == slug, visible(Series, ANYBODY))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _announced(Edition.series_id == row.id, row.name, most)


def announced_of_edition(edition_id: int, most: int) -> Announced:
    """Three queries. Raises: NotFound, also for what the public may not see."""
    row = db.session.execute(
        select(Edition, Series)
        .join(Series, Series.id == Edition.series_id)
        .where(Edition.id == edition_id, visible(Edition, ANYBODY), visible(Series, ANYBODY))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _announced(Edition.id == edition_id, edition_name(row.Edition.numbered, row.Series.name), most)


def _announced(which: ColumnElement[bool], name: str, most: int) -> Announced:
    # What hangs below something unpublished is not spread any further, whatever its own mark says.
    public = (visible(Notice, ANYBODY), visible(Edition, ANYBODY), visible(Series, ANYBODY))
    rows = db.session.execute(
        select(Notice, Edition, Series, Unit)
        .join(Edition, Edition.id == Notice.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Notice.unit_id)
        .where(which, *public)
        .order_by(Notice.starts_at.desc(), Notice.id.desc())
        .limit(most)
    )
    # The date of a feed must rise when something leaves it: what was taken back counts too.
    changed_at = db.session.scalar(
        select(func.max(func.greatest(Notice.changed_at, Edition.changed_at, Series.changed_at)))
        .join(Edition, Edition.id == Notice.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .where(which, Notice.publication != Publication.DRAFT)
    )
    return Announced([NoticePage(*row, edition_visible=True) for row in rows], name, changed_at)
