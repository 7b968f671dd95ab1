"""States, and what a sound proposal, session, talk and list of guests look like. When talks take place."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.errors import RuleBroken
from ..core.text import one_line

LONGEST_NAME = 120  # characters: of a theme, a session, a talk
LONGEST_TEXT = 5000
LONGEST_WORDS = 200  # of a person: unit, post
MOST_MINUTES = 24 * 60
MOST_SESSIONS, MOST_TALKS, MOST_PEOPLE = 60, 60, 30  # of an occurrence, a session, a talk
MOST_EXPECTED = 100_000
MOST_SHIFT = 12 * 60  # minutes


class ProposalState(enum.Enum):
    """Where a proposal stands (申报状态)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# What may become of it by those who propose it, and by the owner of the edition.
OPEN = frozenset({ProposalState.DRAFT, ProposalState.RETURNED})  # may be changed and submitted
WITHDRAWABLE = OPEN | {ProposalState.SUBMITTED}


class Half(enum.Enum):
    """Which part of a day is wished for (希望时段)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    DAY = "day"


# From when to when a sub-forum lasts when nothing else is said. O: usual at annual meetings.
HOURS: dict[Half, tuple[time, time]] = {
    Half.MORNING: (time(9), time(12)),
    Half.AFTERNOON: (time(14), time(17, 30)),
    Half.DAY: (time(9), time(17, 30)),
}


class SessionKind(enum.Enum):
    """What a session is (环节类型)."""

    TALKS = "talks"
    CEREMONY = "ceremony"
    DISCUSSION = "discussion"
    POSTER = "poster"
    BREAK = "break"
    OTHER = "other"


class TalkKind(enum.Enum):
    """What stands in the order of a session (安排类型)."""

    TALK = "talk"
    DISCUSSION = "discussion"
    BREAK = "break"


class GuestRole(enum.Enum):
    """What a guest is asked for (嘉宾身份)."""

    GUEST = "guest"
    HOST = "host"
    ADDRESS = "address"


class Answer(enum.Enum):
    """How far an invitation has come (邀请状态)."""

    PLANNED = "planned"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Direction(enum.Enum):
    """Where something in an order goes (移动方向)."""

    EARLIER = "earlier"
    LATER = "later"


def talk_times(starts_at: datetime, minutes: Iterable[int]) -> list[tuple[datetime, datetime]]:
    """From when to when each of a session's talks lasts, in order: each begins when the one before ends."""
    found, at = [], starts_at
    for length in minutes:
        found.append((at, at := at + timedelta(minutes=length)))
    return found


def check_fits(starts_at: datetime, ends_at: datetime, minutes: Iterable[int]) -> None:
    """Raises: RuleBroken("agenda.talks_too_long") when the talks last longer than their session."""
    wanted, room = sum(minutes), int((ends_at - starts_at).total_seconds()) // 60
    if wanted > room:
        raise RuleBroken("agenda.talks_too_long", wanted=wanted, room=room)


def check_inside(starts_at: datetime, ends_at: datetime, outer_starts_at: datetime, outer_ends_at: datetime) -> None:
    """Raises: RuleBroken when a session ends before it starts, or reaches out of its occurrence."""
    if ends_at <= starts_at:
        raise RuleBroken("agenda.ends_before_start", starts_at=starts_at, ends_at=ends_at)
    if starts_at < outer_starts_at or ends_at > outer_ends_at:
        raise RuleBroken("agenda.outside", starts_at=outer_starts_at, ends_at=outer_ends_at)


def check_named(name: str) -> None:
    """Raises: RuleBroken("agenda.name")."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RuleBroken("agenda.name", most=LONGEST_NAME)


def check_minutes(minutes: int) -> None:
    """Raises: RuleBroken("agenda.minutes")."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise RuleBroken("agenda.minutes", least=1, most=MOST_MINUTES)


def check_count(count: int, most: int) -> None:
    """Raises: RuleBroken("agenda.too_many")."""
    if count > most:
        raise RuleBroken("agenda.too_many", most=most)


def check_shift(minutes: int) -> None:
    """Raises: RuleBroken("agenda.shift")."""
    if minutes == 0 or abs(minutes) > MOST_SHIFT:
        raise RuleBroken("agenda.shift", most=MOST_SHIFT)


def check_reason(reason: str) -> None:
    """Raises: RuleBroken("agenda.reason")."""
    if not 1 <= len(reason) <= LONGEST_WORDS:
        raise RuleBroken("agenda.reason", most=LONGEST_WORDS)


