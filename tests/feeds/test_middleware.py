"""How feeds are served: before the application, from what is stored, with or without Redis."""

import gzip
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client, EnvironBuilder, TestResponse

from config import Settings
from kexie_events.core.db import db
from kexie_events.feeds import library, memory, queries, services, variants
from kexie_events.feeds import shelf as shelves
from kexie_events.feeds.choices import CHOICES, Choice, Contents
from kexie_events.feeds.library import Library
from kexie_events.feeds.memory import Marks, Recent
from kexie_events.feeds.middleware import Feeds
from kexie_events.feeds.models import Feed, Subscription
from kexie_events.feeds.services import publish_stale
from kexie_events.feeds.shelf import KEY, Entry, Shelf
from kexie_events.feeds.tokens import new_token
from tests.build import DAY, NOON, make_account, make_edition, make_occurrence, make_series

PUBLIC = "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def shelf(app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """It waits longer than in life, because a busy machine is no Redis that is away."""
    monkeypatch.setattr(shelves, "TIMEOUT_SECONDS", 10.0)
    found = Shelf(redis_url)
    app.extensions["kexie_feed_shelf"] = found
    yield found
    found.close()


def door(app: Flask, shelf: Shelf) -> Client:
    """A fresh layer in front of the application, as a new process would have it: nothing cached."""

    def beyond(environ: Any, start_response: Any) -> list[bytes]:
        start_response("299 Beyond", [])
        return [b"the application answered"]

    return Client(Feeds(beyond, Library(lambda: db.engine, shelf, SHANGHAI), secure=False), TestResponse)


@pytest.fixture
def visitor(app: Flask, shelf: Shelf) -> Client:
    make_occurrence(edition=make_edition(series=make_series(slug="forum")))
    publish_stale(now=NOON)
    return door(app, shelf)


# ---- what is answered


def test_a_feed_is_served_as_it_is_stored(visitor: Client) -> None:
    answer = visitor.get("/feeds/all.ics")
    stored = db.session.get(Feed, "all")
    assert answer.status_code == 200
    assert answer.data == stored.body
    assert dict(answer.headers) == {
        "Content-Type": "text/calendar; charset=utf-8", "Content-Length": str(len(stored.body)), "ETag": stored.etag,
        "Last-Modified": "Wed, 11 Mar 2026 04:00:00 GMT", "Cache-Control": PUBLIC, "Vary": "Accept-Encoding",
        "Content-Disposition": "inline; filename=\"all.ics\"; filename*=UTF-8''all.ics",
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
        "Link": '</feeds/all.ics>; rel="subscribe-enhanced-get"',
    }  # fmt: skip


def test_the_compressed_form_has_its_own_etag_and_unpacks_to_the_same(visitor: Client) -> None:
    plain, squeezed = visitor.get("/feeds/all.ics"), visitor.get("/feeds/all.ics", headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["ETag"].startswith('"')


def test_head_equals_get_without_the_body(visitor: Client) -> None:
    got, asked = visitor.get("/feeds/series/forum.ics"), visitor.head("/feeds/series/forum.ics")
    assert (asked.status_code, asked.data, dict(asked.headers)) == (200, b"", dict(got.headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "REPORT"])
@pytest.mark.parametrize("path", ["/feeds/all.ics", "/feeds/unknown.ics", "/feeds/p/whatever.ics"])
def test_only_reading_is_allowed(visitor: Client, method: str, path: str) -> None:
    answer = visitor.open(path, method=method)
    assert (answer.status_code, answer.headers["Allow"], answer.data) == (405, "GET, HEAD", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/unknown.ics", "/feeds/series/other.ics", "/feeds/editions/99.ics", "/feeds/.ics", "/feeds/../all.ics",
        "/feeds/series/" + "x" * 300 + ".ics", "/feeds/%00.ics", "/feeds/系列.ics", "/feeds/%ff%fe.ics",
        "/feeds/" + "x" * 10_000 + ".ics", "/feeds/all%00.ics", "/feeds/all%0d%0aX-Evil:1.ics",
        "/feeds/all%e2%80%a8.ics",
        "/feeds/all~.ics", "/feeds/all~all.ics", "/feeds/all~alarm-day~dates.ics", "/feeds/all~Dates.ics",
        "/feeds/other~dates.ics", "/feeds/~dates.ics", "/feeds/all~dates~dates.ics",
    ],
)  # fmt: skip
def test_an_unknown_feed_is_a_tiny_404(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.text) == (404, "没有这个日历。\n")
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "path", ["/", "/feeds", "/feeds/", "/feeds/all", "/subscribe", "/feeds.ics", "/x/feeds/all.ics"]
)
def test_everything_else_goes_on_to_the_application(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 299


def test_a_link_to_download_says_so_and_nothing_else_differs(visitor: Client) -> None:
    shown, saved = visitor.get("/feeds/series/forum.ics"), visitor.get("/feeds/series/forum.ics?download=1")
    assert (
        saved.headers["Content-Disposition"]
        == "attachment; filename=\"series-forum.ics\"; filename*=UTF-8''series-forum.ics"
    )
    assert saved.data == shown.data
    assert saved.headers["ETag"] == shown.headers["ETag"]


def test_a_feed_with_a_chinese_path_has_an_ascii_file_name_too(app: Flask, shelf: Shelf) -> None:
    make_series(slug="论坛")
    publish_stale(now=NOON)
    answer = door(app, shelf).get("/feeds/series/论坛.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=\"calendar.ics\"; filename*=UTF-8''series-%E8%AE%BA%E5%9D%9B.ics"
    )


def test_a_calendar_with_nothing_in_it_is_a_valid_answer(app: Flask, shelf: Shelf) -> None:
    publish_stale(now=NOON)
    answer = door(app, shelf).get("/feeds/all.ics")
    assert answer.status_code == 200
    assert b"BEGIN:VEVENT" not in answer.data


# ---- conditional requests


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_unchanged_feed_is_a_304_that_repeats_what_caches_need(visitor: Client, encoding: str) -> None:
    first = visitor.get("/feeds/all.ics", headers={"Accept-Encoding": encoding})
    for condition in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = visitor.get("/feeds/all.ics", headers={"Accept-Encoding": encoding, **condition})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
            assert again.headers[name] == first.headers[name]
        assert "Content-Type" not in again.headers
        assert "Content-Encoding" not in again.headers


def test_the_tag_of_one_encoding_is_not_the_tag_of_the_other(visitor: Client) -> None:
    plain = visitor.get("/feeds/all.ics").headers["ETag"]
    headers = {"Accept-Encoding": "gzip", "If-None-Match": plain}
    assert visitor.get("/feeds/all.ics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip;q=0", None), ("identity;q=0, gzip", "gzip"), ("identity;q=0", None), ("*", "gzip"), ("*;q=0", None),
        ("identity;q=0, gzip;q=0", None), ("gzip;q=0.2, identity;q=0.9", None), ("gzip, identity;q=0.5", "gzip"),
        ("\u20ac".encode().decode("latin-1"), None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_whatever_codings_are_asked_for_a_calendar_comes(visitor: Client, header: str, coding: str | None) -> None:
    answer = visitor.get("/feeds/all.ics", headers={"Accept-Encoding": header})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, coding)
    body = gzip.decompress(answer.data) if coding else answer.data
    assert body == visitor.get("/feeds/all.ics").data


# ---- variants

DEADLINES = Choice(contents=Contents.DEADLINES)


def test_a_variant_is_made_from_what_is_published(visitor: Client) -> None:
    base = visitor.get("/feeds/series/forum.ics")
    answer = visitor.get("/feeds/series/forum~deadlines.ics")
    assert answer.data == variants.apply(base.data, DEADLINES) != base.data
    assert answer.headers["ETag"] not in (base.headers["ETag"], "")
    assert answer.headers["Last-Modified"] == base.headers["Last-Modified"]
    assert 'filename="series-forum-deadlines.ics"' in answer.headers["Content-Disposition"]
    squeezed = visitor.get("/feeds/series/forum~deadlines.ics", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(squeezed.data) == answer.data
    assert squeezed.headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize("suffix", CHOICES)
def test_every_variant_answers_and_says_304_to_whoever_has_it(visitor: Client, suffix: str) -> None:
    for coding in ("", "gzip"):
        first = visitor.get(f"/feeds/all{suffix}.ics", headers={"Accept-Encoding": coding})
        condition = {"Accept-Encoding": coding, "If-None-Match": first.headers["ETag"]}
        again = visitor.get(f"/feeds/all{suffix}.ics", headers=condition)
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_equal_variants_of_equal_calendars_are_called_equal_in_every_process(
    visitor: Client, app: Flask, shelf: Shelf, redis_url: str
) -> None:
    first = visitor.get("/feeds/all~alarm-day.ics", headers={"Accept-Encoding": "gzip"})
    for key in ("variant:*", ":*"):
        with redis.Redis.from_url(redis_url) as connection:
            for name in connection.scan_iter(f"kexie:feed-{key}"):
                connection.delete(name)
    again = door(app, shelf).get("/feeds/all~alarm-day.ics", headers={"Accept-Encoding": "gzip"})
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])


def test_a_variant_is_made_once_for_all_processes_and_again_when_its_calendar_changes(
    visitor: Client, app: Flask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Choice] = []
    real = variants.apply

    def count(body: bytes, choice: Choice) -> bytes:
        if not choice.is_plain:  # the publisher's own
            made.append(choice)
        return real(body, choice)

    monkeypatch.setattr(variants, "apply", count)
    for client in (visitor, visitor, door(app, shelf)):
        assert client.get("/feeds/all~deadlines.ics").status_code == 200
    assert made == [DEADLINES]
    make_occurrence()
    publish_stale(now=NOON + DAY)
    assert door(app, shelf).get("/feeds/all~dates.ics").data.count(b"BEGIN:VEVENT") == 2
    assert made == [DEADLINES, Choice(contents=Contents.DATES)]


@pytest.mark.race
def test_many_who_ask_for_a_variant_at_once_let_it_be_made_once(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Choice] = []
    real = variants.apply

    def slowly(body: bytes, choice: Choice) -> bytes:
        made.append(choice)
        time.sleep(0.05)
        return real(body, choice)

    monkeypatch.setattr(variants, "apply", slowly)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: visitor.get("/feeds/all~dates.ics").data, range(16)))
    assert len(set(answers)) == len(made) == 1


def test_a_variant_needs_neither_redis_nor_the_database(
    visitor: Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.get("/feeds/all.ics")

    def refuse(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(Library, "_look_up", refuse)
    monkeypatch.setattr(shelf, "_rests_until", time.monotonic() + 600)
    monkeypatch.setattr(library.time, "monotonic", later(500))
    assert visitor.get("/feeds/all~dates.ics").status_code == 200


def test_what_no_process_wrote_under_a_variant_is_not_served(
    visitor: Client, app: Flask, shelf: Shelf, redis_url: str
) -> None:
    body = visitor.get("/feeds/all~dates.ics").data
    with redis.Redis.from_url(redis_url) as connection:
        (key,) = connection.scan_iter("kexie:feed-variant:*~dates")
        assert 0 < connection.ttl(key) <= 3600
        connection.set(key, b"what nobody wrote")
    assert door(app, shelf).get("/feeds/all~dates.ics").data == body


def test_a_flood_of_spellings_fills_no_cache(visitor: Client, redis_url: str) -> None:
    kept = visitor.application._library
    with redis.Redis.from_url(redis_url) as connection:
        connection.flushdb()
    for n in range(300):
        assert visitor.get(f"/feeds/all~dates~{n}.ics").status_code == 404
        assert visitor.get(f"/feeds/series/none{n}~dates.ics").status_code == 404
    assert list(kept._known) == []
    assert set(kept._absent) == {f"series/none{n}" for n in range(300)}
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.keys("kexie:feed*") == []


def test_a_personal_feed_has_no_variants_in_its_address(visitor: Client) -> None:
    token = token_of(make_account().id)
    assert visitor.get(f"/feeds/p/{token}~dates.ics").status_code == 410


# ---- changes come through


def test_a_change_is_served_by_a_process_that_knows_the_old_answer(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = visitor.get("/feeds/all.ics")
    make_occurrence()
    publish_stale(now=NOON + DAY)
    monkeypatch.setattr(library.time, "monotonic", later(library.FRESH_SECONDS))
    after = visitor.get("/feeds/all.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data.count(b"BEGIN:VEVENT") == 2
    assert parsedate_to_datetime(after.headers["Last-Modified"]) == NOON + DAY


def later(seconds: float) -> Callable[[], float]:
    real = time.monotonic
    return lambda: real() + seconds


@contextmanager
def sent_sql() -> Iterator[list[str]]:
    seen: list[str] = []
    listen: Callable[..., None] = lambda *given: seen.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(db.engine, "before_cursor_execute", listen)


def statements(visitor: Client, path: str) -> int:
    with sent_sql() as seen:
        visitor.get(path)
    return len(seen)


def test_redis_spares_the_database_and_the_process_spares_redis(app: Flask, shelf: Shelf, redis_url: str) -> None:
    publish_stale(now=NOON)
    fresh = door(app, shelf)
    assert statements(fresh, "/feeds/all.ics") == 0
    with redis.Redis.from_url(redis_url) as connection:
        connection.delete(f"{KEY}all")
    assert fresh.get("/feeds/all.ics").status_code == 200
    assert statements(door(app, shelf), "/feeds/all.ics") == 1
    assert statements(door(app, shelf), "/feeds/all.ics") == 0


def test_a_flushed_redis_is_filled_from_the_database(visitor: Client, app: Flask, shelf: Shelf, redis_url: str) -> None:
    body = visitor.get("/feeds/all.ics").data
    with redis.Redis.from_url(redis_url) as connection:
        connection.set(f"{KEY}all", b"what no publisher wrote")
    assert door(app, shelf).get("/feeds/all.ics").data == body


def test_what_the_worker_wrote_is_not_overwritten_by_a_slow_reader(shelf: Shelf) -> None:
    old = Entry(b"old", b"o", '"1"', '"2"', 1.0, 1)
    new = Entry(b"new", b"n", '"3"', '"4"', 2.0, 2)
    shelf.publish([("all", new)])
    shelf.fill("all", old)
    assert shelf.get("all") == new


def test_of_two_workers_the_slower_does_not_put_older_bytes_over_newer(shelf: Shelf, redis_url: str) -> None:
    old = Entry(b"old", b"o", '"1"', '"2"', 1773201600.0, 5)
    new = Entry(b"new", b"n", '"3"', '"4"', 1773201601.0, 6)
    shelf.publish([("all", new)])
    shelf.publish([("all", old), ("series/forum", old)])
    assert (shelf.get("all"), shelf.get("series/forum")) == (new, old)
    shelf.publish([("series/forum", new)])
    assert shelf.get("series/forum") == new
    with redis.Redis.from_url(redis_url) as connection:
        assert 0 < connection.ttl(f"{KEY}series/forum") <= shelves.KEPT_SECONDS
        for nonsense in (b"", b"no calendar", b"[1]\n", b"7\n", b'{"a": 1}\n'):
            connection.set(f"{KEY}all", nonsense)
            shelf.publish([("all", old)])
            assert shelf.get("all") == old


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", ""])
def test_without_redis_every_answer_is_right(app: Flask, url: str) -> None:
    away = Shelf(url)
    app.extensions["kexie_feed_shelf"] = away
    make_occurrence()
    publish_stale(now=NOON)
    fresh = door(app, away)
    first = fresh.get("/feeds/all.ics")
    assert first.status_code == 200
    assert first.data.count(b"BEGIN:VEVENT") == 1
    assert fresh.get("/feeds/all.ics", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert fresh.get("/feeds/unknown.ics").status_code == 404


def test_a_redis_that_fails_is_left_alone_for_a_while(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Shelf("redis://127.0.0.1:1/0")
    asked: list[str] = []
    real = away._redis.mget

    def mget(key: str, dead: str) -> Any:
        asked.append(key)
        return real(key, dead)

    monkeypatch.setattr(away._redis, "mget", mget)
    publish_stale(now=NOON)
    for path in ("all", "a", "b", "c"):
        away.get(path)
    assert asked == [f"{KEY}all"]


def test_a_database_that_is_away_leaves_the_last_answer_and_else_503(
    visitor: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = visitor.get("/feeds/all.ics").data

    def refuse(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(Library, "_look_up", refuse)
    monkeypatch.setattr(library.time, "monotonic", later(600))
    assert visitor.get("/feeds/all.ics").data == body
    unknown = visitor.get("/feeds/series/never-asked.ics")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "60")


@pytest.mark.race
def test_many_threads_that_publish_and_fetch_see_only_whole_feeds(app: Flask, shelf: Shelf) -> None:
    row = make_occurrence()
    publish_stale(now=NOON)
    fresh, wrong, done = door(app, shelf), [], threading.Event()

    def fetch() -> None:
        while not done.is_set():
            answer = fresh.get("/feeds/all.ics")
            if answer.status_code != 200 or answer.data.count(b"BEGIN:VEVENT") != 1:
                wrong.append(answer.status_code)

    readers = [threading.Thread(target=fetch) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(4):
        row.title = str(n)
        row.touch(NOON + timedelta(seconds=n))
        db.session.commit()
        publish_stale(now=NOON + timedelta(seconds=n))
    done.set()
    for reader in readers:
        reader.join(30)
    assert wrong == []


# ---- tokens


def token_of(account_id: int) -> str:
    return services.subscribe(account_id, "手机", now=NOON)


def test_a_personal_feed_is_private_and_tells_nobody(visitor: Client) -> None:
    token = token_of(make_account().id)
    answer = visitor.get(f"/feeds/p/{token}.ics")
    assert answer.status_code == 200
    headers = ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    assert [answer.headers[name] for name in headers] == ["private, max-age=300", "no-referrer", "noindex, nofollow"]
    assert "calendar.ics" in answer.headers["Content-Disposition"]
    assert token not in str(answer.headers)


def test_an_unknown_and_a_revoked_token_answer_the_same_tiny_410(visitor: Client) -> None:
    account = make_account()
    token = token_of(account.id)
    services.revoke(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    answers = [visitor.get(f"/feeds/p/{text}.ics") for text in (token, new_token(), "x", "A" * 32)]
    answers.append(visitor.get(f"/feeds/p/{token}"))
    assert {(answer.status_code, answer.text, str(answer.headers)) for answer in answers} == {
        (410, "这个订阅地址已停用。\n", str(answers[0].headers))
    }
    assert answers[0].headers["Cache-Control"] == "public, max-age=86400"


def test_a_revoked_token_that_a_process_still_knows_is_dead_within_moments(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    token = token_of(account.id)
    assert visitor.get(f"/feeds/p/{token}.ics").status_code == 200
    services.revoke(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    monkeypatch.setattr(library.time, "monotonic", later(library.FRESH_SECONDS))
    assert visitor.get(f"/feeds/p/{token}.ics").status_code == 410


def test_a_feed_that_is_built_while_it_is_revoked_stays_dead(visitor: Client) -> None:
    account = make_account()
    token = token_of(account.id)
    row = queries.subscriptions(account.id)[0]
    row.revoked_at = NOON  # the feed's bytes are still stored, as after a race with the worker
    db.session.commit()
    assert visitor.get(f"/feeds/p/{token}.ics").status_code == 410


def test_a_live_address_whose_calendar_is_still_to_be_made_is_not_called_dead(
    app: Flask, shelf: Shelf, visitor: Client
) -> None:
    account = make_account()
    path = f"/feeds/p/{token_of(account.id)}.ics"
    account.active = False
    db.session.commit()
    publish_stale(now=NOON)
    assert door(app, shelf).get(path).status_code == 410
    account.active = True
    db.session.commit()
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503, "60", "no-store",
    )  # fmt: skip
    publish_stale(now=NOON)
    assert visitor.get(path).status_code == 200


def test_the_token_is_never_logged(app: Flask, visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    token = token_of(make_account().id)
    caplog.set_level(0)
    for path in (f"/feeds/p/{token}.ics", f"/feeds/p/{token}", f"/feeds/p/{token}/x"):
        environ = EnvironBuilder(path, environ_overrides={"RAW_URI": path, "REQUEST_URI": path}).get_environ()
        list(app.wsgi_app(environ, lambda *_: None))
        # What the server's access log prints after the answer.
        assert (environ["RAW_URI"], environ["REQUEST_URI"], environ["PATH_INFO"]) == ("/feeds/p/",) * 3
    assert token[:6] not in caplog.text


def test_what_nobody_expected_is_a_500_that_does_not_write_the_secret_down(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Let through, the server would log the address with the error."""
    token = token_of(make_account().id)

    def fail(*_: Any) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(Library, "find", fail)
    answer = visitor.get(f"/feeds/p/{token}.ics")
    assert (answer.status_code, answer.text) == (500, "请稍后再试。\n")
    assert (answer.headers["Cache-Control"], answer.headers["Retry-After"]) == ("no-store", "60")
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "nobody expected this" in caplog.text
    assert token[:8] not in caplog.text


