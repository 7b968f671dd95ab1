"""The science museum's own calendar, from which the lecture tour takes over what it needs: then it changes."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ..core.dates import at
from ..imports import comparing, queries, services
from ..imports.fetching import Fetched
from ..imports.services import Choice
from . import lectures
from .people import City

# Nobody answers there; in a day the page of the source says so, in words.
ADDRESS = "https://calendar.example.org/museum/9f2c41/basic.ics"
# Name, weeks from now, hour, place: what stood in it the day before yesterday.
EVENTS = (
    ("走近长江鲟", 3, 10, "重庆科技馆 多功能厅"),
    ("雾都的雾从哪里来", 4, 10, "重庆科技馆 学术报告厅"),
    ("一座桥能站多久", 5, 14, "重庆科技馆一楼序厅"),
)


def build(city: City, now: datetime, zone: ZoneInfo) -> None:
    edition = lectures()
    assert edition is not None
    today = now.astimezone(zone).date()
    first, then = now - timedelta(hours=25), now - timedelta(hours=1)
    run = services.add_source(
        edition.id, ADDRESS, label="科技馆讲座排期", is_daily=True, key=UUID(int=1), actor=city.organizer, now=first
    )
    services.work(now=first, fetch=lambda *_, **__: Fetched(_calendar(today, zone), '"1"', ""))
    run = queries.calendar_import(city.organizer, run.id)
    outcomes = queries.outlook(run, now=first, zone=zone)
    ticked = frozenset(each.key for each in outcomes if each.ticked)
    services.apply(
        run.id, Choice(ticked, comparing.digest(outcomes)), actor=city.organizer, now=first, zone=zone
    )  # fmt: skip
    changed = _calendar(today, zone, later=True)
    services.work(now=then, fetch=lambda *_, **__: Fetched(changed, '"2"', ""))


def _calendar(today: date, zone: ZoneInfo, *, later: bool = False) -> bytes:
    """``later``: one has another hour, one is called off, one is new, one cannot be read."""
    events = [_event(n, name, weeks, hour, place, today, zone) for n, (name, weeks, hour, place) in enumerate(EVENTS)]
    if later:
        name, weeks, hour, place = EVENTS[0]
        events[0] = _event(0, name, weeks, hour + 4, place, today, zone)
        events[1] = events[1].replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
        events.append(_event(3, "夜观双子座流星雨", 6, 19, "重庆科技馆楼顶平台", today, zone))
        events.append(_event(4, "机器人开放日", 7, 9, "重庆科技馆", today, zone).replace("DTSTART:", "DTSTART:下午"))
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//museum//ZH\r\nX-WR-CALNAME:科技馆讲座排期\r\n"
    return f"{head}{''.join(events)}END:VCALENDAR\r\n".encode()


def _event(n: int, name: str, weeks: int, hour: int, place: str, today: date, zone: ZoneInfo) -> str:
    day = today + timedelta(days=(5 - today.weekday()) % 7 + 7 * weeks)
    starts_at = at(day, datetime.min.time().replace(hour=hour), zone).astimezone(ZoneInfo("UTC"))
    return (
        f"BEGIN:VEVENT\r\nUID:lecture-{n}@museum.example.org\r\nSUMMARY:{name}\r\nDTSTART:{starts_at:%Y%m%dT%H%M%SZ}\r\n"
        f"DURATION:PT1H30M\r\nLOCATION:{place}\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n"
    )
