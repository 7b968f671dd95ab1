"""Serving calendars before anything else: a WSGI layer below the server and above sessions, routing and pages.

A small cache in this process stands over the shelf in Redis, and that over the database. A request that finds its feed
in the cache touches nothing else; one that finds a matching ETag does not even touch the bytes.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from ..accounts.rules import token_hash
from ..core import clock
from ..core.db import db
from .models import Feed, Subscription
from .rules import PERSONAL
from .shelf import Entry, Shelf, http_date
from .tokens import can_be_token

if TYPE_CHECKING:
    from config import Settings

PREFIX, SUFFIX = "/feeds/", ".ics"
FRESH_SECONDS = 1.0  # how long this process serves what it knows without asking
UNKNOWN_SECONDS = 1.0  # a feed may be published any moment
DEAD_SECONDS = 30.0  # a token that is unknown or revoked stays so
STALE_SECONDS = 3600.0  # how old an answer may be while the database is away
MOST_BYTES = 24 * 1024 * 1024
MOST_NAMES = 4096
LONGEST_PATH = 200
PUBLIC_CACHE = "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400"
PRIVATE_CACHE = "private, max-age=300"
METHODS = "GET, HEAD"
log = logging.getLogger("kexie.feeds")

Headers = list[tuple[str, str]]
V = TypeVar("V")


def install(app: Flask, settings: "Settings") -> None:
    """Put the layer around an app. Opens no connection."""
    shelf = app.extensions.setdefault("kexie_feed_shelf", Shelf(settings.redis_url))
    library = Library(lambda: _engine_of(app), shelf, ZoneInfo(settings.timezone))
    secure = settings.base_url.startswith("https://")
    app.wsgi_app = Feeds(app.wsgi_app, library, secure=secure)  # type: ignore[method-assign]


def _engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


class Recent(OrderedDict[str, V]):
    """A dictionary that forgets what was used longest ago. The caller holds the lock."""

    def __init__(self, weigh: Callable[[V], int], most: int) -> None:
        super().__init__()
        self._weigh, self._most, self._weight = weigh, most, 0

    def recall(self, key: str) -> V | None:
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: str, value: V) -> None:
        self.forget(key)
        self[key] = value
        self._weight += self._weigh(value)
        # The newest always stays, however big: otherwise each request would fetch it again.
        while self._weight > self._most and len(self) > 1:
            self._weight -= self._weigh(self.popitem(last=False)[1])

    def forget(self, key: str) -> None:
        if key in self:
            self._weight -= self._weigh(self.pop(key))


class Away(Exception):
    """The database does not answer, and nothing is known of the feed."""


class Library:
    """Finds the entry of a path: this process, then Redis, then the database."""

    def __init__(self, engine: Callable[[], Engine], shelf: Shelf, zone: ZoneInfo) -> None:
        self._engine, self._shelf, self._zone = engine, shelf, zone
        self._lock = threading.Lock()
        self._known: Recent[tuple[float, Entry]] = Recent(
            lambda kept: len(kept[1].body) + len(kept[1].body_gzip), MOST_BYTES
        )
        self._absent: Recent[float] = Recent(lambda _until: 1, MOST_NAMES)
        self._fetched: Recent[date] = Recent(lambda _day: 1, MOST_NAMES)

    def find(self, path: str) -> Entry | None:
        """The entry, or None when there is no such feed. Raises: Away."""
        moment = time.monotonic()
        with self._lock:
            kept = self._known.recall(path)
            if kept and moment < kept[0]:
                return kept[1]
            if moment < self._absent.get(path, 0.0):
                return None
        try:
            entry = self._look_up(path)
        except SQLAlchemyError as error:
            if kept and moment < kept[0] + STALE_SECONDS:
                return kept[1]
            raise Away() from error
        with self._lock:
            if entry is None:
                self._known.forget(path)
                self._absent.keep(path, moment + (DEAD_SECONDS if path.startswith(PERSONAL) else UNKNOWN_SECONDS))
            else:
                self._absent.forget(path)
                self._known.keep(path, (moment + FRESH_SECONDS, entry))
        return entry

    def _look_up(self, path: str) -> Entry | None:
        entry = self._shelf.get(path)
        if entry is None:
            entry = self._read(path)
            if entry is not None:
                self._shelf.fill(path, entry)
        return entry

    def _read(self, path: str) -> Entry | None:
        query = select(Feed.body, Feed.body_gzip, Feed.etag, Feed.etag_gzip, Feed.modified_at).where(Feed.path == path)
        if path.startswith(PERSONAL):
            # A feed that the worker builds while it is being revoked must not come back.
            query = query.join(Subscription, PERSONAL + Subscription.token_hash == Feed.path)
            query = query.where(Subscription.revoked_at.is_(None))
        with self._engine().connect() as connection:
            row = connection.execute(query).one_or_none()
        return Entry.of(*row) if row is not None else None

    def note_fetch(self, path: str) -> None:
        """Write down that a personal feed was fetched today: one small write a day, and never a reason to fail."""
        today = clock.now().astimezone(self._zone).date()
        with self._lock:
            if self._fetched.recall(path) == today:
                return
            self._fetched.keep(path, today)
        try:
            with self._engine().begin() as connection:
                connection.execute(
                    update(Subscription)
                    .where(Subscription.token_hash == path.removeprefix(PERSONAL))
                    .where(Subscription.fetched_on.is_distinct_from(today))
                    .values(fetched_on=today)
                )
        except SQLAlchemyError:
            log.warning("the day of a fetch could not be written down; the feed was served")


class Feeds:
    """Answers /feeds/….ics; everything else goes on to the application."""

    def __init__(self, application: WSGIApplication, library: Library, *, secure: bool) -> None:
        self._application, self._library = application, library
        self._always: Headers = [
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
            *([("Strict-Transport-Security", "max-age=31536000")] if secure else []),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked: str = environ.get("PATH_INFO", "")
        if not asked.startswith(PREFIX):
            return self._application(environ, start_response)
        personal = asked.startswith(PREFIX + PERSONAL)
        if personal:
            _hide_token(environ)
        elif not asked.endswith(SUFFIX):
            return self._application(environ, start_response)
        status, headers, body = self._answer(asked, environ, personal)
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        start_response(status, [*headers, *self._always, *(_SECRET if personal else ())])
        return (body,) if body else ()

    def _answer(self, asked: str, environ: WSGIEnvironment, personal: bool) -> tuple[str, Headers, bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            # Outlook and Apple probe for CalDAV with PROPFIND: a quick no.
            return _plain("405 Method Not Allowed", "", ("Allow", METHODS))
        path = _personal_path(asked) if personal else _public_path(asked)
        try:
            entry = self._library.find(path) if path else None
        except Away:
            return _plain(
                "503 Service Unavailable", "请稍后再试。\n", ("Retry-After", "60"), ("Cache-Control", "no-store")
            )
        if entry is None:
            return _GONE if personal else _UNKNOWN
        if personal:
            self._library.note_fetch(path)
        return _serve(entry, environ, personal, _file_name(path, personal))


_SECRET: Headers = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")]


def _hide_token(environ: WSGIEnvironment) -> None:
    # The server's access log prints these two after the answer; the address of a personal feed is a secret.
    environ["PATH_INFO"] = PREFIX + PERSONAL
    if "RAW_URI" in environ:
        environ["RAW_URI"] = PREFIX + PERSONAL
    if "REQUEST_URI" in environ:
        environ["REQUEST_URI"] = PREFIX + PERSONAL


def _public_path(asked: str) -> str:
    """The feed's path, or "" for what can be none."""
    if len(asked) > LONGEST_PATH:
        return ""
    try:
        path = asked[len(PREFIX) : -len(SUFFIX)].encode("latin-1").decode()  # WSGI's spelling of UTF-8
    except UnicodeError:
        return ""
    return path if path.isprintable() else ""


