"""A calendar of somebody else → dates as we would plan them, and what could not be read, with line and reason. Pure.

What is assumed is said: ``notes`` counts it. Times without a zone are read in the zone of the installation. Nothing of
the people in it is read: no ATTENDEE, no ORGANIZER, no alarm.
Source: docs/sources.md#icalendar
"""

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import vDDDTypes

from ..core.errors import RuleBroken
from ..core.text import composed, one_line
from ..events import rules as event_rules
from ..events.wording import CALLED_OFF, POINT
from .lines import Calendar, Component, Property, calendar_of
from .repeating import Repeated, repeated
from .rules import MOST_ITEMS, Note
from .zones import zone_of

LONGEST_TEXT = 5000  # characters of a description, as on our own form
LONGEST_PLACE = 200
LONGEST_UID = 255
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Item:
    """One date of a calendar. Instants are aware, in UTC; ``recurrence``: which date of its UID it is, "" for the only
    one; a day as 20261203, an instant as 20261203T060000Z."""

    uid: str
    recurrence: str
    line: int
    title: str
    summary: str
    place: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    cancelled: bool = False


@dataclass(frozen=True)
class Fault:
    """What could not be read: where, which event, and why as a code with its values."""

    line: int
    uid: str
    name: str
    code: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    """What a calendar holds. Items in the order of time."""

    name: str
    items: tuple[Item, ...]
    faults: tuple[Fault, ...]
    notes: Mapping[Note, int]


@dataclass(frozen=True)
class _Moment:
    """A DATE or DATE-TIME: on the wall clock, with the zone in which it is meant."""

    wall: datetime  # naive; of a day its midnight
    zone: tzinfo
    is_day: bool

    @property
    def instant(self) -> datetime:
        return self.wall.replace(tzinfo=self.zone).astimezone(UTC)

    @property
    def key(self) -> str:
        return f"{self.wall:%Y%m%d}" if self.is_day else f"{self.instant:%Y%m%dT%H%M%SZ}"

    def at(self, wall: datetime) -> "_Moment":
        return replace(self, wall=wall)


class _TooMany(RuleBroken):
    """More dates than are taken: no fault of one event, the calendar is refused as a whole."""

    def __init__(self) -> None:
        super().__init__("import.too_many_items", most=MOST_ITEMS)


class _Notes:
    """Counts of what was assumed."""

    def __init__(self) -> None:
        self.counts: dict[Note, int] = {}

    def add(self, note: Note) -> None:
        self.counts[note] = self.counts.get(note, 0) + 1


def read(content: bytes, *, zone: ZoneInfo, today: date) -> Read:
    """``zone``: of the installation. Raises: RuleBroken("import.…") when it is no calendar or more than is taken."""
    calendar = calendar_of(content)
    notes = _Notes()
    if calendar.old_text:
        notes.add(Note.OLD_TEXT)
    reader = _Reader(calendar, zone, today, notes)
    faults: list[Fault] = []
    items: dict[tuple[str, str], Item] = {}
    for event_items in reader.events(faults):
        for item in event_items:
            items[item.uid, item.recurrence] = item
            if len(items) > MOST_ITEMS:
                raise _TooMany
    name = one_line(_text(calendar.properties.value("X-WR-CALNAME") or calendar.properties.value("NAME")))
    order = sorted(items.values(), key=lambda item: (item.starts_at, item.ends_at, item.title, item.uid))
    return Read(name[: event_rules.LONGEST_NAME], tuple(order), tuple(faults), notes.counts)


