"""Which lists there are, who reads them, and who may change them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from ...core.access import Action, Actor, Scope, visible
from ...core.db import db
from ...core.errors import NotFound
from ...units.models import Unit
from ...units.rules import UnitKind
from ..models import WorkDuty, WorkItem, WorkList
from ..progress import Period

_department = aliased(Unit, name="department")


class _Department:
    """A department of the association whose list it is: its people read the list."""

    @classmethod
    def scope(cls) -> Scope:
        return Scope(Action.REPORT, public=false(), unit_path=_department.path)


@dataclass(frozen=True)
class ListOfYear:
    """A unit's list of one year. ``own``: the reader may change it; else they read it, and report what is theirs."""

    id: int
    unit_id: int
    unit_slug: str
    unit_name: str
    year: int
    title: str
    period: Period
    revision: int
    own: bool


def readable(actor: Actor) -> ColumnElement[bool]:
    """The lists that an actor reads: of the units where they may report, those whose departments they stand in, and
    those that name a unit of theirs."""
    department = exists().where(
        _department.parent_id == WorkList.unit_id, _department.kind == UnitKind.DEPARTMENT, visible(_Department, actor)
    )
    named = (
        select(WorkDuty.item_id)
        .join(WorkItem, WorkItem.id == WorkDuty.item_id)
        .where(WorkItem.list_id == WorkList.id, WorkItem.removed_at.is_(None))
        .where(WorkDuty.unit_id.is_not(None), visible(WorkDuty, actor))
    )
    return or_(visible(WorkList, actor), department, named.exists())


def _lists(actor: Actor) -> Select[Any]:
    return (
        select(WorkList.id, Unit.id, Unit.slug, Unit.name, WorkList.year, WorkList.title, WorkList.period)
        .add_columns(WorkList.revision, visible(WorkList, actor))
        .join(Unit, Unit.id == WorkList.unit_id)
        .where(readable(actor))
    )


def lists(actor: Actor) -> list[ListOfYear]:
    """The lists that somebody reads: the newest year first, in a year by the tree of units. One query."""
    query = _lists(actor).order_by(WorkList.year.desc(), Unit.id)
    return [ListOfYear(*row) for row in db.session.execute(query)]


def list_of(actor: Actor, list_id: int, *, own: bool = False) -> ListOfYear:
    """One list. ``own``: only for who may change it. Raises: NotFound."""
    row = db.session.execute(_lists(actor).where(WorkList.id == list_id)).first()
    found = ListOfYear(*row) if row else None
    if found is None or (own and not found.own):
        raise NotFound()
    return found


def list_of_year(unit_id: int, year: int) -> WorkList | None:
    """Not for showing: whoever asks has asked ``access`` about the unit."""
    return db.session.scalar(select(WorkList).where(WorkList.unit_id == unit_id, WorkList.year == year))


def live(list_id: int) -> ColumnElement[bool]:
    """The items of a list that stand in it."""
    return and_(WorkItem.list_id == list_id, WorkItem.removed_at.is_(None))
