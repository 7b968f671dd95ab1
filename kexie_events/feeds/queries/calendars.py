"""Blocks and the calendars that hold them: what should be published, what is, and where the two differ. Set-based, and
columns only, as the things are.
"""

import gzip
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    Subquery,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.kinds import Kind, Topic
from ...events.models import Edition, Series, Venue
from ...events.numbering import Numbered, Style
from ...units.models import Region, Unit
from ..choices import Choice
from ..ical import Stamp
from ..models import Feed, FeedBlock, FeedDue, Subscription
from ..rules import PERSONAL, Published, kebab
from .members import live_addresses, members
from .stale import Key, Query, fingerprint


@dataclass(frozen=True)
class Held:
    """A stored block."""

    made_from: str
    published: Published
    sort_at: datetime
    feeds: tuple[str, ...]
    pattern_id: int | None = None


def blocks(keys: Collection[Key], rule_ids: Collection[int]) -> dict[Key, Held]:
    """The stored blocks of these things, those that have left the calendars too, and of the dates that stand beside
    the blocks of these rules. One statement."""
    asked = or_(
        tuple_(FeedBlock.source, FeedBlock.source_id).in_(keys), FeedBlock.pattern_id.in_(rule_ids)
    )  # fmt: skip
    return {
        (row.source, row.source_id): Held(
            row.made_from, Published(row.body, Stamp(row.sequence, row.changed_at)), row.sort_at, tuple(row.feeds),
            row.pattern_id,
        )
        for row in db.session.execute(select(FeedBlock.__table__).where(asked))
    }  # fmt: skip


def _catalogue(version: str) -> Subquery:
    """Every feed that should exist: path, a fingerprint of what it is made from beside its blocks, parts of its name.

    The fingerprint of a personal feed is over what is in it and how it is wanted, so that it changes exactly when a
    seat is won or lost, or the person chooses otherwise.
    """
    no_words, no_number = cast(null(), Text), cast(null(), Integer)
    nameless = (no_words.label("name"), no_number.label("number"), no_words.label("style"), no_number.label("year"))

    def called(path: Any, name: Any, of: type[Any]) -> Query:
        return select(path, fingerprint(version, name), name, *nameless[1:]).select_from(of)

    fixed = ["all", *(f"kinds/{kebab(kind)}" for kind in Kind), *(f"topics/{kebab(topic)}" for topic in Topic)]
    paths = func.unnest(cast(fixed, ARRAY(Text))).table_valued("path").render_derived()
    whole = select(paths.c.path.label("path"), literal(version, Text).label("made_from"), *nameless)
    series = called(func.concat("series/", Series.slug), Series.name, Series).where(visible(Series, ANYBODY))
    editions = (
        select(
            func.concat("editions/", Edition.id),
            fingerprint(version, Series.name, Edition.number, Edition.style, Edition.year),
            Series.name,
            Edition.number,
            cast(Edition.style, Text),
            Edition.year,
        )
        .select_from(Edition)
        .join(Series, Series.id == Edition.series_id)
        .where(visible(Edition, ANYBODY), visible(Series, ANYBODY))
    )
    units = called(func.concat("units/", Unit.slug), Unit.name, Unit)
    regions = called(func.concat("regions/", Region.slug), Region.name, Region)
    venues = called(func.concat("venues/", Venue.id), Venue.name, Venue)
    return union_all(whole, series, editions, units, regions, venues, _personal(version, nameless)).subquery(
        "catalogue"
    )


def _personal(version: str, nameless: Any) -> Query:
    member, live = members(), live_addresses().add_columns(*_CHOSEN).subquery("live")
    # A sum does not depend on the order, so nothing needs to be sorted.
    inside = func.sum(func.hashtextextended(func.concat(member.c.source, ":", member.c.source_id), 0))
    chosen = [live.c[column.key] for column in _CHOSEN]
    return (
        select(func.concat(PERSONAL, live.c.token_hash), fingerprint(version, *chosen, inside), *nameless)
        .select_from(live.outerjoin(member, member.c.token_hash == live.c.token_hash))
        .group_by(live.c.token_hash, *chosen)
    )


_CHOSEN = (Subscription.contents, Subscription.cancelled, Subscription.alarm)


