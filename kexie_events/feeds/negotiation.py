"""What a client asks for in the headers of a request for a calendar. Pure.

Source: docs/sources.md#conditional-requests, docs/sources.md#increments
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from .increments import Known

INCREMENTS = "subscribe-enhanced-get"
MOST_TAGS = 20  # as many are looked at; a client has one, some caches a few
_TOKEN = re.compile(r'"?data:,([0-9]{1,9})-([0-9a-f]{8})"?')
_TAG = re.compile(r"([0-9]{1,9})-([0-9a-f]{8})")
_HASH = re.compile(r"[0-9a-f]{32}")


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip and does not like the plain form better.

    ``gzip;q=0`` does not, ``*`` does unless gzip is named. Whoever refuses both gets the plain form: a calendar in a
    form that was not asked for is better than none (RFC 9110, 12.1 allows it).
    """
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = _weight(weight)
    named = [weights[coding] for coding in ("gzip", "x-gzip") if coding in weights]
    squeezed = max(named) if named else weights.get("*", 0.0)
    return squeezed > 0 and squeezed >= weights.get("identity", 0.0)


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def is_unchanged(modified: float, etag: str, environ: Mapping[str, Any]) -> bool:
    """Whether the client has what we would send. If-None-Match first; only without it a date counts, and only if it is
    one: a server that answered 304 to any date froze every Apple subscriber.
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


def wants_increments(environ: Mapping[str, Any]) -> bool:
    """Whether the client prefers what changed to the whole (RFC 7240: the name of a preference knows no case)."""
    header = environ.get("HTTP_PREFER", "")
    return bool(header) and any(
        part.partition(";")[0].partition("=")[0].strip().lower() == INCREMENTS for part in header.split(",")
    )


def known_to_client(environ: Mapping[str, Any]) -> Known | None:
    """Which revision the client says it has; None when it says nothing of it.

    As a Sync-Token (the draft), or as an ETag in If-None-Match (older drafts, and the one server that has this).
    """
    token = environ.get("HTTP_SYNC_TOKEN")
    if token is not None:
        found = _TOKEN.fullmatch(token.strip())
        return Known(frozenset({(int(found[1]), found[2])}) if found else frozenset(), frozenset())
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked is None:
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in asked.split(",", MOST_TAGS)[:MOST_TAGS]]
    revisions = frozenset((int(found[1]), found[2]) for tag in tags if (found := _TAG.fullmatch(tag)))
    return Known(revisions, frozenset(f'"{tag}"' for tag in tags if _HASH.fullmatch(tag)))
