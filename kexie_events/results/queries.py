"""Reading public notices."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ..core.access import Actor, visible
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
