"""Where items stand in a list: which row of a new version is which item, what makes room for one that moves. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .rules import Row

T = TypeVar("T", "Row", "Place")


@dataclass(frozen=True)
class Place:
    """An item as the list has it."""

    id: int
    section: str
    number: int
    name: str


def matched(rows: Sequence[Row], items: Sequence[Place]) -> dict[int, int]:
    """Which item each row is, by the row's line; rows that are not in it are new, items that are not have vanished.

    An item is its name: rows change places, and what was reported goes with the name. A name that is corrected where
    it stands is the same item, too.
    """
    found: dict[int, int] = {}
    keys: tuple[Callable[[Row | Place], Hashable], ...] = (
        lambda each: (each.section, each.number, each.name),
        lambda each: (each.section, each.name),
        lambda each: each.name,
        lambda each: (each.section, each.number),
    )
    for key in keys:
        taken = set(found.values())
        open_rows = _alone([row for row in rows if row.line not in found], key)
        open_items = _alone([item for item in items if item.id not in taken], key)
        found |= {row.line: open_items[at].id for at, row in open_rows.items() if at in open_items}
    return found


def _alone(things: Iterable[T], key: Callable[[T], Hashable]) -> Mapping[Hashable, T]:
    """Those whose key no other one has: of two alike, nobody could say which is which."""
    by_key: dict[Hashable, list[T]] = {}
    for thing in things:
        by_key.setdefault(key(thing), []).append(thing)
    return {at: each[0] for at, each in by_key.items() if len(each) == 1}


def shifted(taken: Iterable[int], at: int) -> dict[int, int]:
    """Old numbers and new ones of what moves down so that ``at`` becomes free: up to the first gap, no farther."""
    held, moved = set(taken), {}
    number = at
    while number in held:
        moved[number] = number + 1
        number += 1
    return moved
