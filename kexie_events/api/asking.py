"""What a program asks for, from the parameters of its address. Pure: nothing is guessed, nothing is passed over.

Names of kinds, series, units … are those that stand in the addresses of calendars.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.errors import RuleBroken
from ..core.text import bounded
from ..events.kinds import Kind, Topic
from ..events.rules import EARLIEST, LATEST
from ..feeds.rules import kebab

LEAST_ITEMS, USUAL_ITEMS, MOST_ITEMS = 1, 50, 200
LARGEST_ID = 2**31 - 1
LONGEST_NAME = 80  # characters
REMEMBERED = timedelta(days=30)  # how long ago a copy may have been made that is to be brought up to date
OLDEST_AS_OF = timedelta(days=8)  # of a copy made now, however long nothing has been published
# Two workers may write within the same minutes, each with its own clock: what lies this close before is told again.
OVERLAP = timedelta(minutes=5)
STATUSES = ("confirmed", "cancelled")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)([Zz]|[+ -]\d{2}:\d{2})")

SCOPES = ("kind", "topic", "series", "edition", "unit", "region")
OF_LISTS = ("from", "to", "changed_since", "limit", "cursor")
OF_OCCURRENCES = (*SCOPES, "venue", "status", *OF_LISTS)
OF_MILESTONES = (*SCOPES, *OF_LISTS)


@dataclass(frozen=True)
class Cursor:
    """Where a page ends: what the list is sorted by, and the id, of its last row; and its list's ``as_of``."""

    at: datetime
    id: int
    as_of: datetime | None
    by_change: bool  # else by start: a place in one order is none in the other

    def written(self) -> str:
        parts = (self.at, self.as_of)
        first, second = ("" if part is None else part.astimezone(UTC).isoformat() for part in parts)
        plain = f"{_ORDERS[self.by_change]} {first} {self.id} {second}"
        return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode()


_ORDERS = ("start", "change")


@dataclass(frozen=True)
class Asked:
    """The parameters of a list, read. What is None narrows nothing."""

    kind: Kind | None = None
    topic: Topic | None = None
    series: str = ""
    edition: int | None = None
    unit: str = ""
    region: str = ""
    venue: int | None = None
    cancelled: bool | None = None
    ends_after: datetime | None = None
    starts_before: datetime | None = None
    changed_since: datetime | None = None
    limit: int = USUAL_ITEMS
    cursor: Cursor | None = None


def read(pairs: Iterable[tuple[str, str]], known: Collection[str], *, zone: ZoneInfo, now: datetime) -> Asked:
    """The parameters of an address. A day without a clock is one in ``zone``: ``from`` begins with it, ``to`` ends
    with it.

    Raises: RuleBroken; its details name the parameter.
    """
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in known:
            raise RuleBroken(
                "api.unknown_parameter", parameter=bounded(name, LONGEST_NAME), known=", ".join(sorted(known))
            )
        if name in given:
            raise RuleBroken("api.repeated", parameter=name)
        given[name] = text
    values: dict[str, Any] = {}
    for name, text in given.items():
        field, value = _value(name, text, zone)
        values[field] = value
    asked = Asked(**values)
    if asked.ends_after and asked.starts_before and asked.starts_before <= asked.ends_after:
        raise RuleBroken("api.from_to", parameter="to")
    if asked.changed_since and asked.changed_since < now - REMEMBERED - OLDEST_AS_OF:
        raise RuleBroken("api.too_long_ago", parameter="changed_since", days=REMEMBERED.days)
    if asked.cursor and asked.cursor.by_change != (asked.changed_since is not None):
        raise RuleBroken("api.cursor", parameter="cursor")
    return asked


def as_of(published_at: datetime, now: datetime) -> datetime:
    """Since when whoever makes a copy now asks for changes: when anything was published last.

    Where that is long ago, since a night of last week: it is taken as long as a copy may grow old, no run of the worker
    is older, and the answer is the same bytes for seven days.
    """
    day = now.astimezone(UTC).date()
    night = datetime.combine(day - timedelta(days=1 + day.toordinal() % 7), time(), UTC)
    return max(published_at, night)


def check_bare(pairs: Iterable[tuple[str, str]]) -> None:
    """Raises: RuleBroken for an address that takes no parameters and has some."""
    for name, _text in pairs:
        raise RuleBroken("api.takes_none", parameter=bounded(name, LONGEST_NAME))


def _value(name: str, text: str, zone: ZoneInfo) -> tuple[str, Any]:
    match name:
        case "kind":
            return name, _choice(name, text, {kebab(kind): kind for kind in Kind})
        case "topic":
            return name, _choice(name, text, {kebab(topic): topic for topic in Topic})
        case "status":
            return "cancelled", _choice(name, text, {status: status == "cancelled" for status in STATUSES})
        case "edition" | "venue":
            return name, _number(name, text, 1, LARGEST_ID)
        case "limit":
            return name, _number(name, text, LEAST_ITEMS, MOST_ITEMS)
        case "from":
            return "ends_after", _moment(name, text, zone)
        case "to":
            return "starts_before", _moment(name, text, zone, after=True)
        case "changed_since":
            return name, _moment(name, text, zone)
        case "cursor":
            return name, _cursor(text)
        case _:
            return name, _name(name, text)


def _choice(name: str, text: str, choices: dict[str, Any]) -> Any:
    if text not in choices:
        raise RuleBroken("api.choice", parameter=name, choices=", ".join(choices))
    return choices[text]


def _number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
        raise RuleBroken("api.number", parameter=name, least=least, most=most)
    return int(text)


def _name(name: str, text: str) -> str:
    if not (0 < len(text) <= LONGEST_NAME and text.isprintable()):
        raise RuleBroken("api.name", parameter=name, most=LONGEST_NAME)
    return text


def _moment(name: str, text: str, zone: ZoneInfo, *, after: bool = False) -> datetime:
    refused = RuleBroken("api.moment", parameter=name)
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            found = dates.at(day + timedelta(days=after), time(), zone)
        elif parts := _MOMENT.fullmatch(text):
            # A plus that was not written as %2B arrives as a space.
            found = datetime.fromisoformat(f"{parts[1]}T{parts[2]}{parts[3].upper().replace(' ', '+')}")
        else:
            raise refused
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused from None
    if not EARLIEST <= found.date() <= LATEST:
        raise refused
    return found


def _cursor(text: str) -> Cursor:
    refused = RuleBroken("api.cursor", parameter="cursor")
    if len(text) > 200:
        raise refused
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
        order, first, number, second = plain.split(" ")
        id, as_of = _number("cursor", number, 1, LARGEST_ID), _own(second) if second else None
        found = Cursor(_own(first), id, as_of, bool(_ORDERS.index(order)))
    except (ValueError, OverflowError, binascii.Error):
        raise refused from None
    if found.written() != text:
        raise refused
    return found


def _own(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)
