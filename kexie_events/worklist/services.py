"""Importing the year's work list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import lock, transaction
from ..units.models import Unit
from . import rules
from .models import WorkItem


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    same: int


def import_list(
    year: int, rows: Iterable[Mapping[str, str | None]], *, unit_id: int, actor: Actor, now: datetime
) -> Imported:
    """Read a unit's whole list or nothing of it; running it again changes nothing. Locks the unit."""
    listed = rules.read_rows(rows)
    with transaction() as session:
        access.require(actor, Action.REPORT, Place(lock(Unit, unit_id).path))
        mine = select(WorkItem).where(WorkItem.unit_id == unit_id, WorkItem.year == year)
        known = {(item.section, item.number): item for item in session.scalars(mine)}
        order = {section: n for n, section in enumerate(dict.fromkeys(row.section for row in listed), start=1)}
        added = changed = 0
        for row in listed:
            values = {
                "section_position": order[row.section],
                "name": row.name,
                "lead": row.lead,
                "supporters": list(row.supporters),
            }
            item = known.get((row.section, row.number))
            if item is None:
                session.add(
                    WorkItem(
                        unit_id=unit_id,
                        year=year,
                        section=row.section,
                        number=row.number,
                        changed_at=now,
                        **values,
                    )
                )
                added += 1
            elif any(getattr(item, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(item, name, value)
                item.changed_at = now
                changed += 1
        if added or changed:
            audit.record(
                f"worklist:{unit_id}:{year}", "worklist.imported", actor=actor, now=now, added=added, changed=changed
            )
    return Imported(added, changed, len(listed) - added - changed)
