"""Things that may stand in calendars: what is known of them, and whose block is not made from that. Set-based: the cost
of asking is a few statements, however many rows there are. Columns, or rows read anew, never what the session holds:
the worker must see the database, not what it read a minute ago.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Text, and_, func, literal, not_, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ...events.numbering import Numbered
from ...events.patterns.models import Pattern
from ...events.patterns.rules import Terms
from ...events.rules import Status
from ...events.wording import place_with_address
from ...judging.models import Round
from ...judging.rules import RoundState
from ...units.models import Region, Unit
from .. import rules
from ..house import house
from ..ical import said
from ..models import FeedBlock
from ..rules import Facts, Source, Window

MOST_BEHIND = 500

Key = tuple[Source, int]
Query = Select[*tuple[Any, ...]]
_Owner = aliased(Unit, name="owner")  # the unit of the series, beside the one that runs the thing


def _public(model: type[Occurrence] | type[Milestone]) -> ColumnElement[bool]:
    # What hangs below something unpublished is unpublished, whatever its own mark says.
    return and_(*(visible(table, ANYBODY) for table in (model, Edition, Series)))


def fingerprint(version: str, *columns: Any) -> ColumnElement[str]:
    """What something is made from, short enough to be compared."""
    return func.md5(func.concat_ws("\x1f", literal(version, Text), *columns))


def _joined(*columns: Any) -> ColumnElement[str]:
    return func.concat_ws("\x1f", *columns)


# ---- whose block is stale


@dataclass(frozen=True)
class _Words:
    """Fingerprints of the words that things share, each made once for a statement and not once for a thing."""

    editions: CTE  # published ones, with their series and its unit
    units: CTE
    rooms: CTE

    @classmethod
    def of(cls, version: str) -> "_Words":
        unit = (Unit.name, Unit.path, Unit.region_id)
        series = (Series.slug, Series.name, Series.kind, _Owner.path)
        edition = (Edition.number, Edition.style, Edition.year, Edition.title)
        editions = (
            select(Edition.id, Edition.unit_id, fingerprint(version, *series, *edition).label("made"))
            .join(Series, Series.id == Edition.series_id)
            .join(_Owner, _Owner.id == Series.unit_id)
            .where(visible(Edition, ANYBODY), visible(Series, ANYBODY))
        )
        venue = (Venue.id, Venue.name, Venue.address, Venue.latitude, Venue.longitude, Venue.region_id)
        rooms = select(Room.id, fingerprint("", Room.name, *venue).label("made")).join(Venue, Venue.id == Room.venue_id)
        # MATERIALIZED, or PostgreSQL would make the fingerprint again for every thing.
        return cls(
            editions.cte("edition_words").prefix_with("MATERIALIZED"),
            select(Unit.id, fingerprint("", *unit).label("made")).cte("unit_words").prefix_with("MATERIALIZED"),
            rooms.cte("room_words").prefix_with("MATERIALIZED"),
        )

    def occurrence(self) -> ColumnElement[str]:
        """What an occurrence's block is made from: everything of the row itself is in its revision."""
        return _joined(Occurrence.revision, self.editions.c.made, self.units.c.made, self.rooms.c.made)

    def milestone(self) -> ColumnElement[str]:
        return _joined(Milestone.revision, self.editions.c.made, self.units.c.made)

    def occurrences(self, query: Query) -> Query:
        """Public occurrences with these words beside them."""
        return (
            query.select_from(Occurrence)
            .join(self.editions, self.editions.c.id == Occurrence.edition_id)
            .join(self.units, self.units.c.id == Occurrence.unit_id)
            .outerjoin(self.rooms, self.rooms.c.id == Occurrence.room_id)
            .where(visible(Occurrence, ANYBODY))
        )


# A rule whose dates are all of one edition is one entry. Where each date is an issue, each has its own name and number.
_ONE_ENTRY = and_(Pattern.edition_id.is_not(None), Pattern.rule != "")


