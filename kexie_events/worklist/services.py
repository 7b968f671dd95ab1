"""Importing the year's work list, with drafts of the events that it names."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import lock, transaction
from ..events.services import draft_editions
from ..units.models import Unit
from . import queries
from .models import WorkItem
from .queries import Imported, Line
from .rules import Change, Sheet, section_positions, values_of


def import_list(
    year: int,
    sheet: Sheet,
    *,
    unit_id: int,
    drafts: Collection[int] | None = None,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Imported:
    """Read a unit's whole list or nothing of it; running it again changes nothing. Locks the unit.

    What a row names as an event gets a draft of its series and of its edition, or the edition that is there.
    ``drafts``: the lines of the rows that may get one; None: all. Rows that the sheet does not name stay.
    Raises: RuleBroken("worklist.row") and what refuses a draft, Forbidden, NotFound.
    """
    sheet.check()
    with transaction() as session:
        access.require(actor, Action.REPORT, Place(lock(Unit, unit_id).path))
        done = queries.outlook(year, sheet, unit_id=unit_id, drafts=drafts, actor=actor)
        asked = {line.row.line: line.wanted for line in done.asked if line.wanted}
        made = draft_editions(unit_id, list(asked.values()), actor=actor, now=now, zone=zone) if asked else []
        editions = dict(zip(asked, made, strict=True))
        positions = section_positions(sheet.rows)
        names = {row.name for row in sheet.rows}
        linked = 0
        for line in done.lines:
            item, row = line.item, line.row
            if item is None:
                item = WorkItem(unit_id=unit_id, year=year, section=row.section, number=row.number)
                session.add(item)
            edition_id = editions.get(row.line) or line.edition_id or _kept(line, names)
            if line.change is not Change.SAME or edition_id != item.edition_id:
                linked += line.change is Change.SAME
                for name, value in values_of(row, positions).items():
                    setattr(item, name, value)
                item.edition_id, item.changed_at = edition_id, now
        added, changed = done.count(Change.NEW), done.count(Change.CHANGED)
        if added or changed or linked:
            audit.record(
                f"worklist:{unit_id}:{year}", "worklist.imported", actor=actor, now=now, added=added, changed=changed,
                linked=linked, drafted=[editions[line.row.line] for line in done.drafted],
            )  # fmt: skip
    return done


def _kept(line: Line, names: set[str]) -> int | None:
    """The edition of a row whose name was corrected and that is to get no other one.

    A row that now names no event, or whose former name stands elsewhere in the list, is another item.
    """
    if line.item is None or line.wanted is None or line.item.name in names - {line.row.name}:
        return None
    return line.item.edition_id
