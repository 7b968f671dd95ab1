import copy
from dataclasses import fields, replace
from decimal import Decimal

import pytest

from kexie_events.contests.difference import FREE, Bound, Change, Item, check_change, difference, together
from kexie_events.contests.rules import Choice, Pack, read
from kexie_events.core.errors import RuleBroken
from tests.build import PACK

BEFORE = read(PACK)


def changed(change) -> Pack:
    body = copy.deepcopy(PACK)
    change(body)
    return read(body)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda b: None, []),
        (lambda b: b["groups"].pop(), [Change(Item.GROUP, "senior", "高中组", None)]),
        (
            lambda b: b["groups"].append({"code": "x", "name": "中职组"}),
            [Change(Item.GROUP, "x", None, "中职组")],
        ),
        (lambda b: b["groups"][0].update(name="小学"), [Change(Item.GROUP, "primary", "小学组", "小学")]),
        (
            lambda b: b["groups"].reverse(),
            [Change(Item.GROUP, "", "小学组、初中组、高中组", "高中组、初中组、小学组")],
        ),
        (lambda b: b.update(most_members=5), [Change(Item.MOST_MEMBERS, "", 3, 5)]),
        (lambda b: b.update(method="trimmed_mean"), [Change(Item.METHOD, "", "mean", "trimmed_mean")]),
        (lambda b: b["rubric"].update(step="1"), [Change(Item.STEP, "", Decimal("0.5"), Decimal(1))]),
        (lambda b: b["rubric"].update(main="sci"), [Change(Item.MAIN, "", "创新性", "科学性")]),
        (
            lambda b: b["rubric"]["criteria"][4].update(hint="讲得清楚吗", bands=[]),
            [
                Change(
                    Item.CRITERION, "expr",
                    "表达 10；申报书与图表是否清楚、准确；9–10 清楚，7–8 较清楚，5–6 尚可，0–4 混乱",
                    "表达 10；讲得清楚吗",
                )
            ],
        ),
        (
            lambda b: b["clauses"].update(age="第三条"),
            [Change(Item.CLAUSE, "age", None, "第三条")],
        ),
    ],
)  # fmt: skip
def test_a_difference_names_what_changed_and_nothing_else(change, told) -> None:
    assert difference(BEFORE, changed(change)) == told


def test_without_rules_before_everything_is_added() -> None:
    found = difference(None, BEFORE)
    assert all(change.before is None for change in found)
    assert {change.item for change in found} == set(Item) - {Item.OTHER}


def test_no_field_of_a_pack_changes_unseen() -> None:
    other = {
        "categories": (Choice("x", "别的"),), "groups": (Choice("x", "别的"),), "disciplines": (Choice("x", "别的"),),
        "most_members": 9, "most_megabytes": 9, "judges_per_entry": 9, "own_district": "allow",
        "method": "trimmed_mean", "tie_breaks": (), "clauses": {},
        "rubric": replace(BEFORE.rubric, step=Decimal(5)),
    }  # fmt: skip
    for field in fields(Pack):
        assert difference(BEFORE, replace(BEFORE, **{field.name: other[field.name]})), field.name


USED = Bound({"robot": 2}, {"junior": 2}, {"TD": 2}, most_members=3, largest_bytes=12 * 1024 * 1024 + 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["groups"].pop(),
        lambda b: b["groups"][1].update(name="初中"),
        lambda b: b["groups"].append({"code": "x", "name": "中职组"}),
        lambda b: b.update(most_members=4, most_megabytes=13, judges_per_entry=5, own_district="allow"),
        lambda b: b["rubric"].update(step="1"),
        lambda b: b.update(method="trimmed_mean"),
    ],
)
def test_with_works_in_the_rules_may_grow_and_be_worded_better(change) -> None:
    check_change(BEFORE, changed(change), USED)


@pytest.mark.parametrize(
    ("change", "code", "details"),
    [
        (lambda b: b["categories"].pop(), "rule_pack.code_in_use", {"name": "机器人创意", "works": 2}),
        (lambda b: b["groups"][1].update(code="j"), "rule_pack.code_in_use", {"name": "初中组", "works": 2}),
        (lambda b: b.update(most_members=2), "rule_pack.team_in_use", {"members": 3, "most": 2}),
        (lambda b: b.update(most_megabytes=12), "rule_pack.file_in_use", {"used": 13, "most": 12}),
    ],
)
def test_what_a_work_rests_on_stays(change, code, details) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_change(BEFORE, changed(change), USED)
    assert (refused.value.code, refused.value.details) == (code, details)
    check_change(BEFORE, changed(change), FREE)


SCORED = Bound({}, {}, {}, sheets=4)


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["rubric"].update(step="1"),
        lambda b: b["rubric"].update(main="sci"),
        lambda b: b["rubric"]["criteria"][0].update(most="40"),
        lambda b: b["rubric"]["criteria"].pop(),
        lambda b: b.update(method="trimmed_mean"),
        lambda b: b.update(tie_breaks=[]),
    ],
)
def test_what_scores_were_given_and_counted_by_stays(change) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_change(BEFORE, changed(change), SCORED)
    assert (refused.value.code, refused.value.details) == ("rule_pack.scored", {"sheets": 4})


def test_words_around_scores_are_free() -> None:
    def reword(body) -> None:
        body["rubric"]["criteria"][0].update(name="新颖", hint="和别人的区别", bands=[])

    check_change(BEFORE, changed(reword), SCORED)


def test_what_several_rooms_tell_counts_together() -> None:
    assert together([USED, SCORED]) == replace(USED, sheets=4)
    assert (FREE.free, USED.free, SCORED.free) == (True, False, False)
