"""schema.org/Event as a dictionary, for JSON-LD inside the page. Pure: values in, a dictionary out.

Source: https://schema.org/Event, https://schema.org/EventStatusType
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from .rules import Status


@dataclass(frozen=True)
class Described:
    """What search engines are told of an occurrence. Dates are days for what lasts whole days, else instants in
    the civil zone; addresses are absolute."""

    name: str
    url: str
    starts: date  # a datetime is one too
    ends: date  # the last day, not the one after
    status: Status
    before: date | None  # the published start before the last move
    summary: str
    place: str
    address: str
    region: str
    latitude: float | None
    longitude: float | None
    organizer: str
    series: str
    capacity: int | None
    left: int | None


def event(what: Described) -> dict[str, Any]:
    """eventStatus says moved or cancelled; previousStartDate stays while the event is on."""
    values: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": what.name,
        "url": what.url,
        "startDate": what.starts.isoformat(),
        "endDate": what.ends.isoformat(),
        "eventStatus": f"https://schema.org/{status_of(what)}",
        "previousStartDate": what.before.isoformat() if what.before else None,
        "description": what.summary,
        "isAccessibleForFree": True,
        "location": _place(what),
        "organizer": {"@type": "Organization", "name": what.organizer},
        "superEvent": {"@type": "EventSeries", "name": what.series},
        "maximumAttendeeCapacity": what.capacity,
        "remainingAttendeeCapacity": what.left,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def status_of(what: Described) -> str:
    if what.status is Status.CANCELLED:
        return "EventCancelled"
    return "EventRescheduled" if what.before else "EventScheduled"


def _place(what: Described) -> dict[str, Any] | None:
    if not (what.place or what.address):
        return None
    place: dict[str, Any] = {"@type": "Place", "name": what.place or what.address}
    if what.address or what.region:
        place["address"] = {
            key: value
            for key, value in (
                ("@type", "PostalAddress"),
                ("streetAddress", what.address),
                ("addressRegion", what.region),
                ("addressCountry", "CN"),
            )
            if value
        }
    if what.latitude is not None and what.longitude is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": what.latitude, "longitude": what.longitude}
    return place
