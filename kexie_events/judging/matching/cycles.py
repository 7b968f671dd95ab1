"""More affinity for the same seats: positive cycles of exchanges."""

from .board import LARGEST_IMPROVED, Board, bits

IMPROVEMENT_WORK = 2_000_000
EPSILON = 1e-9


def improve(board: Board) -> None:
    """Cancel positive cycles of exchanges: j leaves an entry to k, k leaves another to l … back to j.

    A node of its own stands for free room: a judge may also just give one up or take one more.
    """
    judges, slack = len(board.most), len(board.most)
    if sum(board.load) * judges > LARGEST_IMPROVED:
        return
    work = 0
    gains = [_gains(board, j) for j in range(judges)]
    while work < IMPROVEMENT_WORK:
        rows = [*gains, {j: (0.0, -1) for j in range(judges) if board.load[j] > board.least[j]}]
        for j in range(judges):
            if board.load[j] < board.most[j]:
                rows[j] = {**rows[j], slack: (0.0, -1)}
        cycles, looked = _positive_cycles(rows)
        touched: set[int] = set()  # projects; a swap is sound as long as its project is what it was
        changed: set[int] = set()  # judges
        for cycle in cycles:
            swaps = [
                (rows[j][k][1], j, k) for j, k in zip(cycle, cycle[1:] + cycle[:1], strict=True) if slack not in (j, k)
            ]
            projects = {p for p, _, _ in swaps}
            if len(projects) < len(swaps) or projects & touched or not board.apply(swaps):
                continue
            touched |= projects
            changed.update(k for p in projects for k in bits(board.seated[p]))
            changed.update(j for _, j, _ in swaps)
        work += looked + len(changed) * judges * 8
        if not touched:
            return
        for j in sorted(changed):
            gains[j] = _gains(board, j)


def _gains(board: Board, j: int) -> dict[int, tuple[float, int]]:
    """For every other judge the best of j's entries to hand over, and how much affinity that gains."""
    offers = []
    for q in board.holds[j]:
        if board.pinned[q] >> j & 1:
            continue
        own = board.worth[q][j]
        free = board.open_to(q, board.seated[q] & ~(1 << j)) & ~(1 << j)
        offers += [(own - tier, q, free & mask) for tier, mask in board.tiers_of(q) if free & mask]
    offers.sort()
    best: dict[int, tuple[float, int]] = {}
    todo = (1 << len(board.most)) - 1
    for loss, q, mask in offers:
        for k in bits(mask & todo):
            best[k] = (-loss, q)
        todo &= ~mask
    return best


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
