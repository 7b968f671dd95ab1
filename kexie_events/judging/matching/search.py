"""Looking everywhere, where caps cross and the paths found nothing."""

from dataclasses import dataclass

from .board import Board, Stuck, bits

LARGEST_SEARCH = 60  # seats; above that a full search would not end
SEARCH_STEPS = 200_000


def search_or(board: Board, trouble: Stuck) -> None:
    """The paths found nothing although caps cross: look everywhere while that can end. Raises: the trouble."""
    trouble.proved = not board.crossing
    if not board.crossing or sum(board.need) > LARGEST_SEARCH:
        raise trouble
    board.clear()
    search = _Search(board, SEARCH_STEPS)
    if not search.fills():
        trouble.proved = search.steps_left > 0
        raise trouble


@dataclass
class _Search:
    """Complete depth-first search, the entry with the fewest ways first; given up when no steps are left."""

    board: Board
    steps_left: int

    def fills(self) -> bool:
        """Whether every seat of the board could be filled; if so, it is."""
        self.steps_left -= 1
        if self.steps_left <= 0:
            return False
        board = self.board
        room = sum(1 << j for j, most in enumerate(board.most) if board.load[j] < most)
        short = [p for p in range(len(board.need)) if board.missing(p) > 0]
        seats = sum(board.missing(p) for p in short)
        if sum(max(0, least - load) for least, load in zip(board.least, board.load, strict=True)) > seats:
            return False
        if not short:
            return True
        p = min(
            short,
            key=lambda q: (board.open_to(q, board.seated[q]) & room).bit_count() - board.missing(q),
        )
        # Of one entry's judges the order is no difference: the highest number so far bounds the next ones.
        own = board.seated[p] & ~board.pinned[p]
        ways = board.open_to(p, board.seated[p]) & room & ~((1 << own.bit_length()) - 1)
        for j in bits(ways):
            board.seat(p, j)
            if self.fills():
                return True
            board.unseat(p, j)
        return False
