"""Reading the tree of units."""

from datetime import date
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, or_, select

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


def _in_force(query: Select[Unit], day: date) -> Select[Unit]:
    return query.where(or_(Unit.valid_from.is_(None), Unit.valid_from <= day)).where(
        or_(Unit.valid_to.is_(None), Unit.valid_to > day)
    )


def units_for(actor: Actor, action: Action, day: date) -> list[Unit]:
    """The units in force in which the actor may do this by a grant on a unit, in the order of the tree. One query."""
    paths = [
        "/" if granted.role is Role.ADMINISTRATOR else granted.unit_path
        for granted in actor.grants
        if action in GRANTS[granted.role] and (granted.unit_path or granted.role is Role.ADMINISTRATOR)
    ]
    if not paths:
        return []
    below = or_(*(Unit.path.startswith(path, autoescape=True) for path in paths))
    return sorted(db.session.scalars(_in_force(select(Unit), day).where(below)), key=_tree_order)


def _tree_order(unit: Unit) -> list[int]:
    return [int(part) for part in unit.path.strip("/").split("/")]


def regions_in_force(day: date) -> list[Region]:
    query = (
        select(Region)
        .where(or_(Region.valid_from.is_(None), Region.valid_from <= day))
        .where(or_(Region.valid_to.is_(None), Region.valid_to > day))
        .order_by(Region.id)
    )
    return list(db.session.scalars(query))


def unit_by_slug(slug: str | None) -> Unit | None:
    """The unit of that address; without one, the root of the tree."""
    query = select(Unit).where(Unit.slug == slug if slug else Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)
    return db.session.scalar(query)
