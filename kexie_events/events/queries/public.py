"""What visitors see of events: lists by deadline, the month, one page each.

Every query passes ``access.visible``; the number of queries of a page does not depend on the number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
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

from ...core.access import Actor, Scoped, visible
from ...core.db import Instant, db
from ...core.errors import NotFound
from ...units.models import Region, Unit
from ..kinds import KINDS, Capability, Kind, Topic, kinds_of
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..numbering import Numbered, Style, words
from ..rules import Publication, Status

# The two milestones that bound the time in which works may be submitted.
ENTRIES_OPEN, ENTRIES_CLOSE = "entries-open", "entries-close"
WITH_ENTRIES = [kind for kind, spec in KINDS.items() if Capability.ENTRIES in spec.capabilities]


@dataclass(frozen=True)
class Wanted:
    """What a visitor has narrowed the lists to. Things without a region are for the whole city."""

    topic: Topic | None = None
    region: str = ""  # slug
    text: str = ""

    @property
    def anything(self) -> bool:
        return not (self.topic or self.region or self.text)


@dataclass(frozen=True)
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
    place: str
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
    held: int  # editions of the series so far

    @property
    def name(self) -> str:
        return self.title or self.edition_title or self.series_name

    @property
    def number_words(self) -> str:
        return words(Numbered(self.number, self.style, self.year))

    @property
    def rings(self) -> int:
        return rings_of(self.number, self.style, self.held)

    @property
    def ring_number(self) -> int | None:
        return ring_number(self.number, self.style)


@dataclass(frozen=True)
class Day:
    """What falls on one day of a month: the first few things, and how many there are."""

    lines: list[Line]
    total: int


def rings_of(number: int, style: Style, held: int) -> int:
    """One ring per edition: a 届 says itself how many there have been, 年度 and 期 are counted."""
    return number if style in (Style.ORDINAL, Style.ORDINAL_CHINESE) else max(held, 1)


def ring_number(number: int, style: Style) -> int | None:
    """The number that stands inside the rings; a year does not fit and says nothing of age."""
    return None if style is Style.YEAR else number


# ---- lists


def open_lines(actor: Actor, wanted: Wanted, now: datetime) -> Select[*tuple[Any, ...]]:
    """What can be joined now, the nearest deadline first. Opening counts, closing does not."""
    deadline = func.coalesce(Occurrence.closes_at, Occurrence.starts_at)
    return _in_order(
        _occurrences("event", deadline, actor, wanted).where(_open_at(now)),
        _editions_with_entries(actor, wanted, now, later=False),
    )


def soon_lines(actor: Actor, wanted: Wanted, now: datetime) -> Select[*tuple[Any, ...]]:
    """What is under way or comes, and cannot be joined at this moment; by the next date that matters."""
    next_date = case((Occurrence.opens_at > now, Occurrence.opens_at), else_=Occurrence.starts_at)
    comes = or_(Occurrence.status == Status.SCHEDULED, Occurrence.starts_at > now)
    return _in_order(
        _occurrences("event", next_date, actor, wanted).where(Occurrence.ends_at > now, comes, ~_open_at(now)),
        _editions_with_entries(actor, wanted, now, later=True),
    )


def dated_lines(actor: Actor, wanted: Wanted, start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    """Everything that falls between two instants: what takes place, opens or closes, and milestones."""
    return _in_order(*_dated(actor, wanted, start, end))


def lines(query: Select[*tuple[Any, ...]]) -> list[Line]:
    return [line(tuple(row)) for row in db.session.execute(query)]


def line(values: Sequence[Any]) -> Line:
    return Line(*values)


def month(actor: Actor, wanted: Wanted, start: datetime, end: datetime, *, zone: str, per_day: int) -> dict[date, Day]:
    """The days of a month that have something, deadlines first, at most ``per_day`` things each. One query."""
    things = union_all(*_dated(actor, wanted, start, end)).subquery("things")
    on = func.date(func.timezone(zone, things.c.at))
    urgency = case((things.c.what == "due", 0), (things.c.what == "event", 1), else_=2)
    nth = func.row_number().over(partition_by=on, order_by=(urgency, things.c.at, things.c.edition_id))
    counted = select(
        things, on.label("day"), nth.label("nth"), func.count().over(partition_by=on).label("total")
    ).subquery("counted")
    rows = db.session.execute(select(counted).where(counted.c.nth <= per_day).order_by(counted.c.day, counted.c.nth))
    days: dict[date, Day] = {}
    for *values, day, _nth, total in rows:
        days.setdefault(day, Day([], total)).lines.append(line([*values, 0]))
    return days


def regions_with_something(actor: Actor, now: datetime, today: date, chosen: str) -> list[tuple[str, str]]:
    """Slug and name of the regions in force in which something is to come, and of the chosen one."""
    held_in = (
        select(func.coalesce(Venue.region_id, Unit.region_id))
        .select_from(Occurrence)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .where(_shown(Occurrence, actor), Occurrence.ends_at > now)
    )
    entries_in = (
        select(Unit.region_id)
        .select_from(Milestone)
        .join(Unit, Unit.id == Milestone.unit_id)
        .where(_shown(Milestone, actor), Milestone.code == ENTRIES_CLOSE, Milestone.ends_at > now)
    )
    in_force = and_(
        or_(Region.valid_from.is_(None), Region.valid_from <= today),
        or_(Region.valid_to.is_(None), Region.valid_to > today),
    )
    busy = and_(in_force, Region.id.in_(union_all(held_in, entries_in)))
    query = select(Region.slug, Region.name).where(or_(busy, Region.slug == chosen)).order_by(Region.id)
    return [(slug, name) for slug, name in db.session.execute(query)]


def series_named(actor: Actor, text: str, limit: int) -> Sequence[Series]:
    """Series whose name contains a text, also those that have nothing to come."""
    query = select(Series).where(_shown(Series, actor), _contains(Series.name, text))
    return db.session.scalars(query.order_by(Series.name).limit(limit)).all()


# ---- one page each


@dataclass(frozen=True)
class OccurrencePage:
    """An occurrence and what stands around it."""

    occurrence: Occurrence
    edition: Edition
    series: Series
    unit: Unit
    room: Room | None
    venue: Venue | None
    region: str | None
    edition_visible: bool  # whether there is a page to link to
    series_visible: bool
    held: int

    @property
    def name(self) -> str:
        return self.occurrence.title or self.edition.title or self.series.name


@dataclass(frozen=True)
class EditionPage:
    """An edition and what it belongs to."""

    edition: Edition
    series: Series
    unit: Unit
    region: str | None
    series_visible: bool
    held: int

    @property
    def name(self) -> str:
        return self.edition.title or self.series.name


def occurrence_page(occurrence_id: int, actor: Actor) -> OccurrencePage:
    """Raises: NotFound, also for what the actor may not see."""
    query = (
        select(
            Occurrence,
            Edition,
            Series,
            Unit,
            Room,
            Venue,
            Region.name,
            visible(Edition, actor),
            visible(Series, actor),
            _held(actor, Edition.series_id, Edition.id),
        )
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Occurrence.series_id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
        .where(Occurrence.id == occurrence_id, visible(Occurrence, actor))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return OccurrencePage(*cast(Sequence[Any], row))


def edition_page(edition_id: int, actor: Actor) -> EditionPage:
    """Raises: NotFound, also for what the actor may not see."""
    query = (
        select(
            Edition,
            Series,
            Unit,
            Region.name,
            visible(Series, actor),
            _held(actor, Edition.series_id, Edition.id),
        )
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .where(Edition.id == edition_id, visible(Edition, actor))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return EditionPage(*cast(Sequence[Any], row))


def series_page(slug: str, actor: Actor) -> tuple[Series, Unit, str | None]:
    """The series, its unit and the unit's region. Raises: NotFound, also for what the actor may not see."""
    query = (
        select(Series, Unit, Region.name)
        .join(Unit, Unit.id == Series.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .where(Series.slug == slug, visible(Series, actor))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1], row[2]


def milestones_of(edition_id: int, actor: Actor) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.edition_id == edition_id, _shown(Milestone, actor))
    return db.session.scalars(query.order_by(Milestone.starts_at, Milestone.ends_at, Milestone.id)).all()


