"""What the page of subscriptions shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...core.errors import NotFound
from ...events.models import Edition, Series
from ...events.numbering import Numbered
from ...events.wording import edition_name
from .. import rules
from ..models import FeedBlock, Subscription
from .things import things


@dataclass(frozen=True)
class Chosen:
    """The calendar that a visitor looks at."""

    path: str
    name: str  # "" for everything
    series_slug: str = ""


def chosen(slug: str, edition_id: int | None) -> Chosen:
    """The feed that the query of the page names: an edition, a series, else everything.

    Raises: NotFound when it names something that the public may not see.
    """
    named = select(Series.slug, Series.name, Edition.id, Edition.number, Edition.style, Edition.year)
    public = (visible(Edition, ANYBODY), visible(Series, ANYBODY))
    if edition_id is not None:
        row = db.session.execute(
            named.select_from(Edition)
            .join(Series, Series.id == Edition.series_id)
            .where(Edition.id == edition_id, *public)
        ).one_or_none()
        if row is None:
            raise NotFound()
        name = edition_name(Numbered(row.number, row.style, row.year), row.name)
        return Chosen(f"editions/{row.id}", name, row.slug)
    if slug:
        series_name = db.session.scalar(select(Series.name).where(Series.slug == slug, visible(Series, ANYBODY)))
        if series_name is None:
            raise NotFound()
        return Chosen(f"series/{slug}", series_name, slug)
    return Chosen("all", "")


def series_to_choose() -> list[tuple[str, str]]:
    """(slug, name) of the series that have a calendar."""
    rows = db.session.execute(select(Series.slug, Series.name).where(visible(Series, ANYBODY)).order_by(Series.name))
    return [(row.slug, row.name) for row in rows]


@dataclass(frozen=True)
class Coming:
    """A line of the preview."""

    at: datetime
    name: str
    is_deadline: bool
    cancelled: bool
    path: str


def coming(path: str, now: datetime, most: int) -> list[Coming]:
    """What the calendar of a path shows next. Read from its blocks, so that the preview and the calendar agree."""
    rows = db.session.execute(
        select(FeedBlock.source, FeedBlock.source_id)
        .where(FeedBlock.feeds.has_key(path), FeedBlock.sort_at >= now, FeedBlock.body != b"")
        .order_by(FeedBlock.sort_at, FeedBlock.source, FeedBlock.source_id)
        .limit(most)
    ).all()
    found = [one.facts for one in things([(row.source, row.source_id) for row in rows], "")]
    shown = [facts for facts in found if facts.public]
    return [
        Coming(facts.starts_at, rules.heading(facts), facts.is_deadline, facts.cancelled, facts.path)
        for facts in sorted(shown, key=lambda facts: (facts.starts_at, facts.source.value, facts.source_id))
    ]


def subscriptions(account_id: int) -> list[Subscription]:
    """A person's live personal feeds, newest first."""
    return list(
        db.session.scalars(
            select(Subscription)
            .where(Subscription.account_id == account_id, Subscription.revoked_at.is_(None))
            .order_by(Subscription.id.desc())
        )
    )
