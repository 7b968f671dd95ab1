"""What changed in a calendar between two of its revisions, entry by entry. Pure, on bytes.

A client that knows an older revision gets the entries that changed since then, and for each that went a tombstone. It
says which revision it knows by a token: the number, and the beginning of the ETag that the calendar had then, so that a
number that means something else by now (a calendar made anew, a restored backup) is not taken for the same.

Source: docs/sources.md#increments
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from .ical import TAIL, fold
from .pieces import Unit, apart, line

KEPT = timedelta(days=30)  # how long it is known what changed; who comes later gets the whole
CHECKED = 8  # characters of the ETag in a token

_BREAK = b"\r\nEND:VEVENT\r\n"
_UID = re.compile(rb"\r\nUID:[^\r\n]*(?:\r\n [^\r\n]*)*\r\n")
_ZONE = re.compile(rb"BEGIN:VTIMEZONE\r\n.*?\r\nEND:VTIMEZONE\r\n", re.DOTALL)


@dataclass(frozen=True)
class Known:
    """What a client says that it knows: any of these."""

    revisions: frozenset[tuple[int, str]]  # number, beginning of the ETag
    etags: frozenset[str]  # as they were sent, quoted


@dataclass(frozen=True)
class Difference:
    """From one revision of a calendar to the next."""

    changed: frozenset[bytes]  # UIDs of entries that are new or different
    gone: Mapping[bytes, bytes]  # UID → tombstone


def check(etag: str) -> str:
    """The part of an ETag that stands in a token."""
    return etag.strip('"')[:CHECKED]


def token(revision: int, etag: str) -> str:
    return f"{revision}-{check(etag)}"


def difference(before: bytes, after: bytes) -> Difference:
    """What differs between two calendars of ours, whatever the order of their entries.

    As fast as comparing bytes: only what is not in both is looked into.
    """
    old, new = before.split(_BREAK), after.split(_BREAK)
    # The first part has the head in front, the last is the tail.
    old[0], new[0] = _without_head(old[0]), _without_head(new[0])
    were, are = set(old[:-1]), set(new[:-1])
    touched = {_uid(event) for event in were ^ are}
    if not touched:
        return Difference(frozenset(), {})
    changed = {uid for uid in touched if uid in after}
    gone: dict[bytes, bytes] = {}
    for event in old[:-1]:  # in order: the master stands first
        if (uid := _uid(event)) in touched and uid not in changed:
            gone.setdefault(_plain(uid), _tombstone(event + _BREAK))
    return Difference(frozenset(map(_plain, changed)), gone)


def _without_head(first: bytes) -> bytes:
    _head, found, event = first.partition(b"\r\nBEGIN:VEVENT\r\n")
    return b"BEGIN:VEVENT\r\n" + event if found else b""


def _uid(event: bytes) -> bytes:
    """The line of it, with its breaks, so that it can be found in a calendar."""
    found = _UID.search(event)
    if found is None:
        raise ValueError("an entry without a UID")
    return found[0]


def _plain(uid_line: bytes) -> bytes:
    return uid_line.replace(b"\r\n ", b"").strip(b"\r\n").removeprefix(b"UID:")


def tombstone(unit: Unit) -> bytes:
    """What is sent of an entry that went: what an entry must have, and that it is no more."""
    return _tombstone(unit.events[0])


def _tombstone(event: bytes) -> bytes:
    kept = [fold(found) for name in (b"UID", b"DTSTAMP", b"DTSTART") if (found := line(event, name))]
    return b"".join((b"BEGIN:VEVENT\r\n", *kept, b"STATUS:DELETED\r\nEND:VEVENT\r\n"))


def delta(base: bytes, shown: bytes, changes: Mapping[bytes, bytes | None]) -> bytes:
    """The answer to a client that knows an older revision.

    ``shown`` is what it sees of the calendar ``base``: the same, or a variant. ``changes`` is what changed in ``base``
    since then: UID, and the tombstone of what went. What a variant leaves out is a tombstone too, because nobody knows
    whether it was in there before. VTIMEZONE is left out: the client has it.
    """
    seen = apart(shown)
    there = {unit.uid: unit for unit in (seen if shown is base else apart(base)).units}
    sent = [unit.body for unit in seen.units if unit.uid in changes]
    for uid in sorted(changes.keys() - {unit.uid for unit in seen.units}):
        stone = tombstone(there[uid]) if uid in there else changes[uid]
        if stone is not None:
            sent.append(stone)
    return b"".join((_ZONE.sub(b"", seen.head), *sent, TAIL))
