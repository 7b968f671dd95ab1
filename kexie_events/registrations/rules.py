"""States of a registration and the small rules around a seat."""

import enum
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ..accounts import rules as people
from ..core.access import Actor
from ..core.errors import DomainError, RuleBroken
from ..core.text import one_line
from ..events.rules import Planned, Publication, Status, Window, last_call, window

LONGEST_REASON = 200  # characters
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class RegistrationState(enum.Enum):
    """Where a registration stands (报名状态). The page shows the value as ``data-state``."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Applicant:
    """Who wants to come, as it is kept: cleaned and normalised."""

    name: str
    phone: str
    email: str


class Asked(Planned, Protocol):
    """What ``refusal`` reads of an occurrence."""

    publication: Publication


class Held(Protocol):
    """What ``holds`` reads of a registration."""

    id: int
    account_id: int | None
    person_id: int


def holds(row: Held, actor: Actor, named: int | None) -> bool:
    """Whether this visitor is the one whose registration it is.

    ``named``: the registration whose secret link came along. For one that was made without an account the link is the
    key; of one with an account it is only the name.
    """
    if row.account_id is None and named == row.id:
        return True
    mine = row.account_id is not None and row.account_id == actor.account_id
    return mine or (actor.person_id is not None and row.person_id == actor.person_id)


def applicant(name: str, *, phone: str, email: str) -> Applicant:
    """Read what was typed.

    Raises: RuleBroken("person.name"), ("person.phone"), ("registration.email"), or ("registration.contact") when
    there is no way at all to reach the person.
    """
    found = Applicant(people.person_name(name), people.phone(phone), people.identifier(email))
    if found.email and (len(found.email) > 200 or not _ADDRESS.fullmatch(found.email)):
        raise RuleBroken("registration.email")
    if not found.phone and not found.email:
        raise RuleBroken("registration.contact")
    return found


def digest(who: Applicant, answers: Mapping[str, Any]) -> str:
    """What came with a submit key, as SHA-256 in hex: tells a double press from another use of the same form."""
    body = json.dumps([who.name, who.phone, who.email, answers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def sound_key(text: str) -> bool:
    """Whether a form's one-use key is one that we could have written."""
    return _KEY.fullmatch(text) is not None


def refusal(occurrence: Asked, now: datetime) -> DomainError | None:
    """Why nobody may register at this instant; None when they may."""
    if occurrence.publication is not Publication.PUBLISHED:
        return RuleBroken("registration.draft")
    if occurrence.status is Status.CANCELLED:
        return RuleBroken("registration.cancelled")
    if occurrence.opens_at is None:
        return RuleBroken("registration.none")
    state = window(occurrence, now)
    if state is Window.LATER:
        return RuleBroken("registration.not_open", opens_at=occurrence.opens_at)
    if state in (Window.CLOSED, Window.OVER):
        closed_at = min(last_call(occurrence.starts_at, occurrence.closes_at), occurrence.ends_at)
        return RuleBroken("registration.closed", closed_at=closed_at)
    return None


def check_not_over(ends_at: datetime, now: datetime) -> None:
    """Raises: RuleBroken("registration.over"): afterwards the list is a record of who had a place."""
    if ends_at <= now:
        raise RuleBroken("registration.over", ends_at=ends_at)


def reason(text: str) -> str:
    """Why somebody's registration is taken back: the person reads it. Raises: RuleBroken("registration.reason")."""
    clean = one_line(text)
    if not 1 <= len(clean) <= LONGEST_REASON:
        raise RuleBroken("registration.reason", most=LONGEST_REASON)
    return clean


def to_promote(capacity: int | None, taken: int, waiting: int) -> int:
    """How many of those who wait get a seat."""
    return waiting if capacity is None else max(0, min(waiting, capacity - taken))


def number(occurrence_id: int, line: int) -> str:
    """The number on the ticket (报名号): 0012-0165."""
    return f"{occurrence_id:04d}-{line:04d}"


def masked_email(address: str) -> str:
    """l***@example.org; "" stays ""."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else ""
