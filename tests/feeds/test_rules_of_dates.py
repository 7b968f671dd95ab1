"""A rule in the published calendars: one entry, its exceptions, and the feeds that hold only some of its dates."""

from datetime import date, time, timedelta
from importlib import import_module
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import update

from kexie_events.core.db import db
from kexie_events.events.models import Edition, Occurrence, Venue
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import recurring, rules
from kexie_events.feeds.models import FeedBlock
from kexie_events.feeds.rules import Source
from kexie_events.feeds.services import publish_stale, subscribe
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_account,
    make_edition,
    make_occurrence,
    make_pattern,
    make_region,
    make_room,
    make_series,
    make_unit,
)

from .calendars import change, events, feed, personal_path, register

FRIDAY = date(2026, 3, 20)
FIRST = NOON + 9 * DAY + 2 * HOUR  # 14:00 of that Friday in Beijing
WEEK = timedelta(days=7)


@pytest.fixture
def lectures(app: Flask) -> Edition:
    return make_edition(series=make_series(slug="lectures", name="周五讲座"), number=2)


def weekly(edition: Edition, count: int = 4, **values: Any) -> tuple[Pattern, list[Occurrence]]:
    """A rule of Fridays at 14:00, with a published date for each."""
    series = db.session.get(type(make_series()), edition.series_id)
    pattern = make_pattern(
        series, edition_id=edition.id, rule=f"FREQ=WEEKLY;BYDAY=FR;COUNT={count}", first_on=FRIDAY, starts=time(14),
        duration_minutes=120, **values,
    )  # fmt: skip
    starts = [FIRST + n * WEEK for n in range(count)]
    dates = [
        make_occurrence(
            edition=edition, starts_at=at, planned_at=at, pattern_id=pattern.id, room_id=pattern.room_id,
            place=pattern.place,
        )
        for at in starts
    ]  # fmt: skip
    return pattern, dates


def entries(path: str) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(feed(path).body).walk("VEVENT"))


def said(path: str) -> list[tuple[str, int]]:
    """UID and SEQUENCE of every VEVENT."""
    return [(str(one["UID"]), one["SEQUENCE"]) for one in entries(path)]


