"""Letters to those who registered for an occurrence: which there are, what they say, how long they are of use."""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core import installation
from ..events import wording
from ..events.models import Occurrence
from ..messages import services as messages
from ..messages.services import Owed
from . import codes


class LetterKind(enum.Enum):
    """What a letter is about (信件); the value names templates/email/<value>.txt."""

    REGISTERED = "registered"
    WAITING = "waiting"
    PROMOTED = "promoted"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


# What says nothing new, or something wrong, once the person has withdrawn or the occurrence has changed.
ABOUT_SEAT = frozenset(LetterKind) - {LetterKind.WITHDRAWN}
# After one of them a reminder would only repeat when and where.
TELLS_WHEN = frozenset({LetterKind.REGISTERED, LetterKind.PROMOTED, LetterKind.MOVED})
# Said again after each move; the others once for a registration.
AFTER_EACH_MOVE = frozenset({LetterKind.MOVED, LetterKind.CANCELLED, LetterKind.REMINDER})
# To who has a seat these bring the occurrence into their calendar or to its new time, and those take it out again.
INVITES = frozenset({LetterKind.REGISTERED, LetterKind.PROMOTED, LetterKind.MOVED})
UNINVITES = frozenset({LetterKind.CANCELLED, LetterKind.WITHDRAWN})


@dataclass(frozen=True)
class Recipient:
    """Who gets a letter, and about which registration."""

    registration_id: int
    person_id: int
    name: str
    address: str  # given with the registration; "": the person's own
    position: int = 0  # in the queue; 0: does not wait
    in_calendar: bool = False  # has a seat, or had the one that is given back: their own calendar may hold it


def about(occurrence_id: int) -> str:
    """By what messages about an occurrence are found again."""
    return f"occurrence:{occurrence_id}"


def occurrence_of(about: str) -> int:
    """The id of the occurrence that such a message is about."""
    return int(about.removeprefix("occurrence:"))


def dedupe(kind: LetterKind, registration_id: int, moved_revision: int) -> str:
    """What is owed once."""
    once = f"{kind.value}:{registration_id}"
    return f"{once}:{moved_revision}" if kind in AFTER_EACH_MOVE else once


def of_use_until(kind: LetterKind, starts_at: datetime, ends_at: datetime, now: datetime) -> datetime:
    """When nobody needs it any more. Who stands at the door needs to hear of a cancellation also after the hour, and
    what is done during the event is confirmed until its end; a reminder or a new date is of use before the start."""
    if kind is LetterKind.CANCELLED:
        return ends_at
    if kind in AFTER_EACH_MOVE or now < starts_at:
        return starts_at
    return ends_at


def said(kind: LetterKind, occurrence: Occurrence, zone: ZoneInfo) -> dict[str, Any]:
    """What the letters of a kind say of an occurrence, which comes with its names; dates in ISO."""
    first, _last = wording.said_at(occurrence.starts_at, occurrence.ends_at, occurrence.all_day, zone)
    values = {"event": occurrence.whole_name, "starts": first.isoformat(), "place": occurrence.place_words}
    former = occurrence.moved_from_at
    if kind is LetterKind.MOVED and former is not None and former != occurrence.starts_at:
        values["former"] = wording.said_before(former, zone).isoformat()
    return values


def for_calendar(occurrence: Occurrence) -> dict[str, Any]:
    """What a letter's calendar says beside the letter's own words. It is written down with them, so that the two agree
    however late the letter goes out; ``feeds.services.inviting`` reads it."""
    return {
        "uid": occurrence.uid, "revision": occurrence.revision, "all_day": occurrence.all_day,
        "starts_at": occurrence.starts_at.isoformat(), "ends_at": occurrence.ends_at.isoformat(),
        "place": occurrence.place_with_address, "path": f"/occurrences/{occurrence.id}",
    }  # fmt: skip


def owe(
    kind: LetterKind, occurrence: Occurrence, recipients: Iterable[Recipient], *, now: datetime, reason: str = ""
) -> int:
    """Owe one letter to each, in the caller's transaction; how many are new; 0 when all would come too late.

    ``occurrence`` comes with its edition, series, room and venue; ``reason``: why it was moved, cancelled, withdrawn.
    """
    until = of_use_until(kind, occurrence.starts_at, occurrence.ends_at, now)
    if until <= now:
        return 0
    common = said(kind, occurrence, installation.zone())
    if reason:
        common["reason"] = reason
    calendar = {"calendar": for_calendar(occurrence)} if kind in INVITES | UNINVITES else {}
    return messages.owe_all(
        [
            Owed(
                dedupe(kind, one.registration_id, occurrence.moved_revision),
                kind.value,
                one.person_id,
                about=about(occurrence.id),
                context={**common, **_personal(one), **(calendar if one.in_calendar else {})},
                expires_at=until,
                address=one.address,
            )
            for one in recipients
        ],
        now=now,
    )


def _personal(one: Recipient) -> dict[str, Any]:
    own: dict[str, Any] = {"name": one.name, "link": installation.external(codes.address(one.registration_id))}
    return {**own, "position": one.position} if one.position else own


def take_back(kinds: Collection[LetterKind], occurrence_id: int, *, people: Collection[int], now: datetime) -> int:
    """Withdraw what these persons were to be told about an occurrence and was not sent yet; how many letters."""
    values = [kind.value for kind in kinds]
    return messages.supersede(about(occurrence_id), values, now=now, people=people)
