"""Lists of what visitors can see: what can be joined, what comes, what falls on which day.

A list is first picked (which rows, in which order, which page) from narrow rows (``picking.py``), then the page's rows
are dressed with names and places (``lines.py``). The statements depend only on the grants of who asks and on which
filters are set, so each is built once and kept; building one takes longer than running it.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Date, Integer, and_, bindparam, case, func, literal, or_, select, union_all

from ...core import dates
from ...core.access import Actor
from ...core.db import Instant, constant, db
from ...core.errors import NotFound
from ...core.paging import Page
from ...units.models import Region, Unit
from ..models import Milestone, Occurrence, Room, Venue
from ..rules import Status
from .lines import LIMIT, Day, Line, dressed, order_of, with_names
from .picking import (
    ENTRIES_CLOSE,
    NO_FILTER,
    NOW,
    Filters,
    Grants,
    Rows,
    Wanted,
    dated,
    editions_with_entries,
    listable,
    occurrences,
    open_now,
)

PER_DAY = bindparam("per_day", type_=Integer())


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


def month(actor: Actor, wanted: Wanted, first: date, after: date, *, zone: ZoneInfo, per_day: int) -> dict[date, Day]:
    """The days from ``first`` until before ``after`` that have something, deadlines first, at most ``per_day`` things
    each. One query."""
    midnights = [dates.at(first + timedelta(days=n), time(), zone) for n in range((after - first).days + 1)]
    span = {"start": midnights[0], "end": midnights[-1], "midnights": midnights}
    shown = {"per_day": per_day, "limit": per_day * (len(midnights) - 1)}
    days: dict[date, Day] = {}
    for row in db.session.execute(_month_statement(actor.grants, wanted.filters), {**wanted.values, **span, **shown}):
        *line, number, total = row
        days.setdefault(first + timedelta(days=number - 1), Day([], total)).lines.append(Line(*line))
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
    return dressed(
        occurrences("event", deadline, grants, filters).where(open_now()),
        editions_with_entries(grants, filters, later=False),
    )


@lru_cache(maxsize=64)
def _soon_statement(grants: Grants, filters: Filters) -> Rows:
    next_date = case((Occurrence.opens_at > NOW, Occurrence.opens_at), else_=Occurrence.starts_at)
    comes = or_(Occurrence.status == constant(Status.SCHEDULED), Occurrence.starts_at > NOW)
    closed = ~func.coalesce(open_now(), False)
    return dressed(
        occurrences("event", next_date, grants, filters).where(Occurrence.ends_at > NOW, comes, closed),
        editions_with_entries(grants, filters, later=True),
    )


@lru_cache(maxsize=64)
def _dated_statement(grants: Grants, filters: Filters) -> Rows:
    return dressed(*dated(grants, filters))


@lru_cache(maxsize=64)
def _of_edition_statement(grants: Grants) -> Rows:
    picked = occurrences("event", Occurrence.starts_at, grants, NO_FILTER)
    picked = picked.where(Occurrence.edition_id == bindparam("edition_id"))
    return dressed(picked, over_last=True)


@lru_cache(maxsize=64)
def _of_series_statement(grants: Grants) -> Rows:
    picked = occurrences("event", Occurrence.starts_at, grants, NO_FILTER)
    return dressed(picked.where(Occurrence.series_id == bindparam("series_id"), Occurrence.ends_at > NOW))


@lru_cache(maxsize=64)
def _month_statement(grants: Grants, filters: Filters) -> Rows:
    things = union_all(*dated(grants, filters)).subquery("things")
    # Which day, by the midnights between them: asking PostgreSQL for the date in a zone costs far more for each row.
    on = func.width_bucket(things.c.at, bindparam("midnights", type_=ARRAY(Instant())), type_=Integer())
    urgency = case((things.c.what == "due", 0), (things.c.what == "event", 1), else_=2)
    nth = func.row_number().over(partition_by=on, order_by=(urgency, *order_of(things)))
    total = func.count().over(partition_by=on)
    counted = select(things, on.label("day"), nth.label("nth"), total.label("total")).subquery("counted")
    first_few = select(counted).where(counted.c.nth <= PER_DAY).order_by(counted.c.day, counted.c.nth)
    picked = first_few.limit(LIMIT).subquery("picked")
    # No ring is drawn in a month, so nobody counts editions.
    return with_names(picked, literal(0), picked.c.day, picked.c.total).order_by(picked.c.day, picked.c.nth)


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
        Region.in_force(today),
        Region.id.in_(union_all(held_in, entries_in)),
    )
    chosen = Region.slug == bindparam("region")
    return cast(Rows, select(Region.slug, Region.name).where(or_(busy, chosen)).order_by(Region.id))
