"""The same things under the same revision as the calendars: each item beside its entry, in every scope."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kexie_events.api import asking, queries
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Venue
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import ical
from kexie_events.feeds.asked import FOLDERS, Scope
from kexie_events.feeds.house import house
from kexie_events.feeds.models import Feed
from kexie_events.feeds.queries import listed as listed_rows
from kexie_events.feeds.queries import things
from kexie_events.feeds.rules import SCOPES, Source, paths_of
from kexie_events.feeds.services import publish_stale
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_edition,
    make_milestone,
    make_occurrence,
    make_pattern,
    make_region,
    make_room,
    make_series,
    make_unit,
)
from tests.events.test_views_public import structured
from tests.feeds.calendars import change, feed

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = NOON + timedelta(hours=12)
FRIDAY = date(2026, 3, 20)
FIRST = NOON + 9 * DAY + 2 * HOUR  # 14:00 of that Friday in Beijing
WEEK = timedelta(days=7)
PARAMETERS = {
    "kinds": "kind", "topics": "topic", "series": "series", "editions": "edition", "units": "unit",
    "regions": "region", "venues": "venue",
}  # fmt: skip

# Names that name nothing here, or nothing that ``World.single`` is in.
NOWHERE = {"kind": "grant", "topic": "award", "edition": "2147483647", "venue": "2147483647"}


@dataclass
class World:
    """One of everything that a calendar can say, and what is in none."""

    single: Occurrence
    rule: Pattern
    dates: list[Occurrence]


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    yuzhong, jiangbei = make_region(slug="yuzhong"), make_region(slug="jiangbei")
    city = make_unit(slug="city", name="市科协")
    district = make_unit(slug="district", name="区科协", parent=city, region_id=yuzhong.id)
    school = make_unit(slug="school", name="中学", parent=district, region_id=yuzhong.id)
    other = make_unit(slug="other", name="学会")
    venue = Venue(
        name="会展中心", address="兴龙大道 2468 号", latitude=29.3512345678, longitude=105.9, region_id=jiangbei.id
    )
    db.session.add(venue)
    db.session.commit()
    hall = make_room(venue=venue, name="报告厅")
    forum = make_series(slug="forum", name="双月论坛", kind=Kind.FORUM_SERIES, unit=city)
    contest = make_series(slug="cxds", name="创新大赛", kind=Kind.CONTEST_PROJECT, unit=district)
    camp = make_series(slug="day", name="科普日", kind=Kind.CAMPAIGN, unit=other)
    third, final = make_edition(series=forum, number=3, title="量子"), make_edition(series=contest, number=41)
    sites = make_edition(series=camp, number=7)
    single = make_occurrence(edition=third, room_id=hall.id, place="二楼", summary="介绍\r\n第二行\x00")
    make_occurrence(edition=third, title="分会场", moved_from_at=NOON + DAY, reason="场地\n检修", unit_id=other.id)
    make_occurrence(edition=final, title="终评", starts_at=NOON + 20 * DAY, ends_at=NOON + 22 * DAY + 3 * HOUR)
    make_occurrence(edition=final, status=Status.CANCELLED, reason="强降雨", starts_at=NOON + 3 * DAY)
    make_occurrence(edition=sites, title="全天", starts_at=MIDNIGHT, ends_at=MIDNIGHT + 2 * DAY, all_day=True)
    make_occurrence(edition=sites, unit_id=school.id, title="走进实验室", place="长" * 300)
    make_occurrence(edition=sites, moved_from_at=NOON + 7 * DAY)  # away and back again
    make_milestone(edition=final, name="申报截止", starts_at=MIDNIGHT + 5 * DAY)
    make_milestone(edition=final, name="初评", is_deadline=False, starts_at=NOON + DAY, ends_at=NOON + 9 * DAY)
    rule = make_pattern(
        camp, edition_id=sites.id, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=4", first_on=FRIDAY, starts=time(14),
        duration_minutes=120, room_id=hall.id,
    )  # fmt: skip
    starts = [FIRST + n * WEEK for n in range(4)]
    ruled = [make_occurrence(edition=sites, starts_at=at, pattern_id=rule.id, room_id=hall.id) for at in starts]
    change(ruled[1], starts_at=starts[1] + DAY, ends_at=ruled[1].ends_at + DAY, moved_from_at=starts[1], reason="考试")
    change(ruled[2], status=Status.CANCELLED, reason="天气")
    # Of these none is in any calendar.
    make_occurrence(edition=third, publication=Publication.DRAFT)
    make_occurrence(edition=third, publication=Publication.WITHDRAWN)
    make_occurrence(edition=third, starts_at=NOON - 91 * DAY)
    make_occurrence(edition=third, starts_at=NOON + 549 * DAY)
    make_occurrence(edition=third, status=Status.CANCELLED, starts_at=NOON - 31 * DAY)
    make_occurrence(edition=make_edition(series=forum, number=9, publication=Publication.DRAFT))
    make_milestone(edition=third, publication=Publication.DRAFT)
    publish_stale(now=NOON)
    return World(single, rule, ruled)


def listed(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    found: list[dict[str, Any]] = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        found += answer.json["items"]
        address = answer.json["next"] or ""
    return found


def entries(path: str) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(feed(path).body).walk("VEVENT"))


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.utcoffset() == timedelta(hours=8)
    return moment


def assert_alike(item: dict[str, Any], event: icalendar.Event, *, own: bool) -> None:
    """``own``: it is an entry of its own, not a date of a rule."""
    starts, ends = at(item["starts_at"]), at(item["ends_at"])
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    if not own and "RECURRENCE-ID" not in event:
        end, start = (at(item["rule"]["planned_at"]) + (end - start)), at(item["rule"]["planned_at"])
    if item.get("all_day") or ends - starts >= DAY:
        assert (start, end) == (starts.date(), (ends - timedelta(microseconds=1)).date() + DAY)
    elif item.get("deadline"):
        assert starts == ends
        assert end - start == timedelta(minutes=1)
        assert starts - start in (timedelta(0), timedelta(minutes=1))  # a midnight is the end of its day
    else:
        assert (start, end) == (starts, ends)
    cancelled = item["status"] == "cancelled"
    assert str(event["SUMMARY"]) == ("【已取消】" if cancelled else "") + item["title"]
    assert str(event["STATUS"]).lower() == item["status"]
    assert event["CATEGORIES"].cats == item["categories"]
    words = str(event["DESCRIPTION"])
    assert f"主办：{item['organizer']}" in words
    if "place" in item:
        assert str(event.get("LOCATION", "")) == item["place"]
        assert (f"原因：{item['reason']}" in words) if item["reason"] else ("原因：" not in words)
        assert ("原定" in words) == (item["moved_from"] is not None)
        assert item["description"] in words
        geo = event.get("GEO")
        assert (item["geo"] or {}) == ({"latitude": geo.latitude, "longitude": geo.longitude} if geo else {})
    if own:
        assert item["url"] == str(event["URL"])
        assert item["sequence"] == event["SEQUENCE"]
        assert datetime.fromisoformat(item["changed_at"]) == event.decoded("LAST-MODIFIED")
        assert event.decoded("DTSTAMP") == event.decoded("LAST-MODIFIED")


def test_each_item_says_what_its_entry_says_in_every_scope(client: FlaskClient, world: World) -> None:
    scopes = sorted(db.session.scalars(select(Feed.path)))
    assert {path.split("/")[0] for path in scopes} == {"all", *PARAMETERS}
    compared = 0
    for path in scopes:
        scope, _, which = path.partition("/")
        query = "limit=3" + (f"&{PARAMETERS[scope]}={which}" if which else "")
        items = listed(client, f"/api/v1/occurrences?{query}")
        points = listed(client, f"/api/v1/milestones?{query}") if scope != "venues" else []
        found = entries(path)
        told = set()
        for item in [*items, *points]:
            rule = item.get("rule")
            events = [one for one in found if str(one["UID"]) == item["uid"]]
            own = bool(events)
            if not own:
                assert rule is not None, (path, item)
                of_rule = [one for one in found if str(one["UID"]) == rule["uid"]]
                planned = at(rule["planned_at"])
                instead = [one for one in of_rule if "RECURRENCE-ID" in one and one.decoded("RECURRENCE-ID") == planned]
                events = instead or [one for one in of_rule if "RRULE" in one]
            assert len(events) == 1, (path, item)
            assert_alike(item, events[0], own=own)
            told.add(str(events[0]["UID"]))
            compared += 1
        assert told == {str(one["UID"]) for one in found}, path
    assert compared > 100


def test_wherever_calendars_are_named_there_are_the_same(app: Flask, world: World) -> None:
    """Which feeds hold a thing, which there are, which the page and the API are asked for, and what the API narrows."""
    folders = {scope.value: folder for scope, folder in FOLDERS.items()}
    assert {scope.value for scope in Scope} == {"all", *folders}
    assert set(SCOPES) == {"all", *folders.values()}
    assert {path.partition("/")[0] for path in db.session.scalars(select(Feed.path))} == set(SCOPES)
    assert {folder: name for name, folder in folders.items()} == PARAMETERS
    of_lists = {*asking.OF_LISTS, "status"}
    assert set(asking.OF_OCCURRENCES) - of_lists == set(folders)
    assert set(asking.OF_MILESTONES) - of_lists == set(folders) - {"venue"}
    # Each of them narrows: what one thing is in is not empty, and what nothing is in is.
    [facts] = [found.facts for found in things([(Source.OCCURRENCE, world.single.id)], house().version)]
    paths = dict(path.split("/") for path in paths_of(facts) if "/" in path)
    whole: dict[str, Any] = {"after": None, "most": 50, "version": house().version, "now": NOON}
    for name, folder in folders.items():
        for value, there in ((paths[folder], True), (NOWHERE.get(name, "nowhere"), False)):
            asked = asking.read([(name, value)], asking.OF_OCCURRENCES, zone=SHANGHAI, now=NOON)
            rows = listed_rows(Source.OCCURRENCE, queries._question(asked), **whole)
            assert (world.single.uid in {row.uid for row in rows}) == there, name


def test_a_date_of_a_rule_keeps_its_own_name_and_says_which_rule_it_is(client: FlaskClient, world: World) -> None:
    items = {item["uid"]: item for item in listed(client, "/api/v1/occurrences")}
    for row in world.dates:
        assert items[row.uid]["rule"] == {
            "uid": world.rule.uid, "planned_at": row.planned_at.astimezone(SHANGHAI).isoformat(),
        }  # fmt: skip
    assert items[world.single.uid]["rule"] is None


def test_what_has_just_changed_is_told_as_calendars_will_tell_it(client: FlaskClient, world: World) -> None:
    """Before the worker has been there: the same words under the same stamp as after it."""
    later = NOON + HOUR
    change(
        world.single, later, place="三楼", starts_at=world.single.starts_at + HOUR, moved_from_at=world.single.starts_at
    )
    change(world.dates[3], later, status=Status.CANCELLED, reason="经费")
    fresh = make_occurrence(edition=db.session.get(Edition, world.single.edition_id), title="新的")
    before = listed(client, "/api/v1/occurrences")
    publish_stale(now=later + timedelta(seconds=2))
    assert listed(client, "/api/v1/occurrences") == before
    items = {item["uid"]: item for item in before}
    assert {items[row.uid]["sequence"] for row in (world.single, world.dates[3])} == {2}
    assert items[fresh.uid]["title"].startswith("新的")


def test_what_is_taken_back_is_gone_at_once(client: FlaskClient, world: World) -> None:
    change(world.single, publication=Publication.WITHDRAWN)
    assert world.single.uid not in {item["uid"] for item in listed(client, "/api/v1/occurrences")}
    assert client.get(f"/api/v1/occurrences/{world.single.uid}").status_code == 404


def test_what_no_calendar_can_say_is_not_told_either(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ical.content

    def refuse(thing: Any, zone: ZoneInfo) -> bytes:
        if "走进实验室" in getattr(thing, "title", ""):
            raise ValueError("nobody can say that")
        return content(thing, zone)

    monkeypatch.setattr(ical, "content", refuse)
    [unsaid] = [item for item in listed(client, "/api/v1/occurrences") if "走进实验室" in item["title"]]
    change(db.session.scalars(select(Occurrence).where(Occurrence.uid == unsaid["uid"])).one())
    for _before_and_after in range(2):
        assert unsaid["uid"] not in {item["uid"] for item in listed(client, "/api/v1/occurrences")}
        assert client.get(f"/api/v1/occurrences/{unsaid['uid']}").status_code == 404
        publish_stale(now=NOON)
    assert unsaid["uid"] not in {str(one["UID"]) for one in entries("all")}


def test_pages_for_search_engines_say_the_same_times(client: FlaskClient, world: World) -> None:
    for item in listed(client, "/api/v1/occurrences"):
        values = structured(client.get(item["url"].removeprefix("http://kexie.test")).text)
        assert values["identifier"] == item["uid"]
        starts, ends = at(item["starts_at"]), at(item["ends_at"])
        if item["all_day"]:
            expected = starts.date().isoformat(), (ends - timedelta(seconds=1)).date().isoformat()
        else:
            expected = item["starts_at"], item["ends_at"]
        assert (values["startDate"], values["endDate"]) == expected
        assert values["eventStatus"].endswith("EventCancelled") == (item["status"] == "cancelled")
        moved = item["moved_from"] is not None and item["status"] == "confirmed"
        assert values["eventStatus"].endswith("EventRescheduled") == moved
