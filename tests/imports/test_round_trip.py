"""Our own calendar of an edition, brought into an empty one: the same occurrences, and the second time nothing."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services as events
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.plans import OccurrencePlan, Plan, Sitting
from kexie_events.events.rules import Status
from kexie_events.feeds.models import Feed
from kexie_events.feeds.services import publish_stale
from kexie_events.imports import reading
from kexie_events.imports.rules import Note
from tests.build import DAY, HOUR, NOON, make_room, make_unit
from tests.imports.build import ZONE, Ground


@pytest.fixture
def ground(app: Flask) -> Ground:
    return Ground()


def a_year_of_lectures() -> Edition:
    """A weekly series with whole days, a room, a moved, a cancelled and a skipped date, others by hand, a milestone."""
    when: dict[str, Any] = {"actor": SYSTEM, "now": NOON, "zone": ZONE}
    room = make_room(name="报告厅")
    series = events.schedule(
        Plan(
            name="周末科学讲座", slug="lectures", kind=Kind.MEETING, unit_id=make_unit(name="科技馆").id,
            rule="FREQ=WEEKLY;COUNT=8", first_on=date(2026, 4, 4), starts=time(14), duration=timedelta(hours=2),
            style=Style.YEAR, first_number=1, year=2026, summary="", room_id=room.id,
        ),
        **when,
    )  # fmt: skip
    edition = db.session.scalars(select(Edition).where(Edition.series_id == series.id)).one()
    events.add_occurrence(
        edition.id,
        OccurrencePlan(NOON + 30 * DAY, NOON + 33 * DAY, all_day=True, place="线上", title="科技周", summary="三天。"),
        **when,
    )
    events.add_occurrence(
        edition.id, OccurrencePlan(NOON + 40 * DAY, NOON + 40 * DAY + HOUR, title="答疑, 第一次; 线上"), **when
    )
    events.add_milestone(
        edition.id, code="shown", name="报名截止", starts_at=NOON + 20 * DAY, is_deadline=True, **when
    )  # fmt: skip
    events.approve(edition.id, "同意", actor=SYSTEM, now=NOON)
    events.publish(edition.id, actor=SYSTEM, now=NOON)
    first, second, third, *_ = [row for row in rows(edition) if row.pattern_id]
    to = Sitting(second.starts_at + DAY, second.ends_at + DAY, place="文化宫")
    events.move(second.id, to, reason="检修", expected_revision=second.revision, **when)
    events.cancel(third.id, reason="讲者生病", actor=SYSTEM, now=NOON)
    assert first.status is Status.SCHEDULED
    return edition


def rows(edition: Edition) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.edition_id == edition.id)
    return list(db.session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)))


def facts(edition: Edition) -> list[tuple[Any, ...]]:
    return [
        (row.title, row.starts_at, row.ends_at, row.all_day, row.room_id, row.place)
        for row in rows(edition)
        if row.status is Status.SCHEDULED
    ]


def published(edition: Edition) -> bytes:
    while publish_stale(now=NOON).rebuilt:
        pass
    db.session.expire_all()
    return bytes(db.session.get_one(Feed, f"editions/{edition.id}").body)


def empty_copy(edition: Edition, ground: Ground) -> None:
    """Another installation's edition of the same name, in which nothing is planned: here its rooms are free too."""
    series = db.session.get_one(Series, edition.series_id)
    ground.edition.number, ground.edition.style, ground.edition.year = edition.number, edition.style, edition.year
    db.session.get_one(Series, ground.edition.series_id).name = series.name
    db.session.commit()


def test_an_edition_comes_back_as_it_was_and_the_second_time_changes_nothing(ground: Ground) -> None:
    edition = a_year_of_lectures()
    content, wanted = published(edition), facts(edition)
    assert b"RRULE" in content
    empty_copy(edition, ground)
    for row in rows(edition):
        row.room_id, row.place = None, "别处"  # the same room of the same hours is only free in another installation
    db.session.commit()
    run = ground.read_bytes(content)
    found = ground.outcomes(run)
    assert sorted(each.change.value for each in found) == ["kept", *["new"] * 9]
    ground.apply(run)
    assert facts(ground.edition) == wanted
    assert {row.uid for row in rows(ground.edition)} & {row.uid for row in rows(edition)} == set()
    again = ground.read_bytes(content)
    assert sorted(each.change.value for each in ground.outcomes(again)) == ["kept", *["same"] * 9]


def test_deadlines_of_our_calendars_are_known_by_the_word_that_our_calendars_write(ground: Ground) -> None:
    edition = a_year_of_lectures()
    found = reading.read(published(edition), zone=ZONE, today=NOON.date())
    assert found.notes[Note.POINTS] == 1
    assert db.session.scalars(select(Milestone)).one().name not in {item.title for item in found.items}


def test_what_is_imported_is_published_under_a_uid_of_ours(ground: Ground) -> None:
    edition = a_year_of_lectures()
    theirs = reading.read(published(edition), zone=ZONE, today=NOON.date())
    empty_copy(edition, ground)
    ground.apply(ground.read_bytes(published(edition)), uses_rooms=False)
    ground.publish()
    for row in rows(ground.edition):
        row.touch(NOON)
    db.session.commit()
    ours = reading.read(published(ground.edition), zone=ZONE, today=NOON.date())
    assert len(ours.items) == 9
    assert {item.uid for item in ours.items} & {item.uid for item in theirs.items} == set()
