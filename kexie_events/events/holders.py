"""Who holds seats in what a series plans: higher rooms know, and stand in these lists (decision 0002).

``wiring`` fills them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

# How many people are written to when these occurrences move, by occurrence.
COUNTS: list[Callable[[Sequence[int]], Mapping[int, int]]] = []
# These occurrences have more places than before: give them to those who wait.
SEATS_ADDED: list[Callable[[Sequence[int], datetime], object]] = []


def people_to_tell(occurrence_ids: Sequence[int]) -> dict[int, int]:
    """By occurrence; who is in none of the lists is not there."""
    found: dict[int, int] = {}
    for count in COUNTS if occurrence_ids else []:
        for id, people in count(occurrence_ids).items():
            found[id] = found.get(id, 0) + people
    return found


def seats_added(occurrence_ids: Sequence[int], now: datetime) -> None:
    for give in SEATS_ADDED if occurrence_ids else []:
        give(occurrence_ids, now)
