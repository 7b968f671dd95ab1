"""Serving calendars before anything else: a WSGI layer below the server and above sessions, routing and pages.

What is found where is the library's; what a client asks for is read in ``negotiation``. A request that finds a matching
ETag does not even touch the bytes.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Engine

from ..accounts.rules import token_hash
from ..core.db import db
from . import increments
from .choices import MARK, PLAIN, Choice, split_path
from .increments import Known
from .library import Away, Found, Increment, Library
from .negotiation import INCREMENTS, is_unchanged, known_to_client, takes_gzip, wants_increments
from .rules import PERSONAL
from .shelf import Entry, Shelf, http_date
from .tokens import can_be_token

if TYPE_CHECKING:
    from config import Settings

PREFIX, SUFFIX = "/feeds/", ".ics"
LONGEST_PATH = 200
PUBLIC_CACHE = "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400"
PRIVATE_CACHE = "private, max-age=300"
METHODS = "GET, HEAD"
log = logging.getLogger("kexie.feeds")

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]


def install(app: Flask, settings: "Settings") -> None:
    """Put the layer around an app. Opens no connection."""
    shelf = app.extensions.setdefault("kexie_feed_shelf", Shelf(settings.redis_url))
    library = Library(lambda: _engine_of(app), shelf, ZoneInfo(settings.timezone))
    app.extensions["kexie_feed_library"] = library
    secure = settings.base_url.startswith("https://")
    layer = Feeds(app.wsgi_app, library, secure=secure, increments=settings.feed_increments)
    app.wsgi_app = layer  # type: ignore[method-assign]


def _engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


class Feeds:
    """Answers /feeds/….ics; everything else goes on to the application."""

    def __init__(
        self, application: WSGIApplication, library: Library, *, secure: bool, increments: bool = True
    ) -> None:
        self._application, self._library, self._increments = application, library, increments
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
        try:
            status, headers, body = self._answer(asked, environ, personal)
        except Exception:
            # Let through, it would be written down by the server, together with the address.
            log.exception("a calendar could not be served")
            status, headers, body = _FAILED
        if environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        start_response(status, [*headers, *self._always, *(_SECRET if personal else ())])
        return (body,) if body else ()

    def _answer(self, asked: str, environ: WSGIEnvironment, personal: bool) -> Answer:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            # Outlook and Apple probe for CalDAV with PROPFIND: a quick no.
            return _plain("405 Method Not Allowed", "", ("Allow", METHODS))
        named = _personal(asked) if personal else _public(asked)
        try:
            found = self._library.find(*named) if named else None
        except Away:
            return _AWAY
        if named is None or found is None:
            return _GONE if personal else _UNKNOWN
        path, choice = named
        if personal:
            self._library.note_fetch(path)
        name = _file_name("calendar" if personal else path + choice.suffix)
        if self._increments and wants_increments(environ):
            return self._increment(found, path, choice, environ, name)
        headers = [("Cache-Control", PRIVATE_CACHE if personal else PUBLIC_CACHE), ("Vary", "Accept-Encoding")]
        # The one line that is missing where increments are switched off.
        link = [("Link", _link("" if personal else asked))] if self._increments else []
        return _whole(found.shown, environ, headers, name, link)

    def _increment(self, found: Found, path: str, choice: Choice, environ: WSGIEnvironment, name: str) -> Answer:
        """To a client that prefers what changed. One that names no revision gets the whole; so does one whose revision
        nobody knows, but then the preference was not applied: what it has must go."""
        known = known_to_client(environ)
        if known is None:
            return _preferred(found.shown, found.base, environ, name, applied=True)
        if is_current(known, found, environ):
            return "304 Not Modified", _named(found.base, applied=True), b""
        increment = self._library.since(path, choice, known)
        if increment is None:
            return _preferred(found.shown, found.base, environ, name, applied=False)
        return _preferred(increment, increment.base, environ, name, applied=True)


_SECRET: Headers = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")]


def _hide_token(environ: WSGIEnvironment) -> None:
    # The server's access log prints these after the answer; the address of a personal feed is a secret.
    environ["PATH_INFO"] = PREFIX + PERSONAL
    for name in ("RAW_URI", "REQUEST_URI"):
        if name in environ:
            environ[name] = PREFIX + PERSONAL


def _public(asked: str) -> tuple[str, Choice] | None:
    """The feed's path and the choice; None for what can be none, before anything is asked or remembered."""
    if len(asked) > LONGEST_PATH:
        return None
    try:
        path = asked[len(PREFIX) : -len(SUFFIX)].encode("latin-1").decode()  # WSGI's spelling of UTF-8
    except UnicodeError:
        return None
    return split_path(path) if path.isprintable() else None


