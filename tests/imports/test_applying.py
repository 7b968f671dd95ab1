from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.db import db, transaction
from kexie_events.core.errors import Conflict, Forbidden, RuleBroken, SentBefore
from kexie_events.events import services as events
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.imports import comparing, services
from kexie_events.imports.models import CalendarImport, ImportedDate
from kexie_events.imports.rules import Change, ImportState, Why
from kexie_events.imports.services import Choice, applying
from tests.build import DAY, HOUR, NOON, actor_of, make_occurrence, make_organizer, make_room, make_unit
from tests.imports.build import ZONE, Ground, calendar, event
from tests.queries import counted


@pytest.fixture
def ground(app: Flask) -> Ground:
    return Ground()


def keys_of(ground: Ground, run: CalendarImport, *changes: Change) -> set[str]:
    return {each.key for each in ground.outcomes(run) if each.change in changes}


def code(call: Callable[[], Any]) -> str:
    with pytest.raises((RuleBroken, Conflict, Forbidden)) as refused:
        call()
    return refused.value.code


def test_new_dates_become_drafts_without_seats_and_windows_under_uids_of_our_own(ground: Ground) -> None:
    done = ground.take(event("a"), event("b", NOON + 8 * DAY))
    first, second = ground.rows()
    assert (first.title, first.place, first.starts_at) == ("讲座a", "礼堂", NOON + 7 * DAY)
    assert {row.publication for row in (first, second)} == {Publication.DRAFT}
    assert (first.capacity, first.opens_at, first.unit_id) == (None, None, ground.edition.unit_id)
    assert {"a", "b"} & {first.uid, second.uid} == set()
    assert (done.state, done.done) == (ImportState.APPLIED, {"new": 2})


def test_the_same_again_changes_nothing(ground: Ground) -> None:
    ground.take(event("a"))
    assert ground.changes(event("a")) == ["same"]
    assert len(ground.rows()) == 1


def test_a_rule_comes_again_as_the_same_dates(ground: Ground) -> None:
    weekly = event("a", RRULE="FREQ=WEEKLY;COUNT=4")
    ground.take(weekly)
    assert ground.changes(weekly) == ["same"] * 4
    moved = event("a", NOON + 7 * DAY + HOUR, RRULE="FREQ=WEEKLY;COUNT=4")
    ground.take(moved)
    assert [row.starts_at for row in ground.rows()] == [NOON + (7 * n + 7) * DAY + HOUR for n in range(4)]
    assert ground.changes(moved) == ["same"] * 4


def test_drafts_follow_the_source_at_once(ground: Ground) -> None:
    ground.take(event("a"))
    ground.take(event("a", NOON + 9 * DAY, SUMMARY="新题目", DESCRIPTION="新说明", LOCATION="体育馆"))
    (row,) = ground.rows()
    assert (row.starts_at, row.title, row.summary, row.place) == (NOON + 9 * DAY, "新题目", "新说明", "体育馆")
    assert row.publication is Publication.DRAFT


def test_what_people_changed_here_is_not_overwritten(ground: Ground) -> None:
    ground.take(event("a"))
    (row,) = ground.rows()
    events.change_occurrence(
        row.id, title="这里改的", summary="", expected_revision=row.revision, actor=ground.actor, now=NOON
    )
    ground.take(event("a", LOCATION="体育馆"))
    assert [(row.title, row.place) for row in ground.rows()] == [("这里改的", "体育馆")]
    run = ground.read(event("a", LOCATION="体育馆", SUMMARY="那边改的"))
    (outcome,) = ground.outcomes(run)
    assert (outcome.change, outcome.ticked) == (Change.BOTH, False)
    ground.apply(run, {outcome.key})
    assert ground.rows()[0].title == "那边改的"


def test_what_is_public_is_moved_with_a_reason_and_people_are_told(ground: Ground) -> None:
    ground.take(event("a"))
    ground.publish()
    run = ground.read(event("a", NOON + 8 * DAY))
    assert code(lambda: ground.apply(run)) == "event.reason"
    assert ground.rows()[0].starts_at == NOON + 7 * DAY
    ground.apply(run, reason="场地检修")
    (row,) = ground.rows()
    assert (row.starts_at, row.moved_from_at, row.reason) == (NOON + 8 * DAY, NOON + 7 * DAY, "场地检修")
    assert row.moved_revision == row.revision


def test_words_of_what_is_public_need_no_reason(ground: Ground) -> None:
    ground.take(event("a"))
    ground.publish()
    ground.take(event("a", SUMMARY="新题目"))
    (row,) = ground.rows()
    assert (row.title, row.moved_revision) == ("新题目", 0)


