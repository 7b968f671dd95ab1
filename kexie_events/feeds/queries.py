"""What should stand in calendars, what does, and where the two differ. Set-based: the cost of asking is a few
statements, however many rows there are. Columns only, never rows of the session: the worker must see the database,
not what it read a minute ago.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
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
    union,
    union_all,
)

from ..accounts.models import Account
from ..core.access import ANYBODY, visible
from ..core.db import db
from ..core.errors import NotFound
from ..events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..events.numbering import Numbered, Style
from ..events.rules import Status
from ..events.wording import edition_name, place_with_address
from ..registrations.models import Registration
from ..registrations.rules import RegistrationState
from ..units.models import Unit
from . import rules
from .models import Feed, FeedBlock, FeedDue, Subscription
from .rules import Facts, Source, Window

Key = tuple[Source, int]
Query = Select[*tuple[Any, ...]]


# ---- things that may stand in calendars


def _public(model: type[Occurrence] | type[Milestone]) -> ColumnElement[bool]:
    # What hangs below something unpublished is unpublished, whatever its own mark says.
    return and_(*(visible(table, ANYBODY) for table in (model, Edition, Series)))


def _with_parents(query: Query, model: type[Occurrence] | type[Milestone]) -> Query:
    return (
        query.select_from(model)
        .join(Edition, Edition.id == model.edition_id)
        .join(Series, Series.id == model.series_id)
        .join(Unit, Unit.id == model.unit_id)
    )


def _fingerprint(version: str, *columns: Any) -> ColumnElement[str]:
    return func.md5(func.concat_ws("\x1f", literal(version, Text), *columns))


@dataclass(frozen=True)
class _Words:
    """Fingerprints of the words that things share, each made once for a statement and not once for a thing."""

    editions: CTE  # published ones
    rooms: CTE

    @classmethod
    def of(cls, version: str) -> "_Words":
        series = (Series.slug, Series.name, Series.kind)
        edition = (Edition.number, Edition.style, Edition.year, Edition.title)
        editions = (
            select(Edition.id, _fingerprint(version, *series, *edition).label("made"))
            .join(Series, Series.id == Edition.series_id)
            .where(visible(Edition, ANYBODY), visible(Series, ANYBODY))
        )
        venue = (Venue.name, Venue.address, Venue.latitude, Venue.longitude)
        rooms = select(Room.id, _fingerprint("", Room.name, *venue).label("made")).join(
            Venue, Venue.id == Room.venue_id
        )
        # MATERIALIZED, or PostgreSQL would make the fingerprint again for every thing.
        return cls(
            editions.cte("edition_words").prefix_with("MATERIALIZED"),
            rooms.cte("room_words").prefix_with("MATERIALIZED"),
        )

    def occurrence(self) -> ColumnElement[str]:
        """What an occurrence's block is made from: everything of the row itself is in its revision."""
        made = (Occurrence.revision, self.editions.c.made, Unit.name, self.rooms.c.made)
        return func.concat_ws("\x1f", *made).label("made_from")

    def milestone(self) -> ColumnElement[str]:
        made = (Milestone.revision, self.editions.c.made, Unit.name)
        return func.concat_ws("\x1f", *made).label("made_from")


def _shown_occurrence(frame: Window) -> ColumnElement[bool]:
    return and_(
        visible(Occurrence, ANYBODY),
        Occurrence.starts_at < frame.starts_before,
        Occurrence.ends_at > frame.ended_after,
        or_(Occurrence.status != Status.CANCELLED, Occurrence.ends_at > frame.cancelled_ended_after),
    )


def _shown_milestone(frame: Window) -> ColumnElement[bool]:
    return and_(
        visible(Milestone, ANYBODY), Milestone.starts_at < frame.starts_before, Milestone.ends_at > frame.ended_after
    )


def _differing(source: Source, wanted: Subquery) -> Query:
    there = (
        select(FeedBlock.source_id, FeedBlock.made_from)
        .where(FeedBlock.source == source)
        .subquery(f"have_{source.value}")
    )
    differs = wanted.c.made_from.is_distinct_from(there.c.made_from)
    return (
        select(
            literal(source.value, Text).label("source"),
            func.coalesce(wanted.c.id, there.c.source_id).label("source_id"),
        )
        .select_from(wanted.join(there, wanted.c.id == there.c.source_id, full=True))
        .where(differs)
    )


