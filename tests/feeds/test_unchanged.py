"""What stays as it is stays the same to the last byte; what moves is the same entry with the next number, in its own
calendars only. Through the real services, and as a client fetches it.
"""

import time as clock
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Occurrence, Room, Series, Venue
from kexie_events.feeds.models import Feed
from kexie_events.feeds.services import publish_stale, subscribe
from tests.build import DAY, HOUR, NOON, make_account, make_region, make_unit

from .calendars import feed, personal_path, register
from .planning import add_point, association, at, cancel, dates, edition_of, fix_uids, move, publish, series
from .test_truth import stamps_of, units


def fetch(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """The calendar as it is served once the process has looked again, which it does every second."""
    stored, limit = feed(path), clock.monotonic() + 10
    while True:
        answer = client.get(f"/feeds/{path}.ics", headers={"Accept-Encoding": "identity", **headers})
        if answer.headers.get("ETag") == stored.etag:
            return answer
        assert clock.monotonic() < limit, f"{path} is not served as it is stored"
        clock.sleep(0.1)


def paths() -> list[str]:
    return sorted(db.session.scalars(select(Feed.path)))


@pytest.fixture
def weekly(app: Flask) -> Series:
    """Thursday evenings in a hall of Yuzhong, and what else there is: other kinds, units, places and subscribers."""
    region = make_region(slug="yuzhong", name="渝中区")
    museum = Venue(name="科技馆", region_id=region.id)
    db.session.add(museum)
    db.session.flush()
    db.session.add_all([Room(venue_id=museum.id, name="报告厅"), Room(venue_id=museum.id, name="二楼")])
    db.session.commit()
    district = make_unit(parent=association(), slug="yuzhong-kexie", name="渝中区科协")
    publish(series(name="青少年机器人竞赛", slug="robots", kind=Kind.CONTEST_MATCH, unit_id=make_unit(slug="other").id))
    one = series(
        rule="FREQ=WEEKLY;BYDAY=TH;COUNT=8", first_on=date(2026, 3, 19), starts=time(19), room_id=1,
        unit_id=district.id,
    )  # fmt: skip
    add_point(one, "报名截止", at(3, 18), is_deadline=True)
    publish(one)
    publish(series(name="科普日", slug="day", first_on=date(2026, 9, 19), starts=time(0), duration=DAY, all_day=True))
    return one


def test_two_fetches_a_day_apart_are_the_same_bytes(app: Flask, client: FlaskClient, weekly: Series) -> None:
    move(dates(weekly)[2], at(4, 3, 19), now=NOON)
    cancel(dates(weekly)[4], now=NOON)
    publish_stale(now=NOON)
    before = {path: fetch(client, path) for path in paths()}
    assert len(before) > 15
    later = publish_stale(now=NOON + DAY)
    assert (later.blocks, later.rebuilt, later.removed) == (0, [], [])
    for path, first in before.items():
        second = fetch(client, path)
        assert (second.data, second.headers["ETag"], second.headers["Last-Modified"]) == (
            first.data, first.headers["ETag"], first.headers["Last-Modified"],
        )  # fmt: skip
        again = client.get(f"/feeds/{path}.ics", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_moved_date_of_a_rule_is_the_same_entry_with_the_next_number_in_its_calendars_alone(
    app: Flask, client: FlaskClient, weekly: Series
) -> None:
    fix_uids()
    going, other = make_account("李明"), make_account("王芳")
    third, fourth = dates(weekly)[2:4]
    register(going, third)
    register(other, fourth)
    mine, theirs = (personal_path(subscribe(one.id, "手机", now=NOON)) for one in (going, other))
    publish_stale(now=NOON)
    before = {path: (feed(path).etag, feed(path).revision) for path in paths()}
    old = units(feed("all").body)

    move(third, at(4, 3, 19), now=NOON + HOUR)
    done = publish_stale(now=NOON + HOUR)

    holding = [
        "all", f"editions/{edition_of(weekly).id}", "kinds/meeting", "regions/yuzhong", f"series/{weekly.slug}",
        "topics/academic", "units/association", "units/yuzhong-kexie", "venues/1",
    ]  # fmt: skip
    assert sorted(done.rebuilt) == sorted([*holding, mine])
    assert done.removed == []
    for path in paths():
        changed = path in done.rebuilt
        assert (feed(path).etag != before[path][0], feed(path).revision - before[path][1]) == (changed, int(changed))
    assert theirs not in done.rebuilt

    new = units(feed("all").body)
    assert new.keys() == old.keys()
    assert [uid for uid in new if new[uid] != old[uid]] == ["rule-2"]
    (sequence,) = {number for _which, number, _at in stamps_of(old["rule-2"])}
    assert stamps_of(new["rule-2"]) == [
        (which, sequence + 1, "20260311T050000Z") for which in ("", "TZID=Asia/Shanghai:20260402T190000")
    ]
    assert {path: units(feed(path).body)["rule-2"] for path in holding} == dict.fromkeys(holding, new["rule-2"])
    assert list(units(feed(mine).body)) == [third.uid]

    answer = fetch(client, "all", **{"If-None-Match": before["all"][0]})
    assert (answer.status_code, answer.headers["ETag"]) == (200, feed("all").etag)


def test_a_moved_single_date_is_the_same_entry_with_the_next_number_in_its_calendars_alone(
    app: Flask, weekly: Series
) -> None:
    salon = publish(series(name="读书会", slug="reading", kind=Kind.TRAINING))
    fix_uids()
    publish_stale(now=NOON)
    before, old = {path: feed(path).etag for path in paths()}, units(feed("all").body)
    (row,) = dates(salon)
    move(row, row.starts_at + DAY, now=NOON + HOUR)
    done = publish_stale(now=NOON + HOUR)
    assert sorted(done.rebuilt) == [
        "all", f"editions/{edition_of(salon).id}", "kinds/training", "series/reading", "topics/training",
        "units/association",
    ]  # fmt: skip
    assert sorted(path for path in paths() if feed(path).etag != before[path]) == sorted(done.rebuilt)
    new = units(feed("all").body)
    assert [uid for uid in new if new[uid] != old[uid]] == [row.uid]
    assert stamps_of(new[row.uid]) == [("", stamps_of(old[row.uid])[0][1] + 1, "20260311T050000Z")]


def test_what_is_taken_back_and_published_again_goes_on_from_its_number(app: Flask, weekly: Series) -> None:
    fix_uids()
    publish_stale(now=NOON)
    (first,) = stamps_of(units(feed("all").body)["rule-2"])
    edition = edition_of(weekly)
    services.unpublish(edition.id, reason="误发", actor=SYSTEM, now=NOON + HOUR)
    publish_stale(now=NOON + HOUR)
    assert "rule-2" not in units(feed("all").body)
    services.publish(edition.id, actor=SYSTEM, now=NOON + 2 * HOUR)
    publish_stale(now=NOON + 2 * HOUR)
    (last,) = stamps_of(units(feed("all").body)["rule-2"])
    assert (last[1] > first[1], last[2] > first[2]) == (True, True)


def test_a_date_that_is_touched_without_a_visible_change_keeps_its_bytes(app: Flask, weekly: Series) -> None:
    publish_stale(now=NOON)
    row = dates(weekly)[3]
    db.session.get(Occurrence, row.id).touch(NOON + HOUR)  # type: ignore[union-attr]
    db.session.commit()
    assert publish_stale(now=NOON + HOUR).rebuilt == []
