"""The blueprint, and what several of its pages need."""

from datetime import date, timedelta

from flask import Blueprint

from ...core import access, web
from ...core.access import Action, Actor, Place, Role
from ...units.models import Unit
from ...units.rules import in_force, path_above
from ..subjects import KINDS, Subject

bp = Blueprint("people", __name__)


def last_day(valid_to: date | None) -> date | None:
    """The last day that counts; the database keeps the first one that does not."""
    return valid_to - timedelta(days=1) if valid_to else None


def roles_to_give(actor: Actor, subject: Subject) -> list[Role]:
    """The roles that this actor may give for a thing, in the order of the kind."""
    return [role for role in KINDS[subject.kind].roles if access.may_give(actor, role, subject.place)]


def may_change(unit: Unit) -> bool:
    """Whether who asks stands above the unit."""
    return access.allows(web.actor(), Action.MANAGE_UNITS, Place(path_above(unit.path)))


def alive(unit: Unit) -> bool:
    return in_force(None, unit.valid_to, web.today())
