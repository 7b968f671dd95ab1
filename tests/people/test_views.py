import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.accounts import limits
from kexie_events.accounts import services as accounts
from kexie_events.accounts.models import Account, Grant, Person, SignIn
from kexie_events.core import clock
from kexie_events.core.access import Role
from kexie_events.core.db import db
from kexie_events.messages.models import Message
from kexie_events.people.models import PasswordLink
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind
from tests.build import (
    NOON,
    make_account,
    make_administrator,
    make_grant,
    make_link,
    make_organizer,
    make_person,
    make_round,
    make_unit,
)

GOOD = "我家阳台能看见嘉陵江"


@pytest.fixture(autouse=True)
def noon(monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def flashed(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_unit_is_added_below_renamed_and_closed(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    desk = as_user(make_organizer(city).id)
    values = {"name": " 江北  中学 ", "kind": "school", "region_id": ""}
    answer = desk.post(f"/manage/units/{city.id}/new", data=values)
    row = db.session.scalar(select(Unit).where(Unit.parent_id == city.id))
    assert answer.headers["Location"] == f"/manage/units/{row.id}"
    assert (row.name, row.kind, row.slug) == ("江北 中学", UnitKind.SCHOOL, f"unit-{row.id}")
    desk.post(f"/manage/units/{row.id}/change", data={**values, "name": "江北一中", "valid_from": "2020-09-01"})
    refused = desk.post(f"/manage/units/{row.id}/close", data={"on": "2019-01-01"})
    assert refused.status_code == 422
    assert "撤销日期要晚于设立日期" in refused.text
    desk.post(f"/manage/units/{row.id}/close", data={"on": "2026-03-01"})
    page = desk.get(f"/manage/units/{row.id}").text
    assert "江北一中" in page
    assert "已撤销" in page
    assert "开账号" not in page
    assert "江北一中" not in desk.get("/manage/units").text
    assert "江北一中" in desk.get("/manage/units?state=closed").text


def test_the_tree_is_searched_and_shows_no_more_than_the_own_part(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    north, south = make_unit(parent=city, name="北区科协"), make_unit(parent=city, name="南区科协")
    make_unit(parent=north, name="北区中学", kind=UnitKind.SCHOOL)
    desk = as_user(make_organizer(north).id)
    page = desk.get("/manage/units").text
    assert "北区中学" in page
    assert "南区科协" not in page
    assert "北区中学" not in desk.get("/manage/units?q=小学").text
    assert desk.get(f"/manage/units/{south.id}").status_code == 404


def test_an_account_is_opened_on_the_desk_and_a_taken_address_is_said(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    desk = as_user(make_administrator().id)
    values = {"name": "李老师", "email": "li@example.org", "role": "mentor", "last_on": "2026-08-31"}
    answer = desk.post(f"/manage/units/{city.id}/accounts/new", data=values)
    row = db.session.scalar(select(Account).where(Account.identifier == "li@example.org"))
    assert answer.headers["Location"] == f"/manage/accounts/{row.id}"
    grant = db.session.scalar(select(Grant).where(Grant.account_id == row.id))
    assert (grant.role, grant.unit_id, grant.valid_to.isoformat()) == (Role.MENTOR, city.id, "2026-09-01")
    page = flashed(desk.get(f"/manage/accounts/{row.id}").text)
    assert "到8月31日（周一）" in page
    assert "待开通" in page
    again = desk.post(f"/manage/units/{city.id}/accounts/new", data=values)
    assert again.status_code == 422
    assert "已有账号" in again.text


def test_a_withdrawn_role_is_gone_at_the_next_request(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    boss, other = make_administrator(), make_account("周敏")
    grant = make_grant(other, Role.ORGANIZER, unit_id=city.id)
    visitor, desk = as_user(other.id), as_user(boss.id)
    assert visitor.get("/manage/units").status_code == 200
    back = f"/manage/roles/unit/{city.id}"
    answer = desk.post(f"/manage/roles/{grant.id}/withdraw", data={"back": back})
    assert answer.headers["Location"] == back
    assert visitor.get("/manage/units").status_code == 404
    elsewhere = desk.post(f"/manage/roles/{grant.id}/withdraw", data={"back": "https://evil.example"})
    assert elsewhere.headers["Location"] == "/manage/accounts"


def test_an_account_that_was_an_organiser_elsewhere_is_closed_on_its_page(app: Flask, as_user) -> None:
    home, other = make_unit(name="北区科协"), make_unit(name="南区科协")
    teacher = make_account(person=make_person("教师", unit_id=home.id))
    grant = make_grant(teacher, Role.ORGANIZER, unit_id=other.id)
    desk, page = as_user(make_organizer(home).id), f"/manage/accounts/{teacher.id}"
    assert f'action="{page}/close"' not in desk.get(page).text
    grant.valid_to = NOON.date()
    db.session.commit()
    assert f'action="{page}/close"' in desk.get(page).text
    assert desk.post(f"{page}/close").status_code == 303
    assert f'action="{page}/reopen"' in desk.get(page).text
    assert desk.post(f"{page}/reopen").status_code == 303


def test_the_last_administrator_is_told_why_they_stay(app: Flask, as_user) -> None:
    boss = make_administrator()
    grant = db.session.scalar(select(Grant).where(Grant.account_id == boss.id))
    desk = as_user(boss.id)
    desk.post(f"/manage/roles/{grant.id}/withdraw", data={"back": f"/manage/accounts/{boss.id}"})
    assert "这是最后一位长期有效的系统管理员" in desk.get(f"/manage/accounts/{boss.id}").text


def test_a_role_is_given_for_a_unit_by_its_page(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    make_account("周敏", identifier="zhou@example.org")
    desk = as_user(make_organizer(city).id)
    path = f"/manage/roles/unit/{city.id}"
    unknown = desk.post(path, data={"identifier": "nobody@example.org", "role": "organizer"})
    assert (unknown.status_code, "没有 nobody@example.org 这个能登录的账号" in unknown.text) == (422, True)
    assert desk.post(path, data={"identifier": "zhou@example.org", "role": "organizer"}).status_code == 303
    page = desk.get(path).text
    assert "已给zhou@example.org授权" in page
    assert "已给周敏授权" not in page
    forged = desk.post(path, data={"identifier": "zhou@example.org", "role": "administrator"})
    assert (forged.status_code, "请从列表里选一项" in forged.text) == (422, True)


def test_a_school_does_not_learn_that_a_colleague_judges(app: Flask, as_user) -> None:
    school = make_unit(name="北区中学")
    teacher = make_account(person=make_person("教师", unit_id=school.id))
    make_grant(teacher, Role.MENTOR, unit_id=school.id)
    for _n in range(2):
        make_grant(teacher, Role.JUDGE, round_id=make_round().id, valid_from=date(2026, 1, 7))
    desk = as_user(make_organizer(school).id)
    page, rows = desk.get(f"/manage/accounts/{teacher.id}").text, desk.get("/manage/accounts").text
    assert page.count("在你管不到的范围里有授权。") == 1
    assert "科技辅导员、别处的授权" in flashed(rows).replace(" ", "")
    for text in (page, rows):
        assert "评委" not in text
        assert "1月7日" not in text
    boss = as_user(make_administrator().id)
    assert "评委" in boss.get(f"/manage/accounts/{teacher.id}").text
    assert "评委" in boss.get("/manage/accounts").text


def test_a_closed_account_elsewhere_is_refused_as_an_unknown_one_is(app: Flask, as_user) -> None:
    city = make_unit()
    make_account("周敏", identifier="closed@example.org", active=False)
    desk = as_user(make_organizer(city).id)
    path, said = f"/manage/roles/unit/{city.id}", []
    for name in ("closed", "nobody"):
        answer = desk.post(path, data={"identifier": f"{name}@example.org", "role": "organizer"})
        said.append((answer.status_code, flashed(answer.text).replace(name, "")))
        assert f"没有 {name}@example.org 这个能登录的账号" in answer.text
    assert said[0] == said[1]


def test_an_administrator_sees_who_did_what(app: Flask, as_user) -> None:
    city = make_unit(name="市科协")
    boss = make_administrator()
    desk = as_user(boss.id)
    desk.post(f"/manage/units/{city.id}/change", data={"name": "市科学技术协会", "kind": "association"})
    page = flashed(desk.get(f"/manage/audit/unit/{city.id}").text)
    assert "修改单位 管理员 名称：市科协 → 市科学技术协会" in page
    organizer = as_user(make_organizer(city).id)
    assert organizer.get(f"/manage/audit/unit/{city.id}").status_code == 404
    assert "看全部留痕" not in organizer.get(f"/manage/units/{city.id}").text


def test_forgetting_a_password_answers_the_same_for_everybody(app: Flask, client) -> None:
    account = make_account(identifier="li@example.org")
    make_account(identifier="closed@example.org", active=False)
    answers = []
    for name in ("li@example.org", "nobody@example.org", "closed@example.org"):
        answer = client.post("/forgotten", data={"identifier": name}, follow_redirects=True)
        answers.append((answer.status_code, answer.request.path, answer.text))
    assert answers[0] == answers[1] == answers[2]
    assert list(db.session.scalars(select(PasswordLink.account_id))) == [account.id]
    assert db.session.scalar(select(Message.kind)) == "password_reset"


def test_a_link_asked_for_twice_on_the_desk_is_refused_in_words(app: Flask, as_user) -> None:
    city = make_unit()
    teacher = make_account(person=make_person("教师", unit_id=city.id))
    desk, path = as_user(make_organizer(city).id), f"/manage/accounts/{teacher.id}/link"
    assert desk.post(path).status_code == 303
    again = desk.post(path)
    assert (again.status_code, "刚寄过一封，5 分钟里只寄一封" in again.text) == (422, True)


def test_asking_too_often_is_slowed_for_unknown_addresses_too(app: Flask, client, monkeypatch) -> None:
    monkeypatch.setattr(limits, "LINKS_PER_IDENTIFIER", limits.RateLimitItemPerMinute(1, 15))
    monkeypatch.setattr("kexie_events.people.views.links.TAKES_SECONDS", 0)
    make_account(identifier="often@example.org")
    for name in ("often@example.org", "never@example.org"):
        codes = [client.post("/forgotten", data={"identifier": name}).status_code for _ in range(2)]
        assert codes == [303, 429]


def test_opening_a_link_uses_nothing_up_and_setting_the_password_signs_everybody_out(app: Flask, as_user) -> None:
    account = make_account()
    elsewhere = as_user(account.id)
    path = f"/set-password/{make_link(account)}"
    visitor = app.test_client()
    assert [visitor.get(path).status_code for _ in range(2)] == [200, 200]
    differing = visitor.post(path, data={"password": GOOD, "again": "别的"})
    assert (differing.status_code, "两次填的密码不一样" in differing.text) == (422, True)
    answer = visitor.post(path, data={"password": GOOD, "again": GOOD})
    assert answer.headers["Location"] == "/sign-in"
    assert elsewhere.get("/me").status_code == 303
    assert visitor.get(path).status_code == 404
    unknown = path[:-1] + ("A" if path[-1] != "A" else "B")
    assert visitor.get(unknown).text.replace(unknown, path) == visitor.get(path).text


def test_changing_the_own_password_keeps_this_browser_alone(app: Flask, as_user) -> None:
    account = make_account(password_hash=accounts.hash_password("the old password"))
    here, there = as_user(account.id), as_user(account.id)
    values = {"current": "wrong", "password": GOOD, "again": GOOD}
    wrong = here.post("/me/account/password", data=values)
    assert (wrong.status_code, "现在的密码不对" in wrong.text) == (422, True)
    assert here.post("/me/account/password", data={**values, "current": "the old password"}).status_code == 303
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)
    db.session.expire_all()
    accounts.sign_in(account.identifier, GOOD, now=NOON)


def test_signing_out_everywhere_else(app: Flask, as_user) -> None:
    account = make_account(person=make_person("李明"))
    here, there = as_user(account.id), as_user(account.id)
    page = here.get("/me/account").text
    assert (page.count(">这台设备<"), page.count(">别的设备<")) == (1, 1)
    here.post("/me/account/sessions")
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)
    assert len(list(db.session.scalars(select(SignIn.id)))) == 1


def test_an_empty_installation_has_calm_pages(app: Flask, client, as_user) -> None:
    for path in ("/", "/?list=open", "/?list=soon", "/?list=month", "/subscribe", "/sign-in", "/forgotten"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "None" not in flashed(answer.text), path
    assert "现在没有正在报名的活动" in client.get("/").text
    boss = as_user(make_administrator().id)
    for path in ("/manage", "/manage/series", "/manage/series/new", "/manage/venues", "/manage/rounds",
                 "/manage/rounds/new", "/manage/work-list", "/manage/units", "/manage/accounts", "/me"):  # fmt: skip
        assert boss.get(path, follow_redirects=True).status_code == 200, path


def test_a_corrected_name_moves_nobody_out_of_a_unit_that_is_closed(app: Flask, as_user) -> None:
    closed = make_unit(name="旧学会", valid_to=NOON.date() - timedelta(days=1))
    make_unit(name="市科协")
    account = make_account("李名", person=make_person("李名", unit_id=closed.id))
    desk = as_user(make_administrator().id)
    page = desk.get(f"/manage/accounts/{account.id}/change").text
    assert f'<option selected value="{closed.id}">旧学会</option>' in page
    answer = desk.post(f"/manage/accounts/{account.id}/change", data={"name": "李明", "unit_id": str(closed.id)})
    assert answer.status_code == 303
    person = db.session.get_one(Person, account.person_id, populate_existing=True)
    assert (person.name, person.unit_id) == ("李明", closed.id)
