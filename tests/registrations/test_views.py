"""Registering, the ticket and the organiser's list as a browser sees them."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kexie_events.audit.models import AuditRecord
from kexie_events.core import clock
from kexie_events.core.access import ANYBODY
from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.registrations import codes, services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_edition,
    make_occurrence,
    make_organizer,
    make_series,
    make_unit,
)
from tests.queries import counted

AsUser = Callable[[int], FlaskClient]
WAITING, WITHDRAWN = RegistrationState.WAITING, RegistrationState.WITHDRAWN


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is NOON for every request: the clock is the one thing that a view reads itself."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def address(occurrence: Occurrence) -> str:
    return f"/occurrences/{occurrence.id}/registration"


def key_in(page: str) -> str:
    found = re.search(r'name="submit_key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def state_of(page: str) -> str:
    found = re.search(r'<main [^>]*data-state="(\w+)"', page)
    assert found is not None
    return found[1]


def fill(occurrence: Occurrence, client: FlaskClient, **values: str) -> TestResponse:
    given = {"name": "李明", "phone": "13800000126", "email": "li@example.org", **values}
    return client.post(address(occurrence), data=given)


def come(occurrence: Occurrence, name: str, actor: Any = ANYBODY, **values: Any) -> Registration:
    defaults = {"email": f"{abs(hash(name))}@example.org", "submit_key": f"key-{name}", "arrived_at": NOON}
    return services.register(occurrence.id, name=name, actor=actor, **{**defaults, **values})


def many(occurrence: Occurrence, count: int) -> None:
    for n in range(count):
        come(occurrence, f"客{n}")


# ---- the form


def test_a_visitor_registers_and_comes_back_by_the_link(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence()
    page = client.get(address(occurrence))
    assert (page.status_code, page.text.count("<h1")) == (200, 1)
    answer = fill(occurrence, client, submit_key=key_in(page.text))
    row = db.session.scalars(select(Registration)).one()
    assert (answer.status_code, answer.location) == (303, f"/registrations/{codes.code_of(row.id)}")
    ticket = client.get(answer.location)
    assert (ticket.status_code, state_of(ticket.text)) == (200, "confirmed")
    assert "报名成功" in ticket.text
    assert "l***@example.org" in ticket.text
    assert "li@example.org" not in ticket.text
    assert f"{occurrence.id:04d}-0001" in ticket.text


def test_a_double_press_leads_to_the_same_ticket(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence()
    key = key_in(client.get(address(occurrence)).text)
    assert fill(occurrence, client, submit_key=key).location == fill(occurrence, client, submit_key=key).location
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_form_used_again_for_somebody_else_is_refused_once_and_then_has_a_key_of_its_own(
    app: Flask, client: FlaskClient
) -> None:
    occurrence = make_occurrence()
    key = key_in(client.get(address(occurrence)).text)
    fill(occurrence, client, submit_key=key)
    again = fill(occurrence, client, submit_key=key, name="王芳")
    assert (again.status_code, "这张表已经提交过一次" in again.text, "王芳" in again.text) == (422, True, True)
    fresh = key_in(again.text)
    assert fresh != key
    assert fill(occurrence, client, submit_key=fresh, name="王芳").status_code == 303


def test_a_client_without_our_key_is_served_all_the_same(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence()
    assert fill(occurrence, client).status_code == 303
    twice = fill(occurrence, client, submit_key="x\x00")
    assert (twice.status_code, "已经报过名" in twice.text) == (422, True)


def test_a_full_occurrence_offers_the_queue_and_says_how_many_wait(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence(capacity=1)
    many(occurrence, 3)
    page = client.get(address(occurrence)).text
    assert ("登记候补" in page, "名额已满" in page, "有 2 人排在前面" in page) == (True, True, True)
    ticket = client.get(fill(occurrence, client).location).text
    assert (state_of(ticket), "排在第 3 位" in ticket) == ("waiting", True)


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence()
    wrong = {"name": "<b>李</b>", "phone": "12", "email": "li@example.org"}
    page = client.post(address(occurrence), data=wrong)
    assert page.status_code == 422
    assert '<a href="#phone">手机号是 11 位数字，以 1 开头；座机请带区号。</a>' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'value="&lt;b&gt;李&lt;/b&gt;"' in page.text
    assert 'value="12"' in page.text
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u200b\u200b"}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "长" * 10_000}, "name"),
        ({"phone": "", "email": ""}, "phone"),
        ({"phone": "1" * 10_000}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 10_000 + "@example.org"}, "email"),
        ({"email": "li ming@example.org"}, "email"),
    ],
)
def test_hostile_input_is_a_422_with_a_link_to_the_field(
    app: Flask, client: FlaskClient, values: dict[str, str], field: str
) -> None:
    page = fill(make_occurrence(), client, **values)
    assert (page.status_code, f'<a href="#{field}">' in page.text) == (422, True)


def test_a_formula_for_a_name_is_shown_as_text(app: Flask, client: FlaskClient) -> None:
    answer = fill(make_occurrence(), client, name='=1+1<script>"')
    assert "=1+1&lt;script&gt;&#34;" in client.get(answer.location).text


# ---- when there is no form


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"opens_at": NOON + HOUR}, "报名还没有开始，3月11日（周三）13:00开放"),
        ({"closes_at": NOON}, "报名已于 3月11日（周三）12:00 截止"),
        ({"status": Status.CANCELLED, "reason": "台风"}, "这个场次已取消"),
        ({"opens_at": None}, "不需要报名"),
    ],
)
def test_a_shut_form_is_a_sentence_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient, changed: dict[str, Any], words: str
) -> None:
    occurrence = make_occurrence(**changed)
    page = client.get(address(occurrence))
    assert (page.status_code, words in page.text, "<form class" in page.text) == (409, True, False)
    answer = fill(occurrence, client)
    assert (answer.status_code, words in answer.text, "13800000126" in answer.text) == (422, True, True)
    invalid = fill(occurrence, client, name="")
    assert (invalid.status_code, words in invalid.text) == (422, True)


def test_the_very_second_decides(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    occurrence = make_occurrence(closes_at=NOON + timedelta(seconds=1))
    assert fill(occurrence, client).status_code == 303
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=1))
    late = fill(occurrence, client, name="王芳")
    assert (late.status_code, "截止" in late.text) == (422, True)


def test_what_is_not_public_is_not_there(app: Flask, client: FlaskClient) -> None:
    for publication in (Publication.DRAFT, Publication.WITHDRAWN):
        occurrence = make_occurrence(publication=publication)
        assert [client.get(address(occurrence)).status_code, fill(occurrence, client).status_code] == [404, 404]
    assert client.get("/occurrences/999999/registration").status_code == 404


# ---- signed in


def test_a_signed_in_person_finds_the_form_filled_in_and_then_the_ticket(app: Flask, as_user: AsUser) -> None:
    account = make_account("李明")
    browser, occurrence = as_user(account.id), make_occurrence()
    assert 'value="李明"' in browser.get(address(occurrence)).text
    ticket = fill(occurrence, browser).location
    again = browser.get(address(occurrence))
    assert (again.status_code, again.location) == (303, ticket)
    another = browser.get(f"{address(occurrence)}?another=1")
    assert (another.status_code, 'value="李明"' in another.text) == (200, False)


def test_a_registration_with_an_account_is_shown_to_its_account_and_to_those_who_run_it(
    app: Flask, client: FlaskClient, as_user: AsUser
) -> None:
    unit = make_unit()
    occurrence = make_occurrence(edition=make_edition(series=make_series(unit=unit)))
    account = make_account("李明")
    link = f"/registrations/{codes.code_of(come(occurrence, '李明', actor_of(account)).id)}"
    anonymous = client.get(link)
    assert (anonymous.status_code, anonymous.location) == (303, f"/sign-in?next={link}")
    visitors = [account, make_account("王芳"), make_organizer(unit), make_organizer(make_unit())]
    assert [as_user(one.id).get(link).status_code for one in visitors] == [200, 404, 200, 404]
    assert [as_user(one.id).get(f"{link}/withdraw").status_code for one in visitors] == [200, 404, 404, 404]
    assert [as_user(one.id).post(f"{link}/withdraw").status_code for one in visitors[1:]] == [404] * 3
    assert client.post(f"{link}/withdraw").status_code == 303
    assert db.session.scalar(select(Registration.state)) is RegistrationState.CONFIRMED


def test_a_wrong_code_is_not_found(app: Flask, client: FlaskClient) -> None:
    code = codes.code_of(come(make_occurrence(), "李明").id)
    wrong = ["1", "a" * 34, code[:-1], code + "a", code.upper(), codes.code_of(999)]
    assert [client.get(f"/registrations/{one}").status_code for one in wrong] == [404] * 6
    assert [client.post(f"/registrations/{one}/withdraw").status_code for one in wrong] == [404] * 6


# ---- withdrawing


def test_withdrawing_asks_once_more_and_then_gives_the_seat_to_the_next(app: Flask, client: FlaskClient) -> None:
    occurrence = make_occurrence(capacity=1)
    first, second = (come(occurrence, name) for name in ("李明", "王芳"))
    link = f"/registrations/{codes.code_of(first.id)}"
    assert f"{link}/withdraw" in client.get(link).text
    asked = client.get(f"{link}/withdraw")
    assert (asked.status_code, "确定退出报名吗" in asked.text) == (200, True)
    assert db.session.scalar(select(Registration.state).where(Registration.id == first.id)).value == "confirmed"
    for _ in range(2):
        answer = client.post(f"{link}/withdraw")
        assert (answer.status_code, answer.location) == (303, link)
    assert state_of(client.get(link).text) == "withdrawn"
    assert client.get(f"{link}/withdraw").status_code == 303
    assert state_of(client.get(f"/registrations/{codes.code_of(second.id)}").text) == "confirmed"


def test_a_cancelled_and_a_moved_occurrence_say_so_on_the_ticket(app: Flask, client: FlaskClient) -> None:
    moved = make_occurrence(moved_from_at=NOON + DAY)
    cancelled = make_occurrence()
    pages = []
    for occurrence in (moved, cancelled):
        link = f"/registrations/{codes.code_of(come(occurrence, '李明').id)}"
        if occurrence is cancelled:
            occurrence.status, occurrence.reason = Status.CANCELLED, "台风"
            db.session.commit()
        pages.append(client.get(link).text)
    assert "原定 3月12日（周四）12:00" in pages[0]
    assert '<h1 class="h1s">活动已取消</h1>' in pages[1]
    assert "原因：台风" in pages[1]


def test_after_the_end_nothing_can_be_changed(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    link = f"/registrations/{codes.code_of(come(make_occurrence(), '李明').id)}"
    monkeypatch.setattr(clock, "now", lambda: NOON + 100 * DAY)
    answers = [client.get(link), client.get(f"{link}/withdraw"), client.post(f"{link}/withdraw")]
    assert [answer.status_code for answer in answers] == [200, 422, 422]
    assert f"{link}/withdraw" not in answers[0].text


# ---- speed


def test_the_form_and_its_answer_take_few_queries_however_full_it_is(
    app: Flask, client: FlaskClient, as_user: AsUser
) -> None:
    for browser, waiting in ((client, 0), (client, 30), (as_user(make_account("李明").id), 30)):
        occurrence = make_occurrence(capacity=1 if waiting else 100)
        many(occurrence, waiting + 1)
        with counted() as statements:
            page = browser.get(address(occurrence))
            answer = fill(occurrence, browser, submit_key=key_in(page.text))
        assert answer.status_code == 303
        assert len(statements) <= 12


# ---- organisers


@pytest.fixture
def desk(app: Flask, as_user: AsUser) -> tuple[FlaskClient, Occurrence]:
    """An organiser's browser, and an occurrence of theirs with two seats taken and one person waiting."""
    unit = make_unit()
    occurrence = make_occurrence(edition=make_edition(series=make_series(unit=unit)), capacity=2)
    come(occurrence, "李明", phone="13800000126", email="li.ming@example.org")
    come(occurrence, "=王芳", phone="", email="wang@example.org")
    come(occurrence, "张伟", phone="+85261234567", email="")
    return as_user(make_organizer(unit).id), occurrence


