"""The engine behind ``assignment``: a b-matching under caps, on integers and bit masks.

Three steps, each a classical one. Fill greedily; give every entry that is short a seat along an exchange path
(somebody's judge moves on to another entry, and so forth), which finds a full matching whenever needs, bars and
largest loads allow one; lift judges below their least load along the same kind of path. Caps on institution and
district are nested, so the paths stay exact; caps that cross (experts, districts across institutions) can hide a
solution from them, and then other orders and, for small instances, a full search are tried.
Then affinity is improved along positive cycles of exchanges, and parts of the judge–entry graph are joined.
"""

import heapq
import random
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Swap = tuple[int, int, int]  # project, judge out (-1: nobody), judge in

RESTARTS = 6
LARGEST_SEARCH = 60  # seats; above that a full search would not end
SEARCH_STEPS = 200_000
# Deterministic, so counted and not timed: exchanges looked at while improving, a few seconds of CPython.
IMPROVEMENT_WORK = 2_000_000
LARGEST_IMPROVED = 6_000_000  # seats × judges; above that greedy and the exchange paths have to do
JOINING_TRIES = 4_000
PRICE_ROUNDS = 30
FIRST_RISE = 1.0  # of a price over the first round, when a judge is asked as often as the load allows; then falling
NOISE = 0.001
EPSILON = 1e-9


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

    def __post_init__(self) -> None:
        self.crossing = any(mask for mask, _ in self.laymen) or self._families_cross()
        self.caps = [(masks, most) for masks, most in self.families if most is not None]
        self._pick = random.Random(f"{self.seed}")  # noqa: S311 -- must be repeatable
        self._tiers: dict[int, list[tuple[float, int]]] = {}
        self._clear()

    def _families_cross(self) -> bool:
        """Whether an institution lies in two districts: then its cap is not nested in theirs."""
        (inner, inner_most), (outer, outer_most) = self.families
        if inner_most is None or outer_most is None:
            return False
        return any(a and b and a & ~b and b & ~a for a in set(inner) for b in set(outer))

    def _clear(self) -> None:
        self.seated = [0] * len(self.need)
        self.pinned = [0] * len(self.need)
        self.load = [0] * len(self.most)
        self.holds = [set() for _ in self.most]
        for p, j in self.fixed:
            self.pinned[p] |= 1 << j
            self._seat(p, j)

    # ---- state

    def _seat(self, p: int, j: int) -> None:
        self.seated[p] |= 1 << j
        self.load[j] += 1
        self.holds[j].add(p)

    def _unseat(self, p: int, j: int) -> None:
        self.seated[p] &= ~(1 << j)
        self.load[j] -= 1
        self.holds[j].remove(p)

    def _missing(self, p: int) -> int:
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

    # ---- solving

    def solve(self, start: Iterable[tuple[int, int]], *, improve: bool) -> None:
        """Fill every seat. Raises: Stuck."""
        trouble: Stuck | None = None
        for attempt in range(RESTARTS if self.crossing else 1):
            self._clear()
            self._pick = random.Random(f"{self.seed}:{attempt}")  # noqa: S311 -- must be repeatable
            try:
                self._take(start)
                self._fill(self._prices() if improve else [0.0] * len(self.most))
                self._seat_all()
                self._lift_all()
                break
            except Stuck as stuck:
                trouble = stuck
        else:
            assert trouble is not None
            self._search_or(trouble)
        if improve:
            self._improve()
        self._join_parts()

    def _take(self, start: Iterable[tuple[int, int]]) -> None:
        for p, j in start:
            if self._missing(p) > 0 and self.load[j] < self.most[j] and self.open_to(p, self.seated[p]) >> j & 1:
                self._seat(p, j)

    def _tiers_of(self, p: int) -> list[tuple[float, int]]:
        """Masks of equally good judges, best first; shared by all projects with the same row of worth."""
        key = id(self.worth[p])
        if key not in self._tiers:
            tiers: dict[float, int] = {}
            for j, worth in enumerate(self.worth[p]):
                tiers[worth] = tiers.get(worth, 0) | 1 << j
            self._tiers[key] = sorted(tiers.items(), reverse=True)
        return self._tiers[key]

    def _fill(self, prices: list[float]) -> None:
        """Greedy by affinity less the judges' prices: the scarcest entries first, one seat each per round."""
        order = list(range(len(self.need)))
        self._pick.shuffle(order)
        order.sort(key=lambda p: self.allowed[p].bit_count())
        favourites = self._favourites(prices)
        room = sum(1 << j for j, most in enumerate(self.most) if self.load[j] < most)
        for _ in range(max(self.need, default=0)):
            for p in order:
                if self._missing(p) <= 0:
                    continue
                free = self.open_to(p, self.seated[p]) & room
                if not free:
                    continue
                j = self._least_busy(favourites[id(self.worth[p])], free)
                self._seat(p, j)
                if self.load[j] >= self.most[j]:
                    room &= ~(1 << j)

    def _least_busy(self, favourites: list[tuple[float, int]], free: int) -> int:
        """Of the free judges who are as good as the best one, give or take ``NOISE``, the one with the most room."""
        best, found, share = 0.0, -1, 2.0
        for value, j in favourites:
            if not free >> j & 1:
                continue
            if found >= 0 and value < best - NOISE:
                break
            busy = self.load[j] / self.most[j]
            if found < 0:
                best = value
            if busy < share:
                found, share = j, busy
        return found

    def _favourites(self, prices: list[float]) -> dict[int, list[tuple[float, int]]]:
        """Per row of worth the judges, dearest first; a little noise keeps panels from being always the same."""
        found: dict[int, list[tuple[float, int]]] = {}
        for row in self.worth:
            if id(row) not in found:
                value = [worth - price + NOISE * self._pick.random() for worth, price in zip(row, prices, strict=True)]
                found[id(row)] = sorted(((worth, j) for j, worth in enumerate(value)), reverse=True)
        return found

    def _prices(self) -> list[float]:
        """What a seat with each judge is worth: entries ask one after the other, and every question moves the prices.

        Who is asked grows dearer at once, everybody grows cheaper with time, at the rate of the own largest load;
        below the least load a price may fall under zero. The mean over the later rounds is taken (stochastic
        subgradient of the assignment's dual).
        """
        prices, mean = [0.0] * len(self.most), [0.0] * len(self.most)
        if len(self.need) * len(self.most) > LARGEST_IMPROVED:
            return prices
        asking = [
            (self._missing(p), self.worth[p], list(bits(self.open_to(p, self.seated[p]))))
            for p in range(len(self.need))
        ]
        block = max(1, len(asking) // 25)
        share = block / max(1, len(asking))
        room = [max(0, most - load) for most, load in zip(self.most, self.load, strict=True)]
        low = [max(0, least - load) for least, load in zip(self.least, self.load, strict=True)]
        for step in range(PRICE_ROUNDS):
            self._pick.shuffle(asking)
            rise = [FIRST_RISE / (1 + step) / (most or 1) for most in self.most]
            for start in range(0, len(asking), block):
                for left, worth, judges in asking[start : start + block]:
                    offers = [(worth[j] - prices[j], j) for j in judges]
                    for _, j in heapq.nlargest(left, offers):
                        prices[j] += rise[j]
                for j, price in enumerate(prices):
                    # The price that makes the demand fall between the two loads; zero when it does by itself.
                    over, under = price - rise[j] * room[j] * share, price - rise[j] * low[j] * share
                    prices[j] = over if over > 0 else min(0.0, under)
            if step >= PRICE_ROUNDS // 2:
                mean = [total + price for total, price in zip(mean, prices, strict=True)]
        return [total / max(1, PRICE_ROUNDS - PRICE_ROUNDS // 2) for total in mean]

    def _seat_all(self) -> None:
        short = [p for p in range(len(self.need)) if self._missing(p) > 0]
        stuck: list[int] = []
        while short:
            left, progress = [], False
            for p in short:
                if self._seat_one(p):
                    progress = True
                    if self._missing(p) > 0:
                        left.append(p)
                else:
                    # Without a path from p now there will never be one, unless caps cross.
                    (left if self.crossing else stuck).append(p)
            if not progress:
                stuck += left
                break
            short = left
        if stuck:
            raise self._short(stuck)

    def _seat_one(self, p: int) -> bool:
        """One more judge for p along a shortest exchange path."""
        came: dict[int, tuple[int, int]] = {}  # judge → (project it joins, judge who leaves it; -1 at the start)
        unseen = (1 << len(self.most)) - 1
        queue: deque[int] = deque()
        for k in self._shuffled(self.open_to(p, self.seated[p])):
            came[k] = (p, -1)
            unseen &= ~(1 << k)
            queue.append(k)
        while queue:
            j = queue.popleft()
            if self.load[j] < self.most[j] and self._apply(self._path(came, j)):
                return True
            for q in self._in_order(self.holds[j]):
                if self.pinned[q] >> j & 1:
                    continue
                free = self.open_to(q, self.seated[q] & ~(1 << j)) & unseen
                for k in self._shuffled(free):
                    came[k] = (q, j)
                    unseen &= ~(1 << k)
                    queue.append(k)
        return False

    def _path(self, came: dict[int, tuple[int, int]], j: int) -> list[Swap]:
        swaps: list[Swap] = []
        while True:
            p, out = came[j]
            swaps.append((p, out, j))
            if out < 0:
                return swaps
            j = out

    def _apply(self, swaps: list[Swap]) -> bool:
        """Do all swaps, or none when together they break a cap that each alone keeps."""
        before = {p: self.seated[p] for p, _, _ in swaps}
        for p, out, joins in swaps:
            if out >= 0:
                self._unseat(p, out)
            self._seat(p, joins)
        if all(self._sound(p) for p in before):
            return True
        for p, out, joins in reversed(swaps):
            self._unseat(p, joins)
            if out >= 0:
                self._seat(p, out)
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

    def _shuffled(self, mask: int) -> list[int]:
        found = list(bits(mask))
        if len(found) > 1:
            self._pick.shuffle(found)
            found.sort(key=lambda j: self.load[j] - self.most[j])  # who has room comes first
        return found

    def _in_order(self, projects: set[int]) -> list[int]:
        found = sorted(projects)
        self._pick.shuffle(found)
        return found

    def _lift_all(self) -> None:
        for j in range(len(self.most)):
            while self.load[j] < self.least[j]:
                if not self._lift(j):
                    raise self._idle(j)

    def _lift(self, low: int) -> bool:
        """One more entry for a judge, along a shortest path to a judge who can spare one."""
        came: dict[int, tuple[int, int]] = {}  # judge → (project that it leaves, judge who takes it)
        queue, seen = deque([low]), 1 << low
        while queue:
            j = queue.popleft()
            for q, mask in enumerate(self.allowed):
                if not mask >> j & 1 or self.seated[q] >> j & 1:
                    continue
                for k in bits(self.seated[q] & ~self.pinned[q] & ~seen):
                    if not self.open_to(q, self.seated[q] & ~(1 << k)) >> j & 1:
                        continue
                    came[k] = (q, j)
                    seen |= 1 << k
                    if self.load[k] > self.least[k] and self._apply(self._lift_path(came, k, low)):
                        return True
                    queue.append(k)
        return False

    def _lift_path(self, came: dict[int, tuple[int, int]], k: int, low: int) -> list[Swap]:
        swaps: list[Swap] = []
        while k != low:
            q, j = came[k]
            swaps.append((q, k, j))
            k = j
        return swaps

    # ---- why not

    def _short(self, stuck: list[int]) -> Stuck:
        """All entries that share too few judges with the stuck ones (Hall): what they need and what there is."""
        judges = 0
        for p in stuck:
            judges |= self.open_to(p, self.seated[p])
        projects, frontier = set(stuck), judges
        while frontier:
            reached = {q for j in bits(frontier) for q in self.holds[j] if not self.pinned[q] >> j & 1} - projects
            projects |= reached
            wider = 0
            for q in reached:
                for j in bits(self.seated[q] & judges):
                    wider |= self.open_to(q, self.seated[q] & ~(1 << j))
            frontier = wider & ~judges
            judges |= frontier
        needed = sum(self.need[q] for q in projects)
        # No path is left, so what these entries have now is the most that they can have together.
        available = sum(min(self.need[q], self.seated[q].bit_count()) for q in projects)
        return Stuck(sorted(projects), list(bits(judges)), needed, available, least=False)

    def _idle(self, low: int) -> Stuck:
        able = [q for q, mask in enumerate(self.allowed) if mask >> low & 1]
        return Stuck(able, [low], self.least[low], self.load[low], least=True)

    def _search_or(self, trouble: Stuck) -> None:
        """The paths found nothing although caps cross: look everywhere while that can end."""
        seats = sum(self.need)
        trouble.proved = not self.crossing
        if not self.crossing or seats > LARGEST_SEARCH:
            raise trouble
        self._clear()
        self._steps = SEARCH_STEPS
        if not self._search():
            trouble.proved = self._steps > 0
            raise trouble

    def _search(self) -> bool:
        """Complete depth-first search, the entry with the fewest ways first."""
        self._steps -= 1
        if self._steps <= 0:
            return False
        room = sum(1 << j for j, most in enumerate(self.most) if self.load[j] < most)
        short = [p for p in range(len(self.need)) if self._missing(p) > 0]
        seats = sum(self._missing(p) for p in short)
        if sum(max(0, least - load) for least, load in zip(self.least, self.load, strict=True)) > seats:
            return False
        if not short:
            return True
        p = min(
            short,
            key=lambda q: (self.open_to(q, self.seated[q]) & room).bit_count() - self._missing(q),
        )
        # Of one entry's judges the order is no difference: the highest number so far bounds the next ones.
        own = self.seated[p] & ~self.pinned[p]
        ways = self.open_to(p, self.seated[p]) & room & ~((1 << own.bit_length()) - 1)
        for j in bits(ways):
            self._seat(p, j)
            if self._search():
                return True
            self._unseat(p, j)
        return False

    # ---- making it better

    def _improve(self) -> None:
        """Cancel positive cycles of exchanges: j leaves an entry to k, k leaves another to l … back to j.

        A node of its own stands for free room: a judge may also just give one up or take one more.
        """
        judges, slack = len(self.most), len(self.most)
        if sum(self.load) * judges > LARGEST_IMPROVED:
            return
        work = 0
        gains = [self._gains(j) for j in range(judges)]
        while work < IMPROVEMENT_WORK:
            rows = [*gains, {j: (0.0, -1) for j in range(judges) if self.load[j] > self.least[j]}]
            for j in range(judges):
                if self.load[j] < self.most[j]:
                    rows[j] = {**rows[j], slack: (0.0, -1)}
            cycles, looked = _positive_cycles(rows)
            touched: set[int] = set()  # projects; a swap is sound as long as its project is what it was
            changed: set[int] = set()  # judges
            for cycle in cycles:
                swaps = [
                    (rows[j][k][1], j, k)
                    for j, k in zip(cycle, cycle[1:] + cycle[:1], strict=True)
                    if slack not in (j, k)
                ]
                projects = {p for p, _, _ in swaps}
                if len(projects) < len(swaps) or projects & touched or not self._apply(swaps):
                    continue
                touched |= projects
                changed.update(k for p in projects for k in bits(self.seated[p]))
                changed.update(j for _, j, _ in swaps)
            work += looked + len(changed) * judges * 8
            if not touched:
                return
            for j in sorted(changed):
                gains[j] = self._gains(j)

    def _gains(self, j: int) -> dict[int, tuple[float, int]]:
        """For every other judge the best of j's entries to hand over, and how much affinity that gains."""
        offers = []
        for q in self.holds[j]:
            if self.pinned[q] >> j & 1:
                continue
            own = self.worth[q][j]
            free = self.open_to(q, self.seated[q] & ~(1 << j)) & ~(1 << j)
            offers += [(own - tier, q, free & mask) for tier, mask in self._tiers_of(q) if free & mask]
        offers.sort()
        best: dict[int, tuple[float, int]] = {}
        todo = (1 << len(self.most)) - 1
        for loss, q, mask in offers:
            for k in bits(mask & todo):
                best[k] = (-loss, q)
            todo &= ~mask
        return best

    # ---- one connected graph

    def parts(self) -> int:
        """Into how many parts the graph of judges who share an entry falls. Scores of two parts cannot be compared."""
        return len(self._components())

    def _components(self) -> list[int]:
        parts: list[int] = []
        for members in self.seated:
            if not members:
                continue
            apart = [part for part in parts if not part & members]
            for part in parts:
                if part & members:
                    members |= part
            parts = [*apart, members]
        return sorted(parts)

    def _join_parts(self) -> None:
        """Exchange two judges between two parts where that joins them; the cheapest exchange first."""
        tries = JOINING_TRIES
        parts = self._components()
        while len(parts) > 1 and tries > 0:
            swaps, looked = self._bridges(parts, tries)
            tries -= looked
            for _, pair in swaps:
                tries -= 1
                if not self._apply(pair):
                    continue
                if len(self._components()) < len(parts):
                    break
                self._apply([(p, joins, out) for p, out, joins in pair])
            else:
                return
            parts = self._components()

    def _bridges(self, parts: list[int], most: int) -> tuple[list[tuple[float, list[Swap]]], int]:
        inside = [p for p, members in enumerate(self.seated) if members & parts[0]]
        outside = [p for p, members in enumerate(self.seated) if members and not members & parts[0]]
        self._pick.shuffle(inside)
        self._pick.shuffle(outside)
        found: list[tuple[float, list[Swap]]] = []
        looked = 0
        for p in inside[:40]:
            for q in outside[:40]:
                looked += 1
                found += self._exchanges(p, q)
                if looked >= most:
                    break
        found.sort(key=lambda row: row[0])
        return found[:60], looked

    def _exchanges(self, p: int, q: int) -> Iterator[tuple[float, list[Swap]]]:
        for j in bits(self.seated[p] & ~self.pinned[p] & self.allowed[q]):
            for k in bits(self.seated[q] & ~self.pinned[q] & self.allowed[p]):
                loss = self.worth[p][j] + self.worth[q][k] - self.worth[p][k] - self.worth[q][j]
                yield loss, [(p, j, k), (q, k, j)]


def _positive_cycles(rows: list[dict[int, tuple[float, int]]]) -> tuple[list[list[int]], int]:
    """Disjoint cycles of positive gain (Bellman–Ford on the parent graph), and how many edges were looked at."""
    size = len(rows)
    edges = [[(k, gain) for k, (gain, _) in row.items()] for row in rows]
    length, parent, looked = [0.0] * size, [-1] * size, 0
    for _ in range(size):
        changed = False
        for j, row in enumerate(edges):
            base = length[j] - EPSILON
            looked += len(row)
            for k, gain in row:
                if base + gain > length[k]:
                    length[k] = length[j] + gain
                    parent[k] = j
                    changed = True
        if not changed:
            return [], looked
        if cycles := _cycles(parent):
            return cycles, looked
    return [], looked


def _cycles(parent: list[int]) -> list[list[int]]:
    """The cycles of a graph in which every node has at most one parent, each in the direction of its edges."""
    state, found = [0] * len(parent), []
    for start in range(len(parent)):
        path, node = [], start
        while node >= 0 and state[node] == 0:
            state[node] = 1
            path.append(node)
            node = parent[node]
        if node >= 0 and state[node] == 1:
            cycle = path[path.index(node) :]
            found.append(cycle[::-1])
        for seen in path:
            state[seen] = 2
    return found
