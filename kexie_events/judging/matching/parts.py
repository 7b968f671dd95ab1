"""One connected judge–entry graph: scores of two parts could not be compared."""

from collections.abc import Iterator

from .board import Board, Swap, bits

JOINING_TRIES = 4_000


def count(board: Board) -> int:
    """Into how many parts the graph of judges who share an entry falls."""
    return len(_components(board))


def _components(board: Board) -> list[int]:
    parts: list[int] = []
    for members in board.seated:
        if not members:
            continue
        apart = [part for part in parts if not part & members]
        for part in parts:
            if part & members:
                members |= part
        parts = [*apart, members]
    return sorted(parts)


def join(board: Board) -> None:
    """Exchange two judges between two parts where that joins them; the cheapest exchange first."""
    tries = JOINING_TRIES
    parts = _components(board)
    while len(parts) > 1 and tries > 0:
        swaps, looked = _bridges(board, parts, tries)
        tries -= looked
        for _, pair in swaps:
            tries -= 1
            if not board.apply(pair):
                continue
            if len(_components(board)) < len(parts):
                break
            board.apply([(p, joins, out) for p, out, joins in pair])
        else:
            return
        parts = _components(board)


def _bridges(board: Board, parts: list[int], most: int) -> tuple[list[tuple[float, list[Swap]]], int]:
    inside = [p for p, members in enumerate(board.seated) if members & parts[0]]
    outside = [p for p, members in enumerate(board.seated) if members and not members & parts[0]]
    board.draw.shuffle(inside)
    board.draw.shuffle(outside)
    found: list[tuple[float, list[Swap]]] = []
    looked = 0
    for p in inside[:40]:
        for q in outside[:40]:
            looked += 1
            found += _exchanges(board, p, q)
            if looked >= most:
                break
    found.sort(key=lambda row: row[0])
    return found[:60], looked


def _exchanges(board: Board, p: int, q: int) -> Iterator[tuple[float, list[Swap]]]:
    for j in bits(board.seated[p] & ~board.pinned[p] & board.allowed[q]):
        for k in bits(board.seated[q] & ~board.pinned[q] & board.allowed[p]):
            loss = board.worth[p][j] + board.worth[q][k] - board.worth[p][k] - board.worth[q][j]
            yield loss, [(p, j, k), (q, k, j)]