class _Reader:
    def __init__(self, calendar: Calendar, zone: ZoneInfo, today: date, notes: _Notes) -> None:
        self.calendar, self.zone, self.today, self.notes = calendar, zone, today, notes
        self.zones = {
            each.value("TZID"): (each.value("X-LIC-LOCATION"), each.offsets) for each in calendar.zones if each.closed
        }
        self.withdraws = calendar.properties.value("METHOD").strip().upper() == "CANCEL"

    def events(self, faults: list[Fault]) -> Iterator[list[Item]]:
        """The dates of each event, its exceptions in their places."""
        masters, overrides = self._sorted(faults)
        for uid, event in masters.items():
            with _told(faults, event, uid):
                yield self._dates_of(uid, event, set(overrides.get(uid, ())))
        for uid, exceptions in overrides.items():
            for key, event in exceptions.items():
                with _told(faults, event, uid):
                    yield [self._exception(uid, key, event)]

    def _sorted(self, faults: list[Fault]) -> tuple[dict[str, Component], dict[str, dict[str, Component]]]:
        """Events by UID; their exceptions by UID and date. Of several for the same the latest revision counts."""
        masters: dict[str, Component] = {}
        overrides: dict[str, dict[str, Component]] = {}
        for event in self.calendar.events:
            uid = self._uid(event)
            if not event.closed:
                faults.append(_fault(event, uid, RuleBroken("import.cut_off")))
                continue
            if POINT in _categories(event):
                self.notes.add(Note.POINTS)
                continue
            recurrence = event.first("RECURRENCE-ID")
            key = ""
            with _told(faults, event, uid):
                key = uid if recurrence is None else self._moment(recurrence).key
            if not key:
                continue
            group = masters if recurrence is None else overrides.setdefault(uid, {})
            other = group.get(key)
            if other is not None:
                older, event = sorted((other, event), key=_revision)  # stable: the later line wins
                if event.value("DTSTART") != older.value("DTSTART") or recurrence is not None:
                    faults.append(_fault(older, uid, RuleBroken("import.uid_twice", line=event.line)))
            group[key] = event
        return masters, overrides

    def _uid(self, event: Component) -> str:
        uid = one_line(_text(event.value("UID")))
        if not uid:
            self.notes.add(Note.NO_UID)
            said = "\n".join(event.value(name) for name in ("SUMMARY", "DTSTART", "RECURRENCE-ID"))
            return f"none:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
        if len(uid) > LONGEST_UID:
            return f"sha256:{hashlib.sha256(uid.encode()).hexdigest()}"
        return uid

    # ---- dates

    def _dates_of(self, uid: str, event: Component, excepted: set[str]) -> list[Item]:
        start = self._start(event)
        length = self._length(event, start)
        self._span(start, start.wall + length)
        rule, extra = event.value("RRULE"), self._further(event)
        if not rule and not extra:
            return [self._item(uid, event, start, start.wall + length)]
        found = Repeated((start.wall,))
        if rule:
            found = repeated(rule, start.wall, is_day=start.is_day, zone=start.zone, today=self.today)
        if found.endless:
            self.notes.add(Note.ENDLESS)
        if found.left_out:
            self.notes.add(Note.PAST_OF_RULE)
        left_out = self._left_out(event)
        moments = {at.key: at for at in (*(start.at(wall) for wall in found.moments), *extra)}
        words = self._words(event)  # once: a long description costs more than its dates
        return [
            self._item(uid, event, at, at.wall + length, key, words)
            for key, at in moments.items()
            if not {key, f"{at.wall:%Y%m%d}"} & (left_out | excepted)
        ]

    def _further(self, event: Component) -> list[_Moment]:
        """The dates that it names one by one. Raises: _TooMany before the rest of them is looked at."""
        found: list[_Moment] = []
        for each in event.properties.get("RDATE", ()):
            found += self._moments(each)
            if len(found) > MOST_ITEMS:
                raise _TooMany
        return found

    def _left_out(self, event: Component) -> set[str]:
        return {moment.key for each in event.properties.get("EXDATE", ()) for moment in self._moments(each)}

    def _exception(self, uid: str, key: str, event: Component) -> Item:
        if any(each.ranged for each in event.properties["RECURRENCE-ID"]):
            self.notes.add(Note.THIS_AND_FUTURE)
        start = self._start(event)
        return self._item(uid, event, start, start.wall + self._length(event, start), key)

    def _start(self, event: Component) -> _Moment:
        found = event.first("DTSTART")
        if found is None:
            raise RuleBroken("import.no_start")
        moment = self._moment(found)
        if not moment.is_day and not found.zone and not found.value.strip().upper().endswith("Z"):
            self.notes.add(Note.FLOATING)
        return moment

    def _length(self, event: Component, start: _Moment) -> timedelta:
        """How long it lasts on the wall clock. Without an end: a day that is one, an hour of anything else."""
        end, said = event.first("DTEND"), event.first("DURATION")
        length = timedelta(0)
        if end is not None:
            last = self._moment(end)
            if last.is_day != start.is_day:
                raise RuleBroken("import.unreadable_time", text=end.value[:40])
            length = last.wall - start.wall if start.is_day or last.zone == start.zone else last.instant - start.instant
        elif said is not None:
            value = _value(said.value)
            if not isinstance(value, timedelta):
                raise RuleBroken("import.unreadable_time", text=said.value[:40])
            length = value
        if length == timedelta(0):
            if not start.is_day:
                self.notes.add(Note.NO_END)
            return A_DAY if start.is_day else AN_HOUR
        return length if not start.is_day or length % A_DAY == timedelta(0) else length - length % A_DAY + A_DAY

    def _moments(self, found: Property) -> Iterator[_Moment]:
        """The values of an EXDATE or RDATE; of a period its start."""
        for text in found.value.split(",")[:400]:
            yield self._moment(replace(found, value=text))

    def _moment(self, found: Property) -> _Moment:
        text = found.value.strip().upper()
        value = _value(text)
        if isinstance(value, tuple):
            value = value[0]
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return _Moment(value.replace(tzinfo=None), UTC, is_day=False)
            return _Moment(value, self._zone(found.zone), is_day=False)
        if isinstance(value, date):
            return _Moment(datetime.combine(value, time()), self.zone, is_day=True)
        raise RuleBroken("import.unreadable_time", text=text[:40])

    def _zone(self, name: str) -> tzinfo:
        if not name:
            return self.zone
        zone = zone_of(name, self.zones)
        if zone is None:
            raise RuleBroken("import.zone", name=one_line(name)[:60])
        return zone

    # ---- one date

    def _span(self, start: _Moment, ends: datetime) -> tuple[datetime, datetime]:
        """From when to when. Raises: RuleBroken for what no occurrence of ours can be."""
        starts_at, ends_at = start.instant, start.at(ends).instant
        event_rules.check_day(*(moment.astimezone(self.zone).date() for moment in (starts_at, ends_at)))
        event_rules.check_times(starts_at, ends_at)
        return starts_at, ends_at

    def _item(
        self,
        uid: str,
        event: Component,
        start: _Moment,
        ends: datetime,
        recurrence: str = "",
        words: tuple[str, str, str] | None = None,
    ) -> Item:
        starts_at, ends_at = self._span(start, ends)
        title, summary, place = words or self._words(event)
        status = event.value("STATUS").strip().upper()
        cancelled = status == "CANCELLED" or self.withdraws
        if self.withdraws:
            self.notes.add(Note.WITHDRAWN)
        return Item(
            uid, recurrence, event.line, title, summary, place, starts_at, ends_at, start.is_day, cancelled=cancelled
        )

    def _words(self, event: Component) -> tuple[str, str, str]:
        title = one_line(_text(event.value("SUMMARY"))).removeprefix(CALLED_OFF)
        place = one_line(_text(event.value("LOCATION")))
        summary = _plain(_text(event.value("DESCRIPTION")))
        address = event.value("URL").strip()
        if address and summary.endswith(address):
            summary = summary.removesuffix(address).rstrip()
        cut = self._cut(title, event_rules.LONGEST_NAME), self._cut(summary, LONGEST_TEXT)
        return *cut, self._cut(place, LONGEST_PLACE)

    def _cut(self, text: str, most: int) -> str:
        if len(text) <= most:
            return text
        self.notes.add(Note.CUT)
        return text[: most - 1].rstrip() + "…"


