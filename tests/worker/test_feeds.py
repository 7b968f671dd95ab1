"""Calendars under load, from a real gunicorn, while a real worker publishes and Redis is emptied, stopped, started."""

import gzip
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection

import pytest
import redis
from sqlalchemy import select

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.feeds import services
from kexie_events.feeds.models import FeedRevision
from kexie_events.feeds.shelf import etag_of
from kexie_events.standalone import redis_server
from tests.build import DAY, make_account, make_edition, make_occurrence, make_series
from tests.feeds.calendars import personal_path, register
from tests.feeds.test_increments import replay, whole

from .conftest import House, await_until

pytestmark = pytest.mark.processes

TITLE = re.compile("第([0-9]+)版".encode())
Ask = Callable[["Readers", HTTPConnection, str, str], None]


@dataclass
class Readers:
    """Clients that ask for one address each, again and again, as calendars do."""

    port: int
    done: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)
    seen: dict[str, set[tuple[str, int]]] = field(default_factory=dict)  # path → ETag and version
    newest: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, name: str, path: str, ask: Ask) -> None:
        self.seen[name], self.newest[name] = set(), -1
        thread = threading.Thread(target=self._run, args=(name, path, ask))
        self.threads.append(thread)
        thread.start()

    def _run(self, name: str, path: str, ask: Ask) -> None:
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
                ask(self, line, name, path)
        except Exception as error:
            self.wrong.append(f"{name}: {error!r}")

    def get(self, line: HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        content = answer.read()
        self.answers += 1
        fields = {name.lower(): value for name, value in answer.getheaders()}
        if answer.status not in (200, 304):
            self.wrong.append(f"{path[:12]}… answered {answer.status}")
        return answer.status, fields, content

    def note(self, name: str, etag: str, body: bytes) -> None:
        found = TITLE.search(body)
        assert found is not None, body
        self.newest[name] = int(found[1])
        self.seen[name].add((etag, int(found[1])))

    def end(self) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join(30)


def wholly(readers: Readers, line: HTTPConnection, name: str, path: str) -> None:
    """A client that keeps the ETag; in turns it takes gzip."""
    etags = {"": "", "gzip": ""}
    while not readers.done.is_set():
        for coding in etags:
            status, fields, content = readers.get(
                line, path, {"Accept-Encoding": coding, **({"If-None-Match": etags[coding]} if etags[coding] else {})}
            )
            if status == 200:
                assert fields["etag"] == etag_of(content)
                etags[coding] = fields["etag"]
                readers.note(name, fields["etag"], gzip.decompress(content) if coding else content)
        time.sleep(0.01)


def by_increments(readers: Readers, line: HTTPConnection, name: str, path: str) -> None:
    """A client that asks for what changed; when the whole is of the same revision, it holds the same."""
    token, held = "", {}
    while not readers.done.is_set():
        known = {"Sync-Token": token} if token else {}
        status, fields, content = readers.get(line, path, {"Prefer": "subscribe-enhanced-get", **known})
        if status == 200:
            applied = "preference-applied" in fields and token
            held, token = replay(held, content) if applied else whole(content), fields["sync-token"]
            readers.note(name, "", b"".join(held.values()))
        _, fields, content = readers.get(line, path, {})
        if fields["etag"][1:9] == token[-9:-1]:
            assert held == whole(content)
        time.sleep(0.01)


def test_every_answer_is_right_while_redis_is_emptied_stopped_and_started(house: House) -> None:
    with house.app.app_context():
        row = make_occurrence(
            edition=make_edition(series=make_series(slug="forum")), starts_at=clock.now() + 3 * DAY, title="第0版"
        ).id
        account = make_account()
        register(account, db.session.get_one(Occurrence, row))
        token = services.subscribe(account.id, "手机", now=clock.now())
        services.publish_stale(now=clock.now())
    house.beat()
    house.worker()
    readers = Readers(house.web())
    stored = {"all": "all", "series": "series/forum", "mine": personal_path(token)}
    for name, path in (
        ("all", "/feeds/all.ics"),
        ("series", "/feeds/series/forum.ics"),
        ("mine", f"/feeds/p/{token}.ics"),
        ("chosen", "/feeds/series/forum~dates~alarm-day.ics"),
    ):
        readers.start(name, path, wholly)
    readers.start("followed", "/feeds/all.ics", by_increments)
    await_until(lambda: all(version == 0 for version in readers.newest.values()))

    versions = iter(range(1, 100))

    def publish(*, times: int = 3) -> int:
        for _ in range(times):
            version = next(versions)
            with house.app.app_context():
                found = db.session.get_one(Occurrence, row)
                found.title = f"第{version}版"
                found.touch(clock.now())
                db.session.commit()
            time.sleep(0.3)
        return version

    def arrives(version: int) -> None:
        await_until(lambda: all(newest == version for newest in readers.newest.values()) or readers.wrong, seconds=60)

    try:
        arrives(publish())
        with redis.Redis.from_url(house.settings.redis_url) as connection:
            connection.flushall()
            arrives(publish())
            connection.flushall()
        port = int(house.settings.redis_url.rpartition(":")[2].partition("/")[0])
        house.redis.stop()
        version = publish()
        with house.app.app_context():  # what a worker does that has its tick already
            services.publish_stale(now=clock.now())
        arrives(version)
        house.redis = redis_server.start(house.settings.data, durable=False, port=port)
        arrives(publish())
    finally:
        readers.end()
    assert readers.wrong == []
    assert readers.answers > 500
    with house.app.app_context():
        for name, path in stored.items():
            published = select(FeedRevision.etag, FeedRevision.etag_gzip).where(FeedRevision.path == path)
            etags = {etag for both in db.session.execute(published) for etag in both}
            assert {etag for etag, _ in readers.seen[name]} <= etags
    # The access log is on, and says neither the secret nor what leads to it.
    log = house.log("web")
    assert log.count("GET /feeds/all.ics") > 100
    assert log.count("GET /feeds/p/ ") > 100
    assert token not in log
    assert token[:8] not in log + house.log("worker")
    assert "Traceback" not in log
