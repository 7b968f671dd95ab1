"""A real PostgreSQL and a real Redis for every test run; each test starts with empty tables.

TEST_DATABASE_URL and TEST_REDIS_URL name servers to use; without them the run starts its own.
"""

import io
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import redis
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from config import Settings
from kexie_events import create_app, tables
from kexie_events.core.db import db

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECRET = "a secret of at least thirty-two characters for the tests"
CATALOGUE = Path(__file__).parents[1] / "kexie_events/translations/en/LC_MESSAGES/messages.po"
CLIENTS = 20  # as many as call at the same instant, at most
AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An address of a PostgreSQL server on which databases may be made."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    from kexie_events.standalone import postgres

    server = postgres.start(tmp_path_factory.mktemp("postgres"), durable=False)
    yield server.url.replace("postgresql+psycopg", "postgresql")
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    from kexie_events.standalone import redis_server

    server = redis_server.start(tmp_path_factory.mktemp("redis"), durable=False)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Iterator[Callable[[], str]]:
    """Make empty databases; they are dropped when the run ends."""
    made: list[str] = []

    def make() -> str:
        name = f"kexie_test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        made.append(name)
        head, _, _ = server_url.partition("?")
        tail = server_url[len(head) :]
        return f"{head.rsplit('/', 1)[0]}/{name}{tail}".replace("postgresql://", "postgresql+psycopg://")

    yield make
    with psycopg.connect(server_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def settings(new_database: Callable[[], str], redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("data")
    return Settings(
        database_url=new_database(), redis_url=redis_url, secret_key=SECRET, data=data,
        base_url="http://kexie.test", mail_url=f"file://{data / 'outbox'}", timezone="Asia/Shanghai",
        organization="重庆市科学技术协会",
        host="127.0.0.1", port=8000, web_concurrency=1,
    )  # fmt: skip


class Browser(FlaskClient):
    """A client whose requests each have an application context of their own, as they have in a server.

    Inside the context of the test, Flask would share ``g`` between them: who asks, the time, the language would stick.
    """

    def open(self, *args: Any, **values: Any) -> TestResponse:
        with self.application.app_context():
            response = super().open(*args, **values)
            response.get_data()  # a streamed answer is read while its context lives
            return response


@pytest.fixture(scope="session")
def whole_app(settings: Settings) -> Iterator[Flask]:
    """One app with all its tables for the run. Forms are tested without their CSRF token, which has its own test."""
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    with app.app_context():
        tables.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def redis_connection(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def app(whole_app: Flask, redis_connection: redis.Redis) -> Iterator[Flask]:
    """An application context over empty tables and an empty shelf: its time begins anew with each test."""
    with whole_app.app_context():
        _empty()
        for key in redis_connection.scan_iter("kexie:*"):
            redis_connection.delete(key)
        library = whole_app.extensions["kexie_feed_library"]
        library.__init__(library._engine, library._shelf, library._zone)  # it remembers no calendar of another test
        yield whole_app
        db.session.rollback()
        db.session.remove()


@pytest.fixture(scope="module")
def at_once(whole_app: Flask) -> Iterator[AtOnce]:
    """Call things at the same instant, each in a thread and an app context of its own; answers or errors, in order.

    Threads and connections are kept from round to round. Whoever holds a row's lock also waits for the interpreter,
    behind everybody who waits for the lock; short turns keep the rounds short and the order wild.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    with ThreadPoolExecutor(CLIENTS) as threads:

        def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
            gate = threading.Barrier(len(calls), timeout=30)

            def enter(call: Callable[[], Any]) -> Any:
                with whole_app.app_context():
                    gate.wait()
                    try:
                        return call()
                    except Exception as error:
                        return error

            return [future.result(60) for future in [threads.submit(enter, call) for call in calls]]

        yield run
    sys.setswitchinterval(before)


def _empty() -> None:
    names = ", ".join(f'"{table.name}"' for table in tables.metadata.sorted_tables)
    with db.engine.begin() as connection:
        # The append-only triggers would refuse; a replica session does not fire them.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The one Chromium of this process: playwright does not start twice in one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def as_user(app: Flask) -> Callable[[int], FlaskClient]:
    """A browser that is signed in to an account, without the cost of hashing a password."""
    from tests.build import sign_in

    def enter(account_id: int) -> FlaskClient:
        visitor = app.test_client()
        visitor.set_cookie("sign-in", sign_in(account_id))
        return visitor

    return enter


@pytest.fixture
def outbox(settings: Settings) -> Path:
    folder = settings.data / "outbox"
    folder.mkdir(exist_ok=True)
    for letter in folder.iterdir():
        letter.unlink()
    return folder


@pytest.fixture
def english_words(app: Flask) -> Iterator[None]:
    """The English catalogue as it stands, whether or not somebody has compiled it."""
    compiled = io.BytesIO()
    with CATALOGUE.open("rb") as source:
        write_mo(compiled, read_po(source, locale="en"))
    compiled.seek(0)
    cache = app.extensions["babel"].instance.domain_instance.cache
    before = dict(cache)
    cache["en", "messages"] = Translations(compiled)
    yield
    cache.clear()
    cache.update(before)
