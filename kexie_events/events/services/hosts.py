"""The units that may run something new."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import one
from ...core.errors import RuleBroken
from ...units.models import Unit
from ...units.rules import in_force


def require_host(actor: Actor, unit_id: int, place: Place, *, now: datetime, zone: ZoneInfo) -> None:
    """The unit that is to run something new exists today, and the actor plans for it (or for the thing it joins).

    Raises: RuleBroken("event.unit_closed"), Forbidden, NotFound.
    """
    unit = one(Unit, unit_id)
    access.require(actor, Action.PLAN, Place(unit.path, place.series_id, place.edition_id))
    if not in_force(unit.valid_from, unit.valid_to, now.astimezone(zone).date()):
        raise RuleBroken("event.unit_closed", unit=unit.name)
