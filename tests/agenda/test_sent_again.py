"""The same form twice, with other content, with names as keyboards compose them; two people on one page; an agenda
that is not lost with its date."""

import re
from collections.abc import Callable
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.agenda import services
from kexie_events.agenda.models import AgendaSession, Guest, GuestGroup, Proposal, Speaker, Talk
from kexie_events.agenda.rules import PersonWords, ProposalPlan, read_people
from kexie_events.agenda.services import GuestPlan
from kexie_events.core import clock
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, RuleBroken
from kexie_events.events import services as events
from kexie_events.events.rules import Publication
from tests.build import NOON, make_administrator, make_unit

from .build import (
    DAY_ONE,
    make_call,
    make_conference,
    make_forum,
    make_group,
    make_session,
    make_talk,
    session_plan,
    talk_plan,
)

ZONE = ZoneInfo("Asia/Shanghai")
BY = {"actor": SYSTEM, "now": NOON}


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_form_that_comes_again_with_other_content_is_refused_and_not_dropped(app: Flask) -> None:
    edition = make_conference()
    forum, other, key, talk_key = make_forum(edition), make_forum(edition), uuid4(), uuid4()
    session = services.add_session(forum.id, session_plan(DAY_ONE), key=key, **BY)
    renamed = session_plan(DAY_ONE, name="圆桌")
    assert code_of(lambda: services.add_session(forum.id, renamed, key=key, **BY)) == "agenda.key_reused"
    chaired = session_plan(DAY_ONE, chairs=["王教授"])
    assert code_of(lambda: services.add_session(forum.id, chaired, key=key, **BY)) == "agenda.key_reused"
    elsewhere = session_plan(DAY_ONE)
    assert code_of(lambda: services.add_session(other.id, elsewhere, key=key, **BY)) == "agenda.key_reused"
    services.add_talk(session.id, talk_plan(30, "王教授"), key=talk_key, **BY)
    assert code_of(lambda: services.add_talk(session.id, talk_plan(30, "李教授"), key=talk_key, **BY)) == (
        "agenda.key_reused"
    )
    assert (count(AgendaSession), count(Talk)) == (1, 1)


def test_a_proposal_that_comes_again_for_another_unit_is_refused(app: Flask) -> None:
    call, first, second, key = make_call(make_conference()), make_unit(), make_unit(), uuid4()

    def start(unit: int, theme: str = "山地物流") -> Proposal:
        return services.start_proposal(call.edition_id, unit, ProposalPlan(theme), key=key, zone=ZONE, **BY)

    assert start(first.id).id == start(first.id).id
    assert code_of(lambda: start(second.id)) == "agenda.key_reused"
    assert code_of(lambda: start(first.id, "别的主题")) == "agenda.key_reused"


def test_the_page_of_a_form_that_was_sent_with_other_content_offers_to_send_it_anew(
    app: Flask, as_user, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    session, browser = make_session(make_forum(make_conference())), as_user(make_administrator().id)
    address, key = f"/manage/sessions/{session.id}/talks/new", str(uuid4())
    sent = {"key": key, "title": "山区物流", "kind": "talk", "minutes": "20"}
    assert browser.post(address, data=sent).status_code == 303
    again = browser.post(address, data={**sent, "title": "低空经济"})
    found = re.search(r'name="key"[^>]*value="([^"]+)"', again.text)
    assert again.status_code == 422
    assert found is not None
    assert found[1] != key
    assert browser.post(address, data={**sent, "title": "低空经济", "key": found[1]}).status_code == 303
    assert db.session.scalars(select(Talk.title).order_by(Talk.position)).all() == ["山区物流", "低空经济"]


def test_a_day_is_copied_once_however_often_the_form_is_sent(app: Flask) -> None:
    edition, key = make_conference(), uuid4()
    source, target = make_forum(edition), make_forum(edition, title="第二分会场")
    make_talk(make_session(source))
    made = [
        services.copy_day(source.id, DAY_ONE.date(), target.id, DAY_ONE.date(), key=key, zone=ZONE, **BY)
        for _ in range(2)
    ]
    assert made == [1, 1]
    assert (count(AgendaSession), count(Talk)) == (2, 2)


def test_the_same_guest_sent_twice_is_one_and_no_refusal(app: Flask) -> None:
    edition = make_conference()
    plan = GuestPlan("周院士", make_group(edition).id, "某大学")
    assert services.add_guest(edition.id, plan, **BY).id == services.add_guest(edition.id, plan, **BY).id
    other = GuestPlan("周院士", plan.group_id, "某大学", "教授")
    assert code_of(lambda: services.add_guest(edition.id, other, **BY)) == "guest.twice"
    assert count(Guest) == 1


def test_a_name_may_come_in_parts_or_with_what_cannot_be_seen(app: Flask) -> None:
    edition = make_conference()
    session = make_session(make_forum(edition))
    assert read_people("Rene\u0301\u200b\u202e\x00，E\u0301cole") == [PersonWords("René", "École")]
    plan = talk_plan(10)
    people = (*read_people("Rene\u0301，E\u0301cole"), *read_people("René，École\n王\u200b教授"))
    services.add_talk(session.id, type(plan)(plan.title, plan.kind, 10, speakers=people[1:]), **BY)
    services.add_talk(session.id, type(plan)(plan.title, plan.kind, 10, speakers=people[:1]), **BY)
    assert sorted(db.session.scalars(select(Speaker.name))) == ["René", "王教授"]


def test_two_who_order_the_ranks_at_the_same_time_lose_nothing(app: Flask) -> None:
    edition = make_conference()
    services.set_groups(edition.id, ["院士", "市领导"], expected=[], **BY)
    services.set_groups(edition.id, ["院士", "市领导", "部门负责人"], expected=["院士", "市领导"], **BY)
    with pytest.raises(Conflict):
        services.set_groups(edition.id, ["市领导", "院士"], expected=["院士", "市领导"], **BY)
    services.set_groups(edition.id, ["院士", "市领导", "部门负责人"], expected=["院士"], **BY)  # a second press
    names = db.session.scalars(select(GuestGroup.name).order_by(GuestGroup.position)).all()
    assert names == ["院士", "市领导", "部门负责人"]


def test_the_second_of_two_sees_both_versions_of_ranks_and_call(
    app: Flask, as_user, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    edition, browser = make_conference(), as_user(make_administrator().id)
    ranks = f"/manage/editions/{edition.id}/guest-groups"
    assert browser.post(ranks, data={"names": "院士\n专家", "seen": ""}).status_code == 303
    late = browser.post(ranks, data={"names": "院士\n媒体", "seen": ""})
    assert late.status_code == 409
    assert "现在：院士\n专家" in late.text
    assert browser.post(ranks, data={"names": "院士\n媒体", "seen": "院士\r\n专家"}).status_code == 303
    call = f"/manage/editions/{edition.id}/call"
    first = {"opens_on": "2026-03-01", "closes_on": "2026-03-20", "everybody": "y", "words": "先到的", "revision": "0"}
    assert browser.post(call, data=first).status_code == 303
    second = browser.post(call, data={**first, "words": "后到的"})
    assert second.status_code == 409
    assert "现在：先到的" in second.text


def test_a_draft_is_not_thrown_away_with_its_agenda(app: Flask) -> None:
    edition = make_conference(publication=Publication.DRAFT)
    make_talk(make_session(make_forum(edition, publication=Publication.DRAFT)))
    assert code_of(lambda: events.discard(edition.id, **BY)) == "edition.in_use"
    assert (count(AgendaSession), count(Talk)) == (1, 1)
