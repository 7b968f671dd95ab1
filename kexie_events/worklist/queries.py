"""Reading the year's work list."""

from sqlalchemy import select

from ..core.access import Actor, visible
from ..core.db import db
from .models import WorkItem


def years(actor: Actor) -> list[int]:
    """The years that have a list, the newest first."""
    query = select(WorkItem.year).where(visible(WorkItem, actor)).distinct().order_by(WorkItem.year.desc())
    return list(db.session.scalars(query))


def sections(year: int, actor: Actor) -> dict[str, list[WorkItem]]:
    """The items of a year by section, in the order of the list. One query."""
    items = db.session.scalars(
        select(WorkItem)
        .where(WorkItem.year == year, visible(WorkItem, actor))
        .order_by(WorkItem.unit_id, WorkItem.section_position, WorkItem.number)
    )
    found: dict[str, list[WorkItem]] = {}
    for item in items:
        found.setdefault(item.section, []).append(item)
    return found
