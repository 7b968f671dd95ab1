"""schema.org as dictionaries, for JSON-LD inside the page: an occurrence, an edition, a series. Pure: values in, a
dictionary out. Whoever writes it into a page escapes it for there.

Names and texts are bounded, and what a search engine asks for stands in it: a name, a start, a place with an address.
Source: docs/sources.md#structured-data
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..core.text import bounded
from .rules import Status, Window

LONGEST_NAME = 200  # characters
LONGEST_TEXT = 1500
MOST_PARTS = 12  # occurrences that stand inside an edition or a series; the page has all of them
LANGUAGE = "zh-CN"  # names and texts are Chinese in every language of the page
COUNTRY = "CN"
SCHEMA = "https://schema.org/"
# Nobody writes down whether something is held online; organisers say so in the words for its place.
ONLINE_WORDS = ("线上", "网上", "在线", "云端", "直播", "腾讯会议", "视频会议")
# What a search engine is told of registration. Not there: nothing is offered.
AVAILABILITY = {Window.LATER: "PreOrder", Window.OPEN: "InStock", Window.FULL: "SoldOut"}


@dataclass(frozen=True)
class Located:
    """Where it is, as far as it is known."""

    place: str = ""  # hall and words
    hall: bool = False  # in a venue of ours, so people go there
    address: str = ""
    region: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Offered:
    """Registration: where it stands, from when until when, where. It costs nothing."""

    state: Window
    url: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Part:
    """An occurrence in few words. Dates are days for what lasts whole days, else instants in the civil zone; addresses
    are absolute."""

    name: str
    url: str
    starts: date  # a datetime is one too
    ends: date  # the last day, not the one after
    where: Located
    status: Status = Status.SCHEDULED
    before: date | None = None  # the published start before the last move


@dataclass(frozen=True)
class Series:
    """The series that something belongs to; ``url`` is "" when it has no public page."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Described:
    """What search engines are told of an occurrence besides its few words."""

    part: Part
    uid: str
    summary: str
    organizer: str
    edition_url: str  # "" when the edition has no public page
    series: Series
    capacity: int | None
    left: int | None
    offered: Offered


@dataclass(frozen=True)
class Whole:
    """What they are told of an edition; the dates of its own part are those of its first and last occurrence."""

    part: Part
    summary: str
    organizer: str
    series: Series
    parts: Sequence[Part] = ()


def occurrence(what: Described) -> dict[str, Any]:
    """eventStatus says moved or cancelled; the former start stands only with the first of the two."""
    return {
        "@context": SCHEMA.rstrip("/"),
        **_part(what.part),
        **_filled(
            identifier=what.uid,
            inLanguage=LANGUAGE,
            description=bounded(what.summary, LONGEST_TEXT),
            isAccessibleForFree=True,
            organizer=_organizer(what.organizer),
            superEvent=_above(what),
            maximumAttendeeCapacity=what.capacity,
            remainingAttendeeCapacity=what.left,
            offers=_offers(what.offered),
        ),
    }


def edition(what: Whole) -> dict[str, Any]:
    """An edition is an event that lasts from its first occurrence to its last."""
    return {
        "@context": SCHEMA.rstrip("/"),
        **_part(what.part),
        **_filled(
            inLanguage=LANGUAGE,
            description=bounded(what.summary, LONGEST_TEXT),
            isAccessibleForFree=True,
            organizer=_organizer(what.organizer),
            superEvent=_series(what.series),
            subEvent=[_part(part) for part in what.parts[:MOST_PARTS]],
        ),
    }


def series(what: Series, *, summary: str, organizer: str, where: Located, parts: Sequence[Part]) -> dict[str, Any]:
    """A series is what recurs; it begins with the next date that is known, and has no dates without one."""
    shown = parts[:MOST_PARTS]
    return {
        "@context": SCHEMA.rstrip("/"),
        **_series(what),
        **_filled(
            inLanguage=LANGUAGE,
            description=bounded(summary, LONGEST_TEXT),
            isAccessibleForFree=True,
            organizer=_organizer(organizer),
            startDate=min((part.starts for part in shown), key=_sortable).isoformat() if shown else None,
            location=_location(where, "") if shown else None,
            subEvent=[_part(part) for part in shown],
        ),
    }


def status_of(part: Part) -> str:
    if part.status is Status.CANCELLED:
        return "EventCancelled"
    return "EventRescheduled" if part.before else "EventScheduled"


def attendance_of(where: Located) -> str:
    """Offline, online, or both: online only where the words for the place say it."""
    if not any(word in where.place for word in ONLINE_WORDS):
        return "OfflineEventAttendanceMode"
    return "MixedEventAttendanceMode" if where.hall else "OnlineEventAttendanceMode"


def _part(part: Part) -> dict[str, Any]:
    status = status_of(part)
    return _filled(
        **{"@type": "Event", "@id": part.url},
        name=bounded(part.name, LONGEST_NAME),
        url=part.url,
        startDate=part.starts.isoformat(),
        endDate=part.ends.isoformat(),
        eventStatus=SCHEMA + status,
        # Search engines take a former start with no other status.
        previousStartDate=part.before.isoformat() if part.before and status == "EventRescheduled" else None,
        eventAttendanceMode=SCHEMA + attendance_of(part.where),
        location=_location(part.where, part.url),
    )


def _above(what: Described) -> Any:
    # The edition by its address alone: an event within an event would have to say its own dates and place again.
    above = _series(what.series)
    return [{"@id": what.edition_url}, above] if what.edition_url else above


def _series(what: Series) -> dict[str, Any]:
    return _filled(**{"@type": "EventSeries", "@id": what.url}, name=bounded(what.name, LONGEST_NAME), url=what.url)


def _organizer(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": bounded(name, LONGEST_NAME)}


def _offers(offered: Offered) -> dict[str, Any] | None:
    available = AVAILABILITY.get(offered.state)
    if available is None:
        return None
    return _filled(
        **{"@type": "Offer"},
        url=offered.url,
        price="0",
        priceCurrency="CNY",
        availability=SCHEMA + available,
        validFrom=offered.opens_at.isoformat() if offered.opens_at else None,
        validThrough=offered.closes_at.isoformat() if offered.closes_at else None,
    )


def _location(where: Located, url: str) -> dict[str, Any] | list[dict[str, Any]]:
    mode = attendance_of(where)
    virtual = _filled(**{"@type": "VirtualLocation"}, url=url)
    if mode == "OnlineEventAttendanceMode":
        return virtual
    place = _place(where)
    return [place, virtual] if mode == "MixedEventAttendanceMode" else place


def _place(where: Located) -> dict[str, Any]:
    point = None
    if where.latitude is not None and where.longitude is not None:
        point = {"@type": "GeoCoordinates", "latitude": where.latitude, "longitude": where.longitude}
    return _filled(
        **{"@type": "Place"},
        name=bounded(where.place or where.address or "地点待公布", LONGEST_NAME),
        address=_filled(
            **{"@type": "PostalAddress"},
            streetAddress=bounded(where.address, LONGEST_NAME),
            addressRegion=where.region,
            addressCountry=COUNTRY,
        ),
        geo=point,
    )


def _filled(**values: Any) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _sortable(day: date) -> str:
    """Days and instants in one order: both begin with the day."""
    return day.isoformat()
