"""Which calendars there are to choose from, and what the chosen one is called."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Text, cast, func, literal, null, select

from ...core.access import ANYBODY, visible
from ...core.db import db
from ...core.errors import NotFound
from ...core.paging import Page
from ...events.kinds import Kind, Topic
from ...events.models import Edition, Series, Venue
from ...events.numbering import Numbered
from ...events.wording import edition_name
from ...units.models import Region, Unit
from ..asked import FOLDERS, Asked, Scope, kind_of, number, topic_of
from ..models import Feed
from ..rules import kebab

Query = Select[*tuple[Any, ...]]
Name = str | Topic | Kind  # a topic and a kind are called by their labels
PER_PAGE = 12
SEARCHED = (Scope.SERIES, Scope.UNIT, Scope.VENUE)  # hundreds of them: found by name, page by page


@dataclass(frozen=True)
class Chosen:
    """The calendar that a visitor looks at."""

    asked: Asked
    name: Name  # "" for everything

    @property
    def path(self) -> str:
        return self.asked.path


def chosen(asked: Asked) -> Chosen:
    """What was asked for, by its name. At most one statement.

    Raises: NotFound when there is none, or none that the public may see.
    """
    name: Name | None
    match asked.scope:
        case Scope.ALL:
            name = ""
        case Scope.TOPIC:
            name = topic_of(asked.value)
        case Scope.KIND:
            name = kind_of(asked.value)
        case Scope.EDITION:
            name = _edition_name(number(asked.value))
        case _:
            name = db.session.scalar(_named(asked))
    if name is None:
        raise NotFound()
    return Chosen(asked, name)


def _named(asked: Asked) -> Select[str]:
    match asked.scope:
        case Scope.SERIES:
            return select(Series.name).where(Series.slug == asked.value, visible(Series, ANYBODY))
        case Scope.UNIT:
            return select(Unit.name).where(Unit.slug == asked.value)  # the names of units are no secret
        case Scope.REGION:
            return select(Region.name).where(Region.slug == asked.value)
        case _:
            return select(Venue.name).where(Venue.id == number(asked.value))


def _edition_name(edition_id: int) -> str | None:
    row = db.session.execute(
        select(Series.name, Edition.number, Edition.style, Edition.year)
        .select_from(Edition)
        .join(Series, Series.id == Edition.series_id)
        .where(Edition.id == edition_id, visible(Edition, ANYBODY), visible(Series, ANYBODY))
    ).one_or_none()
    return edition_name(Numbered(row.number, row.style, row.year), row.name) if row else None


# ---- what there is to choose from: calendars with something in them


@dataclass(frozen=True)
class Offered:
    """A calendar to choose, with what tells it from others of the same name."""

    asked: Asked
    name: Name
    note: Name
    entries: int


def offered(scope: Scope, text: str, page: int) -> Page[Offered]:
    """Series, units or venues whose name contains a text, in one statement. A series is offered before it has a date;
    what runs nothing is no calendar. ``page`` counts from 1. Raises: NotFound for a page after the last."""
    query = _searched(scope, text).add_columns(func.count().over().label("total"))
    rows = db.session.execute(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    if not rows and page > 1:
        raise NotFound()
    items = [Offered(Asked(scope, str(row.value)), row.name, row.note or "", row.entries) for row in rows]
    return Page(items, page, PER_PAGE, rows[0].total if rows else 0)


def _searched(scope: Scope, text: str) -> Query:
    if scope is Scope.SERIES:
        entries = func.coalesce(Feed.events, 0)
        query = (
            select(Series.slug.label("value"), Series.name, Series.kind.label("note"), entries.label("entries"))
            .outerjoin(Feed, Feed.path == _path(scope, Series.slug))
            .where(visible(Series, ANYBODY))
            .order_by(entries == 0, Series.name, Series.id)
        )
        return query.where(Series.name.icontains(text, autoescape=True)) if text else query
    if scope is Scope.UNIT:
        as_numbers = cast(func.string_to_array(func.btrim(Unit.path, "/"), "/"), ARRAY(Integer))
        query = _with_entries(scope, Unit.slug, Unit.name, cast(null(), Text)).order_by(as_numbers)
        return query.where(Unit.name.icontains(text, autoescape=True)) if text else query
    query = _with_entries(scope, Venue.id, Venue.name, Venue.address).order_by(Venue.name, Venue.id)
    return query.where(Venue.name.icontains(text, autoescape=True)) if text else query


def _with_entries(scope: Scope, value: Any, name: Any, note: Any) -> Query:
    return select(value.label("value"), name.label("name"), note.label("note"), Feed.events.label("entries")).join(
        Feed, (Feed.path == _path(scope, value)) & (Feed.events > 0)
    )


def _path(scope: Scope, value: Any) -> ColumnElement[str]:
    return literal(f"{FOLDERS[scope]}/", Text) + cast(value, Text)


def offered_regions() -> list[Offered]:
    """Regions in which something takes place. One statement."""
    rows = db.session.execute(_with_entries(Scope.REGION, Region.slug, Region.name, Region.kind).order_by(Region.id))
    return [Offered(Asked(Scope.REGION, row.value), row.name, "", row.entries) for row in rows]


def offered_kinds() -> tuple[list[Offered], list[Offered]]:
    """Topics and kinds of which there is something, each in its own order. One statement."""
    topics = {Asked(Scope.TOPIC, kebab(topic)): topic for topic in Topic}
    kinds = {Asked(Scope.KIND, kebab(kind)): kind for kind in Kind}
    paths = [asked.path for asked in (*topics, *kinds)]
    rows = db.session.execute(select(Feed.path, Feed.events).where(Feed.path.in_(paths), Feed.events > 0))
    entries = {row.path: row.events for row in rows}

    def with_something(members: Any) -> list[Offered]:
        return [
            Offered(asked, member, "", entries[asked.path])
            for asked, member in members.items()
            if asked.path in entries
        ]

    return with_something(topics), with_something(kinds)
