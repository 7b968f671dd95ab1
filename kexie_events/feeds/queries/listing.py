"""Things that stand in calendars, one by one, as programs ask for them: filtered as calendars are, page by page.

A page is picked from narrow rows; what is known of its things is read as it is for calendars (``things``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...events.kinds import Kind, Topic, kinds_of
from ...events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from ...events.patterns.models import Pattern
from ...events.rules import Status
from ...units.models import Region, Unit
from .. import rules
from ..ical import Stamp
from ..models import Feed, FeedBlock
from ..rules import Published, Source
from .stale import Owner, Query, is_shown
from .things import Found, is_public, things

MODELS: dict[Source, type[Occurrence] | type[Milestone]] = {
    Source.OCCURRENCE: Occurrence, Source.MILESTONE: Milestone,
}  # fmt: skip
After = tuple[datetime, int]  # the last row of the page before: what it is sorted by, and its id


@dataclass(frozen=True)
class Question:
    """Which things. What is not set narrows nothing; names are those of the calendars' addresses."""

    kind: Kind | None = None
    topic: Topic | None = None
    series: str = ""
    edition: int | None = None
    unit: str = ""
    region: str = ""
    venue: int | None = None
    cancelled: bool | None = None
    ends_after: datetime | None = None
    starts_before: datetime | None = None
    written_since: datetime | None = None  # what was published, changed or taken out since, in that order


@dataclass(frozen=True)
class Listed:
    """A row of a page. ``found`` is None for what is no answer to the question any more."""

    uid: str
    at: After
    found: Found | None
    made_from: str  # its stored block, as far as there is one
    published: Published | None
    rule_uid: str  # of the rule whose entry says it too; ""


def published_at() -> datetime | None:
    """When any calendar changed last; None before the first was published."""
    return db.session.scalar(select(Feed.modified_at).where(Feed.path == "all"))


def listed(
    source: Source, question: Question, *, after: After | None, most: int, version: str, now: datetime
) -> list[Listed]:
    """At most ``most`` rows behind ``after``: by their start, or, of what was written since an instant, in the order
    of writing. Three statements, however many."""
    model = MODELS[source]
    matches = func.coalesce(and_(is_public(model), _shown(model, now), *_narrowed(model, question)), False)
    query = _picked(source, matches.label("matches"))
    if question.written_since is None:
        query, by = query.where(matches), model.starts_at
    else:
        query, by = query.where(FeedBlock.written_at >= question.written_since), FeedBlock.written_at
    if after is not None:
        query = query.where(tuple_(by, model.id) > after)
    rows = db.session.execute(query.add_columns(by.label("at")).order_by(by, model.id).limit(most)).all()
    return _dressed(source, rows, version)


def listed_one(source: Source, uid: str, *, version: str, now: datetime) -> Listed | None:
    """The thing with this UID, if it stands in calendars. Three statements."""
    model = MODELS[source]
    query = _picked(source, func.coalesce(is_public(model), False).label("matches"), model.starts_at.label("at"))
    query = query.where(model.uid == uid, is_public(model), _shown(model, now))
    return next(iter(_dressed(source, db.session.execute(query).all(), version)), None)


def unknown(question: Question) -> list[str]:
    """Which names of a question name nothing that the public knows. One statement."""
    asked = {
        "series": (question.series, select(Series.id).where(Series.slug == question.series, visible(Series, ANYBODY))),
        "edition": (
            question.edition,
            select(Edition.id)
            .join(Series, Series.id == Edition.series_id)
            .where(Edition.id == question.edition, visible(Edition, ANYBODY), visible(Series, ANYBODY)),
        ),
        "unit": (question.unit, select(Unit.id).where(Unit.slug == question.unit)),
        "region": (question.region, select(Region.id).where(Region.slug == question.region)),
        "venue": (question.venue, select(Venue.id).where(Venue.id == question.venue)),
    }
    named = {name: query.exists().label(name) for name, (value, query) in asked.items() if value not in (None, "")}
    if not named:
        return []
    row = db.session.execute(select(*named.values())).one()
    return [name for name in named if not getattr(row, name)]


def _shown(model: type[Occurrence] | type[Milestone], now: datetime) -> ColumnElement[bool]:
    return is_shown(model, rules.window(now))


def _narrowed(model: type[Occurrence] | type[Milestone], question: Question) -> list[ColumnElement[bool]]:
    """The same things as ``rules.SCOPES`` puts into the calendar of that name."""
    parts: list[ColumnElement[bool]] = []
    if question.kind is not None:
        parts.append(Series.kind == question.kind)
    if question.topic is not None:
        parts.append(Series.kind.in_(kinds_of(question.topic)))
    if question.series:
        parts.append(Series.slug == question.series)
    if question.edition is not None:
        parts.append(Edition.id == question.edition)
    if question.unit:
        asked = aliased(Unit)
        top = select(asked.path).where(asked.slug == question.unit).scalar_subquery()  # read once, not for each row
        parts.append(or_(*(func.starts_with(path, top) for path in (Unit.path, Owner.path))))
    if question.region:
        parts.append(Region.slug == question.region)
    if question.venue is not None:
        parts.append(Venue.id == question.venue)
    if question.cancelled is not None and model is Occurrence:
        parts.append((Occurrence.status == Status.CANCELLED) == question.cancelled)
    if question.ends_after is not None:
        # What is over at an instant is not there any more; a point is there at its own.
        parts.append(or_(model.ends_at > question.ends_after, model.starts_at >= question.ends_after))
    if question.starts_before is not None:
        parts.append(model.starts_at < question.starts_before)
    return parts


def _picked(source: Source, *columns: Any) -> Query:
    model = MODELS[source]
    rule = aliased(FeedBlock, name="rule")
    query: Query = select(
        model.id, model.uid, FeedBlock.made_from, FeedBlock.body, FeedBlock.sequence, FeedBlock.changed_at,
        Pattern.uid.label("rule_uid"), *columns,
    ).select_from(model)  # fmt: skip
    query = (
        query.join(Edition, Edition.id == model.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == model.unit_id)
        .join(Owner, Owner.id == Series.unit_id)
    )
    if model is Occurrence:
        query = query.outerjoin(Room, Room.id == Occurrence.room_id).outerjoin(Venue, Venue.id == Room.venue_id)
        query = query.outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
    else:
        query = query.outerjoin(Region, Region.id == Unit.region_id)
    return (
        query.outerjoin(FeedBlock, and_(FeedBlock.source == source, FeedBlock.source_id == model.id))
        # A rule that no calendar could say has an entry with nothing in it; its dates then stand for themselves.
        .outerjoin(rule, and_(rule.source == Source.PATTERN, rule.source_id == FeedBlock.pattern_id, rule.body != b""))
        .outerjoin(Pattern, Pattern.id == rule.source_id)
    )


def _dressed(source: Source, rows: Collection[Any], version: str) -> list[Listed]:
    keys = [(source, row.id) for row in rows if row.matches]
    found = {one.facts.source_id: one for one in things(keys, version)} if keys else {}
    return [
        Listed(
            row.uid,
            (row.at, row.id),
            found.get(row.id),
            row.made_from or "",
            Published(row.body, Stamp(row.sequence, row.changed_at)) if row.body is not None else None,
            row.rule_uid or "",
        )
        for row in rows
    ]
