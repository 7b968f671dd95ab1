"""Fetching a calendar from an address that a person typed, so that it can be sent nowhere but there.

The name is resolved once; every address that it has must be public, and one of those is connected to, not the name. No
redirect is followed, no cookie or password sent. Size, time and what a packed answer unpacks to are bounded. What may
be reached is an argument, for tests that run a server of their own; no setting changes it.
Source: docs/sources.md#calendar-fetching
"""

import contextlib
import http.client
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..core.errors import RuleBroken
from ..core.version import VERSION
from . import addresses
from .addresses import Address
from .rules import MOST_BYTES

SECONDS = 20.0  # for all of it
STEP_SECONDS = 8.0  # for one answer of the other side
_CHUNK = 65_536
_OK, _SAME = 200, 304
_REASONS = {401: "import.locked", 403: "import.locked", 404: "import.gone", 410: "import.gone"}

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Fetched:
    """An answer. ``content`` None: nothing changed since the one that ``etag`` and ``last_modified`` name."""

    content: bytes | None
    etag: str
    last_modified: str


@dataclass(frozen=True)
class Limits:
    """What is allowed; the defaults are the law."""

    reachable: Callable[[str], bool] = addresses.is_public
    resolve: Resolve | None = None
    ports: Mapping[int, int] | None = None  # for a server of a test: instead of a port this one
    seconds: float = SECONDS


def fetch(address: str, *, etag: str = "", last_modified: str = "", limits: Limits | None = None) -> Fetched:
    """Raises: RuleBroken("import.…") that says what happened, in words for whoever typed the address."""
    limits = limits or Limits()
    target = addresses.checked(address)
    port = (limits.ports or {}).get(target.port, target.port)
    with _watched(limits.seconds) as watch:
        found = _checked(target, port, limits)
        connection = _connected(target, found, port, watch)
        with contextlib.closing(connection):
            return _answer(connection, target, etag, last_modified, watch)


def resolved(host: str, port: int) -> Sequence[str]:
    """Every IP address of a name, in the order of the resolver."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _checked(target: Address, port: int, limits: Limits) -> Sequence[str]:
    """The addresses of a host, all of them checked.

    Raises: RuleBroken("import.no_host" | "import.slow" | "import.not_public").
    """
    try:
        found = _asked(target.host.strip("[]"), port, limits)
    except TimeoutError:
        raise RuleBroken("import.slow", host=target.host) from None
    except (OSError, UnicodeError):
        raise RuleBroken("import.no_host", host=target.host) from None
    if not found:
        raise RuleBroken("import.no_host", host=target.host)
    if not all(limits.reachable(address) for address in found):
        raise RuleBroken("import.not_public", host=target.host)
    return found


def _asked(host: str, port: int, limits: Limits) -> Sequence[str]:
    """What the resolver says, in time. It knows no timeout, so it is asked in a thread; one that nobody waits for any
    more ends when the resolver gives up. Raises: TimeoutError, OSError, UnicodeError."""
    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result((limits.resolve or resolved)(host, port))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return answer.result(timeout=min(STEP_SECONDS, limits.seconds))


# ---- the connection


class _Watch:
    """Cuts a connection that takes too long, wherever it waits: headers that drip byte by byte too."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.late = False

    def cut(self) -> None:
        self.late = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                # Not of the wrapped one, which would forget its keys while another thread reads.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


