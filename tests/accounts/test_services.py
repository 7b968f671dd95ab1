import pytest
from flask import Flask

from kexie_events.accounts import queries, rules, services
from kexie_events.core.access import SYSTEM, Actor, Granted, Role
from kexie_events.core.errors import RuleBroken
from tests.build import NOON, make_unit


def behind(token: str) -> Actor | None:
    return queries.signed_in_actor(rules.token_hash(token), NOON, NOON.date())


def test_a_wrong_name_and_a_wrong_password_answer_the_same(app: Flask) -> None:
    services.add_account("Li@Example.org", services.hash_password("correct horse"), "李明", actor=SYSTEM, now=NOON)
    codes = []
    for identifier, password in (("li@example.org", "wrong"), ("nobody@example.org", "correct horse")):
        with pytest.raises(RuleBroken) as refused:
            services.sign_in(identifier, password, now=NOON)
        codes.append((refused.value.code, refused.value.details))
    assert codes == [("account.wrong", {}), ("account.wrong", {})]


def test_signing_in_and_out(app: Flask) -> None:
    account = services.add_account(
        "li@example.org", services.hash_password("correct horse"), "李明", actor=SYSTEM, now=NOON
    )
    signed_in, token = services.sign_in(" LI@example.org ", "correct horse", now=NOON)
    assert signed_in.id == account.id
    assert behind(token) == Actor(account.id, account.person_id, "李明")
    services.sign_out(token)
    services.sign_out(token)
    assert behind(token) is None


def test_a_cookie_brings_the_grants_in_force_in_the_order_in_which_they_were_given(app: Flask) -> None:
    account = services.add_account(
        "li@example.org", services.hash_password("correct horse"), "李明", actor=SYSTEM, now=NOON
    )
    unit, today = make_unit(), NOON.date()
    services.grant(account.id, Role.ORGANIZER, unit_id=unit.id, valid_from=today, actor=SYSTEM, now=NOON)
    services.grant(account.id, Role.JUDGE, unit_id=unit.id, valid_to=today, actor=SYSTEM, now=NOON)
    services.grant(account.id, Role.MENTOR, unit_id=unit.id, actor=SYSTEM, now=NOON)
    _, token = services.sign_in("li@example.org", "correct horse", now=NOON)
    found = behind(token)
    assert found is not None
    assert found.grants == (Granted(Role.ORGANIZER, unit.path), Granted(Role.MENTOR, unit.path))
