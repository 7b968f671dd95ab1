"""Rows become an instance of the assignment, and its answer becomes rows again."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from kexie_events.judging import assignment, engine
from kexie_events.judging.assignment import HardRule, Infeasible
from kexie_events.judging.engine import Question, Scorer, Work
from kexie_events.judging.rules import Belongs

FIRST_SCHOOL, SECOND_SCHOOL, NOWHERE = Belongs("/1/4/", 40), Belongs("/1/5/", 50), Belongs()
WORKS = [Work(11, 1, "physics", FIRST_SCHOOL), Work(12, 2, "biology", SECOND_SCHOOL)]
DISCIPLINES = ["physics", "biology"]


def scorer(id: int, belongs: Belongs = NOWHERE, disciplines: Sequence[str] = (), *, most: int = 5) -> Scorer:
    return Scorer(id, f"评委{id}", belongs, disciplines, 0, most)


def ask(*scorers: Scorer, fixed: Collection[engine.Pair] = (), **changed: Any) -> Question:
    values: dict[str, Any] = {
        "judges_per_entry": 1, "disciplines": DISCIPLINES, "own_district": "allow", "seed": 7, "recused": (),
    }  # fmt: skip
    return engine.question(WORKS, scorers, fixed=fixed, **{**values, **changed})


def solve(asked: Question, **given: Any) -> frozenset[engine.Pair]:
    return asked.ids(assignment.solve(asked.instance, **given).pairs)


def test_things_are_called_what_people_call_them() -> None:
    asked = ask(scorer(21))
    assert [project.id for project in asked.instance.projects] == ["0001", "0002"]
    assert [judge.id for judge in asked.instance.judges] == ["评委21（21）"]
    assert asked.instance.seed == "7"


def test_two_judges_of_one_name_are_two() -> None:
    twins = [Scorer(id, "李明", NOWHERE, (), 1, 1) for id in (21, 22)]
    assert {judge for _, judge in solve(ask(*twins))} == {21, 22}


def test_pairs_go_there_and_back() -> None:
    asked = ask(scorer(21), scorer(22))
    pairs = {(11, 22), (12, 21)}
    assert asked.ids(asked.named(pairs)) == pairs


def test_what_somebody_scored_who_is_asked_no_more_fills_a_seat() -> None:
    asked = ask(scorer(21), scorer(22), judges_per_entry=2, kept={(11, 23)}, recused={(12, 23)})
    assert [project.need for project in asked.instance.projects] == [1, 2]
    assert asked.instance.conflicts == frozenset()
    assert [project.need for project in ask(scorer(21), kept={(11, 23), (11, 24)}).instance.projects] == [0, 1]


def test_a_pair_of_an_entry_that_is_no_longer_submitted_is_left_out() -> None:
    asked = ask(scorer(21), recused={(99, 21), (11, 21)})
    assert asked.named({(99, 21), (12, 21)}) == [("0002", "评委21（21）")]
    assert asked.instance.conflicts == {("评委21（21）", "0001")}


def test_a_judge_of_a_discipline_comes_before_one_of_any_and_both_before_one_of_another() -> None:
    physics, anything = scorer(21, disciplines=["physics"]), scorer(22)
    assert solve(ask(physics, anything)) == {(11, 21), (12, 22)}
    asked = ask(physics, anything)
    assert [judge.expertise for judge in asked.instance.judges] == [
        {"physics": 1.0}, {"physics": engine.ANY_DISCIPLINE, "biology": engine.ANY_DISCIPLINE},
    ]  # fmt: skip


@pytest.mark.parametrize("unit", [FIRST_SCHOOL, Belongs("/1/4/9/", 40)])
def test_a_judge_of_the_school_or_of_a_part_of_it_does_not_score_its_works(unit: Belongs) -> None:
    assert solve(ask(scorer(21, unit), scorer(22, SECOND_SCHOOL))) == {(11, 22), (12, 21)}


def test_a_judge_of_the_association_above_the_schools_may_score_them() -> None:
    assert solve(ask(scorer(21, Belongs("/1/")))) == {(11, 21), (12, 21)}


def test_the_own_district_is_kept_out_only_where_the_rules_say_so() -> None:
    neighbour = scorer(21, Belongs("/1/8/", 40))
    assert solve(ask(neighbour)) == {(11, 21), (12, 21)}
    with pytest.raises(Infeasible) as refused:
        solve(ask(neighbour, own_district="forbid"))
    assert refused.value.entries == ("0001",)
    assert HardRule.OWN_DISTRICT in refused.value.relax


def test_who_has_scored_more_than_the_load_that_was_set_later_keeps_it() -> None:
    fixed = {(11, 21), (12, 21)}
    asked = ask(scorer(21, most=1), scorer(22), fixed=fixed)
    assert asked.instance.judges[0].most == 2
    assert solve(asked, fixed=asked.named(fixed)) == fixed
