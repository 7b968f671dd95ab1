"""What is known of things that may stand in calendars. Set-based: a few statements, however many rows there are.
Columns, or rows read anew, never what the session holds: the worker must see the database, not what it read before.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...core.errors import RuleBroken
from ...events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ...events.numbering import Numbered
from ...events.patterns.models import Pattern
from ...events.rules import Status
from ...events.wording import place_with_address
from ...judging.models import Round
from ...judging.rules import RoundState
from ...units.models import Region, Unit
from .. import rules
from ..house import house
from ..ical import said
from ..rules import Facts, Source
from .stale import Key, Owner, Query, Words, judging, wanted_rules

log = logging.getLogger("kexie.feeds")

Row = tuple[Any, dict[str, Any]]  # what was read, and what of ``Facts`` it says


def is_public(model: type[Occurrence] | type[Milestone]) -> ColumnElement[bool]:
    # What hangs below something unpublished is unpublished, whatever its own mark says.
    return and_(*(visible(table, ANYBODY) for table in (model, Edition, Series)))


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
    rule: str
    slots: tuple[datetime, ...]  # planned starts; none when it is a rule that is refused by now
    follows: str  # UID of the rule that it goes on from; ""
    dates: tuple[Found, ...]


_COMMON = (
    Edition.id.label("edition_id"), Series.slug, Series.name.label("series_name"), Series.kind, Edition.number,
    Edition.style, Edition.year, Edition.title.label("edition_title"),
)  # fmt: skip
_RUN_BY = (Unit.name.label("unit_name"), Unit.path.label("unit_path"), Owner.path.label("owner_path"))
_PLACE = (
    Room.name.label("room"), Venue.id.label("venue_id"), Venue.name.label("venue"), Venue.address, Venue.latitude,
    Venue.longitude, Region.slug.label("region"),
)  # fmt: skip


def _with_parents(query: Query, edition_id: Any, unit_id: Any) -> Query:
    return (
        query.join(Edition, Edition.id == edition_id)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == unit_id)
        .join(Owner, Owner.id == Series.unit_id)
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
    words = Words.of(version)
    ids = {source: [number for one, number in keys if one is source] for source in Source}
    found: list[Row] = []
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
    words = Words.of(version)
    wanted = wanted_rules(words, rules.window(now)).where(Pattern.id.in_(ids))
    made = {row.id: row.made_from for row in db.session.execute(wanted)}
    before = aliased(Pattern, name="before")
    query: Query = select(Pattern, before.uid.label("follows"), *_COMMON, *_RUN_BY, *_PLACE).select_from(Pattern)
    query = _with_place(_with_parents(query, Pattern.edition_id, Edition.unit_id), Pattern.room_id)
    query = query.outerjoin(before, before.id == Pattern.follows_id).where(Pattern.id.in_(made))
    query = query.execution_options(populate_existing=True)
    rows = db.session.execute(query).all()
    dates: dict[int, list[Row]] = {number: [] for number in made}
    for row, values in _occurrences(words, Occurrence.pattern_id.in_(made)):
        dates[row.pattern_id].append((row, values))
    slots = {row.Pattern.id: _slots(row.Pattern) for row in rows}
    ruled = [(row, _ruled(row, slots[row.Pattern.id])) for row in rows]
    named = _named([*ruled, *(one for some in dates.values() for one in some)])
    heads, rest = named[: len(rows)], iter(named[len(rows) :])
    by_rule = {number: tuple(next(rest) for _ in some) for number, some in dates.items()}
    return [
        FoundRule(
            one.facts, made[number := row.Pattern.id], row.Pattern.rule, slots[number], row.follows or "",
            by_rule[number],
        )
        for row, one in zip(rows, heads, strict=True)
    ]  # fmt: skip


def _occurrences(words: Words, of: ColumnElement[bool]) -> list[Row]:
    query: Query = select(
        Occurrence.id, Occurrence.uid, Occurrence.revision, Occurrence.changed_at, Occurrence.starts_at,
        Occurrence.ends_at, Occurrence.title.label("name"), Occurrence.summary, Occurrence.moved_from_at,
        Occurrence.all_day, Occurrence.place, Occurrence.status, Occurrence.reason, Occurrence.pattern_id,
        Occurrence.planned_at, is_public(Occurrence).label("public"), words.occurrence().label("made_from"),
        *_COMMON, *_RUN_BY, *_PLACE,
    ).select_from(Occurrence)  # fmt: skip
    query = _with_place(_with_parents(query, Occurrence.edition_id, Occurrence.unit_id), Occurrence.room_id)
    query = query.outerjoin(words.editions, words.editions.c.id == Edition.id)
    query = query.outerjoin(words.units, words.units.c.id == Unit.id)
    query = query.outerjoin(words.rooms, words.rooms.c.id == Room.id)
    rows = db.session.execute(query.where(of).order_by(Occurrence.id))
    return [(row, _occurrence(row)) for row in rows]


def _milestones(words: Words, ids: Collection[int]) -> list[Row]:
    query: Query = select(
        Milestone.id, Milestone.uid, Milestone.revision, Milestone.changed_at, Milestone.starts_at,
        Milestone.ends_at, Milestone.name, Milestone.is_deadline, Region.slug.label("region"),
        is_public(Milestone).label("public"), words.milestone().label("made_from"), *_COMMON, *_RUN_BY,
    ).select_from(Milestone)  # fmt: skip
    query = _with_parents(query, Milestone.edition_id, Milestone.unit_id)
    query = query.outerjoin(words.editions, words.editions.c.id == Edition.id)
    query = query.outerjoin(words.units, words.units.c.id == Unit.id)
    query = query.outerjoin(Region, Region.id == Unit.region_id)
    return [(row, _milestone(row)) for row in db.session.execute(query.where(Milestone.id.in_(ids)))]


def _rounds(version: str, ids: Collection[int]) -> list[Row]:
    query: Query = select(
        Round.id, Round.uid, Round.name, Round.opens_at, Round.closes_at, Round.state,
        judging(version).label("made_from"), *_COMMON,
    ).select_from(Round)  # fmt: skip
    query = query.join(Edition, Edition.id == Round.edition_id).join(Series, Series.id == Edition.series_id)
    return [(row, _judging(row)) for row in db.session.execute(query.where(Round.id.in_(ids)))]


def _named(found: Iterable[Row]) -> list[Found]:
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


def _slots(pattern: Pattern) -> tuple[datetime, ...]:
    """What may stand in a rule was wider once; one that is refused by now must not keep the others from calendars."""
    try:
        return tuple(slot.starts_at for slot in pattern.terms.slots(house().zone))
    except RuleBroken:
        log.warning("the rule of pattern %s is refused by now: its dates are entries of their own", pattern.id)
        return ()


def _ruled(row: Any, slots: tuple[datetime, ...]) -> dict[str, Any]:
    """A date of a rule that follows it in everything."""
    pattern: Pattern = row.Pattern
    starts_at = slots[0] if slots else datetime.combine(pattern.first_on, pattern.starts, house().zone)
    return {
        **_placed(row, pattern.place), "source": Source.PATTERN, "source_id": pattern.id, "public": True,
        "uid": pattern.uid, "revision": 0, "changed_at": pattern.changed_at, "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=pattern.duration_minutes), "name": "",
        "path": f"/editions/{row.edition_id}", "unit_name": row.unit_name, "region": row.region or "",
        "all_day": pattern.all_day,
    }  # fmt: skip
