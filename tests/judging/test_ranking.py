"""Places are exact, shared where nothing parts, and the same for every order of the input."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.judging.ranking import SHARED, Score, Standing, rank, rounded, score_of

TIES = ("main_criterion", "median", "highest_score")


def scores(**items: str) -> list[Score]:
    """scores(a="80 90") → two judges; "80/20" gives 20 in the main criterion."""
    rows = []
    for item, text in items.items():
        for n, word in enumerate(text.split()):
            total, _, main = word.partition("/")
            rows.append(Score(f"j{n}", item, Decimal(total), Decimal(main) if main else None))
    return rows


def places(standings: list[Standing]) -> list[tuple[int, str, str]]:
    return [(row.place, row.item, str(row.score)) for row in standings]


def test_the_mean_decides_and_is_rounded_half_up() -> None:
    ranked = rank(scores(a="80 90", b="88 90", c="80.01 80.00"))
    assert places(ranked) == [(1, "b", "89.00"), (2, "a", "85.00"), (3, "c", "80.01")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(8, 3), "2.67"),
        (Fraction(4999, 1_000_000), "0.00"),
        (Fraction(85), "85.00"),
        (Fraction(10**30) + Fraction(1, 200), "1" + "0" * 30 + ".01"),
    ],
)
def test_rounding_is_half_up_to_a_hundredth(value: Fraction, expected: str) -> None:
    assert str(rounded(value)) == expected


def test_trimming_drops_one_highest_and_one_lowest() -> None:
    ranked = rank(scores(a="0 80 81 82 100", b="79 79 79 79 99"), method="trimmed_mean")
    assert [(row.item, row.score, row.mean) for row in ranked] == [
        ("a", Decimal("81.00"), Decimal("68.60")),
        ("b", Decimal("79.00"), Decimal("83.00")),
    ]


@pytest.mark.parametrize(("method", "given", "least"), [("trimmed_mean", "80 90", 3), ("mean", "", 1)])
def test_too_few_scores_are_refused(method: str, given: str, least: int) -> None:
    totals = [Decimal(text) for text in given.split()]
    with pytest.raises(RuleBroken) as caught:
        score_of(totals, method)
    assert (caught.value.code, caught.value.details) == (
        "judging.too_few_scores",
        {"n": len(totals), "least": least},
    )


def test_equal_ones_share_a_place_and_the_next_place_is_left_out() -> None:
    ranked = rank(scores(a="90", b="80", c="80", d="70"))
    assert [(row.place, row.item, row.decided_by) for row in ranked] == [
        (1, "a", ""),
        (2, "b", SHARED),
        (2, "c", SHARED),
        (4, "d", ""),
    ]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("80/25 90/25", "85/20 85/20", "main_criterion"),
        ("70/20 90/20 92/20", "80/20 81/20 91/20", "median"),
        ("70/20 85/20 97/20", "80/20 85/20 87/20", "highest_score"),
    ],
)
def test_the_rule_that_decided_a_tie_is_named_on_both_sides(first: str, second: str, rule: str) -> None:
    ranked = rank(scores(a=second, b=first), tie_breaks=TIES)
    assert [(row.place, row.item, row.decided_by) for row in ranked] == [(1, "b", rule), (2, "a", rule)]


def test_ties_are_judged_on_the_score_as_it_is_published() -> None:
    # 80.004 and 80.0001 are both printed as 80.00: people must see a rule, not a secret third digit.
    ranked = rank(scores(a="80.004", b="80.0001"))
    assert [row.place for row in ranked] == [1, 1]


def test_a_rule_that_the_pack_does_not_have_is_not_asked() -> None:
    tied = scores(a="80/25 90/25", b="85/20 85/20")
    assert [row.place for row in rank(tied)] == [1, 1]
    assert [row.decided_by for row in rank(tied, tie_breaks=("highest_score",))] == ["highest_score"] * 2


def test_the_interval_is_the_normal_one_from_the_pooled_spread() -> None:
    (row,) = rank(scores(a="80 90"))
    assert (row.n, row.spread, row.stderr) == (2, Decimal(10), 5.0)
    assert (round(row.low, 4), round(row.high, 4)) == (76.7757, 93.2243)


def test_one_score_alone_says_nothing_about_chance() -> None:
    (row,) = rank(scores(a="80"))
    assert (row.stderr, row.low, row.high) == (0.0, 80.0, 80.0)


def test_a_judge_scores_an_item_once() -> None:
    with pytest.raises(RuleBroken) as caught:
        rank([*scores(a="80"), *scores(a="81")])
    assert (caught.value.code, caught.value.details) == ("judging.scored_twice", {"judge": "j0", "item": "a"})


def test_nothing_gives_nothing() -> None:
    assert rank([]) == []


POINTS = st.integers(0, 200).map(lambda n: Decimal(n) / 2)
TABLES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.tuples(POINTS, POINTS), min_size=3, max_size=5), min_size=1
)


def table(rows: dict[str, list[tuple[Decimal, Decimal]]]) -> list[Score]:
    return [Score(f"j{n}", item, total, main) for item, given in rows.items() for n, (total, main) in enumerate(given)]


@given(TABLES, st.randoms(use_true_random=False), st.sampled_from(["mean", "trimmed_mean"]))
def test_the_order_of_the_input_never_matters(
    rows: dict[str, list[tuple[Decimal, Decimal]]], dice: st.DataObject, method: str
) -> None:
    straight = table(rows)
    mixed = list(straight)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert rank(mixed, method=method, tie_breaks=TIES) == rank(straight, method=method, tie_breaks=TIES)


@given(TABLES, st.sampled_from(["mean", "trimmed_mean"]), POINTS, st.data())
def test_a_higher_score_never_lowers_a_place(
    rows: dict[str, list[tuple[Decimal, Decimal]]], method: str, more: Decimal, data: st.DataObject
) -> None:
    item = data.draw(st.sampled_from(sorted(rows)))
    n = data.draw(st.integers(0, len(rows[item]) - 1))
    total, main = rows[item][n]
    better = {**rows, item: [*rows[item][:n], (total + more, main), *rows[item][n + 1 :]]}

    def place(of: dict[str, list[tuple[Decimal, Decimal]]]) -> int:
        return next(row.place for row in rank(table(of), method=method, tie_breaks=TIES) if row.item == item)

    assert place(better) <= place(rows)


@given(TABLES)
def test_places_count_who_is_better_and_only_equals_share(rows: dict[str, list[tuple[Decimal, Decimal]]]) -> None:
    ranked = rank(table(rows), tie_breaks=TIES)
    assert sorted(row.item for row in ranked) == sorted(rows)
    for row in ranked:
        assert row.place == 1 + sum(other.place < row.place for other in ranked)
        assert sum(other.score > row.score for other in ranked) < row.place
        shared = sum(other.place == row.place for other in ranked) > 1
        assert shared <= (row.decided_by == SHARED)
