"""Which feeds hold a thing and how long, and what it is called there. Pure."""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import RuleBroken
from ..core.text import one_line
from ..events.kinds import KINDS, Kind, Topic
from ..events.numbering import Numbered
from ..events.wording import POINT, whole_name
from . import ical
from .ical import Happening, Stamp

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
    units: tuple[str, ...] = ()  # slugs: who runs it, who owns its series, and all above them
    region: str = ""  # slug: of the venue, else of who runs it
    venue_id: int | None = None
    slot_at: datetime | None = None  # of a date that a rule gave: the planned start

    @property
    def is_point(self) -> bool:
        """It stands in a timeline; nobody goes there."""
        return self.source in (Source.MILESTONE, Source.ROUND)


PERSONAL = "p/"  # begins the path of a personal feed; what follows is the hash of its token


def kebab(member: Kind | Topic) -> str:
    """As it stands in an address."""
    return str(member.value).replace("_", "-")


# One row a scope: the feeds of this scope that hold a thing. What the calendar of a scope is called: ``queries``.
SCOPES: dict[str, Callable[[Facts], Iterable[str]]] = {
    "all": lambda thing: ("all",),
    "kinds": lambda thing: (f"kinds/{kebab(thing.kind)}",),
    "topics": lambda thing: (f"topics/{kebab(KINDS[thing.kind].topic)}",),
    "series": lambda thing: (f"series/{thing.series_slug}",),
    "editions": lambda thing: (f"editions/{thing.edition_id}",),
    "units": lambda thing: (f"units/{slug}" for slug in thing.units),
    "regions": lambda thing: (f"regions/{thing.region}",) if thing.region else (),
    "venues": lambda thing: (f"venues/{thing.venue_id}",) if thing.venue_id is not None else (),
}


def paths_of(thing: Facts) -> tuple[str, ...]:
    """The public feeds that a thing belongs to, whenever it takes place, in the order of ``SCOPES``."""
    if thing.source is Source.ROUND:  # who judges what is nobody else's business
        return ()
    return tuple(path for scope in SCOPES.values() for path in scope(thing))


def held_by(thing: Facts, now: datetime) -> tuple[str, ...]:
    """The public feeds that hold it now; none when it is in no calendar at all."""
    return paths_of(thing) if is_shown(thing, now) else ()


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
    return is_live(thing, now) and thing.starts_at < frame.starts_before and thing.ends_at > frame.ended_after


def is_live(thing: Facts, now: datetime) -> bool:
    """Whether a rule of which it is a date says it, however far it is away: what is cancelled only during the grace."""
    return thing.public and not (thing.cancelled and thing.ends_at <= window(now).cancelled_ended_after)


def heading(thing: Facts) -> str:
    """What it is called in a calendar, where nothing around it says which activity it belongs to."""
    return whole_name(thing.numbered, thing.series_name, thing.name or thing.edition_title)


def happening(thing: Facts, base_url: str, category: str) -> Happening:
    """The thing as a calendar says it. Feeds are stored once for all readers, so their words are Chinese."""
    host = f"主办：{thing.unit_name}" if thing.unit_name else ""
    categories = (category, POINT if thing.is_point else "")
    return Happening(
        uid=thing.uid, starts_at=thing.starts_at, ends_at=thing.starts_at if thing.is_deadline else thing.ends_at,
        title=heading(thing), url=f"{base_url}{thing.path}",
        text="\n".join(part for part in (host, thing.text) if part), place=thing.place,
        categories=tuple(word for word in categories if word), geo=thing.geo, all_day=thing.all_day,
        moved_from_at=thing.moved_from_at, cancelled=thing.cancelled, reason=thing.reason,
    )  # fmt: skip


@dataclass(frozen=True)
class Published:
    """What was published last of a thing; ``body`` b"" when it has left the calendars."""

    body: bytes
    stamp: Stamp


def stamped(content: bytes, thing: Facts, before: Published | None, now: datetime) -> Published:
    """The content as it is published from now on: the same bytes when it is what was published before.

    Otherwise SEQUENCE rises, to the thing's own revision at least, and so does LAST-MODIFIED: to the time of the change
    where the thing knows it, else (a unit got another name) to now.
    """
    if before is None:
        return Published(ical.stamped(content, first := Stamp(thing.revision, thing.changed_at)), first)
    if ical.stamped(content, before.stamp) == before.body:
        return before
    if not content:  # no calendar can say it: what is published is nothing, under the stamp that it goes on from
        return Published(b"", before.stamp)
    changed_at = thing.changed_at if thing.changed_at > before.stamp.changed_at else max(now, before.stamp.changed_at)
    stamp = Stamp(max(before.stamp.sequence + 1, thing.revision), changed_at)
    return Published(ical.stamped(content, stamp), stamp)


def label(text: str) -> str:
    """The name that a person gives to a subscription. Raises: RuleBroken("feed.label")."""
    clean = one_line(text)
    if not 1 <= len(clean) <= LONGEST_LABEL:
        raise RuleBroken("feed.label", most=LONGEST_LABEL)
    return clean
