"""Rounds, assignment, sheets: what people do, against a real database."""

import uuid
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from kexie_events.accounts.models import Account, Grant
from kexie_events.audit.models import AuditRecord
from kexie_events.audit.queries import broken_records
from kexie_events.core.access import SYSTEM, Actor, Role
from kexie_events.core.db import db, transaction
from kexie_events.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from kexie_events.entries.rules import EntryState
from kexie_events.events.models import Edition
from kexie_events.judging import queries, services
from kexie_events.judging.assignment import HardRule, Infeasible
from kexie_events.judging.models import Assignment, Judge, Recusal, Round, Scoresheet
from kexie_events.judging.rules import RecusalSource, RoundState, SheetState
from kexie_events.people.services import take
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_organizer,
    make_person,
    make_region,
    make_round,
    make_rule_pack,
    make_series,
    make_unit,
)

POINTS = {"inno": "23.5", "sci": "28.5", "prac": "16.5", "self": "9", "expr": "8"}


class City:
    """An edition with a rule pack, its organiser, a round that is being set up, entries and judges."""

    def __init__(self, *, entries: int = 6, judges: int = 4, state: RoundState = RoundState.SETTING_UP, **pack: Any):
        self.unit = make_unit()
        self.edition = make_edition(series=make_series(unit=self.unit))
        make_rule_pack(self.edition, **pack)
        self.organizer = actor_of(make_organizer(self.unit))
        self.round = make_round(edition=self.edition, state=state)
        self.entries = [make_entry(edition=self.edition) for _ in range(entries)]
        self.judges = [make_judge(self.round, f"评委{n}", disciplines=[]) for n in range(judges)]
        self.judge = self.judges[0]

    def assign(self) -> Any:
        return services.assign(self.round.id, actor=self.organizer, now=NOON)

    def open(self) -> Round:
        return services.open_round(self.round.id, actor=self.organizer, now=NOON)

    def pairs(self) -> set[tuple[int, int]]:
        rows = db.session.execute(
            select(Assignment.entry_id, Assignment.judge_id).where(Assignment.withdrawn_at.is_(None))
        )
        return {(entry_id, judge_id) for entry_id, judge_id in rows}

    def seat(self, judge: Judge | None = None) -> Assignment:
        return queries.own_seats(self.round.id, (judge or self.judge).account_id)[0]


@pytest.fixture
def city(app: Flask) -> City:
    return City()


@pytest.fixture
def begun(city: City) -> City:
    city.assign()
    city.open()
    return city


def who(judge: Judge) -> Actor:
    return actor_of(db.session.get_one(Account, judge.account_id))


def submit(
    seat: Assignment, judge: Judge, *, base: int = 0, points: dict[str, str] | None = None, now: datetime = NOON,
    operation: uuid.UUID | None = None, note: str = "",
) -> services.Saved:  # fmt: skip
    change = services.Change(points or POINTS, note, base, operation or uuid.uuid4())
    return services.submit(seat.id, change, actor=who(judge), now=now)


def draft(
    seat: Assignment, judge: Judge, points: dict[str, str], *, base: int = 0, operation: uuid.UUID | None = None,
    note: str = "", now: datetime = NOON,
) -> services.Saved:  # fmt: skip
    change = services.Change(points, note, base, operation or uuid.uuid4())
    return services.save_draft(seat.id, change, actor=who(judge), now=now)


def versions_of(seat_id: int) -> list[Scoresheet]:
    query = select(Scoresheet).where(Scoresheet.assignment_id == seat_id).order_by(Scoresheet.revision)
    return list(db.session.scalars(query))


def code_of(caught: Any) -> str:
    return caught.value.code


# ---- rounds


