"""Greedy filling by affinity less the price of a judge."""

import heapq

from .board import LARGEST_IMPROVED, Board, bits

PRICE_ROUNDS = 30
FIRST_RISE = 1.0  # of a price over the first round, when a judge is asked as often as the load allows; then falling
NOISE = 0.001


def fill(board: Board, prices: list[float]) -> None:
    """Greedy by affinity less the judges' prices: the scarcest entries first, one seat each per round."""
    order = list(range(len(board.need)))
    board.draw.shuffle(order)
    order.sort(key=lambda p: board.allowed[p].bit_count())
    favourites = _favourites(board, prices)
    room = sum(1 << j for j, most in enumerate(board.most) if board.load[j] < most)
    for _ in range(max(board.need, default=0)):
        for p in order:
            if board.missing(p) <= 0:
                continue
            free = board.open_to(p, board.seated[p]) & room
            if not free:
                continue
            j = _least_busy(board, favourites[id(board.worth[p])], free)
            board.seat(p, j)
            if board.load[j] >= board.most[j]:
                room &= ~(1 << j)


def _least_busy(board: Board, favourites: list[tuple[float, int]], free: int) -> int:
    """Of the free judges who are as good as the best one, give or take ``NOISE``, the one with the most room."""
    best, found, share = 0.0, -1, 2.0
    for value, j in favourites:
        if not free >> j & 1:
            continue
        if found >= 0 and value < best - NOISE:
            break
        busy = board.load[j] / board.most[j]
        if found < 0:
            best = value
        if busy < share:
            found, share = j, busy
    return found


def _favourites(board: Board, prices: list[float]) -> dict[int, list[tuple[float, int]]]:
    """Per row of worth the judges, dearest first; a little noise keeps panels from being always the same."""
    found: dict[int, list[tuple[float, int]]] = {}
    for row in board.worth:
        if id(row) not in found:
            value = [worth - price + NOISE * board.draw.random() for worth, price in zip(row, prices, strict=True)]
            found[id(row)] = sorted(((worth, j) for j, worth in enumerate(value)), reverse=True)
    return found


def prices(board: Board) -> list[float]:
    """What a seat with each judge is worth: entries ask one after the other, and every question moves the prices.

    Who is asked grows dearer at once, everybody grows cheaper with time, at the rate of the own largest load;
    below the least load a price may fall under zero. The mean over the later rounds is taken (stochastic
    subgradient of the assignment's dual).
    """
    prices, mean = [0.0] * len(board.most), [0.0] * len(board.most)
    if len(board.need) * len(board.most) > LARGEST_IMPROVED:
        return prices
    asking = [
        (board.missing(p), board.worth[p], list(bits(board.open_to(p, board.seated[p]))))
        for p in range(len(board.need))
    ]
    block = max(1, len(asking) // 25)
    share = block / max(1, len(asking))
    room = [max(0, most - load) for most, load in zip(board.most, board.load, strict=True)]
    low = [max(0, least - load) for least, load in zip(board.least, board.load, strict=True)]
    for step in range(PRICE_ROUNDS):
        board.draw.shuffle(asking)
        rise = [FIRST_RISE / (1 + step) / (most or 1) for most in board.most]
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