def test_what_is_called_off_there_is_called_off_here_and_comes_back(ground: Ground) -> None:
    ground.take(event("a"))
    ground.publish()
    run = ground.read(event("a", STATUS="CANCELLED"))
    assert code(lambda: ground.apply(run)) == "event.reason"
    ground.apply(run, reason="讲者生病")
    (row,) = ground.rows()
    assert (row.status, row.reason) == (Status.CANCELLED, "讲者生病")
    assert ground.changes(event("a", STATUS="CANCELLED")) == ["same"]
    ground.apply(ground.read(event("a")), reason="讲者好了")
    assert ground.rows()[0].status is Status.SCHEDULED


def test_gone_drafts_are_thrown_away_and_what_is_public_is_cancelled_when_somebody_says_so(ground: Ground) -> None:
    ground.take(event("a"), event("b", NOON + 8 * DAY))
    ground.rows()[1].publication = Publication.PUBLISHED
    db.session.commit()
    run = ground.read(event("c", NOON + 9 * DAY))
    assert [(each.change, each.ticked) for each in ground.outcomes(run)] == [
        (Change.NEW, True), (Change.GONE, False), (Change.GONE, False)
    ]  # fmt: skip
    ground.apply(run, keys_of(ground, run, Change.GONE), reason="来源删了")
    (row,) = ground.rows()
    assert (row.title, row.status) == ("讲座b", Status.CANCELLED)
    assert ground.changes(event("a"), event("c")) == ["new", "new"]


def test_what_was_public_once_is_kept_when_the_source_has_it_no_more(ground: Ground) -> None:
    ground.take(event("a"))
    ground.publish()
    events.unpublish(ground.edition.id, reason="误发", actor=ground.actor, now=NOON)
    run = ground.read()
    (outcome,) = ground.outcomes(run)
    assert (outcome.change, outcome.why, outcome.choosable) == (Change.KEPT, Why.WAS_PUBLIC, False)
    assert code(lambda: ground.apply(run, {outcome.key})) == "import.none_ticked"
    with pytest.raises(RuleBroken) as refused, transaction() as session:
        events.discard_drafts(session, ground.edition, ground.rows(), actor=ground.actor, now=NOON)
    assert refused.value.code == "event.already_published"
    assert len(ground.rows()) == 1


def test_which_drafts_were_thrown_away_is_on_record(ground: Ground) -> None:
    ground.take(event("a"))
    (row,) = ground.rows()
    run, id = ground.read(), row.id
    ground.apply(run, keys_of(ground, run, Change.GONE))
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "occurrences.discarded")).one()
    assert (record.details["occurrences"], record.details["names"]) == ([id], ["讲座a"])


def test_a_draft_that_something_hangs_on_is_not_thrown_away(ground: Ground) -> None:
    from tests.agenda import build as agenda

    ground.take(event("a"))
    (row,) = ground.rows()
    agenda.make_session(row)
    run = ground.read()
    assert code(lambda: ground.apply(run, keys_of(ground, run, Change.GONE))) == "event.draft_in_use"
    assert len(ground.rows()) == 1


def test_what_was_thrown_away_here_is_offered_again_once_it_is_asked_for(ground: Ground) -> None:
    ground.take(event("a"))
    db.session.delete(ground.rows()[0])
    db.session.commit()
    run = ground.read(event("a"))
    (outcome,) = ground.outcomes(run)
    assert (outcome.change, outcome.why, outcome.ticked) == (Change.NEW, Why.THROWN_AWAY, False)
    ground.apply(run, {outcome.key})
    assert len(ground.rows()) == 1
    assert db.session.scalar(select(db.func.count()).select_from(ImportedDate)) == 1


def test_files_of_another_calendar_miss_nothing_of_this_one(ground: Ground) -> None:
    ground.take(event("a"))
    assert [each.change for each in ground.outcomes(ground.read(event("b"), name="图书馆"))] == [Change.NEW]


# ---- rooms


def test_a_place_that_names_a_room_of_ours_takes_it(ground: Ground) -> None:
    room = make_room(name="报告厅")
    ground.take(event("a", LOCATION="报告厅"))
    assert [(row.room_id, row.place) for row in ground.rows()] == [(room.id, "")]


def test_a_room_that_is_taken_refuses_all_and_may_be_left_to_words(ground: Ground) -> None:
    room = make_room(name="报告厅")
    make_occurrence(starts_at=NOON + 7 * DAY, room_id=room.id)
    run = ground.read(event("a", LOCATION="报告厅"), event("b", NOON + 9 * DAY))
    assert code(lambda: ground.apply(run)).startswith("event.room_taken")
    assert ground.rows() == []
    ground.apply(run, uses_rooms=False)
    assert [(row.room_id, row.place) for row in ground.rows()] == [(None, "报告厅"), (None, "礼堂")]
    assert ground.changes(event("a", LOCATION="报告厅"), event("b", NOON + 9 * DAY)) == ["same", "same"]


