"""The pages of one's own calendars: an address shown once, changed, replaced, ended."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core.access import Role
from kexie_events.core.db import db
from kexie_events.feeds import queries, services
from kexie_events.feeds.choices import PLAIN, Alarm, Cancelled, Choice, Contents
from kexie_events.feeds.personal import EVERY_PART
from kexie_events.feeds.rules import PersonalPart
from kexie_events.feeds.services import publish_stale
from tests.build import NOON, make_account, make_grant, make_occurrence, make_round

from .calendars import register
from .test_views import IPHONE, WECHAT, links

AsUser = Callable[[int], FlaskClient]
WHOLE = {"parts": ["registrations", "entries"], "contents": "all", "cancelled": "marked", "alarm": "none"}
SHOWN = re.compile(r'value="(http://kexie\.test(/feeds/p/[^"]*))"')


def add(visitor: FlaskClient, **values: Any) -> Any:
    return visitor.post("/subscribe/personal", data={"label": "我的手机", **WHOLE, **values})


def field(page: str, name: str) -> str:
    found = re.search(rf'<input [^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def test_a_personal_address_is_shown_once_and_works(app: Flask, as_user: AsUser) -> None:
    visitor = as_user(make_account().id)
    answer = visitor.post("/subscribe/personal", data={"label": " 我的手机 ", **WHOLE}, headers={"User-Agent": IPHONE})
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    address = SHOWN.search(answer.text)
    assert address is not None
    assert links(answer.text)[0] == address[1].replace("http:", "webcal:")
    assert visitor.get(address[2]).headers["Content-Type"] == "text/calendar; charset=utf-8"
    later = visitor.get("/subscribe/personal").text
    assert "我的手机" in later
    assert address[2] not in later


def test_the_same_form_sent_again_shows_the_same_address(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    visitor = as_user(account.id)
    key = field(visitor.get("/subscribe/personal").text, "key")
    first, again = (SHOWN.search(add(visitor, key=key).text) for _ in range(2))
    assert first is not None
    assert again is not None
    assert first[1] == again[1]
    assert queries.live_count(account.id) == 1
    other = add(visitor, key=key, label="电脑")
    assert other.status_code == 422
    assert field(other.text, "key") != key
    assert add(visitor, key=field(other.text, "key"), label="电脑").status_code == 200
    assert queries.live_count(account.id) == 2


def test_inside_wechat_the_address_can_be_copied_and_nothing_is_offered_that_does_not_open(
    app: Flask, as_user: AsUser
) -> None:
    answer = as_user(make_account().id).post(
        "/subscribe/personal", data={"label": "手机", **WHOLE}, headers={"User-Agent": WECHAT}
    )
    assert links(answer.text) == []
    assert SHOWN.search(answer.text) is not None


def test_what_is_chosen_is_kept_and_said_in_the_list(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    register(account, make_occurrence())
    publish_stale(now=NOON)
    visitor = as_user(account.id)
    chosen = {"parts": ["registrations"], "contents": "dates", "cancelled": "removed", "alarm": "day"}
    assert add(visitor, **chosen).status_code == 200
    row = queries.subscriptions(account.id)[0]
    assert row.parts == {PersonalPart.REGISTRATIONS}
    assert row.choice == Choice(Contents.DATES, Cancelled.REMOVED, Alarm.DAY)
    page = visitor.get("/subscribe/personal").text
    assert "我的报名；只要活动；取消的：直接移除；提醒：提前一天" in re.sub(r"\s+", "", page)
    assert "里面有 1 项" in page
    assert "还没有日历读取过" in page
    assert "替别人报的" in page


def test_only_a_judge_is_offered_duties_of_judging(app: Flask, as_user: AsUser) -> None:
    visitor, judge = make_account(), make_account()
    make_grant(judge, Role.JUDGE, round_id=make_round().id)
    db.session.commit()
    assert 'value="judging"' not in as_user(visitor.id).get("/subscribe/personal").text
    assert 'value="judging"' in as_user(judge.id).get("/subscribe/personal").text
    refused = add(as_user(visitor.id), parts=["judging"])
    assert refused.status_code == 422
    assert "请从列表里选一项。" in refused.text


@pytest.mark.parametrize("label", ["", "  ", "长" * 41])
def test_a_label_that_is_refused_is_kept_in_the_field(app: Flask, as_user: AsUser, label: str) -> None:
    account = make_account()
    answer = add(as_user(account.id), label=label)
    assert answer.status_code == 422
    assert f'value="{label.strip()}"' in answer.text
    assert queries.subscriptions(account.id) == []


def test_a_calendar_of_nothing_is_refused_with_the_reason_at_the_field(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    answer = add(as_user(account.id), parts=[])
    assert answer.status_code == 422
    assert '<a href="#parts-0">请至少选一项，不然日历里什么都没有。</a>' in answer.text
    assert queries.subscriptions(account.id) == []


def test_too_many_addresses_are_refused_with_the_next_step(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    for n in range(20):
        services.subscribe(account.id, str(n), now=NOON)
    answer = add(as_user(account.id))
    assert answer.status_code == 422
    assert "最多有 20 个个人地址。请先停用不再用的。" in answer.text


def test_what_it_holds_is_changed_without_a_new_address(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    visitor = as_user(account.id)
    address = SHOWN.search(add(visitor).text)
    assert address is not None
    row = queries.subscriptions(account.id)[0]
    page = visitor.get(f"/subscribe/personal/{row.id}").text
    assert "我们没有存" in page
    sent = {"label": "平板", "parts": ["entries"], "contents": "deadlines", "cancelled": "removed", "alarm": "30min"}
    answer = visitor.post(
        f"/subscribe/personal/{row.id}", data={**sent, "revision": field(page, "revision")}, follow_redirects=True
    )
    assert "地址没有变" in answer.text
    assert 'value="平板"' in answer.text
    db.session.expire_all()
    row = queries.subscriptions(account.id)[0]
    assert (row.parts, row.choice) == (
        {PersonalPart.ENTRIES}, Choice(Contents.DEADLINES, Cancelled.REMOVED, Alarm.HALF_HOUR),
    )  # fmt: skip
    assert visitor.get(address[2]).status_code == 200


def test_what_was_not_on_offer_stays(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    data = {"label": "手机", **WHOLE, "parts": ["registrations"], "revision": "1"}
    assert as_user(account.id).post(f"/subscribe/personal/{row.id}", data=data).status_code == 303
    db.session.expire_all()
    assert queries.subscriptions(account.id)[0].parts == {PersonalPart.REGISTRATIONS, PersonalPart.JUDGING}


def test_whoever_is_slower_sees_both_versions_and_decides(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    visitor = as_user(account.id)
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    services.change(row.id, account.id, label="平板", parts=EVERY_PART, choice=PLAIN, revision=1, now=NOON)
    data = {"label": "电脑", **WHOLE, "alarm": "day", "revision": "1"}
    answer = visitor.post(f"/subscribe/personal/{row.id}", data=data)
    assert answer.status_code == 409
    words = re.sub(r"<[^>]*>", " ", answer.text)
    for said in ("现在：平板", "你填的：电脑", "现在：不提醒", "你填的：提前一天"):
        assert said in words
    again = visitor.post(f"/subscribe/personal/{row.id}", data={**data, "revision": field(answer.text, "revision")})
    assert again.status_code == 303
    db.session.expire_all()
    assert queries.subscriptions(account.id)[0].label == "电脑"


@pytest.mark.parametrize("wrong", [{"label": ""}, {"parts": []}, {"alarm": "5min"}, {"contents": "some"}])
def test_a_change_that_is_refused_keeps_what_was_typed(app: Flask, as_user: AsUser, wrong: dict[str, Any]) -> None:
    account = make_account()
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    data = {"label": "新名字", **WHOLE, "revision": "1", **wrong}
    answer = as_user(account.id).post(f"/subscribe/personal/{row.id}", data=data)
    assert answer.status_code == 422
    assert f'value="{data["label"]}"' in answer.text
    db.session.expire_all()
    assert queries.subscriptions(account.id)[0].label == "手机"


def test_an_address_is_replaced_and_ended(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    visitor = as_user(account.id)
    first = services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    answer = visitor.post(f"/subscribe/personal/{row.id}/rotate")
    assert "旧地址已经失效" in answer.text
    second = SHOWN.search(answer.text)
    assert second is not None
    assert [visitor.get(path).status_code for path in (f"/feeds/p/{first}.ics", second[2])] == [410, 200]
    assert visitor.post(f"/subscribe/personal/{row.id}/rotate").status_code == 422
    db.session.expire_all()
    newest = queries.subscriptions(account.id)[0]
    ended = visitor.post(f"/subscribe/personal/{newest.id}/revoke", follow_redirects=True)
    assert ended.request.path == f"/subscribe/personal/{newest.id}/ended"
    assert "“手机”的地址已停用" in ended.text
    assert "设备上还要做的" in ended.text
    assert queries.subscriptions(account.id) == []


def test_pages_of_an_address_lead_to_where_it_stands(app: Flask, as_user: AsUser) -> None:
    account = make_account()
    visitor = as_user(account.id)
    services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    alive, over = f"/subscribe/personal/{row.id}", f"/subscribe/personal/{row.id}/ended"
    assert visitor.get(over).headers["Location"] == alive
    services.revoke(row.id, account.id, now=NOON)
    assert visitor.get(alive).headers["Location"] == over
    late = visitor.post(alive, data={"label": "手机", **WHOLE, "revision": "1"})
    assert late.status_code == 422
    assert "“手机”的地址已经停用，不能再改。" in late.text


@pytest.mark.parametrize("what", ["", "/rotate", "/revoke"])
def test_the_address_of_somebody_else_is_not_found(app: Flask, as_user: AsUser, what: str) -> None:
    owner, other = make_account(), make_account()
    services.subscribe(owner.id, "手机", now=NOON)
    row = queries.subscriptions(owner.id)[0]
    data = {"label": "我的", **WHOLE, "revision": "1"}
    assert as_user(other.id).post(f"/subscribe/personal/{row.id}{what}", data=data).status_code == 404
    db.session.expire_all()
    assert queries.subscriptions(owner.id)[0].label == "手机"
    assert as_user(other.id).get(f"/subscribe/personal/{row.id}").status_code == 404
    assert as_user(other.id).get(f"/subscribe/personal/{row.id}/ended").status_code == 404
