"""Who could judge what, who does, and the moves between; in bit masks whose bit j is the j-th judge."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Seats × judges; above that greedy and the exchange paths have to do.
LARGEST_IMPROVED = 6_000_000

Swap = tuple[int, int, int]  # project, judge out (-1: nobody), judge in


class Stuck(Exception):
    """No way on: the entries that share too few judges, or the judges who share too few entries."""

    def __init__(self, projects: list[int], judges: list[int], needed: int, available: int, *, least: bool) -> None:
        super().__init__(needed, available)
        self.projects = projects
        self.judges = judges
        self.needed = needed
        self.available = available
        self.least = least  # it is the least loads that cannot be had
        self.proved = True


def bits(mask: int) -> Iterator[int]:
    """The numbers of the judges in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass
class Board:
    """Who could judge what, who does, and the moves between. Index p: entries, j: judges; masks are over judges."""

    need: list[int]
    most: list[int]
    least: list[int]
    allowed: list[int]
    worth: list[list[float]]  # affinity per project; projects of one profile share a row
    families: list[tuple[list[int], int | None]]  # per judge the mask of those alike; at most so many on one entry
    laymen: list[tuple[int, int]]  # per project the mask of non-experts and how many of them at most; mask 0: any
    fixed: list[tuple[int, int]]
    seed: str
    seated: list[int] = field(init=False)
    pinned: list[int] = field(init=False)
    load: list[int] = field(init=False)
    holds: list[set[int]] = field(init=False)  # per judge the projects
    draw: random.Random = field(init=False)  # every draw comes from here, so that a seed repeats the run

    def __post_init__(self) -> None:
        self.crossing = any(mask for mask, _ in self.laymen) or self._families_cross()
        self.caps = [(masks, most) for masks, most in self.families if most is not None]
        self._tiers: dict[int, list[tuple[float, int]]] = {}
        self.draw = random.Random(self.seed)  # noqa: S311 -- must be repeatable
        self.clear()

    def _families_cross(self) -> bool:
        """Whether an institution lies in two districts: then its cap is not nested in theirs."""
        (inner, inner_most), (outer, outer_most) = self.families
        if inner_most is None or outer_most is None:
            return False
        return any(a and b and a & ~b and b & ~a for a in set(inner) for b in set(outer))

    def clear(self) -> None:
        """Nobody sits anywhere but the fixed pairs."""
        self.seated = [0] * len(self.need)
        self.pinned = [0] * len(self.need)
        self.load = [0] * len(self.most)
        self.holds = [set() for _ in self.most]
        for p, j in self.fixed:
            self.pinned[p] |= 1 << j
            self.seat(p, j)

    def seat(self, p: int, j: int) -> None:
        self.seated[p] |= 1 << j
        self.load[j] += 1
        self.holds[j].add(p)

    def unseat(self, p: int, j: int) -> None:
        self.seated[p] &= ~(1 << j)
        self.load[j] -= 1
        self.holds[j].remove(p)

    def missing(self, p: int) -> int:
        return self.need[p] - self.seated[p].bit_count()

    def pairs(self) -> list[tuple[int, int]]:
        return [(p, j) for p, mask in enumerate(self.seated) for j in bits(mask)]

    def total_worth(self) -> float:
        return sum(self.worth[p][j] for p, j in self.pairs())

    def open_to(self, p: int, members: int) -> int:
        """The judges who may join ``members`` on project p without breaking a bar or a cap."""
        free = self.allowed[p] & ~members
        for alike, most in self.caps:
            for j in bits(members):
                group = alike[j]
                if group and (members & group).bit_count() >= most:
                    free &= ~group
        lay, most_lay = self.laymen[p]
        if lay and (members & lay).bit_count() >= most_lay:
            free &= ~lay
        return free

    def take(self, start: Iterable[tuple[int, int]]) -> None:
        for p, j in start:
            if self.missing(p) > 0 and self.load[j] < self.most[j] and self.open_to(p, self.seated[p]) >> j & 1:
                self.seat(p, j)

    def tiers_of(self, p: int) -> list[tuple[float, int]]:
        """Masks of equally good judges, best first; shared by all projects with the same row of worth."""
        key = id(self.worth[p])
        if key not in self._tiers:
            tiers: dict[float, int] = {}
            for j, worth in enumerate(self.worth[p]):
                tiers[worth] = tiers.get(worth, 0) | 1 << j
            self._tiers[key] = sorted(tiers.items(), reverse=True)
        return self._tiers[key]

    def apply(self, swaps: list[Swap]) -> bool:
        """Do all swaps, or none when together they break a cap that each alone keeps."""
        before = {p: self.seated[p] for p, _, _ in swaps}
        for p, out, joins in swaps:
            if out >= 0:
                self.unseat(p, out)
            self.seat(p, joins)
        if all(self._sound(p) for p in before):
            return True
        for p, out, joins in reversed(swaps):
            self.unseat(p, joins)
            if out >= 0:
                self.seat(p, out)
        return False

    def _sound(self, p: int) -> bool:
        members = self.seated[p]
        if (members & ~self.pinned[p]) & ~self.allowed[p]:
            return False
        for alike, most in self.caps:
            if any(alike[j] and (members & alike[j]).bit_count() > most for j in bits(members)):
                return False
        lay, most_lay = self.laymen[p]
        return not lay or (members & lay).bit_count() <= most_lay

    def shuffled(self, mask: int) -> list[int]:
        found = list(bits(mask))
        if len(found) > 1:
            self.draw.shuffle(found)
            found.sort(key=lambda j: self.load[j] - self.most[j])  # who has room comes first
        return found

    def in_order(self, projects: set[int]) -> list[int]:
        found = sorted(projects)
        self.draw.shuffle(found)
        return found