def test_a_calendar_that_puts_two_things_into_one_room_is_refused_whole(ground: Ground) -> None:
    make_room(name="报告厅")
    run = ground.read(event("a", LOCATION="报告厅"), event("b", LOCATION="报告厅"))
    assert code(lambda: ground.apply(run)).startswith(("event.room_taken", "event.overlaps_itself"))
    assert ground.rows() == []


# ---- the contract of the preview


def test_one_press_does_exactly_what_was_seen(ground: Ground) -> None:
    ground.take(event("a"))
    run = ground.read(event("a", SUMMARY="新题目"))
    choice = ground.choice(run)
    (row,) = ground.rows()
    events.change_occurrence(
        row.id, title="刚刚改的", summary="", expected_revision=row.revision, actor=ground.actor, now=NOON
    )
    assert code(lambda: services.apply(run.id, choice, actor=ground.actor, now=NOON, zone=ZONE)) == (
        "core.preview_changed"
    )  # fmt: skip
    assert ground.rows()[0].title == "刚刚改的"


def test_what_became_public_since_the_preview_is_shown_again_before_anybody_is_told(ground: Ground) -> None:
    ground.take(event("a"))
    run = ground.read(event("a", NOON + 8 * DAY))
    choice = ground.choice(run, reason="检修")
    ground.publish()
    assert code(lambda: services.apply(run.id, choice, actor=ground.actor, now=NOON, zone=ZONE)) == (
        "core.preview_changed"
    )  # fmt: skip
    assert ground.rows()[0].moved_from_at is None


@pytest.mark.parametrize(("keys", "refusal"), [(set(), "import.none_ticked"), ({"nothing"}, "import.none_ticked")])
def test_a_press_without_a_tick_is_none(ground: Ground, keys: set[str], refusal: str) -> None:
    run = ground.read(event("a"))
    assert code(lambda: ground.apply(run, keys)) == refusal


def test_a_tick_that_was_not_in_the_preview_is_refused(ground: Ground) -> None:
    run = ground.read(event("a"))
    keys = keys_of(ground, run, Change.NEW) | {"made-up"}
    assert code(lambda: ground.apply(run, keys)) == "import.choice"


def test_the_same_press_twice_is_one_and_another_is_refused(ground: Ground) -> None:
    run = ground.read(event("a"))
    choice = ground.choice(run)
    for _ in range(2):
        services.apply(run.id, choice, actor=ground.actor, now=NOON, zone=ZONE)
    assert len(ground.rows()) == 1
    other = replace(choice, seen="0" * 16)
    assert code(lambda: services.apply(run.id, other, actor=ground.actor, now=NOON, zone=ZONE)) == "import.decided"


def test_what_nobody_wants_is_dropped_and_stays_so(ground: Ground) -> None:
    run = ground.read(event("a"))
    for _ in range(2):
        services.drop(run.id, actor=ground.actor, now=NOON)
    assert (run.state, run.found) == (ImportState.DROPPED, {})
    choice = Choice(frozenset({"x"}), "y")
    assert code(lambda: services.apply(run.id, choice, actor=ground.actor, now=NOON, zone=ZONE)) == "import.decided"


def test_the_same_form_sent_twice_is_one_import(ground: Ground) -> None:
    key = uuid4()

    def send(content: bytes) -> CalendarImport:
        return services.upload(ground.edition.id, content, key=key, actor=ground.actor, now=NOON, zone=ZONE)

    assert send(calendar(event("a"))).id == send(calendar(event("a"))).id
    with pytest.raises(SentBefore):
        send(calendar(event("b")))


def test_what_is_no_calendar_leaves_nothing_behind(ground: Ground) -> None:
    assert code(lambda: ground.read_bytes(b"<html>")) == "import.not_calendar"
    assert db.session.scalar(select(db.func.count()).select_from(CalendarImport)) == 0