@contextmanager
def _watched(seconds: float) -> Iterator[_Watch]:
    watch = _Watch()
    timer = threading.Timer(seconds, watch.cut)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked; the name only goes into the request and the certificate."""

    def __init__(self, target: Address, found: Sequence[str], port: int, watch: _Watch) -> None:
        super().__init__(target.host.strip("[]"), port, timeout=STEP_SECONDS)
        self._target, self._found, self._watch = target, found, watch

    def connect(self) -> None:
        made: Any = self._reach()
        try:
            if self._target.scheme == "https":
                name = self._target.host.strip("[]")
                made = ssl.create_default_context().wrap_socket(
                    made, server_hostname=name, do_handshake_on_connect=False
                )
            self._watch.socket = made  # from here on the watch can cut it: the handshake too
            if self._watch.late:
                raise TimeoutError
            if isinstance(made, ssl.SSLSocket):
                made.do_handshake()
        except BaseException:
            made.close()
            raise
        self.sock = made

    def _reach(self) -> socket.socket:
        failed: OSError = OSError("no address")
        for address in self._found[:3]:
            try:
                made = socket.create_connection((address, self.port), timeout=STEP_SECONDS)
            except OSError as error:
                failed = error
                continue
            if made.getpeername()[0].partition("%")[0] == address.partition("%")[0]:
                return made
            made.close()
        raise failed


def _connected(target: Address, found: Sequence[str], port: int, watch: _Watch) -> _Pinned:
    connection = _Pinned(target, found, port, watch)
    with _said(target, watch):
        connection.connect()
    return connection


@contextmanager
def _said(target: Address, watch: _Watch) -> Iterator[None]:
    """Talk to the other side inside; what goes wrong is said in words for people."""
    try:
        yield
    except RuleBroken:
        raise
    except ssl.SSLError as error:
        code = "import.slow" if watch.late else "import.certificate"
        raise RuleBroken(code, host=target.host) from error
    except (TimeoutError, http.client.HTTPException, OSError, ValueError) as error:
        late = watch.late or isinstance(error, TimeoutError)
        raise RuleBroken("import.slow" if late else "import.unreachable", host=target.host) from error


def _answer(connection: _Pinned, target: Address, etag: str, last_modified: str, watch: _Watch) -> Fetched:
    headers = {
        "Host": target.host,
        "User-Agent": f"kexie-events/{VERSION} (calendar import)",
        "Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1",
        "Accept-Encoding": "gzip, identity",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    with _said(target, watch):
        connection.request("GET", target.target, headers=headers)
        with contextlib.closing(connection.getresponse()) as response:
            if response.status == _SAME and (etag or last_modified):
                return Fetched(None, etag, last_modified)
            _check_status(response, target)
            content = _unpacked(response, _body(response))
            if watch.late:
                raise TimeoutError
            return Fetched(content, _kept(response, "ETag"), _kept(response, "Last-Modified"))


def _check_status(response: http.client.HTTPResponse, target: Address) -> None:
    status = response.status
    if 300 <= status < 400:
        raise RuleBroken("import.redirect", host=target.host, to=_where(response.headers.get("Location", "")))
    if status != _OK:
        raise RuleBroken(_REASONS.get(status, "import.status"), host=target.host, status=status)


def _where(location: str) -> str:
    """Where a redirect leads, without what may be secret in it."""
    return addresses.masked(location)


def _kept(response: http.client.HTTPResponse, name: str) -> str:
    value = str(response.headers.get(name, ""))
    return value if len(value) <= 200 and value.isascii() and value.isprintable() else ""


def _body(response: http.client.HTTPResponse) -> bytes:
    """Raises: RuleBroken("import.too_big")."""
    pieces, size = [], 0
    while piece := response.read1(_CHUNK):
        size += len(piece)
        if size > MOST_BYTES:
            raise RuleBroken("import.too_big", megabytes=MOST_BYTES >> 20)
        pieces.append(piece)
    if response.length:  # the other side said that there is more
        raise http.client.IncompleteRead(b"")
    return b"".join(pieces)


def _unpacked(response: http.client.HTTPResponse, body: bytes) -> bytes:
    """Raises: RuleBroken("import.too_big"); ValueError for what is packed in another way, or damaged."""
    packing = str(response.headers.get("Content-Encoding", "identity")).strip().lower()
    if packing in ("identity", ""):
        return body
    if packing not in ("gzip", "x-gzip"):
        raise ValueError(packing)
    opener = zlib.decompressobj(wbits=31)
    try:
        content = opener.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise ValueError("damaged") from error
    if len(content) > MOST_BYTES:
        raise RuleBroken("import.too_big", megabytes=MOST_BYTES >> 20)
    if not opener.eof:
        raise ValueError("cut off")
    return content
