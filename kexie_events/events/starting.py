"""What an edition starts with: the milestones of its kind, dated from the first day of what takes place. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..core import dates
from .kinds import Point


@dataclass(frozen=True)
class Dated:
    """A milestone with its dates: aware instants; equal for an instant."""

    point: Point
    starts_at: datetime
    ends_at: datetime


def dated(
    points: Sequence[Point], first_on: date, zone: ZoneInfo, *, chosen: Collection[str] | None = None
) -> list[Dated]:
    """The points of a kind, in order of the table; wall-clock times of ``zone``. ``chosen``: codes, None for all.

    One that is not chosen still dates those that are counted from it.
    Source: docs/sources.md#timelines
    """
    begins: dict[str, date] = {"": first_on}
    found = []
    for point in points:
        day = begins[point.after] + timedelta(days=point.days)
        begins[point.code] = day
        if chosen is None or point.code in chosen:
            starts_at = dates.at(day, point.clock, zone)
            last = day + timedelta(days=point.lasts)
            found.append(Dated(point, starts_at, dates.at(last, point.until, zone) if point.until else starts_at))
    return found
