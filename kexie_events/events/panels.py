"""What higher rooms say about an edition: sections of its pages, and what of it waits for somebody.

Events stand below those rooms and cannot ask them: ``wiring`` names who fills these, and in which order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from ..core.access import Actor
from .models import Edition

# A finished section, or None when there is nothing to show.
Panel = Callable[[Edition, Actor, datetime], Markup | None]
PANELS: list[Panel] = []
# The same for the edition's page on the desk.
DESK_PANELS: list[Panel] = []


@dataclass(frozen=True)
class Waiting:
    """So many things of one edition that wait for this actor in a higher room."""

    count: int
    what: str  # ready words
    where: str  # the edition's name
    due_at: datetime | None
    href: str


# For the first page of the desk, and with the id of an edition for its own page there: what waits, at most
# ``MOST_WAITING`` of each sort, in one or two queries.
WAITING: list[Callable[[Actor, datetime, int | None], list[Waiting]]] = []
MOST_WAITING = 8
