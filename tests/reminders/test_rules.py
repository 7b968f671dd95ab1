"""When a reminder comes: a day before, never by night, never after the start."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kexie_events.reminders import rules

BEIJING = ZoneInfo("Asia/Shanghai")


def beijing(text: str) -> datetime:
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("starts", "now", "at"),
    [
        ("20 14:30", "18 12:00", "19 14:30"),  # a day before
        ("20 14:30", "20 09:00", "20 09:00"),  # late, but by day: at once
        ("20 23:00", "18 12:00", "20 07:00"),  # a day before would be 23:00: the next morning
        ("20 22:00", "18 12:00", "20 07:00"),
        ("20 21:59", "18 12:00", "19 21:59"),
        ("20 07:00", "18 12:00", "19 07:00"),
        ("20 06:59", "18 12:00", "19 07:00"),
        ("20 01:00", "18 12:00", "19 07:00"),
        ("20 14:30", "19 23:10", "20 07:00"),  # found out at night: sleep first
        ("20 14:30", "20 03:00", "20 07:00"),
        ("20 09:00", "19 23:10", "20 07:00"),
        ("20 08:59", "19 23:10", "19 23:10"),  # begins before 9: the morning would be too late
        ("20 08:00", "20 05:00", "20 05:00"),
        ("20 14:30", "20 14:29", "20 14:29"),
    ],
)
def test_when_a_reminder_comes(starts: str, now: str, at: str) -> None:
    assert rules.reminder_at(beijing(starts), beijing(now), BEIJING) == beijing(at)


@pytest.mark.parametrize("now", ["20 14:30", "20 14:31", "21 08:00"])
def test_what_has_begun_needs_no_reminder(now: str) -> None:
    assert rules.reminder_at(beijing("20 14:30"), beijing(now), BEIJING) is None
    assert not rules.is_due(beijing("20 14:30"), beijing(now), BEIJING)


def test_it_is_due_from_its_instant_until_the_start() -> None:
    starts = beijing("20 14:30")
    first = beijing("19 14:30")
    minutes = [first + timedelta(minutes=n) for n in range(-2, 24 * 60 + 2)]
    due = [at for at in minutes if rules.is_due(starts, at, BEIJING)]
    awake = [at for at in minutes if first <= at < starts and 7 <= at.hour < 22]
    assert due == awake


@pytest.mark.parametrize(
    ("starts", "since"), [("20 14:30", "19 13:30"), ("20 23:00", "20 06:00"), ("20 06:00", "19 06:00")]
)
def test_a_letter_within_the_hour_before_says_enough(starts: str, since: str) -> None:
    assert rules.says_enough_since(beijing(starts), BEIJING) == beijing(since)