def occurrences_of_edition(
    edition_id: int, actor: Actor, now: datetime, *, limit: int, offset: int = 0
) -> tuple[list[Line], int]:
    """What is still to come first, in order, then what is over; and how many there are in all. One query."""
    over = case((Occurrence.ends_at <= now, 1), else_=0)
    query = _occurrences("event", Occurrence.starts_at, actor, Wanted()).where(Occurrence.edition_id == edition_id)
    query = query.add_columns(func.count().over()).order_by(over, Occurrence.starts_at, Occurrence.id)
    rows = db.session.execute(query.limit(limit).offset(offset)).all()
    return [line([*row[:-1], 0]) for row in rows], rows[0][-1] if rows else 0


def next_of_series(series_id: int, actor: Actor, now: datetime, limit: int) -> list[Line]:
    """The next occurrences of a series, cancelled ones too: whoever comes by must see it."""
    query = (
        _occurrences("event", Occurrence.starts_at, actor, Wanted())
        .where(Occurrence.series_id == series_id, Occurrence.ends_at > now)
        .order_by(Occurrence.starts_at, Occurrence.id)
    )
    return [line([*row, 0]) for row in db.session.execute(query.limit(limit))]


def editions_of_series(series_id: int, actor: Actor, limit: int) -> tuple[list[Edition], int]:
    """The newest editions first, and how many there are in all. One query."""
    query = (
        select(Edition, func.count().over())
        .where(Edition.series_id == series_id, _shown(Edition, actor))
        .order_by(Edition.year.desc(), Edition.number.desc(), Edition.id.desc())
    )
    rows = db.session.execute(query.limit(limit)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


# ---- parts


def _shown(model: type[Scoped], actor: Actor) -> ColumnElement[bool]:
    """Visible, and not taken back: organisers find withdrawn things at their desk, not in public lists."""
    return and_(visible(model, actor), cast(Any, model).publication != Publication.WITHDRAWN)


def _open_at(now: datetime) -> ColumnElement[bool]:
    """``rules.window`` in SQL: open or full. Half open."""
    return and_(
        Occurrence.status == Status.SCHEDULED,
        Occurrence.opens_at.is_not(None),
        Occurrence.opens_at <= now,
        func.coalesce(Occurrence.closes_at, Occurrence.starts_at) > now,
        Occurrence.ends_at > now,
    )


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], column.icontains(text, autoescape=True))