def test_all_of_it_or_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the middle, as a kill would be: no date is made, none is moved, the preview still waits."""
    ground.take(event("a"))
    run = ground.read(event("a", SUMMARY="新题目"), event("b", NOON + 9 * DAY))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(applying, "make_occurrences", broken)
    with pytest.raises(RuntimeError):
        ground.apply(run)
    db.session.expire_all()
    assert [row.title for row in ground.rows()] == ["讲座a"]
    assert db.session.get_one(CalendarImport, run.id).state is ImportState.READ


# ---- rights, record


def test_only_who_plans_the_edition_brings_calendars(ground: Ground) -> None:
    run = ground.read(event("a"))
    choice = ground.choice(run)
    stranger = actor_of(make_organizer(make_unit()))
    calls: list[Callable[[], Any]] = [
        lambda: services.upload(
            ground.edition.id, calendar(), key=uuid4(), actor=stranger, now=NOON, zone=ZONE
        ),
        lambda: services.apply(run.id, choice, actor=stranger, now=NOON, zone=ZONE),
        lambda: services.drop(run.id, actor=stranger, now=NOON),
        lambda: services.add_source(
            ground.edition.id, "https://x.org/", label="", is_daily=False, key=uuid4(), actor=stranger, now=NOON
        ),
    ]  # fmt: skip
    assert [code(call) for call in calls] == ["access.denied"] * 4


def test_each_step_is_on_record(ground: Ground) -> None:
    ground.take(event("a"))
    services.drop(ground.read(event("b")).id, actor=ground.actor, now=NOON)
    records = db.session.scalars(
        select(AuditRecord).where(AuditRecord.chain == f"edition:{ground.edition.id}").order_by(AuditRecord.n)
    ).all()
    assert [record.verb for record in records] == [
        "calendar.uploaded", "calendar.imported", "calendar.uploaded", "calendar.dropped"
    ]  # fmt: skip
    assert records[1].details["new"] == 1
    assert records[1].details["occurrences"] == [row.id for row in ground.rows()]


def test_an_edition_in_draft_is_thrown_away_with_what_came_from_calendars(ground: Ground) -> None:
    ground.take(event("a"))
    events.discard(ground.edition.id, actor=ground.actor, now=NOON)
    assert db.session.scalar(select(db.func.count()).select_from(ImportedDate)) == 0


# ---- at the same time


@pytest.mark.race
def test_two_imports_of_one_calendar_at_once_make_each_date_once(ground: Ground, at_once) -> None:  # type: ignore[no-untyped-def]
    runs = [ground.read(event("a"), event("b", NOON + 8 * DAY)) for _ in range(2)]
    choices = [ground.choice(run) for run in runs]
    ids, actor = [run.id for run in runs], ground.actor
    db.session.commit()
    answers = at_once(
        [
            lambda id=id, choice=choice: services.apply(id, choice, actor=actor, now=NOON, zone=ZONE)
            for id, choice in zip(ids, choices, strict=True)
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["CalendarImport", "Conflict"]
    db.session.expire_all()
    assert [row.title for row in ground.rows()] == ["讲座a", "讲座b"]


@pytest.mark.race
def test_an_import_and_somebody_who_edits_lose_nothing(ground: Ground, at_once) -> None:  # type: ignore[no-untyped-def]
    ground.take(event("a"))
    (row,) = ground.rows()
    run = ground.read(event("a", SUMMARY="来源改的"))
    choice, actor, id, revision, run_id = ground.choice(run), ground.actor, row.id, row.revision, run.id
    db.session.commit()
    imported, edited = at_once(
        [
            lambda: services.apply(run_id, choice, actor=actor, now=NOON, zone=ZONE),
            lambda: events.change_occurrence(
                id, title="这里改的", summary="", expected_revision=revision, actor=actor, now=NOON
            ),
        ]
    )
    db.session.expire_all()
    refused = [answer for answer in (imported, edited) if isinstance(answer, Exception)]
    assert [type(answer) for answer in refused] == [Conflict]
    assert db.session.get_one(Occurrence, id).title == ("来源改的" if refused == [edited] else "这里改的")


# ---- many


def test_many_drafts_follow_in_a_number_of_statements_that_does_not_grow(ground: Ground) -> None:
    def asked(count: int) -> int:
        ground.take(*(event(f"{count}-{n}", NOON + n * HOUR * 3 + DAY) for n in range(count)))
        run = ground.read(*(event(f"{count}-{n}", NOON + n * HOUR * 3 + 2 * DAY, SUMMARY="新") for n in range(count)))
        with counted() as statements:
            ground.apply(run)
        return len(statements)

    few, many = asked(2), asked(60)
    assert many <= few + 6  # an insert of many rows may be sent in several parts
    assert {row.title for row in ground.rows()} == {"新"}


def test_of_what_is_public_only_so_many_are_ticked_and_done_at_once(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_ONE_BY_ONE", 2)
    monkeypatch.setattr(applying, "MOST_ONE_BY_ONE", 2)
    ground.take(*(event(str(n), NOON + (n + 1) * DAY) for n in range(3)))
    ground.publish()
    run = ground.read(*(event(str(n), NOON + (n + 1) * DAY + HOUR) for n in range(3)))
    found = ground.outcomes(run)
    assert [each.ticked for each in found] == [True, True, False]
    everything = {each.key for each in found}
    assert code(lambda: ground.apply(run, everything, reason="改时间")) == "import.too_many_at_once"
    ground.apply(run, reason="改时间")
    assert ground.changes(*(event(str(n), NOON + (n + 1) * DAY + HOUR) for n in range(3))) == [
        "same",
        "same",
        "changed",
    ]
