"""Lines of public lists: what a line knows, and how the rows of a page get their names, places and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, case, func, literal, select, union_all
from sqlalchemy.orm import aliased

from ...core.db import constant
from ...units.models import Region, Unit
from ..kinds import Kind
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..numbering import Numbered, Style, ring_number, rings, words
from ..rules import Publication, Status
from ..wording import own_name, place_words, whole_name
from .picking import NOW, Rows

# Written into the statement rather than sent beside it: a planner that cannot see how short a page is takes it for a
# tenth of the table, and reads all of that table to dress it.
LIMIT = bindparam("limit", type_=Integer(), literal_execute=True)
OFFSET = bindparam("offset", type_=Integer())


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


def order_of(things: Any) -> Sequence[Any]:
    return things.c.at, things.c.edition_id, things.c.occurrence_id, things.c.what


def dressed(*parts: Rows, over_last: bool = False) -> Rows:
    """One page of the parts as one list of ``Line`` and the length of the whole list."""
    things = union_all(*parts).subquery("things") if len(parts) > 1 else parts[0].subquery("things")
    order = _order(things, over_last=over_last)
    counted = select(things, func.count().over().label("total"))
    page = counted.order_by(*order).limit(LIMIT).offset(OFFSET).subquery("page")
    siblings = aliased(Edition)
    held = (
        select(func.count())
        .where(siblings.series_id == Edition.series_id, siblings.publication == constant(Publication.PUBLISHED))
        .correlate_except(siblings)
        .scalar_subquery()
    )
    return with_names(page, held, page.c.total).order_by(*_order(page, over_last=over_last))


def _order(things: Any, *, over_last: bool) -> Sequence[Any]:
    over = case((things.c.ends_at <= NOW, 1), else_=0)
    return (over, *order_of(things)) if over_last else order_of(things)


def with_names(picked: Any, held: Any, *more: Any) -> Rows:
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