def _narrowed(query: Select[*tuple[Any, ...]], wanted: Wanted, *names: Any) -> Select[*tuple[Any, ...]]:
    if wanted.topic:
        query = query.where(Series.kind.in_(kinds_of(wanted.topic)))
    if wanted.region:
        query = query.where(or_(Region.id.is_(None), Region.slug == wanted.region))
    if wanted.text:
        query = query.where(or_(*(_contains(name, wanted.text) for name in names)))
    return query


def _occurrences(what: str, at: Any, actor: Actor, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Occurrences as lines, sorted by ``at``; the columns are those of ``Line`` but the last."""
    query = (
        select(
            literal(what).label("what"),
            type_coerce(at, Instant()).label("at"),
            Occurrence.id.label("occurrence_id"),
            Edition.id.label("edition_id"),
            Series.name.label("series_name"),
            Series.kind,
            Edition.number,
            Edition.style,
            Edition.year,
            Edition.title.label("edition_title"),
            Occurrence.title.label("title"),
            literal("").label("step"),
            Region.name.label("region"),
            func.coalesce(Venue.name, Occurrence.place).label("place"),
            Occurrence.starts_at,
            Occurrence.ends_at,
            Occurrence.all_day,
            Occurrence.status,
            Occurrence.publication,
            Occurrence.opens_at,
            Occurrence.closes_at,
            Occurrence.capacity,
            Occurrence.taken,
            Occurrence.moved_from_at,
        )
        .select_from(Occurrence)
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Occurrence.series_id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Region, Region.id == func.coalesce(Venue.region_id, Unit.region_id))
        .where(_shown(Occurrence, actor))
    )
    return _narrowed(query, wanted, Series.name, Edition.title, Occurrence.title)


def _edition_lines(
    what: str, at: Any, step: Any, starts_at: Any, ends_at: Any, publication: Any
) -> Select[*tuple[Any, ...]]:
    """Editions as lines, by one of their milestones; the columns are those of ``_occurrences``."""
    return select(
        literal(what).label("what"),
        type_coerce(at, Instant()).label("at"),
        type_coerce(null(), Occurrence.id.type).label("occurrence_id"),
        Edition.id.label("edition_id"),
        Series.name.label("series_name"),
        Series.kind,
        Edition.number,
        Edition.style,
        Edition.year,
        Edition.title.label("edition_title"),
        literal("").label("title"),
        step.label("step"),
        Region.name.label("region"),
        literal("").label("place"),
        starts_at.label("starts_at"),
        ends_at.label("ends_at"),
        literal(False).label("all_day"),
        literal(Status.SCHEDULED, Occurrence.status.type).label("status"),
        publication.label("publication"),
        type_coerce(null(), Instant()).label("opens_at"),
        type_coerce(null(), Instant()).label("closes_at"),
        type_coerce(null(), Occurrence.capacity.type).label("capacity"),
        literal(0).label("taken"),
        type_coerce(null(), Instant()).label("moved_from_at"),
    )


def _editions_with_entries(actor: Actor, wanted: Wanted, now: datetime, *, later: bool) -> Select[*tuple[Any, ...]]:
    """Editions that take works now, or ``later``. Without an opening milestone they are open until they close."""
    opens, closes = aliased(Milestone), aliased(Milestone)
    begins = func.coalesce(opens.starts_at, closes.starts_at)
    query = _edition_lines(
        "entries", opens.starts_at if later else closes.ends_at, closes.name, begins, closes.ends_at,
        Edition.publication,
    )  # fmt: skip
    query = (
        query.select_from(Edition)
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .join(closes, and_(closes.edition_id == Edition.id, closes.code == ENTRIES_CLOSE, _shown(closes, actor)))
        .outerjoin(opens, and_(opens.edition_id == Edition.id, opens.code == ENTRIES_OPEN, _shown(opens, actor)))
        .where(_shown(Edition, actor), Series.kind.in_(WITH_ENTRIES), closes.ends_at > now)
    )
    query = query.where(opens.starts_at > now if later else or_(opens.id.is_(None), opens.starts_at <= now))
    return _narrowed(query, wanted, Series.name, Edition.title)


def _steps(actor: Actor, wanted: Wanted, start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    what = case((Milestone.is_deadline, "due"), else_="step")
    query = _edition_lines(
        "", Milestone.starts_at, Milestone.name, Milestone.starts_at, Milestone.ends_at, Milestone.publication
    )
    query = query.with_only_columns(what.label("what"), *list(query.selected_columns)[1:])
    query = (
        query.select_from(Milestone)
        .join(Edition, Edition.id == Milestone.edition_id)
        .join(Series, Series.id == Milestone.series_id)
        .join(Unit, Unit.id == Milestone.unit_id)
        .outerjoin(Region, Region.id == Unit.region_id)
        .where(_shown(Milestone, actor), Milestone.starts_at >= start, Milestone.starts_at < end)
    )
    return _narrowed(query, wanted, Series.name, Edition.title, Milestone.name)


def _dated(actor: Actor, wanted: Wanted, start: datetime, end: datetime) -> list[Select[*tuple[Any, ...]]]:
    """Occurrences that begin, open or close in a span of time, and milestones."""
    parts = []
    for what, at in (
        ("event", Occurrence.starts_at),
        ("due", Occurrence.closes_at),
        ("opens", Occurrence.opens_at),
    ):
        part = _occurrences(what, at, actor, wanted).where(at >= start, at < end)
        # What is cancelled no longer opens or closes; that it was to take place is still shown.
        parts.append(part if what == "event" else part.where(Occurrence.status == Status.SCHEDULED))
    return [*parts, _steps(actor, wanted, start, end)]


def _in_order(*parts: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The parts as one list of ``Line``, by date; PostgreSQL counts editions only for the rows of the page."""
    things = union_all(*parts).subquery("things")
    editions = aliased(Edition)
    this = aliased(Edition)
    held = (
        select(func.count())
        .select_from(editions)
        .join(this, this.series_id == editions.series_id)
        .where(this.id == things.c.edition_id, editions.publication == Publication.PUBLISHED)
        .correlate(things)
        .scalar_subquery()
    )
    return select(things, held.label("held")).order_by(
        things.c.at, things.c.edition_id, things.c.occurrence_id.nulls_first(), things.c.what
    )


def _held(actor: Actor, series_id: Any, edition_id: Any) -> ScalarSelect[int]:
    """How many editions of the series there have been, this one included."""
    others = aliased(Edition)
    return (
        select(func.count())
        .select_from(others)
        .where(others.series_id == series_id, or_(others.id == edition_id, _shown(others, actor)))
        .correlate_except(others)
        .scalar_subquery()
    )
