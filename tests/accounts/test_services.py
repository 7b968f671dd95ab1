from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.accounts import queries, rules, services
from kexie_events.accounts.models import Account, Person
from kexie_events.core.access import SYSTEM, Actor, Granted, Role
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from tests.build import NOON, actor_of, make_unit
from tests.conftest import AtOnce


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
    end = today + timedelta(days=9)
    services.grant(account.id, Role.MENTOR, unit_id=unit.id, valid_to=end, actor=SYSTEM, now=NOON)
    _, token = services.sign_in("li@example.org", "correct horse", now=NOON)
    found = behind(token)
    assert found is not None
    assert found.grants == (Granted(Role.ORGANIZER, unit.path, on=today), Granted(Role.MENTOR, unit.path, on=today))
    assert [granted.valid_to for granted in found.grants] == [None, end]


@pytest.mark.race
def test_of_two_who_open_an_account_for_one_address_at_once_one_does_and_the_others_are_told(
    app: Flask, at_once: AtOnce
) -> None:
    answers = at_once(
        [
            lambda n=n: services.add_account("Li@Example.org", "", ("李明", "李鸣")[n % 2], actor=SYSTEM, now=NOON).id
            for n in range(6)
        ]
    )
    told = [(answer.code, answer.details) for answer in answers if isinstance(answer, RuleBroken)]
    assert told == [("account.taken", {"identifier": "li@example.org"})] * 5
    accounts = db.session.scalars(select(Account)).all()
    assert [account.id for account in accounts] == [answer for answer in answers if isinstance(answer, int)]
    assert [person.id for person in db.session.scalars(select(Person))] == [accounts[0].person_id]


@pytest.mark.race
def test_an_account_and_a_registration_of_one_person_at_once_are_of_the_same_person(
    app: Flask, at_once: AtOnce
) -> None:
    at_once(
        [
            lambda: services.add_account("li@example.org", "", "李明", actor=SYSTEM, now=NOON).person_id,
            *[lambda: services.find_or_add_person("李明", email="li@example.org", now=NOON)] * 5,
        ]
    )
    assert len(db.session.scalars(select(Person)).all()) == 1
    assert len(db.session.scalars(select(Account)).all()) == 1


@pytest.mark.race
def test_of_two_who_take_the_same_name_at_one_address_at_once_one_gets_it(app: Flask, at_once: AtOnce) -> None:
    key = {"phone": "13800138000", "now": NOON}
    ids = []
    for n, name in enumerate(("甲", "乙", "丙")):
        account = services.add_account(f"p{n}@example.org", "", name, actor=SYSTEM, now=NOON)
        account.person_id = services.find_or_add_person(name, **key)
        db.session.commit()
        ids.append(account.id)
    answers = at_once(
        [lambda id=id: services.change_person(id, name="李明", unit_id=None, actor=SYSTEM, now=NOON) for id in ids]
    )
    assert sorted(getattr(answer, "code", "changed") for answer in answers) == [
        "account.same_person", "account.same_person", "changed",
    ]  # fmt: skip


def test_a_password_that_is_changed_while_a_sign_in_is_under_way_lets_nobody_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = services.add_account(
        "li@example.org", services.hash_password("the old phrase"), "李明", actor=SYSTEM, now=NOON
    )
    verify = services._verify

    def slowly(password_hash: str, password: str) -> bool:
        known = verify(password_hash, password)
        services.set_password(account.id, services.hash_password("the new phrase"), actor=SYSTEM, now=NOON)
        return known

    monkeypatch.setattr(services, "_verify", slowly)
    with pytest.raises(RuleBroken, match="account.wrong"):
        services.sign_in("li@example.org", "the old phrase", now=NOON)
    assert queries.sign_ins_of(account.id, NOON) == []
    with pytest.raises(RuleBroken, match="account.password_wrong"):
        services.change_password("the new phrase", "an attacker chose this", keep="", actor=actor_of(account), now=NOON)
    monkeypatch.undo()
    services.sign_in("li@example.org", "the new phrase", now=NOON)