@dataclass(frozen=True)
class PersonWords:
    """A person as they are printed: name, where they work, what they are, a few words."""

    name: str
    organization: str = ""
    post: str = ""
    words: str = ""


def read_people(text: str) -> list[PersonWords]:
    """Persons as somebody types them, one a line: 姓名，单位，职务. The same person twice counts once.

    Raises: RuleBroken("agenda.person", line=…), RuleBroken("agenda.too_many").
    """
    found: dict[tuple[str, str], PersonWords] = {}
    for n, line in enumerate(text.splitlines(), start=1):
        for mark in ("，", "\t", "；", ";"):
            line = line.replace(mark, ",")
        name, organization, post = ([*(one_line(part) for part in line.split(",", 2)), "", ""])[:3]
        if not (name or organization or post):
            continue
        if not 1 <= len(name) <= 40 or max(len(organization), len(post)) > LONGEST_WORDS:
            raise RuleBroken("agenda.person", line=n)
        found.setdefault((name, organization), PersonWords(name, organization, post))
    check_count(len(found), MOST_PEOPLE)
    return list(found.values())


def said_people(people: Iterable[PersonWords]) -> str:
    """The same text back again, for the form."""
    lines = ("，".join((each.name, each.organization, each.post)).rstrip("，") for each in people)
    return "\n".join(lines)


@dataclass(frozen=True)
class ProposalPlan:
    """What a unit writes into a proposal."""

    theme: str
    summary: str = ""
    expert: str = ""
    expected: int | None = None
    budget: str = ""
    wished_on: date | None = None
    wished_half: Half = Half.MORNING
    needs: str = ""
    partners: tuple[int, ...] = ()  # units


def check_call(opens_at: datetime, closes_at: datetime) -> None:
    """Raises: RuleBroken("proposal.window")."""
    if closes_at <= opens_at:
        raise RuleBroken("proposal.window")


def check_call_open(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Half open. Raises: RuleBroken("proposal.not_open" | "proposal.closed"). Source: docs/sources.md#half-open"""
    if now < opens_at:
        raise RuleBroken("proposal.not_open", opens_at=opens_at)
    if now >= closes_at:
        raise RuleBroken("proposal.closed", closes_at=closes_at)


def check_plan(plan: ProposalPlan) -> None:
    """What may be kept as a draft. Raises: RuleBroken("proposal.theme" | "proposal.expected" | "proposal.text")."""
    if not 1 <= len(plan.theme) <= LONGEST_NAME:
        raise RuleBroken("proposal.theme", most=LONGEST_NAME)
    if plan.expected is not None and not 1 <= plan.expected <= MOST_EXPECTED:
        raise RuleBroken("proposal.expected", most=MOST_EXPECTED)


def missing(plan: ProposalPlan) -> list[str]:
    """The names of the fields that must be filled in before it is submitted."""
    return [name for name in ("summary", "expert", "expected", "wished_on") if not getattr(plan, name)]


def wished_hours(on: date, half: Half, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts, ends = HOURS[half]
    return dates.at(on, starts, zone), dates.at(on, ends, zone)


def check_may(state: ProposalState, allowed: Iterable[ProposalState]) -> None:
    """Raises: RuleBroken("proposal.state") when this can no longer be done with it."""
    if state not in allowed:
        raise RuleBroken("proposal.state", state=state)


@dataclass(frozen=True)
class Invited:
    """A guest as far as the order goes."""

    id: int
    group: int  # position of their group
    position: int | None
    name: str


def protocol_key(guest: Invited) -> tuple[object, ...]:
    """Group by group; in a group those with a place first, then the others by the sound of their names.

    The characters of GB 2312's first level, which most names are written in, stand there in the order of pinyin.
    Source: docs/sources.md#protocol-order
    """
    return guest.group, guest.position is None, guest.position or 0, guest.name.encode("gb18030"), guest.id


def seated(count: int) -> list[int]:
    """Numbers of a row of ``count`` guests as the audience sees them, from its left: 5 3 1 2 4.

    The first sits in the middle, the second at the first's left hand, the third at the right, and so on.
    Source: docs/sources.md#seat-order
    """
    return [*range(count - 1 + count % 2, 0, -2), *range(2, count + 1, 2)]


def rows_of(count: int, width: int) -> list[Sequence[int]]:
    """The numbers of several rows, the front row first; each is seated from its own middle."""
    return [range(first, min(first + width, count + 1)) for first in range(1, count + 1, width)]