def test_rounds_of_an_edition_are_counted_and_their_draw_is_written_down(app: Flask) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    make_rule_pack(edition)
    organizer = actor_of(make_organizer(unit))
    rounds = [
        services.set_up_round(
            edition.id, name=name, opens_at=NOON, closes_at=NOON + DAY, judges_per_entry=3, actor=organizer, now=NOON
        )
        for name in ("初评", "终评")
    ]
    assert [(row.position, row.name, row.state) for row in rounds] == [
        (1, "初评", RoundState.SETTING_UP),
        (2, "终评", RoundState.SETTING_UP),
    ]
    seeds = db.session.scalars(select(AuditRecord.details["seed"]).order_by(AuditRecord.id)).all()
    assert seeds == [row.seed for row in rounds]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"closes_at": NOON}, "judging.window"),
        ({"judges_per_entry": 0}, "judging.judges_per_entry"),
        ({"judges_per_entry": 16}, "judging.judges_per_entry"),
    ],
)
def test_an_impossible_round_is_refused(app: Flask, changed: dict[str, Any], code: str) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    make_rule_pack(edition)
    plan = {"name": "初评", "opens_at": NOON, "closes_at": NOON + DAY, "judges_per_entry": 3, **changed}
    with pytest.raises(RuleBroken) as caught:
        services.set_up_round(edition.id, **plan, actor=actor_of(make_organizer(unit)), now=NOON)
    assert code_of(caught) == code


def test_a_round_needs_a_rule_pack(app: Flask) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    with pytest.raises(RuleBroken) as caught:
        services.set_up_round(
            edition.id, name="初评", opens_at=NOON, closes_at=NOON + DAY, judges_per_entry=3,
            actor=actor_of(make_organizer(unit)), now=NOON,
        )  # fmt: skip
    assert code_of(caught) == "judging.no_rule_pack"


def test_only_whoever_runs_the_edition_sets_up_its_judging(city: City) -> None:
    stranger = actor_of(make_organizer(make_unit()))
    for act in (services.assign, services.open_round, services.close_round):
        with pytest.raises(Forbidden):
            act(city.round.id, actor=stranger, now=NOON)
    with pytest.raises(Forbidden):
        services.assign(city.round.id, actor=who(city.judge), now=NOON)


def test_a_judge_is_found_by_the_account_and_belongs_where_the_person_belongs(city: City) -> None:
    unit = make_unit()
    account = make_account(person=make_person("赵老师", unit_id=unit.id), identifier="zhao@example.org")
    row = services.add_judge(
        city.round.id, " Zhao@Example.org ", most_load=20, disciplines=["TD", "LS"], actor=city.organizer, now=NOON
    )
    assert (row.account_id, row.unit_id, row.disciplines) == (account.id, unit.id, ["LS", "TD"])


@pytest.mark.parametrize(
    ("identifier", "least", "most", "code"),
    [
        ("nobody@example.org", 0, 20, "judging.unknown_account"),
        ("judge@example.org", 5, 4, "judging.load"),
        ("judge@example.org", 0, 0, "judging.load"),
    ],
)
def test_an_impossible_judge_is_refused(city: City, identifier: str, least: int, most: int, code: str) -> None:
    make_account(identifier="judge@example.org")
    with pytest.raises(RuleBroken) as caught:
        services.add_judge(city.round.id, identifier, least_load=least, most_load=most, actor=city.organizer, now=NOON)
    assert code_of(caught) == code


def test_nobody_judges_a_round_twice(city: City) -> None:
    with pytest.raises(RuleBroken) as caught:
        services.add_judge(city.round.id, city.judge.account.identifier, most_load=5, actor=city.organizer, now=NOON)
    assert code_of(caught) == "judging.judge_twice"


# ---- assignment


def test_every_submitted_entry_gets_its_judges_and_a_code_of_the_round(city: City) -> None:
    make_entry(edition=city.edition, state=EntryState.DRAFT)
    make_entry()
    done = city.assign()
    assert (done.seats, done.added, done.removed, done.entries, done.judges) == (18, 18, 0, 6, 4)
    per_entry = db.session.execute(
        select(Assignment.entry_id, func.count(), func.count(Assignment.code.distinct())).group_by(Assignment.entry_id)
    ).all()
    assert sorted(tuple(row) for row in per_entry) == [(entry.id, 3, 1) for entry in city.entries]
    codes = db.session.scalars(select(Assignment.code).distinct()).all()
    assert sorted(codes) == [f"A-{n:03d}" for n in range(1, 7)]


def test_ids_in_a_judges_addresses_follow_the_codes_and_not_the_entries(city: City) -> None:
    city.assign()
    codes = db.session.scalars(select(Assignment.code).order_by(Assignment.id)).all()
    assert codes == sorted(codes)


