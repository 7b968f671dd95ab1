"""Publishing: what changed is rendered, only the feeds that hold it are put together again, and nothing else moves."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, event, func, select

from kexie_events.core.db import db
from kexie_events.events.kinds import Kind, Topic
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import ical, queries, rules, saying
from kexie_events.feeds.house import house
from kexie_events.feeds.models import Feed, FeedBlock, FeedDue
from kexie_events.feeds.rules import Source, kebab
from kexie_events.feeds.services import publish_stale, publishing
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_account,
    make_edition,
    make_milestone,
    make_occurrence,
    make_room,
    make_series,
)

from .calendars import change, events, feed, paths, register

# ---- what is published


def test_an_empty_installation_publishes_an_empty_calendar_for_everything(app: Flask) -> None:
    kinds, topics = [f"kinds/{kebab(kind)}" for kind in Kind], [f"topics/{kebab(topic)}" for topic in Topic]
    assert sorted(publish_stale(now=NOON).rebuilt) == sorted(["all", *kinds, *topics])
    assert events("all") == {}
    assert feed("all").body.endswith(b"END:VTIMEZONE\r\nEND:VCALENDAR\r\n")


def test_a_thing_stands_in_the_feed_of_everything_of_its_series_and_of_its_edition(app: Flask) -> None:
    edition = make_edition(series=make_series(slug="forum", name="双月论坛"))
    make_edition(series=make_series(slug="other"))
    occurrence, milestone = make_occurrence(edition=edition), make_milestone(edition=edition)
    publish_stale(now=NOON)
    both = {occurrence.uid, milestone.uid}
    assert {path: set(events(path)) for path in ("all", "series/forum", f"editions/{edition.id}", "series/other")} == {
        "all": both, "series/forum": both, f"editions/{edition.id}": both, "series/other": set(),
    }  # fmt: skip


def test_an_entry_says_what_when_where_and_by_whom(app: Flask) -> None:
    series = make_series(slug="forum", name="“科创中国”@重庆双月论坛")
    edition = make_edition(series=series, number=3, title="量子信息")
    room = make_room(name="报告厅")
    occurrence = make_occurrence(edition=edition, room_id=room.id)
    sub_forum = make_occurrence(
        edition=edition, title="人工智能分会场", place="万州区\n体育馆", starts_at=NOON + 8 * DAY
    )
    milestone = make_milestone(edition=edition, name="报名截止")
    publish_stale(now=NOON)
    found = events("all")
    assert [str(found[row.uid]["SUMMARY"]) for row in (occurrence, sub_forum, milestone)] == [
        "量子信息（第3届“科创中国”@重庆双月论坛）",
        "人工智能分会场（第3届“科创中国”@重庆双月论坛）",
        "报名截止（第3届“科创中国”@重庆双月论坛）",
    ]
    assert str(found[occurrence.uid]["LOCATION"]).endswith(" 报告厅")
    assert str(found[sub_forum.uid]["LOCATION"]) == "万州区 体育馆"
    assert (
        str(found[occurrence.uid]["DESCRIPTION"]).splitlines()[-1] == f"http://kexie.test/occurrences/{occurrence.id}"
    )
    assert str(found[milestone.uid]["URL"]) == f"http://kexie.test/editions/{edition.id}"
    assert found[occurrence.uid]["CATEGORIES"].cats == ["会议"]


def test_a_calendar_is_called_like_what_it_shows(app: Flask) -> None:
    edition = make_edition(series=make_series(slug="forum", name="双月论坛"), number=12)
    publish_stale(now=NOON)
    names = [
        icalendar.Calendar.from_ical(feed(path).body)["NAME"]
        for path in ("all", "series/forum", f"editions/{edition.id}")
    ]
    assert names == ["重庆市科学技术协会活动", "双月论坛", "第12届双月论坛"]


@pytest.mark.parametrize("hidden", ["occurrence", "edition", "series"])
def test_what_is_not_published_is_in_no_feed_and_a_draft_has_none(app: Flask, hidden: str) -> None:
    occurrence = make_occurrence()
    model = {
        "occurrence": occurrence,
        "edition": db.session.get(Edition, occurrence.edition_id),
        "series": db.session.get(Series, occurrence.series_id),
    }[hidden]
    assert model is not None
    model.publication = Publication.DRAFT
    db.session.commit()
    publish_stale(now=NOON)
    assert events("all") == {}
    slug, edition_id = (
        f"series/{db.session.get(Series, occurrence.series_id).slug}",
        f"editions/{occurrence.edition_id}",
    )
    assert paths() == {
        "occurrence": ["all", edition_id, slug], "edition": ["all", slug], "series": ["all"],
    }[hidden]  # fmt: skip


# ---- what changes and what does not


def test_two_publications_a_day_apart_are_the_same_bytes(app: Flask) -> None:
    make_occurrence()
    make_milestone()
    publish_stale(now=NOON)
    before = {
        row.path: (row.body, row.body_gzip, row.etag, row.etag_gzip, row.modified_at, row.revision)
        for row in map(feed, paths())
    }
    later = publish_stale(now=NOON + DAY)
    assert (later.blocks, later.rebuilt, later.removed) == (0, [], [])
    assert {
        row.path: (row.body, row.body_gzip, row.etag, row.etag_gzip, row.modified_at, row.revision)
        for row in map(feed, paths())
    } == before


def test_asking_when_nothing_changed_takes_few_statements_however_many_rows(app: Flask) -> None:
    edition = make_edition()
    publish_stale(now=NOON)
    counts = []
    for _ in range(2):
        statements: list[str] = []
        listen: Callable[..., None] = lambda *given, to=statements: to.append(given[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        publish_stale(now=NOON)
        event.remove(db.engine, "before_cursor_execute", listen)
        counts.append(len(statements))
        for n in range(30):
            make_occurrence(edition=edition, starts_at=NOON + n * DAY)
        publish_stale(now=NOON)
    assert counts == [6, 6]  # what is stale, which feeds differ, which are due; a lock before each


def test_a_moved_occurrence_keeps_its_uid_and_only_its_feeds_are_rebuilt(app: Flask) -> None:
    edition = make_edition(series=make_series(slug="forum"))
    occurrence = make_occurrence(edition=edition)
    make_occurrence(edition=make_edition(series=make_series(slug="other")))
    publish_stale(now=NOON)
    before, old = feed("all").etag, events("all")[occurrence.uid]
    change(
        occurrence, NOON + HOUR, starts_at=occurrence.starts_at + DAY, ends_at=occurrence.ends_at + DAY,
        moved_from_at=occurrence.starts_at, reason="场馆检修",
    )  # fmt: skip
    done = publish_stale(now=NOON + HOUR)
    unit = db.session.get(Unit, edition.unit_id)
    assert sorted(done.rebuilt) == [
        "all", f"editions/{edition.id}", "kinds/meeting", "series/forum", "topics/academic", f"units/{unit.slug}",
    ]  # fmt: skip
    new = events("all")[occurrence.uid]
    assert new["SEQUENCE"] == old["SEQUENCE"] + 1
    assert new.decoded("DTSTART") - old.decoded("DTSTART") == DAY
    assert new.decoded("LAST-MODIFIED") == NOON + HOUR
    assert str(new["DESCRIPTION"]).splitlines()[:2] == ["原定2026年3月18日12:00", "原因：场馆检修"]
    assert feed("all").etag != before
    assert (feed("all").revision, feed("all").modified_at) == (2, NOON + HOUR)
    assert feed("series/other").revision == 1


def test_two_changes_within_a_second_have_two_dates(app: Flask) -> None:
    occurrence = make_occurrence()
    publish_stale(now=NOON)
    change(occurrence, title="甲")
    publish_stale(now=NOON)
    assert feed("all").modified_at == NOON + timedelta(seconds=1)


def test_a_cancelled_one_says_so_until_thirty_days_past_its_date_and_then_is_gone(app: Flask) -> None:
    occurrence = make_occurrence()
    publish_stale(now=NOON)
    change(occurrence, status=Status.CANCELLED, reason="天气", cancelled_at=NOON)
    publish_stale(now=NOON)
    found = events("all")[occurrence.uid]
    assert (str(found["STATUS"]), str(found["SUMMARY"])[:5], found["SEQUENCE"]) == ("CANCELLED", "【已取消】", 2)
    last = occurrence.ends_at + rules.GRACE
    assert publish_stale(now=last - timedelta(seconds=1)).rebuilt == []
    edge = publish_stale(now=last)
    assert set(edge.rebuilt) >= {"all"}
    assert events("all") == {}
    assert feed("all").modified_at == last


def test_what_was_published_by_mistake_is_gone_at_once(app: Flask) -> None:
    occurrence = make_occurrence()
    publish_stale(now=NOON)
    change(occurrence, publication=Publication.WITHDRAWN)
    publish_stale(now=NOON)
    assert events("all") == {}


def test_the_feeds_of_a_withdrawn_series_are_removed(app: Flask) -> None:
    occurrence = make_occurrence(edition=make_edition(series=make_series(slug="forum")))
    publish_stale(now=NOON)
    db.session.get(Series, occurrence.series_id).publication = Publication.WITHDRAWN
    db.session.commit()
    done = publish_stale(now=NOON)
    assert done.removed == [f"editions/{occurrence.edition_id}", "series/forum"]
    assert paths() == ["all"]
    assert events("all") == {}


def test_a_new_name_of_the_series_reaches_its_entries_and_its_calendar(app: Flask) -> None:
    series = make_series(slug="forum", name="旧名")
    occurrence = make_occurrence(edition=make_edition(series=series, number=2))
    publish_stale(now=NOON)
    series.name = "新名"
    db.session.commit()
    publish_stale(now=NOON)
    assert str(events("series/forum")[occurrence.uid]["SUMMARY"]) == "第2届新名"
    assert icalendar.Calendar.from_ical(feed("series/forum").body)["NAME"] == "新名"


@pytest.mark.parametrize(
    ("starts", "ends", "shown"),
    [
        (-91 * DAY, -90 * DAY, False), (-91 * DAY, -90 * DAY + HOUR, True), (0 * DAY, 1 * DAY, True),
        (548 * DAY - HOUR, 549 * DAY, True), (548 * DAY, 549 * DAY, False),
    ],
)  # fmt: skip
def test_the_window_reaches_90_days_back_and_18_months_ahead(
    app: Flask, starts: timedelta, ends: timedelta, shown: bool
) -> None:
    make_occurrence(starts_at=NOON + starts, ends_at=NOON + ends)
    publish_stale(now=NOON)
    assert len(events("all")) == int(shown)


def test_what_comes_into_the_window_appears_by_itself(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=NOON + 600 * DAY)
    publish_stale(now=NOON)
    assert events("all") == {}
    publish_stale(now=NOON + 100 * DAY)
    assert set(events("all")) == {occurrence.uid}


@pytest.mark.parametrize("year", [1900, 9999])
def test_an_event_of_an_impossible_year_stops_nothing(app: Flask, year: int) -> None:
    moment = datetime(year, 12, 31, 15, 0, tzinfo=NOON.tzinfo)
    make_occurrence(starts_at=moment, ends_at=moment + HOUR, closes_at=NOON)
    near = make_occurrence()
    publish_stale(now=NOON)
    assert set(events("all")) == {near.uid}


def test_a_thing_that_cannot_be_rendered_is_left_out_until_it_changes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = make_occurrence(), make_occurrence()
    real = ical.content

    def content(thing: ical.Happening, zone: Any) -> bytes:
        if thing.uid == bad.uid:
            raise ValueError("no calendar can say this")
        return real(thing, zone)

    monkeypatch.setattr(ical, "content", content)
    publish_stale(now=NOON)
    assert set(events("all")) == {good.uid}
    assert publish_stale(now=NOON).blocks == 0
    monkeypatch.undo()
    change(bad)
    publish_stale(now=NOON)
    assert set(events("all")) == {bad.uid, good.uid}


def test_many_changes_are_published_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "THINGS_AT_ONCE", 3)
    monkeypatch.setattr(publishing, "FEEDS_AT_ONCE", 2)
    edition = make_edition()
    for n in range(7):
        make_occurrence(edition=edition, starts_at=NOON + n * DAY)
    done = publish_stale(now=NOON)
    assert done.blocks == 7
    assert sorted(done.rebuilt) == sorted(db.session.scalars(select(Feed.path)))
    assert len(events("all")) == 7
    assert db.session.scalars(select(FeedDue)).all() == []


def test_a_long_run_ends_and_the_next_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written bears the time at which its run began, and programs that keep a copy ask by it."""
    monkeypatch.setattr(publishing, "THINGS_AT_ONCE", 3)
    monkeypatch.setattr(publishing, "LONGEST_RENDERING", 0.0)
    edition = make_edition()
    for n in range(7):
        make_occurrence(edition=edition, starts_at=NOON + n * DAY)
    for n, shown in enumerate((3, 6, 7, 7)):
        publish_stale(now=NOON + n * timedelta(minutes=1))
        assert len(events("all")) == shown
    written = db.session.scalars(select(FeedBlock.written_at).order_by(FeedBlock.source_id)).all()
    assert written == [NOON + n // 3 * timedelta(minutes=1) for n in range(7)]


def test_what_a_dead_worker_left_due_is_rebuilt_by_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    occurrence = make_occurrence()
    publish_stale(now=NOON)
    change(occurrence, title="新的")
    monkeypatch.setattr(publishing, "_rebuild_batch", lambda *_: False)
    assert publish_stale(now=NOON).rebuilt == []
    monkeypatch.undo()
    assert "all" in publish_stale(now=NOON).rebuilt
    assert str(events("all")[occurrence.uid]["SUMMARY"]).startswith("新的")


def test_a_registration_of_somebody_without_a_feed_rebuilds_nothing(app: Flask) -> None:
    occurrence = make_occurrence()
    publish_stale(now=NOON)
    register(make_account(), occurrence)
    assert publish_stale(now=NOON).rebuilt == []


# ---- two workers at once


@pytest.mark.race
def test_while_one_publishes_another_finds_nothing_to_do_and_does_not_wait(app: Flask) -> None:
    make_occurrence()
    with db.engine.connect() as other:
        other.execute(select(func.pg_advisory_xact_lock(publishing.ONE_PUBLISHER)))
        done = publish_stale(now=NOON)
        assert (done.blocks, done.rebuilt) == (0, [])
        other.rollback()
    assert "all" in publish_stale(now=NOON).rebuilt


@pytest.mark.race
def test_many_publishers_and_writers_at_once_end_in_the_truth(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "THINGS_AT_ONCE", 4)
    edition = make_edition()
    ids = [make_occurrence(edition=edition, starts_at=NOON + n * DAY).id for n in range(12)]
    begin, failures = threading.Barrier(6), []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            try:
                begin.wait()
                for _ in range(6):
                    work()
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    def write() -> None:
        for number in ids:
            with db.session.begin():
                row = db.session.get(Occurrence, number, with_for_update=True)
                row.title = f"第{row.revision}次"
                row.touch(NOON)
            db.session.rollback()

    work: list[Callable[[], object]] = [lambda: publish_stale(now=NOON)] * 4 + [write] * 2
    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    db.session.rollback()
    publish_stale(now=NOON)
    assert_equals_full_render(app, NOON)
    assert {found["SEQUENCE"] for found in events("all").values()} == {13}


# ---- the published feeds always equal a full render


def full_render(app: Flask, now: datetime) -> dict[str, bytes]:
    """Every public feed written anew from every row, without blocks, fingerprints or windows in SQL."""
    here = house()
    every = [(Source.OCCURRENCE, n) for n in db.session.scalars(select(Occurrence.id))]
    every += [(Source.MILESTONE, n) for n in db.session.scalars(select(Milestone.id))]
    held: dict[str, list[tuple[Any, bytes]]] = {}
    stored = queries.blocks(every, ())
    for found in queries.things(every, here.version):
        key = (found.facts.source, found.facts.source_id)
        for path in rules.held_by(found.facts, now):
            body = ical.block(saying.said(found.facts, here), here.zone, stored[key].published.stamp)
            held.setdefault(path, []).append(((found.facts.starts_at, key[0].value, key[1]), body))
    wanted = queries.wanted_feeds([row.path for row in db.session.scalars(select(Feed))], here.version)
    return {
        one.path: ical.whole(
            publishing._name(one, here), [body for _, body in sorted(held.get(one.path, []))], here.zone
        )
        for one in wanted
    }


def assert_equals_full_render(app: Flask, now: datetime) -> None:
    db.session.expire_all()
    assert {row.path: row.body for row in db.session.scalars(select(Feed))} == full_render(app, now)


class Publishing(RuleBasedStateMachine):
    """Edits, moves, cancellations, restores, withdrawals and time, in any order."""

    app: Flask
    unit_id: int

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        for model in (FeedDue, FeedBlock, Feed, Milestone, Occurrence, Edition, Series):
            db.session.execute(delete(model))
        db.session.commit()
        self.now = NOON
        self.sequences: dict[str, int] = {}
        self.rows: list[Any] = []
        unit = db.session.get(Unit, self.unit_id)
        series = [make_series(unit=unit) for _ in range(2)]
        self.editions = [make_edition(series=one) for one in series]

    def pick(self, n: int) -> Any:
        return self.rows[n % len(self.rows)] if self.rows else None

    @rule(edition=st.integers(0, 1), days=st.integers(-100, 560), deadline=st.booleans())
    def add(self, edition: int, days: int, deadline: bool) -> None:
        make = make_milestone if deadline else make_occurrence
        row = make(edition=self.editions[edition], starts_at=self.now + days * DAY)
        self.rows.append(row)

    @rule(
        n=st.integers(0, 50),
        title=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
    )
    def edit(self, n: int, title: str) -> None:
        if row := self.pick(n):
            change(row, self.now, **{"title" if isinstance(row, Occurrence) else "name": title})

    @rule(n=st.integers(0, 50), days=st.integers(-200, 600))
    def move(self, n: int, days: int) -> None:
        if row := self.pick(n):
            by = days * DAY
            moved = {"moved_from_at": row.starts_at} if isinstance(row, Occurrence) else {}
            change(row, self.now, starts_at=row.starts_at + by, ends_at=row.ends_at + by, **moved)

    @rule(n=st.integers(0, 50), status=st.sampled_from(Status))
    def cancel_or_restore(self, n: int, status: Status) -> None:
        row = self.pick(n)
        if isinstance(row, Occurrence):
            change(row, self.now, status=status)

    @rule(n=st.integers(0, 50), publication=st.sampled_from(Publication))
    def publish_or_withdraw(self, n: int, publication: Publication) -> None:
        if row := self.pick(n):
            change(row, self.now, publication=publication)

    @rule(n=st.integers(0, 1), publication=st.sampled_from(Publication))
    def publish_or_withdraw_an_edition(self, n: int, publication: Publication) -> None:
        self.editions[n].publication = publication
        db.session.commit()

    @rule(hours=st.integers(1, 24 * 40))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @invariant()
    def what_is_served_is_the_truth(self) -> None:
        publish_stale(now=self.now)
        assert_equals_full_render(self.app, self.now)
        for uid, found in events("all").items():
            assert found["SEQUENCE"] >= self.sequences.get(uid, 0)
            self.sequences[uid] = found["SEQUENCE"]


def test_whatever_happens_the_published_feeds_equal_a_full_render(app: Flask) -> None:
    Publishing.unit_id = make_series().unit_id
    Publishing.app = app
    run_state_machine_as_test(
        Publishing,
        settings=settings(
            max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
