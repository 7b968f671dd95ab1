"""A refusal stands at the field that is to blame; each room says which field that is."""

import importlib
import inspect
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import StringField

from kexie_events.core import forms
from kexie_events.core.errors import RuleBroken
from kexie_events.sentences import SENTENCES

PACKAGE = Path(__file__).parents[2] / "kexie_events"
FORMS = [
    path.parent.relative_to(PACKAGE).as_posix().removesuffix("/forms").replace("/", ".")
    for path in (*PACKAGE.rglob("forms.py"), *PACKAGE.rglob("forms/__init__.py"))
]
REFUSING = sorted(
    room
    for room in FORMS
    if room != "core" and hasattr(importlib.import_module(f"kexie_events.{room}.forms"), "refuse")
)


class Place(forms.RevisionMixin, FlaskForm):
    name = StringField("名称")
    on = StringField("日期")


def _refused(app: Flask, code: str, fields: dict[str, str]) -> Place:
    with app.test_request_context("/"):
        form = Place()
        forms.refuse(form, RuleBroken(code, most=60), fields=fields)
        return form


def test_a_refusal_stands_at_the_first_named_field_that_the_form_has(app: Flask) -> None:
    form = _refused(app, "unit.name", {"unit.name": "title name on"})
    assert form.name.errors == ["请填写单位名称，最多 60 个字。"]
    assert (list(form.on.errors), form.form_errors) == ([], [])


@pytest.mark.parametrize("fields", [{}, {"unit.name": "title"}, {"unit.slug": "name"}])
def test_a_refusal_that_no_field_is_to_blame_for_stands_at_the_head(app: Flask, fields: dict[str, str]) -> None:
    form = _refused(app, "unit.name", fields)
    assert form.form_errors == ["请填写单位名称，最多 60 个字。"]
    assert list(form.name.errors) == []


@pytest.mark.parametrize(("sent", "expected"), [("3", 3), ("", -1), ("x", -1), ("-3", -1)])
def test_the_revision_that_stood_on_the_page_is_a_number_or_matches_none(app: Flask, sent: str, expected: int) -> None:
    with app.test_request_context("/", method="POST", data={"revision": sent}):
        assert Place().expected_revision == expected


@pytest.mark.parametrize("room", REFUSING)
def test_a_room_blames_fields_that_its_forms_have_for_codes_that_exist(app: Flask, room: str) -> None:
    module = importlib.import_module(f"kexie_events.{room}.forms")
    assert isinstance(module.refuse, partial)
    fields = module.refuse.keywords["fields"]
    # The form of a new password stands with the accounts, also where people use it.
    modules = [module, importlib.import_module("kexie_events.accounts.forms")]
    known = {
        name
        for each in modules
        for _, form in inspect.getmembers(each, lambda value: inspect.isclass(value) and issubclass(value, FlaskForm))
        for name, field in inspect.getmembers(form)
        if hasattr(field, "field_class")
    }
    assert set(fields) - set(SENTENCES) == set()
    assert {name for names in fields.values() for name in names.split()} - known == set()


def test_words_come_to_a_form_through_one_door() -> None:
    doors = [path for path in PACKAGE.rglob("*.py") if "form_errors" in path.read_text()]
    assert doors == [PACKAGE / "core/forms.py"]


def test_the_rooms_that_refuse_are_seen() -> None:
    assert set(REFUSING) == {
        "accounts", "agenda", "days", "entries", "events", "events.hosting", "feeds", "imports", "judging", "people",
        "registrations", "sites", "worklist",
    }  # fmt: skip
