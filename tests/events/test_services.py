import threading
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.audit.models import AuditRecord
from kexie_events.audit.queries import broken_records
from kexie_events.core.access import ANYBODY, SYSTEM, Actor, Role
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken
from kexie_events.events import services
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.plans import OccurrencePlan, Plan, Sitting
from kexie_events.events.rules import Publication, Status
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_edition,
    make_grant,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_room,
    make_series,
    make_unit,
)

BEIJING = ZoneInfo("Asia/Shanghai")
BY = {"actor": SYSTEM, "now": NOON}
HERE = {**BY, "zone": BEIJING}
TIMES = {"starts_at": NOON + DAY, "ends_at": NOON + DAY + HOUR}


def plan(**values: Any) -> Plan:
    """The 双月论坛: six third Thursdays of 2026, every second month."""
    unit_id = values.pop("unit_id", None) or make_unit().id
    return Plan(
        **{
            "name": "“科创中国”@重庆双月论坛", "slug": "forum", "kind": Kind.FORUM_SERIES, "unit_id": unit_id,
            "rule": "FREQ=MONTHLY;INTERVAL=2;BYDAY=3TH;COUNT=6", "first_on": date(2026, 4, 1), "starts": time(14),
            "duration": timedelta(hours=3), "style": Style.ISSUE, "first_number": 2, "year": 2026, **values,
        }
    )  # fmt: skip


def refusal(act: Callable[[], Any], kind: type[DomainError] = RuleBroken) -> DomainError:
    with pytest.raises(kind) as refused:
        act()
    db.session.rollback()
    return refused.value


def rows(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.id)))


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def verbs() -> list[str]:
    return list(db.session.scalars(select(AuditRecord.verb).order_by(AuditRecord.id)))


# ---- schedule


def test_a_forum_gets_one_edition_per_date_numbered_within_the_year(app: Flask) -> None:
    series = services.schedule(plan(opens_before=14 * DAY, closes_before=DAY, capacity=200), **HERE)
    assert [(edition.number_words, edition.publication) for edition in rows(Edition)] == [
        ("2026年第2期", Publication.DRAFT), ("2026年第3期", Publication.DRAFT), ("2026年第4期", Publication.DRAFT),
        ("2026年第5期", Publication.DRAFT), ("2026年第6期", Publication.DRAFT), ("2027年首期", Publication.DRAFT),
    ]  # fmt: skip
    occurrences = rows(Occurrence)
    assert [row.starts_at for row in occurrences] == [
        datetime(2026, month, day, 6, tzinfo=UTC) for month, day in ((4, 16), (6, 18), (8, 20), (10, 15), (12, 17))
    ] + [datetime(2027, 2, 18, 6, tzinfo=UTC)]
    first = occurrences[0]
    assert (first.ends_at - first.starts_at, first.planned_at) == (3 * HOUR, first.starts_at)
    assert (first.opens_at, first.closes_at) == (first.starts_at - 14 * DAY, first.starts_at - DAY)
    assert {(row.publication, row.revision, row.capacity) for row in occurrences} == {(Publication.DRAFT, 0, 200)}
    assert [row.edition_id for row in occurrences] == [edition.id for edition in rows(Edition)]
    assert (series.slug, rows(Pattern)[0].rule, series.publication) == ("forum", plan().rule, Publication.DRAFT)
    assert (verbs(), count(Milestone)) == (["series.scheduled"], 0)


def test_other_styles_hold_all_dates_in_one_edition(app: Flask) -> None:
    services.schedule(plan(style=Style.ORDINAL_CHINESE, first_number=12), **HERE)
    (edition,) = rows(Edition)
    assert (edition.number_words, edition.year) == ("第十二届", 2026)
    assert {row.edition_id for row in rows(Occurrence)} == {edition.id}
    assert count(Occurrence) == 6


def test_an_edition_counted_by_the_year_is_numbered_by_it(app: Flask) -> None:
    services.schedule(plan(style=Style.YEAR, rule=""), **HERE)
    assert [(edition.number, edition.number_words) for edition in rows(Edition)] == [(2026, "2026年度")]