def _is_live(frame: Window) -> ColumnElement[bool]:
    return or_(Occurrence.status != Status.CANCELLED, Occurrence.ends_at > frame.cancelled_ended_after)


def _is_shown(frame: Window) -> ColumnElement[bool]:
    return and_(Occurrence.starts_at < frame.starts_before, Occurrence.ends_at > frame.ended_after, _is_live(frame))


def _is_shown_point(frame: Window) -> ColumnElement[bool]:
    return and_(Milestone.starts_at < frame.starts_before, Milestone.ends_at > frame.ended_after)


def is_shown(model: type[Occurrence] | type[Milestone], frame: Window) -> ColumnElement[bool]:
    """Whether a public one stands in calendars."""
    return _is_shown(frame) if model is Occurrence else _is_shown_point(frame)


def _wanted_occurrences(words: _Words, frame: Window) -> Query:
    return (
        words.occurrences(select(Occurrence.id, words.occurrence().label("made_from")))
        .outerjoin(Pattern, Pattern.id == Occurrence.pattern_id)
        .where(_is_shown(frame), or_(Occurrence.pattern_id.is_(None), not_(_ONE_ENTRY)))
    )


def _wanted_patterns(words: _Words, frame: Window) -> Query:
    """Made from the rule, from every public date of it, and from which of them are to be seen now."""
    before = aliased(Pattern, name="before")
    place, host = words.rooms.alias("place_words"), words.units.alias("host_words")
    date = _joined(Occurrence.id, words.occurrence(), _is_live(frame), _is_shown(frame))
    rule = (
        Pattern.uid, before.uid, Pattern.rule, Pattern.first_on, Pattern.starts, Pattern.duration_minutes,
        Pattern.all_day, Pattern.place, place.c.made, host.c.made,
    )  # fmt: skip
    dates = func.string_agg(date, aggregate_order_by(literal("\x1e", Text), Occurrence.id))
    return (
        words.occurrences(select(Pattern.id, fingerprint("", *rule, dates).label("made_from")))
        .join(Pattern, and_(Pattern.id == Occurrence.pattern_id, _ONE_ENTRY))
        .join(host, host.c.id == words.editions.c.unit_id)
        .outerjoin(place, place.c.id == Pattern.room_id)
        .outerjoin(before, before.id == Pattern.follows_id)
        .group_by(Pattern.id, before.uid, place.c.made, host.c.made)
        .having(func.bool_or(_is_shown(frame)))
    )


def _wanted_milestones(words: _Words, frame: Window) -> Query:
    return (
        select(Milestone.id, words.milestone().label("made_from"))
        .join(words.editions, words.editions.c.id == Milestone.edition_id)
        .join(words.units, words.units.c.id == Milestone.unit_id)
        .where(visible(Milestone, ANYBODY), _is_shown_point(frame))
    )


def _round(version: str) -> ColumnElement[str]:
    series = (Series.name, Series.kind)
    edition = (Edition.number, Edition.style, Edition.year)
    return fingerprint(version, Round.name, Round.opens_at, Round.closes_at, *series, *edition)


