"""The pages of judges, blind, and those of organisers."""

import io
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select, update

from kexie_events.accounts.models import Grant
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.entries.models import EntryFile
from kexie_events.judging import queries, services
from kexie_events.judging.models import Assignment, Round
from kexie_events.judging.rules import RoundState
from tests.build import DAY, NOON, make_account, make_entry, make_judge, make_organizer, make_round, make_unit
from tests.judging.test_services import POINTS, City, submit, versions_of, who
from tests.queries import counted

AsUser = Callable[[int], FlaskClient]
FORM = {f"c-{code}": value for code, value in POINTS.items()}


@pytest.fixture
def begun(app: Flask, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    city = City()
    city.assign()
    city.open()
    return city


@pytest.fixture
def judge(begun: City, as_user: AsUser) -> FlaskClient:
    return as_user(begun.judge.account_id)


def seats(city: City) -> list[Assignment]:
    return queries.own_seats(city.round.id, city.judge.account_id)


def form(**changed: str) -> dict[str, str]:
    return {**FORM, "base": "0", "operation": str(uuid.uuid4()), "note": "", **changed}


# ---- judges


def test_the_queue_leads_to_the_next_one_and_filters(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    submit(rows[0], begun.judge)
    page = judge.get("/judge").text
    assert f"已评 1 件，共 {len(rows)} 件" in page
    assert f"继续：{rows[1].code}" in page
    assert "80–89" in page
    done = judge.get("/judge?state=done").text
    assert rows[0].code in done
    assert f">{rows[2].code}</a>" not in done


def test_a_judge_without_work_is_told_so(app: Flask, as_user: AsUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    city = City()
    page = as_user(city.judge.account_id).get("/judge")
    assert (page.status_code, "现在没有要评的作品" in page.text) == (200, True)


def test_a_sheet_is_submitted_without_script_and_leads_to_the_next(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    answer = judge.post(f"/judge/assignments/{rows[0].id}", data=form(note="思路清楚"))
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/judge/assignments/{rows[1].id}?saved={rows[0].code}",
    )
    assert f"{rows[0].code} 的评分已提交" in judge.get(answer.headers["Location"]).text
    again = judge.get(f"/judge/assignments/{rows[0].id}").text
    assert 'value="23.5"' in again
    assert "思路清楚" in again


def test_saving_a_sheet_asks_little_of_the_database(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    with counted() as statements:
        assert judge.post(f"/judge/assignments/{rows[0].id}", data=form()).status_code == 303
    assert len(statements) == 8


def test_a_sheet_is_shown_with_little_asked_of_the_database(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    with counted() as statements:
        assert judge.get(f"/judge/assignments/{rows[0].id}").status_code == 200
    assert len(statements) == 4  # who asks, the sheet, the judge's other works, the files


def test_a_double_tap_is_one_submission(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    body = form()
    assert [judge.post(f"/judge/assignments/{row.id}", data=body).status_code for _ in range(2)] == [303, 303]
    assert [sheet.revision for sheet in versions_of(row.id)] == [1]


def test_after_the_last_one_the_queue_says_that_all_is_done(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    for row in rows[:-1]:
        submit(row, begun.judge)
    answer = judge.post(f"/judge/assignments/{rows[-1].id}", data=form())
    assert answer.headers["Location"] == f"/judge?round={begun.round.id}"
    assert "全部评完了" in judge.get(answer.headers["Location"]).text


def test_every_fault_stands_at_its_field_and_what_was_typed_stays(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    answer = judge.post(f"/judge/assignments/{row.id}", data=form(**{"c-inno": "31", "c-sci": "", "c-expr": "７．５"}))
    assert answer.status_code == 422
    assert "“创新性”填 0 到 30，最小单位 0.5 分。" in answer.text
    assert "请给“科学性”打分。" in answer.text
    assert 'href="#c-inno"' in answer.text
    assert 'value="31"' in answer.text
    assert versions_of(row.id) == []


def test_a_page_that_another_device_has_overtaken_asks_once_more(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    submit(row, begun.judge, points={**POINTS, "inno": "10"})
    answer = judge.post(f"/judge/assignments/{row.id}", data=form())
    assert answer.status_code == 409
    assert "在另一台设备上改过" in answer.text
    base = re.search(r'name="base"[^>]*value="(\d+)"', answer.text)
    assert base is not None
    assert judge.post(f"/judge/assignments/{row.id}", data=form(base=base[1])).status_code == 303


def test_a_closed_round_is_shown_and_takes_no_more(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    submit(row, begun.judge)
    services.close_round(begun.round.id, actor=begun.organizer, now=NOON)
    page = judge.get(f"/judge/assignments/{row.id}").text
    assert "23.5 / 30 分" in page
    assert 'name="c-inno"' not in page
    answer = judge.post(f"/judge/assignments/{row.id}", data=form(base="1"))
    assert (answer.status_code, "评审已经结束" in answer.text) == (422, True)


# ---- drafts of the script


def put(client: FlaskClient, row: Assignment, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return client.put(f"/judge/assignments/{row.id}/draft", json=body, headers=headers)


def test_a_draft_is_answered_with_its_revision_and_a_replay_with_the_same(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    body = {"base": 0, "points": {"inno": "20"}, "note": "好"}
    # A browser without a secure context has no randomUUID and makes keys of its own.
    answers = [put(judge, row, body, key="1770000000-k3j2") for _ in range(2)]
    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"revision": 1})] * 2


def test_a_stale_draft_is_answered_with_the_servers_copy(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    put(judge, row, {"base": 0, "points": {"inno": "20"}, "note": "好"})
    answer = put(judge, row, {"base": 0, "points": {"inno": "21"}, "note": ""})
    assert (answer.status_code, answer.json) == (409, {"revision": 1, "points": {"inno": "20"}, "note": "好"})


def test_a_wrong_draft_is_answered_with_a_sentence(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    answer = put(judge, row, {"base": 0, "points": {"inno": "99"}, "note": ""})
    assert (answer.status_code, answer.json["error"]) == (422, "“创新性”填 0 到 30，最小单位 0.5 分。")


@pytest.mark.parametrize(
    "body",
    [[], {}, {"base": 0}, {"base": "0", "points": {}}, {"base": 0, "points": {"inno": 3}}, {"base": 0, "points": []}],
)
def test_what_no_script_of_ours_sends_is_refused(begun: City, judge: FlaskClient, body: Any) -> None:
    (row, *_) = seats(begun)
    assert put(judge, row, body).status_code == 400
    assert judge.put(f"/judge/assignments/{row.id}/draft", json={"base": 0, "points": {}}).status_code == 400


# ---- blind


def test_nothing_of_author_school_or_number_is_on_any_page_or_header(
    begun: City, judge: FlaskClient, app: Flask
) -> None:
    (row, *_) = seats(begun)
    entry = next(entry for entry in begun.entries if entry.id == row.entry_id)
    entry.number = 7777
    db.session.get_one(type(entry.unit), entry.unit_id).name = "秘密中学"
    kept = current_app.extensions["kexie"].storage.keep(io.BytesIO(b"%PDF-1.7 report"), largest=1 << 20)
    db.session.add(
        EntryFile(
            id=88881, entry_id=entry.id, name="秘密中学李明.pdf", media_type="application/pdf", size=kept.size,
            sha256=kept.sha256, added_at=NOON,
        )
    )  # fmt: skip
    db.session.commit()
    addresses = ["/judge", f"/judge/assignments/{row.id}", f"/judge/assignments/{row.id}/recuse"]
    answers = [judge.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    file = judge.get(f"/judge/assignments/{row.id}/files/1")
    for answer in (*answers, file):
        seen = answer.get_data(as_text=True) + str(answer.headers)
        for secret in ("秘密中学", "李明", "7777", "88881", kept.sha256):
            assert secret not in seen
    assert "材料1.pdf" in answers[1].text
    assert file.data == b"%PDF-1.7 report"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert (file.headers.get("Last-Modified"), file.headers.get("ETag")) == (None, None)
    file.close()
    assert judge.get(f"/judge/assignments/{row.id}/files/2").status_code == 404


def test_what_is_not_ones_own_does_not_exist(begun: City, judge: FlaskClient) -> None:
    own = {row.id for row in seats(begun)}
    foreign = next(row.id for row in queries.own_seats(begun.round.id, begun.judges[1].account_id) if row.id not in own)
    paths = ["", "/files/1", "/recuse"]
    assert [judge.get(f"/judge/assignments/{foreign}{path}").status_code for path in paths] == [404] * 3
    assert judge.post(f"/judge/assignments/{foreign}", data=form()).status_code == 404
    assert put(judge, db.session.get_one(Assignment, foreign), {"base": 0, "points": {}}).status_code == 404


def test_a_judge_whose_grant_was_taken_back_finds_nothing_at_the_next_request(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    other = make_judge(make_round(), account=begun.judge.account)  # still a judge, but elsewhere
    assert "初评" in judge.get("/me").text
    db.session.execute(
        update(Grant)
        .where(Grant.account_id == other.account_id, Grant.round_id == begun.round.id)
        .values(valid_from=NOON.date() - 2 * DAY, valid_to=NOON.date())
    )
    db.session.commit()
    paths = ["", "/files/1", "/recuse"]
    assert [judge.get(f"/judge/assignments/{row.id}{path}").status_code for path in paths] == [404] * 3
    assert judge.post(f"/judge/assignments/{row.id}", data=form()).status_code == 404
    assert put(judge, row, {"base": 0, "points": {}}).status_code == 404
    assert row.code not in judge.get(f"/judge?round={begun.round.id}").text
    assert f"round={begun.round.id}" not in judge.get("/me").text


def test_only_judges_come_to_the_queue(begun: City, as_user: AsUser, client: FlaskClient) -> None:
    assert as_user(make_account().id).get("/judge").status_code == 404
    assert client.get("/judge").headers["Location"].startswith("/sign-in")


def test_a_judge_steps_back_on_a_page_of_its_own(begun: City, judge: FlaskClient) -> None:
    (row, *_) = seats(begun)
    address = f"/judge/assignments/{row.id}/recuse"
    assert judge.post(address, data={"reason": ""}).status_code == 422
    answers = [judge.post(address, data={"reason": "我指导过这个学生"}).status_code for _ in range(2)]
    assert answers == [303, 303]  # the second press too
    assert judge.get(f"/judge/assignments/{row.id}").status_code == 404


# ---- organisers


@pytest.fixture
def organizer(begun: City, as_user: AsUser) -> FlaskClient:
    assert begun.organizer.account_id is not None
    return as_user(begun.organizer.account_id)


def test_rounds_are_listed_with_their_progress(begun: City, organizer: FlaskClient) -> None:
    submit(seats(begun)[0], begun.judge)
    page = organizer.get("/manage/rounds").text
    assert "初评" in page
    assert "1 / 18 份" in page


def test_a_round_is_set_up_filled_assigned_opened_and_closed_from_the_pages(
    begun: City, organizer: FlaskClient
) -> None:
    body = {
        "edition_id": str(begun.edition.id), "name": "复评", "opens_at": "2026-03-11T09:00",
        "closes_at": "2026-03-20T17:00", "judges_per_entry": "1",
    }  # fmt: skip
    page = organizer.post("/manage/rounds/new", data=body).headers["Location"]
    round_ = db.session.get_one(Round, int(page.rpartition("/")[2]))
    assert (round_.position, round_.opens_at.isoformat()) == (2, "2026-03-11T01:00:00+00:00")
    account = make_account("赵老师", identifier="zhao@example.org")
    added = organizer.post(
        f"{page}/judges",
        data={"identifier": account.identifier, "disciplines": ["TD"], "least_load": "0", "most_load": "9"},
    )
    assert added.status_code == 303
    assert organizer.post(f"{page}/assign").status_code == 303
    assert "6 件作品分给 1 位评委，共 6 份" in organizer.get(page).text
    assert "确定开放" in organizer.get(f"{page}?confirm=open").text
    assert organizer.post(f"{page}/open").status_code == 303
    assert "确定结束" in organizer.get(f"{page}?confirm=close").text
    assert organizer.post(f"{page}/close").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Round, round_.id).state is RoundState.CLOSED


ROUND = {"name": "复评", "opens_at": "2026-03-11T09:00", "closes_at": "2026-03-20T17:00", "judges_per_entry": "1"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "请填写评审轮的名称，最多 40 个字。"),
        ({"name": "\u200b\u202e"}, "请填写评审轮的名称，最多 40 个字。"),
        ({"name": "初评"}, "这一届已有叫“初评”的评审轮。"),
        ({"opens_at": "2026-02-30T09:00"}, "请填写存在的日期和时间，例如 2026-03-20 14:00。"),
        ({"opens_at": " "}, "请填写评审开始的时间"),
        ({"opens_at": "0001-01-01T00:00"}, "日期的年份要在 1900 到 2200 之间。"),
        ({"closes_at": "9999-12-31T23:59"}, "日期的年份要在 1900 到 2200 之间。"),
        ({"judges_per_entry": "三"}, "请填写整数。"),
        ({"edition_id": "999"}, "请从列表里选一项。"),
    ],
)
def test_a_wrong_round_is_answered_with_a_sentence_and_changes_nothing(
    begun: City, organizer: FlaskClient, typed: dict[str, str], said: str
) -> None:
    answer = organizer.post("/manage/rounds/new", data={"edition_id": str(begun.edition.id), **ROUND, **typed})
    assert (answer.status_code, said in answer.text, "Not a valid" in answer.text) == (422, True, False)
    assert len(db.session.scalars(select(Round)).all()) == 1
    assert organizer.get("/manage/rounds").status_code == 200


def test_a_round_sent_twice_is_one_and_a_zero_byte_is_dropped(begun: City, organizer: FlaskClient) -> None:
    body = {"edition_id": str(begun.edition.id), **ROUND, "name": "复\x00评"}
    assert [organizer.post("/manage/rounds/new", data=body).status_code for _ in range(2)] == [303, 422]
    assert [row.name for row in db.session.scalars(select(Round).order_by(Round.id))] == ["初评", "复评"]


def test_what_cannot_be_assigned_is_told_in_words(begun: City, organizer: FlaskClient) -> None:
    make_entry(edition=begun.edition)
    for judge in begun.judges:
        judge.most_load = 4
    db.session.commit()
    answer = organizer.post(f"/manage/rounds/{begun.round.id}/assign")
    assert answer.status_code == 422
    assert "要 21 份评分，评委最多只能给" in answer.text
    assert "放宽其中一条即可：评委最多件数。" in answer.text


def test_a_wrong_judge_form_keeps_what_was_typed(begun: City, organizer: FlaskClient) -> None:
    address = f"/manage/rounds/{begun.round.id}/judges"
    answer = organizer.post(address, data={"identifier": "nobody@example.org", "most_load": "9"})
    assert answer.status_code == 422
    assert 'id="identifier-e">没有 nobody@example.org 这个账号' in answer.text
    assert 'value="nobody@example.org"' in answer.text


def test_a_judge_who_has_lost_the_role_stands_on_the_page_as_such(begun: City, organizer: FlaskClient) -> None:
    page = f"/manage/rounds/{begun.round.id}"
    assert "没有授权" not in organizer.get(page).text
    db.session.execute(update(Grant).where(Grant.account_id == begun.judge.account_id).values(valid_to=NOON.date()))
    db.session.commit()
    text = organizer.get(page).text
    assert text.count("没有授权") == 1
    assert "4 位，最多能评 120 份" in text


def test_recusals_are_shown_with_what_is_missing(begun: City, organizer: FlaskClient) -> None:
    services.recuse(seats(begun)[0].id, reason="认识作者", actor=who(begun.judge), now=NOON)
    page = organizer.get(f"/manage/rounds/{begun.round.id}").text
    assert "认识作者" in page
    assert "缺 1 位" in page


def test_the_ranking_names_the_method_the_places_and_what_decided(begun: City, organizer: FlaskClient) -> None:
    codes = sorted({row.code for row in seats(begun)})
    for judge in begun.judges:
        for row in queries.own_seats(begun.round.id, judge.account_id):
            first = codes and row.code == codes[0]
            submit(row, judge, points={**POINTS, "inno": "20" if first else "23.5", "sci": "32" if first else "28.5"}
                   if not first else {**POINTS, "inno": "22", "sci": "30"})  # fmt: skip
    page = organizer.get(f"/manage/rounds/{begun.round.id}/ranking").text
    assert "得分是全部评委的平均分，四舍五入到 0.01 分。" in page
    assert "“创新性”的平均分" in page
    assert "85.50" in page
    table = organizer.get(f"/manage/rounds/{begun.round.id}/ranking.csv")
    lines = table.text.lstrip("\ufeff").splitlines()
    assert lines[0] == "组别,名次,代码,作品名称,得分,原始均分,份数,极差,同分判定"
    assert len(lines) == 7
    assert lines[-1].startswith("初中组,")
    assert table.headers["Content-Disposition"] == f'attachment; filename="ranking-{begun.round.id}.csv"'


def test_a_title_that_a_spreadsheet_would_run_is_text(begun: City, organizer: FlaskClient) -> None:
    row = seats(begun)[0]
    entry = next(entry for entry in begun.entries if entry.id == row.entry_id)
    entry.title = "=1+1"
    db.session.commit()
    submit(row, begun.judge)
    assert ",'=1+1," in organizer.get(f"/manage/rounds/{begun.round.id}/ranking.csv").text


def test_a_stranger_finds_no_round(begun: City, as_user: AsUser) -> None:
    stranger = as_user(make_organizer(make_unit()).id)
    base = f"/manage/rounds/{begun.round.id}"
    assert [stranger.get(base + path).status_code for path in ("", "/ranking", "/ranking.csv")] == [404] * 3
    assert [stranger.post(base + path).status_code for path in ("/assign", "/open", "/close", "/judges")] == [404] * 4
    assert "还没有评审轮" in stranger.get("/manage/rounds").text


@pytest.mark.parametrize("path", ["/manage/rounds", "/manage/rounds/{}", "/manage/rounds/{}/ranking"])
def test_pages_ask_the_database_as_often_for_many_rows_as_for_one(
    begun: City, organizer: FlaskClient, path: str
) -> None:
    address = path.format(begun.round.id)
    submit(seats(begun)[0], begun.judge)
    organizer.get(address)
    with counted() as few:
        organizer.get(address)
    for n in range(24):
        make_entry(edition=begun.edition)
        make_judge(begun.round, f"评委{n + 10}")
    begun.assign()
    for row in seats(begun):
        if not versions_of(row.id):
            submit(row, begun.judge)
    with counted() as many:
        organizer.get(address)
    assert len(many) == len(few) <= 9


def test_a_judges_pages_ask_no_more_for_many_works(begun: City, judge: FlaskClient) -> None:
    rows = seats(begun)
    addresses = ["/judge", f"/judge/assignments/{rows[0].id}"]
    for address in addresses:
        with counted() as few:
            judge.get(address)
        for _ in range(10):
            make_entry(edition=begun.edition)
        begun.assign()
        with counted() as many:
            judge.get(address)
        assert len(many) == len(few) <= 9


def test_totals_are_shown_as_people_write_them(begun: City, judge: FlaskClient) -> None:
    submit(seats(begun)[0], begun.judge)
    assert queries.tasks(begun.round.id, begun.judge.account_id)[0].total == Decimal("85.50")
    assert ">85.5<" in judge.get("/judge").text
    assert begun.round.closes_at == NOON + 7 * DAY