def _value(text: str) -> Any:
    try:
        return vDDDTypes.from_ical(text.strip().upper())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):  # InvalidCalendar is a ValueError
        return None


def _revision(event: Component) -> tuple[int, str]:
    sequence = event.value("SEQUENCE").strip()
    return int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 12 else 0, event.value(
        "LAST-MODIFIED"
    )


def _categories(event: Component) -> set[str]:
    return {word.strip() for each in event.properties.get("CATEGORIES", ()) for word in _text(each.value).split(",")}


@contextmanager
def _told(faults: list[Fault], event: Component, uid: str) -> Iterator[None]:
    """Read inside: what refuses is told, and the next event is read."""
    try:
        yield
    except _TooMany:
        raise
    except RuleBroken as broken:
        faults.append(_fault(event, uid, broken))
    except OverflowError:  # before the year 1, after 9999
        beyond = RuleBroken("event.day", least=event_rules.EARLIEST.year, most=event_rules.LATEST.year)
        faults.append(_fault(event, uid, beyond))


def _fault(event: Component, uid: str, broken: RuleBroken) -> Fault:
    name = one_line(_text(event.value("SUMMARY")))[: event_rules.LONGEST_NAME]
    details = {key: value.isoformat() if isinstance(value, date) else value for key, value in broken.details.items()}
    return Fault(event.line, "" if uid.startswith("none:") else uid, name, broken.code, details)


# ---- words

_ESCAPE = re.compile(r"\\([nN\\,;])")
_TAGGED = re.compile(r"<(?:br|p|div|span|a|b|i|ul|ol|li|html|table)\b[^<>]{0,2000}>", re.IGNORECASE)
_BREAKING = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,2000}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")


def _text(value: str) -> str:
    """A TEXT value as it was typed."""
    return composed(_ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value))


def _plain(text: str) -> str:
    """A description as paragraphs: without the tags that some programs write into it, without what cannot be seen."""
    if _TAGGED.search(text):
        text = html.unescape(_TAG.sub("", _BREAKING.sub("\n", text)))
    text = re.sub("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    lines = [_seen(line).rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _seen(line: str) -> str:
    return one_line(line) if not line.isascii() or not line.isprintable() else line