def _wanted_rounds(version: str, frame: Window) -> Query:
    return (
        select(Round.id, _round(version).label("made_from"))
        .join(Edition, Edition.id == Round.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .where(
            Round.state == RoundState.OPEN, Round.closes_at < frame.starts_before, Round.closes_at > frame.ended_after
        )
    )


def _differing(source: Source, wanted: Query) -> Query:
    want = wanted.subquery(f"want_{source.value}")
    # Dates that stand beside the block of their rule are settled with it.
    there = (
        select(FeedBlock.source_id, FeedBlock.made_from)
        .where(FeedBlock.source == source, FeedBlock.made_from != "", FeedBlock.pattern_id.is_(None))
        .subquery(f"have_{source.value}")
    )
    return (
        select(
            literal(source.value, Text).label("source"),
            func.coalesce(want.c.id, there.c.source_id).label("source_id"),
        )
        .select_from(want.join(there, want.c.id == there.c.source_id, full=True))
        .where(want.c.made_from.is_distinct_from(there.c.made_from))
    )


def stale_things(now: datetime, version: str, most: int) -> list[Key]:
    """Things whose block is missing, is made from something else, or should not be there. One statement."""
    frame = rules.window(now)
    words = _Words.of(version)
    every = union_all(
        _differing(Source.OCCURRENCE, _wanted_occurrences(words, frame)),
        _differing(Source.MILESTONE, _wanted_milestones(words, frame)),
        _differing(Source.PATTERN, _wanted_patterns(words, frame)),
        _differing(Source.ROUND, _wanted_rounds(version, frame)),
    ).subquery()
    rows = db.session.execute(
        select(every.c.source, every.c.source_id).order_by(every.c.source, every.c.source_id).limit(most)
    )
    return [(Source(row.source), row.source_id) for row in rows]


def behind(now: datetime) -> int:
    """How many things calendars do not show as they are, counted to ``MOST_BEHIND`` at most: for the figures."""
    return len(stale_things(now, house().version, MOST_BEHIND))


# ---- what is known of things


@dataclass(frozen=True)
class Found:
    """A thing as one statement read it, and the fingerprint of just that."""

    facts: Facts
    made_from: str


@dataclass(frozen=True)
class FoundRule:
    """A rule whose dates are one entry, with every date of it that has a row, public or not."""

    facts: Facts  # of a date that follows it in everything: its first
    made_from: str
    terms: Terms
    follows: str  # UID of the rule that it goes on from; ""
    dates: tuple[Found, ...]


_COMMON = (
    Edition.id.label("edition_id"), Series.slug, Series.name.label("series_name"), Series.kind, Edition.number,
    Edition.style, Edition.year, Edition.title.label("edition_title"),
)  # fmt: skip
_RUN_BY = (Unit.name.label("unit_name"), Unit.path.label("unit_path"), _Owner.path.label("owner_path"))
_PLACE = (
    Room.name.label("room"), Venue.id.label("venue_id"), Venue.name.label("venue"), Venue.address, Venue.latitude,
    Venue.longitude, Region.slug.label("region"),
)  # fmt: skip


def _with_parents(query: Query, edition_id: Any, unit_id: Any) -> Query:
    return (
        query.join(Edition, Edition.id == edition_id)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == unit_id)
        .join(_Owner, _Owner.id == Series.unit_id)
    )


