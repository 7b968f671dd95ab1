"""Which feeds hold a thing and how long, and what it is called there. Pure."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import RuleBroken
from ..core.text import one_line
from ..events.kinds import Kind
from ..events.numbering import Numbered
from ..events.wording import whole_name
from .ical import Happening

KEPT_AFTER = timedelta(days=90)  # what is over stays this long, so that a calendar has a past
SHOWN_AHEAD = timedelta(days=548)  # 18 months: a feed stays below the sizes that big clients refuse
GRACE = timedelta(days=30)  # a cancelled one stays this long past its date: absent would only be puzzling
MOST_SUBSCRIPTIONS = 20
LONGEST_LABEL = 40


class Source(enum.Enum):
    """What a calendar entry comes from (条目来源)."""

    OCCURRENCE = "occurrence"
    MILESTONE = "milestone"
    PATTERN = "pattern"  # a rule: its master and the overrides
    ROUND = "round"  # in the calendars of its judges only


class PersonalPart(enum.Enum):
    """What a personal calendar is made of (个人日历的组成)."""

    REGISTRATIONS = "registrations"  # one's own, and those that one filed for others: children, a class
    ENTRIES = "entries"  # the timelines of the editions in which one has a work
    JUDGING = "judging"


@dataclass(frozen=True)
class Facts:
    """What the database knows of one thing that may stand in calendars. Instants are aware."""

    source: Source
    source_id: int
    public: bool  # published, and so are its edition and its series
    uid: str
    revision: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    name: str  # its own; "" when it has none
    edition_id: int
    series_slug: str
    series_name: str
    numbered: Numbered
    edition_title: str
    kind: Kind
    path: str  # of its page
    text: str = ""
    place: str = ""
    unit_name: str = ""
    geo: tuple[float, float] | None = None
    all_day: bool = False
    is_deadline: bool = False
    moved_from_at: datetime | None = None
    cancelled: bool = False
    reason: str = ""


PERSONAL = "p/"  # begins the path of a personal feed; what follows is the hash of its token

# One row a scope: a feed of this scope holds the thing under this path; None: no feed of this scope does.
SCOPES: dict[str, Callable[[Facts], str | None]] = {
    "all": lambda thing: "all",
    "series": lambda thing: f"series/{thing.series_slug}",
    "editions": lambda thing: f"editions/{thing.edition_id}",
}


def held_by(thing: Facts, now: datetime) -> tuple[str, ...]:
    """The paths of the public feeds that hold it now, in the order of ``SCOPES``; none when it is in no feed at all."""
    if not is_shown(thing, now):
        return ()
    return tuple(path for scope in SCOPES.values() if (path := scope(thing)) is not None)


@dataclass(frozen=True)
class Window:
    """The instants between which things stand in calendars; queries compare with the same ones."""

    ended_after: datetime
    cancelled_ended_after: datetime
    starts_before: datetime


def window(now: datetime) -> Window:
    return Window(now - KEPT_AFTER, now - GRACE, now + SHOWN_AHEAD)


def is_shown(thing: Facts, now: datetime) -> bool:
    """Whether it stands in calendars: what is no longer public is gone at once, what is cancelled after the grace."""
    frame = window(now)
    least = frame.cancelled_ended_after if thing.cancelled else frame.ended_after
    return thing.public and thing.starts_at < frame.starts_before and thing.ends_at > least


def heading(thing: Facts) -> str:
    """What it is called in a calendar, where nothing around it says which activity it belongs to."""
    return whole_name(thing.numbered, thing.series_name, thing.name or thing.edition_title)


def happening(thing: Facts, base_url: str, category: str) -> Happening:
    """The thing as a calendar says it. Feeds are stored once for all readers, so their words are Chinese."""
    host = f"主办：{thing.unit_name}" if thing.unit_name else ""
    return Happening(
        uid=thing.uid, revision=thing.revision, changed_at=thing.changed_at,
        starts_at=thing.starts_at, ends_at=thing.starts_at if thing.is_deadline else thing.ends_at,
        title=heading(thing), url=f"{base_url}{thing.path}",
        text="\n".join(part for part in (host, thing.text) if part), place=thing.place,
        categories=(category,) if category else (), geo=thing.geo, all_day=thing.all_day,
        moved_from_at=thing.moved_from_at, cancelled=thing.cancelled, reason=thing.reason,
    )  # fmt: skip


def label(text: str) -> str:
    """The name that a person gives to a subscription. Raises: RuleBroken("feed.label")."""
    clean = one_line(text)
    if not 1 <= len(clean) <= LONGEST_LABEL:
        raise RuleBroken("feed.label", most=LONGEST_LABEL)
    return clean
