"""A rule with memory, in the database: what was previewed is what is saved; exceptions, numbers and UIDs stay."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kexie_events.audit.models import AuditRecord
from kexie_events.audit.queries import broken_records
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, DomainError, RuleBroken
from kexie_events.events import services
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.patterns import queries
from kexie_events.events.patterns.models import Pattern, Skip
from kexie_events.events.patterns.revising import Fate, Revised
from kexie_events.events.patterns.rules import Own, Terms
from kexie_events.events.patterns.services import bring_back, change_rule, skip_slot
from kexie_events.events.plans import Plan, Sitting
from kexie_events.events.rules import Publication, Status
from kexie_events.registrations import services as registrations
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.agenda.build import make_session
from tests.build import (
    DAY,
    HOUR,
    make_edition,
    make_milestone,
    make_occurrence,
    make_room,
    make_series,
    make_told_registration,
    make_unit,
)

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 4, 1, 12, tzinfo=BEIJING)
BY = {"actor": SYSTEM, "now": NOW}
HERE = {**BY, "zone": BEIJING}


def at(month: int, day: int, hour: int = 14, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def forum(**values: Any) -> Series:
    """Every second month, third Friday of 2027: six public issues, of which two are over; and who may know of them."""
    publish = values.pop("publish", True)
    plan = Plan(
        **{
            "name": "双月论坛", "slug": "", "kind": Kind.MEETING, "unit_id": make_unit().id,
            "rule": "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", "first_on": date(2027, 1, 1), "starts": time(14),
            "duration": 3 * HOUR, "style": Style.ISSUE, "first_number": 1, "year": 2027, "capacity": 200,
            "opens_before": 30 * DAY, **values,
        }
    )  # fmt: skip
    series = services.schedule(plan, actor=SYSTEM, now=NOW - 200 * DAY, zone=BEIJING)
    if publish:
        for edition in rows(Edition, Edition.series_id == series.id):
            services.publish(edition.id, actor=SYSTEM, now=NOW - 190 * DAY)
    return series


def rows(model: type[Any], *of: Any) -> list[Any]:
    return list(
        db.session.scalars(select(model).where(*of).order_by(model.id).execution_options(populate_existing=True))
    )


def occurrences(series: Series) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.series_id == series.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query.order_by(Occurrence.planned_at, Occurrence.id)))


def move(row: Occurrence, to: datetime, **values: Any) -> Occurrence:
    sitting = Sitting(to, to + (row.ends_at - row.starts_at), room_id=values.pop("room_id", row.room_id))
    return services.move(row.id, sitting, reason="放假", expected_revision=row.revision, **{**HERE, **values})


def wanted(series: Series, since: datetime | None = None, **changed: Any) -> Terms:
    found = queries.going_on(series.id, since=since, now=NOW, zone=BEIJING)
    assert found is not None
    return replace(found[0], **changed)


def preview(series: Series, terms: Terms | None, since: datetime | None = None) -> Revised:
    made = queries.revised(series.id, terms, since=since, now=NOW, zone=BEIJING)
    db.session.rollback()
    return made


def save(series: Series, terms: Terms | None, since: datetime | None = None, **values: Any) -> Revised:
    seen = values.pop("seen", None) or preview(series, terms, since).digest
    revision = values.pop("expected_revision", None)
    if revision is None:
        revision = rows(Series, Series.id == series.id)[0].revision
    return change_rule(
        series.id, terms, since=since, expected_revision=revision, seen=seen, **{"reason": "改到下午", **HERE, **values}
    )  # fmt: skip


def refusal(act: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as refused:
        act()
    db.session.rollback()
    return refused.value


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M}"


def test_the_series_moves_to_three_o_clock_and_the_issue_moved_for_a_holiday_stays(app: Flask) -> None:
    series = forum()
    third = move(occurrences(series)[2], at(5, 14))
    assert third.own == {Own.TIME}
    before = {row.id: (row.uid, row.edition_id, row.revision) for row in occurrences(series)}
    terms = wanted(series, starts=time(15))
    seen = preview(series, terms)
    said = [(one.before, one.after) for one in seen.of(Fate.RETIMED)]
    assert [(clock(old.starts_at), clock(new.starts_at)) for old, new in said if old and new] == [
        ("07-16 14:00", "07-16 15:00"), ("09-17 14:00", "09-17 15:00"), ("11-19 14:00", "11-19 15:00"),
    ]  # fmt: skip
    save(series, terms, seen=seen.digest)
    found = occurrences(series)
    assert [(clock(row.planned_at), clock(row.starts_at)) for row in found if row.planned_at] == [
        ("01-15 14:00", "01-15 14:00"), ("03-19 14:00", "03-19 14:00"), ("05-21 15:00", "05-14 14:00"),
        ("07-16 15:00", "07-16 15:00"), ("09-17 15:00", "09-17 15:00"), ("11-19 15:00", "11-19 15:00"),
    ]  # fmt: skip
    assert {row.id: (row.uid, row.edition_id) for row in found} == {id: two[:2] for id, two in before.items()}
    raised = [row.revision - before[row.id][2] for row in found]
    assert (raised, [row.moved_revision == row.revision for row in found]) == (
        [0, 0, 0, 1, 1, 1], [False, False, True, True, True, True],
    )  # fmt: skip
    assert [(row.reason, row.moved_from_at) for row in found[3:4]] == [("改到下午", at(7, 16))]
    assert [(row.rule, row.starts) for row in rows(Pattern)] == [
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=2", time(14)), ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4", time(15))
    ]  # fmt: skip
    record = rows(AuditRecord, AuditRecord.chain == f"series:{series.id}")[-1]
    starts = [pattern["starts"] for pattern in record.details["after"]]
    assert (record.verb, starts, len(record.details["changes"])) == (
        "series.rule_changed", ["14:00:00", "15:00:00"], 3,
    )  # fmt: skip
    assert list(broken_records()) == []


def test_an_override_of_the_room_survives_a_later_change_of_the_room(app: Flask) -> None:
    series, hall, other = forum(), make_room(), make_room()
    fourth = occurrences(series)[3]
    move(fourth, fourth.starts_at, room_id=other.id)
    save(series, wanted(series, room_id=hall.id, starts=time(15)))
    assert [(clock(row.starts_at), row.room_id) for row in occurrences(series)[2:]] == [
        ("05-21 15:00", hall.id), ("07-16 15:00", other.id), ("09-17 15:00", hall.id), ("11-19 15:00", hall.id),
    ]  # fmt: skip
    assert occurrences(series)[3].own == {Own.PLACE}


def test_what_is_set_back_to_the_rule_follows_it_again(app: Flask) -> None:
    series = forum()
    third = move(occurrences(series)[2], at(5, 14))
    assert move(third, at(5, 21)).own == frozenset()
    save(series, wanted(series, starts=time(15)))
    assert clock(occurrences(series)[2].starts_at) == "05-21 15:00"


def test_places_and_words_of_one_date_are_its_own(app: Flask) -> None:
    series = forum()
    third, fourth = occurrences(series)[2:4]
    registrations.set_capacity(third.id, 50, **BY)
    services.change_occurrence(
        fourth.id, title="人工智能专场", summary="", expected_revision=fourth.revision, **BY
    )  # fmt: skip
    save(series, wanted(series, capacity=300))
    found = occurrences(series)
    assert [(row.capacity, row.own, row.title) for row in found[2:5]] == [
        (50, {Own.SEATS}, ""), (300, {Own.WORDS}, "人工智能专场"), (300, frozenset(), ""),
    ]  # fmt: skip


def test_more_places_go_to_those_who_wait(app: Flask) -> None:
    series = forum(capacity=1)
    third = occurrences(series)[2]
    third.taken, third.arrivals = 1, 2
    make_told_registration(third, line=1)
    waiting = make_told_registration(third, line=2, state=RegistrationState.WAITING)
    assert queries_people(third) == {third.id: 2}
    save(series, wanted(series, capacity=2))
    assert rows(Registration, Registration.id == waiting.id)[0].state is RegistrationState.CONFIRMED
    assert (occurrences(series)[2].capacity, occurrences(series)[2].taken) == (2, 2)


def queries_people(row: Occurrence) -> dict[int, int]:
    from kexie_events.events.holders import people_to_tell

    return people_to_tell([row.id])


def test_six_issues_more_are_drafts_with_the_next_numbers(app: Flask) -> None:
    series = forum()
    terms = wanted(series)
    made = save(series, replace(terms, rule=terms.rule.replace("COUNT=4", "COUNT=10")))
    assert [numbered.number for numbered in queries.numbers_of(series.id, preview(series, terms), BEIJING)] == []
    added = occurrences(series)[6:]
    editions = {edition.id: edition for edition in rows(Edition)}
    assert [(editions[row.edition_id].number_words, clock(row.starts_at), row.publication) for row in added] == [
        ("2028年首期", "01-21 14:00", Publication.DRAFT), ("2028年第2期", "03-17 14:00", Publication.DRAFT),
        ("2028年第3期", "05-19 14:00", Publication.DRAFT), ("2028年第4期", "07-21 14:00", Publication.DRAFT),
        ("2028年第5期", "09-15 14:00", Publication.DRAFT), ("2028年第6期", "11-17 14:00", Publication.DRAFT),
    ]  # fmt: skip
    assert (len(made.of(Fate.ADDED)), [row.rule for row in rows(Pattern)]) == (
        6, ["FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=12"],
    )  # fmt: skip


def test_ending_early_cancels_what_people_know_of_and_drafts_vanish_with_their_issues(app: Flask) -> None:
    series = forum(publish=False)
    known = occurrences(series)[3]
    services.publish(known.edition_id, **BY)
    make_milestone(edition=rows(Edition, Edition.id == occurrences(series)[5].edition_id)[0])
    terms = wanted(series)
    save(series, replace(terms, rule=terms.rule.replace("COUNT=4", "COUNT=1")), reason="并入年会")
    found = occurrences(series)
    assert [(clock(row.starts_at), row.status, row.reason) for row in found[2:]] == [
        ("05-21 14:00", Status.SCHEDULED, ""), ("07-16 14:00", Status.CANCELLED, "并入年会"),
    ]  # fmt: skip
    assert (found[3].pattern_id, found[3].planned_at, found[3].moved_revision) == (None, at(7, 16), found[3].revision)
    # The fifth issue is gone; the sixth has a milestone and stays, without a date.
    assert [edition.number for edition in rows(Edition)] == [1, 2, 3, 4, 6]
    assert len(rows(Milestone)) == 1


def test_a_draft_that_something_hangs_on_is_not_removed(app: Flask) -> None:
    series = forum(publish=False)
    make_told_registration(occurrences(series)[5])
    terms = wanted(series)
    refused = refusal(lambda: save(series, replace(terms, rule=terms.rule.replace("COUNT=4", "COUNT=3"))))
    assert (refused.code, len(occurrences(series))) == ("pattern.in_use", 6)


def test_a_draft_with_an_agenda_is_not_removed(app: Flask) -> None:
    series = forum(publish=False)
    make_session(occurrences(series)[5])
    terms = wanted(series)
    refused = refusal(lambda: save(series, replace(terms, rule=terms.rule.replace("COUNT=4", "COUNT=3"))))
    assert (refused.code, len(occurrences(series))) == ("pattern.in_use", 6)


def test_dates_of_one_edition_are_added_to_it(app: Flask) -> None:
    series = forum(style=Style.ORDINAL, first_number=12)
    terms = wanted(series)
    save(series, replace(terms, rule=terms.rule.replace("COUNT=4", "COUNT=5")))
    assert ({row.edition_id for row in occurrences(series)}, len(occurrences(series))) == ({rows(Edition)[0].id}, 7)


def test_a_series_that_has_no_dates_yet_gets_its_first_rule_here(app: Flask) -> None:
    edition = make_edition(series=make_series(), style=Style.YEAR, number=2027)
    series = rows(Series, Series.id == edition.series_id)[0]
    terms = Terms("FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=2", date(2027, 5, 1), time(), 2 * DAY, all_day=True)
    save(series, terms)
    assert [(clock(row.starts_at), row.edition_id) for row in occurrences(series)] == [
        ("09-18 00:00", edition.id), ("09-16 00:00", edition.id)
    ]  # fmt: skip
    bare = make_series()
    save(bare, terms)
    assert [row.number_words for row in rows(Edition, Edition.series_id == bare.id)] == ["2027年首期", "2028年首期"]
    assert (check(series), check(bare)) == (None, None)


def test_a_week_later_each_in_the_same_room_changes_places_without_a_clash(app: Flask) -> None:
    room = make_room()
    series = forum(rule="FREQ=WEEKLY;BYDAY=FR;COUNT=5", first_on=date(2027, 5, 7), room_id=room.id)
    save(series, wanted(series, first_on=date(2027, 5, 12), rule="FREQ=WEEKLY;BYDAY=WE;COUNT=5"))
    assert [clock(row.starts_at) for row in occurrences(series)] == [
        "05-12 14:00", "05-19 14:00", "05-26 14:00", "06-02 14:00", "06-09 14:00"
    ]  # fmt: skip


def test_a_room_that_is_taken_is_refused_and_nothing_is_half_done(app: Flask) -> None:
    series, room = forum(), make_room()
    make_occurrence(room_id=room.id, starts_at=at(9, 17, 15))
    refused = refusal(lambda: save(series, wanted(series, room_id=room.id)))
    assert (refused.code, {row.room_id for row in occurrences(series)}) == ("event.room_taken", {None})
    assert len(rows(Pattern)) == 1


def test_people_must_be_told_why(app: Flask) -> None:
    series = forum()
    assert refusal(lambda: save(series, wanted(series, starts=time(15)), reason=" ")).code == "event.reason"
    drafts = forum(publish=False)
    save(drafts, wanted(drafts, starts=time(15)), reason="")


def test_the_same_form_sent_twice_is_one_change(app: Flask) -> None:
    series = forum()
    terms = wanted(series, starts=time(15))
    seen = preview(series, terms).digest
    for _ in range(2):
        save(series, terms, seen=seen, expected_revision=0)
    assert ([row.revision for row in rows(Series)], len(rows(Pattern))) == ([1], 2)
    assert [row.revision for row in occurrences(series)][3:] == [2, 2, 2]


def test_what_changed_since_the_preview_is_not_overwritten(app: Flask) -> None:
    series = forum()
    terms = wanted(series, starts=time(15))
    seen = preview(series, terms).digest
    move(occurrences(series)[4], at(9, 24))
    refused = refusal(lambda: save(series, terms, seen=seen))
    assert (type(refused), refused.code) == (Conflict, "series.changed_meanwhile")
    save(series, terms)  # seen anew
    stale = refusal(lambda: save(series, terms, seen=seen, expected_revision=0))
    assert stale.code == "series.changed_meanwhile"


# ---- skipping


def skip(row: Occurrence, **values: Any) -> Skip:
    return skip_slot(row.id, **{"reason": "暑期", "expected_revision": row.revision, **BY, **values})


def test_a_skipped_slot_is_gone_stays_skipped_and_comes_back_under_its_number(app: Flask) -> None:
    series = forum(publish=False)
    skip(occurrences(series)[3])
    assert [edition.number for edition in rows(Edition)] == [1, 2, 3, 5, 6]
    save(series, wanted(series, starts=time(15)))
    (skipped,) = queries.skips_of(series.id)
    assert (skipped.slot_at, skipped.reason, len(occurrences(series))) == (at(7, 16, 15), "暑期", 5)
    back = bring_back(series.id, skipped.id, **HERE)
    assert (back.starts_at, rows(Edition, Edition.id == back.edition_id)[0].number_words) == (
        at(7, 16, 15), "2027年第4期"
    )  # fmt: skip
    assert (queries.skips_of(series.id), check(series)) == ([], None)
    assert [row.verb for row in rows(AuditRecord, AuditRecord.chain == f"series:{series.id}")] == [
        "series.scheduled", "series.slot_skipped", "series.rule_changed", "series.slot_brought_back",
    ]  # fmt: skip


def test_what_people_know_of_is_cancelled_not_skipped(app: Flask) -> None:
    series = forum()
    assert refusal(lambda: skip(occurrences(series)[3])).code == "pattern.is_known"
    draft = forum(publish=False)
    assert refusal(lambda: skip(occurrences(draft)[3], reason="")).code == "event.reason"
    assert refusal(lambda: skip(occurrences(draft)[3], expected_revision=9)).code == "event.changed_meanwhile"
    assert refusal(lambda: skip(make_occurrence(publication=Publication.DRAFT))).code == "pattern.no_slot"


def test_a_slot_of_the_past_does_not_come_back(app: Flask) -> None:
    series = forum(publish=False)
    skipped = skip(occurrences(series)[2])
    late = {**HERE, "now": at(6, 1)}
    assert refusal(lambda: bring_back(series.id, skipped.id, **late)).code == "event.begun"
    bring_back(series.id, skipped.id, **HERE)
    assert refusal(lambda: bring_back(series.id, skipped.id, **HERE)).code == "core.not_found"


def test_a_discarded_issue_leaves_its_slot_skipped_and_a_discarded_edition_takes_its_rule_along(app: Flask) -> None:
    series = forum(publish=False)
    services.discard(occurrences(series)[3].edition_id, **BY)
    assert ([row.slot_at for row in queries.skips_of(series.id)], check(series)) == ([at(7, 16)], None)
    other = forum(publish=False, style=Style.ORDINAL)
    services.discard(occurrences(other)[0].edition_id, **BY)
    assert (queries.ground(other.id).patterns, occurrences(other)) == ([], [])


def test_a_registration_window_and_dates_of_a_draft_are_its_own_too(app: Flask) -> None:
    series = forum(publish=False)
    third, fourth = occurrences(series)[2:4]
    services.change_window(
        third.id, opens_at=at(5, 1), closes_at=at(5, 20), expected_revision=third.revision, **HERE
    )  # fmt: skip
    dates = [services.NewDate(fourth.id, at(7, 23), at(7, 23, 17), fourth.revision)]
    services.set_dates(fourth.edition_id, occurrences=dates, milestones=[], **HERE)
    save(series, wanted(series, opens_before=10 * DAY))
    third, fourth = occurrences(series)[2:4]
    assert (third.own, third.opens_at, third.closes_at) == ({Own.WINDOW}, at(5, 1), at(5, 20))
    assert (fourth.own, fourth.starts_at, fourth.opens_at) == ({Own.TIME}, at(7, 23), at(7, 13))


# ---- names


def test_a_new_name_raises_the_revision_of_everything_dated_in_one_statement_each(app: Flask) -> None:
    series, other = forum(), forum()
    milestone = make_milestone(edition=rows(Edition, Edition.series_id == series.id)[0])
    before = [(row.revision, row.moved_revision) for row in occurrences(series)]
    services.change_series(series.id, name="“科创中国”@双月论坛", summary="六期", expected_revision=0, **BY)
    assert [(row.revision, row.moved_revision) for row in occurrences(series)] == [(r + 1, m) for r, m in before]
    assert rows(Milestone, Milestone.id == milestone.id)[0].revision == 2
    assert {row.revision for row in occurrences(other)} == {1}
    services.change_series(series.id, name="“科创中国”@双月论坛", summary="改了简介", expected_revision=1, **BY)
    assert [row.revision for row in occurrences(series)] == [r + 1 for r, _ in before]
    stale = refusal(lambda: services.change_series(series.id, name="旧名", summary="", expected_revision=1, **BY))
    assert stale.code == "series.changed_meanwhile"
    assert refusal(lambda: services.change_series(series.id, name=" ", summary="", expected_revision=2, **BY)).code == (
        "series.name"
    )


def test_a_new_name_of_a_venue_raises_the_revision_of_what_is_in_its_rooms(app: Flask) -> None:
    room = make_room()
    inside, outside = make_occurrence(room_id=room.id), make_occurrence()
    change = {"address": "江北城", "region_id": None, **BY}
    services.change_venue(room.venue_id, "重庆科技馆", expected_revision=0, **change)
    assert [rows(Occurrence, Occurrence.id == row.id)[0].revision for row in (inside, outside)] == [2, 1]
    services.change_venue(room.venue_id, "重庆科技馆", expected_revision=0, **change)  # the same again
    stale = refusal(lambda: services.change_venue(room.venue_id, "旧馆", expected_revision=0, **change))
    taken = make_room()
    assert stale.code == "venue.changed_meanwhile"
    assert refusal(lambda: services.change_venue(taken.venue_id, "重庆科技馆", expected_revision=0, **change)).code == (
        "venue.name_taken"
    )


# ---- two at once


@pytest.mark.race
def test_two_who_change_the_rule_at_once_do_not_both_succeed(app: Flask) -> None:
    series = forum()
    terms = [wanted(series, starts=time(hour)) for hour in (15, 16)]
    seen = [preview(series, one).digest for one in terms]
    series_id, answers, gate = series.id, [], threading.Barrier(2)
    db.session.remove()

    def change(n: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                change_rule(
                    series_id, terms[n], since=None, reason="改时间", expected_revision=0, seen=seen[n], **HERE
                )  # fmt: skip
                answers.append("done")
            except Conflict as conflict:
                answers.append(conflict.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=change, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "series.changed_meanwhile"]
    assert len({row.starts_at.astimezone(BEIJING).hour for row in occurrences(series)[2:]}) == 1


# ---- whatever happens


def check(series: Series) -> None:
    """Expanding the stored patterns without what is skipped gives exactly the slots of the occurrences."""
    found = queries.ground(series.id)
    planned = sorted(
        slot.starts_at
        for pattern in found.patterns
        for slot in pattern.terms.slots(BEIJING)
        if slot.starts_at not in pattern.skipped
    )
    assert planned == sorted(one.slot_at for one in found.held)
    assert len(set(planned)) == len(planned)


FREQUENCIES = [
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR", "FREQ=MONTHLY;BYDAY=1TU", "FREQ=WEEKLY;BYDAY=WE", "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15",
    "FREQ=YEARLY;BYMONTH=9;BYDAY=3SA",
]  # fmt: skip
step = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 9), st.integers(-3, 3)),
    st.tuples(st.just("room"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("skip"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("back"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("seats"), st.integers(0, 9), st.integers(1, 9)),
    st.tuples(st.just("publish"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("later"), st.integers(1, 40), st.just(0)),
    st.tuples(
        st.just("change"), st.integers(-1, 9),
        st.tuples(st.sampled_from(FREQUENCIES), st.integers(0, 10), st.integers(2, 7), st.integers(9, 18),
                  st.sampled_from([False, False, True])),
    ),
    st.tuples(st.just("end"), st.integers(-1, 9), st.just(0)),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(FREQUENCIES), st.integers(1, 7), st.sampled_from([Style.ISSUE, Style.ORDINAL]),
    st.lists(step, min_size=1, max_size=8), st.lists(st.integers(1, 6), max_size=3),
)  # fmt: skip
def test_whatever_is_moved_skipped_and_changed_the_preview_tells_the_truth(
    app: Flask, rule: str, count: int, style: Style, steps: list[tuple[str, int, Any]], exceptions: list[int]
) -> None:
    db.session.rollback()
    hall = make_room()
    series = forum(rule=f"{rule};COUNT={count}", style=style, publish=False, first_on=date(2027, 3, 1))
    world = _World(series, hall.id)
    for what, n, value in [*(("move", n, 1) for n in exceptions), *steps]:
        world.take(what, n, value)
        check(series)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.integers(2, 5), min_size=1), st.sampled_from([-2, 1, 5]), st.integers(9, 18), st.integers(3, 7),
    st.sampled_from(FREQUENCIES[:1] * 3 + FREQUENCIES[1:]), st.booleans(),
)  # fmt: skip
def test_every_exception_outlives_every_change_that_has_a_slot_for_it(
    app: Flask, moved: set[int], days: int, hour: int, count: int, rule: str, again: bool
) -> None:
    db.session.rollback()
    world = _World(forum(), make_room().id)
    for n in moved:
        world.take("move", n, days)
    world.take("change", -1, (rule, 10, count, hour, False))
    if again:
        world.take("change", 3, (FREQUENCIES[0], 0, count, hour + 1, True))
    check(world.series)


class _World:
    """A series to which things happen; after each, what must hold of any of them is looked at."""

    def __init__(self, series: Series, hall: int) -> None:
        self.series, self.hall, self.now = series, hall, NOW
        self.uids: dict[str, int] = {row.uid: row.id for row in occurrences(series)}
        self.revisions: dict[int, int] = {}

    def take(self, what: str, n: int, value: Any) -> None:
        before = {row.id: self._facts(row) for row in occurrences(self.series)}
        self.here = {"actor": SYSTEM, "now": self.now, "zone": BEIJING}
        try:
            getattr(self, f"_{what}")(n, value)
        except RuleBroken:
            db.session.rollback()
            assert {row.id: self._facts(row) for row in occurrences(self.series)} == before
        for row in occurrences(self.series):
            assert self.uids.setdefault(row.uid, row.id) == row.id
            assert row.revision >= self.revisions.get(row.id, 0)
            self.revisions[row.id] = row.revision

    def _facts(self, row: Occurrence) -> tuple[Any, ...]:
        return row.facts, row.own, row.status, row.uid, row.edition_id, row.title, row.unit_id

    def _row(self, n: int) -> Occurrence:
        found = occurrences(self.series)
        if not found:
            raise RuleBroken("pattern.no_slot")
        return found[n % len(found)]

    def _later(self, days: int, _: Any) -> None:
        self.now += timedelta(days=days)

    def _move(self, n: int, days: int) -> None:
        row = self._row(n)
        to = Sitting(row.starts_at + days * DAY, row.ends_at + days * DAY, room_id=row.room_id)
        services.move(row.id, to, reason="放假", expected_revision=row.revision, **self.here)

    def _room(self, n: int, _: Any) -> None:
        row = self._row(n)
        to = Sitting(row.starts_at, row.ends_at, room_id=self.hall)
        services.move(row.id, to, reason="换地方", expected_revision=row.revision, **self.here)

    def _skip(self, n: int, _: Any) -> None:
        row = self._row(n)
        skip_slot(row.id, reason="暑期", expected_revision=row.revision, actor=SYSTEM, now=self.now)

    def _back(self, n: int, _: Any) -> None:
        if skipped := queries.skips_of(self.series.id):
            bring_back(self.series.id, skipped[n % len(skipped)].id, **self.here)

    def _cancel(self, n: int, _: Any) -> None:
        services.cancel(self._row(n).id, reason="不办", actor=SYSTEM, now=self.now)

    def _seats(self, n: int, places: int) -> None:
        registrations.set_capacity(self._row(n).id, places, actor=SYSTEM, now=self.now)

    def _publish(self, n: int, _: Any) -> None:
        services.publish(self._row(n).edition_id, actor=SYSTEM, now=self.now)

    def _end(self, n: int, _: Any) -> None:
        self._save(None, n)

    def _change(self, n: int, value: Any) -> None:
        rule, later, count, hour, in_hall = value
        since = self._since(n)
        first = (since or self.now).astimezone(BEIJING).date() + later * DAY
        room = self.hall if in_hall else None
        self._save(Terms(f"{rule};COUNT={count}", first, time(hour), HOUR, False, room, "", 9, DAY), n)

    def _since(self, n: int) -> datetime | None:
        row = self._row(n) if n >= 0 else None
        return row.planned_at if row is not None and row.pattern_id is not None else None

    def _save(self, terms: Terms | None, n: int) -> None:
        since = self._since(n)
        before = {row.id: row for row in occurrences(self.series)}
        facts = {id: self._facts(row) for id, row in before.items()}
        seen = queries.revised(self.series.id, terms, since=since, now=self.now, zone=BEIJING)
        revision = rows(Series, Series.id == self.series.id)[0].revision
        change_rule(
            self.series.id, terms, since=since, reason="改", expected_revision=revision, seen=seen.digest, **self.here
        )  # fmt: skip
        after = {row.id: row for row in occurrences(self.series)}
        told = {change.held.id: change for change in seen.changes if change.held}
        for fate in {change.fate for change in seen.changes}:
            event(fate.value)
        for id, row in after.items():
            if id in facts:
                self._same_as_said(row, facts[id], told.get(id))
        gone = {change.held.id for change in seen.of(Fate.REMOVED) if change.held and change.held.is_draft}
        assert set(before) - set(after) == gone
        new = [after[id].facts for id in sorted(set(after) - set(before))]
        assert sorted(new, key=lambda one: one.starts_at) == [change.after for change in seen.of(Fate.ADDED)]

    def _same_as_said(self, row: Occurrence, before: tuple[Any, ...], said: Any) -> None:
        old, own = before[0], before[1]
        if said is None or old.starts_at <= self.now:
            assert self._facts(row) == before  # outside the change, or begun: as it was
            return
        if said.fate is Fate.REMOVED:
            assert (row.status, row.pattern_id) == (Status.CANCELLED, None)
            return
        assert row.facts == said.after
        if row.pattern_id is not None:
            assert row.planned_at == said.slot_after
        new = row.facts
        kept = {Own.TIME: (old.times, new.times), Own.PLACE: (old.spot, new.spot),
                Own.SEATS: (old.capacity, new.capacity), Own.WINDOW: (old.window, new.window)}  # fmt: skip
        assert all(kept[one][0] == kept[one][1] for one in own if one in kept)
        assert (row.own, row.uid, row.edition_id, row.title, row.unit_id) == (own, *before[3:])
