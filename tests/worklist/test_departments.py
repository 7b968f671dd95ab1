import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.worklist.departments import Alias, Meaning, check_alias, meaning, name_key

UNITS = {
    name_key(name): id for id, name in enumerate(("学会学术部", "科学技术普及部", "企事业工作部", "国际工作部"), 1)
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("学会学术部", Meaning(1)),
        ("学会 学术部", Meaning(1)),
        ("学会部", Meaning(1)),
        ("普及部", Meaning(2)),
        ("企事业部", Meaning(3)),
        ("国际部", Meaning(4)),
        ("相关部室和单位", Meaning(everybody=True)),
        ("组人部", Meaning()),  # a usual short form of a department that is not there
        ("课堂内外公司", Meaning()),
    ],
)
def test_a_name_means_the_department_that_people_mean(words: str, expected: Meaning) -> None:
    assert meaning(words, 2020, UNITS, ()) == expected


def test_what_the_owner_lays_down_holds_in_its_years_and_before_all_else() -> None:
    aliases = [Alias("学会部", 9, 2018, 2019), Alias("普及部", None), Alias("宣传处", 7, None, 2020)]
    assert meaning("学会部", 2019, UNITS, aliases) == Meaning(9)
    assert meaning("学会部", 2020, UNITS, aliases) == Meaning(1)
    assert meaning("普及部", 2020, UNITS, aliases) == Meaning(everybody=True)
    assert [meaning("宣传处", year, UNITS, aliases).unit_id for year in (1999, 2020, 2021)] == [7, 7, None]


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        (Alias(" ", 1), "worklist.alias"),
        (Alias("长" * 61, 1), "worklist.alias"),
        (Alias("甲", 1, 2020, 2019), "worklist.alias_years"),
        (Alias("甲", 1, 1800), "worklist.alias_years"),
        (Alias("学 会部", 1), "worklist.alias_taken"),
        (Alias("学会部", 1, 2021, 2022), "worklist.alias_taken"),
    ],
)
def test_an_alias_that_says_nothing_or_two_things_is_refused(alias: Alias, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_alias(alias, [Alias("学会部", 2, 2020, 2021)])
    assert refused.value.code == code


def test_two_meanings_may_follow_one_another() -> None:
    assert check_alias(Alias(" 学会部 ", 1, 2022), [Alias("学会部", 2, 2020, 2021)]) == Alias("学会部", 1, 2022)
