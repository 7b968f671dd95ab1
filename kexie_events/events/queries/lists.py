"""Lists of what visitors can see: what can be joined, what comes, what falls on which day.

A list is first picked (which rows, in which order, which page) from narrow rows, then the page's rows are dressed
with names and places. The statements depend only on the grants of who asks and on which filters are set, so each
is built once and kept; building one takes longer than running it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
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
    union_all,
)
from sqlalchemy.orm import aliased

from ...core.access import Actor, Granted, Scoped, visible
from ...core.db import Instant, db
from ...core.errors import NotFound
from ...core.web import Page
from ...units.models import Region, Unit
from ..kinds import KINDS, Capability, Kind, Topic, kinds_of
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..numbering import Numbered, Style, ring_number, rings, words
from ..rules import Publication, Purpose, Status
from ..wording import own_name, place_words, whole_name

# The two milestones that bound the time in which works may be submitted.
ENTRIES_OPEN, ENTRIES_CLOSE = Purpose.ENTRIES_OPEN.value, Purpose.ENTRIES_CLOSE.value
WITH_ENTRIES = [kind for kind, spec in KINDS.items() if Capability.ENTRIES in spec.capabilities]

Rows = Select[*tuple[Any, ...]]
Grants = tuple[Granted, ...]

NOW, START, END = (bindparam(name, type_=Instant()) for name in ("now", "start", "end"))
LIMIT, OFFSET, PER_DAY = (bindparam(name, type_=Integer()) for name in ("limit", "offset", "per_day"))


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


@dataclass(slots=True)
class Line:
    """One line of a list, or one thing in a month: an occurrence, an edition that takes works, a milestone.

    Has what ``rules.window`` reads, so that a line tells where registration stands.
    """

    what: str  # "event", "due", "opens", "entries", "step"
    at: datetime  # what it is sorted by: deadline, opening or start
    occurrence_id: int | None
    edition_id: int
    series_name: str
    kind: Kind
    number: int
    style: Style
    year: int
    edition_title: str
    title: str
    step: str  # name of the milestone
    region: str | None
    venue: str
    room: str
    place_said: str  # by the organiser, in words
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    status: Status
    publication: Publication
    opens_at: datetime | None
    closes_at: datetime | None
    capacity: int | None
    taken: int
    moved_from_at: datetime | None
    held: int  # published editions of the series

    @property
    def numbered(self) -> Numbered:
        return Numbered(self.number, self.style, self.year)

    @property
    def own_title(self) -> str:
        """What it has besides the name of its series: of a session, a milestone or an edition; "" without one."""
        return self.title or ("" if self.what == "entries" else self.step) or self.edition_title

    @property
    def name(self) -> str:
        return own_name(self.own_title, "", self.series_name)

    @property
    def whole_name(self) -> str:
        return whole_name(self.numbered, self.series_name, self.own_title)

    @property
    def number_words(self) -> str:
        return words(self.numbered)

    @property
    def place(self) -> str:
        return place_words(self.venue, self.room, self.place_said)

    @property
    def rings(self) -> int:
        return rings(self.numbered, self.held)

    @property
    def ring_number(self) -> int | None:
        return ring_number(self.numbered)


@dataclass(frozen=True)
class Day:
    """What falls on one day of a month: the first few things, and how many there are."""

    lines: list[Line]
    total: int


# ---- what is asked


def open_lines(actor: Actor, wanted: Wanted, now: datetime, *, per_page: int, number: int = 1) -> Page[Line]:
    """What can be joined now, the nearest deadline first. Opening counts, closing does not. One query."""
    return _page(_open_statement(actor.grants, wanted.filters), {**wanted.values, "now": now}, per_page, number)


def soon_lines(actor: Actor, wanted: Wanted, now: datetime, *, per_page: int, number: int = 1) -> Page[Line]:
    """What is under way or comes, and cannot be joined at this moment; by the next date that matters."""
    return _page(_soon_statement(actor.grants, wanted.filters), {**wanted.values, "now": now}, per_page, number)


def dated_lines(
    actor: Actor, wanted: Wanted, start: datetime, end: datetime, *, per_page: int, number: int = 1
) -> Page[Line]:
    """Everything that falls between two instants: what takes place, opens or closes, and milestones."""
    values = {**wanted.values, "start": start, "end": end}
    return _page(_dated_statement(actor.grants, wanted.filters), values, per_page, number)


def month(actor: Actor, wanted: Wanted, start: datetime, end: datetime, *, zone: str, per_day: int) -> dict[date, Day]:
    """The days of a month that have something, deadlines first, at most ``per_day`` things each. One query."""
    values = {**wanted.values, "start": start, "end": end, "zone": zone, "per_day": per_day}
    days: dict[date, Day] = {}
    for row in db.session.execute(_month_statement(actor.grants, wanted.filters), values):
        *line, day, total = row
        days.setdefault(day, Day([], total)).lines.append(Line(*line))
    return days


def occurrences_of_edition(
    edition_id: int, actor: Actor, now: datetime, *, per_page: int, number: int = 1
) -> Page[Line]:
    """What is still to come first, in order, then what is over. One query."""
    values = {"now": now, "edition_id": edition_id}
    return _page(_of_edition_statement(actor.grants), values, per_page, number)


def next_of_series(series_id: int, actor: Actor, now: datetime, limit: int) -> Page[Line]:
    """The next occurrences of a series, cancelled ones too: whoever comes by must see it. One query."""
    return _page(_of_series_statement(actor.grants), {"now": now, "series_id": series_id}, limit, 1)


def regions_with_something(actor: Actor, now: datetime, today: date, chosen: str) -> list[tuple[str, str]]:
    """Slug and name of the regions in force in which something is to come, and of the chosen one."""
    values = {"now": now, "today": today, "region": chosen}
    return [(slug, name) for slug, name in db.session.execute(_regions_statement(actor.grants), values)]


def _page(statement: Rows, values: Mapping[str, Any], per_page: int, number: int) -> Page[Line]:
    """Raises: NotFound for a page after the last."""
    limits = {"limit": per_page, "offset": (number - 1) * per_page}
    rows = db.session.execute(statement, {**values, **limits}).all()
    if not rows and number > 1:
        raise NotFound()
    return Page([Line(*row[:-1]) for row in rows], number, per_page, rows[0][-1] if rows else 0)


# ---- the statements, each built once


@lru_cache(maxsize=64)
def _open_statement(grants: Grants, filters: Filters) -> Rows:
    deadline = func.coalesce(Occurrence.closes_at, Occurrence.starts_at)
    return _dressed(
        _occurrences("event", deadline, grants, filters).where(_open_now()),
        _editions_with_entries(grants, filters, later=False),
    )


@lru_cache(maxsize=64)
def _soon_statement(grants: Grants, filters: Filters) -> Rows:
    next_date = case((Occurrence.opens_at > NOW, Occurrence.opens_at), else_=Occurrence.starts_at)
    comes = or_(Occurrence.status == Status.SCHEDULED, Occurrence.starts_at > NOW)
    open_now = func.coalesce(_open_now(), False)
    return _dressed(
        _occurrences("event", next_date, grants, filters).where(Occurrence.ends_at > NOW, comes, ~open_now),
        _editions_with_entries(grants, filters, later=True),
    )


@lru_cache(maxsize=64)
def _dated_statement(grants: Grants, filters: Filters) -> Rows:
    return _dressed(*_dated(grants, filters))


@lru_cache(maxsize=64)
def _of_edition_statement(grants: Grants) -> Rows:
    picked = _occurrences("event", Occurrence.starts_at, grants, NO_FILTER)
    picked = picked.where(Occurrence.edition_id == bindparam("edition_id"))
    return _dressed(picked, over_last=True)


@lru_cache(maxsize=64)
def _of_series_statement(grants: Grants) -> Rows:
    picked = _occurrences("event", Occurrence.starts_at, grants, NO_FILTER)
    return _dressed(picked.where(Occurrence.series_id == bindparam("series_id"), Occurrence.ends_at > NOW))


@lru_cache(maxsize=64)
def _month_statement(grants: Grants, filters: Filters) -> Rows:
    things = union_all(*_dated(grants, filters)).subquery("things")
    on = func.date(func.timezone(bindparam("zone", type_=String()), things.c.at))
    urgency = case((things.c.what == "due", 0), (things.c.what == "event", 1), else_=2)
    nth = func.row_number().over(partition_by=on, order_by=(urgency, *_order(things)))
    total = func.count().over(partition_by=on)
    counted = select(things, on.label("day"), nth.label("nth"), total.label("total")).subquery("counted")
    # No ring is drawn in a month, so nobody counts editions.
    picked = select(counted).where(counted.c.nth <= PER_DAY).subquery("picked")
    return _with_names(picked, literal(0), picked.c.day, picked.c.total).order_by(picked.c.day, picked.c.nth)


@lru_cache(maxsize=64)
def _regions_statement(grants: Grants) -> Rows:
    # Thousands of dates share a few units and rooms: those are told apart first, and only then looked up.
    places = (
        select(Occurrence.unit_id, Occurrence.room_id)
        .where(listable(Occurrence, grants), Occurrence.ends_at > NOW)
        .distinct()
        .subquery("places")
    )
    held_in = (
        select(func.coalesce(Venue.region_id, Unit.region_id))
        .select_from(places)
        .join(Unit, Unit.id == places.c.unit_id)
        .outerjoin(Room, Room.id == places.c.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
    )
    entries_in = (
        select(Unit.region_id)
        .select_from(Milestone)
        .join(Unit, Unit.id == Milestone.unit_id)
        .where(listable(Milestone, grants), Milestone.code == ENTRIES_CLOSE, Milestone.starts_at > NOW)
    )
    today = bindparam("today", type_=Date())
    busy = and_(
        or_(Region.valid_from.is_(None), Region.valid_from <= today),
        or_(Region.valid_to.is_(None), Region.valid_to > today),
        Region.id.in_(union_all(held_in, entries_in)),
    )
    chosen = Region.slug == bindparam("region")
    return cast(Rows, select(Region.slug, Region.name).where(or_(busy, chosen)).order_by(Region.id))


# ---- picking: narrow rows of (what, at, occurrence, edition, milestone, from, to)

NO_ID = null().cast(Integer())
NO_FILTER: Filters = (False, False, False)


def listable(model: type[Scoped], grants: Grants) -> ColumnElement[bool]:
    """Visible, and not taken back: organisers find withdrawn things at their desk, not in public lists."""
    return and_(visible(model, Actor(grants=grants)), cast(Any, model).publication != Publication.WITHDRAWN)


def _open_now() -> ColumnElement[bool]:
    """``rules.window`` in SQL: open or full. Half open."""
    return and_(
        Occurrence.status == Status.SCHEDULED,
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


def _occurrences(what: str, at: Any, grants: Grants, filters: Filters) -> Rows:
    row = Occurrence
    query = _picked(literal(what, Text()), at, row.edition_id, row.starts_at, row.ends_at, occurrence_id=row.id)
    query = query.where(listable(row, grants))
    if filters[1]:
        query = query.join(Unit, Unit.id == row.unit_id).outerjoin(Room, Room.id == row.room_id)
        query = query.outerjoin(Venue, Venue.id == Room.venue_id)
    where = func.coalesce(Venue.region_id, Unit.region_id)
    return _narrowed(query, filters, row.edition_id, where, row.title)


def _editions_with_entries(grants: Grants, filters: Filters, *, later: bool) -> Rows:
    """Editions that take works now, or ``later``. Without an opening milestone they are open until they close."""
    opens, closes = cast(Any, aliased(Milestone)), cast(Any, aliased(Milestone))
    begins = func.coalesce(opens.starts_at, closes.starts_at)
    at = opens.starts_at if later else closes.starts_at
    taking = select(Edition.id).join(Series, Series.id == Edition.series_id)
    taking = taking.where(listable(Edition, grants), Series.kind.in_(WITH_ENTRIES))
    opening = and_(opens.edition_id == closes.edition_id, opens.code == ENTRIES_OPEN, listable(opens, grants))
    query = (
        _picked(literal("entries", Text()), at, closes.edition_id, begins, closes.starts_at, milestone_id=closes.id)
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


def _dated(grants: Grants, filters: Filters) -> list[Rows]:
    """Occurrences that begin, open or close in a span of time, and milestones."""
    parts = []
    for what, at in (("event", Occurrence.starts_at), ("due", Occurrence.closes_at), ("opens", Occurrence.opens_at)):
        part = _occurrences(what, at, grants, filters).where(at >= START, at < END)
        # What is cancelled no longer opens or closes; that it was to take place is still shown.
        parts.append(part if what == "event" else part.where(Occurrence.status == Status.SCHEDULED))
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


# ---- dressing: the page's rows with names, places and numbers


def _order(things: Any) -> Sequence[Any]:
    return things.c.at, things.c.edition_id, things.c.occurrence_id, things.c.what


def _dressed(*parts: Rows, over_last: bool = False) -> Rows:
    """One page of the parts as one list of ``Line`` and the length of the whole list."""
    things = union_all(*parts).subquery("things") if len(parts) > 1 else parts[0].subquery("things")
    order = [case((things.c.ends_at <= NOW, 1), else_=0)] if over_last else []
    order += _order(things)
    nth = func.row_number().over(order_by=order).label("nth")
    picked = select(things, nth, func.count().over().label("total")).order_by(*order).limit(LIMIT).offset(OFFSET)
    page = picked.subquery("page")
    siblings = aliased(Edition)
    held = (
        select(func.count())
        .where(siblings.series_id == Edition.series_id, siblings.publication == Publication.PUBLISHED)
        .correlate_except(siblings)
        .scalar_subquery()
    )
    return _with_names(page, held, page.c.total).order_by(page.c.nth)


def _with_names(picked: Any, held: Any, *more: Any) -> Rows:
    """The columns of ``Line``, then ``more``."""
    return (
        select(
            picked.c.what,
            picked.c.at,
            picked.c.occurrence_id,
            picked.c.edition_id,
            Series.name.label("series_name"),
            Series.kind,
            Edition.number,
            Edition.style,
            Edition.year,
            Edition.title.label("edition_title"),
            func.coalesce(Occurrence.title, "").label("title"),
            func.coalesce(Milestone.name, "").label("step"),
            Region.name.label("region"),
            func.coalesce(Venue.name, "").label("venue"),
            func.coalesce(Room.name, "").label("room"),
            func.coalesce(Occurrence.place, "").label("place_said"),
            picked.c.starts_at,
            picked.c.ends_at,
            func.coalesce(Occurrence.all_day, False).label("all_day"),
            func.coalesce(Occurrence.status, literal(Status.SCHEDULED, Occurrence.status.type)).label("status"),
            func.coalesce(Occurrence.publication, Milestone.publication).label("publication"),
            Occurrence.opens_at,
            Occurrence.closes_at,
            Occurrence.capacity,
            func.coalesce(Occurrence.taken, 0).label("taken"),
            Occurrence.moved_from_at,
            held.label("held"),
            *more,
        )
        .select_from(picked)
        .join(Edition, Edition.id == picked.c.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .outerjoin(Occurrence, Occurrence.id == picked.c.occurrence_id)
        .outerjoin(Milestone, Milestone.id == picked.c.milestone_id)
        .join(Unit, Unit.id == func.coalesce(Occurrence.unit_id, Milestone.unit_id))
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
    )