def test_the_day_of_the_last_fetch_is_written_once_a_day(visitor: Client, app: Flask, shelf: Shelf) -> None:
    account = make_account()
    token = token_of(account.id)
    visitor.get(f"/feeds/p/{token}.ics")
    db.session.expire_all()
    fetched = queries.subscriptions(account.id)[0].fetched_on
    assert fetched == datetime.now(SHANGHAI).date()
    assert statements(visitor, f"/feeds/p/{token}.ics") == 0


def test_made_up_tokens_never_reach_the_database(app: Flask, shelf: Shelf) -> None:
    fresh = door(app, shelf)
    with sent_sql() as seen:
        for n in range(20_000):
            assert fresh.application._answer(f"/feeds/p/{n:032d}.ics", {"REQUEST_METHOD": "GET"}, True)[0] == "410 Gone"
    assert seen == []
    assert len(fresh.application._library._dead) == 0


def test_unknown_tokens_reach_the_database_once_each_however_often_they_come(app: Flask, shelf: Shelf) -> None:
    """They pass the checksum, which anybody can compute who has read the source."""
    fresh = door(app, shelf)
    paths = [f"/feeds/p/{new_token()}.ics" for _ in range(500)]
    with sent_sql() as seen:
        for path in paths * 3:
            assert fresh.get(path).status_code == 410
    assert len(seen) == 500


