"""Alive, ready, figures: what a machine that watches is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text

from config import Settings
from kexie_events import create_app
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.core.version import VERSION
from kexie_events.messages.rules import MessageState
from kexie_events.operations import services
from kexie_events.registrations.rules import RegistrationState
from tests.build import make_message, make_occurrence, make_told_registration

SECOND = timedelta(seconds=1)
STEP = '''"""{revision}"""
revision = "{revision}"
down_revision = {before!r}
'''


@pytest.fixture
def three_migrations(app: Flask, tmp_path: Path) -> Iterator[None]:
    """A program with three migrations, and a database that says where it stands."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").touch()
    for revision, before in (("0001", None), ("0002", "0001"), ("0003", "0002")):
        (tmp_path / "versions" / f"{revision}.py").write_text(STEP.format(revision=revision, before=before))
    options = app.extensions["migrate"]
    before, options.directory = options.directory, str(tmp_path)
    yield
    options.directory = before
    db.session.rollback()
    db.session.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.session.commit()


def stamp(revision: str) -> None:
    db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)"))
    db.session.execute(text("DELETE FROM alembic_version"))
    db.session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    db.session.commit()


def parts(client: FlaskClient, status: int) -> dict[str, Any]:
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["ready"] is (status == 200)
    return dict(answer.json["parts"])


def test_alive_asks_nobody(client: FlaskClient) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    answer = client.get("/healthz")
    event.remove(db.engine, "before_cursor_execute", note)
    assert (answer.status_code, answer.json, statements) == (200, {"alive": True}, [])


@pytest.mark.usefixtures("three_migrations")
def test_ready_when_every_part_does_its_work(client: FlaskClient) -> None:
    stamp("0003")
    services.beat("here", now=clock.now())
    found = parts(client, 200)
    assert list(found) == ["beat", "broker", "database", "messages", "migrations"]
    assert all(part["ok"] for part in found.values())
    assert found["database"]["says"].startswith("PostgreSQL ")
    assert found["broker"]["says"].startswith("Redis ")
    assert found["migrations"]["says"] == "已是最新（0003）"
    assert found["messages"]["says"] == "没有积压，最久的等了 0 秒"


@pytest.mark.usefixtures("three_migrations")
@pytest.mark.parametrize(
    ("revision", "says"),
    [
        ("0002", "数据库还差 1 个迁移，请运行 flask db upgrade"),
        ("0001", "数据库还差 2 个迁移，请运行 flask db upgrade"),
        ("0009", "数据库比程序新（0009），请更新程序"),
        (None, "数据库还没有建表，请运行 flask db upgrade"),
    ],
)
def test_a_database_that_does_not_fit_the_program_is_not_ready_and_says_what_to_do(
    client: FlaskClient, revision: str | None, says: str
) -> None:
    if revision:
        stamp(revision)
    services.beat("here", now=clock.now())
    found = parts(client, 503)
    assert found.pop("migrations") == {"ok": False, "says": says}
    assert all(part["ok"] for part in found.values())


@pytest.mark.usefixtures("three_migrations")
def test_without_a_heartbeat_it_is_not_ready(client: FlaskClient) -> None:
    stamp("0003")
    assert parts(client, 503)["beat"] == {"ok": False, "says": "还没有收到过心跳，请启动 worker 和 beat"}
    services.beat("here", now=clock.now() - 100 * SECOND)
    assert parts(client, 503)["beat"]["says"].endswith("秒前，请检查 worker 和 beat 是否在运行")
    services.beat("here", now=clock.now() - 80 * SECOND)
    assert parts(client, 200)["beat"]["ok"] is True


@pytest.mark.usefixtures("three_migrations")
def test_messages_that_nobody_sends_make_it_unready(client: FlaskClient) -> None:
    stamp("0003")
    services.beat("here", now=clock.now())
    make_message(next_try_at=clock.now() - 290 * SECOND)
    assert parts(client, 200)["messages"]["ok"] is True
    make_message(next_try_at=clock.now() - 310 * SECOND)
    found = parts(client, 503)["messages"]
    assert found["ok"] is False
    assert found["says"].startswith("最早一封到期消息已等 31")


def test_without_a_database_it_is_alive_and_not_ready_and_no_password_is_told(settings: Settings) -> None:
    lost = create_app(
        Settings(**{**vars(settings), "database_url": "postgresql+psycopg://kexie:secret@127.0.0.1:1/kexie"})
    )
    client = lost.test_client()
    assert client.get("/healthz").status_code == 200
    found = parts(client, 503)
    assert found["database"]["ok"] is False
    assert found["migrations"] == {"ok": False, "says": "没有数据库，看不到"}
    assert found["broker"]["ok"] is True
    assert "secret" not in str(found)
    with lost.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("three_migrations")
def test_without_a_broker_it_is_not_ready(app: Flask, settings: Settings) -> None:
    stamp("0003")
    lost = create_app(Settings(**{**vars(settings), "redis_url": "redis://:secret@127.0.0.1:1/0"}))
    lost.extensions["migrate"].directory = app.extensions["migrate"].directory
    services.beat("here", now=clock.now())
    found = parts(lost.test_client(), 503)
    assert found.pop("broker")["ok"] is False
    assert all(part["ok"] for part in found.values())
    assert "secret" not in str(found)
    with lost.app_context():
        db.engine.dispose()


def figures(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_count_what_stands_in_the_tables(client: FlaskClient) -> None:
    now = clock.now()
    make_message(next_try_at=now - 40 * SECOND)
    for state in (MessageState.SENT, MessageState.SENT, MessageState.DEAD, MessageState.UNREACHABLE):
        make_message(state=state)
    occurrence = make_occurrence(starts_at=now + 3600 * SECOND)
    make_told_registration(occurrence)
    make_told_registration(occurrence, state=RegistrationState.WAITING)
    services.beat("here", now=now - 10 * SECOND)
    found = figures(client)
    assert 40 <= found.pop("kexie_message_oldest_due_seconds") < 45
    assert 10 <= found.pop("kexie_beat_age_seconds") < 15
    assert found.pop("kexie_feeds_due") == 0
    assert found.pop("kexie_feed_things_stale") == 1  # the occurrence: no worker has published it
    assert found == {
        f"kexie_build {VERSION}": 1,
        "kexie_messages due": 1,
        "kexie_messages sending": 0,
        "kexie_messages sent": 2,
        "kexie_messages dead": 1,
        "kexie_messages cancelled": 0,
        "kexie_messages unreachable": 1,
        "kexie_registrations confirmed": 1,
        "kexie_registrations waiting": 1,
        "kexie_registrations withdrawn": 0,
    }


def test_figures_of_an_empty_house_are_zero(client: FlaskClient) -> None:
    found = figures(client)
    assert found.pop(f"kexie_build {VERSION}") == 1
    assert "kexie_beat_age_seconds" not in found
    assert set(found.values()) == {0}
