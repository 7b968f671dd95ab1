"""iCalendar bytes (RFC 5545, RFC 7986): values in, bytes out. Reads no clock, so equal values are equal bytes.

A published calendar is ``head`` + blocks + ``TAIL``. A block is one thing, made once per change: a VEVENT, or the
master of a rule and behind it what takes place instead of some of its dates.
Source: docs/sources.md#icalendar
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Timezone, TimezoneStandard, vDuration, vRecur, vText

from ..core.text import bounded
from ..events.wording import CALLED_OFF, last_day, said_before

PRODUCT = "-//kexie-events//feeds//ZH"
REFRESH = timedelta(hours=6)  # written PT6H
LINE = 75  # octets without the CRLF
LONGEST_TITLE = 200  # characters; a title is shown in one line
LONGEST_TEXT = 1500  # characters; the page has the whole text, the calendar its beginning
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)

# What breaks a line somewhere: Python's splitlines() and the clients built on it break at all of these.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Other controls, lone surrogates, byte order marks, noncharacters, and marks that turn the reading direction.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Happening:
    """One thing in a calendar, in words and instants (aware)."""

    uid: str
    starts_at: datetime
    ends_at: datetime  # equal to starts_at for a point: a deadline
    title: str
    url: str
    text: str = ""
    place: str = ""
    categories: tuple[str, ...] = ()
    geo: tuple[float, float] | None = None  # degrees north and east, WGS-84
    all_day: bool = False
    moved_from_at: datetime | None = None  # the published start before the last move
    cancelled: bool = False
    reason: str = ""  # why it was moved or cancelled

    @property
    def is_point(self) -> bool:
        return self.ends_at <= self.starts_at

    @property
    def by_day(self) -> bool:
        """Days, not hours: what lasts a day or longer would be a bar through every night."""
        return self.all_day or self.ends_at - self.starts_at >= A_DAY


@dataclass(frozen=True)
class Recurring:
    """A rule and its exceptions. ``master`` is its first date, which takes place; slots are planned starts (aware)."""

    master: Happening
    rule: str  # value of RRULE
    excluded: tuple[datetime, ...] = ()  # slots at which nothing takes place
    instead: dict[datetime, Happening] = field(default_factory=dict)  # what takes place instead, by its slot
    follows: str = ""  # UID of the rule that it goes on from


@dataclass(frozen=True)
class Stamp:
    """Which state of a thing its block is, for clients that know an older one."""

    sequence: int
    changed_at: datetime


_BLANK = b"DTSTAMP:19700101T000000Z\r\nLAST-MODIFIED:19700101T000000Z\r\nSEQUENCE:0\r\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamped(content: bytes, stamp: Stamp) -> bytes:
    """The block of a content: every VEVENT of it carries the stamp, so an override is never older than its master.

    Without METHOD, DTSTAMP is the time of the last revision (RFC 5545 3.8.7.2): stable between two fetches.
    """
    moment = f"{stamp.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = f"DTSTAMP:{moment}\r\nLAST-MODIFIED:{moment}\r\nSEQUENCE:{stamp.sequence}\r\n"
    return content.replace(_BLANK, lines.encode())


def block(thing: Happening | Recurring, zone: ZoneInfo, stamp: Stamp) -> bytes:
    """One thing with its CRLFs. Raises: as ``content``."""
    return stamped(content(thing, zone), stamp)


def content(thing: Happening | Recurring, zone: ZoneInfo) -> bytes:
    """One thing with its CRLFs, its stamps still blank: equal contents need no new stamp.

    Raises: ValueError, OverflowError for what a calendar cannot say; the caller leaves the thing out.
    """
    if isinstance(thing, Happening):
        return written(vevent(thing, zone))
    master = vevent(thing.master, zone, rule=thing)
    instead = [vevent(one, zone, slot=_slot(at, thing.master, zone)) for at, one in sorted(thing.instead.items())]
    return b"".join(written(event) for event in (master, *instead))


def vevent(thing: Happening, zone: ZoneInfo, *, rule: Recurring | None = None, slot: date | None = None) -> Event:
    """A VEVENT before it is bytes, its stamps blank: letters add whom they invite."""
    event = Event()
    event.add("uid", Text(one_line(thing.uid)))
    event.add("dtstamp", _EPOCH)
    event.add("last-modified", _EPOCH)
    event.add("sequence", 0)
    if slot is not None:
        event.add("recurrence-id", slot)
    start, end = _span(thing, zone)
    event.add("dtstart", start)
    event.add("dtend", end)
    if rule is not None:
        event.add("rrule", vRecur.from_ical(rule.rule))
        for at in rule.excluded:  # a line for each: a list is read wrongly by some
            event.add("exdate", _slot(at, thing, zone))
        if rule.follows:
            event.add("related-to", Text(one_line(rule.follows)), parameters={"RELTYPE": "SIBLING"})
    title = bounded(one_line(thing.title), LONGEST_TITLE)
    event.add("summary", Text(f"{CALLED_OFF}{title}" if thing.cancelled else title))
    event.add("status", "CANCELLED" if thing.cancelled else "CONFIRMED")
    if thing.is_point or thing.by_day:
        event.add("transp", "TRANSPARENT")  # it takes nobody's time away
        event.add("x-microsoft-cdo-busystatus", "FREE")
    event.add("description", Text(_description(thing, zone)))
    if thing.place:
        event.add("location", Text(bounded(one_line(thing.place), LONGEST_TITLE)))
    if thing.geo:
        event.add("geo", (round(thing.geo[0], 6), round(thing.geo[1], 6)))
    if thing.categories:
        # The library unfolds "\N" inside a category; our categories are words without a backslash.
        event.add("categories", [one_line(word).replace("\\", "") for word in thing.categories])
    if address := web_address(thing.url):
        event.add("url", address)
    return event


def _slot(at: datetime, master: Happening, zone: ZoneInfo) -> date:
    """A planned start in the form of the master's: in another one clients do not find it, and show it twice."""
    wall = at.astimezone(zone)
    return wall.date() if master.by_day else wall


