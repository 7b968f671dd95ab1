"""A stored calendar taken apart into its head and its units, and the few lines of an entry that others ask about. Pure.

Works on bytes as ``ical.py`` writes them: a line never begins with a space unless it goes on, so BEGIN and END inside a
text are never taken for the real ones. A parser would take a hundred times as long and write other bytes back.
"""

import re
from dataclasses import dataclass
from functools import cache

from ..events.wording import POINT
from .ical import TAIL

_BEGIN, _END = b"\r\nBEGIN:VEVENT\r\n", b"\r\nEND:VEVENT\r\n"
_FOLD = b"\r\n "
_COMMA = re.compile(rb"(?<!\\),")


@dataclass(frozen=True, slots=True)
class Unit:
    """All VEVENTs of one UID: a single one, or a master and then its overrides. Each with its CRLFs."""

    uid: bytes
    events: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        return b"".join(self.events)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A calendar: the head, the units in their order; the tail is always the same."""

    head: bytes  # VTIMEZONE included
    units: tuple[Unit, ...]


def apart(body: bytes) -> Pieces:
    """The pieces of a calendar that this program wrote. Raises: ValueError for anything else."""
    if not body.endswith(TAIL):
        raise ValueError("no calendar ends like that")
    inside = body.removesuffix(TAIL)
    cut = inside.find(_BEGIN) + 2
    if cut < 2:
        return Pieces(inside, ())
    *events, rest = inside[cut:].split(_END)
    if rest:
        raise ValueError("something stands behind the last entry")
    grouped: dict[bytes, list[bytes]] = {}
    for event in events:
        grouped.setdefault(value(event, b"UID"), []).append(event + _END)
    return Pieces(inside[:cut], tuple(Unit(uid, tuple(together)) for uid, together in grouped.items()))


def line(event: bytes, name: bytes) -> bytes:
    """The first content line of a property, unfolded and without its CRLF; b"" when it has none."""
    found = pattern(name).search(event)
    return found[1].replace(_FOLD, b"") if found else b""


def value(event: bytes, name: bytes) -> bytes:
    """What stands behind the name and its parameters. Ours have no colon in a parameter."""
    return line(event, name).partition(b":")[2]


@cache  # a handful of names, all of them ours
def pattern(name: bytes) -> re.Pattern[bytes]:
    """Finds the lines of a property: the line break before each, and as group 1 the line with its folds."""
    return re.compile(rb"\r\n(" + re.escape(name) + rb"[;:][^\r\n]*(?:\r\n [^\r\n]*)*)(?=\r\n)")


def is_point(event: bytes) -> bool:
    """Whether it is a point of a timeline or a duty with an end, and not something that people go to."""
    return POINT.encode() in _COMMA.split(value(event, b"CATEGORIES"))


def is_cancelled(event: bytes) -> bool:
    return b"\r\nSTATUS:CANCELLED\r\n" in event


def is_by_day(event: bytes) -> bool:
    return b"\r\nDTSTART;VALUE=DATE:" in event


def is_override(event: bytes) -> bool:
    return pattern(b"RECURRENCE-ID").search(event) is not None