def roles_of(account: Account) -> list[Role]:
    return list(db.session.scalars(select(Grant.role).where(Grant.account_id == account.id)))


def withdraw(judge: Judge) -> None:
    grant = db.session.scalar(select(Grant.id).where(Grant.account_id == judge.account_id))
    take(grant, actor=SYSTEM, now=NOON, today=NOON.date())


def test_naming_a_judge_gives_the_door_to_the_round_once(city: City) -> None:
    account = make_account(identifier="new@example.org")
    services.add_judge(city.round.id, "new@example.org", most_load=20, actor=city.organizer, now=NOON)
    assert roles_of(account) == [Role.JUDGE]
    assert queries.duties_of(actor_of(account)) == []
    city.assign()
    city.assign()
    assert roles_of(account) == [Role.JUDGE]


def test_a_withdrawn_judge_gets_neither_the_role_nor_work_at_the_next_assignment(begun: City) -> None:
    seats = queries.own_seats(begun.round.id, begun.judge.account_id)
    sent, begun_one, *rest = seats
    submit(sent, begun.judge)
    draft(begun_one, begun.judge, {"inno": "20"})
    assert rest
    withdraw(begun.judge)
    done = begun.assign()
    assert roles_of(begun.judge.account) == []
    assert {pair for pair in begun.pairs() if pair[1] == begun.judge.id} == {(sent.entry_id, begun.judge.id)}
    assert Counter(entry_id for entry_id, _ in begun.pairs()) == dict.fromkeys([e.id for e in begun.entries], 3)
    assert (done.seats, done.judges) == (18, 3)
    assert len(versions_of(begun_one.id)) == 1
    again = begun.assign()
    assert (again.added, again.removed) == (0, 0)


def test_a_judge_who_has_lost_the_role_is_named_anew(city: City) -> None:
    withdraw(city.judge)
    again = services.add_judge(
        city.round.id, city.judge.account.identifier, most_load=7, disciplines=["TD"], actor=city.organizer, now=NOON
    )
    assert (again.id, again.most_load, again.disciplines) == (city.judge.id, 7, ["TD"])
    assert roles_of(city.judge.account) == [Role.JUDGE]


def test_a_round_without_anybody_who_may_score_is_not_assigned(app: Flask) -> None:
    city = City(judges=1)
    withdraw(city.judge)
    with pytest.raises(RuleBroken, match="judging.no_judges"):
        city.assign()


def test_nobody_judges_the_own_school_or_district(app: Flask) -> None:
    city = City(entries=0, judges=6)
    yuzhong, wanzhou = make_region(name="渝中区"), make_region(name="万州区")
    school = make_unit(parent=city.unit, region_id=yuzhong.id)
    other = make_unit(parent=city.unit, region_id=yuzhong.id)
    far = make_unit(parent=city.unit, region_id=wanzhou.id)
    for judge, unit in zip(city.judges, (school, other, far), strict=False):
        judge.unit_id = unit.id
    entry = make_entry(edition=city.edition, unit=school)
    db.session.commit()
    city.assign()
    assert city.pairs() == {(entry.id, judge_id) for _, judge_id in city.pairs()}
    assert not {judge_id for _, judge_id in city.pairs()} & {city.judges[0].id, city.judges[1].id}
    sources = db.session.execute(select(Recusal.judge_id, Recusal.source)).all()
    assert {tuple(row) for row in sources} == {
        (city.judges[0].id, RecusalSource.OWN_UNIT),
        (city.judges[1].id, RecusalSource.OWN_DISTRICT),
    }


def test_a_second_run_moves_nothing_that_may_stay(city: City) -> None:
    city.assign()
    before = city.pairs()
    done = city.assign()
    assert (done.added, done.removed, city.pairs()) == (0, 0, before)


def test_a_late_entry_is_added_and_the_rest_stays(city: City) -> None:
    city.assign()
    before = city.pairs()
    codes = dict(db.session.execute(select(Assignment.entry_id, Assignment.code)).all())
    late = make_entry(edition=city.edition)
    done = city.assign()
    assert (done.added, done.removed) == (3, 0)
    assert {pair for pair in city.pairs() if pair[0] != late.id} == before
    after = dict(db.session.execute(select(Assignment.entry_id, Assignment.code)).all())
    assert after == {**codes, late.id: "A-007"}


