"""Whose block is not made from what is known now. Fingerprints in SQL, so that asking costs one statement however many
things there are; everything of a row itself is in its revision.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Text, and_, func, literal, not_, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ...events.patterns.models import Pattern
from ...events.rules import Status
from ...judging.models import Round
from ...judging.rules import RoundState
from ...units.models import Unit
from .. import rules
from ..house import house
from ..models import FeedBlock
from ..rules import Source, Window

MOST_BEHIND = 500

Key = tuple[Source, int]
Query = Select[*tuple[Any, ...]]
Owner = aliased(Unit, name="owner")  # the unit of the series, beside the one that runs the thing


def fingerprint(version: str, *columns: Any) -> ColumnElement[str]:
    """What something is made from, short enough to be compared."""
    return func.md5(func.concat_ws("\x1f", literal(version, Text), *columns))


def _joined(*columns: Any) -> ColumnElement[str]:
    return func.concat_ws("\x1f", *columns)


@dataclass(frozen=True)
class Words:
    """Fingerprints of the words that things share, each made once for a statement and not once for a thing."""

    editions: CTE  # published ones, with their series and its unit
    units: CTE
    rooms: CTE

    @classmethod
    def of(cls, version: str) -> "Words":
        unit = (Unit.name, Unit.path, Unit.region_id)
        series = (Series.slug, Series.name, Series.kind, Owner.path)
        edition = (Edition.number, Edition.style, Edition.year, Edition.title)
        editions = (
            select(Edition.id, Edition.unit_id, fingerprint(version, *series, *edition).label("made"))
            .join(Series, Series.id == Edition.series_id)
            .join(Owner, Owner.id == Series.unit_id)
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


def _wanted_occurrences(words: Words, frame: Window) -> Query:
    return (
        words.occurrences(select(Occurrence.id, words.occurrence().label("made_from")))
        .outerjoin(Pattern, Pattern.id == Occurrence.pattern_id)
        .where(_is_shown(frame), or_(Occurrence.pattern_id.is_(None), not_(_ONE_ENTRY)))
    )


def wanted_rules(words: Words, frame: Window) -> Query:
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


def _wanted_milestones(words: Words, frame: Window) -> Query:
    return (
        select(Milestone.id, words.milestone().label("made_from"))
        .join(words.editions, words.editions.c.id == Milestone.edition_id)
        .join(words.units, words.units.c.id == Milestone.unit_id)
        .where(visible(Milestone, ANYBODY), _is_shown_point(frame))
    )


def judging(version: str) -> ColumnElement[str]:
    series = (Series.name, Series.kind)
    edition = (Edition.number, Edition.style, Edition.year)
    return fingerprint(version, Round.name, Round.opens_at, Round.closes_at, *series, *edition)


def _wanted_rounds(version: str, frame: Window) -> Query:
    return (
        select(Round.id, judging(version).label("made_from"))
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
    words = Words.of(version)
    every = union_all(
        _differing(Source.OCCURRENCE, _wanted_occurrences(words, frame)),
        _differing(Source.MILESTONE, _wanted_milestones(words, frame)),
        _differing(Source.PATTERN, wanted_rules(words, frame)),
        _differing(Source.ROUND, _wanted_rounds(version, frame)),
    ).subquery()
    rows = db.session.execute(
        select(every.c.source, every.c.source_id).order_by(every.c.source, every.c.source_id).limit(most)
    )
    return [(Source(row.source), row.source_id) for row in rows]


def behind(now: datetime) -> int:
    """How many things calendars do not show as they are, counted to ``MOST_BEHIND`` at most: for the figures."""
    return len(stale_things(now, house().version, MOST_BEHIND))
