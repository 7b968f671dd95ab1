import copy
from decimal import Decimal

import pytest

from kexie_events.contests.rules import read
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
    ("where", "change"),
    [
        ("categories", lambda b: b.pop("categories")),
        ("groups", lambda b: b["groups"].append(b["groups"][0])),
        ("most_members", lambda b: b.update(most_members=0)),
        ("most_members", lambda b: b.update(most_members=True)),
        ("judges_per_entry", lambda b: b.update(judges_per_entry="3")),
        ("method", lambda b: b.update(method="dice")),
        ("tie_breaks", lambda b: b.update(tie_breaks=["coin"])),
        ("rubric", lambda b: b.update(rubric=None)),
        ("rubric.criteria.inno", lambda b: b["rubric"]["criteria"][0].update(most="NaN")),
        ("rubric.criteria.inno", lambda b: b["rubric"]["criteria"][0].update(most="30.25")),
        ("rubric.criteria.inno", lambda b: b["rubric"]["criteria"][0]["bands"][0].update(high="31")),
        ("main", lambda b: b["rubric"].update(main="gone")),
        ("clauses", lambda b: b.update(clauses=["x"])),
    ],
)
def test_an_unsound_pack_names_the_first_fault(where, change) -> None:
    with pytest.raises(RuleBroken) as refused:
        read(broken(change))
    assert refused.value.code == "rule_pack.unsound"
    assert refused.value.details == {"where": where}
