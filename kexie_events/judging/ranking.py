"""From scores to places: mean or trimmed mean, a published list of tie-breaks, shared places.

Pure and exact: fractions inside, decimals rounded half up outside, so the order of the input never matters and
the result is the same bytes everywhere. Source: docs/sources.md#final-score
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from ..contests.rules import METHODS
from ..core.errors import RuleBroken

CENT = Decimal("0.01")
LEAST_FOR_TRIM = 3  # one falls away at each end and one must be left
Z90 = 1.6448536269514722  # of the normal distribution: half of a 90 % interval in standard errors
SHARED = "shared"  # what decided a tie when no rule did: the place is shared
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Score:
    """What one judge gave one item, in points; ``main`` of the main criterion, where there is one."""

    judge: str
    item: str
    total: Decimal
    main: Decimal | None = None


@dataclass(frozen=True)
class Standing:
    """An item in the ranking (名次).

    ``score`` decides; ``mean`` is the plain one. ``stderr`` in points, from the spread of all judges around
    their items' means; ``low`` and ``high``: the normal 90 % interval of ``score``, score ± 1.645 stderr. It says
    how far chance among judges reaches, and nothing about a judge's severity.
    ``decided_by``: the rule that parts it from its neighbours of equal score; "shared" when none does; "" without
    a tie.
    """

    place: int
    item: str
    score: Decimal
    mean: Decimal
    n: int
    stderr: float
    low: float
    high: float
    spread: Decimal  # highest less lowest total
    decided_by: str = ""


def rounded(value: Fraction, unit: Decimal = CENT) -> Decimal:
    """Half up to a multiple of ``unit``, exact: no binary fraction comes near it."""
    steps = value / Fraction(unit)
    whole = math.floor(steps + Fraction(1, 2)) if steps >= 0 else -math.floor(-steps + Fraction(1, 2))
    return _WIDE.multiply(Decimal(whole), unit)


def mean_of(values: Sequence[Decimal]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def score_of(totals: Sequence[Decimal], method: str) -> Fraction:
    """The exact score of one item. 去掉一个最高分和一个最低分 for ``trimmed_mean``.

    Raises: RuleBroken("judging.too_few_scores", n, least) when nothing would be left.
    """
    if method not in METHODS:
        raise ValueError(method)
    trim = 1 if method == "trimmed_mean" else 0
    if len(totals) < (LEAST_FOR_TRIM if trim else 1):
        raise RuleBroken("judging.too_few_scores", n=len(totals), least=LEAST_FOR_TRIM if trim else 1)
    return mean_of(sorted(totals)[trim : len(totals) - trim])


def _median(totals: Sequence[Decimal]) -> Fraction:
    ordered, half = sorted(totals), len(totals) // 2
    return mean_of(ordered[half : half + 1] if len(totals) % 2 else ordered[half - 1 : half + 1])


def _main(scores: Sequence[Score]) -> Fraction:
    """The mean of the main criterion over all judges; 0 where nobody gave points for it."""
    given = [score.main for score in scores if score.main is not None]
    return mean_of(given) if given else Fraction(0)


_TIE_BREAK: dict[str, Callable[[Sequence[Score]], Fraction]] = {
    "main_criterion": _main,
    "median": lambda scores: _median([score.total for score in scores]),
    "highest_score": lambda scores: Fraction(max(score.total for score in scores)),
}


def rank(
    scores: Iterable[Score], *, method: str = "mean", tie_breaks: Sequence[str] = (), unit: Decimal = CENT
) -> list[Standing]:
    """Standings, best first; equal ones by item. Items that stay equal share a place: 1, 2, 2, 4.

    Scores are compared as they are published, rounded half up to ``unit`` points; so are tie-breaks.
    Raises: RuleBroken("judging.too_few_scores"), RuleBroken("judging.scored_twice", judge, item).
    """
    by_item = _by_item(scores)
    variance = _variance(by_item.values())
    keys = {item: _key(given, method, tie_breaks, unit) for item, given in by_item.items()}
    order = sorted(by_item, key=lambda item: ([-part for part in keys[item]], item))
    standings, place = [], 0
    for n, item in enumerate(order):
        if n == 0 or keys[item] != keys[order[n - 1]]:
            place = n + 1
        near = [keys[other] for other in order[max(0, n - 1) : n] + order[n + 1 : n + 2]]
        decided = _decided(keys[item], near, tie_breaks)
        standings.append(_standing(place, item, by_item[item], keys[item][0], variance, decided, unit))
    return standings


def _by_item(scores: Iterable[Score]) -> dict[str, list[Score]]:
    by_item: dict[str, list[Score]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for score in scores:
        if (score.judge, score.item) in seen:
            raise RuleBroken("judging.scored_twice", judge=score.judge, item=score.item)
        seen.add((score.judge, score.item))
        by_item[score.item].append(score)
    return by_item


def _key(scores: Sequence[Score], method: str, tie_breaks: Sequence[str], unit: Decimal) -> list[Decimal]:
    score = score_of([score.total for score in scores], method)
    return [rounded(value, unit) for value in (score, *(_TIE_BREAK[rule](scores) for rule in tie_breaks))]


def _decided(own: list[Decimal], near: list[list[Decimal]], tie_breaks: Sequence[str]) -> str:
    """The last rule that had to be asked to part an item from its neighbours of equal score."""
    depths = [next((n for n, (a, b) in enumerate(zip(own, other, strict=True)) if a != b), len(own)) for other in near]
    deepest = max(depths, default=0)
    return "" if deepest == 0 else SHARED if deepest == len(own) else tie_breaks[deepest - 1]


def _variance(panels: Iterable[Sequence[Score]]) -> Fraction:
    """Of one score around its item's mean, pooled over all items; 0 where every item has one score."""
    squares, degrees = Fraction(0), 0
    for panel in panels:
        centre = mean_of([score.total for score in panel])
        squares += sum(((Fraction(score.total) - centre) ** 2 for score in panel), Fraction(0))
        degrees += len(panel) - 1
    return squares / degrees if degrees else Fraction(0)


def _standing(
    place: int, item: str, scores: Sequence[Score], score: Decimal, variance: Fraction, decided: str, unit: Decimal
) -> Standing:  # fmt: skip
    totals = [given.total for given in scores]
    stderr = math.sqrt(variance / len(totals))
    return Standing(
        place=place,
        item=item,
        score=score,
        mean=rounded(mean_of(totals), unit),
        n=len(totals),
        stderr=stderr,
        low=float(score) - Z90 * stderr,
        high=float(score) + Z90 * stderr,
        spread=max(totals) - min(totals),
        decided_by=decided,
    )
