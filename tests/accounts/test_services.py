import pytest
from flask import Flask

from kexie_events.accounts import services
from kexie_events.core.access import SYSTEM
from kexie_events.core.errors import RuleBroken
from tests.build import NOON


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
    from kexie_events.accounts.queries import signed_in_account

    assert signed_in_account(services.token_hash(token), NOON).id == account.id
    services.sign_out(token)
    services.sign_out(token)
    assert signed_in_account(services.token_hash(token), NOON) is None
