"""The next sheet, totals by tens, a ranking along an axis."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from kexie_events.judging.pictures import MARGIN, Marks, following, marks, tens
from kexie_events.judging.ranking import Standing


@dataclass(frozen=True)
class Sheet:
    code: str
    done: bool = False


def codes(done: str) -> list[Sheet]:
    return [Sheet(code, code in done) for code in "ABCD"]


@pytest.mark.parametrize(
    ("done", "after", "found"),
    [("", "", "A"), ("A", "A", "B"), ("BC", "A", "D"), ("D", "C", "A"), ("ABC", "D", "D"), ("ABCD", "B", None)],
)
def test_the_next_one_is_the_first_open_one_after_this_and_then_from_the_beginning(
    done: str, after: str, found: str | None
) -> None:
    task = following(codes(done), after)
    assert (task.code if task else None) == found


def test_without_tasks_there_is_no_next_one() -> None:
    assert following([]) is None


def test_totals_are_counted_by_tens_without_a_gap_between_the_highest_and_the_lowest() -> None:
    totals = [Decimal(text) for text in ("100", "90", "89.5", "62", "69.99")]
    assert tens(totals) == [("90–100", 2), ("80–89", 1), ("70–79", 0), ("60–69", 2)]
    assert tens([Decimal(0)]) == [("0–9", 1)]
    assert tens([]) == []


def standing(score: str, low: float, high: float, mean: str = "") -> Standing:
    return Standing(
        place=1, item="A-001", score=Decimal(score), mean=Decimal(mean or score), n=3, stderr=1.0, low=low, high=high,
        spread=Decimal(4),
    )  # fmt: skip


def test_the_axis_spans_the_intervals_of_all_and_leaves_a_margin() -> None:
    found = marks([standing("90", 80, 100, mean="85"), standing("70", 60, 80)], 100)
    assert found == [Marks(x1=50.0, x2=100 - MARGIN, x=74.0, raw=62.0), Marks(x1=MARGIN, x2=50.0, x=26.0, raw=26.0)]


def test_an_interval_that_leaves_the_scale_ends_at_its_edge() -> None:
    (found,) = marks([standing("99", 90, 108)], 100)
    assert (found.x1, found.x2) == (MARGIN, 100 - MARGIN)
    (found,) = marks([standing("1", -8, 10)], 100)
    assert (found.x1, found.x) == (MARGIN, 11.6)


def test_one_score_without_any_spread_divides_by_nothing() -> None:
    assert marks([standing("50", 50, 50)], 100) == [Marks(MARGIN, MARGIN, MARGIN, MARGIN)]
    assert marks([], 100) == []