def test_a_series_without_an_address_gets_one(app: Flask) -> None:
    first = services.schedule(plan(slug=""), **HERE)
    second = services.schedule(plan(slug=""), **HERE)
    assert first.slug.startswith("forum-series-")
    assert first.slug != second.slug


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"rule": "FREQ=WEEKLY"}, "recurrence.no_end"),
        ({"rule": "FREQ=WEEKLY;COUNT=3;UNTIL=20261231"}, "recurrence.two_ends"),
        ({"name": " \u200b "}, "series.name"),
        ({"slug": "Forum!"}, "series.slug"),
        ({"duration": timedelta(0)}, "event.ends_before_start"),
        ({"duration": -HOUR}, "event.ends_before_start"),
        ({"duration": 121 * DAY}, "event.too_long"),
        ({"capacity": 0}, "event.capacity"),
        ({"first_number": 0}, "edition.number"),
        ({"first_number": 998}, "edition.number"),
        ({"year": 1}, "edition.year"),
        ({"first_on": date(9999, 12, 31)}, "event.day"),
        ({"first_on": date(1, 1, 1)}, "event.day"),
        ({"opens_before": DAY, "closes_before": 2 * DAY}, "event.closes_before_open"),
    ],
)
def test_an_unsound_plan_changes_nothing(app: Flask, values: dict[str, Any], code: str) -> None:
    asked = plan(**values)
    assert refusal(lambda: services.schedule(asked, **HERE)).code == code
    assert [count(model) for model in (Series, Edition, Occurrence, AuditRecord)] == [0, 0, 0, 0]


def test_an_address_is_used_once(app: Flask) -> None:
    services.schedule(plan(), **HERE)
    asked = plan()
    error = refusal(lambda: services.schedule(asked, **HERE))
    assert (error.code, error.details) == ("series.slug_taken", {"slug": "forum"})
    assert (count(Series), count(Occurrence)) == (1, 6)


def test_a_series_whose_dates_overlap_cannot_have_a_room(app: Flask) -> None:
    asked = plan(room_id=make_room().id, rule="FREQ=DAILY;COUNT=3", duration=timedelta(hours=25))
    assert refusal(lambda: services.schedule(asked, **HERE)).code == "event.overlaps_itself"


def test_a_unit_that_is_closed_today_hosts_nothing_new(app: Flask) -> None:
    unit = make_unit(name="江北区科协", valid_to=date(2026, 3, 11))
    asked = plan(unit_id=unit.id)
    error = refusal(lambda: services.schedule(asked, **HERE))
    assert (error.code, error.details) == ("unit.ended", {"unit": "江北区科协", "on": date(2026, 3, 11)})
    the_day_before = {**HERE, "now": NOON - DAY}
    assert services.schedule(asked, **the_day_before).unit_id == unit.id


def test_a_unit_that_begins_tomorrow_is_not_there_yet(app: Flask) -> None:
    unit = make_unit(valid_from=date(2026, 3, 12))
    asked = plan(unit_id=unit.id)
    assert refusal(lambda: services.schedule(asked, **HERE)).code == "unit.not_begun"


def test_an_organizer_plans_in_the_own_tree_and_nowhere_else(app: Flask) -> None:
    city = make_unit()
    district, other = make_unit(parent=city), make_unit(parent=city)
    by = {**HERE, "actor": actor_of(make_organizer(district))}
    assert services.schedule(plan(unit_id=district.id), **by).unit_id == district.id
    for unit in (city, other):
        asked = plan(unit_id=unit.id, slug=f"x-{unit.id}")
        assert refusal(lambda asked=asked: services.schedule(asked, **by), Forbidden).code == "access.denied"
    assert refusal(lambda: services.schedule(plan(unit_id=999), **by), NotFound).code == "core.not_found"


# ---- a room


def holder(room: Room, **values: Any) -> Occurrence:
    series = make_series(name="科普讲座", unit=values.pop("unit", None))
    edition = make_edition(series=series, number=4, style=Style.ORDINAL)
    return make_occurrence(edition=edition, room_id=room.id, **values)


def test_a_room_taken_is_named_with_what_has_it(app: Flask) -> None:
    room = make_room(venue=_venue("市科技馆"), name="一号厅")
    start = datetime(2026, 6, 18, 7, tzinfo=UTC)
    holder(room, starts_at=start)
    asked = plan(room_id=room.id)
    error = refusal(lambda: services.schedule(asked, **HERE))
    assert (error.code, error.details) == (
        "event.room_taken",
        {"room": "市科技馆 一号厅", "by": "第4届科普讲座", "starts_at": start, "ends_at": start + 2 * HOUR},
    )
    assert (count(Series), count(Occurrence)) == (1, 1)


