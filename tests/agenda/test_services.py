"""What people do with an agenda: sessions, talks, shifts, copies, versions, proposals, guests."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.agenda import queries, services
from kexie_events.agenda.models import AgendaSession, Guest, Proposal, SessionChair, Speaker, Talk
from kexie_events.agenda.rules import Answer, Direction, Half, PersonWords, ProposalPlan, ProposalState
from kexie_events.agenda.services import GuestPlan, Placing, Shift
from kexie_events.core.access import SYSTEM, Actor, Granted, Role
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, actor_of, make_organizer, make_room, make_unit

from .build import (
    DAY_ONE,
    make_call,
    make_conference,
    make_forum,
    make_group,
    make_guest,
    make_proposal,
    make_session,
    make_speaker,
    make_talk,
    session_plan,
    speaks,
    talk_plan,
)

MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Asia/Shanghai")


def code_of(act) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


# ---- sessions and talks


def test_the_same_form_sent_twice_makes_one_session_and_one_talk(app: Flask) -> None:
    forum, key, other = make_forum(make_conference()), uuid4(), uuid4()
    rows = [services.add_session(forum.id, session_plan(DAY_ONE), key=key, actor=SYSTEM, now=NOON) for _ in range(2)]
    talks = [services.add_talk(rows[0].id, talk_plan(), key=other, actor=SYSTEM, now=NOON) for _ in range(2)]
    assert rows[0].id == rows[1].id
    assert talks[0].id == talks[1].id
    assert len(db.session.scalars(select(Talk)).all()) == 1


def test_a_session_lies_within_its_sub_forum(app: Flask) -> None:
    forum = make_forum(make_conference())
    late = session_plan(DAY_ONE + 2 * HOUR, 2)
    assert code_of(lambda: services.add_session(forum.id, late, actor=SYSTEM, now=NOON)) == "agenda.outside"


def test_talks_that_last_longer_than_their_session_are_refused(app: Flask) -> None:
    session = make_session(make_forum(make_conference()))
    make_talk(session, minutes=40)
    assert code_of(lambda: services.add_talk(session.id, talk_plan(21), actor=SYSTEM, now=NOON)) == (
        "agenda.talks_too_long"
    )
    services.add_talk(session.id, talk_plan(20), actor=SYSTEM, now=NOON)
    shorter = session_plan(DAY_ONE, 0.9)
    assert code_of(
        lambda: services.change_session(session.id, shorter, expected_revision=1, actor=SYSTEM, now=NOON)
    ) == "agenda.talks_too_long"  # fmt: skip


def test_the_same_name_and_unit_is_the_same_person(app: Flask) -> None:
    edition = make_conference()
    one, other = make_session(make_forum(edition)), make_session(make_forum(edition), starts_at=DAY_ONE + HOUR)
    people = (PersonWords("王教授", "重庆大学", "教授"),)
    for session in (one, other):
        plan = services.TalkPlan("山区物流", talk_plan().kind, 30, speakers=people)
        services.add_talk(session.id, plan, actor=SYSTEM, now=NOON)
    assert [row.post for row in db.session.scalars(select(Speaker))] == ["教授"]


def test_what_somebody_else_changed_in_between_is_not_overwritten(app: Flask) -> None:
    session = make_session(make_forum(make_conference()))
    services.change_session(session.id, session_plan(DAY_ONE, name="新名"), expected_revision=1, actor=SYSTEM, now=NOON)
    with pytest.raises(Conflict):
        services.change_session(session.id, session_plan(DAY_ONE), expected_revision=1, actor=SYSTEM, now=NOON)
    assert db.session.get(AgendaSession, session.id, populate_existing=True).name == "新名"


def test_talks_change_places_and_close_up_when_one_goes(app: Flask) -> None:
    session = make_session(make_forum(make_conference()))
    ids = [make_talk(session, position=n, title=str(n), minutes=10).id for n in (1, 2, 3)]
    services.move_talk(ids[2], Direction.EARLIER, expected_revision=1, actor=SYSTEM, now=NOON)
    services.move_talk(ids[0], Direction.EARLIER, expected_revision=1, actor=SYSTEM, now=NOON)  # nowhere to go
    services.remove_talk(ids[0], expected_revision=1, actor=SYSTEM, now=NOON)
    rows = db.session.execute(select(Talk.title, Talk.position).order_by(Talk.position)).all()
    assert [tuple(row) for row in rows] == [("3", 1), ("2", 2)]


def test_only_who_plans_the_sub_forum_or_its_edition_writes_its_agenda(app: Flask) -> None:
    city = make_unit()
    north, south = make_unit(parent=city), make_unit(parent=city)
    forum = make_forum(make_conference(unit=north), unit_id=south.id)
    for unit in (north, south):
        services.add_session(
            forum.id, session_plan(DAY_ONE + (unit is south) * HOUR), actor=actor_of(make_organizer(unit)), now=NOON
        )
    stranger = actor_of(make_organizer(make_unit(parent=city)))
    with pytest.raises(Forbidden):
        services.add_session(forum.id, session_plan(DAY_ONE), actor=stranger, now=NOON)


# ---- a part of a day


def test_a_shift_moves_sessions_that_follow_upon_each_other_in_one_room(app: Flask) -> None:
    edition = make_conference()
    forum = make_forum(edition, room_id=make_room().id, ends_at=DAY_ONE + 4 * HOUR)
    rows = [make_session(forum, starts_at=DAY_ONE + n * HOUR) for n in range(3)]
    by = Shift(DAY_ONE + HOUR, DAY_ONE + 10 * HOUR, 15)
    seen = services.digest_of(queries.to_shift(edition.id, by))
    assert services.shift(edition.id, by, seen=seen, actor=SYSTEM, now=NOON) == 2
    for row in rows:
        db.session.refresh(row)
    assert [row.starts_at - DAY_ONE for row in rows] == [0 * MINUTE, 75 * MINUTE, 135 * MINUTE]


def test_a_shift_is_refused_whole_when_somebody_changed_it_or_one_would_reach_out(app: Flask) -> None:
    edition = make_conference()
    forum = make_forum(edition)
    make_session(forum, starts_at=DAY_ONE + 2 * HOUR)
    session = make_session(forum)
    by = Shift(DAY_ONE, DAY_ONE + 10 * HOUR, 15)
    seen = services.digest_of(queries.to_shift(edition.id, by))
    assert code_of(lambda: services.shift(edition.id, by, seen=seen, actor=SYSTEM, now=NOON)) == "agenda.shift_outside"
    with pytest.raises(Conflict):
        services.shift(edition.id, by, seen="other", actor=SYSTEM, now=NOON)
    assert db.session.get(AgendaSession, session.id, populate_existing=True).starts_at == DAY_ONE


def test_a_day_is_copied_without_its_people(app: Flask) -> None:
    edition = make_conference()
    source, target = make_forum(edition), make_forum(edition, starts_at=DAY_ONE + DAY)
    session = make_session(source)
    speaks(make_talk(session), make_speaker(edition))
    day = DAY_ONE.astimezone(ZONE).date()
    made = services.copy_day(source.id, day, target.id, day + DAY, actor=SYSTEM, now=NOON, zone=ZONE)
    copied = db.session.scalar(select(AgendaSession).where(AgendaSession.occurrence_id == target.id))
    assert (made, copied.starts_at) == (1, DAY_ONE + DAY)
    assert [talk.title for talk in db.session.scalars(select(Talk).where(Talk.session_id == copied.id))] == ["山区物流"]
    assert db.session.scalars(select(SessionChair)).all() == []


# ---- versions


def release(edition_id: int, **values):
    seen = queries.digest_of(queries.whole(edition_id, published=True).programme)
    given = {"words": "", "seen": seen, "tell": True, "reason": "主讲人行程调整", "actor": SYSTEM, "now": NOON}
    return services.release(edition_id, **{**given, **values})


def test_a_version_holds_published_sub_forums_alone_and_later_changes_do_not_touch_it(app: Flask) -> None:
    edition = make_conference()
    session = make_session(make_forum(edition))
    make_session(make_forum(edition, title="秘密", publication=Publication.DRAFT))
    first = release(edition.id)
    services.change_session(session.id, session_plan(DAY_ONE, name="新名"), expected_revision=1, actor=SYSTEM, now=NOON)
    assert [forum["name"] for forum in first.body["forums"]] == ["数字经济分会场"]
    assert first.body["forums"][0]["sessions"][0]["name"] == "主旨报告"
    assert (first.number, release(edition.id).number) == (1, 2)


def test_nothing_new_and_nothing_at_all_make_no_version(app: Flask) -> None:
    edition = make_conference()
    make_forum(edition)
    assert code_of(lambda: release(edition.id)) == "programme.empty"
    make_session(db.session.scalars(select(Occurrence)).one())
    release(edition.id)
    assert code_of(lambda: release(edition.id)) == "programme.same"
    with pytest.raises(Conflict):
        release(edition.id, seen="what stood an hour ago")


def test_a_moved_session_is_told_to_those_who_registered_when_that_is_wanted(app: Flask) -> None:
    edition = make_conference()
    forum, quiet = make_forum(edition), make_forum(edition)
    session, other = make_session(forum), make_session(quiet)
    release(edition.id)
    services.change_session(session.id, session_plan(DAY_ONE + HOUR), expected_revision=1, actor=SYSTEM, now=NOON)
    services.change_session(other.id, session_plan(DAY_ONE, name="新名"), expected_revision=1, actor=SYSTEM, now=NOON)
    assert code_of(lambda: release(edition.id, reason="")) == "agenda.reason"
    row = release(edition.id)
    told, untold = (db.session.get(Occurrence, id, populate_existing=True) for id in (forum.id, quiet.id))
    assert (told.moved_revision, told.revision, told.reason) == (2, 2, "主讲人行程调整")
    assert (untold.moved_revision, untold.revision) == (0, 1)  # a new name is only listed
    assert {(change["kind"], change["what"]) for change in row.changes} == {("moved", "主旨报告"), ("renamed", "新名")}
    services.change_session(session.id, session_plan(DAY_ONE), expected_revision=2, actor=SYSTEM, now=NOON)
    release(edition.id, tell=False, reason="")
    assert db.session.get(Occurrence, forum.id, populate_existing=True).moved_revision == 2


def test_a_version_taken_back_leaves_the_one_before(app: Flask) -> None:
    edition = make_conference()
    session = make_session(make_forum(edition))
    release(edition.id)
    services.change_session(session.id, session_plan(DAY_ONE, name="新名"), expected_revision=1, actor=SYSTEM, now=NOON)
    release(edition.id)
    services.withdraw_release(edition.id, 2, reason="发错了", actor=SYSTEM, now=NOON)
    assert queries.last_release(edition.id).number == 1
    with pytest.raises(RuleBroken):
        services.withdraw_release(edition.id, 2, reason="发错了", actor=SYSTEM, now=NOON)
    assert release(edition.id).number == 3  # numbers are not given twice


# ---- proposals

PLAN = ProposalPlan("山地轨道", "爬坡和降噪", "周院士", 120, "", DAY_ONE.date(), Half.AFTERNOON, "投影")


def test_a_proposal_goes_its_way_and_becomes_a_sub_forum_of_the_unit_that_proposed_it(app: Flask) -> None:
    edition, unit = make_conference(), make_unit()
    make_call(edition)
    own, owner = actor_of(make_organizer(unit)), actor_of(make_organizer(db.session.get(Unit, edition.unit_id)))
    row = services.start_proposal(edition.id, unit.id, PLAN, actor=own, now=NOON, zone=ZONE)
    with pytest.raises(NotFound):  # a draft is its unit's own business
        queries.proposal(owner, row.id)
    services.submit_proposal(row.id, expected_revision=1, actor=own, now=NOON)
    services.answer_proposal(
        row.id, ProposalState.RETURNED, reason="请补充", expected_revision=2, actor=owner, now=NOON
    )  # fmt: skip
    services.change_proposal(row.id, PLAN, expected_revision=3, actor=own, now=NOON)
    services.submit_proposal(row.id, expected_revision=4, actor=own, now=NOON)
    to = Placing(DAY_ONE, DAY_ONE + 3 * HOUR, make_room().id)
    made = services.accept_proposal(row.id, to, expected_revision=5, actor=owner, now=NOON, zone=ZONE)
    assert (made.title, made.unit_id, made.publication) == ("山地轨道", unit.id, Publication.DRAFT)
    assert queries.forum(own, made.id).id == made.id
    assert code_of(lambda: services.withdraw_proposal(row.id, expected_revision=6, actor=own, now=NOON)) == (
        "proposal.state"
    )


def test_a_unit_sees_nothing_of_what_another_one_proposes(app: Flask) -> None:
    edition, unit = make_conference(), make_unit()
    make_call(edition)
    row = make_proposal(edition, unit)
    stranger = actor_of(make_organizer(make_unit()))
    with pytest.raises(NotFound):
        queries.proposal(stranger, row.id)
    assert db.session.scalars(queries.own_proposals(stranger)).all() == []
    with pytest.raises(Forbidden):
        services.submit_proposal(row.id, expected_revision=1, actor=stranger, now=NOON)


@pytest.mark.parametrize(("at", "code"), [(NOON - 8 * DAY, "proposal.not_open"), (NOON + 7 * DAY, "proposal.closed")])
def test_the_call_is_open_from_its_first_instant_until_its_last(app: Flask, at, code: str) -> None:
    edition, unit = make_conference(), make_unit()
    make_call(edition)
    act = lambda: services.start_proposal(edition.id, unit.id, PLAN, actor=SYSTEM, now=at, zone=ZONE)  # noqa: E731
    assert code_of(act) == code


def test_only_invited_units_and_those_below_them_may_propose(app: Flask) -> None:
    edition, city = make_conference(), make_unit()
    below, beside = make_unit(parent=city), make_unit()
    services.set_call(
        edition.id, opens_at=NOON - DAY, closes_at=NOON + DAY, words="", everybody=False, unit_ids=[city.id],
        expected_revision=0, actor=SYSTEM, now=NOON,
    )  # fmt: skip
    assert services.start_proposal(edition.id, below.id, PLAN, actor=SYSTEM, now=NOON, zone=ZONE).unit_id == below.id
    with pytest.raises(NotFound):
        services.start_proposal(edition.id, beside.id, PLAN, actor=SYSTEM, now=NOON, zone=ZONE)
    asked = [actor_of(make_organizer(unit)) for unit in (below, beside)]
    assert [len(queries.open_calls(actor, NOON, NOON.date())) for actor in asked] == [1, 0]


def test_an_unfinished_proposal_is_kept_and_not_handed_in(app: Flask) -> None:
    edition, unit = make_conference(), make_unit()
    make_call(edition)
    row = services.start_proposal(edition.id, unit.id, ProposalPlan("主题"), actor=SYSTEM, now=NOON, zone=ZONE)
    act = lambda: services.submit_proposal(row.id, expected_revision=1, actor=SYSTEM, now=NOON)  # noqa: E731
    assert code_of(act) == "proposal.incomplete"


def test_many_are_accepted_at_once_at_the_time_that_was_wished_for(app: Flask) -> None:
    edition = make_conference()
    rows = [make_proposal(edition, make_unit(), wished_half=half) for half in (Half.MORNING, Half.AFTERNOON)]
    ids = [row.id for row in rows]
    made = services.accept_all(edition.id, [*ids, 999], actor=SYSTEM, now=NOON, zone=ZONE)
    assert [row.starts_at.astimezone(ZONE).hour for row in made] == [9, 14]
    assert code_of(lambda: services.accept_all(edition.id, ids, actor=SYSTEM, now=NOON, zone=ZONE)) == "proposal.none"


def test_a_closed_unit_runs_nothing_new(app: Flask) -> None:
    edition = make_conference()
    row = make_proposal(edition, make_unit(valid_to=NOON.date()))
    to = Placing(DAY_ONE, DAY_ONE + HOUR)
    act = lambda: services.accept_proposal(row.id, to, expected_revision=1, actor=SYSTEM, now=NOON, zone=ZONE)  # noqa: E731
    assert code_of(act) == "unit.ended"
    assert db.session.get(Proposal, row.id, populate_existing=True).state is ProposalState.SUBMITTED


def test_a_host_accepts_nothing_beyond_its_time_and_the_owner_carries_the_end_along(app: Flask) -> None:
    host = make_unit(name="承办学会")
    edition = make_conference(unit_id=host.id, hosted_until=DAY_ONE.date() + 30 * DAY, host_settled=True)
    row = make_proposal(edition, make_unit())
    owner = db.session.get(Unit, db.session.get(Series, edition.series_id).unit_id)
    by_host, by_owner = (
        Actor(grants=(Granted(Role.ORGANIZER, unit.path, on=NOON.date()),)) for unit in (host, owner)
    )  # fmt: skip
    late = Placing(DAY_ONE + 270 * DAY, DAY_ONE + 270 * DAY + HOUR)
    act = lambda actor: services.accept_proposal(  # noqa: E731
        row.id, late, expected_revision=1, actor=actor, now=NOON, zone=ZONE
    )
    assert code_of(lambda: act(by_host)) == "event.after_hosting"
    db.session.rollback()
    assert db.session.get(Proposal, row.id, populate_existing=True).state is ProposalState.SUBMITTED
    act(by_owner)
    last_on = late.ends_at.astimezone(ZONE).date()
    assert db.session.get(Edition, edition.id, populate_existing=True).hosted_until == last_on + 31 * DAY


# ---- guests


def test_guests_stand_in_protocol_order(app: Flask) -> None:
    edition = make_conference()
    second = make_group(edition, "领导", 2)
    make_guest(edition, "赵一", group=second)
    for name, position in (("周二", None), ("陈三", None), ("张四", 1)):
        make_guest(edition, name, position=position)
    assert [row.name for row in queries.guests(edition.id, SYSTEM)] == ["张四", "陈三", "周二", "赵一"]


def test_a_letter_has_its_number_once_and_a_removed_one_leaves_a_gap(app: Flask) -> None:
    edition = make_conference()
    first = make_guest(edition, "甲")
    make_guest(edition, "乙", answer=Answer.DECLINED)
    assert services.number_letters(edition.id, actor=SYSTEM, now=NOON) == 1
    assert services.number_letters(edition.id, actor=SYSTEM, now=NOON) == 0
    assert db.session.get(Guest, first.id, populate_existing=True).answer is Answer.INVITED
    services.remove_guest(first.id, expected_revision=2, actor=SYSTEM, now=NOON)
    later = make_guest(edition, "丙")
    services.number_letters(edition.id, actor=SYSTEM, now=NOON)
    assert db.session.get(Guest, later.id, populate_existing=True).letter_number == 2


def test_groups_change_their_order_and_one_with_guests_does_not_go(app: Flask) -> None:
    edition = make_conference()
    make_guest(edition, "甲", group=make_group(edition, "院士", 1))
    services.set_groups(edition.id, ["领导", "院士"], actor=SYSTEM, now=NOON)
    assert [row.name for row in queries.groups(edition.id)] == ["领导", "院士"]
    act = lambda: services.set_groups(edition.id, ["领导"], actor=SYSTEM, now=NOON)  # noqa: E731
    assert code_of(act) == "guest.group_in_use"


def test_the_same_person_of_the_same_unit_is_invited_once(app: Flask) -> None:
    edition = make_conference()
    plan = GuestPlan("甲", make_group(edition).id)
    services.add_guest(edition.id, plan, actor=SYSTEM, now=NOON)
    assert (
        code_of(lambda: services.add_guest(edition.id, replace(plan, post="教授"), actor=SYSTEM, now=NOON))
        == "guest.twice"
    )