def _personal_path(asked: str) -> str:
    token = asked.removeprefix(PREFIX + PERSONAL).removesuffix(SUFFIX)
    return PERSONAL + token_hash(token) if asked.endswith(SUFFIX) and can_be_token(token) else ""


def _plain(status: str, text: str, *headers: tuple[str, str]) -> tuple[str, Headers, bytes]:
    body = text.encode()
    return status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *headers], body


_UNKNOWN = _plain("404 Not Found", "没有这个日历。\n", ("Cache-Control", "public, max-age=60"))
_GONE = _plain("410 Gone", "这个订阅地址已停用。\n", ("Cache-Control", "public, max-age=86400"))


def _serve(entry: Entry, environ: WSGIEnvironment, personal: bool, name: str) -> tuple[str, Headers, bytes]:
    squeezed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = entry.etag_gzip if squeezed else entry.etag
    headers: Headers = [
        ("ETag", etag),
        ("Last-Modified", http_date(entry.modified)),
        ("Cache-Control", PRIVATE_CACHE if personal else PUBLIC_CACHE),
        ("Vary", "Accept-Encoding"),
    ]
    if is_unchanged(entry.modified, etag, environ):
        return "304 Not Modified", headers, b""
    body = entry.body_gzip if squeezed else entry.body
    # A subscribed address is shown in place; only our link to download says otherwise.
    kind = "attachment" if environ.get("QUERY_STRING") == "download=1" else "inline"
    headers += [
        ("Content-Type", "text/calendar; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Disposition", f"{kind}; {name}"),
    ]
    if squeezed:
        headers.append(("Content-Encoding", "gzip"))
    return "200 OK", headers, body


def _file_name(path: str, personal: bool) -> str:
    name = "calendar.ics" if personal else f"{path.replace('/', '-')}{SUFFIX}"
    plain = name if name.isascii() and '"' not in name and "\\" not in name else "calendar.ics"
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip: ``gzip;q=0`` does not, ``*`` does unless gzip is named."""
    weights: dict[str, bool] = {}
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = _weight(weight) > 0
    named = [weights[coding] for coding in ("gzip", "x-gzip") if coding in weights]
    return any(named) if named else weights.get("*", False)


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def is_unchanged(modified: float, etag: str, environ: WSGIEnvironment) -> bool:
    """Whether the client has what we would send. If-None-Match first; only without it a date counts, and only if it is
    one: a server that answered 304 to any date froze every Apple subscriber.

    Source: docs/sources.md#conditional-requests
    """
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked is not None:
        return asked.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in asked.split(","))
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    return modified <= stamp