def test_a_room_taken_by_what_one_may_not_see_is_told_without_name_and_hours(app: Flask) -> None:
    room = make_room(venue=_venue("市科技馆"), name="一号厅")
    own, other = make_unit(), make_unit()
    holder(room, starts_at=datetime(2026, 6, 18, 7, tzinfo=UTC), publication=Publication.DRAFT, unit=other)
    asked = plan(room_id=room.id, unit_id=own.id)
    by = {**HERE, "actor": actor_of(make_organizer(own))}
    error = refusal(lambda: services.schedule(asked, **by))
    start = datetime(2026, 6, 18, 6, tzinfo=UTC)
    assert (error.code, error.details) == (
        "event.room_taken_unnamed",
        {"room": "市科技馆 一号厅", "starts_at": start, "ends_at": start + 3 * HOUR},
    )


@pytest.mark.parametrize(
    "values",
    [{"status": Status.CANCELLED, "cancelled_at": NOON, "reason": "停电"}, {"publication": Publication.WITHDRAWN}],
)
def test_what_does_not_take_place_holds_no_room(app: Flask, values: dict[str, Any]) -> None:
    room = make_room()
    holder(room, starts_at=datetime(2026, 6, 18, 7, tzinfo=UTC), **values)
    services.schedule(plan(room_id=room.id), **HERE)
    assert count(Occurrence) == 7


def test_one_may_follow_another_in_a_room_without_a_break(app: Flask) -> None:
    room = make_room()
    holder(room, starts_at=datetime(2026, 6, 18, 9, tzinfo=UTC))
    services.schedule(plan(room_id=room.id), **HERE)
    assert count(Occurrence) == 7


@pytest.mark.race
def test_of_two_who_take_the_same_room_at_once_one_gets_it_and_the_other_is_told(app: Flask) -> None:
    room, edition = make_room(), make_edition()
    ready = threading.Barrier(8)
    answers: list[str] = []

    def add() -> None:
        with app.app_context():
            ready.wait()
            try:
                services.add_occurrence(edition.id, OccurrencePlan(**TIMES, room_id=room.id), **HERE)
                answers.append("added")
            except DomainError as error:
                answers.append(error.code)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["added", *["event.room_taken"] * 7]
    assert count(Occurrence) == 1


# ---- editions, occurrences, milestones


def test_an_edition_is_added_as_a_draft(app: Flask) -> None:
    series = make_series()
    edition = services.add_edition(series.id, Numbered(36, Style.ORDINAL), title=" 科技\u200b强国 ", **HERE)
    assert (edition.number_words, edition.year, edition.title) == ("第36届", 2026, "科技强国")
    assert (edition.publication, edition.unit_id) == (Publication.DRAFT, series.unit_id)
    assert verbs() == ["edition.added"]


def test_an_edition_number_is_used_once_in_a_series(app: Flask) -> None:
    series, other = make_series(), make_series()
    services.add_edition(series.id, Numbered(36, Style.ORDINAL), **HERE)
    services.add_edition(other.id, Numbered(36, Style.ORDINAL), **HERE)
    error = refusal(lambda: services.add_edition(series.id, Numbered(36, Style.ORDINAL_CHINESE, 2027), **HERE))
    assert (error.code, error.details) == ("edition.number_taken", {"number": "第三十六届"})
    assert count(Edition) == 2


def test_an_issue_number_comes_back_with_each_year(app: Flask) -> None:
    series = make_series()
    services.add_edition(series.id, Numbered(1, Style.ISSUE, 2026), **HERE)
    services.add_edition(series.id, Numbered(1, Style.ISSUE, 2027), **HERE)
    error = refusal(lambda: services.add_edition(series.id, Numbered(1, Style.ISSUE, 2027), **HERE))
    assert error.details == {"number": "2027年首期"}


def test_a_series_of_a_closed_unit_goes_on_under_another_one(app: Flask) -> None:
    closed, successor = make_unit(valid_to=date(2026, 1, 25)), make_unit()
    series = make_series(unit=closed)
    error = refusal(lambda: services.add_edition(series.id, Numbered(9, Style.ORDINAL), **HERE))
    assert error.code == "unit.ended"
    edition = services.add_edition(series.id, Numbered(9, Style.ORDINAL), unit_id=successor.id, **HERE)
    assert edition.unit_id == successor.id


