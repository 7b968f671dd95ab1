"""What pages draw of scores: the next sheet, one's own totals by tens, a ranking along an axis. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from .ranking import Standing

MARGIN = 2.0  # per cent at both ends of the axis, so that a mark at the end is whole


class ToDo(Protocol):
    """What ``following`` reads of a task."""

    @property
    def code(self) -> str: ...

    @property
    def done(self) -> bool: ...


T = TypeVar("T", bound=ToDo)


def following(tasks: Sequence[T], after: str = "") -> T | None:
    """The next one without a submitted score, going round once. ``tasks`` in the order of their codes."""
    open_ones = [task for task in tasks if not task.done]
    return next((task for task in open_ones if task.code > after), open_ones[0] if open_ones else None)


def tens(totals: Sequence[Decimal]) -> list[tuple[str, int]]:
    """How many totals, in points, fall into each step of ten, the highest used first; 100 is in the last."""
    steps = [min(9, int(total // 10)) for total in totals]
    words = [f"{n * 10}–{n * 10 + 9}" for n in range(9)] + ["90–100"]
    return [(words[n], steps.count(n)) for n in range(max(steps), min(steps) - 1, -1)] if steps else []


@dataclass(frozen=True)
class Marks:
    """Where a standing stands on the axis, in per cent: its interval, its score, its plain mean."""

    x1: float
    x2: float
    x: float
    raw: float


def marks(standings: Sequence[Standing], most: float) -> list[Marks]:
    """One for each standing. The axis spans the intervals of all, within 0 and ``most`` points."""
    low = max(0.0, min((row.low for row in standings), default=0.0))
    high = min(most, max((row.high for row in standings), default=most))
    width = max(high - low, 1.0)

    def at(value: float) -> float:
        return round(MARGIN + (100 - 2 * MARGIN) * (min(max(value, low), high) - low) / width, 1)

    return [Marks(at(row.low), at(row.high), at(float(row.score)), at(float(row.mean))) for row in standings]
