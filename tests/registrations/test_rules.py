from types import SimpleNamespace
from typing import Any

import pytest

from kexie_events.core.access import Actor
from kexie_events.core.errors import RuleBroken
from kexie_events.registrations import rules
from kexie_events.registrations.rules import Applicant


def test_what_was_typed_is_read_the_way_people_write_it() -> None:
    read = rules.applicant(" 李\u200b明\x00 ", phone="＋86 138-0000-0126", email=" Li@Example.ORG ")
    assert read == Applicant("李明", "13800000126", "li@example.org")


@pytest.mark.parametrize("address", ["participant@demo", "a.b+c@mail.example.org", "a@科协.中国", "a@b"])
def test_addresses_are_taken_when_they_can_be_written_to(address: str) -> None:
    assert rules.applicant("李明", phone="13800000126", email=f" {address}\n").email == address


@pytest.mark.parametrize(
    "address",
    ["@", "a@", "@b", "a b@c.d", "a@b c", "a@b@c", "a@.b", "a@b.", "a@-b", "a,b@c", "<a@b>", "李@b"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.applicant("李明", phone="13800000126", email=address)
    assert refused.value.code == "registration.email"


def test_one_way_to_reach_a_person_is_enough_and_none_is_not() -> None:
    assert rules.applicant("李明", phone="13800000126", email="").email == ""
    with pytest.raises(RuleBroken) as refused:
        rules.applicant("李明", phone="", email="  ")
    assert refused.value.code == "registration.contact"


def test_the_digest_tells_every_change_of_the_answers() -> None:
    who = Applicant("李明", "13800000126", "li@example.org")
    others = [
        rules.digest(Applicant("李明", "13800000127", "li@example.org"), {}),
        rules.digest(Applicant("李明1", "3800000126", "li@example.org"), {}),
        rules.digest(who, {"q_a": 1}),
        rules.digest(who, {"q_a": "1"}),
    ]
    assert len({rules.digest(who, {}), *others}) == 5
    assert rules.digest(who, {"a": 1, "b": 2}) == rules.digest(who, {"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("capacity", "taken", "waiting", "promoted"),
    [(5, 5, 3, 0), (6, 5, 3, 1), (9, 5, 3, 3), (None, 5, 3, 3), (5, 5, 0, 0), (4, 5, 3, 0)],
)
def test_those_who_wait_get_what_is_free_and_no_more(
    capacity: int | None, taken: int, waiting: int, promoted: int
) -> None:
    assert rules.to_promote(capacity, taken, waiting) == promoted


def test_addresses_are_shown_without_what_names_the_person() -> None:
    assert [rules.masked_email(text) for text in ("li.ming@example.org", "a@b", "", "nothing")] == [
        "l***@example.org",
        "a***@b",
        "",
        "",
    ]


def test_a_reason_is_one_line_of_what_can_be_seen() -> None:
    assert rules.reason(" 重复\r\n报名\x00\u202e ") == "重复 报名"
    for text in ("", " \u200b\n", "长" * 201):
        with pytest.raises(RuleBroken) as refused:
            rules.reason(text)
        assert refused.value.code == "registration.reason"


def test_only_keys_of_our_own_shape_are_taken() -> None:
    keys = ["A-_9" * 5, "short", "x" * 65, "with space in the middle", "中" * 20, "abcdefghijklmnop\n"]
    assert [rules.sound_key(key) for key in keys] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("account_id", "visitor", "named", "held"),
    [
        (None, Actor(), 7, True),  # filed without an account: the link is the key
        (None, Actor(), 8, False),
        (None, Actor(), None, False),
        (3, Actor(), 7, False),  # with one the link only names the thing
        (3, Actor(account_id=3, person_id=50), None, True),
        (3, Actor(account_id=4, person_id=50), 7, False),
        (3, Actor(account_id=4, person_id=21), None, True),  # somebody else filed it for this person
        (None, Actor(account_id=4, person_id=21), None, True),
    ],
)
def test_a_registration_is_of_who_filed_it_who_comes_and_who_has_its_link(
    account_id: int | None, visitor: Actor, named: int | None, held: bool
) -> None:
    row: Any = SimpleNamespace(id=7, account_id=account_id, person_id=21)
    assert rules.holds(row, visitor, named) is held