def test_a_million_unknown_tokens_fill_no_memory() -> None:
    dead = Marks(library.DEAD_SECONDS)
    for n in range(1_000_000):
        dead.add(f"p/{n:015x}", 100.0)
    held = sum(sys.getsizeof(marks) + sum(map(sys.getsizeof, marks)) for marks in (dead._young, dead._old))
    assert memory.MOST_MARKS <= len(dead) <= 2 * memory.MOST_MARKS
    assert held < 8_000_000


def test_a_mark_holds_for_half_its_time_and_never_longer_than_all_of_it() -> None:
    marks, path = Marks(30), "p/" + "a" * 64
    marks.add(path, 100.0)
    assert [marks.holds(path, moment) for moment in (100.0, 115.0, 129.0)] == [True, True, True]
    assert [marks.holds(path, moment) for moment in (131.0, 146.0)] == [False, False]
    marks.add(path, 150.0)
    assert not marks.holds(path, 1_000.0)
    assert not marks.holds("p/" + "b" * 64, 150.0)


def test_a_flood_of_unknown_names_fills_no_memory(app: Flask, shelf: Shelf) -> None:
    fresh = door(app, shelf)
    kept = fresh.application._library
    for n in range(2 * library.MOST_NAMES):
        kept._remember(f"series/{n}", None, 1.0)
    assert len(kept._absent) == library.MOST_NAMES


