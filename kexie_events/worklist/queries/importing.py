"""What an import would do to a list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import one
from ...events.kinds import Kind
from ...events.naming import Decision, Step, Wanted, decide
from ...events.queries.drafting import series_named
from ...units.models import Unit
from .. import places
from ..models import WorkList
from ..recognition import as_kind, recognise
from ..rules import Change, Row, Sheet, section_positions
from ..targets import Aim
from .items import Item, items_of
from .lists import ListOfYear, list_of_year


@dataclass(frozen=True)
class Line:
    """What an import makes of one row."""

    row: Row
    item: Item | None  # as it stands
    change: Change
    wanted: Wanted | None  # an event that the item is not tied to yet
    decision: Decision | None  # what would be made for it; set exactly when ``wanted`` is
    linked: bool  # the item is tied to events, and stays so
    kind: Kind | None  # what it is taken for, by its name or by whoever said so
    usual: Kind | None = None  # what it is taken for when nobody says anything in this import
    said: bool = False  # in this import

    @property
    def renamed(self) -> bool:
        return self.item is not None and self.item.name != self.row.name


@dataclass(frozen=True)
class Imported:
    """What an import did or would do: every row, those that may get a draft, what the list no longer has."""

    lines: tuple[Line, ...]
    drafts: Collection[int] | None  # None: all
    vanished: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = field(default=(), compare=False)  # those of ``vanished`` that were asked for

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
        """The rows whose edition is there, but which are not tied to it yet."""
        return [line for line in self.asked if line.decision and line.decision.step is Step.NOTHING]

    @property
    def left(self) -> list[Line]:
        """The rows without an edition: no event, or not to be drafted."""
        asked = {line.row.line for line in self.asked}
        return [line for line in self.lines if not line.linked and line.row.line not in asked]


def outlook(
    year: int,
    sheet: Sheet,
    *,
    unit_id: int,
    drafts: Collection[int] | None = None,
    kinds: Mapping[int, Kind | None] | None = None,
    remove: Collection[int] = (),
    actor: Actor,
) -> Imported:
    """What an import would do; changes nothing. Five queries. Raises: Forbidden, NotFound.

    ``drafts``: the lines of the rows that may get a draft; None: all. ``kinds``: what somebody has said of rows, by
    line; None there: no event. ``remove``: the items that go when the sheet does not have them.
    """
    access.require(actor, Action.REPORT, Place(one(Unit, unit_id).path))
    kinds = kinds or {}
    standing = list_of_year(unit_id, year)
    items = {item.id: item for item in items_of(_own(standing), actor)} if standing else {}
    which = places.matched(sheet.rows, [places.Place(i.id, i.section, i.number, i.name) for i in items.values()])
    taken_for = {row.line: _kind(row, items.get(which.get(row.line, 0)), kinds, year) for row in sheet.rows}
    wanted = {
        row.line: want
        for row in sheet.rows
        if (want := _wanted(row, items.get(which.get(row.line, 0)), taken_for[row.line], year))
    }
    named = series_named(unit_id, [want.name for want in wanted.values()])
    decisions = dict(zip(wanted, decide(list(wanted.values()), named), strict=True))
    positions = section_positions(sheet.rows)
    lines = []
    for row in sheet.rows:
        item, kind = items.get(which.get(row.line, 0)), taken_for[row.line]
        linked = item is not None and item.linked and (kind is not None or item.name == row.name)
        lines.append(
            Line(
                row, item, _change(row, item, positions), wanted.get(row.line), decisions.get(row.line), linked, kind,
                usual=_kind(row, item, {}, year), said=row.line in kinds,
            )
        )  # fmt: skip
    vanished = tuple(item for item in items.values() if item.id not in which.values())
    return Imported(tuple(lines), drafts, vanished, tuple(item for item in vanished if item.id in set(remove)))


def _own(row: WorkList) -> ListOfYear:
    return ListOfYear(row.id, row.unit_id, "", "", row.year, row.title, row.period, row.revision, own=True)


def _kind(row: Row, item: Item | None, kinds: Mapping[int, Kind | None], year: int) -> Kind | None:
    """What a row is taken for: what is said now, what was said before, else what its name says."""
    if row.line in kinds:
        return kinds[row.line]
    if item is not None and item.decided:
        return item.kind
    found = recognise(row.name, year)
    return found.kind if found else None


def _wanted(row: Row, item: Item | None, kind: Kind | None, year: int) -> Wanted | None:
    if kind is None or (item is not None and item.linked and item.name == row.name):
        return None
    found = as_kind(row.name, year, kind)
    return Wanted(found.name, found.kind, found.numbered, found.printed) if found else None


def _change(row: Row, item: Item | None, positions: dict[str, int]) -> Change:
    if item is None:
        return Change.NEW
    stands = (item.section, item.section_position, item.number, item.name, [duty.words for duty in item.duties])
    same = stands == (row.section, positions[row.section], row.number, row.name, [row.lead, *row.supporters])
    same = same and (row.aims is None or list(row.aims) == [Aim(g.words, g.value, g.unit) for g in item.goals])
    return Change.SAME if same and (not row.dated or row.due_on == item.due_on) else Change.CHANGED