def test_the_dates_of_a_rule_are_one_entry_with_the_uid_of_the_rule(lectures: Edition) -> None:
    pattern, _dates = weekly(lectures, place="报告厅")
    publish_stale(now=NOON)
    (master,) = entries("all")
    assert str(master["UID"]) == pattern.uid
    assert master["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20260410T060000Z;BYDAY=FR"
    assert master.decoded("DTSTART") == FIRST
    assert (str(master["SUMMARY"]), str(master["LOCATION"])) == ("第2届周五讲座", "报告厅")
    assert str(master["URL"]) == f"http://kexie.test/editions/{lectures.id}"
    assert entries(f"editions/{lectures.id}") == entries("series/lectures") == [master]


def test_a_moved_date_stands_instead_of_its_slot_and_the_number_of_the_entry_rises_by_one(lectures: Edition) -> None:
    pattern, dates = weekly(lectures)
    publish_stale(now=NOON)
    assert said("all") == [(pattern.uid, 1)]
    change(
        dates[1], NOON + HOUR, starts_at=dates[1].starts_at + DAY, ends_at=dates[1].ends_at + DAY,
        moved_from_at=dates[1].starts_at, reason="让给考试",
    )  # fmt: skip
    done = publish_stale(now=NOON + HOUR)
    unit = db.session.get(Unit, lectures.unit_id)
    assert sorted(done.rebuilt) == [
        "all", f"editions/{lectures.id}", "kinds/meeting", "series/lectures", "topics/academic", f"units/{unit.slug}",
    ]  # fmt: skip
    assert said("all") == [(pattern.uid, 2), (pattern.uid, 2)]
    assert feed("all").events == 1
    _master, instead = entries("all")
    assert instead.decoded("RECURRENCE-ID") == FIRST + WEEK
    assert instead["RECURRENCE-ID"].params["TZID"] == "Asia/Shanghai"
    assert instead.decoded("DTSTART") == FIRST + WEEK + DAY
    assert str(instead["URL"]).endswith(f"/occurrences/{dates[1].id}")
    assert instead.decoded("LAST-MODIFIED") == NOON + HOUR


def test_a_draft_and_a_date_taken_back_are_exceptions_until_they_are_public(lectures: Edition) -> None:
    _pattern, dates = weekly(lectures)
    change(dates[2], publication=Publication.DRAFT)
    publish_stale(now=NOON)
    (master,) = entries("all")
    assert master.decoded("EXDATE").dts[0].dt == FIRST + 2 * WEEK
    change(dates[2], publication=Publication.PUBLISHED)
    publish_stale(now=NOON)
    (master,) = entries("all")
    assert "EXDATE" not in master
    assert master["SEQUENCE"] > 1


def test_a_cancelled_date_says_so_and_after_the_grace_is_an_exception(lectures: Edition) -> None:
    _pattern, dates = weekly(lectures)
    change(dates[1], status=Status.CANCELLED, reason="天气", cancelled_at=NOON)
    publish_stale(now=NOON)
    _master, instead = entries("all")
    assert (str(instead["STATUS"]), str(instead["SUMMARY"])) == ("CANCELLED", "【已取消】第2届周五讲座")
    publish_stale(now=dates[1].ends_at + rules.GRACE)
    (master,) = entries("all")
    assert master.decoded("EXDATE").dts[0].dt == FIRST + WEEK


def test_a_rule_of_which_all_is_cancelled_says_so_as_a_whole(lectures: Edition) -> None:
    pattern, dates = weekly(lectures)
    for one in dates:
        change(one, status=Status.CANCELLED, reason="经费", cancelled_at=NOON)
    publish_stale(now=NOON)
    (master,) = entries("all")
    assert (str(master["UID"]), str(master["STATUS"])) == (pattern.uid, "CANCELLED")
    publish_stale(now=dates[-1].ends_at + rules.GRACE)
    assert entries("all") == []


def test_a_rule_stands_in_calendars_while_one_of_its_dates_does(lectures: Edition) -> None:
    _pattern, dates = weekly(lectures)
    last = dates[-1].ends_at + rules.KEPT_AFTER
    publish_stale(now=last - HOUR)
    (master,) = entries("all")
    assert master.decoded("DTSTART") == FIRST
    publish_stale(now=last)
    assert entries("all") == []


def test_issues_with_an_edition_of_their_own_are_entries_of_their_own(app: Flask) -> None:
    series = make_series(slug="forum", name="双月论坛")
    pattern = make_pattern(series, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=2", first_on=FRIDAY)
    dates = [
        make_occurrence(
            edition=make_edition(series=series, number=n + 1), pattern_id=pattern.id, starts_at=FIRST + n * WEEK
        )
        for n in range(2)
    ]
    publish_stale(now=NOON)
    assert set(events("series/forum")) == {one.uid for one in dates}


def test_lunar_days_are_entries_of_their_own(lectures: Edition) -> None:
    pattern, dates = weekly(lectures, count=2)
    pattern.rule = "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=2"
    db.session.commit()
    publish_stale(now=NOON)
    assert set(events("all")) == {one.uid for one in dates}
    assert publish_stale(now=NOON).blocks == 0


def test_a_rule_that_is_refused_by_now_has_its_dates_as_entries_and_stops_nothing(lectures: Edition) -> None:
    pattern, dates = weekly(lectures, count=2)
    other = make_occurrence()
    pattern.rule = "FREQ=DAILY;BYMONTH=3;COUNT=2"
    db.session.commit()
    publish_stale(now=NOON)
    assert set(events("all")) == {*(one.uid for one in dates), other.uid}
    assert publish_stale(now=NOON).blocks == 0
    pattern.rule = "FREQ=WEEKLY;BYDAY=FR;COUNT=2"
    db.session.commit()
    publish_stale(now=NOON)
    assert set(events("all")) == {pattern.uid, other.uid}


def test_a_rule_that_cannot_be_made_one_entry_has_its_dates_as_entries(
    lectures: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OverflowError("date value out of range")

    _pattern, dates = weekly(lectures, count=2)
    monkeypatch.setattr(recurring, "recurring", refuse)
    publish_stale(now=NOON)
    assert set(events("all")) == {one.uid for one in dates}
    assert publish_stale(now=NOON).blocks == 0


def test_a_rule_that_is_withdrawn_while_it_is_read_leaves_calendars_and_stops_nothing(
    lectures: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly(lectures)
    other = make_occurrence()
    reading = import_module("kexie_events.feeds.queries.things")
    read, withdraw = reading._occurrences, update(Edition).where(Edition.id == lectures.id)

    def late(*of: Any) -> Any:
        with db.engine.begin() as somebody:
            somebody.execute(withdraw.values(publication=Publication.WITHDRAWN))
        return read(*of)

    monkeypatch.setattr(reading, "_occurrences", late)
    publish_stale(now=NOON)
    assert set(events("all")) == {other.uid}
    assert publish_stale(now=NOON).blocks == 0


def test_a_feed_that_holds_only_some_dates_has_them_as_things_of_their_own(lectures: Edition) -> None:
    region = make_region()
    here, there = make_room(), make_room()
    db.session.get(Venue, there.venue_id).region_id = region.id
    db.session.commit()
    pattern, dates = weekly(lectures, room_id=here.id)
    publish_stale(now=NOON)
    assert set(events(f"venues/{here.venue_id}")) == {pattern.uid}
    change(dates[3], room_id=there.id)
    publish_stale(now=NOON)
    assert set(events("all")) == {pattern.uid}
    assert set(events(f"venues/{here.venue_id}")) == {one.uid for one in dates[:3]}
    assert set(events(f"venues/{there.venue_id}")) == set(events(f"regions/{region.slug}")) == {dates[3].uid}
    change(dates[3], room_id=here.id)
    publish_stale(now=NOON)
    assert set(events(f"venues/{here.venue_id}")) == {pattern.uid}
    assert events(f"venues/{there.venue_id}") == {}
    assert feed(f"regions/{region.slug}").events == 0


def test_a_date_run_by_another_unit_stands_in_its_calendar_alone(lectures: Edition) -> None:
    other = make_unit()
    pattern, dates = weekly(lectures)
    change(dates[0], unit_id=other.id)
    publish_stale(now=NOON)
    assert set(events(f"units/{other.slug}")) == {dates[0].uid}
    assert [str(one["UID"]) for one in entries("all")] == [pattern.uid] * 2
    (instead,) = [one for one in entries("all") if "RECURRENCE-ID" in one]
    assert f"主办：{other.name}" in str(instead["DESCRIPTION"])


def test_the_calendar_of_a_unit_holds_what_is_run_below_it_and_what_its_series_hold(app: Flask) -> None:
    city = make_unit()
    district = make_unit(parent=city)
    outside = make_unit()
    series = make_series(unit=outside)
    held = make_occurrence(edition=make_edition(series=series), unit_id=district.id)
    publish_stale(now=NOON)
    for unit in (city, district, outside):
        assert set(events(f"units/{unit.slug}")) == {held.uid}


def test_a_personal_calendar_has_the_date_that_was_registered_for_under_its_own_uid(lectures: Edition) -> None:
    _pattern, dates = weekly(lectures)
    account = make_account()
    register(account, dates[1])
    path = personal_path(subscribe(account.id, "手机", now=NOON))
    publish_stale(now=NOON)
    assert said(path) == [(dates[1].uid, 1)]
    change(dates[1], starts_at=dates[1].starts_at + DAY, ends_at=dates[1].ends_at + DAY)
    assert path in publish_stale(now=NOON).rebuilt
    assert said(path) == [(dates[1].uid, 2)]


def test_a_date_that_leaves_its_rule_is_never_missing_and_never_twice(lectures: Edition) -> None:
    pattern, dates = weekly(lectures)
    publish_stale(now=NOON)
    change(dates[3], pattern_id=None)
    publish_stale(now=NOON)
    assert said("all") == [(pattern.uid, 2), (dates[3].uid, 1)]
    change(dates[3], pattern_id=pattern.id)
    publish_stale(now=NOON)
    assert [uid for uid, _ in said("all")] == [pattern.uid]
    assert publish_stale(now=NOON).blocks == 0


def test_a_rule_that_goes_on_from_another_names_it(lectures: Edition) -> None:
    before, _dates = weekly(lectures, count=2)
    series = db.session.get(type(make_series()), lectures.series_id)
    after = make_pattern(
        series, edition_id=lectures.id, rule="FREQ=WEEKLY;BYDAY=SA;COUNT=2", first_on=FRIDAY + 3 * WEEK,
        starts=time(14), duration_minutes=120, follows_id=before.id,
    )  # fmt: skip
    for n in (3, 4):
        at = FIRST + n * WEEK + DAY
        make_occurrence(edition=lectures, pattern_id=after.id, starts_at=at, planned_at=at)
    publish_stale(now=NOON)
    old, new = entries("all")
    assert (str(old["UID"]), str(new["UID"])) == (before.uid, after.uid)
    assert (str(new["RELATED-TO"]), new["RELATED-TO"].params["RELTYPE"]) == (before.uid, "SIBLING")


def test_what_goes_and_comes_back_goes_on_from_its_last_number(lectures: Edition) -> None:
    pattern, dates = weekly(lectures, count=2)
    publish_stale(now=NOON)
    for one in dates:
        change(one, publication=Publication.WITHDRAWN)
    publish_stale(now=NOON)
    assert entries("all") == []
    for one in dates:
        change(one, publication=Publication.PUBLISHED)
    publish_stale(now=NOON)
    assert said("all") == [(pattern.uid, 3)]


def test_a_rule_that_is_deleted_leaves_an_empty_row(lectures: Edition) -> None:
    pattern, dates = weekly(lectures, count=2)
    publish_stale(now=NOON)
    for one in dates:
        db.session.delete(one)
    db.session.flush()
    db.session.delete(pattern)
    db.session.commit()
    publish_stale(now=NOON)
    assert entries("all") == []
    assert publish_stale(now=NOON).blocks == 0
    rows = db.session.query(FeedBlock).filter(FeedBlock.source.in_((Source.PATTERN, Source.OCCURRENCE))).all()
    assert {(row.body, row.made_from) for row in rows} == {(b"", "")}
