"""Where a thing stands: the place that access is asked for, the units that may run something new."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import one
from ...core.errors import RuleBroken
from ...units.models import Unit
from ...units.queries import unit_path
from ...units.rules import in_force
from ..models import Edition, Milestone, Occurrence, Series


def place_of(row: Series | Edition | Occurrence | Milestone) -> Place:
    path = unit_path(row.unit_id)
    match row:
        case Series():
            return Place(path, series_id=row.id)
        case Edition():
            return Place(path, series_id=row.series_id, edition_id=row.id)
        case _:
            return Place(path, series_id=row.series_id, edition_id=row.edition_id)


def require(actor: Actor, action: Action, row: Series | Edition | Occurrence | Milestone) -> None:
    """Raises: Forbidden."""
    access.require(actor, action, place_of(row))


def require_host(actor: Actor, unit_id: int, place: Place, *, now: datetime, zone: ZoneInfo) -> None:
    """The unit that is to run something new exists today, and the actor plans for it (or for the thing it joins).

    Raises: RuleBroken("event.unit_closed"), Forbidden, NotFound.
    """
    unit = one(Unit, unit_id)
    access.require(actor, Action.PLAN, Place(unit.path, place.series_id, place.edition_id))
    if not in_force(unit.valid_from, unit.valid_to, now.astimezone(zone).date()):
        raise RuleBroken("event.unit_closed", unit=unit.name)