def choices(paths: Collection[str]) -> dict[str, Choice]:
    """How the personal ones of these feeds are wanted. One statement, none for public feeds alone."""
    hashes = [path.removeprefix(PERSONAL) for path in paths if path.startswith(PERSONAL)]
    if not hashes:
        return {}
    query = select(Subscription.token_hash, *_CHOSEN).where(Subscription.token_hash.in_(hashes))
    return {
        f"{PERSONAL}{row.token_hash}": Choice(row.contents, row.cancelled, row.alarm)
        for row in db.session.execute(query)
    }


@dataclass(frozen=True)
class Differing:
    """Feeds to make or remake because of themselves, not because of a block; feeds that should not be there."""

    due: list[str]
    gone: list[str]


def differing_feeds(version: str) -> Differing:
    """One statement."""
    wanted = _catalogue(version)
    rows = db.session.execute(
        select(wanted.c.path.label("wanted"), Feed.path.label("there"))
        .select_from(wanted.join(Feed, Feed.path == wanted.c.path, full=True))
        .where(wanted.c.made_from.is_distinct_from(Feed.made_from))
    ).all()
    return Differing([row.wanted for row in rows if row.wanted], [row.there for row in rows if not row.wanted])


def due_paths(most: int) -> list[str]:
    """Feeds that wait to be put together again."""
    return list(db.session.scalars(select(FeedDue.path).order_by(FeedDue.path).limit(most)))


def due_count() -> int:
    """How many feeds wait to be put together again."""
    return db.session.scalar(select(func.count()).select_from(FeedDue)) or 0


@dataclass(frozen=True)
class Wanted:
    """A feed as it should be, but for its blocks."""

    path: str
    made_from: str
    name: str  # of the series, unit, region or venue; "" where the path says it
    numbered: Numbered | None  # of an edition


def wanted_feeds(paths: Collection[str], version: str) -> list[Wanted]:
    """Those of these feeds that should exist. One statement."""
    catalogue = _catalogue(version)
    rows = db.session.execute(select(catalogue).where(catalogue.c.path.in_(paths)))
    return [
        Wanted(
            row.path,
            row.made_from,
            row.name or "",
            Numbered(row.number, Style(row.style), row.year) if row.number else None,
        )
        for row in rows
    ]


def bodies(paths: Collection[str]) -> dict[str, list[bytes]]:
    """The blocks of each feed in their order. Two statements, however many feeds; a block that stands in many public
    ones is fetched once.
    """
    order = (FeedBlock.sort_at, FeedBlock.source, FeedBlock.source_id)
    found: dict[str, list[bytes]] = {path: [] for path in paths}
    if named := [path for path in paths if not path.startswith(PERSONAL)]:
        asked = FeedBlock.feeds.has_any(cast(named, ARRAY(Text)))
        query = select(FeedBlock.body, FeedBlock.feeds).where(asked, FeedBlock.body != b"").order_by(*order)
        for body, feeds in db.session.execute(query):
            for path in feeds:
                if path in found:
                    found[path].append(body)
    if tokens := [path.removeprefix(PERSONAL) for path in paths if path.startswith(PERSONAL)]:
        member = members()
        personal = select(member.c.token_hash, FeedBlock.body).join(
            FeedBlock,
            and_(cast(FeedBlock.source, Text) == member.c.source, FeedBlock.source_id == member.c.source_id),
        )
        personal = personal.where(member.c.token_hash.in_(tokens), FeedBlock.body != b"").order_by(*order)
        for token_hash, body in db.session.execute(personal):
            found[f"{PERSONAL}{token_hash}"].append(body)
    return found


@dataclass(frozen=True)
class Served:
    """What is served now under a path, without the bytes."""

    etag: str
    made_from: str
    modified_at: datetime
    revision: int


def served(paths: Collection[str]) -> dict[str, Served]:
    """Those of these feeds that are served. One statement."""
    rows = db.session.execute(
        select(Feed.path, Feed.etag, Feed.made_from, Feed.modified_at, Feed.revision).where(Feed.path.in_(paths))
    )
    return {row.path: Served(row.etag, row.made_from, row.modified_at, row.revision) for row in rows}


def served_bodies(paths: Collection[str]) -> dict[str, bytes]:
    """The bytes that are served now under these paths. One statement; they come compressed, a twentieth of the way."""
    if not paths:
        return {}
    rows = db.session.execute(select(Feed.path, Feed.body_gzip).where(Feed.path.in_(paths)))
    return {row.path: gzip.decompress(row.body_gzip) for row in rows}