@lru_cache(maxsize=1024)  # all personal feeds begin alike
def head(name: str, zone: ZoneInfo) -> bytes:
    """The beginning of a calendar, its one VTIMEZONE included.

    No METHOD (it would ask for an ORGANIZER) and no UID (a calendar UID makes vdirsyncer fold the feed into one item).
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    shown = Text(bounded(one_line(name), LONGEST_TITLE))
    calendar.add("name", shown)
    calendar.add("x-wr-calname", shown)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    if has_one_offset(zone):
        calendar.add_component(zone_component(zone))
    return written(calendar).removesuffix(TAIL)


TAIL = b"END:VCALENDAR\r\n"


def whole(name: str, blocks: Iterable[bytes], zone: ZoneInfo) -> bytes:
    """A whole calendar from its stored blocks."""
    return b"".join((head(name, zone), *blocks, TAIL))


# ---- words


def clean(text: str) -> str:
    """Text without what breaks lines or hides in them: the library lets NUL, VT, U+0085 and U+2028 through."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\t", " ")


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def web_address(url: str) -> str:
    """The address when it leads to the web; "" for javascript:, data: and what is no address at all."""
    if url != one_line(url) or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def _description(thing: Happening, zone: ZoneInfo) -> str:
    """What changed first, the text, the address last: Google and phones do not show URL."""
    lines = []
    if thing.cancelled:
        lines.append(CALLED_OFF)
    if thing.moved_from_at is not None:
        lines.append(f"原定{said(said_before(thing.moved_from_at, zone))}")
    if thing.reason and (thing.cancelled or thing.moved_from_at is not None):
        lines.append(f"原因：{bounded(one_line(thing.reason), LONGEST_TITLE)}")
    if thing.by_day and not thing.all_day:
        # Shown by day, so the hours stand in words.
        lines.append(f"时间：{said(thing.starts_at.astimezone(zone))}至{said(thing.ends_at.astimezone(zone))}")
    text = "\n".join(line.rstrip() for line in clean(thing.text[: 4 * LONGEST_TEXT]).split("\n")).strip()
    if text:
        lines.append(bounded(re.sub(r"\n{3,}", "\n\n", text), LONGEST_TEXT))
    if address := web_address(thing.url):
        lines.append(address)
    return "\n".join(lines)


def said(value: date) -> str:
    """A day, or an instant on the wall clock. The year always stands: the words stay in the calendar for years."""
    words = f"{value.year}年{value.month}月{value.day}日"
    return f"{words}{value.hour}:{value:%M}" if isinstance(value, datetime) else words


# ---- time


def _span(thing: Happening, zone: ZoneInfo) -> tuple[date, date]:
    """DTSTART and DTEND; the end always stands, because clients guess differently without it."""
    starts, ends = thing.starts_at.astimezone(zone), thing.ends_at.astimezone(zone)
    if thing.by_day:
        return starts.date(), last_day(starts, ends) + A_DAY  # exclusive
    if thing.is_point:
        # A deadline at midnight belongs to the day that ends: people would see it a day late.
        starts = starts - A_MINUTE if starts.time() == time(0) else starts
        ends = starts + A_MINUTE  # RFC 5545 3.8.2.2: the end must be later than the start
    if has_one_offset(zone):
        return starts, ends
    return starts.astimezone(UTC), ends.astimezone(UTC)


@cache
def has_one_offset(zone: ZoneInfo) -> bool:
    """Whether the wall clock never changes in the years that a feed shows. Where it does, times are written in UTC,
    which every client reads rightly without knowing the zone's rules."""
    offsets = {
        datetime(year, month, 1, tzinfo=zone).utcoffset() for year in range(2000, 2060) for month in (1, 4, 7, 10)
    }
    return len(offsets) == 1


def zone_component(zone: ZoneInfo) -> Timezone:
    """The one VTIMEZONE, in the shape that Google writes. Outlook ignores those made of RDATEs."""
    standard = TimezoneStandard()
    offset = datetime(2020, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 -- a wall-clock time by definition
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    component = Timezone()
    component.add("tzid", zone.key)
    component.add_component(standard)
    return component


# ---- bytes


class Text(vText):
    """A text value. The library reads a typed backslash and N as a line break; a path like C:\\New is none."""

    def to_ical(self) -> bytes:
        value = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return value.encode()


def written(component: Component) -> bytes:
    lines: list[Any] = component.content_lines(sorted=False)
    return b"".join(fold(line.encode()) for line in lines if line)


def fold(line: bytes) -> bytes:
    """One content line with its CRLF, folded as the library folds, but by slices instead of characters: at most 75
    octets, never inside a character, and never inside an escape, however many backslashes stand in a row."""
    if len(line) < LINE:
        return line + b"\r\n"
    pieces, start = [], 0
    while len(line) - start >= LINE:
        cut = start + LINE - 1  # one less for the space that begins a continuation
        while line[cut] & 0xC0 == 0x80:
            cut -= 1
        backslashes = cut - start - len(line[start:cut].rstrip(b"\\"))
        cut -= backslashes % 2
        pieces.append(line[start:cut])
        start = cut
    pieces.append(line[start:])
    return b"\r\n ".join(pieces) + b"\r\n"
