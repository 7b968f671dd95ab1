"""What every activity of the demo city stands on: halls, a plan with usual values, the dates of a series."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from ..core.db import db
from ..events import services as events
from ..events.models import Edition, Occurrence, Room, Series
from ..events.plans import Plan
from .people import City

OPEN_AIR = "重庆科学会堂广场"  # no room of ours: any number of people, any number of times


def add_rooms(city: City, now: datetime) -> dict[str, Room]:
    """Three venues with their halls. Coordinates are those of the districts, rounded."""
    venues = (
        ("重庆科学会堂", "渝中区双钢路3号", 29.56, 106.55, (("报告厅", 200), ("一会议室", 40), ("二会议室", 40))),
        ("重庆科技馆", "两江新区江北城文星门街7号", 29.57, 106.57, (("多功能厅", 300), ("学术报告厅", 120))),
        (
            "万州区会展中心",
            "万州区江南大道",
            30.80,
            108.40,
            (("主会场", 600), ("第一分会场", 120), ("第二分会场", 120)),
        ),
    )
    found: dict[str, Room] = {}
    for name, address, latitude, longitude, halls in venues:
        venue = events.add_venue(
            name, address=address, latitude=latitude, longitude=longitude, actor=city.organizer, now=now
        )
        for hall, seats in halls:
            room = events.add_room(venue.id, hall, seats=seats, actor=city.organizer, now=now)
            found[f"{name}{hall}"] = room
    return found


def plan(city: City, **values: object) -> Plan:
    """An afternoon of the association's, with registration, unless ``values`` say otherwise."""
    defaults: dict[str, object] = {
        "unit_id": city.association.id,
        "rule": "",
        "starts": time(14, 0),
        "duration": timedelta(hours=3),
        "first_number": 1,
        "opens_before": timedelta(days=45),
        "closes_before": timedelta(days=1),
    }
    return Plan(**{**defaults, **values})  # type: ignore[arg-type]


def editions(series: Series) -> list[Edition]:
    return list(
        db.session.scalars(select(Edition).where(Edition.series_id == series.id).order_by(Edition.year, Edition.number))
    )


def occurrences(edition_id: int) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.edition_id == edition_id).order_by(Occurrence.starts_at)
    return list(db.session.scalars(query))
