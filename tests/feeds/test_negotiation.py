"""What is read from the headers of a request for a calendar."""

from datetime import UTC, datetime

import pytest

from kexie_events.feeds.negotiation import is_unchanged, takes_gzip

ETAG, STAMP = '"abc"', datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("match", "since", "unchanged"),
    [
        (None, None, False),
        ('"abc"', None, True),
        ('W/"abc"', None, True),
        ('"x", "abc"', None, True),
        ('"x",W/"abc" ,"y"', None, True),
        ("*", None, True),
        (" * ", None, True),
        ('"x"', None, False),
        ("abc", None, False),
        ("", None, False),
        ('"x"', "Wed, 11 Mar 2026 04:00:00 GMT", False),  # the tag decides, the date is not asked
        ('"abc"', "Wed, 11 Mar 2020 04:00:00 GMT", True),
        (None, "Wed, 11 Mar 2026 04:00:00 GMT", True),
        (None, "Wed, 11 Mar 2026 12:00:00 +0800", True),
        (None, "Wed, 11 Mar 2026 04:00:01 GMT", True),
        (None, "Wed, 11 Mar 2026 03:59:59 GMT", False),
        (None, "Wednesday, 11-Mar-26 04:00:00 GMT", True),
        (None, "nonsense", False),
        (None, "", False),
        (None, "0", False),
        (None, "2026-03-11T04:00:00Z", False),
        (None, "Wed, 99 Mar 2026 04:00:00 GMT", False),
        (None, "Wed, 11 Mar 99999 04:00:00 GMT", False),
    ],
)
def test_what_counts_as_unchanged(match: str | None, since: str | None, unchanged: bool) -> None:
    environ = {"HTTP_IF_NONE_MATCH": match, "HTTP_IF_MODIFIED_SINCE": since}
    given = {name: value for name, value in environ.items() if value is not None}
    assert is_unchanged(STAMP.timestamp(), ETAG, given) is unchanged


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("", False), ("gzip", True), ("gzip, deflate, br", True), ("GZIP", True), ("x-gzip", True), ("gzip;q=0", False),
        ("gzip; q=0.0", False), ("gzip;q=0.001", True), ("*", True), ("*;q=0", False), ("identity", False),
        ("gzip;q=0, *", False), ("br, *;q=0.5", True), ("gzip;q=x", False), ("deflate", False), ("gzip ;q=1", True),
    ],
)  # fmt: skip
def test_who_takes_gzip(header: str, taken: bool) -> None:
    assert takes_gzip(header) is taken
