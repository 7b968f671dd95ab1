"""Things that may stand in calendars: what is known of them, and whose block is not made from that. Set-based: the cost
of asking is a few statements, however many rows there are. Columns only, never rows of the session: the worker must see
the database, not what it read a minute ago.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, Text, and_, func, literal, or_, select, union_all

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ...events.numbering import Numbered
from ...events.rules import Status
from ...events.wording import place_with_address
from ...units.models import Unit
from .. import rules
from ..house import house
from ..models import FeedBlock
from ..rules import Facts, Source, Window

MOST_BEHIND = 500

Key = tuple[Source, int]
Query = Select[*tuple[Any, ...]]


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


def fingerprint(version: str, *columns: Any) -> ColumnElement[str]:
    """What something is made from, short enough to be compared."""
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
            select(Edition.id, fingerprint(version, *series, *edition).label("made"))
            .join(Series, Series.id == Edition.series_id)
            .where(visible(Edition, ANYBODY), visible(Series, ANYBODY))
        )
        venue = (Venue.name, Venue.address, Venue.latitude, Venue.longitude)
        rooms = select(Room.id, fingerprint("", Room.name, *venue).label("made")).join(Venue, Venue.id == Room.venue_id)
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


def behind(now: datetime) -> int:
    """How many things calendars do not show as they are, counted to ``MOST_BEHIND`` at most: for the figures."""
    return len(stale_things(now, house().version, MOST_BEHIND))


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
