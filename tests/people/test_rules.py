from datetime import date, timedelta

import pytest

from kexie_events.accounts import rules as account_rules
from kexie_events.accounts.rules import NO_PASSWORD, AccountState, account_state
from kexie_events.core.access import SYSTEM, Actor, Granted, Place, Role, gives_until, may_give
from kexie_events.core.errors import RuleBroken
from kexie_events.people import rules
from kexie_events.people.rules import LinkPurpose
from tests.build import NOON

CITY, NORTH = Place("/1/"), Place("/1/2/")
ORGANIZER = Actor(1, grants=(Granted(Role.ORGANIZER, unit_path="/1/2/"),))


@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        (Role.ORGANIZER, NORTH, True),
        (Role.ORGANIZER, Place("/1/2/7/"), True),
        (Role.MENTOR, Place("/1/2/7/"), True),
        (Role.JUDGE, Place("/1/2/", round_id=3), True),
        (Role.ORGANIZER, CITY, False),
        (Role.ORGANIZER, Place("/1/20/"), False),
        (Role.ADMINISTRATOR, Place(), False),
        (Role.ADMINISTRATOR, NORTH, False),
    ],
)
def test_an_organiser_gives_below_the_own_unit_what_they_hold_and_nothing_else(role, place, may) -> None:
    assert may_give(ORGANIZER, role, place) is may


def test_an_administrator_gives_every_role_and_a_mentor_none() -> None:
    assert all(may_give(SYSTEM, role, Place()) for role in Role)
    mentor = Actor(1, grants=(Granted(Role.MENTOR, unit_path="/1/"),))
    assert not any(may_give(mentor, role, NORTH) for role in Role)


def test_whoever_runs_an_edition_gives_it_to_others_but_not_the_unit() -> None:
    host = Actor(1, grants=(Granted(Role.ORGANIZER, edition_id=5),))
    assert may_give(host, Role.ORGANIZER, Place("/1/", series_id=2, edition_id=5))
    assert not may_give(host, Role.ORGANIZER, CITY)


def test_nobody_gives_a_role_for_longer_than_the_own_one_lasts() -> None:
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    for_a_while = Granted(Role.ORGANIZER, unit_path="/1/2/", valid_to=june)
    deputy = Actor(1, grants=(for_a_while,))
    ends = (date(2026, 5, 1), june, july, None)
    assert [may_give(deputy, Role.MENTOR, NORTH, end) for end in ends] == [True, True, False, False]
    assert may_give(deputy, Role.MENTOR, NORTH)
    assert gives_until(deputy, Role.MENTOR, NORTH) == june
    both = Actor(1, grants=(for_a_while, Granted(Role.ORGANIZER, unit_path="/1/")))
    assert may_give(both, Role.MENTOR, NORTH, None)
    assert gives_until(both, Role.MENTOR, NORTH) is None


def test_grants_that_differ_in_their_end_alone_share_what_is_built_for_them() -> None:
    ending = Granted(Role.ORGANIZER, unit_path="/1/", valid_to=date(2026, 6, 1))
    assert {ending} == {Granted(Role.ORGANIZER, unit_path="/1/")}


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "account.password_short"),
        ("ninechars", "account.password_short"),
        ("x" * 201, "account.password_long"),
        ("aaaaaaaaaaaa", "account.password_obvious"),
        ("1234567890", "account.password_obvious"),
        ("0987654321", "account.password_obvious"),
        ("qwertyuiop", "account.password_obvious"),
        ("ZhangHua2026", "account.password_obvious"),
    ],
)
def test_a_password_that_others_would_try_is_refused(password: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        account_rules.check_password(password, "zhanghua@example.org")
    assert refused.value.code == code


@pytest.mark.parametrize("password", ["correct horse", "我家阳台能看见嘉陵江", "zhanghua 的密码本在抽屉"])
def test_a_sentence_is_a_password(password: str) -> None:
    account_rules.check_password(password, "zhanghua@example.org")


@pytest.mark.parametrize("text", ["", "li", "li@demo", "li@@example.org", "li@example.org,x@y.org", "a b@example.org"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="account.email"):
        account_rules.email(text)


def test_an_address_is_kept_in_small_letters() -> None:
    assert account_rules.email("  Ｌi@Example.ORG ") == "li@example.org"


def test_the_state_of_an_account() -> None:
    assert account_state(active=True, password_hash=NO_PASSWORD) is AccountState.INVITED
    assert account_state(active=True, password_hash="$argon2id$") is AccountState.ACTIVE
    assert account_state(active=False, password_hash="$argon2id$") is AccountState.CLOSED


def test_a_link_opens_once_and_not_at_the_instant_it_expires() -> None:
    until = rules.expires_at(LinkPurpose.RESET, NOON)
    assert until == NOON + timedelta(hours=2)
    assert rules.usable(used_at=None, expires_at=until, now=until - timedelta(seconds=1))
    assert not rules.usable(used_at=None, expires_at=until, now=until)
    assert not rules.usable(used_at=NOON, expires_at=until, now=NOON)


def test_a_link_is_written_again_while_half_an_hour_is_left() -> None:
    assert rules.worth_another_letter(NOON + timedelta(minutes=30), NOON)
    assert not rules.worth_another_letter(NOON + timedelta(minutes=29), NOON)


def test_one_administrator_must_be_left() -> None:
    account_rules.check_administrators(1)
    with pytest.raises(RuleBroken, match="account.last_administrator"):
        account_rules.check_administrators(0)
