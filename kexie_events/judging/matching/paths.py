"""Exchange paths: a seat for an entry that is short, an entry for a judge below the least load; or why not."""

from collections import deque

from .board import Board, Stuck, Swap, bits


def seat_all(board: Board) -> None:
    short = [p for p in range(len(board.need)) if board.missing(p) > 0]
    stuck: list[int] = []
    while short:
        left, progress = [], False
        for p in short:
            if _seat_one(board, p):
                progress = True
                if board.missing(p) > 0:
                    left.append(p)
            else:
                # Without a path from p now there will never be one, unless caps cross.
                (left if board.crossing else stuck).append(p)
        if not progress:
            stuck += left
            break
        short = left
    if stuck:
        raise _short(board, stuck)


def _seat_one(board: Board, p: int) -> bool:
    """One more judge for p along a shortest exchange path."""
    came: dict[int, tuple[int, int]] = {}  # judge → (project it joins, judge who leaves it; -1 at the start)
    unseen = (1 << len(board.most)) - 1
    queue: deque[int] = deque()
    for k in board.shuffled(board.open_to(p, board.seated[p])):
        came[k] = (p, -1)
        unseen &= ~(1 << k)
        queue.append(k)
    while queue:
        j = queue.popleft()
        if board.load[j] < board.most[j] and board.apply(_path(board, came, j)):
            return True
        for q in board.in_order(board.holds[j]):
            if board.pinned[q] >> j & 1:
                continue
            free = board.open_to(q, board.seated[q] & ~(1 << j)) & unseen
            for k in board.shuffled(free):
                came[k] = (q, j)
                unseen &= ~(1 << k)
                queue.append(k)
    return False


def _path(board: Board, came: dict[int, tuple[int, int]], j: int) -> list[Swap]:
    swaps: list[Swap] = []
    while True:
        p, out = came[j]
        swaps.append((p, out, j))
        if out < 0:
            return swaps
        j = out


def lift_all(board: Board) -> None:
    for j in range(len(board.most)):
        while board.load[j] < board.least[j]:
            if not _lift(board, j):
                raise _idle(board, j)


def _lift(board: Board, low: int) -> bool:
    """One more entry for a judge, along a shortest path to a judge who can spare one."""
    came: dict[int, tuple[int, int]] = {}  # judge → (project that it leaves, judge who takes it)
    queue, seen = deque([low]), 1 << low
    while queue:
        j = queue.popleft()
        for q, mask in enumerate(board.allowed):
            if not mask >> j & 1 or board.seated[q] >> j & 1:
                continue
            for k in bits(board.seated[q] & ~board.pinned[q] & ~seen):
                if not board.open_to(q, board.seated[q] & ~(1 << k)) >> j & 1:
                    continue
                came[k] = (q, j)
                seen |= 1 << k
                if board.load[k] > board.least[k] and board.apply(_lift_path(board, came, k, low)):
                    return True
                queue.append(k)
    return False


def _lift_path(board: Board, came: dict[int, tuple[int, int]], k: int, low: int) -> list[Swap]:
    swaps: list[Swap] = []
    while k != low:
        q, j = came[k]
        swaps.append((q, k, j))
        k = j
    return swaps


def _short(board: Board, stuck: list[int]) -> Stuck:
    """All entries that share too few judges with the stuck ones (Hall): what they need and what there is."""
    judges = 0
    for p in stuck:
        judges |= board.open_to(p, board.seated[p])
    projects, frontier = set(stuck), judges
    while frontier:
        reached = {q for j in bits(frontier) for q in board.holds[j] if not board.pinned[q] >> j & 1} - projects
        projects |= reached
        wider = 0
        for q in reached:
            for j in bits(board.seated[q] & judges):
                wider |= board.open_to(q, board.seated[q] & ~(1 << j))
        frontier = wider & ~judges
        judges |= frontier
    needed = sum(board.need[q] for q in projects)
    # No path is left, so what these entries have now is the most that they can have together.
    available = sum(min(board.need[q], board.seated[q].bit_count()) for q in projects)
    return Stuck(sorted(projects), list(bits(judges)), needed, available, least=False)


def _idle(board: Board, low: int) -> Stuck:
    able = [q for q, mask in enumerate(board.allowed) if mask >> low & 1]
    return Stuck(able, [low], board.least[low], board.load[low], least=True)
