"""Reading the tree of units."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, false, or_, select

from ..core.access import GRANTS, Action, Actor, Role
from ..core.db import db
from .models import Region, Unit

_OF = Unit.__table__.alias("of_row")  # a name of its own, which never meets the units of the statement around it


def path_of(unit_id: SQLColumnExpression[int] | Any) -> Select[Any]:
    """The SELECT that finds the path of a row's unit, for ``access.Scope``."""
    return select(_OF.c.path).where(_OF.c.id == unit_id).correlate_except(_OF)


def unit_path(unit_id: int) -> str:
    """The path of one unit; "" when there is none."""
    return db.session.scalar(select(Unit.path).where(Unit.id == unit_id)) or ""


def units_where(actor: Actor, action: Action, day: date) -> Select[Unit]:
    """The units in force in which the actor may do this by a grant on a unit."""
    paths = [
        "/" if granted.role is Role.ADMINISTRATOR else granted.unit_path
        for granted in actor.grants
        if action in GRANTS[granted.role] and (granted.unit_path or granted.role is Role.ADMINISTRATOR)
    ]
    below = or_(*(Unit.path.startswith(path, autoescape=True) for path in paths)) if paths else false()
    return select(Unit).where(Unit.in_force(day), below)


def units_for(actor: Actor, action: Action, day: date) -> list[Unit]:
    """Those of ``units_where``, in the order of the tree. One query."""
    return in_tree_order(db.session.scalars(units_where(actor, action, day)))


def units_in_force(day: date) -> list[Unit]:
    """All, to choose from, in the order of the tree: the names of units are no secret."""
    return in_tree_order(db.session.scalars(select(Unit).where(Unit.in_force(day))))


def in_tree_order(units: Iterable[Unit]) -> list[Unit]:
    """As text "/1/10/" comes before "/1/2/"; as numbers, whoever was added first stands first."""
    return sorted(units, key=_tree_order)


def _tree_order(unit: Unit) -> list[int]:
    return [int(part) for part in unit.path.strip("/").split("/")]


def regions_in_force(day: date) -> list[Region]:
    return list(db.session.scalars(select(Region).where(Region.in_force(day)).order_by(Region.id)))


def unit_by_slug(slug: str | None) -> Unit | None:
    """The unit of that address; without one, the root of the tree."""
    query = select(Unit).where(Unit.slug == slug if slug else Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)
    return db.session.scalar(query)