def test_a_scored_pair_never_moves_even_when_its_judge_has_too_much(begun: City) -> None:
    for seat in queries.own_seats(begun.round.id, begun.judge.account_id):
        submit(seat, begun.judge)
    scored = {pair for pair in begun.pairs() if pair[1] == begun.judge.id}
    begun.judge.most_load = 1
    db.session.commit()
    begun.assign()
    assert {pair for pair in begun.pairs() if pair[1] == begun.judge.id} == scored


def test_too_few_judges_are_told_with_the_rule_to_relax(city: City) -> None:
    for judge in city.judges:
        judge.most_load = 2
    db.session.commit()
    with pytest.raises(Infeasible) as caught:
        city.assign()
    assert (caught.value.code, caught.value.details["needed"], caught.value.details["available"]) == (
        "judging.infeasible",
        18,
        8,
    )
    assert caught.value.relax == (HardRule.MOST_LOAD,)
    assert city.pairs() == set()


@pytest.mark.parametrize(("entries", "judges", "code"), [(0, 3, "judging.no_entries"), (3, 0, "judging.no_judges")])
def test_there_must_be_something_to_assign(app: Flask, entries: int, judges: int, code: str) -> None:
    city = City(entries=entries, judges=1)
    if not judges:
        db.session.delete(city.judge)
        db.session.commit()
    with pytest.raises(RuleBroken) as caught:
        city.assign()
    assert code_of(caught) == code


def test_a_round_opens_only_when_every_entry_has_its_judges(city: City) -> None:
    with pytest.raises(RuleBroken) as caught:
        city.open()
    assert code_of(caught) == "judging.nothing_assigned"
    city.assign()
    make_entry(edition=city.edition)
    with pytest.raises(RuleBroken) as caught:
        city.open()
    assert (code_of(caught), caught.value.details) == ("judging.incomplete_assignment", {"entries": 1})
    city.assign()
    assert city.open().state is RoundState.OPEN
    with pytest.raises(RuleBroken) as caught:
        city.open()
    assert code_of(caught) == "judging.round_state"


# ---- sheets


def test_a_draft_is_kept_and_the_same_change_twice_is_one_revision(begun: City) -> None:
    seat, key = begun.seat(), uuid.uuid4()
    first = draft(seat, begun.judge, {"inno": "２０"}, operation=key)
    again = draft(seat, begun.judge, {"inno": "20"}, operation=key)
    assert first == again
    assert [(row.revision, row.state, row.points, row.total) for row in versions_of(seat.id)] == [
        (1, SheetState.DRAFT, {"inno": "20"}, None)
    ]


def test_the_same_change_with_another_body_is_refused(begun: City) -> None:
    seat, key = begun.seat(), uuid.uuid4()
    draft(seat, begun.judge, {"inno": "20"}, operation=key)
    with pytest.raises(RuleBroken) as caught:
        draft(seat, begun.judge, {"inno": "21"}, operation=key, base=1)
    assert code_of(caught) == "judging.other_body"


def test_a_second_device_is_shown_what_the_first_one_saved(begun: City) -> None:
    seat = begun.seat()
    draft(seat, begun.judge, {"inno": "20"}, note="手机")
    with pytest.raises(Conflict) as caught:
        draft(seat, begun.judge, {"inno": "25"}, note="电脑")
    assert (caught.value.code, caught.value.details) == (
        "judging.stale",
        {"revision": 1, "points": {"inno": "20"}, "note": "手机"},
    )
    assert draft(seat, begun.judge, {"inno": "25"}, base=1).revision == 2


def test_submitting_counts_and_resubmitting_replaces_without_erasing(begun: City) -> None:
    seat = begun.seat()
    submit(seat, begun.judge)
    submit(seat, begun.judge, base=1, points={**POINTS, "expr": "10"})
    rows = versions_of(seat.id)
    assert [(row.revision, row.total) for row in rows] == [(1, Decimal("85.50")), (2, Decimal("87.50"))]
    task = next(task for task in queries.tasks(begun.round.id, begun.judge.account_id) if task.id == seat.id)
    assert (task.total, task.done, task.changed) == (Decimal("87.50"), True, False)