def _personal(asked: str) -> tuple[str, Choice] | None:
    """What is chosen for a personal feed stands in its row, and the worker applies it."""
    token = asked.removeprefix(PREFIX + PERSONAL).removesuffix(SUFFIX)
    return (PERSONAL + token_hash(token), PLAIN) if asked.endswith(SUFFIX) and can_be_token(token) else None


def _plain(status: str, text: str, *headers: tuple[str, str]) -> Answer:
    body = text.encode()
    return status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *headers], body


_UNKNOWN = _plain("404 Not Found", "没有这个日历。\n", ("Cache-Control", "public, max-age=60"))
_GONE = _plain("410 Gone", "这个订阅地址已停用。\n", ("Cache-Control", "public, max-age=86400"))
_LATER = (("Retry-After", "60"), ("Cache-Control", "no-store"))
_AWAY = _plain("503 Service Unavailable", "请稍后再试。\n", *_LATER)
_FAILED = _plain("500 Internal Server Error", "请稍后再试。\n", *_LATER)


# ---- whole calendars


def _whole(entry: Entry, environ: WSGIEnvironment, headers: Headers, name: str, link: Headers) -> Answer:
    squeezed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = entry.etag_gzip if squeezed else entry.etag
    headers = [("ETag", etag), ("Last-Modified", http_date(entry.modified)), *headers]
    if is_unchanged(entry.modified, etag, environ):
        return "304 Not Modified", headers, b""
    return _calendar(entry, squeezed, environ, [*headers, *link], name)


def _calendar(sent: Entry | Increment, squeezed: bool, environ: WSGIEnvironment, headers: Headers, name: str) -> Answer:
    body = sent.body_gzip if squeezed else sent.body
    # A subscribed address is shown in place; only our link to download says otherwise.
    kind = "attachment" if environ.get("QUERY_STRING") == "download=1" else "inline"
    headers = [
        *headers,
        ("Content-Type", "text/calendar; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Disposition", f"{kind}; {name}"),
    ]
    if squeezed:
        headers.append(("Content-Encoding", "gzip"))
    return "200 OK", headers, body


@lru_cache(maxsize=4096)  # of calendars that exist; whatever is asked for in vain does not come here
def _file_name(named: str) -> str:
    name = f"{named.replace('/', '-').replace(MARK, '-')}{SUFFIX}"
    plain = name if name.isascii() and '"' not in name and "\\" not in name else "calendar.ics"
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@lru_cache(maxsize=4096)
def _link(asked: str) -> str:
    """Where what changed is found: here. A secret is not repeated: "" is the address that was asked."""
    return f'<{quote(asked.encode("latin-1"), safe="/~")}>; rel="{INCREMENTS}"'


# ---- what changed


def is_current(known: Known, found: Found, environ: WSGIEnvironment) -> bool:
    """Whether the client has the newest: by its token, or by the ETag of a whole calendar that it once got."""
    base, shown = found.base, found.shown
    if (base.revision, increments.check(base.etag)) in known.revisions:
        return True
    by_tag = "HTTP_SYNC_TOKEN" not in environ and environ["HTTP_IF_NONE_MATCH"].strip() == "*"
    return by_tag or not known.etags.isdisjoint((shown.etag, shown.etag_gzip))


def _named(base: Entry, *, applied: bool) -> Headers:
    """Which revision the client has then. The ETag is weak, because the whole and what changed bear the same; what one
    client does not know is of no use to another, so no cache keeps it."""
    token = increments.token(base.revision, base.etag)
    return [
        ("ETag", f'W/"{token}"'),
        ("Sync-Token", f'"data:,{token}"'),
        *([("Preference-Applied", INCREMENTS)] if applied else []),
        ("Last-Modified", http_date(base.modified)),
        ("Cache-Control", "private, no-store"),
        ("Vary", "Accept-Encoding, Prefer, Sync-Token"),
    ]


def _preferred(sent: Entry | Increment, base: Entry, environ: WSGIEnvironment, name: str, *, applied: bool) -> Answer:
    squeezed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return _calendar(sent, squeezed, environ, _named(base, applied=applied), name)