def test_the_organizer_of_a_series_lets_any_unit_host_an_edition(app: Flask) -> None:
    series, host = make_series(), make_unit()
    account = make_account()
    make_grant(account, Role.ORGANIZER, series_id=series.id)
    by = {**HERE, "actor": actor_of(account)}
    assert services.add_edition(series.id, Numbered(9, Style.ORDINAL), unit_id=host.id, **by).unit_id == host.id


def test_an_occurrence_is_added_as_a_draft_even_to_a_public_edition(app: Flask) -> None:
    edition = make_edition()
    plan = OccurrencePlan(**TIMES, title="分论坛一", place="线上", capacity=40, opens_at=NOON)
    row = services.add_occurrence(edition.id, plan, **HERE)
    assert (row.publication, row.revision, row.series_id, row.title) == (
        Publication.DRAFT, 0, edition.series_id, "分论坛一",
    )  # fmt: skip


def test_the_same_form_sent_twice_adds_one_occurrence(app: Flask) -> None:
    edition, key = make_edition(), UUID(int=7)
    plan = OccurrencePlan(**TIMES)
    services.add_occurrence(edition.id, plan, key=key, **HERE)
    assert refusal(lambda: services.add_occurrence(edition.id, plan, key=key, **HERE)).code == "event.added_already"
    assert count(Occurrence) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ends_at": NOON + DAY}, "event.ends_before_start"),
        ({"ends_at": NOON + 200 * DAY}, "event.too_long"),
        ({"capacity": -1}, "event.capacity"),
        ({"opens_at": NOON, "closes_at": NOON + 3 * DAY}, "event.closes_after_end"),
        ({"title": "名" * 121}, "event.title"),
        ({"starts_at": datetime(9000, 1, 1, tzinfo=UTC), "ends_at": datetime(9000, 1, 2, tzinfo=UTC)}, "event.day"),
    ],
)
def test_an_unsound_occurrence_is_refused(app: Flask, values: dict[str, Any], code: str) -> None:
    edition = make_edition()
    plan = OccurrencePlan(**{**TIMES, **values})
    assert refusal(lambda: services.add_occurrence(edition.id, plan, **HERE)).code == code


def test_a_milestone_is_added_and_its_code_is_used_once(app: Flask) -> None:
    edition = make_edition()
    asked = {"code": "entries-close", "name": "申报截止", "starts_at": NOON + DAY, "is_deadline": True, **HERE}
    row = services.add_milestone(edition.id, **asked)
    assert (row.starts_at, row.ends_at, row.publication) == (NOON + DAY, NOON + DAY, Publication.DRAFT)
    assert refusal(lambda: services.add_milestone(edition.id, **asked)).code == "milestone.code_taken"


def test_a_milestone_is_changed_once_and_a_stale_one_is_a_conflict(app: Flask) -> None:
    row = make_milestone(code="entries-close")
    asked = {
        "name": "申报截止（延期）",
        "starts_at": NOON + 20 * DAY,
        "is_deadline": True,
        "expected_revision": 1,
        **HERE,
    }
    services.change_milestone(row.id, **asked)
    services.change_milestone(row.id, **asked)  # a second press finds it done
    assert (row.name, row.ends_at, row.revision, row.code) == ("申报截止（延期）", NOON + 20 * DAY, 2, "entries-close")
    other = {**asked, "name": "申报截止"}
    error = refusal(lambda: services.change_milestone(row.id, **other), Conflict)
    assert (error.code, error.details) == ("event.changed_meanwhile", {"yours": 1, "theirs": 2})


# ---- approval and publication


def forum() -> tuple[Series, Edition, Occurrence]:
    services.schedule(plan(rule=""), **HERE)
    return rows(Series)[0], rows(Edition)[0], rows(Occurrence)[0]


def test_a_forum_is_published_only_after_its_approval(app: Flask) -> None:
    series, edition, occurrence = forum()
    assert refusal(lambda: services.publish(edition.id, **BY)).code == "event.not_approved"
    assert refusal(lambda: services.approve(edition.id, "  ", **BY)).code == "event.approval_words"
    services.approve(edition.id, "渝科协办〔2026〕7号", **BY)
    services.publish(edition.id, **BY)
    db.session.expire_all()
    assert {row.publication for row in (series, edition, occurrence)} == {Publication.PUBLISHED}
    assert (occurrence.revision, edition.approval, edition.approved_at) == (1, "渝科协办〔2026〕7号", NOON)
    assert verbs() == ["series.scheduled", "edition.approved", "edition.published"]


