import itertools
from datetime import date
from decimal import Decimal

import pytest

from kexie_events.worklist.progress import (
    Goal,
    Period,
    State,
    Tied,
    asked,
    begun,
    derive,
    is_reported,
    outcome,
    spans,
)

DUE, BEFORE, AFTER = date(2026, 6, 30), date(2026, 6, 30), date(2026, 7, 1)
SIX = Goal("举办论坛", Decimal(6), "期")


def goal(value: str, actual: str | None, unit: str = "个") -> Goal:
    return Goal("建成", Decimal(value), unit, Decimal(actual) if actual else None)


def stands(goals=(), tied=None, *, finished=False, reported=False, today=BEFORE):
    return outcome(derive(goals, tied), tied, finished=finished, reported=reported, due_on=DUE, today=today)


@pytest.mark.parametrize(
    ("goals", "finished", "reported", "today", "state", "share"),
    [
        ((), False, False, BEFORE, State.PLANNED, None),
        ((), False, True, BEFORE, State.DOING, None),
        ((), True, True, BEFORE, State.DONE, 1.0),
        ((), False, True, AFTER, State.LATE, None),
        ((), False, False, AFTER, State.LATE, None),
        ((), True, True, AFTER, State.DONE, 1.0),
        ((goal("10", None),), False, False, BEFORE, State.PLANNED, 0.0),
        ((goal("10", "4"),), False, True, BEFORE, State.DOING, 0.4),
        ((goal("10", "10"),), False, True, AFTER, State.DONE, 1.0),
        ((goal("10", "15"),), False, True, BEFORE, State.DONE, 1.0),  # more than asked counts as all
        ((goal("10", "10"), goal("4", "1")), False, True, BEFORE, State.DOING, 0.625),  # one number is not enough
        ((goal("0", None),), False, False, BEFORE, State.DONE, 1.0),  # nothing to reach
        ((Goal("完成修订", None, ""),), False, False, BEFORE, State.PLANNED, None),  # words count nothing
    ],
)
def test_a_reported_item_stands_where_its_numbers_and_its_last_day_say(
    goals, finished, reported, today, state, share
) -> None:
    found = stands(goals, finished=finished, reported=reported, today=today)
    assert (found.state, found.share) == (state, share)


@pytest.mark.parametrize(
    ("goals", "tied", "today", "state", "share"),
    [
        ((), Tied(editions=1), BEFORE, State.PLANNED, 0.0),  # a draft
        ((), Tied(editions=1, begun=True, ahead=3, over=1), BEFORE, State.DOING, 0.25),
        ((), Tied(editions=1, begun=True, held=1, over=4), BEFORE, State.DONE, 1.0),
        ((), Tied(editions=1, begun=True, ahead=1), AFTER, State.LATE, 0.0),
        ((), Tied(editions=6, begun=True, held=3), BEFORE, State.DOING, 0.5),
        ((), Tied(editions=6, begun=True, held=6), AFTER, State.DONE, 1.0),
        ((SIX,), Tied(editions=4, begun=True, held=4), BEFORE, State.DOING, 4 / 6),  # two are not even planned
        ((SIX,), Tied(editions=6, begun=True, held=6), BEFORE, State.DONE, 1.0),
        ((), Tied(cancelled=1, begun=False), BEFORE, State.PLANNED, None),  # nothing is left to be held
        ((), Tied(cancelled=1), AFTER, State.LATE, None),
        ((), Tied(), BEFORE, State.PLANNED, None),
    ],
)
def test_an_item_of_events_stands_where_its_events_say(goals, tied, today, state, share) -> None:
    found = stands(goals, tied, today=today)
    assert (found.state, found.share) == (state, pytest.approx(share) if share is not None else None)


def test_what_events_count_is_never_typed() -> None:
    tied = Tied(editions=6, held=3, occurrences=5)
    goals = derive([SIX, goal("200", "7", "场"), goal("100", "40", "篇")], tied)
    assert [(each.actual, each.derived) for each in goals] == [
        (Decimal(3), True), (Decimal(5), True), (Decimal(40), False),
    ]  # fmt: skip
    assert is_reported(goals, tied)  # the papers
    assert not is_reported(derive([SIX], tied), tied)
    assert is_reported([], None)


def test_an_item_with_events_and_a_number_of_its_own_is_done_when_both_are() -> None:
    tied = Tied(editions=1, begun=True, held=1)
    assert stands([goal("100", "40", "篇")], tied, reported=True).state is State.DOING
    assert stands([goal("100", "100", "篇")], tied, reported=True).state is State.DONE


def test_a_year_has_four_quarters_and_twelve_months_without_a_gap() -> None:
    for period, count in ((Period.QUARTER, 4), (Period.MONTH, 12)):
        found = spans(2024, period)
        assert (len(found), found[0].first_on, found[-1].last_on) == (count, date(2024, 1, 1), date(2024, 12, 31))
        assert all((after.first_on - before.last_on).days == 1 for before, after in itertools.pairwise(found))
        assert [span.number for span in found] == list(range(1, count + 1))
        assert {span.is_quarter for span in found} == {period is Period.QUARTER}


def test_the_period_that_is_owed_is_the_last_that_is_over_and_not_for_ever() -> None:
    assert asked(2026, Period.QUARTER, date(2026, 3, 31)) is None
    assert asked(2026, Period.QUARTER, date(2026, 4, 1)).number == 1
    assert asked(2026, Period.MONTH, date(2026, 4, 1)).number == 3
    assert asked(2025, Period.QUARTER, date(2026, 3, 11)).number == 4
    assert asked(2020, Period.QUARTER, date(2026, 3, 11)) is None
    assert [span.number for span in begun(2026, Period.QUARTER, date(2026, 4, 1))] == [1, 2]
    assert begun(2027, Period.QUARTER, date(2026, 4, 1)) == []
