import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.accounts import rules
from kexie_events.core.errors import RuleBroken
from kexie_events.core.text import composed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３８ ００１３ ８０００", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("023-6386 1234", "02363861234"),
        ("400 820 8820", "4008208820"),
        ("+852 2345 6789", "+85223456789"),
        ("", ""),
    ],
)
def test_a_phone_is_kept_in_digits(typed, kept) -> None:
    assert rules.phone(typed) == kept


@pytest.mark.parametrize("typed", ["12345678901", "1380013800", "138001380000", "abc", "=1+1"])
def test_what_is_no_phone_is_refused(typed) -> None:
    with pytest.raises(RuleBroken, match="person.phone"):
        rules.phone(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  李  明 ", "李 明"),
        ("李\u200b明", "李明"),
        ("李\x00\u202e明", "李明"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
    ],
)
def test_a_name_is_kept_without_what_nobody_sees(typed, kept) -> None:
    assert rules.person_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "\u200b", " \t", "长" * 61])
def test_a_name_is_there_and_not_endless(typed) -> None:
    with pytest.raises(RuleBroken, match="person.name"):
        rules.person_name(typed)


@given(st.text(max_size=80))
def test_a_kept_name_is_kept_again_unchanged(text: str) -> None:
    try:
        name = rules.person_name(text)
    except RuleBroken:
        return
    assert rules.person_name(name) == name


@pytest.mark.parametrize(
    ("phone", "shown"), [("13800138000", "138****8000"), ("02363861234", "023****1234"), ("12345", "****45"), ("", "")]
)
def test_a_masked_phone_shows_head_and_tail(phone, shown) -> None:
    assert rules.masked_phone(phone) == shown


@pytest.mark.parametrize("typed", ["vic\x00tim@x.cn", "vic\u200btim@x.cn", " VICTIM@x.cn\n", "victim@x.cn\u202e"])
def test_one_account_has_one_identifier_whatever_is_typed_between(typed: str) -> None:
    assert rules.identifier(typed) == composed(rules.identifier(typed)) == "victim@x.cn"