def test_an_approval_can_be_corrected_until_it_was_relied_on(app: Flask) -> None:
    _, edition, _ = forum()
    services.approve(edition.id, "渝科协办〔2026〕1号", **BY)
    services.approve(edition.id, "渝科协办〔2026〕7号", **BY)
    services.approve(edition.id, " 渝科协办〔2026〕7号 ", **BY)  # a second press
    assert [row.verb for row in rows(AuditRecord) if row.chain == f"edition:{edition.id}"] == ["edition.approved"] * 2
    services.publish(edition.id, **BY)
    assert refusal(lambda: services.approve(edition.id, "别的", **BY)).code == "event.already_published"
    assert rows(Edition)[0].approval == "渝科协办〔2026〕7号"


def test_a_meeting_needs_no_approval(app: Flask) -> None:
    services.schedule(plan(kind=Kind.MEETING, rule=""), **HERE)
    services.publish(rows(Edition)[0].id, **BY)
    assert rows(Occurrence)[0].publication is Publication.PUBLISHED


def test_publishing_one_issue_leaves_the_others_as_drafts(app: Flask) -> None:
    services.schedule(plan(), **HERE)
    first = rows(Edition)[0]
    services.approve(first.id, "同意", **BY)
    services.publish(first.id, **BY)
    db.session.expire_all()
    assert [row.publication for row in rows(Occurrence)] == [Publication.PUBLISHED, *[Publication.DRAFT] * 5]


def test_what_is_added_later_becomes_public_when_published_again_and_the_rest_is_not_touched(app: Flask) -> None:
    edition = make_edition()
    old = make_occurrence(edition=edition)
    assert refusal(lambda: services.publish(edition.id, **BY)).code == "event.already_published"
    new = services.add_occurrence(edition.id, OccurrencePlan(**TIMES), **HERE)
    services.add_milestone(edition.id, code="a", name="开放", starts_at=NOON, **HERE)
    services.publish(edition.id, **BY)
    db.session.expire_all()
    assert (old.revision, new.revision, new.publication) == (1, 1, Publication.PUBLISHED)
    assert [row.publication for row in rows(Milestone)] == [Publication.PUBLISHED]


def test_what_was_published_by_mistake_is_taken_back_with_its_reason(app: Flask) -> None:
    series, edition, occurrence = forum()
    services.approve(edition.id, "同意", **BY)
    assert refusal(lambda: services.unpublish(edition.id, reason="误发", **BY)).code == "event.not_published"
    services.publish(edition.id, **BY)
    assert refusal(lambda: services.unpublish(edition.id, reason=" ", **BY)).code == "event.reason"
    services.unpublish(edition.id, reason="误发", **BY)
    db.session.expire_all()
    assert {row.publication for row in (series, edition, occurrence)} == {Publication.WITHDRAWN}
    assert (occurrence.revision, occurrence.moved_revision) == (2, 0)
    services.publish(edition.id, **BY)
    db.session.expire_all()
    assert (occurrence.publication, occurrence.revision) == (Publication.PUBLISHED, 3)


def test_a_series_stays_public_while_another_edition_of_it_is(app: Flask) -> None:
    series = make_series()
    first, _second = make_edition(series=series), make_edition(series=series)
    services.unpublish(first.id, reason="误发", **BY)
    db.session.expire_all()
    assert (first.publication, series.publication) == (Publication.WITHDRAWN, Publication.PUBLISHED)


def test_a_room_given_away_after_a_withdrawal_stops_the_next_publication(app: Flask) -> None:
    room = make_room()
    edition = make_edition(publication=Publication.WITHDRAWN)
    make_occurrence(edition=edition, room_id=room.id, publication=Publication.WITHDRAWN)
    holder(room)
    assert refusal(lambda: services.publish(edition.id, **BY)).code == "event.room_taken"
    assert db.session.get(Edition, edition.id).publication is Publication.WITHDRAWN


# ---- whole days


