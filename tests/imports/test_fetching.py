"""Against a real server on loopback; what may be reached is widened here, in code, for this server alone."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.imports.fetching import Limits, fetch, resolved
from kexie_events.imports.rules import MOST_BYTES

from .servers import Handler, Server, serving

ADDRESS = "http://calendar.example.org/private/a.ics?key=1"
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as told:
        yield told


def refused(address: str = ADDRESS, **values: object) -> RuleBroken:
    with pytest.raises(RuleBroken) as caught:
        fetch(address, **values)  # type: ignore[arg-type]
    return caught.value


def test_a_calendar_is_fetched_under_its_own_name_and_without_secrets(server: Server) -> None:
    server.says(CALENDAR, ETag='"7"', Last_Modified="Wed, 11 Mar 2026 04:00:00 GMT")
    found = fetch(ADDRESS, limits=server.limits)
    assert (found.content, found.etag, found.last_modified) == (CALENDAR, '"7"', "Wed, 11 Mar 2026 04:00:00 GMT")
    (asked,) = server.asked
    assert (asked["path"], asked["Host"]) == ("/private/a.ics?key=1", "calendar.example.org")
    assert {"Cookie", "Authorization", "Referer", "If-None-Match"} & set(asked) == set()


def test_what_has_not_changed_is_not_fetched_again(server: Server) -> None:
    server.says(b"", 304)
    found = fetch(ADDRESS, etag='"7"', last_modified="Wed, 11 Mar 2026 04:00:00 GMT", limits=server.limits)
    assert (found.content, found.etag) == (None, '"7"')
    assert server.asked[0]["If-None-Match"] == '"7"'
    assert server.asked[0]["If-Modified-Since"] == "Wed, 11 Mar 2026 04:00:00 GMT"


def test_a_304_that_nobody_asked_for_is_no_answer(server: Server) -> None:
    server.says(b"", 304)
    assert refused(limits=server.limits).code == "import.redirect"


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "import.locked"), (403, "import.locked"), (404, "import.gone"), (410, "import.gone"), (500, "import.status"),
     (204, "import.status"), (429, "import.status")],
)  # fmt: skip
def test_each_refusal_of_the_other_side_has_words(server: Server, status: int, code: str) -> None:
    server.says(b"", status)
    assert refused(limits=server.limits).code == code


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Server, status: int) -> None:
    server.says(b"", status, Location="http://169.254.169.254/latest/secret")
    error = refused(limits=server.limits)
    assert (error.code, error.details["to"]) == ("import.redirect", "http://169.254.169.254/…")
    assert len(server.asked) == 1


def test_the_law_without_a_test_s_permission_reaches_no_loopback(server: Server) -> None:
    server.says(CALENDAR)
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert refused(f"http://{host}/").code in ("import.not_public", "import.no_host")
    assert server.asked == []


@pytest.mark.parametrize(
    "found",
    [
        ["10.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["2606:4700::1111", "::ffff:10.0.0.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
    ],
)
def test_one_private_address_among_several_refuses_the_name(found: list[str]) -> None:
    error = refused(limits=Limits(resolve=lambda host, port: found))
    assert (error.code, error.details["host"]) == ("import.not_public", "calendar.example.org")


def test_the_name_is_asked_once_and_the_checked_address_is_the_one_connected_to(server: Server) -> None:
    """A name that answers another address the second time (DNS rebinding) gets no second time."""
    server.says(CALENDAR)
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    limits = replace(server.limits, resolve=lambda host, port: next(answers))
    assert fetch(ADDRESS, limits=limits).content == CALENDAR
    assert next(answers) == ["127.0.0.2"]


def test_a_name_that_nobody_knows_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refused().code == "import.no_host"
    assert refused(limits=Limits(resolve=lambda host, port: [])).code == "import.no_host"


def test_a_resolver_that_does_not_answer_is_waited_for_no_longer_than_the_rest() -> None:
    asked, ends = threading.Event(), threading.Event()

    def stuck(host: str, port: int) -> list[str]:
        asked.set()
        ends.wait(20)
        return ["127.0.0.1"]

    began = time.monotonic()
    error = refused(limits=Limits(reachable=lambda address: True, resolve=stuck, seconds=0.3))
    ends.set()
    assert (error.code, error.details["host"]) == ("import.slow", "calendar.example.org")
    assert asked.is_set()
    assert time.monotonic() - began < 4


def test_a_literal_resolves_to_itself() -> None:
    assert resolved("127.0.0.1", 80) == ["127.0.0.1"]


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = Limits(reachable=lambda address: True, resolve=lambda host, port: ["127.0.0.1"], ports={80: port})
    assert refused(limits=limits).code == "import.unreachable"


# ---- bounds


def test_more_than_is_taken_is_not_read_to_its_end(server: Server) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x" * 100_000)

    server.answer = endless
    assert refused(limits=server.limits).code == "import.too_big"


def test_packed_answers_are_unpacked_within_the_same_bound(server: Server) -> None:
    server.says(gzip.compress(CALENDAR), Content_Encoding="gzip")
    assert fetch(ADDRESS, limits=server.limits).content == CALENDAR
    server.says(gzip.compress(b"x" * (200 << 20)), Content_Encoding="gzip")
    assert refused(limits=server.limits).code == "import.too_big"
    server.says(gzip.compress(b"x" * MOST_BYTES), Content_Encoding="gzip")
    assert len(fetch(ADDRESS, limits=server.limits).content or b"") == MOST_BYTES


@pytest.mark.parametrize(
    ("content", "packing"),
    [(b"no gzip", "gzip"), (gzip.compress(CALENDAR, mtime=0)[:-9], "gzip"), (CALENDAR, "br"), (CALENDAR, "gzip, gzip")],
)
def test_what_cannot_be_unpacked_is_no_answer(server: Server, content: bytes, packing: str) -> None:
    server.says(content, Content_Encoding=packing)
    assert refused(limits=server.limits).code == "import.unreachable"


def test_an_answer_that_ends_early_is_none(server: Server) -> None:
    server.says(CALENDAR, Content_Length="5000")
    server.asked.clear()
    assert refused(limits=replace(server.limits, seconds=2)).code in ("import.unreachable", "import.slow")


@pytest.mark.parametrize("where", ["head", "body"])
def test_whoever_drips_is_cut_off_in_time(server: Server, where: str) -> None:
    def drip(handler: Handler) -> None:
        if where == "body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)

    server.answer = drip
    began = time.monotonic()
    assert refused(limits=replace(server.limits, seconds=0.6)).code == "import.slow"
    assert time.monotonic() - began < 4


def test_what_speaks_another_language_is_said(server: Server) -> None:
    server.answer = lambda handler: handler.wfile.write(b"220 smtp ready\r\n") and None
    assert refused(limits=server.limits).code == "import.unreachable"


def test_a_certificate_that_nobody_vouches_for_is_said(server: Server) -> None:
    limits = replace(server.limits, ports={443: server.port})
    assert refused("https://calendar.example.org/", limits=limits).code == "import.certificate"