def _with_place(query: Query, room_id: Any) -> Query:
    return (
        query.outerjoin(Room, Room.id == room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
    )


def things(keys: Collection[Key], version: str) -> list[Found]:
    """The things of these keys that exist, public or not; of rules see ``found_rules``. One statement per source, and
    one for the names of units."""
    words = _Words.of(version)
    ids = {source: [number for one, number in keys if one is source] for source in Source}
    found: list[tuple[Any, dict[str, Any]]] = []
    if ids[Source.OCCURRENCE]:
        found += _occurrences(words, Occurrence.id.in_(ids[Source.OCCURRENCE]))
    if ids[Source.MILESTONE]:
        found += _milestones(words, ids[Source.MILESTONE])
    if ids[Source.ROUND]:
        found += _rounds(version, ids[Source.ROUND])
    return _named(found)


def found_rules(ids: Collection[int], version: str, now: datetime) -> list[FoundRule]:
    """Those of these rules that calendars show now. Three statements.

    The fingerprint is read first: what changes in between is seen again, not missed.
    """
    if not ids:
        return []
    words = _Words.of(version)
    wanted = _wanted_patterns(words, rules.window(now)).where(Pattern.id.in_(ids))
    made = {row.id: row.made_from for row in db.session.execute(wanted)}
    before = aliased(Pattern, name="before")
    query: Query = select(Pattern, before.uid.label("follows"), *_COMMON, *_RUN_BY, *_PLACE).select_from(Pattern)
    query = _with_place(_with_parents(query, Pattern.edition_id, Edition.unit_id), Pattern.room_id)
    query = query.outerjoin(before, before.id == Pattern.follows_id).where(Pattern.id.in_(made))
    query = query.execution_options(populate_existing=True)
    rows = db.session.execute(query).all()
    dates: dict[int, list[tuple[Any, dict[str, Any]]]] = {number: [] for number in made}
    for row, values in _occurrences(words, Occurrence.pattern_id.in_(made)):
        dates[row.pattern_id].append((row, values))
    named = _named([*((row, _ruled(row)) for row in rows), *(one for some in dates.values() for one in some)])
    heads, rest = named[: len(rows)], iter(named[len(rows) :])
    by_rule = {number: tuple(next(rest) for _ in some) for number, some in dates.items()}
    return [
        FoundRule(one.facts, made[row.Pattern.id], row.Pattern.terms, row.follows or "", by_rule[row.Pattern.id])
        for row, one in zip(rows, heads, strict=True)
    ]


def _occurrences(words: _Words, of: ColumnElement[bool]) -> list[tuple[Any, dict[str, Any]]]:
    query: Query = select(
        Occurrence.id, Occurrence.uid, Occurrence.revision, Occurrence.changed_at, Occurrence.starts_at,
        Occurrence.ends_at, Occurrence.title.label("name"), Occurrence.summary, Occurrence.moved_from_at,
        Occurrence.all_day, Occurrence.place, Occurrence.status, Occurrence.reason, Occurrence.pattern_id,
        Occurrence.planned_at, _public(Occurrence).label("public"), words.occurrence().label("made_from"),
        *_COMMON, *_RUN_BY, *_PLACE,
    ).select_from(Occurrence)  # fmt: skip
    query = _with_place(_with_parents(query, Occurrence.edition_id, Occurrence.unit_id), Occurrence.room_id)
    query = query.outerjoin(words.editions, words.editions.c.id == Edition.id)
    query = query.outerjoin(words.units, words.units.c.id == Unit.id)
    query = query.outerjoin(words.rooms, words.rooms.c.id == Room.id)
    rows = db.session.execute(query.where(of).order_by(Occurrence.id))
    return [(row, _occurrence(row)) for row in rows]


def _milestones(words: _Words, ids: Collection[int]) -> list[tuple[Any, dict[str, Any]]]:
    query: Query = select(
        Milestone.id, Milestone.uid, Milestone.revision, Milestone.changed_at, Milestone.starts_at,
        Milestone.ends_at, Milestone.name, Milestone.is_deadline, Region.slug.label("region"),
        _public(Milestone).label("public"), words.milestone().label("made_from"), *_COMMON, *_RUN_BY,
    ).select_from(Milestone)  # fmt: skip
    query = _with_parents(query, Milestone.edition_id, Milestone.unit_id)
    query = query.outerjoin(words.editions, words.editions.c.id == Edition.id)
    query = query.outerjoin(words.units, words.units.c.id == Unit.id)
    query = query.outerjoin(Region, Region.id == Unit.region_id)
    return [(row, _milestone(row)) for row in db.session.execute(query.where(Milestone.id.in_(ids)))]


def _rounds(version: str, ids: Collection[int]) -> list[tuple[Any, dict[str, Any]]]:
    query: Query = select(
        Round.id, Round.uid, Round.name, Round.opens_at, Round.closes_at, Round.state,
        _round(version).label("made_from"), *_COMMON,
    ).select_from(Round)  # fmt: skip
    query = query.join(Edition, Edition.id == Round.edition_id).join(Series, Series.id == Edition.series_id)
    return [(row, _judging(row)) for row in db.session.execute(query.where(Round.id.in_(ids)))]


def _named(found: Iterable[tuple[Any, dict[str, Any]]]) -> list[Found]:
    """With the slugs of all units that have to do with each. One statement."""
    found = list(found)
    chains = [(getattr(row, "unit_path", ""), getattr(row, "owner_path", "")) for row, _values in found]
    ids = {number for chain in chains for number in _on(*chain)}
    slugs = {row.id: row.slug for row in db.session.execute(select(Unit.id, Unit.slug).where(Unit.id.in_(ids)))}
    return [
        Found(
            Facts(**_common(row), **values, units=tuple(slugs[number] for number in _on(*chain) if number in slugs)),
            getattr(row, "made_from", ""),
        )
        for (row, values), chain in zip(found, chains, strict=True)
    ]


def _on(*paths: str) -> list[int]:
    """The units on these paths, each once."""
    return list(dict.fromkeys(int(part) for path in paths for part in path.split("/") if part))


def _common(row: Any) -> dict[str, Any]:
    return {
        "edition_id": row.edition_id, "series_slug": row.slug, "series_name": row.series_name,
        "numbered": Numbered(row.number, row.style, row.year), "edition_title": row.edition_title, "kind": row.kind,
    }  # fmt: skip


def _dated(row: Any) -> dict[str, Any]:
    return {
        "source_id": row.id, "public": row.public, "uid": row.uid, "revision": row.revision,
        "changed_at": row.changed_at, "starts_at": row.starts_at, "ends_at": row.ends_at, "name": row.name,
        "unit_name": row.unit_name, "region": row.region or "",
    }  # fmt: skip


def _placed(row: Any, place: str) -> dict[str, Any]:
    has_geo = row.latitude is not None and row.longitude is not None
    return {
        "place": place_with_address(row.venue or "", row.room or "", row.address or "", place),
        "geo": (row.latitude, row.longitude) if has_geo else None, "venue_id": row.venue_id,
    }  # fmt: skip


def _occurrence(row: Any) -> dict[str, Any]:
    return {
        **_dated(row), **_placed(row, row.place), "source": Source.OCCURRENCE, "path": f"/occurrences/{row.id}",
        "text": row.summary, "all_day": row.all_day, "cancelled": row.status is Status.CANCELLED,
        "reason": row.reason, "slot_at": row.planned_at if row.pattern_id is not None else None,
        "moved_from_at": row.moved_from_at if row.moved_from_at != row.starts_at else None,
    }  # fmt: skip


def _milestone(row: Any) -> dict[str, Any]:
    return {
        **_dated(row), "source": Source.MILESTONE, "path": f"/editions/{row.edition_id}",
        "is_deadline": row.is_deadline,
    }  # fmt: skip


def _judging(row: Any) -> dict[str, Any]:
    """A round as its judges have it: until when they score."""
    zone = house().zone
    hours = f"评分时间：{said(row.opens_at.astimezone(zone))}至{said(row.closes_at.astimezone(zone))}"
    return {
        "source": Source.ROUND, "source_id": row.id, "public": row.state is RoundState.OPEN, "uid": row.uid,
        "revision": 0, "changed_at": row.opens_at, "starts_at": row.closes_at, "ends_at": row.closes_at,
        "name": f"{row.name}评分截止", "path": "/judge", "text": hours, "is_deadline": True,
    }  # fmt: skip


def _ruled(row: Any) -> dict[str, Any]:
    """A date of a rule that follows it in everything."""
    pattern: Pattern = row.Pattern
    starts_at = pattern.terms.slots(house().zone)[0].starts_at
    return {
        **_placed(row, pattern.place), "source": Source.PATTERN, "source_id": pattern.id, "public": True,
        "uid": pattern.uid, "revision": 0, "changed_at": pattern.changed_at, "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=pattern.duration_minutes), "name": "",
        "path": f"/editions/{row.edition_id}", "unit_name": row.unit_name, "region": row.region or "",
        "all_day": pattern.all_day,
    }  # fmt: skip