def test_what_is_added_for_whole_days_fills_them(app: Flask) -> None:
    edition = make_edition()
    row = services.add_occurrence(edition.id, OccurrencePlan(NOON, NOON + DAY, all_day=True), **HERE)
    assert row.all_day
    assert [at.astimezone(BEIJING).isoformat() for at in (row.starts_at, row.ends_at)] == [
        "2026-03-11T00:00:00+08:00",
        "2026-03-13T00:00:00+08:00",
    ]


def test_a_series_of_whole_days_is_planned_so(app: Flask) -> None:
    series = services.schedule(plan(starts=time(), duration=2 * DAY, all_day=True), **HERE)
    rows = list(db.session.scalars(select(Occurrence).where(Occurrence.series_id == series.id)))
    assert {(row.all_day, row.ends_at - row.starts_at) for row in rows} == {(True, 2 * DAY)}
    assert {row.starts_at.astimezone(BEIJING).time() for row in rows} == {time()}


def test_to_whole_days_and_back_are_moves_that_people_are_told_of(app: Flask) -> None:
    row = make_occurrence(opens_at=None)
    hours = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    moved(row, **hours, all_day=True)
    assert (row.all_day, row.revision, row.moved_revision) == (True, 2, 2)
    moved(row, **hours, all_day=True)
    assert row.revision == 2
    moved(row, **hours)
    assert (row.all_day, row.starts_at, row.moved_revision) == (False, hours["starts_at"], 3)


# ---- moving, cancelling, restoring


def moved(row: Occurrence, **values: Any) -> Occurrence:
    asked = {
        "starts_at": row.starts_at + DAY, "ends_at": row.ends_at + DAY, "all_day": False, "room_id": row.room_id,
        "place": row.place, "reason": "主讲人改期", "expected_revision": row.revision, **HERE, **values,
    }  # fmt: skip
    to = Sitting(**{field.name: asked.pop(field.name) for field in fields(Sitting)})
    return services.move(row.id, to, **asked)


def test_a_public_occurrence_that_moves_says_from_when_and_asks_that_people_be_told(app: Flask) -> None:
    row = make_occurrence(closes_at=NOON + 6 * DAY)
    start = row.starts_at
    moved(row)
    db.session.expire_all()
    assert (row.starts_at, row.moved_from_at, row.planned_at) == (start + DAY, start, start)
    assert (row.revision, row.moved_revision, row.changed_at, row.reason) == (2, 2, NOON, "主讲人改期")
    assert (row.opens_at, row.closes_at) == (NOON - 7 * DAY, NOON + 7 * DAY)
    assert verbs() == ["occurrence.moved"]


def test_a_draft_moves_silently(app: Flask) -> None:
    row = make_occurrence(publication=Publication.DRAFT, revision=0)
    moved(row, reason="")
    assert (row.revision, row.moved_revision, row.moved_from_at) == (1, 0, None)


def test_another_place_at_the_same_time_is_told_too_but_is_no_other_date(app: Flask) -> None:
    row = make_occurrence()
    moved(row, starts_at=row.starts_at, ends_at=row.ends_at, place="线上")
    assert (row.place, row.moved_from_at, row.moved_revision) == ("线上", None, 2)


def test_asking_for_what_stands_changes_nothing_however_old_the_page_is(app: Flask) -> None:
    row = make_occurrence()
    asked = {"starts_at": row.starts_at + DAY, "ends_at": row.ends_at + DAY, "expected_revision": 1}
    moved(row, **asked)
    moved(row, **asked)
    assert (row.revision, verbs()) == (2, ["occurrence.moved"])


def test_of_two_who_move_it_the_second_sees_that_it_has_changed(app: Flask) -> None:
    row = make_occurrence()
    moved(row)
    error = refusal(
        lambda: moved(row, starts_at=NOON + 9 * DAY, ends_at=NOON + 10 * DAY, expected_revision=1), Conflict
    )
    assert (error.code, error.details) == ("event.changed_meanwhile", {"yours": 1, "theirs": 2})


