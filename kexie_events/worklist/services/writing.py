"""What several services of the room write: the list itself, what an item names, what it is to reach."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import expect_revision, lock
from ...core.errors import NotFound
from ...units.models import Unit
from ...units.queries import unit_path
from .. import queries
from ..departments import meaning
from ..models import WorkDuty, WorkItem, WorkList, WorkTarget
from ..targets import Aim


def chain(unit_id: int, year: int) -> str:
    """The audit chain of a list."""
    return f"worklist:{unit_id}:{year}"


def locked_list(list_id: int, actor: Actor) -> WorkList:
    """Locked, for who may change it: to others it is not there. Raises: NotFound."""
    found = lock(WorkList, list_id)
    if not access.allows(actor, Action.REPORT, Place(unit_path(found.unit_id))):
        raise NotFound()
    return found


def locked_item(item_id: int, actor: Actor) -> tuple[WorkList, WorkItem]:
    """Its list locked, then the item itself, for who may change it. Raises: NotFound."""
    list_id = queries.item_of(actor, item_id, own=True)[0].id
    return locked_list(list_id, actor), lock(WorkItem, item_id)


def check_revision(row: WorkItem | WorkList, expected_revision: int) -> None:
    """Raises: Conflict("worklist.changed_meanwhile")."""
    expect_revision(row.revision, expected_revision, "worklist.changed_meanwhile")


def touch(row: WorkItem | WorkList, now: datetime) -> None:
    row.revision += 1
    row.changed_at = now


class Meanings:
    """What names mean in the lists of a unit; asked once for a whole list."""

    def __init__(self, unit_id: int, year: int) -> None:
        self.year = year
        self.units = queries.names_of(queries.units_below(unit_id, year))
        self.aliases = [known.alias for known in queries.aliases_of(unit_id)]

    def write(self, session: Session, item_id: int, names: Sequence[str]) -> None:
        """The departments of an item anew, the first leading."""
        session.execute(delete(WorkDuty).where(WorkDuty.item_id == item_id))
        for position, words in enumerate(names):
            found = meaning(words, self.year, self.units, self.aliases)
            session.add(
                WorkDuty(
                    item_id=item_id, position=position, words=words, unit_id=found.unit_id, everybody=found.everybody
                )
            )  # fmt: skip


def write_aims(session: Session, item_id: int, aims: Sequence[Aim]) -> None:
    """The targets of an item anew. What was reached of one stays with it as long as its words and unit stay."""
    held = session.scalars(select(WorkTarget).where(WorkTarget.item_id == item_id).order_by(WorkTarget.position)).all()
    left = list(held)
    for position, aim in enumerate(aims):
        row = next((each for each in left if (each.words, each.unit) == (aim.words, aim.unit)), None)
        if row is not None:
            left.remove(row)
            row.position, row.value = position, aim.value
        else:
            session.add(
                WorkTarget(item_id=item_id, position=position, words=aim.words, value=aim.value, unit=aim.unit)
            )  # fmt: skip
    for row in left:
        session.delete(row)


def unit_of(unit_id: int, actor: Actor) -> Unit:
    """Locked, for who reports there. Raises: Forbidden, NotFound."""
    unit = lock(Unit, unit_id)
    access.require(actor, Action.REPORT, Place(unit.path))
    return unit
