"""When a reminder is due, and for whom it would only repeat what was just said."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..core import dates

AHEAD = timedelta(hours=24)
FRESH = timedelta(hours=1)
NIGHT = time(22)
MORNING = time(7)
EARLY = time(9)  # who must be there before it cannot wait for the morning's letter


def reminder_at(starts_at: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When to remind of what begins at ``starts_at``: a day before, or at once when that is past; never by night.

    A reminder that would come between 22:00 and 7:00 comes at 7:00, unless the event begins before 9:00 of that
    morning. None: it has begun. ``now`` may be any instant before: the answer for the future is the same.
    """
    if now >= starts_at:
        return None
    wanted = max(starts_at - AHEAD, now).astimezone(zone)
    if MORNING <= wanted.time() < NIGHT:
        return wanted
    day = wanted.date() + timedelta(days=wanted.time() >= NIGHT)
    if starts_at < dates.at(day, EARLY, zone):
        return wanted
    return dates.at(day, MORNING, zone)


def is_due(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    at = reminder_at(starts_at, now, zone)
    return at is not None and at <= now


def says_enough_since(starts_at: datetime, zone: ZoneInfo) -> datetime:
    """A letter about the event written at or after this instant makes its reminder superfluous."""
    first = reminder_at(starts_at, starts_at - AHEAD - timedelta(days=1), zone)
    assert first is not None
    return first - FRESH