@pytest.mark.parametrize(
    ("built", "asked", "code"),
    [
        ({}, {"ends_at": NOON}, "event.ends_before_start"),
        ({}, {"starts_at": NOON - 2 * DAY, "ends_at": NOON - DAY}, "event.over"),
        ({"starts_at": NOON - DAY, "opens_at": None}, {}, "event.over"),
        ({}, {"reason": " \u200b"}, "event.reason"),
        ({"status": Status.CANCELLED, "cancelled_at": NOON}, {}, "event.is_cancelled"),
        (
            {"closes_at": NOON + 7 * DAY + HOUR},
            {"starts_at": NOON + 7 * DAY, "ends_at": NOON + 7 * DAY + HOUR / 2},
            "event.closes_after_end",
        ),
        (
            {"opens_at": NOON - DAY, "closes_at": NOON + HOUR},
            {"starts_at": NOON + HOUR, "ends_at": NOON + 2 * HOUR},
            "event.closes_before_open",
        ),
    ],
)
def test_a_move_that_cannot_be_is_refused(app: Flask, built: dict[str, Any], asked: dict[str, Any], code: str) -> None:
    row = make_occurrence(**built)
    start = row.starts_at
    assert refusal(lambda: moved(row, **asked)).code == code
    assert (db.session.get(Occurrence, row.id).starts_at, verbs()) == (start, [])


def test_a_move_into_a_room_that_is_taken_is_refused_and_nothing_changes(app: Flask) -> None:
    room = make_room()
    holder(room)
    row = make_occurrence()
    start = row.starts_at
    error = refusal(lambda: moved(row, starts_at=start + HOUR, ends_at=start + 2 * HOUR, room_id=room.id))
    assert (error.code, error.details["by"]) == ("event.room_taken", "第4届科普讲座")
    kept = db.session.get(Occurrence, row.id)
    assert (kept.starts_at, kept.room_id, kept.revision) == (start, None, 1)


def test_a_cancelled_occurrence_stays_says_why_and_frees_its_room(app: Flask) -> None:
    room = make_room()
    row = holder(room)
    services.cancel(row.id, reason="暴雨红色预警", **BY)
    assert (row.status, row.reason, row.cancelled_at) == (Status.CANCELLED, "暴雨红色预警", NOON)
    assert (row.publication, row.revision, row.moved_revision) == (Publication.PUBLISHED, 2, 2)
    assert holder(room).id != row.id


@pytest.mark.parametrize(
    ("built", "reason", "code"),
    [
        ({}, "", "event.reason"),
        ({"status": Status.CANCELLED, "cancelled_at": NOON}, "停电", "event.already_cancelled"),
        ({"starts_at": NOON - DAY}, "停电", "event.over"),
    ],
)
def test_a_cancellation_that_cannot_be_is_refused(app: Flask, built: dict[str, Any], reason: str, code: str) -> None:
    row = make_occurrence(**built)
    assert refusal(lambda: services.cancel(row.id, reason=reason, **BY)).code == code


def test_a_cancellation_from_an_old_page_is_a_conflict(app: Flask) -> None:
    row = make_occurrence()
    moved(row)
    refused = refusal(lambda: services.cancel(row.id, reason="停电", expected_revision=1, **BY), Conflict)
    assert refused.code == "event.changed_meanwhile"


def test_a_cancellation_is_undone_before_the_start(app: Flask) -> None:
    row = make_occurrence()
    assert refusal(lambda: services.restore(row.id, **BY)).code == "event.not_cancelled"
    services.cancel(row.id, reason="停电", **BY)
    late = {**BY, "now": row.starts_at}
    assert refusal(lambda: services.restore(row.id, **late)).code == "event.begun"
    services.restore(row.id, **BY)
    assert (row.status, row.reason, row.cancelled_at, row.moved_revision) == (Status.SCHEDULED, "", None, 3)
    assert verbs() == ["occurrence.cancelled", "occurrence.restored"]


def test_a_cancellation_cannot_be_undone_when_the_room_was_given_away(app: Flask) -> None:
    room = make_room()
    row = holder(room)
    services.cancel(row.id, reason="停电", **BY)
    holder(room)
    assert refusal(lambda: services.restore(row.id, **BY)).code == "event.room_taken"
    assert db.session.get(Occurrence, row.id).status is Status.CANCELLED


def test_words_are_corrected_without_telling_anybody(app: Flask) -> None:
    row = make_occurrence()
    services.change_occurrence(row.id, title="分论坛一", summary="议程\n见附件", expected_revision=1, **BY)
    assert (row.title, row.summary, row.revision, row.moved_revision) == ("分论坛一", "议程\n见附件", 2, 0)
    asked = {"title": "分论坛二", "summary": "", "expected_revision": 1, **BY}
    assert refusal(lambda: services.change_occurrence(row.id, **asked), Conflict).code == "event.changed_meanwhile"


# ---- places


