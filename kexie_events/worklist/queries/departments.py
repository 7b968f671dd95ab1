"""The units below a list's unit, what names mean, and which names nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from ...core.access import Actor, visible
from ...core.db import db
from ...events.models import Edition, Series
from ...events.numbering import ORDINALS, Numbered, words
from ...events.queries.manage import planned_by
from ...units.models import Unit
from ...units.rules import UnitKind
from ..departments import Alias, name_key
from ..models import DepartmentAlias, WorkDuty, WorkItem, WorkLink, WorkList
from .items import Item
from .lists import ListOfYear, live

MOST_FOUND = 20


@dataclass(frozen=True)
class Unknown:
    """A name that stands in a list and means no unit yet. ``items``: in how many rows."""

    words: str
    items: int


@dataclass(frozen=True)
class KnownAlias:
    """An alias with the name of what it means; "" for everybody."""

    id: int
    alias: Alias
    name: str


def units_below(unit_id: int, year: int) -> list[Unit]:
    """The units right below one, in force at some time of the year; its departments first. One query."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    query = (
        select(Unit)
        .where(Unit.parent_id == unit_id)
        .where(Unit.in_force(first, last))
        .order_by(Unit.kind != UnitKind.DEPARTMENT, Unit.id)
    )
    return list(db.session.scalars(query))


def names_of(units: Sequence[Unit]) -> dict[str, int]:
    """Ids by key; of two with one name the department counts."""
    found: dict[str, int] = {}
    for unit in units:
        found.setdefault(name_key(unit.name), unit.id)
    return found


def aliases_of(unit_id: int) -> list[KnownAlias]:
    """What has been laid down for the lists of a unit, by words and years. One query."""
    row = DepartmentAlias
    query = (
        select(row.id, row.words, row.department_id, row.year_from, row.year_to, Unit.name)
        .outerjoin(Unit, Unit.id == row.department_id)
        .where(row.unit_id == unit_id)
        .order_by(row.words, row.year_from)
    )
    return [
        KnownAlias(id, Alias(said, unit_id, year_from, year_to), name or "")
        for id, said, unit_id, year_from, year_to, name in db.session.execute(query)
    ]


def unknown_names(chosen: ListOfYear) -> list[Unknown]:
    """The names of a list that mean no unit, in its order. One query."""
    first = func.min(WorkItem.section_position * 1000 + WorkItem.number)
    query = (
        select(WorkDuty.words, func.count())
        .join(WorkItem, WorkItem.id == WorkDuty.item_id)
        .where(live(chosen.id), WorkDuty.unit_id.is_(None), ~WorkDuty.everybody)
        .group_by(WorkDuty.words)
        .order_by(first, WorkDuty.words)
    )
    return [Unknown(*row) for row in db.session.execute(query)]


def duties_of(unit_id: int) -> list[tuple[WorkDuty, int]]:
    """The named departments of all lists of a unit, with the year. Not for showing."""
    query = (
        select(WorkDuty, WorkList.year)
        .join(WorkItem, WorkItem.id == WorkDuty.item_id)
        .join(WorkList, WorkList.id == WorkItem.list_id)
        .where(WorkList.unit_id == unit_id, WorkItem.removed_at.is_(None))
        .order_by(WorkDuty.item_id, WorkDuty.position)
    )
    return [(duty, year) for duty, year in db.session.execute(query)]


@dataclass(frozen=True)
class Linked:
    """What an item is tied to, as it can be taken away. ``number_words``: "" for all that a series has in the year."""

    id: int
    series_name: str
    number_words: str


def links_of(item: Item, actor: Actor) -> list[Linked]:
    """What an item is tied to; of what the actor may not see, nothing. One query."""
    query = (
        select(WorkLink.id, Series.name, Edition.number, Edition.style, Edition.year)
        .join(Series, Series.id == WorkLink.series_id)
        .outerjoin(Edition, Edition.id == WorkLink.edition_id)
        .where(WorkLink.item_id == item.id, or_(visible(Series, actor), visible(Edition, actor)))
        .order_by(WorkLink.id)
    )
    return [
        Linked(id, name, words(Numbered(number, style, year)) if style else "")
        for id, name, number, style, year in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Offer:
    """What an item could be tied to. ``edition_id`` None: all that the series has in the year."""

    series_id: int
    edition_id: int | None
    name: str
    number_words: str

    @property
    def value(self) -> str:
        return f"{self.series_id}-{self.edition_id or ''}"


def offers(text: str, chosen: ListOfYear, actor: Actor) -> list[Offer]:
    """Series and editions of the list's year whose name has the text, among what the actor plans. One query."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = (
        select(Series.id, Series.name, Edition.id, Edition.number, Edition.style, Edition.year)
        .join(Edition, Edition.series_id == Series.id)
        .where(Series.name.ilike(pattern, escape="\\") | Edition.title.ilike(pattern, escape="\\"))
        .where(planned_by(actor, Edition), Edition.year.between(chosen.year - 1, chosen.year + 1))
        .order_by(Series.name, Series.id, Edition.year, Edition.number)
        .limit(MOST_FOUND)
    )
    found: list[Offer] = []
    for series_id, name, id, number, style, year in db.session.execute(query):
        whole = Offer(series_id, None, name, "")
        if style not in ORDINALS and whole not in found:
            found.append(whole)
        found.append(Offer(series_id, id, name, words(Numbered(number, style, year))))
    return found
