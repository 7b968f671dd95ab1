"""Tying an item to editions, and taking that back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import transaction
from ...core.errors import NotFound
from ...events.queries import manage as events
from ..models import WorkLink
from .writing import chain, locked_item, touch


def link(item_id: int, series_id: int, edition_id: int | None, *, actor: Actor, now: datetime) -> None:
    """Tie an item to an edition, or to all that a series has in the list's year. Locks the list, then the item.

    Twice is once: the database keeps one. Raises: NotFound, also for what the actor does not plan.
    """
    with transaction() as session:
        written, item = locked_item(item_id, actor)
        if edition_id is None:
            events.series(actor, series_id)
        elif events.edition(actor, edition_id).series_id != series_id:
            raise NotFound()
        values = {"item_id": item_id, "series_id": series_id, "edition_id": edition_id, "chosen": True}
        added = session.scalar(insert(WorkLink).values(values).on_conflict_do_nothing().returning(WorkLink.id))
        if added is None:
            return
        touch(item, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.linked", actor=actor, now=now, item=item_id,
            series=series_id, edition=edition_id,
        )  # fmt: skip


def unlink(item_id: int, link_id: int, *, actor: Actor, now: datetime) -> None:
    """Locks the list, then the item. What is gone already is gone. An item without any tie is no event from then on."""
    with transaction() as session:
        written, item = locked_item(item_id, actor)
        found = session.get(WorkLink, link_id)
        if found is None or found.item_id != item_id:
            return
        session.delete(found)
        session.flush()
        if not session.scalar(select(WorkLink.id).where(WorkLink.item_id == item_id).limit(1)):
            item.decided, item.kind = True, None  # somebody says so: the next import does not ask its name again
        touch(item, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.unlinked", actor=actor, now=now, item=item_id,
            series=found.series_id, edition=found.edition_id,
        )  # fmt: skip
