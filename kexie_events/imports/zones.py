"""Which time zone a calendar means: an IANA name, one that Windows uses, a path with one at its end, or an offset that
its own VTIMEZONE says. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

LONGEST = 80
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_SAID = re.compile(r"\(?(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d\d))?\)?.*", re.IGNORECASE)


@lru_cache(maxsize=256)
def named(name: str) -> tzinfo | None:
    """A zone by its name alone; None when nobody knows it."""
    name = name.strip().strip('"')
    if not name or len(name) > LONGEST:
        return None
    if name.upper() in ("UTC", "GMT", "Z", "ETC/UTC"):
        return UTC
    if (windows := WINDOWS_TO_OLSON.get(name)) is not None:
        name = windows
    parts = name.strip("/").split("/")
    for tail in ("/".join(parts[-n:]) for n in (len(parts), 3, 2) if n <= len(parts)):
        if (zone := _known(tail)) is not None:
            return zone
    said = _SAID.fullmatch(name)
    return _fixed(said[1], said[2], said[3] or "00") if said else None


def _known(name: str) -> ZoneInfo | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as America
        return None


def by_offsets(offsets: Sequence[str]) -> tzinfo | None:
    """The zone of a VTIMEZONE that has one offset (``TZOFFSETTO``) all the year; with several nobody can say it."""
    found = {match.groups() for text in offsets if (match := _OFFSET.fullmatch(text.strip()))}
    if len(found) != 1:
        return None
    sign, hours, minutes, _seconds = next(iter(found))
    return _fixed(sign, hours, minutes)


def _fixed(sign: str, hours: str, minutes: str) -> tzinfo | None:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset >= timedelta(hours=24):
        return None
    return timezone(-offset if sign == "-" else offset)


def zone_of(name: str, own: Mapping[str, tuple[str, Sequence[str]]]) -> tzinfo | None:
    """What a TZID means. ``own``: the calendar's VTIMEZONEs: name → (X-LIC-LOCATION, offsets)."""
    location, offsets = own.get(name, ("", ()))
    return named(name) or (named(location) if location else None) or by_offsets(offsets)
