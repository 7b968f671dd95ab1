"""Answers: what is listed, with the words and the stamp of its calendar entry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.db import hold_still
from ..core.errors import NotFound, RuleBroken
from ..feeds import queries as feeds
from ..feeds.house import House, house
from ..feeds.queries import Listed, Question
from ..feeds.rules import Source
from ..feeds.saying import current
from . import asking, items
from .asking import OVERLAP, Asked, Cursor


@dataclass(frozen=True)
class Answer:
    """One page. ``as_of``: since when its first page asks for changes; None while nothing has been published."""

    items: list[dict[str, Any]]
    next: Cursor | None
    as_of: datetime | None


def page(source: Source, asked: Asked, now: datetime) -> Answer:
    """Four statements, however many rows; one more for a list with nothing in it.

    Raises: RuleBroken("api.names_nothing") naming the parameter.
    """
    hold_still()
    published_at = feeds.published_at()
    as_of = asked.cursor.as_of if asked.cursor else asking.as_of(published_at, now) if published_at else None
    question = _question(asked)
    after = (asked.cursor.at, asked.cursor.id) if asked.cursor else None
    here = house()
    rows = feeds.listed(source, question, after=after, most=asked.limit + 1, version=here.version, now=now)
    if not rows and (names := feeds.unknown(question)):
        raise RuleBroken("api.names_nothing", parameter=names[0])
    shown = rows[: asked.limit]
    found = [item for row in shown if (item := _item(source, row, here, now))]
    more = Cursor(*shown[-1].at, as_of, asked.changed_since is not None) if len(rows) > asked.limit else None
    return Answer(found, more, as_of)


def one(source: Source, uid: str, now: datetime) -> dict[str, Any]:
    """The thing. Raises: NotFound, also for what the public may not see."""
    hold_still()
    here = house()
    row = feeds.listed_one(source, uid, version=here.version, now=now)
    item = _item(source, row, here, now) if row is not None else None
    if item is None or "gone" in item:
        raise NotFound()
    return item


def _question(asked: Asked) -> Question:
    since = asked.changed_since
    return Question(
        kind=asked.kind, topic=asked.topic, series=asked.series, edition=asked.edition, unit=asked.unit,
        region=asked.region, venue=asked.venue, cancelled=asked.cancelled, ends_after=asked.ends_after,
        starts_before=asked.starts_before, written_since=since - OVERLAP if since else None,
    )  # fmt: skip


def _item(source: Source, row: Listed, here: House, now: datetime) -> dict[str, Any] | None:
    """None for what no calendar can say."""
    if row.found is None:
        return items.gone(row.uid)
    facts = row.found.facts
    published, said = current(facts, row.found.made_from, row.published, row.made_from, here, now)
    if not published.body:
        return None
    if source is Source.MILESTONE:
        return items.milestone(facts, said, published.stamp, here.zone)
    return items.occurrence(facts, said, published.stamp, row.rule_uid, here.zone)
