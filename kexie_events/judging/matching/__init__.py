"""The engine behind ``assignment``: a b-matching under caps, on integers and bit masks.

Three steps, each a classical one. Fill greedily; give every entry that is short a seat along an exchange path
(somebody's judge moves on to another entry, and so forth), which finds a full matching whenever needs, bars and
largest loads allow one; lift judges below their least load along the same kind of path. Caps on institution and
district are nested, so the paths stay exact; caps that cross (experts, districts across institutions) can hide a
solution from them, and then other orders and, for small instances, a full search are tried.
Then affinity is improved along positive cycles of exchanges, and parts of the judge–entry graph are joined.
"""

import random
from collections.abc import Iterable

from . import cycles, filling, parts, paths, search
from .board import Board, Stuck

RESTARTS = 6


def solve(board: Board, start: Iterable[tuple[int, int]], *, improve: bool) -> None:
    """Fill every seat of the board, keeping the pairs of ``start`` where rules allow. Raises: Stuck."""
    trouble: Stuck | None = None
    for attempt in range(RESTARTS if board.crossing else 1):
        board.clear()
        board.draw = random.Random(f"{board.seed}:{attempt}")  # noqa: S311 -- must be repeatable
        try:
            board.take(start)
            filling.fill(board, filling.prices(board) if improve else [0.0] * len(board.most))
            paths.seat_all(board)
            paths.lift_all(board)
            break
        except Stuck as stuck:
            trouble = stuck
    else:
        assert trouble is not None
        search.search_or(board, trouble)
    if improve:
        cycles.improve(board)
    parts.join(board)


__all__ = ["Board", "Stuck", "parts", "solve"]