def _venue(name: str) -> Venue:
    return services.add_venue(name, **BY)


def test_venues_and_rooms_are_added_once(app: Flask) -> None:
    venue = _venue(" 市科技馆 ")
    room = services.add_room(venue.id, "一号厅", seats=300, **BY)
    assert (venue.name, room.venue_id, room.seats) == ("市科技馆", venue.id, 300)
    assert refusal(lambda: _venue("市科技馆")).details == {"name": "市科技馆"}
    assert refusal(lambda: services.add_room(venue.id, "一号厅", **BY)).code == "room.name_taken"
    assert refusal(lambda: services.add_room(venue.id, "", **BY)).code == "room.name"
    assert refusal(lambda: services.add_room(venue.id, "二号厅", seats=0, **BY)).code == "room.seats"
    assert refusal(lambda: _venue("")).code == "venue.name"


# ---- who may


@pytest.mark.parametrize("who", ["anybody", "participant", "mentor", "organizer of another unit"])
def test_nobody_else_plans(app: Flask, who: str) -> None:
    row = make_occurrence()
    edition, series = row.edition_id, row.series_id
    actor = _outsider(who)
    by, here = {"actor": actor, "now": NOON}, {"actor": actor, "now": NOON, "zone": BEIJING}
    acts: list[Callable[[], Any]] = [
        lambda: services.schedule(plan(), **here),
        lambda: services.add_edition(series, Numbered(901, Style.ORDINAL), **here),
        lambda: services.add_occurrence(edition, OccurrencePlan(**TIMES), **here),
        lambda: services.add_milestone(edition, code="a", name="开放", starts_at=NOON, **here),
        lambda: services.approve(edition, "同意", **by),
        lambda: services.publish(edition, **by),
        lambda: services.unpublish(edition, reason="误发", **by),
        lambda: services.cancel(row.id, reason="停电", **by),
        lambda: services.restore(row.id, **by),
        lambda: moved(row, **by),
        lambda: services.change_occurrence(row.id, title="x", summary="", expected_revision=1, **by),
    ]
    assert [refusal(act, Forbidden).code for act in acts] == ["access.denied"] * len(acts)
    assert verbs() == []


@pytest.mark.parametrize("who", ["anybody", "participant", "mentor"])
def test_only_planners_add_places(app: Flask, who: str) -> None:
    venue = _venue("市科技馆")
    by = {"actor": _outsider(who), "now": NOON}
    assert refusal(lambda: services.add_venue("别处", **by), Forbidden).code == "access.denied"
    assert refusal(lambda: services.add_room(venue.id, "一号厅", **by), Forbidden).code == "access.denied"


def _outsider(who: str) -> Actor:
    if who == "anybody":
        return ANYBODY
    if who == "organizer of another unit":
        return actor_of(make_organizer(make_unit()))
    account = make_account()
    if who == "mentor":
        make_grant(account, Role.MENTOR, unit_id=make_unit().id)
    return actor_of(account)


def test_the_organizer_of_one_edition_changes_it_and_no_other(app: Flask) -> None:
    mine, other = make_occurrence(), make_occurrence()
    account = make_account()
    make_grant(account, Role.ORGANIZER, edition_id=mine.edition_id)
    by = {"actor": actor_of(account)}
    assert moved(mine, **by).revision == 2
    assert refusal(lambda: moved(other, **by), Forbidden).code == "access.denied"


def test_every_act_stands_in_a_chain_that_holds(app: Flask) -> None:
    row = make_occurrence()
    moved(row)
    services.cancel(row.id, reason="停电", **BY)
    services.restore(row.id, **BY)
    records = list(db.session.scalars(select(AuditRecord).order_by(AuditRecord.n)))
    assert [(record.chain, record.n) for record in records] == [(f"occurrence:{row.id}", n) for n in (1, 2, 3)]
    assert list(broken_records()) == []


def test_what_is_not_there_is_not_found(app: Flask) -> None:
    assert refusal(lambda: services.publish(999, **BY), NotFound).code == "core.not_found"
    assert refusal(lambda: services.cancel(999, reason="停电", **BY), NotFound).code == "core.not_found"
    row = make_occurrence()
    assert refusal(lambda: moved(row, room_id=999), NotFound).code == "core.not_found"
    assert refusal(lambda: services.schedule(plan(room_id=999), **HERE), NotFound).code == "core.not_found"
