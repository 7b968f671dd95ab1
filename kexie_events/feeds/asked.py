"""Which calendar somebody asks for, as the page of subscriptions is addressed. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..core.errors import NotFound
from ..events.kinds import KINDS, Kind, Topic
from .choices import PLAIN, Alarm, Cancelled, Choice, Contents

Member = TypeVar("Member", bound=enum.Enum)
LONGEST_VALUE = 80
LARGEST_ID = 2**31 - 1


class Scope(enum.Enum):
    """By what a calendar is chosen (订阅范围). The value is the name in the page's address."""

    ALL = "all"
    TOPIC = "topic"
    KIND = "kind"
    SERIES = "series"
    EDITION = "edition"
    UNIT = "unit"
    REGION = "region"
    VENUE = "venue"


FOLDERS = {
    Scope.TOPIC: "topics",
    Scope.KIND: "kinds",
    Scope.SERIES: "series",
    Scope.EDITION: "editions",
    Scope.UNIT: "units",
    Scope.REGION: "regions",
    Scope.VENUE: "venues",
}
NUMBERED = frozenset({Scope.EDITION, Scope.VENUE})  # named by a number


@dataclass(frozen=True)
class Asked:
    """A calendar by its name in addresses: ``series`` and "forum"; everything has no value."""

    scope: Scope = Scope.ALL
    value: str = ""

    @property
    def path(self) -> str:
        """Of the feed: "series/forum"."""
        return f"{FOLDERS[self.scope]}/{self.value}" if self.value else "all"

    @property
    def arguments(self) -> dict[str, str]:
        """Of the page's address."""
        return {self.scope.value: self.value} if self.value else {}


def asked(arguments: Mapping[str, str]) -> Asked:
    """The one calendar that an address names; everything when it names none.

    Raises: NotFound when it names several, for no calendar holds just what two of them share, or none that can be.
    """
    named = [(scope, arguments[scope.value]) for scope in FOLDERS if arguments.get(scope.value)]
    if not named:
        return Asked()
    if len(named) > 1:
        raise NotFound()
    scope, value = named[0]
    if len(value) > LONGEST_VALUE or not value.isprintable():
        raise NotFound()
    if scope in NUMBERED and (not number(value) or str(number(value)) != value):
        raise NotFound()
    return Asked(scope, value)


def number(value: str) -> int:
    """The key that a value names; 0 for none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 11 and int(value) <= LARGEST_ID else 0


def _member(of: type[Member], value: str) -> Member:
    try:
        return of(value)
    except ValueError:
        raise NotFound() from None


def topic_of(value: str) -> Topic:
    """Raises: NotFound."""
    return _member(Topic, value)


def kind_of(value: str) -> Kind:
    """A kind stands in addresses with "-". Raises: NotFound."""
    return _member(Kind, value.replace("-", "_") if "_" not in value else "")


def topic_around(asked: Asked) -> Topic | None:
    """The topic whose kinds are offered beside what was asked for."""
    if asked.scope is Scope.TOPIC:
        return topic_of(asked.value)
    return KINDS[kind_of(asked.value)].topic if asked.scope is Scope.KIND else None


def choice(arguments: Mapping[str, str]) -> Choice:
    """What the address chooses of the calendar; what it does not say is as it always is. Raises: NotFound."""
    return Choice(
        _member(Contents, arguments.get("contents") or PLAIN.contents.value),
        _member(Cancelled, arguments.get("cancelled") or PLAIN.cancelled.value),
        _member(Alarm, arguments.get("alarm") or PLAIN.alarm.value),
    )


def arguments_of(choice: Choice) -> dict[str, str]:
    """The same back: only what is chosen."""
    members = {"contents": choice.contents, "cancelled": choice.cancelled, "alarm": choice.alarm}
    plain = {PLAIN.contents, PLAIN.cancelled, PLAIN.alarm}
    return {name: str(member.value) for name, member in members.items() if member not in plain}
