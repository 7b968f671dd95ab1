"""An edition from an earlier one: what comes along, where the dates go, and throwing the draft away."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.contests.models import RulePack
from kexie_events.core.access import Actor
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from kexie_events.entries.models import Entry
from kexie_events.events import services
from kexie_events.events.hosting import services as hosting
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.rules import Publication, Status
from kexie_events.events.services import Copy, NewDate
from kexie_events.events.shifting import Shift, Shifting
from kexie_events.judging.models import Judge, Round
from kexie_events.judging.rules import RoundState
from kexie_events.registrations.models import Registration
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_edition,
    make_entry,
    make_judge,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_room,
    make_round,
    make_rule_pack,
    make_series,
    make_told_registration,
    make_unit,
)

ZONE = ZoneInfo("Asia/Shanghai")
WEEKS = timedelta(days=364)
EVERYTHING = frozenset({"milestones", "occurrences", "rules", "rounds"})


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="重庆市科协")


@pytest.fixture
def organizer(city: Unit) -> Actor:
    return actor_of(make_organizer(city))


@pytest.fixture
def contest(city: Unit) -> Series:
    row: Series = make_series(unit=city, name="重庆市青少年科技创新大赛", kind=Kind.CONTEST_PROJECT)
    return row


@pytest.fixture
def last(contest: Series) -> Edition:
    """第35届: a timeline, a final in a hall, rules, a round with a judge, a work, somebody registered."""
    edition = make_edition(series=contest, number=35, year=2025, summary="第35届大赛，2025年春举行。")
    start = NOON - WEEKS
    make_milestone(edition=edition, code="entries-close", starts_at=start, ends_at=start)
    make_milestone(
        edition=edition, code="shown-1", name="初评", starts_at=start + 2 * DAY, ends_at=start + 9 * DAY,
        is_deadline=False,
    )  # fmt: skip
    final = make_occurrence(
        edition=edition, title="终评问辩", starts_at=start + 40 * DAY, opens_at=start, closes_at=start + 30 * DAY,
        places_note="每队 3 人", room_id=make_room().id, capacity=300, taken=1,
    )  # fmt: skip
    make_occurrence(edition=edition, title="颁奖", starts_at=start + 50 * DAY, place="科技馆")
    make_told_registration(final)
    make_rule_pack(edition)
    make_entry(edition=edition)
    make_judge(make_round(edition=edition, opens_at=start + 2 * DAY, closes_at=start + 9 * DAY))
    return edition  # type: ignore[no-any-return]


def clone(source: Edition, actor: Actor, **changed: Any) -> Edition:
    by = changed.pop("shifting", Shifting(Shift.SAME_WEEK, date(2025, 3, 12), 1))
    copy = Copy(
        changed.pop("numbered", Numbered(36, Style.ORDINAL, 2026)), by, changed.pop("take", EVERYTHING),
        changed.pop("title", ""),
    )  # fmt: skip
    return services.clone_edition(
        source.id, copy, **{"key": "0" * 16, "actor": actor, "now": NOON, "zone": ZONE, **changed}
    )


def rows(model: type[Any], edition: Edition) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.edition_id == edition.id).order_by(model.id)))


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_dates_rules_and_rounds_come_along_shifted_and_people_works_and_scores_do_not(
    last: Edition, organizer: Actor
) -> None:
    before = (count(Registration), count(Entry), count(Judge))
    edition = clone(last, organizer, title="新一届")
    assert (edition.number, edition.year, edition.title, edition.publication, edition.copied_from_id) == (
        36, 2026, "新一届", Publication.DRAFT, last.id,
    )  # fmt: skip
    closes, judged = rows(Milestone, edition)
    assert (closes.code, closes.starts_at, closes.is_deadline) == ("entries-close", NOON, True)
    assert (judged.starts_at, judged.ends_at) == (NOON + 2 * DAY, NOON + 9 * DAY)
    final, prizes = rows(Occurrence, edition)
    assert (final.title, final.starts_at, final.ends_at, final.opens_at, final.closes_at) == (
        "终评问辩", NOON + 40 * DAY, NOON + 40 * DAY + 2 * HOUR, NOON, NOON + 30 * DAY,
    )  # fmt: skip
    assert (final.capacity, final.taken, final.arrivals, final.places_note, final.revision) == (
        300,
        0,
        0,
        "每队 3 人",
        0,
    )
    assert final.room_id == rows(Occurrence, last)[0].room_id
    assert (prizes.place, prizes.publication) == ("科技馆", Publication.DRAFT)
    assert rows(RulePack, edition)[0].body == rows(RulePack, last)[0].body
    (round_,) = rows(Round, edition)
    assert (round_.name, round_.opens_at, round_.state) == ("初评", NOON + 2 * DAY, RoundState.SETTING_UP)
    assert round_.seed != rows(Round, last)[0].seed
    assert (count(Registration), count(Entry), count(Judge)) == before
    uids = {row.uid for row in [final, prizes, closes, judged]}
    assert uids.isdisjoint({row.uid for row in [*rows(Occurrence, last), *rows(Milestone, last)]})


def test_only_what_was_ticked_comes_along(last: Edition, organizer: Actor) -> None:
    edition = clone(last, organizer, take=frozenset({"milestones"}))
    assert [len(rows(model, edition)) for model in (Milestone, Occurrence, RulePack, Round)] == [2, 0, 0, 0]


def test_the_same_form_sent_twice_is_one_edition(last: Edition, organizer: Actor) -> None:
    assert clone(last, organizer).id == clone(last, organizer).id
    assert count(Edition) == 2


def test_another_number_under_the_same_key_is_said(last: Edition, organizer: Actor) -> None:
    clone(last, organizer)
    with pytest.raises(RuleBroken) as refused:
        clone(last, organizer, numbered=Numbered(37, Style.ORDINAL, 2027))
    assert (refused.value.code, refused.value.details) == ("edition.key_reused", {"number": "第36届"})


def test_a_number_used_twice_is_refused_and_nothing_is_half_made(
    contest: Series, last: Edition, organizer: Actor
) -> None:
    make_edition(series=contest, number=36, style=Style.ORDINAL_CHINESE, year=2026)
    before = [count(model) for model in (Edition, Milestone, Occurrence, RulePack, Round)]
    with pytest.raises(RuleBroken) as refused:
        clone(last, organizer)
    assert refused.value.code == "edition.number_taken"
    assert [count(model) for model in (Edition, Milestone, Occurrence, RulePack, Round)] == before


def test_a_taken_room_is_left_open_and_taken_up_when_the_date_changes(last: Edition, organizer: Actor) -> None:
    room_id = rows(Occurrence, last)[0].room_id
    make_occurrence(room_id=room_id, starts_at=NOON + 40 * DAY - HOUR)
    edition = clone(last, organizer)
    final = rows(Occurrence, edition)[0]
    assert (final.room_id, final.starts_at) == (None, NOON + 40 * DAY)
    wanted = NewDate(final.id, final.starts_at + DAY, final.ends_at + DAY, final.revision)
    assert set_dates(edition, organizer, occurrences=[wanted]) == 1
    db.session.refresh(final)
    assert (final.room_id, final.closes_at) == (room_id, NOON + 31 * DAY)


def test_an_edition_that_was_cancelled_as_a_whole_is_a_model_all_the_same(last: Edition, organizer: Actor) -> None:
    for row in rows(Occurrence, last):
        row.status = Status.CANCELLED
    db.session.commit()
    edition = clone(last, organizer)
    assert [(row.title, row.status) for row in rows(Occurrence, edition)] == [
        ("终评问辩", Status.SCHEDULED), ("颁奖", Status.SCHEDULED),
    ]  # fmt: skip


def test_a_single_date_that_was_cancelled_stays_behind(last: Edition, organizer: Actor) -> None:
    rows(Occurrence, last)[1].status = Status.CANCELLED
    db.session.commit()
    assert [row.title for row in rows(Occurrence, clone(last, organizer))] == ["终评问辩"]


def test_a_withdrawn_edition_is_no_model(last: Edition, organizer: Actor) -> None:
    last.publication = Publication.WITHDRAWN
    db.session.commit()
    with pytest.raises(RuleBroken) as refused:
        clone(last, organizer)
    assert refused.value.code == "clone.withdrawn"


def test_a_host_that_is_closed_by_now_gives_way_and_stays_in_the_old_edition(
    city: Unit, contest: Series, last: Edition, organizer: Actor
) -> None:
    closed = make_unit(parent=city, name="江北区科协", valid_to=(NOON - DAY).date())
    last.unit_id = closed.id
    rows(Occurrence, last)[0].unit_id = closed.id
    db.session.commit()
    edition = clone(last, organizer)
    assert (edition.unit_id, rows(Occurrence, edition)[0].unit_id, last.unit_id) == (city.id, city.id, closed.id)


def test_hundreds_of_dates_are_not_copied_unseen(last: Edition, organizer: Actor, monkeypatch: Any) -> None:
    monkeypatch.setattr("kexie_events.events.services.cloning.MOST_COPIED", 1)
    with pytest.raises(RuleBroken) as refused:
        clone(last, organizer)
    assert (refused.value.code, refused.value.details) == ("clone.too_many", {"count": 2, "most": 1})
    assert rows(Occurrence, clone(last, organizer, take=frozenset({"milestones"}))) == []


def test_rounds_need_rules(last: Edition, organizer: Actor) -> None:
    with pytest.raises(RuleBroken) as refused:
        clone(last, organizer, take=frozenset({"rounds"}))
    assert (refused.value.code, count(Edition)) == ("judging.no_rule_pack", 1)


def test_who_does_not_plan_the_series_clones_nothing(city: Unit, last: Edition) -> None:
    stranger = actor_of(make_organizer(make_unit(parent=city)))
    with pytest.raises(Forbidden):
        clone(last, stranger)
    assert count(Edition) == 1


# ---- the dates of the draft


def set_dates(edition: Edition, actor: Actor, **dates: Any) -> int:
    given = {"occurrences": [], "milestones": [], **dates}
    return services.set_dates(edition.id, **given, actor=actor, now=NOON, zone=ZONE)


def wanted(row: Any, by: timedelta, revision: int | None = None) -> NewDate:
    return NewDate(row.id, row.starts_at + by, row.ends_at + by, row.revision if revision is None else revision)


def test_two_dates_may_change_places_in_one_room(last: Edition, organizer: Actor) -> None:
    room = make_room()
    edition = clone(last, organizer)
    one, two = rows(Occurrence, edition)
    one.room_id = two.room_id = room.id
    db.session.commit()
    gap = two.starts_at - one.starts_at
    dates = [NewDate(one.id, two.starts_at, two.ends_at, 0), NewDate(two.id, one.starts_at, one.ends_at, 0)]
    assert set_dates(edition, organizer, occurrences=dates) == 2
    db.session.expire_all()
    assert (two.starts_at - one.starts_at, one.room_id, two.room_id) == (-gap, room.id, room.id)


def test_all_dates_or_none(last: Edition, organizer: Actor) -> None:
    edition = clone(last, organizer)
    first, second = rows(Occurrence, edition)
    impossible = NewDate(second.id, second.starts_at, second.starts_at - HOUR, 0)
    with pytest.raises(RuleBroken) as refused:
        set_dates(edition, organizer, occurrences=[wanted(first, DAY), impossible])
    assert (refused.value.code, refused.value.details["row"]) == ("event.ends_before_start", f"o{second.id}")
    db.session.expire_all()
    assert first.starts_at == NOON + 40 * DAY


def test_a_room_of_others_refuses_the_date_to_blame(last: Edition, organizer: Actor) -> None:
    edition = clone(last, organizer)
    final = rows(Occurrence, edition)[0]
    make_occurrence(room_id=final.room_id, starts_at=NOON + 47 * DAY)
    with pytest.raises(RuleBroken) as refused:
        set_dates(edition, organizer, occurrences=[wanted(final, 7 * DAY)])
    assert (refused.value.code, refused.value.details["row"]) == ("event.room_taken", f"o{final.id}")


def test_whoever_was_slower_is_told_which_dates_and_what_stands_already_is_no_conflict(
    last: Edition, organizer: Actor
) -> None:
    edition = clone(last, organizer)
    first, second = rows(Occurrence, edition)
    point = rows(Milestone, edition)[0]
    same = wanted(first, DAY)
    assert set_dates(edition, organizer, occurrences=[same], milestones=[wanted(point, DAY)]) == 2
    assert set_dates(edition, organizer, occurrences=[same]) == 0
    stale = NewDate(first.id, NOON + 60 * DAY, NOON + 60 * DAY + HOUR, 0)
    with pytest.raises(Conflict) as refused:
        set_dates(edition, organizer, occurrences=[stale, wanted(second, DAY)])
    assert refused.value.details["keys"] == [f"o{first.id}"]


def test_what_is_public_or_of_another_edition_is_not_moved_here(last: Edition, organizer: Actor) -> None:
    edition = clone(last, organizer)
    public = rows(Occurrence, last)[0]
    for of in (edition, last):
        with pytest.raises(NotFound):
            set_dates(of, organizer, occurrences=[wanted(public, DAY)])


# ---- throwing it away


def test_a_draft_that_nothing_hangs_on_is_thrown_away_with_what_came_along(last: Edition, organizer: Actor) -> None:
    before = [count(model) for model in (Edition, Milestone, Occurrence, RulePack, Round)]
    edition = clone(last, organizer)
    services.discard(edition.id, actor=organizer, now=NOON)
    assert [count(model) for model in (Edition, Milestone, Occurrence, RulePack, Round)] == before
    assert clone(last, organizer).number == 36


@pytest.mark.parametrize("hangs", ["judge", "entry", "registration"])
def test_what_people_have_joined_is_not_thrown_away(last: Edition, organizer: Actor, hangs: str) -> None:
    edition = clone(last, organizer)
    if hangs == "judge":
        make_judge(rows(Round, edition)[0])
    elif hangs == "entry":
        make_entry(edition=edition)
    else:
        make_told_registration(rows(Occurrence, edition)[0])
    with pytest.raises(RuleBroken) as refused:
        services.discard(edition.id, actor=organizer, now=NOON)
    assert refused.value.code == "edition.in_use"
    assert [len(rows(model, edition)) for model in (Milestone, Occurrence, RulePack, Round)] == [2, 2, 1, 1]


def test_what_was_public_is_not_thrown_away(last: Edition, organizer: Actor) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.discard(last.id, actor=organizer, now=NOON)
    assert refused.value.code == "edition.was_public"


def test_an_edition_stays_whole_when_its_model_goes(last: Edition, organizer: Actor) -> None:
    first = clone(last, organizer)
    second = clone(first, organizer, key="1" * 16, numbered=Numbered(37, Style.ORDINAL, 2027))
    services.discard(first.id, actor=organizer, now=NOON)
    db.session.expire_all()
    assert (second.copied_from_id, [row.copied_from_id for row in rows(Occurrence, second)]) == (None, [None, None])


@pytest.mark.race
def test_the_same_form_sent_at_the_same_instant_is_one_edition(last: Edition, organizer: Actor, at_once: Any) -> None:
    made = at_once([lambda: clone(last, organizer).id] * 8)
    assert len(set(made)) == 1
    assert db.session.scalar(select(func.count()).where(Edition.series_id == last.series_id)) == 2


@pytest.mark.race
def test_one_number_goes_to_one_of_several_at_the_same_instant(last: Edition, organizer: Actor, at_once: Any) -> None:
    made = at_once([lambda n=n: clone(last, organizer, key=f"{n:016x}").id for n in range(6)])
    numbers = [one for one in made if isinstance(one, int)]
    assert len(numbers) == 1
    assert {one.code for one in made if not isinstance(one, int)} == {"edition.number_taken"}


# ---- hosts


def test_where_units_take_turns_the_next_one_hosts_the_copy(city: Unit, last: Edition, organizer: Actor) -> None:
    north, south = make_unit(parent=city, name="北区"), make_unit(parent=city, name="南区")
    for unit in (north, south):
        hosting.join_rotation(last.series_id, unit.id, actor=organizer, now=NOON, zone=ZONE)
    edition = clone(last, organizer)
    assert edition.unit_id in (north.id, south.id)
    assert {row.unit_id for row in [*rows(Occurrence, edition), *rows(Milestone, edition)]} == {edition.unit_id}
    assert edition.hosted_until is not None
    assert edition.hosted_until > (NOON + 50 * DAY).date()


def test_a_host_neither_throws_its_edition_away_nor_passes_it_on(city: Unit, last: Edition, organizer: Actor) -> None:
    north, south = make_unit(parent=city, name="北区"), make_unit(parent=city, name="南区")
    hosting.set_host(
        (edition := clone(last, organizer)).id, north.id, expected_unit_id=city.id, actor=organizer, now=NOON, zone=ZONE
    )
    host = actor_of(make_organizer(north))
    with pytest.raises(Forbidden):
        services.discard(edition.id, actor=host, now=NOON)
    facts = {"summary": "", "actor": host, "now": NOON, "zone": ZONE}
    with pytest.raises(Forbidden):
        services.change_edition(
            edition.id, edition.numbered, title="", unit_id=south.id, expected_revision=edition.revision, **facts
        )
    changed = services.change_edition(
        edition.id, edition.numbered, title="主题", unit_id=north.id, expected_revision=edition.revision, **facts
    )
    assert (changed.title, changed.unit_id) == ("主题", north.id)


def test_dates_set_together_carry_the_hosts_time_along(city: Unit, last: Edition, organizer: Actor) -> None:
    north = make_unit(parent=city, name="北区")
    edition = clone(last, organizer)
    hosting.set_host(edition.id, north.id, expected_unit_id=city.id, actor=organizer, now=NOON, zone=ZONE)
    db.session.refresh(edition)
    until = edition.hosted_until
    assert until is not None
    _final, prizes = rows(Occurrence, edition)
    set_dates(edition, organizer, occurrences=[wanted(prizes, 7 * DAY)])
    db.session.refresh(edition)
    assert edition.hosted_until == until + 7 * DAY
    host = actor_of(make_organizer(north))
    db.session.refresh(prizes)
    with pytest.raises(RuleBroken) as refused:
        set_dates(edition, host, occurrences=[wanted(prizes, 60 * DAY)])
    assert refused.value.code == "event.after_hosting"
