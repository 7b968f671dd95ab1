"""An Atom feed of public notices: values in, bytes out. Reads no clock, so equal values are equal bytes. Pure.

Names of things last: an entry is known by the notice's own identifier, a feed by whose it is and what it holds, never
by a host name, so that a move to another address makes nothing new. Source: docs/sources.md#atom
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree

from ..core.text import bounded

MIMETYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 100
LONGEST_SUMMARY = 1500  # characters; the page has the whole text
# Of a feed that never held anything: a feed must say when it changed, and it never did.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_FEEDS = uuid.UUID("6f6d3c1e-9d0e-4b37-8f57-0d6b8f6f6a30")  # a name space of our own, for the names of feeds

# What XML cannot hold, and what turns the reading direction of a line.
_UNFIT = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Entry:
    """One notice. Addresses are absolute, instants aware."""

    uid: str  # its UUID
    title: str
    body: str
    url: str
    unit: str  # who hangs it out
    activity: str  # the edition, whole name
    first: date
    last: date  # the last day, not the one after
    days: int  # working days
    starts_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Feed:
    """What is said of the whole: ``holds`` is its path, the same for ever."""

    name: str
    organization: str
    holds: str
    url: str  # of the feed itself
    page: str  # of the page that it belongs to
    changed_at: datetime | None  # of the last change in it, departures included; None: nothing ever was


def feed(what: Feed, entries: Sequence[Entry]) -> bytes:
    """A whole document, at most ``MOST_ENTRIES`` of the entries in the order in which they come."""
    root = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "zh-CN"})
    _add(root, "id", uuid.uuid5(_FEEDS, f"{what.organization}/{what.holds}").urn)
    _add(root, "title", what.name)
    _add(root, "updated", _stamp(what.changed_at or NEVER))
    _link(root, "self", what.url, MIMETYPE)
    _link(root, "alternate", what.page, "text/html")
    _author(root, what.organization)
    for entry in entries[:MOST_ENTRIES]:
        _entry(root, entry)
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written + b"\n"


def _entry(root: ElementTree.Element, entry: Entry) -> None:
    element = ElementTree.SubElement(root, "entry")
    _add(element, "id", uuid.UUID(entry.uid).urn)
    _add(element, "title", entry.title)
    # One that is announced for a later day is news from the day on which it was announced.
    _add(element, "published", _stamp(min(entry.starts_at, entry.changed_at)))
    _add(element, "updated", _stamp(entry.changed_at))
    _link(element, "alternate", entry.url, "text/html")
    _author(element, entry.unit)
    ElementTree.SubElement(element, "category", {"term": fit(entry.activity)})
    ElementTree.SubElement(element, "summary", {"type": "text"}).text = summary(entry)


def summary(entry: Entry) -> str:
    """Until when it hangs, then its words, as plain text: it says the same during and after the days."""
    days = f"公示期为{_day(entry.first)}至{_day(entry.last)}，共 {entry.days} 个工作日，含发布当日。"
    return f"{days}\n\n{bounded(fit(entry.body).strip(), LONGEST_SUMMARY)}"


def fit(text: str) -> str:
    """Text without what XML cannot hold and what hides in it."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = " ".join(fit(text).split())  # one line


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "type": kind, "href": fit(href)})


def _author(parent: ElementTree.Element, name: str) -> None:
    _add(ElementTree.SubElement(parent, "author"), "name", name)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
