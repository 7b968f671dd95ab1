"""Picking: which rows a public list holds, as narrow rows of (what, at, occurrence, edition, milestone, from, to).

Every part of a list passes ``listable`` and the visitor's filters. What the rows are called and where they are held
is looked up later, for one page only (``lines.py``).
"""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from ...core.access import Actor, Granted, Scoped, visible
from ...core.db import Instant, constant
from ...units.models import Region, Unit
from ..kinds import Capability, Topic, kinds_of, kinds_with
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..rules import Publication, Purpose, Status

# The two milestones that bound the time in which works may be submitted.
ENTRIES_OPEN, ENTRIES_CLOSE = Purpose.ENTRIES_OPEN.value, Purpose.ENTRIES_CLOSE.value
WITH_ENTRIES = kinds_with(Capability.ENTRIES)

Rows = Select[*tuple[Any, ...]]
Grants = tuple[Granted, ...]

NOW, START, END = (bindparam(name, type_=Instant()) for name in ("now", "start", "end"))


@dataclass(frozen=True)
class Wanted:
    """What a visitor has narrowed the lists to. Things without a region are for the whole city."""

    topic: Topic | None = None
    region: str = ""  # slug
    text: str = ""

    @property
    def everything(self) -> bool:
        return not (self.topic or self.region or self.text)

    @property
    def filters(self) -> "Filters":
        return bool(self.topic), bool(self.region), bool(self.text)

    @property
    def values(self) -> dict[str, Any]:
        text = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        kinds = kinds_of(self.topic) if self.topic else []
        return {"kinds": kinds, "region": self.region, "text": f"%{text}%"}


Filters = tuple[bool, bool, bool]  # topic, region, text: which are set


NO_ID = null().cast(Integer())
NO_FILTER: Filters = (False, False, False)


def listable(model: type[Scoped], grants: Grants) -> ColumnElement[bool]:
    """Visible, and not taken back: organisers find withdrawn things at their desk, not in public lists."""
    return and_(visible(model, Actor(grants=grants)), cast(Any, model).publication != constant(Publication.WITHDRAWN))


def open_now() -> ColumnElement[bool]:
    """``rules.window`` in SQL: open or full. Half open."""
    return and_(
        Occurrence.status == constant(Status.SCHEDULED),
        Occurrence.opens_at <= NOW,
        func.coalesce(Occurrence.closes_at, Occurrence.starts_at) > NOW,
        Occurrence.ends_at > NOW,
    )


def _picked(what: Any, at: Any, edition_id: Any, starts_at: Any, ends_at: Any, **ids: Any) -> Rows:
    """A narrow row. It joins nothing: only a filter brings tables in, so that planning stays cheap."""
    return select(
        what.label("what"),
        type_coerce(at, Instant()).label("at"),
        ids.get("occurrence_id", NO_ID).label("occurrence_id"),
        edition_id.label("edition_id"),
        ids.get("milestone_id", NO_ID).label("milestone_id"),
        starts_at.label("starts_at"),
        ends_at.label("ends_at"),
    )


def occurrences(what: str, at: Any, grants: Grants, filters: Filters) -> Rows:
    row = Occurrence
    query = _picked(literal(what, Text()), at, row.edition_id, row.starts_at, row.ends_at, occurrence_id=row.id)
    query = query.where(listable(row, grants))
    if filters[1]:
        query = query.join(Unit, Unit.id == row.unit_id).outerjoin(Room, Room.id == row.room_id)
        query = query.outerjoin(Venue, Venue.id == Room.venue_id)
    where = func.coalesce(Venue.region_id, Unit.region_id)
    return _narrowed(query, filters, row.edition_id, where, row.title)


def editions_with_entries(grants: Grants, filters: Filters, *, later: bool) -> Rows:
    """Editions that take works now, or ``later``. Without an opening milestone they are open until they close."""
    opens, closes = cast(Any, aliased(Milestone)), cast(Any, aliased(Milestone))
    begins = func.coalesce(opens.starts_at, closes.starts_at)
    at = opens.starts_at if later else closes.starts_at
    taking = select(Edition.id).join(Series, Series.id == Edition.series_id)
    taking = taking.where(listable(Edition, grants), Series.kind.in_(WITH_ENTRIES))
    opening = and_(opens.edition_id == closes.edition_id, opens.code == ENTRIES_OPEN, listable(opens, grants))
    query = (
        _picked(literal("entries", Text()), at, closes.edition_id, begins, closes.ends_at, milestone_id=closes.id)
        .select_from(closes)
        .outerjoin(opens, opening)
        .where(closes.code == ENTRIES_CLOSE, closes.starts_at > NOW, listable(closes, grants))
        .where(opens.starts_at > NOW if later else or_(opens.id.is_(None), opens.starts_at <= NOW))
        .where(closes.edition_id.in_(taking))
    )
    if filters[1]:
        query = query.join(Unit, Unit.id == closes.unit_id)
    return _narrowed(query, filters, closes.edition_id, Unit.region_id)


def _steps(grants: Grants, filters: Filters) -> Rows:
    row = Milestone
    what = case((row.is_deadline, "due"), else_="step")
    query = _picked(what, row.starts_at, row.edition_id, row.starts_at, row.ends_at, milestone_id=row.id)
    query = query.where(listable(row, grants), row.starts_at >= START, row.starts_at < END)
    if filters[1]:
        query = query.join(Unit, Unit.id == row.unit_id)
    return _narrowed(query, filters, row.edition_id, Unit.region_id, row.name)


def dated(grants: Grants, filters: Filters) -> list[Rows]:
    """Occurrences that begin, open or close in a span of time, and milestones."""
    parts = []
    for what, at in (("event", Occurrence.starts_at), ("due", Occurrence.closes_at), ("opens", Occurrence.opens_at)):
        part = occurrences(what, at, grants, filters).where(at >= START, at < END)
        # What is cancelled no longer opens or closes; that it was to take place is still shown.
        parts.append(part if what == "event" else part.where(Occurrence.status == constant(Status.SCHEDULED)))
    return [*parts, _steps(grants, filters)]


def _narrowed(query: Rows, filters: Filters, edition_id: Any, region_id: Any, *names: Any) -> Rows:
    by_topic, by_region, by_text = filters
    if by_topic or by_text:
        query = query.join(Edition, Edition.id == edition_id).join(Series, Series.id == Edition.series_id)
    if by_topic:
        query = query.where(Series.kind.in_(bindparam("kinds", expanding=True)))
    if by_region:
        query = query.outerjoin(Region, Region.id == region_id)
        query = query.where(or_(Region.id.is_(None), Region.slug == bindparam("region")))
    if by_text:
        pattern = bindparam("text", type_=Text())
        names = (Series.name, Edition.title, *names)
        query = query.where(or_(*(name.ilike(pattern, escape="\\") for name in names)))
    return query
