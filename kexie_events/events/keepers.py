"""Who keeps what is said of an occurrence, where that is not the occurrence itself: one thing has one truth.

A declared activity keeps its own name, time and place, and changing them goes its own way (decision 0015). Events stand
below such rooms: each describes itself as a ``Keeper``, and ``wiring`` names them (decision 0002).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import RuleBroken


@dataclass(frozen=True)
class Keeper:
    """A room that keeps name, description, host, time, place, and whether it takes place, of some occurrences.

    ``which``: of these occurrences those that it keeps, each with the id under which it does; one query.
    """

    key: str
    code: str  # of the refusal that says where and how they are changed
    words: Any  # where that is: a lazy string
    which: Callable[[Collection[int]], Mapping[int, int]]
    address: Callable[[int], str]  # of the page on which they are changed, by its own id


@dataclass(frozen=True)
class Kept:
    """Who keeps an occurrence, and as what."""

    keeper: Keeper
    id: int

    @property
    def address(self) -> str:
        return self.keeper.address(self.id)

    @property
    def refusal(self) -> RuleBroken:
        return RuleBroken(self.keeper.code)


KEEPERS: list[Keeper] = []


def kept(occurrence_ids: Collection[int]) -> dict[int, Kept]:
    """By occurrence; what keeps its facts itself is not there. One query for each keeper."""
    found: dict[int, Kept] = {}
    for keeper in KEEPERS if occurrence_ids else []:
        found |= {occurrence_id: Kept(keeper, id) for occurrence_id, id in keeper.which(occurrence_ids).items()}
    return found


def check_own(*occurrence_ids: int, by: str = "") -> None:
    """The facts of these occurrences may be changed here: they are their own, or ``by``, the key of a keeper, asks.

    Raises: RuleBroken with the code of whoever keeps them.
    """
    for each in kept(occurrence_ids).values():
        if each.keeper.key != by:
            raise each.refusal
