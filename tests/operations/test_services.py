"""The sign of life and the daily tidying."""

import tomllib
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.core.db import db
from kexie_events.core.errors import Busy
from kexie_events.core.version import VERSION
from kexie_events.feeds.models import ONE_PUBLISHER
from kexie_events.feeds.services import increments
from kexie_events.imports.models import CalendarImport
from kexie_events.imports.rules import ImportState
from kexie_events.messages.rules import MessageState
from kexie_events.operations import services
from kexie_events.operations.models import Heartbeat
from tests.build import DAY, HOUR, NOON, make_edition, make_message


def test_the_version_is_the_one_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION


def beats() -> dict[str, object]:
    db.session.expire_all()
    return {row.name: row.beaten_at for row in db.session.query(Heartbeat)}


def test_a_beat_says_that_the_clock_works_and_which_worker_did_it(app: Flask) -> None:
    services.beat("one", now=NOON)
    services.beat("two", now=NOON + HOUR)
    assert beats() == {"beat": NOON + HOUR, "worker:one": NOON, "worker:two": NOON + HOUR}
    assert db.session.get_one(Heartbeat, "beat").details == {"machine": "two", "version": VERSION}


def test_a_beat_that_comes_late_does_not_turn_time_back(app: Flask) -> None:
    services.beat("one", now=NOON + HOUR)
    services.beat("one", now=NOON)
    assert beats() == {"beat": NOON + HOUR, "worker:one": NOON + HOUR}


def test_tidying_forgets_machines_that_are_gone_and_old_letters(app: Flask) -> None:
    services.beat("gone", now=NOON)
    services.beat("here", now=NOON + 91 * DAY)
    message = make_message(state=MessageState.SENT)
    assert services.tidy(now=NOON + 91 * DAY) == 2
    assert services.tidy(now=NOON + 91 * DAY) == 0
    assert sorted(beats()) == ["beat", "worker:here"]
    db.session.refresh(message)
    assert message.context == {}


@pytest.mark.race
def test_while_calendars_are_published_the_rest_is_tidied(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(increments, "PATIENCE", "50ms")
    services.beat("gone", now=NOON)
    message = make_message(state=MessageState.SENT)
    left = CalendarImport(edition_id=make_edition().id, state=ImportState.READ, asked_at=NOON)
    db.session.add(left)
    db.session.commit()
    with db.engine.connect() as publisher:
        publisher.execute(select(func.pg_advisory_xact_lock(ONE_PUBLISHER)))
        with pytest.raises(Busy):
            services.tidy(now=NOON + 91 * DAY)
    db.session.refresh(message)
    db.session.refresh(left)
    assert (message.context, left.state, sorted(beats())) == ({}, ImportState.DROPPED, ["beat"])
