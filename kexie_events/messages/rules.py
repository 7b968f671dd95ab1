"""The life of a message, what a letter is, and when a failed one is tried again."""

import enum
import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.text import one_line

MOST_ATTEMPTS = 8
LEASE = timedelta(seconds=60)
REMEMBERED = timedelta(days=90)  # afterwards a finished message keeps its row but not what it said
SUBJECT = "主题："  # the mark of the first line of templates/email/<kind>.txt


class MessageState(enum.Enum):
    """Where a message stands (消息状态)."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"  # gave up; an organiser sees it
    CANCELLED = "cancelled"  # superseded before it was sent
    UNREACHABLE = "unreachable"  # the person has no address: nothing failed, somebody may telephone


FINISHED = frozenset(MessageState) - {MessageState.DUE, MessageState.SENDING}


class Permanent(Exception):
    """The provider will never take this letter: no such mailbox, refused for its content."""


class Passing(Exception):
    """Not now: provider away, busy, greylisting, or misconfigured on our side."""


@dataclass(frozen=True)
class Enclosure:
    """What goes with a letter into its reader's own calendar (随信日程): one object of RFC 5546."""

    method: str  # "REQUEST", "CANCEL": the part's method and the object's METHOD are one
    body: bytes  # iCalendar in UTF-8, lines end in CRLF


@dataclass(frozen=True)
class Letter:
    """One finished message for one person, for whichever channel (信件)."""

    key: str  # the same for every attempt, so that a provider can tell a repeat
    name: str
    address: str
    subject: str
    body: str
    language: str  # "zh" or "en"
    written_at: datetime  # of the first attempt: a repeat is the same letter
    enclosed: Enclosure | None = None
    flaw: str = ""  # why it goes without what should be enclosed


@dataclass(frozen=True)
class Mailbox:
    """Whose letters they are: a name and an e-mail address."""

    name: str
    address: str


def sender(mail_url: str, *, base_url: str, organization: str) -> Mailbox:
    """Who all letters are from: ``?from=`` of KEXIE_MAIL_URL, else its user when that is an address, else noreply@ our
    host. An invitation is taken only from its organizer, so that one is asked for here too."""
    url = urlsplit(mail_url)
    asked = parse_qs(url.query).get("from", [""])[0]
    user = unquote(url.username or "")
    return Mailbox(organization, asked or (user if "@" in user else f"noreply@{our_host(base_url)}"))


def our_host(base_url: str) -> str:
    """What may stand behind the @ of an address or a Message-ID of ours: an IPv6 address may not."""
    host = urlsplit(base_url).hostname or "localhost"
    return "localhost" if ":" in host else host


def key_of(dedupe: str) -> str:
    """What a provider sees instead of the dedupe: 32 hex digits that tell nothing about us."""
    return hashlib.sha256(dedupe.encode()).hexdigest()[:32]


def next_try(attempts: int, now: datetime, dice: random.Random) -> datetime | None:
    """When to try again after ``attempts`` failures: 30 s, 1, 2, 4 … min with a tenth of jitter; None: never."""
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = min(30 * 2 ** (attempts - 1), 3600)
    return now + timedelta(seconds=wait * dice.uniform(0.9, 1.1))


def letter_values(context: Mapping[str, Any], *, now: datetime, zone: ZoneInfo, english: bool) -> dict[str, Any]:
    """The context as its letter shows it: ISO instants and days in words, text as one line."""
    today = now.astimezone(zone).date()

    def shown(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            if len(value) == 10:
                return dates.day(date.fromisoformat(value), today=today, english=english)
            instant = datetime.fromisoformat(value)
        except ValueError:
            return one_line(value)
        if instant.tzinfo is None:  # "20260311" and the like are somebody's text, not our instant
            return one_line(value)
        return dates.moment(instant.astimezone(zone), today=today, english=english)

    return {name: shown(value) for name, value in context.items()}


def split_letter(text: str) -> tuple[str, str]:
    """Subject and body of a rendered template.

    Raises: ValueError when the first line has no subject.
    """
    first, _, body = text.partition("\n")
    if not first.startswith(SUBJECT) or not first.removeprefix(SUBJECT).strip():
        raise ValueError(f"a letter begins with {SUBJECT!r} and a subject, not {first!r}")
    return one_line(first.removeprefix(SUBJECT)), body.strip() + "\n"
