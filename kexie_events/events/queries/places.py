"""Where a thing lives: the place that access is asked for."""

from ...core import access
from ...core.access import Action, Actor, Place
from ...units.queries import unit_path
from ..models import Edition, Milestone, Occurrence, Series

Thing = Series | Edition | Milestone | Occurrence


def place_of(row: Thing, round_id: int | None = None) -> Place:
    """One statement, which reads the path of the thing's unit. ``round_id``: of a round of this edition."""
    return place_in(unit_path(row.unit_id), row, round_id)


def place_in(unit_path: str, row: Thing, round_id: int | None = None) -> Place:
    """The same for whoever has loaded the unit: asks no database."""
    match row:
        case Series():
            return Place(unit_path, series_id=row.id)
        case Edition():
            return Place(unit_path, row.series_id, row.id, round_id)
        case _:
            return Place(unit_path, row.series_id, row.edition_id)


def require(actor: Actor, action: Action, row: Thing, round_id: int | None = None) -> None:
    """Raises: Forbidden."""
    access.require(actor, action, place_of(row, round_id))
