"""What a calendar shows next, read from its blocks, so that the preview and the calendar agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from ...core.db import db
from ...events.models import Occurrence
from ...events.rules import Status
from .. import rules
from ..choices import Cancelled, Choice, Contents
from ..models import FeedBlock
from ..rules import Source
from .things import things


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
    """What a calendar holds: the next entries, how many are to come, and how many it has with those that are over."""

    lines: Sequence[Coming]
    ahead: int
    entries: int


def coming(path: str, choice: Choice, now: datetime, most: int) -> Preview:
    """The next entries of a public calendar under a choice. Three statements, however much it holds.

    A block of a rule stands for each of its dates, which are counted one by one, as people see them.
    """
    held = _held(path, choice).cte("held").prefix_with("MATERIALIZED")
    counts = select(
        func.count().label("entries"), func.count().filter(held.c.sort_at >= now).label("ahead")
    ).select_from(held)
    order = (held.c.sort_at, held.c.source, held.c.source_id)
    first = select(held).where(held.c.sort_at >= now).order_by(*order).limit(most)
    counted, line = counts.subquery("counted"), first.subquery("line")
    rows = db.session.execute(select(counted, line).select_from(counted.outerjoin(line, true()))).all()
    keys = [(row.source, row.source_id) for row in rows if row.source is not None]
    found = [one.facts for one in things(keys, "")]
    shown = sorted(
        (facts for facts in found if facts.public),
        key=lambda facts: (facts.starts_at, facts.source.value, facts.source_id),
    )
    lines = [
        Coming(
            facts.starts_at, facts.all_day, rules.heading(facts), facts.is_deadline,
            facts.source is Source.MILESTONE, facts.cancelled, facts.path,
        )
        for facts in shown
    ]  # fmt: skip
    return Preview(lines, rows[0].ahead, rows[0].entries)


def _held(path: str, choice: Choice) -> Select[tuple[Source, int, datetime]]:
    """Keys and starts of the entries of a calendar, each date of a rule by itself."""
    of_rule = and_(
        FeedBlock.source == Source.OCCURRENCE,
        FeedBlock.source_id.in_(select(Occurrence.id).where(Occurrence.pattern_id.in_(_rules_in(path)))),
    )
    held = select(FeedBlock.source, FeedBlock.source_id, FeedBlock.sort_at).where(
        or_(FeedBlock.feeds.has_key(path), of_rule), FeedBlock.body != b"", _sources(choice.contents)
    )
    if choice.cancelled is Cancelled.REMOVED:
        cancelled = select(Occurrence.id).where(Occurrence.status == Status.CANCELLED)
        held = held.where(or_(FeedBlock.source != Source.OCCURRENCE, FeedBlock.source_id.not_in(cancelled)))
    return held


def _rules_in(path: str) -> Select[tuple[int]]:
    return select(FeedBlock.source_id).where(
        FeedBlock.source == Source.PATTERN, FeedBlock.feeds.has_key(path), FeedBlock.body != b""
    )


def _sources(contents: Contents) -> ColumnElement[bool]:
    dates, points = FeedBlock.source == Source.OCCURRENCE, FeedBlock.source == Source.MILESTONE
    return {Contents.ALL: or_(dates, points), Contents.DATES: dates, Contents.DEADLINES: points}[contents]