def test_a_draft_typed_after_submitting_changes_no_result(begun: City) -> None:
    seat = begun.seat()
    submit(seat, begun.judge)
    draft(seat, begun.judge, {"inno": "1"}, base=1)
    task = next(task for task in queries.tasks(begun.round.id, begun.judge.account_id) if task.id == seat.id)
    assert (task.total, task.changed) == (Decimal("85.50"), True)


def test_the_own_draft_that_overtook_the_button_is_no_conflict(begun: City) -> None:
    seat = begun.seat()
    draft(seat, begun.judge, POINTS, note="好")
    assert submit(seat, begun.judge, base=0, note="好").revision == 2


def test_an_incomplete_sheet_is_not_submitted(begun: City) -> None:
    with pytest.raises(RuleBroken) as caught:
        submit(begun.seat(), begun.judge, points={"inno": "20"})
    assert code_of(caught) == "judging.points_missing"
    assert versions_of(begun.seat().id) == []


@pytest.mark.parametrize(("late", "code"), [(7 * DAY, "judging.closed"), (-2 * DAY, "judging.not_open")])
def test_scores_come_only_while_the_round_is_open(begun: City, late: Any, code: str) -> None:
    for save in (submit, lambda seat, judge, now: draft(seat, judge, {"inno": "1"}, now=now)):
        with pytest.raises(RuleBroken) as caught:
            save(begun.seat(), begun.judge, now=NOON + late)
        assert code_of(caught) == code


def test_another_judges_sheet_does_not_exist(begun: City) -> None:
    others = {row.id for row in queries.own_seats(begun.round.id, begun.judges[1].account_id)}
    foreign = db.session.get_one(Assignment, min(others))
    with pytest.raises(NotFound):
        submit(foreign, begun.judge)
    with pytest.raises(NotFound):
        submit(foreign, make_judge(make_round()))


def test_a_sheet_being_saved_holds_its_seat_alone_and_its_round_with_others(begun: City) -> None:
    seat, other = queries.own_seats(begun.round.id, begun.judge.account_id)[:2]
    with transaction() as session, db.engine.connect() as elsewhere:
        submit(seat, begun.judge)
        free = select(Assignment.id).where(Assignment.round_id == begun.round.id).with_for_update(skip_locked=True)
        assert (seat.id in set(elsewhere.scalars(free)), other.id in set(elsewhere.scalars(free))) == (False, True)
        held = select(Round.id).where(Round.id == begun.round.id)
        assert elsewhere.scalars(held.with_for_update(read=True, skip_locked=True)).all() == [begun.round.id]
        elsewhere.rollback()
        assert elsewhere.scalars(held.with_for_update(skip_locked=True)).all() == []
        session.rollback()


def test_closing_writes_down_one_digest_over_all_sheets(begun: City) -> None:
    seat = begun.seat()
    submit(seat, begun.judge)
    services.close_round(begun.round.id, actor=begun.organizer, now=NOON)
    with pytest.raises(RuleBroken) as caught:
        submit(seat, begun.judge, base=1)
    assert code_of(caught) == "judging.closed"
    last = db.session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc()).limit(1)).one()
    assert (last.verb, last.details["sheets"], len(last.details["digest"])) == ("round.closed", 1, 64)
    assert list(broken_records()) == []


@pytest.mark.parametrize("change", ["UPDATE scoresheet SET total = 100", "DELETE FROM scoresheet"])
def test_the_database_itself_refuses_to_change_a_sheet(begun: City, change: str) -> None:
    submit(begun.seat(), begun.judge)
    with pytest.raises(DatabaseError, match="the table scoresheet is append-only"):
        db.session.execute(text(change))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Scoresheet)) == 1


def test_whoever_gets_past_the_database_is_found_by_the_chain(begun: City) -> None:
    seat = begun.seat()
    submit(seat, begun.judge)
    submit(seat, begun.judge, base=1, points={**POINTS, "expr": "10"})
    assert list(queries.broken_sheets()) == []
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text('UPDATE scoresheet SET points = points || \'{"inno": "30"}\' WHERE revision = 1'))
    db.session.expire_all()
    assert list(queries.broken_sheets()) == [(seat.id, 1)]


# ---- stepping back


