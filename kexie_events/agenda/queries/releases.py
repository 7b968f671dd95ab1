"""Released versions. What a reader gets of one is what of its sub-forums they may see now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import load_only

from ...core.access import Actor, visible
from ...core.db import db
from ...events.models import Occurrence
from ...events.queries.picking import listable
from ...events.rules import Status
from .. import outcomes
from ..models import Release
from ..outcomes import Releasing
from ..programme import Standing, read
from .whole import whole

MOST_SHOWN = 30  # versions on the page of changes


def releasing(edition_id: int, now: datetime) -> Releasing:
    """The version that a press would release."""
    last = last_release(edition_id)
    return outcomes.releasing(read(last.body) if last else None, whole(edition_id, published=True).programme, now)


def last_release(edition_id: int) -> Release | None:
    """The version that stands: the latest that was not taken back."""
    query = select(Release).where(Release.edition_id == edition_id, Release.withdrawn_at.is_(None))
    return db.session.scalar(query.order_by(Release.number.desc()).limit(1))


def releases(edition_id: int, *, withdrawn: bool) -> Sequence[Release]:
    """Versions without their bodies, the latest first."""
    query = select(Release).where(Release.edition_id == edition_id)
    if not withdrawn:
        query = query.where(Release.withdrawn_at.is_(None))
    query = query.options(
        load_only(Release.number, Release.words, Release.changes, Release.released_at, Release.withdrawn_at)
    )
    return db.session.scalars(query.order_by(Release.number.desc()).limit(MOST_SHOWN)).all()


def readable(edition_id: int, actor: Actor) -> dict[int, Standing]:
    """The sub-forums that this reader may see and that are not taken back, as they stand now."""
    query = select(
        Occurrence.id, Occurrence.status, Occurrence.starts_at, Occurrence.ends_at, Occurrence.room_id
    ).where(Occurrence.edition_id == edition_id, visible(Occurrence, actor), listable(Occurrence, actor.grants))
    return {row[0]: Standing(row[1] is Status.CANCELLED, *row[2:]) for row in db.session.execute(query)}


def has_release(edition_id: int) -> Release | None:
    """Number and time of the version that stands, without its body."""
    query = select(Release).where(Release.edition_id == edition_id, Release.withdrawn_at.is_(None))
    query = query.options(load_only(Release.number, Release.released_at)).order_by(Release.number.desc()).limit(1)
    return db.session.scalar(query)