def stale_things(now: datetime, version: str, most: int) -> list[Key]:
    """Things whose block is missing, is made from something else, or should not be there. One statement."""
    frame = rules.window(now)
    words = _Words.of(version)
    editions, rooms = words.editions, words.rooms
    occurrences = (
        select(Occurrence.id, words.occurrence())
        .join(editions, editions.c.id == Occurrence.edition_id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(rooms, rooms.c.id == Occurrence.room_id)
        .where(_shown_occurrence(frame))
        .subquery("want_occurrence")
    )
    milestones = (
        select(Milestone.id, words.milestone())
        .join(editions, editions.c.id == Milestone.edition_id)
        .join(Unit, Unit.id == Milestone.unit_id)
        .where(_shown_milestone(frame))
        .subquery("want_milestone")
    )
    both = union_all(_differing(Source.OCCURRENCE, occurrences), _differing(Source.MILESTONE, milestones)).subquery()
    rows = db.session.execute(
        select(both.c.source, both.c.source_id).order_by(both.c.source, both.c.source_id).limit(most)
    )
    return [(Source(row.source), row.source_id) for row in rows]


_COMMON = (
    Edition.id.label("edition_id"), Series.slug, Series.name.label("series_name"), Series.kind, Edition.number,
    Edition.style, Edition.year, Edition.title.label("edition_title"), Unit.name.label("unit_name"),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A thing as one statement read it, and the fingerprint of just that."""

    facts: Facts
    made_from: str


def things(keys: Collection[Key], version: str) -> list[Found]:
    """The things of these keys that exist, public or not. One statement per source."""
    found = []
    words = _Words.of(version)
    editions, rooms = words.editions, words.rooms
    if ids := [number for source, number in keys if source is Source.OCCURRENCE]:
        query: Query = _with_parents(
            select(
                Occurrence.id, Occurrence.uid, Occurrence.revision, Occurrence.changed_at, Occurrence.starts_at,
                Occurrence.ends_at, Occurrence.title.label("name"), Occurrence.summary, Occurrence.moved_from_at,
                Occurrence.all_day, Occurrence.place, Occurrence.status, Occurrence.reason,
                Room.name.label("room"), Venue.name.label("venue"), Venue.address, Venue.latitude, Venue.longitude,
                _public(Occurrence).label("public"), words.occurrence(), *_COMMON,
            ).where(Occurrence.id.in_(ids)), Occurrence,
        )  # fmt: skip
        query = query.outerjoin(Room, Room.id == Occurrence.room_id).outerjoin(Venue, Venue.id == Room.venue_id)
        query = query.outerjoin(editions, editions.c.id == Edition.id).outerjoin(rooms, rooms.c.id == Room.id)
        found += [Found(_occurrence_facts(row), row.made_from) for row in db.session.execute(query)]
    if ids := [number for source, number in keys if source is Source.MILESTONE]:
        query = _with_parents(
            select(
                Milestone.id, Milestone.uid, Milestone.revision, Milestone.changed_at, Milestone.starts_at,
                Milestone.ends_at, Milestone.name, Milestone.is_deadline,
                _public(Milestone).label("public"), words.milestone(), *_COMMON,
            ).where(Milestone.id.in_(ids)), Milestone,
        )  # fmt: skip
        query = query.outerjoin(editions, editions.c.id == Edition.id)
        found += [Found(_milestone_facts(row), row.made_from) for row in db.session.execute(query)]
    return found


def _common(row: Any) -> dict[str, Any]:
    return {
        "source_id": row.id, "public": row.public, "uid": row.uid, "revision": row.revision,
        "changed_at": row.changed_at, "starts_at": row.starts_at, "ends_at": row.ends_at,
        "name": row.name, "edition_id": row.edition_id,
        "series_slug": row.slug, "series_name": row.series_name, "numbered": Numbered(row.number, row.style, row.year),
        "edition_title": row.edition_title, "kind": row.kind, "unit_name": row.unit_name,
    }  # fmt: skip


def _occurrence_facts(row: Any) -> Facts:
    has_geo = row.latitude is not None and row.longitude is not None
    return Facts(
        **_common(row), source=Source.OCCURRENCE, path=f"/occurrences/{row.id}", text=row.summary, all_day=row.all_day,
        place=place_with_address(row.venue or "", row.room or "", row.address or "", row.place),
        geo=(row.latitude, row.longitude) if has_geo else None,
        moved_from_at=row.moved_from_at if row.moved_from_at != row.starts_at else None,
        cancelled=row.status is Status.CANCELLED, reason=row.reason,
    )  # fmt: skip


def _milestone_facts(row: Any) -> Facts:
    return Facts(
        **_common(row), source=Source.MILESTONE, path=f"/editions/{row.edition_id}", is_deadline=row.is_deadline
    )


# ---- blocks and the feeds that hold them


@dataclass(frozen=True)
class Held:
    """A stored block."""

    made_from: str
    body: bytes
    sort_at: datetime
    feeds: tuple[str, ...]


def blocks(keys: Collection[Key]) -> dict[Key, Held]:
    rows = db.session.execute(
        select(
            FeedBlock.source,
            FeedBlock.source_id,
            FeedBlock.made_from,
            FeedBlock.body,
            FeedBlock.sort_at,
            FeedBlock.feeds,
        ).where(tuple_(FeedBlock.source, FeedBlock.source_id).in_(keys))
    )
    return {(row.source, row.source_id): Held(row.made_from, row.body, row.sort_at, tuple(row.feeds)) for row in rows}


def _live() -> Query:
    return (
        select(Subscription.token_hash)
        .select_from(Subscription)
        .join(Account, Account.id == Subscription.account_id)
        .where(Subscription.revoked_at.is_(None), Account.active)
    )


def _members() -> Subquery:
    """What stands in personal feeds: (token_hash, source, source_id). One arm for each reason to be in it.

    A seat counts, a place in the queue does not: a calendar that shows it would promise it.
    """
    seat = (literal(Source.OCCURRENCE.value, Text).label("source"), Registration.occurrence_id.label("source_id"))
    confirmed = Registration.state == RegistrationState.CONFIRMED
    return union(
        _live().add_columns(*seat).join(Registration, Registration.person_id == Account.person_id).where(confirmed),
        _live().add_columns(*seat).join(Registration, Registration.account_id == Account.id).where(confirmed),
    ).subquery("member")


def personal_feeds_of(keys: Collection[Key]) -> set[str]:
    """Paths of the personal feeds that hold any of these things."""
    if not keys:
        return set()
    member = _members()
    plain = [(source.value, number) for source, number in keys]
    rows = db.session.scalars(
        select(member.c.token_hash).distinct().where(tuple_(member.c.source, member.c.source_id).in_(plain))
    )
    return {f"{PERSONAL}{token_hash}" for token_hash in rows}


PERSONAL = "p/"


def _catalogue(version: str) -> Subquery:
    """Every feed that should exist: path, a fingerprint of what it is made from beside its blocks, parts of its name.

    The fingerprint of a personal feed is over what is in it, so that it changes exactly when a seat is won or lost.
    """
    member = _members()
    # A sum does not depend on the order, so nothing needs to be sorted.
    seats = func.sum(func.hashtextextended(func.concat(member.c.source, ":", member.c.source_id), 0))
    no_words, no_number = cast(null(), Text), cast(null(), Integer)
    nameless = (no_words.label("name"), no_number.label("number"), no_words.label("style"), no_number.label("year"))
    whole = select(literal("all", Text).label("path"), literal(version, Text).label("made_from"), *nameless)
    series = select(
        func.concat("series/", Series.slug), _fingerprint(version, Series.name), Series.name, *nameless[1:]
    ).where(visible(Series, ANYBODY))
    editions = (
        select(
            func.concat("editions/", Edition.id),
            _fingerprint(version, Series.name, Edition.number, Edition.style, Edition.year),
            Series.name,
            Edition.number,
            cast(Edition.style, Text),
            Edition.year,
        )
        .select_from(Edition)
        .join(Series, Series.id == Edition.series_id)
        .where(visible(Edition, ANYBODY), visible(Series, ANYBODY))
    )
    live = _live().subquery("live")
    personal = (
        select(func.concat(PERSONAL, live.c.token_hash), _fingerprint(version, seats), *nameless)
        .select_from(live.outerjoin(member, member.c.token_hash == live.c.token_hash))
        .group_by(live.c.token_hash)
    )
    return union_all(whole, series, editions, personal).subquery("catalogue")


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
    return list(db.session.scalars(select(FeedDue.path).order_by(FeedDue.path).limit(most)))


@dataclass(frozen=True)
class Wanted:
    """A feed as it should be, but for its blocks."""

    path: str
    made_from: str
    series_name: str
    numbered: Numbered | None


def wanted_feeds(paths: Collection[str], version: str) -> list[Wanted]:
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
    """The blocks of each feed in their order. Two statements, however many feeds."""
    order = (FeedBlock.sort_at, FeedBlock.source, FeedBlock.source_id)
    found: dict[str, list[bytes]] = {path: [] for path in paths}
    if named := [path for path in paths if not path.startswith(PERSONAL)]:
        asked = func.unnest(cast(named, ARRAY(Text))).table_valued("path").render_derived()
        query = select(asked.c.path, FeedBlock.body).join(FeedBlock, FeedBlock.feeds.has_key(asked.c.path))
        for path, body in db.session.execute(query.where(FeedBlock.body != b"").order_by(*order)):
            found[path].append(body)
    if tokens := [path.removeprefix(PERSONAL) for path in paths if path.startswith(PERSONAL)]:
        member = _members()
        query = select(member.c.token_hash, FeedBlock.body).join(
            FeedBlock,
            and_(cast(FeedBlock.source, Text) == member.c.source, FeedBlock.source_id == member.c.source_id),
        )
        query = query.where(member.c.token_hash.in_(tokens), FeedBlock.body != b"").order_by(*order)
        for token_hash, body in db.session.execute(query):
            found[f"{PERSONAL}{token_hash}"].append(body)
    return found


@dataclass(frozen=True)
class Published:
    """What is served now under a path, without the bytes."""

    etag: str
    made_from: str
    modified_at: datetime
    revision: int


def published(paths: Collection[str]) -> dict[str, Published]:
    rows = db.session.execute(
        select(Feed.path, Feed.etag, Feed.made_from, Feed.modified_at, Feed.revision).where(Feed.path.in_(paths))
    )
    return {row.path: Published(row.etag, row.made_from, row.modified_at, row.revision) for row in rows}


# ---- for pages


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
