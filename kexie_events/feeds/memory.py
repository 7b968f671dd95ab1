"""What a process remembers of calendars: the ones it served last, and which personal ones something is true of. Both
in little memory, whatever is asked.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from .rules import PERSONAL

MOST_MARKS = 30_000  # of a generation; two weigh about 4 MB. No process answers more in half of DEAD_SECONDS

V = TypeVar("V")


class Recent(OrderedDict[str, V]):
    """A dictionary that forgets what was used longest ago. The caller holds the lock."""

    def __init__(self, weigh: Callable[[V], int], most: int) -> None:
        super().__init__()
        self._weigh, self._most, self._weight = weigh, most, 0

    def recall(self, key: str) -> V | None:
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: str, value: V) -> None:
        self.forget(key)
        self[key] = value
        self._weight += self._weigh(value)
        # The newest always stays, however big: otherwise each request would fetch it again.
        while self._weight > self._most and len(self) > 1:
            self._weight -= self._weigh(self.popitem(last=False)[1])

    def forget(self, key: str) -> None:
        if key in self:
            self._weight -= self._weigh(self.pop(key))


class Marks:
    """Which personal feeds something is true of for a while, in little memory: a number for each, in two generations.

    A mark holds for at least half the period and at most the whole, unless more than ``MOST_MARKS`` come in half of it:
    then the oldest are forgotten early, and only asked about again. The caller holds the lock.
    """

    def __init__(self, seconds: float) -> None:
        self._half, self._turns_at = seconds / 2, 0.0
        self._young: set[int] = set()
        self._old: set[int] = set()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def add(self, path: str, moment: float) -> None:
        self._turn(moment)
        if len(self._young) >= MOST_MARKS:
            self._old, self._young = self._young, set()
        self._young.add(_mark(path))

    def holds(self, path: str, moment: float) -> bool:
        self._turn(moment)
        mark = _mark(path)
        return mark in self._young or mark in self._old

    def _turn(self, moment: float) -> None:
        if moment >= self._turns_at:
            # After a long silence both generations are over.
            self._old = self._young if moment < self._turns_at + self._half else set()
            self._young, self._turns_at = set(), moment + self._half


def _mark(path: str) -> int:
    """60 bits of the SHA-256 that the path of a personal feed is: nobody can make two of them meet."""
    return int(path.removeprefix(PERSONAL)[:15], 16)
