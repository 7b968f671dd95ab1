import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import StatementError, TimeoutError

from kexie_events.core.db import db, lock, transaction
from kexie_events.core.errors import Busy, DatabaseBehind, NotFound
from kexie_events.feeds import queries as subscriptions
from kexie_events.messages.models import Message
from kexie_events.units.models import Unit
from tests.build import NOON, make_message, make_person, make_unit


def units() -> int:
    return db.session.scalar(select(func.count()).select_from(Unit))


def test_a_service_inside_a_service_is_undone_with_it(app: Flask) -> None:
    def inner() -> None:
        with transaction() as session:
            session.add(Unit(slug="x", name="甲", kind="association", path="/x/"))

    def outer() -> None:
        with transaction():
            inner()
            assert units() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        outer()
    assert units() == 0


def test_the_outermost_transaction_commits_once(app: Flask) -> None:
    make_unit()
    with transaction() as session:
        with transaction():
            make = session.scalar(select(Unit))
            make.name = "新名字"
        assert session.in_transaction()
    db.session.rollback()
    assert db.session.scalar(select(Unit.name)) == "新名字"


def test_a_naive_time_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        make_person(created_at=datetime(2026, 3, 11))  # noqa: DTZ001
    db.session.rollback()


def test_times_come_back_in_utc_and_text_composed_without_nul(app: Flask) -> None:
    person = make_person("e\u0301\x00toile", created_at=NOON)
    db.session.expire_all()
    assert (person.name, person.created_at) == ("étoile", NOON)


def test_a_missing_row_cannot_be_locked(app: Flask) -> None:
    with pytest.raises(NotFound), transaction():
        lock(Unit, 12345)


@pytest.mark.race
def test_who_waits_too_long_for_a_row_is_told_to_come_again(app: Flask) -> None:
    unit_id = make_unit().id
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with app.app_context(), transaction():
            lock(Unit, unit_id)
            held.set()
            done.wait(10)

    def hurry(unit_id: int) -> None:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            lock(Unit, unit_id)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        with pytest.raises(Busy) as refused:
            hurry(unit_id)
        assert refused.value.details == {"retry_after_seconds": 2}
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize(
    "moment",
    [datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")), datetime(9999, 12, 31, 23, tzinfo=ZoneInfo("America/Lima"))],
)
def test_an_instant_that_could_not_be_read_again_is_refused(app: Flask, moment: datetime) -> None:
    with pytest.raises(StatementError, match="cannot be said in UTC"):
        make_person(created_at=moment)
    db.session.rollback()


def test_no_zero_byte_reaches_a_json_value(app: Flask) -> None:
    message = make_message(context={"a\x00b": ["c\x00", {"d": "e\x00f"}], "n": 1})
    db.session.expire_all()
    assert db.session.get_one(Message, message.id).context == {"ab": ["c", {"d": "ef"}], "n": 1}


@pytest.mark.parametrize("statement", ["SELECT no_such_column FROM unit", "SELECT 1 FROM no_such_table"])
def test_a_database_that_lacks_something_is_behind(app: Flask, statement: str) -> None:
    with pytest.raises(DatabaseBehind, match="run `flask db upgrade`"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_page_on_a_database_that_is_behind_says_so_and_the_log_says_what_to_run(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "coming", lambda *_: db.session.execute(text("SELECT 1 FROM no_such_table")))
    answer = client.get("/subscribe")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "程序刚更新，数据库还没有跟上" in answer.text
    assert "no_such_table" in caplog.text
    assert "run `flask db upgrade`" in caplog.text


def test_when_no_connection_is_free_in_time_the_answer_is_503(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise TimeoutError("QueuePool limit of size 8 overflow 8 reached")

    monkeypatch.setattr(subscriptions, "coming", full)
    answer = client.get("/subscribe")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