def test_a_dead_token_is_asked_of_the_database_once(app: Flask, shelf: Shelf) -> None:
    fresh, token = door(app, shelf), new_token()
    assert [statements(fresh, f"/feeds/p/{token}.ics") for _ in range(3)] == [1, 0, 0]


def test_the_cache_of_a_process_is_bounded_by_bytes_and_keeps_the_newest() -> None:
    recent: Recent[bytes] = Recent(len, 10)
    for name, value in (("a", b"xxxx"), ("b", b"xxxx"), ("c", b"xxxx"), ("c", b"xx")):
        recent.keep(name, value)
    assert list(recent) == ["b", "c"]
    recent.keep("big", b"x" * 99)
    assert list(recent) == ["big"]


def test_the_application_itself_has_the_layer_in_front(app: Flask, settings: Settings) -> None:
    publish_stale(now=NOON)
    answer = app.test_client().get("/feeds/all.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Last-Modified"] == format_datetime(NOON, usegmt=True)
    assert db.session.query(Subscription).count() == 0


@pytest.mark.parametrize("end", [services.revoke, services.rotate])
def test_a_slow_hand_does_not_bring_a_dead_address_back(app: Flask, shelf: Shelf, end: Callable[..., object]) -> None:
    """Who read the feed before its end and puts it down after it: a reader, and the worker that has just built it."""
    account = make_account()
    path = f"/feeds/p/{services.subscribe(account.id, '手机', now=NOON)}.ics"
    slow = door(app, shelf)
    assert slow.get(path).status_code == 200
    kept = f"p/{db.session.scalars(select(Subscription.token_hash)).one()}"
    entry = shelf.get(kept)
    assert entry is not None
    end(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    shelf.fill(kept, entry)
    shelf.publish([(kept, entry)])
    assert door(app, shelf).get(path).status_code == 410


def test_a_rotated_address_is_taken_from_the_shelf_after_the_commit(
    app: Flask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    alive: list[int] = []

    def look(_path: str) -> None:
        with db.engine.connect() as other:  # sees what is committed
            query = select(func.count()).select_from(Subscription).where(Subscription.revoked_at.is_(None))
            alive.append(other.scalar(query) or 0)
            query = select(func.count()).select_from(Subscription)
            alive.append(other.scalar(query) or 0)

    monkeypatch.setattr(shelf, "bury", look)
    services.rotate(queries.subscriptions(account.id)[0].id, account.id, now=NOON)
    assert alive == [1, 2]
