"""Reading the year's work list, where its events stand, and what an import would do to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select, union_all

from ..core import access
from ..core.access import Action, Actor, Place, visible
from ..core.db import db, one
from ..events.models import Edition, Milestone, Occurrence, Series
from ..events.naming import Decision, Step, Wanted, decide
from ..events.numbering import Numbered, words
from ..events.queries.drafting import series_named
from ..events.queries.manage import planned_by
from ..events.rules import Publication, Status
from ..units.models import Unit
from .models import WorkItem
from .recognition import recognise
from .rules import Change, Row, Sheet, Standing, section_positions, standing, values_of


@dataclass(frozen=True)
class ListOfYear:
    """A unit's list of one year."""

    unit_id: int
    unit_slug: str
    unit_name: str
    year: int


def lists(actor: Actor) -> list[ListOfYear]:
    """The lists there are: the newest year first, in a year by the tree of units. One query."""
    query = (
        select(Unit.id, Unit.slug, Unit.name, WorkItem.year)
        .join(WorkItem, WorkItem.unit_id == Unit.id)
        .where(visible(WorkItem, actor))
        .distinct()
        .order_by(WorkItem.year.desc(), Unit.id)
    )
    return [ListOfYear(*row) for row in db.session.execute(query)]


def sections(chosen: ListOfYear, actor: Actor) -> dict[str, list[WorkItem]]:
    """The items of a list by section, in its order. One query."""
    items = db.session.scalars(
        select(WorkItem)
        .where(WorkItem.unit_id == chosen.unit_id, WorkItem.year == chosen.year, visible(WorkItem, actor))
        .order_by(WorkItem.section_position, WorkItem.number)
    )
    found: dict[str, list[WorkItem]] = {}
    for item in items:
        found.setdefault(item.section, []).append(item)
    return found


@dataclass(frozen=True)
class Held:
    """The edition of an item and where it stands."""

    edition_id: int
    series_name: str
    number_words: str
    standing: Standing
    next_at: datetime | None  # start of the next date or point that is not over
    planned: bool  # whether the reader plans it: links to its desk, else to the public page


def held(items: Iterable[WorkItem], actor: Actor, now: datetime) -> dict[int, Held]:
    """Where the editions of some items stand, by edition; those that the actor may not see are left out. One query."""
    ids = {item.edition_id for item in items if item.edition_id is not None}
    dates = union_all(_dates(Occurrence, ids), _dates(Milestone, ids)).subquery("dates")
    takes_place = and_(dates.c.status == Status.SCHEDULED.value, dates.c.is_occurrence)
    on = dates.c.status == Status.SCHEDULED.value
    figures = (
        select(
            dates.c.edition_id,
            func.count().filter(on, dates.c.ends_at > now).label("ahead"),
            func.count().filter(on, dates.c.ends_at <= now).label("over"),
            func.count().filter(dates.c.status == Status.CANCELLED.value).label("cancelled"),
            func.count().filter(takes_place).label("takes_place"),
            func.min(dates.c.starts_at).filter(on, dates.c.ends_at > now).label("next_at"),
        )
        .group_by(dates.c.edition_id)
        .subquery("figures")
    )
    counts = [func.coalesce(figures.c[name], 0) for name in ("ahead", "over", "cancelled", "takes_place")]
    rows = db.session.execute(
        select(Edition.id, Edition.number, Edition.style, Edition.year, Edition.publication, Series.name)
        .add_columns(planned_by(actor, Edition), figures.c.next_at, *counts)
        .join(Series, Series.id == Edition.series_id)
        .outerjoin(figures, figures.c.edition_id == Edition.id)
        .where(Edition.id.in_(ids), visible(Edition, actor))
    )
    found: dict[int, Held] = {}
    for id, number, style, year, publication, name, planned, next_at, ahead, over, cancelled, takes_place in rows:
        where = standing(publication, ahead=ahead, over=over, cancelled=cancelled, takes_place=takes_place)
        found[id] = Held(id, name, words(Numbered(number, style, year)), where, next_at, bool(planned))
    return found


def _dates(model: type[Occurrence] | type[Milestone], ids: set[int]) -> Select[Any]:
    """(edition, start, end, status, whether people go to it); a point of the timeline is never cancelled."""
    status = Occurrence.status if model is Occurrence else literal(Status.SCHEDULED.value)
    return select(
        model.edition_id,
        model.starts_at,
        model.ends_at,
        func.cast(status, db.String).label("status"),
        literal(model is Occurrence).label("is_occurrence"),
    ).where(model.edition_id.in_(ids), model.publication != Publication.WITHDRAWN)


@dataclass(frozen=True)
class Line:
    """What an import makes of one row."""

    row: Row
    item: WorkItem | None  # as it stands
    change: Change
    wanted: Wanted | None  # an event that the item does not remember yet
    decision: Decision | None  # what would be made for it; set exactly when ``wanted`` is
    edition_id: int | None  # that this item, or another of the same name, remembers


@dataclass(frozen=True)
class Imported:
    """What an import did or would do: every row, and the lines of those that may get a draft."""

    lines: tuple[Line, ...]
    drafts: Collection[int] | None  # None: all

    def count(self, change: Change) -> int:
        return sum(line.change is change for line in self.lines)

    @property
    def asked(self) -> list[Line]:
        """The rows that get an edition: a draft, or one that is there."""
        return [line for line in self.lines if line.wanted and (self.drafts is None or line.row.line in self.drafts)]

    @property
    def drafted(self) -> list[Line]:
        return [line for line in self.asked if line.decision and line.decision.step is not Step.NOTHING]

    @property
    def found(self) -> list[Line]:
        """The rows whose edition is there, but which do not remember it yet."""
        return [line for line in self.asked if line.decision and line.decision.step is Step.NOTHING]

    @property
    def left(self) -> list[Line]:
        """The rows without an edition: no event, or not to be drafted."""
        asked = {line.row.line for line in self.asked}
        return [line for line in self.lines if line.edition_id is None and line.row.line not in asked]


def outlook(year: int, sheet: Sheet, *, unit_id: int, drafts: Collection[int] | None = None, actor: Actor) -> Imported:
    """What an import would do; changes nothing. Four queries. Raises: Forbidden, NotFound."""
    access.require(actor, Action.REPORT, Place(one(Unit, unit_id).path))
    mine = select(WorkItem).where(WorkItem.unit_id == unit_id, WorkItem.year == year, visible(WorkItem, actor))
    items = list(db.session.scalars(mine))
    known = {(item.section, item.number): item for item in items}
    # An edition follows the name: rows may change places.
    remembered = {item.name: item.edition_id for item in items if item.edition_id is not None}
    wanted = {
        row.line: Wanted(found.name, found.kind, found.numbered, found.printed)
        for row in sheet.rows
        if row.name not in remembered and (found := recognise(row.name, year))
    }
    named = series_named(unit_id, [want.name for want in wanted.values()])
    decisions = dict(zip(wanted, decide(list(wanted.values()), named), strict=True))
    positions = section_positions(sheet.rows)
    lines = []
    for row in sheet.rows:
        item = known.get((row.section, row.number))
        want, decision = wanted.get(row.line), decisions.get(row.line)
        lines.append(Line(row, item, _change(row, item, positions), want, decision, remembered.get(row.name)))
    return Imported(tuple(lines), drafts)


def _change(row: Row, item: WorkItem | None, positions: dict[str, int]) -> Change:
    if item is None:
        return Change.NEW
    changed = any(getattr(item, name) != value for name, value in values_of(row, positions).items())
    return Change.CHANGED if changed else Change.SAME
