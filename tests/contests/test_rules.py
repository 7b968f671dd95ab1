import copy
import json
from decimal import Decimal

import pytest

from kexie_events.contests.rules import LARGEST_BODY, Fault, parse, read
from kexie_events.core.errors import RuleBroken
from tests.build import PACK


def test_a_sound_pack_is_read_into_exact_values() -> None:
    pack = read(PACK)
    assert pack.rubric.most == Decimal(100)
    assert [criterion.most for criterion in pack.rubric.criteria] == [Decimal(n) for n in (30, 30, 20, 10, 10)]
    assert pack.rubric.step == Decimal("0.5")
    assert pack.name_of("groups", PACK["groups"][0]["code"]) == PACK["groups"][0]["name"]
    assert pack.name_of("groups", "gone") == "gone"


def broken(change):
    body = copy.deepcopy(PACK)
    change(body)
    return body


@pytest.mark.parametrize(
    ("where", "fault", "change"),
    [
        ("categories", Fault.MISSING, lambda b: b.pop("categories")),
        ("categories", Fault.NO_LIST, lambda b: b.update(categories=[])),
        ("categories[1]", Fault.NO_OBJECT, lambda b: b.update(categories=["A"])),
        ("categories[2].name", Fault.MISSING, lambda b: b["categories"][1].pop("name")),
        ("categories[2].name", Fault.NO_TEXT, lambda b: b["categories"][1].update(name=5)),
        ("groups[4].code", Fault.TWICE, lambda b: b["groups"].append(b["groups"][0])),
        ("most_members", Fault.RANGE, lambda b: b.update(most_members=0)),
        ("most_members", Fault.RANGE, lambda b: b.update(most_members=True)),
        ("judges_per_entry", Fault.RANGE, lambda b: b.update(judges_per_entry="3")),
        ("method", Fault.CHOICE, lambda b: b.update(method="dice")),
        ("tie_breaks[1]", Fault.CHOICE, lambda b: b.update(tie_breaks=["coin"])),
        ("tie_breaks[2]", Fault.TWICE, lambda b: b.update(tie_breaks=["median", "median"])),
        ("rubric", Fault.MISSING, lambda b: b.update(rubric=None)),
        ("rubric", Fault.NO_OBJECT, lambda b: b.update(rubric=[])),
        ("rubric.step", Fault.POINTS, lambda b: b["rubric"].update(step="0")),
        ("rubric.criteria[1].most", Fault.POINTS, lambda b: b["rubric"]["criteria"][0].update(most="NaN")),
        ("rubric.criteria[1].most", Fault.POINTS, lambda b: b["rubric"]["criteria"][0].update(most=30)),
        ("rubric.criteria[1].most", Fault.POINTS, lambda b: b["rubric"]["criteria"][0].update(most="1e-900000000")),
        ("rubric.step", Fault.POINTS, lambda b: b["rubric"].update(step="0.00001")),
        ("categories", Fault.TOO_MANY, lambda b: b.update(categories=b["categories"] * 60)),
        ("rubric.criteria", Fault.TOO_MANY, lambda b: b["rubric"].update(criteria=b["rubric"]["criteria"] * 9)),
        ("clauses", Fault.TOO_MANY, lambda b: b.update(clauses={str(n): "第一条" for n in range(101)})),
        ("rubric.criteria[1].most", Fault.STEPS, lambda b: b["rubric"]["criteria"][0].update(most="30.25")),
        ("rubric.criteria[2].code", Fault.TWICE, lambda b: b["rubric"]["criteria"][1].update(code="inno")),
        ("rubric.criteria[1].bands[1]", Fault.BAND, lambda b: b["rubric"]["criteria"][0]["bands"][0].update(high="31")),
        ("rubric.main", Fault.CHOICE, lambda b: b["rubric"].update(main="gone")),
        ("clauses", Fault.NO_OBJECT, lambda b: b.update(clauses=["x"])),
        ("clauses.team_size", Fault.NO_TEXT, lambda b: b.update(clauses={"team_size": 3})),
        ("catagories", Fault.UNKNOWN, lambda b: b.update(catagories=[])),
    ],
)
def test_an_unsound_pack_names_the_place_and_the_fault(where, fault, change) -> None:
    with pytest.raises(RuleBroken) as refused:
        read(broken(change))
    assert refused.value.code == "rule_pack.unsound"
    assert refused.value.details == {"where": where, "fault": fault}


def test_what_is_no_json_is_answered_with_its_line() -> None:
    with pytest.raises(RuleBroken) as refused:
        parse(b'{\n  "categories": [,]\n}')
    assert (refused.value.code, refused.value.details) == ("rule_pack.json", {"line": 2, "column": 18})


@pytest.mark.parametrize("text", [b"", b"[]", b'"x"', b"\xff\xfe", b'{"most_members": NaN}', b"[" * 100_000])
def test_other_files_are_no_rule_packs(text: bytes) -> None:
    with pytest.raises(RuleBroken, match="rule_pack.json"):
        parse(text)


def test_a_file_beyond_all_measure_is_not_read() -> None:
    with pytest.raises(RuleBroken, match="rule_pack.large"):
        parse(b" " * (LARGEST_BODY + 1))


def test_a_pack_with_a_byte_order_mark_is_read() -> None:
    assert read(parse("\ufeff".encode() + json.dumps(PACK).encode())) == read(PACK)


def test_half_of_a_character_is_no_rule_pack() -> None:
    with pytest.raises(RuleBroken, match="rule_pack.json"):
        parse(b'{"method": "\\ud800"}')