def test_a_judge_who_steps_back_is_replaced_and_never_comes_back(begun: City) -> None:
    seat = begun.seat()
    services.recuse(seat.id, reason="我指导过这个学生", actor=who(begun.judge), now=NOON)
    assert (seat.entry_id, begun.judge.id) not in begun.pairs()
    (row,) = queries.recusals_of(begun.round.id, [RecusalSource.DECLARED])
    assert (row.judge, row.reason, row.panel) == ("评委0", "我指导过这个学生", 2)
    done = begun.assign()
    assert done.added == 1
    assert (seat.entry_id, begun.judge.id) not in begun.pairs()
    assert len([pair for pair in begun.pairs() if pair[0] == seat.entry_id]) == 3


def test_what_was_scored_before_stepping_back_stays_written_down_and_counts_no_more(begun: City) -> None:
    seat = begun.seat()
    submit(seat, begun.judge)
    services.recuse(seat.id, reason="认识作者", actor=who(begun.judge), now=NOON)
    assert [row.revision for row in versions_of(seat.id)] == [1]
    assert [group.rows for group in queries.ranking_of(begun.round)] == [[]]
    with pytest.raises(NotFound):
        submit(seat, begun.judge, base=1)


def test_stepping_back_needs_a_reason_and_an_open_round(begun: City) -> None:
    actor = who(begun.judge)
    with pytest.raises(RuleBroken) as caught:
        services.recuse(begun.seat().id, reason="  ", actor=actor, now=NOON)
    assert code_of(caught) == "judging.reason_missing"
    with pytest.raises(RuleBroken) as caught:
        services.recuse(begun.seat().id, reason="认识", actor=actor, now=NOON + 8 * DAY)
    assert code_of(caught) == "judging.closed"
    with pytest.raises(NotFound):
        services.recuse(begun.seat(begun.judges[1]).id, reason="认识", actor=actor, now=NOON)


# ---- reading


def test_duties_say_how_much_is_done_and_until_when(begun: City) -> None:
    seats = queries.own_seats(begun.round.id, begun.judge.account_id)
    submit(seats[0], begun.judge)
    draft(seats[1], begun.judge, {"inno": "3"})
    (duty,) = queries.duties_of(who(begun.judge))
    assert (duty.round_name, duty.done, duty.total, duty.left, duty.closes_at) == (
        "初评",
        1,
        len(seats),
        len(seats) - 1,
        NOON + 7 * DAY,
    )
    assert queries.duties_of(actor_of(make_account())) == []


def test_a_round_that_is_being_set_up_is_no_duty_yet(city: City) -> None:
    city.assign()
    assert queries.duties_of(who(city.judge)) == []
    with pytest.raises(NotFound):
        queries.own_assignment(city.seat().id, who(city.judge))


def test_the_ranking_counts_submitted_sheets_per_group_and_breaks_ties(app: Flask) -> None:
    round_ = make_round()
    edition = db.session.get_one(Edition, round_.edition_id)
    entries = [make_entry(edition=edition, title=f"作品{n}") for n in range(3)]
    senior = make_entry(edition=edition, group="senior")
    judges = [make_judge(round_, f"评委{n}") for n in range(2)]
    marks = {  # per entry and judge: inno, sci
        (0, 0): ("20", "30"), (0, 1): ("20", "30"),
        (1, 0): ("30", "20"), (1, 1): ("30", "20"),
        (2, 0): ("10", "10"),
    }  # fmt: skip
    rest = {"prac": "10", "self": "5", "expr": "5"}
    for n, entry in enumerate(entries):
        for m, judge in enumerate(judges):
            seat = make_assignment(judge, entry, code=f"A-00{n + 1}")
            if (n, m) in marks:
                inno, sci = marks[n, m]
                submit(seat, judge, points={"inno": inno, "sci": sci, **rest}, now=NOON + HOUR)
    make_assignment(judges[0], senior, code="A-009")
    junior, high = queries.ranking_of(round_)
    assert (junior.name, [(row.standing.place, row.code, row.standing.decided_by, row.due) for row in junior.rows]) == (
        "初中组",
        [(1, "A-002", "main_criterion", 0), (2, "A-001", "main_criterion", 0), (3, "A-003", "", 1)],
    )
    assert junior.rows[0].standing.score == Decimal("70.00")
    assert (high.name, high.rows, high.waiting) == ("高中组", [], [("A-009", senior.title)])
