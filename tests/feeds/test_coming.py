"""The preview and the calendar agree: the same entries, in the same words, under every choice."""

from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask

from kexie_events.events.models import Edition, Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import queries, variants
from kexie_events.feeds.choices import CHOICES, PLAIN, Cancelled, Choice, Contents
from kexie_events.feeds.services import publish_stale
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_edition,
    make_milestone,
    make_occurrence,
    make_pattern,
    make_room,
    make_series,
)
from tests.queries import counted

from .calendars import change, feed

FRIDAY = date(2026, 3, 20)
FIRST = NOON + 9 * DAY + 2 * HOUR  # 14:00 of that Friday in Beijing
WEEK = timedelta(days=7)


def said(path: str, choice: Choice) -> list[tuple[str, str]]:
    """Start and title of what stands in the published calendar under a choice."""
    calendar = icalendar.Calendar.from_ical(variants.apply(bytes(feed(path).body), choice))
    return sorted(
        (moment(event.decoded("DTSTART")), str(event["SUMMARY"]).removeprefix("【已取消】"))
        for event in calendar.walk("VEVENT")
    )


def moment(value: Any) -> str:
    return value.astimezone(NOON.tzinfo).isoformat() if isinstance(value, datetime) else value.isoformat()


@pytest.mark.parametrize("choice", CHOICES.values(), ids=lambda choice: choice.suffix or "plain")
def test_the_preview_says_what_the_calendar_says(app: Flask, choice: Choice) -> None:
    edition = make_edition(series=make_series(slug="forum", name="双月论坛"), number=3, title="量子信息")
    make_milestone(edition=edition, name="报名截止", starts_at=NOON + DAY, is_deadline=True)
    make_milestone(edition=edition, name="公示", starts_at=NOON + 2 * DAY, is_deadline=False)
    make_occurrence(edition=edition, title="分论坛", starts_at=NOON + 3 * DAY, status=Status.CANCELLED)
    make_occurrence(edition=edition, starts_at=NOON + 4 * DAY)
    make_occurrence(edition=edition, title="已过", starts_at=NOON - 4 * DAY)
    make_occurrence(edition=edition, title="草稿", starts_at=NOON + 5 * DAY, publication=Publication.DRAFT)
    make_occurrence(title="别的系列", starts_at=NOON + 5 * DAY)
    publish_stale(now=NOON)
    for path in ("series/forum", f"editions/{edition.id}", "all"):
        preview = queries.coming(path, choice, NOON - 90 * DAY, 50)
        assert sorted((moment(line.at), line.name) for line in preview.lines) == said(path, choice)
        assert preview.ahead == preview.entries == len(said(path, choice))


@pytest.fixture
def weekly(app: Flask) -> tuple[Edition, list[Occurrence]]:
    """Four Fridays by a rule, which are one entry of the calendar; the third in another hall."""
    series = make_series(slug="lectures", name="周五讲座")
    edition = make_edition(series=series, number=2)
    pattern = make_pattern(
        series, edition_id=edition.id, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=4", first_on=FRIDAY, starts=time(14),
        duration_minutes=120,
    )  # fmt: skip
    dates = [
        make_occurrence(
            edition=edition, starts_at=FIRST + n * WEEK, planned_at=FIRST + n * WEEK, pattern_id=pattern.id,
            room_id=make_room().id if n == 2 else None,
        )
        for n in range(4)
    ]  # fmt: skip
    publish_stale(now=NOON)
    return edition, dates


def test_the_dates_of_a_rule_are_counted_one_by_one(weekly: tuple[Edition, list[Occurrence]]) -> None:
    edition, dates = weekly
    assert feed("series/lectures").body.count(b"RRULE:") == 1
    for path in ("all", "series/lectures", f"editions/{edition.id}"):
        preview = queries.coming(path, PLAIN, NOON, 9)
        assert [line.path for line in preview.lines] == [f"/occurrences/{row.id}" for row in dates]
        assert (preview.ahead, preview.entries) == (4, 4)
        assert queries.coming(path, PLAIN, FIRST + DAY, 9).ahead == 3
        assert queries.coming(path, Choice(Contents.DEADLINES), NOON, 9).entries == 0


def test_a_venue_shows_only_its_own_dates_of_a_rule(weekly: tuple[Edition, list[Occurrence]]) -> None:
    _, dates = weekly
    (venue,) = queries.offered(queries.SEARCHED[2], "", 1)
    preview = queries.coming(venue.asked.path, PLAIN, NOON, 9)
    assert [line.path for line in preview.lines] == [f"/occurrences/{dates[2].id}"]


def test_a_cancelled_date_of_a_rule_is_marked_or_left_out(weekly: tuple[Edition, list[Occurrence]]) -> None:
    _, dates = weekly
    change(dates[1], status=Status.CANCELLED)
    publish_stale(now=NOON)
    marked = queries.coming("series/lectures", PLAIN, NOON, 9)
    assert [line.cancelled for line in marked.lines] == [False, True, False, False]
    removed = queries.coming("series/lectures", Choice(cancelled=Cancelled.REMOVED), NOON, 9)
    assert [line.path for line in removed.lines] == [f"/occurrences/{dates[n].id}" for n in (0, 2, 3)]
    assert removed.entries == 3


def test_what_was_taken_back_a_moment_ago_is_not_shown(app: Flask) -> None:
    row = make_occurrence(title="撤回", starts_at=NOON + DAY)
    publish_stale(now=NOON)
    change(row, publication=Publication.WITHDRAWN)
    assert list(queries.coming("all", PLAIN, NOON, 9).lines) == []


def test_a_preview_asks_three_questions(app: Flask) -> None:
    for n in range(5):
        make_occurrence(starts_at=NOON + n * DAY)
        make_milestone(starts_at=NOON + n * DAY)
    publish_stale(now=NOON)
    with counted() as statements:
        assert len(queries.coming("all", PLAIN, NOON, 5).lines) == 5
    assert len(statements) == 3


def test_a_long_calendar_is_not_counted_to_its_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kexie_events.feeds.queries.preview.MOST_COUNTED", 3)
    for n in range(-2, 5):
        make_occurrence(starts_at=NOON + n * DAY)
    publish_stale(now=NOON)
    preview = queries.coming("all", PLAIN, NOON, 5)
    assert (len(preview.lines), preview.ahead, preview.entries, preview.is_long) == (5, 3, 3, True)
