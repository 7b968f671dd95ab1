"""What a calendar shows next, read from its blocks, so that the preview and the calendar agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select, true

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.models import Edition, Milestone, Occurrence, Series
from ...events.numbering import Numbered
from ...events.rules import Status
from ...events.wording import whole_name
from ..choices import Cancelled, Choice, Contents
from ..models import FeedBlock
from ..rules import Source
from .stale import Key

EVERYTHING = "all"
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Coming:
    """A line of the preview."""

    at: datetime
    all_day: bool
    name: str
    is_deadline: bool
    is_point: bool  # of a timeline; else something that people go to
    cancelled: bool
    path: str


@dataclass(frozen=True)
class Preview:
    """What a calendar holds: the next entries, how many are to come, and how many it has with those that are over.

    Both are counted to ``MOST_COUNTED`` at most.
    """

    lines: Sequence[Coming]
    ahead: int
    entries: int

    @property
    def is_long(self) -> bool:
        """Whether there may be more than were counted."""
        return self.entries >= MOST_COUNTED


def coming(path: str, choice: Choice, now: datetime, most: int) -> Preview:
    """The next entries of a public calendar under a choice. Three statements, however much it holds.

    A rule is one entry of the file; its dates are counted one by one, as people see them.
    """
    held = _held(path, choice)
    ahead = held.where(FeedBlock.sort_at >= now)
    first = ahead.order_by(FeedBlock.sort_at, FeedBlock.source, FeedBlock.source_id).limit(most).subquery("first")
    counted = select(_counted(held).label("entries"), _counted(ahead).label("ahead")).subquery("counted")
    rows = db.session.execute(select(counted, first).select_from(counted.outerjoin(first, true()))).all()
    keys = [(row.source, row.source_id) for row in rows if row.source is not None]
    lines = {**_occurrences(keys), **_milestones(keys)}
    return Preview([lines[key] for key in sorted(lines, key=keys.index)], rows[0].ahead, rows[0].entries)


def _counted(held: Select[Source, int]) -> ScalarSelect[int]:
    return select(func.count()).select_from(held.limit(MOST_COUNTED).subquery()).scalar_subquery()


_NAMED = (
    Series.name.label("series"), Edition.number, Edition.style, Edition.year, Edition.title.label("theme"),
)  # fmt: skip


def _occurrences(keys: Sequence[Key]) -> dict[Key, Coming]:
    ids = [number for source, number in keys if source is Source.OCCURRENCE]
    if not ids:
        return {}
    columns = (Occurrence.id, Occurrence.title, Occurrence.starts_at, Occurrence.all_day, Occurrence.status)
    return {
        (Source.OCCURRENCE, row.id): Coming(
            row.starts_at, row.all_day, _name(row, row.title), is_deadline=False, is_point=False,
            cancelled=row.status is Status.CANCELLED, path=f"/occurrences/{row.id}",
        )
        for row in db.session.execute(_public(Occurrence, ids, *columns))
    }  # fmt: skip


def _milestones(keys: Sequence[Key]) -> dict[Key, Coming]:
    ids = [number for source, number in keys if source is Source.MILESTONE]
    if not ids:
        return {}
    columns = (Milestone.id, Milestone.name, Milestone.starts_at, Milestone.is_deadline, Milestone.edition_id)
    return {
        (Source.MILESTONE, row.id): Coming(
            row.starts_at, False, _name(row, row.name), is_deadline=row.is_deadline, is_point=True, cancelled=False,
            path=f"/editions/{row.edition_id}",
        )
        for row in db.session.execute(_public(Milestone, ids, *columns))
    }  # fmt: skip


def _public(model: type[Occurrence] | type[Milestone], ids: list[int], *columns: Any) -> Select[*tuple[Any, ...]]:
    # A block may be a second older than what it was made from.
    public = (visible(table, ANYBODY) for table in (model, Edition, Series))
    return (
        select(*columns, *_NAMED)
        .join(Edition, Edition.id == model.edition_id)
        .join(Series, Series.id == model.series_id)
        .where(model.id.in_(ids), *public)
    )


def _name(row: Any, own: str) -> str:
    return whole_name(Numbered(row.number, row.style, row.year), row.series, own or row.theme)


def _held(path: str, choice: Choice) -> Select[Source, int]:
    """Keys of the entries of a calendar, each date of a rule by itself."""
    held = select(FeedBlock.source, FeedBlock.source_id).where(FeedBlock.body != b"", _sources(choice.contents))
    if path != EVERYTHING:  # which holds whatever is public at all
        held = held.where(or_(FeedBlock.feeds.has_key(path), FeedBlock.pattern_id.in_(_rules_in(path))))
    if choice.cancelled is Cancelled.REMOVED:
        cancelled = exists().where(Occurrence.id == FeedBlock.source_id, Occurrence.status == Status.CANCELLED)
        held = held.where(or_(FeedBlock.source != Source.OCCURRENCE, ~cancelled))
    return held


def _rules_in(path: str) -> Select[int]:
    return select(FeedBlock.source_id).where(
        FeedBlock.source == Source.PATTERN, FeedBlock.feeds.has_key(path), FeedBlock.body != b""
    )


def _sources(contents: Contents) -> ColumnElement[bool]:
    dates, points = FeedBlock.source == Source.OCCURRENCE, FeedBlock.source == Source.MILESTONE
    return {Contents.ALL: or_(dates, points), Contents.DATES: dates, Contents.DEADLINES: points}[contents]
