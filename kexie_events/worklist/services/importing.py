"""Importing the year's work list, with drafts of the events that it names."""

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import transaction
from ...events.kinds import Kind
from ...events.models import Edition
from ...events.numbering import Style
from ...events.services import draft_editions
from .. import queries
from ..models import WorkItem, WorkLink, WorkList
from ..queries import Imported, Line
from ..rules import Change, Sheet, section_positions
from .writing import Meanings, chain, touch, unit_of, write_aims


def import_list(
    year: int,
    sheet: Sheet,
    *,
    unit_id: int,
    title: str = "",
    drafts: Collection[int] | None = None,
    kinds: Mapping[int, Kind | None] | None = None,
    remove: Collection[int] = (),
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Imported:
    """Read a unit's whole list or nothing of it; running it again changes nothing. Locks the unit.

    What a row names as an event gets a draft of its series and of its edition, or the edition that is there.
    ``drafts``: the lines of the rows that may get one; None: all. ``kinds``: what somebody has said of rows, by line;
    it is remembered. ``remove``: items that the sheet does not name and that go; others stay.
    Raises: RuleBroken("worklist.row") and what refuses a draft, Forbidden, NotFound.
    """
    sheet.check()
    with transaction() as session:
        unit_of(unit_id, actor)
        done = queries.outlook(
            year, sheet, unit_id=unit_id, drafts=drafts, kinds=kinds, remove=remove, actor=actor
        )  # fmt: skip
        asked = {line.row.line: line.wanted for line in done.asked if line.wanted}
        made = draft_editions(unit_id, list(asked.values()), actor=actor, now=now, zone=zone) if asked else []
        editions = dict(zip(asked, made, strict=True))
        written = _list(session, unit_id, year, title, now)
        ties = _ties(session, editions)
        linked = _write_lines(session, written, done, ties, now)
        for item in done.removed:
            row = session.get_one(WorkItem, item.id)
            row.removed_at = now
            touch(row, now)
        _make_room(session, done, now)
        added, changed = done.count(Change.NEW), done.count(Change.CHANGED)
        if added or changed or linked or done.removed:
            touch(written, now)
            audit.record(
                chain(unit_id, year), "worklist.imported", actor=actor, now=now, added=added, changed=changed,
                linked=linked, drafted=[editions[line.row.line] for line in done.drafted],
                removed=[item.name for item in done.removed],
            )  # fmt: skip
    return done


def _list(session: Session, unit_id: int, year: int, title: str, now: datetime) -> WorkList:
    found = queries.list_of_year(unit_id, year)
    if found is None:
        found = WorkList(unit_id=unit_id, year=year, title=title, changed_at=now, revision=0)
        session.add(found)
        session.flush()
    return found


def _make_room(session: Session, done: Imported, now: datetime) -> None:
    """What the sheet does not have, and what stays, stands behind the rows of its section where one has its number."""
    taken: dict[str, set[int]] = {}
    for line in done.lines:
        taken.setdefault(line.row.section, set()).add(line.row.number)
    for item in done.vanished:
        if item in done.removed:
            continue
        there = taken.setdefault(item.section, set())
        number = item.number if item.number not in there else max(there) + 1
        there.add(number)
        if number != item.number:
            row = session.get_one(WorkItem, item.id)
            row.number = number
            touch(row, now)


Tie = tuple[int, int | None]  # series, edition; None: all that the series has in the year


def _ties(session: Session, editions: Mapping[int, int]) -> dict[int, Tie]:
    """What each line is tied to. Where editions are 期, a row of the list means all of the year."""
    rows = session.execute(
        select(Edition.id, Edition.series_id, Edition.style).where(Edition.id.in_(set(editions.values())))
    )
    ties: dict[int, Tie] = {id: (series, None if style is Style.ISSUE else id) for id, series, style in rows}
    return {line: ties[edition_id] for line, edition_id in editions.items()}


def _write_lines(
    session: Session, written: WorkList, done: Imported, ties: Mapping[int, Tie], now: datetime
) -> int:  # fmt: skip
    """Bring the items to what the sheet says; how many of the unchanged were tied."""
    positions = section_positions([line.row for line in done.lines])
    meanings = Meanings(written.unit_id, written.year)
    linked = 0
    for line in done.lines:
        tie = ties.get(line.row.line)
        decided = line.said and (line.item is None or (line.item.decided, line.item.kind) != (True, line.kind))
        if line.change is Change.SAME and tie is None and not decided:
            continue
        linked += line.change is Change.SAME and tie is not None
        item = _item(session, written, line, positions, now)
        if line.change is not Change.SAME:
            meanings.write(session, item.id, [line.row.lead, *line.row.supporters])
            if line.row.aims is not None:
                write_aims(session, item.id, line.row.aims)
        if tie is not None or (line.item is not None and line.item.linked and not line.linked):
            session.execute(delete(WorkLink).where(WorkLink.item_id == item.id, ~WorkLink.chosen))
        if tie is not None:
            session.add(WorkLink(item_id=item.id, series_id=tie[0], edition_id=tie[1]))
    session.flush()
    return linked


def _item(
    session: Session, written: WorkList, line: Line, positions: Mapping[str, int], now: datetime
) -> WorkItem:  # fmt: skip
    row = line.row
    if line.item is None:
        item = WorkItem(list_id=written.id, revision=0)
        session.add(item)
    else:
        item = session.get_one(WorkItem, line.item.id)
        item.revision += 1
    item.section, item.section_position, item.number = row.section, positions[row.section], row.number
    item.name, item.changed_at = row.name, now
    if row.dated:
        item.due_on = row.due_on
    if line.said:
        item.decided, item.kind = True, line.kind
    session.flush()
    return item