def test_the_list_shows_who_comes_with_contacts_masked(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    page = browser.get(f"/manage/occurrences/{occurrence.id}/registrations")
    assert (page.status_code, page.text.count("<h1")) == (200, 1)
    shown = ["李明", "138****0126", "l***@example.org", "=王芳", "张伟", "已报名 2 人，名额 2 人，候补 1 人"]
    assert [words for words in shown if words not in page.text] == []
    assert [words for words in ("13800000126", "li.ming@example.org", "wang@") if words in page.text] == []


def test_a_search_may_hold_anything(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    page = f"/manage/occurrences/{occurrence.id}/registrations"
    for words in ("%00", "li.ming%00@example.org", "%ff", "%25_", "%E2%80%AE"):
        assert browser.get(f"{page}?q={words}").status_code == 200


def names_in(page: str) -> list[str]:
    return re.findall(r'class="c-name">([^<]+)<', page)


def test_the_list_is_narrowed_by_state_and_by_words_but_never_by_part_of_what_is_masked(
    desk: tuple[FlaskClient, Occurrence],
) -> None:
    browser, occurrence = desk
    base = f"/manage/occurrences/{occurrence.id}/registrations"
    found = {
        query: names_in(browser.get(base, query_string=query).text)
        for query in (
            "state=waiting", "state=nonsense", "q=明", "q=13800000126", "q=1380000", "q=li.ming", "q=%25",
            "q=li.ming@example.org", f"q={occurrence.id:04d}-0003", "q=3", "page=99",
        )
    }  # fmt: skip
    everybody = ["李明", "=王芳", "张伟"]
    assert found == {
        "state=waiting": ["张伟"], "state=nonsense": everybody, "q=明": ["李明"], "q=13800000126": ["李明"],
        "q=1380000": [], "q=li.ming": [], "q=%25": [], "q=li.ming@example.org": ["李明"],
        f"q={occurrence.id:04d}-0003": ["张伟"], "q=3": ["张伟"], "page=99": everybody,
    }  # fmt: skip


def test_the_list_makes_the_same_queries_for_one_row_and_for_many(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    url = f"/manage/occurrences/{occurrence.id}/registrations"
    numbers = []
    for _ in range(2):
        with counted() as statements:
            browser.get(url)
        numbers.append(len(statements))
        many(occurrence, 30)
    assert numbers[0] == numbers[1]


def test_an_organizer_takes_somebody_off_with_a_reason(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    base = f"/manage/occurrences/{occurrence.id}/registrations"
    row = db.session.scalars(select(Registration).where(Registration.line == 1)).one()
    opened = browser.get(base, query_string={"open": row.id})
    assert "为 李明 退出报名" in opened.text
    refused = browser.post(f"{base}/{row.id}/withdraw", data={"reason": " "})
    assert (refused.status_code, "请填写原因" in refused.text) == (422, True)
    answer = browser.post(f"{base}/{row.id}/withdraw", data={"reason": "重复报名"})
    assert (answer.status_code, answer.location) == (303, base)
    db.session.expire_all()
    states = db.session.scalars(select(Registration.state).order_by(Registration.line)).all()
    assert [state.value for state in states] == ["withdrawn", "confirmed", "confirmed"]


def test_who_is_taken_off_after_the_end_stays_on_the_list(
    desk: tuple[FlaskClient, Occurrence], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, occurrence = desk
    row = db.session.scalars(select(Registration).where(Registration.line == 1)).one()
    monkeypatch.setattr(clock, "now", lambda: NOON + 100 * DAY)
    url = f"/manage/occurrences/{occurrence.id}/registrations/{row.id}/withdraw"
    answer = browser.post(url, data={"reason": "没来"})
    assert (answer.status_code, "报名记录不能再改" in answer.text) == (422, True)


def test_more_places_are_previewed_before_they_are_given(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    url = f"/manage/occurrences/{occurrence.id}/registrations/capacity"
    assert 'value="2"' in browser.get(url).text
    preview = browser.get(f"{url}?capacity=５").text
    assert ("名额从 2 改为 5" in preview, "最前面的 1 人会得到名额" in preview) == (True, True)
    db.session.expire_all()
    assert db.session.get(Occurrence, occurrence.id).capacity == 2
    for wrong in ("1", "0", "9999999", "abc", "-3"):
        for page in (browser.get(url, query_string={"capacity": wrong}), browser.post(url, data={"capacity": wrong})):
            assert (page.status_code, '<a href="#capacity">' in page.text) == (422, True)
    assert browser.post(url, data={"capacity": "5"}).status_code == 303
    db.session.expire_all()
    changed = db.session.get(Occurrence, occurrence.id)
    assert (changed.capacity, changed.taken) == (5, 3)
    assert browser.post(url, data={"capacity": ""}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Occurrence, occurrence.id).capacity is None


def rows_of(answer: TestResponse) -> list[list[str]]:
    assert answer.data[:3] == b"\xef\xbb\xbf"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_export_is_masked_and_the_whole_one_asks_why(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    url = f"/manage/occurrences/{occurrence.id}/registrations/list.csv"
    answer = browser.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    head = ["报名号", "姓名", "手机号", "邮箱", "状态", "登记时间"]
    at, number = "2026-03-11 12:00:00", f"{occurrence.id:04d}"
    assert rows_of(answer) == [
        head,
        [f"{number}-0001", "李明", "138****0126", "l***@example.org", "已报名", at],
        [f"{number}-0002", "'=王芳", "", "w***@example.org", "已报名", at],
        [f"{number}-0003", "张伟", "'+85****4567", "", "候补中", at],
    ]
    refused = browser.post(url)
    assert (refused.status_code, "请填写原因" in refused.text) == (422, True)
    whole = browser.post(url, data={"export-reason": "现场核对"})
    assert [row[2] for row in rows_of(whole)] == ["手机号", "13800000126", "", "+85261234567"]
    record = db.session.scalars(select(AuditRecord)).one()
    assert (record.verb, record.details) == ("registrations.exported", {"reason": "现场核对"})


def test_another_district_and_everybody_else_find_nothing(
    desk: tuple[FlaskClient, Occurrence], client: FlaskClient, as_user: AsUser
) -> None:
    _, occurrence = desk
    stranger = as_user(make_organizer(make_unit()).id)
    base = f"/manage/occurrences/{occurrence.id}/registrations"
    row = db.session.scalars(select(Registration).where(Registration.line == 1)).one()
    gets = [base, f"{base}?open={row.id}", f"{base}/capacity", f"{base}/capacity?capacity=9", f"{base}/list.csv"]
    posts = [f"{base}/{row.id}/withdraw", f"{base}/capacity", f"{base}/list.csv"]
    data = {"reason": "x", "export-reason": "x", "capacity": "9"}
    assert [stranger.get(url).status_code for url in gets] == [404] * 5
    assert [stranger.post(url, data=data).status_code for url in posts] == [404] * 3
    assert [as_user(make_account().id).get(url).status_code for url in gets] == [404] * 5
    assert [client.get(url).status_code for url in gets] == [303] * 5
    assert [client.post(url, data=data).status_code for url in posts] == [403] * 3
    db.session.expire_all()
    assert (row.state, db.session.get(Occurrence, occurrence.id).capacity) == (RegistrationState.CONFIRMED, 2)


def test_a_registration_of_another_occurrence_is_not_opened_here(desk: tuple[FlaskClient, Occurrence]) -> None:
    browser, occurrence = desk
    other = come(make_occurrence(), "别人")
    base = f"/manage/occurrences/{occurrence.id}/registrations"
    assert browser.get(base, query_string={"open": other.id}).status_code == 404
    assert browser.post(f"{base}/{other.id}/withdraw", data={"reason": "x"}).status_code == 404
