"""Who somebody is."""

from flask import Flask

from kexie_events.accounts.queries import name_of
from tests.build import make_account


def test_an_account_is_called_like_its_person_and_nobody_is_called_nothing(app: Flask) -> None:
    make_account("王芳")
    assert name_of(make_account("李明").id) == "李明"
    assert name_of(None) == ""
    assert name_of(10**6) == ""
