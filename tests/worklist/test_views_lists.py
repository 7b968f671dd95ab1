"""The pages of a list: the board, one item, reporting, departments and settings."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kexie_events.core import clock
from kexie_events.core.access import SYSTEM as SYS
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Series
from kexie_events.worklist import services
from kexie_events.worklist.models import WorkItem, WorkList, WorkReport
from kexie_events.worklist.progress import Period, State, spans
from kexie_events.worklist.services import Entry
from tests.build import DAY, NOON, make_edition, make_organizer, make_series, make_unit
from tests.queries import counted
from tests.worklist.lists import TABLE, City, make_city
from tests.worklist.test_lists import FORUM, MUSEUM, SOCIETIES, TOGETHER, forum
from tests.worklist.test_views import hidden, send

BOARD = "/manage/work-list"
APRIL = NOON + 25 * DAY  # 5 April: the first quarter is over


@pytest.fixture
def city(app: Flask, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setattr(clock, "now", lambda: APRIL)
    return make_city()


@pytest.fixture
def desk(city: City, as_user) -> FlaskClient:
    return as_user(city.owner.id)


@pytest.fixture
def academics(city: City, as_user) -> FlaskClient:
    return as_user(city.academics.id)


def named(page: str) -> list[str]:
    """The items on a board, in order."""
    return re.findall(r'<h3><a href="[^"]*">([^<]*)</a></h3>', page)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- the board --------------------------------------------------------------------------------------------------


def test_the_board_says_what_is_done_what_is_late_and_who_has_not_reported(desk: FlaskClient, city: City) -> None:
    services.set_state(city.id_of(MUSEUM), State.LATE, reason="展品未到", expected_revision=0, actor=SYS, now=NOON)
    page = words(desk.get(BOARD).text)
    assert "2026年市科协工作项目化推进清单" in page
    assert "已超期 1" in page
    assert "需要推一把 科技馆体系建设 已超期" in page
    assert "第1季度还没有报 学会学术部 2 项、科学技术普及部 1 项、相关部室和单位 1 项" in page
    assert "人工" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=late", [MUSEUM]),
        ("state=planned", [FORUM, SOCIETIES, TOGETHER]),
        ("department=学会学术部", [FORUM, SOCIETIES]),
        ("department=课堂内外公司", [MUSEUM]),
        ("section=2", [MUSEUM, TOGETHER]),
        ("q=建设", [MUSEUM, SOCIETIES]),  # late first
        ("q=宣传部", [FORUM]),
        ("q=<b>", []),
        ("state=nothing", []),
        ("section=99", [MUSEUM, FORUM, SOCIETIES, TOGETHER]),
        ("page=99", [FORUM, SOCIETIES, MUSEUM, TOGETHER]),
    ],
)
def test_the_board_is_narrowed_and_late_stands_first(
    desk: FlaskClient, city: City, query: str, expected: list[str]
) -> None:
    services.set_state(city.id_of(MUSEUM), State.LATE, reason="展品未到", expected_revision=0, actor=SYS, now=NOON)
    page = desk.get(f"{BOARD}?year=2026&{query}")
    assert page.status_code == 200
    found = named(page.text)
    assert sorted(found) == sorted(expected)
    if query.startswith("q="):
        assert found == expected


def test_a_supervisor_has_no_form_to_fill_and_a_department_only_its_own(
    academics: FlaskClient, city: City, as_user
) -> None:
    page = academics.get(BOARD).text
    assert named(page) == [FORUM, SOCIETIES, MUSEUM, TOGETHER]
    for forbidden in ("/import", "/settings", "/items/new"):
        assert f'work-list{forbidden}"' not in page
        assert f"{forbidden}?" not in page
    assert f"/manage/work-list/lists/{city.list_id}/report" in page
    assert f'<form method="post" action="{BOARD}' not in page


@pytest.mark.parametrize("rows", [40, 1000])
def test_the_board_asks_six_times_at_most_for_forty_rows_and_for_a_thousand(
    city: City, desk: FlaskClient, rows: int
) -> None:
    values = [
        {"list_id": city.list_id, "section": f"板块{n // 250}", "section_position": 9, "number": n % 250 + 1,
         "name": f"工作{n}", "changed_at": NOON}
        for n in range(rows)
    ]  # fmt: skip
    db.session.execute(WorkItem.__table__.insert(), values)
    db.session.commit()
    desk.get(BOARD)
    with counted() as statements:
        page = desk.get(BOARD)
    assert page.status_code == 200
    assert len(statements) <= 6, statements
    assert len(named(page.text)) == min(rows + 4, 200)


# --- reporting --------------------------------------------------------------------------------------------------


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the report form."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in given and (given.get("type") != "checkbox" or "checked" in tag):
            found[given["name"]] = given.get("value", "")
    return found


def test_one_form_with_one_line_for_each_open_item_of_my_department(academics: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}/report"
    page = academics.get(path).text
    assert re.findall(r'<li id="item-(\d+)"', page) == [str(city.id_of(FORUM)), str(city.id_of(SOCIETIES))]
    fields = fields_of(page)
    goals = {goal.unit: goal.id for goal in city.items()[SOCIETIES].goals}
    fields[f"words-{city.id_of(SOCIETIES)}"] = "建了十个"
    fields[f"actual-{goals['个']}"] = "１０"  # as an input method gives it
    fields[f"evidence-{city.id_of(SOCIETIES)}"] = "https://example.org/a.pdf"
    for _ in range(2):
        saved = academics.post(path, data=fields)
        assert saved.status_code == 303
    report = db.session.scalars(select(WorkReport)).one()
    assert (report.words, report.last_on, report.n) == ("建了十个", spans(2026, Period.QUARTER)[0].last_on, 1)
    assert report.account_id == city.academics.id
    assert city.items()[SOCIETIES].goals[0].actual == 10


def test_what_is_wrong_is_said_at_its_line_and_nothing_is_lost(academics: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}/report"
    fields = fields_of(academics.get(path).text)
    goals = {goal.unit: goal.id for goal in city.items()[SOCIETIES].goals}
    fields[f"words-{city.id_of(FORUM)}"] = "办了两期"
    fields[f"words-{city.id_of(SOCIETIES)}"] = "<b>建了</b>"
    fields[f"actual-{goals['个']}"] = "十个"
    page = academics.post(path, data=fields)
    assert page.status_code == 422
    assert "完成数要是不小于 0 的数字" in page.text
    assert 'value="办了两期"' in page.text
    assert 'value="&lt;b&gt;建了&lt;/b&gt;"' in page.text
    assert 'value="十个"' in page.text
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 0


def test_whoever_reports_second_sees_what_the_first_wrote_and_may_save_again(
    desk: FlaskClient, academics: FlaskClient, city: City
) -> None:
    path = f"{BOARD}/lists/{city.list_id}/report"
    id = city.id_of(SOCIETIES)
    mine, theirs = fields_of(desk.get(path).text), fields_of(academics.get(path).text)
    assert academics.post(path, data={**theirs, f"words-{id}": "建了十个"}).status_code == 303
    page = desk.post(path, data={**mine, f"words-{id}": "建了八个"})
    assert page.status_code == 409
    assert "刚才有人填了这一项：建了十个" in page.text
    assert 'value="建了八个"' in page.text
    assert desk.post(path, data=fields_of(page.text)).status_code == 303
    reports = db.session.scalars(select(WorkReport).where(WorkReport.item_id == id).order_by(WorkReport.n)).all()
    assert [report.words for report in reports] == ["建了十个", "建了八个"]
    history = words(desk.get(f"{BOARD}/items/{id}").text)
    assert "第1季度（更正 1） 建了八个" in history
    assert "建了十个" in history


def test_a_form_from_elsewhere_reports_nothing_that_is_not_ones_own(academics: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}/report"
    id = city.id_of(MUSEUM)
    academics.post(path, data={f"words-{id}": "不是我的", f"base-{id}": "0"})
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 0


def test_what_is_derived_is_not_asked_for(desk: FlaskClient, city: City) -> None:
    series = forum(city, held=1, planned=1)
    services.link(city.id_of(FORUM), series.id, None, actor=SYS, now=NOON)
    page = desk.get(f"{BOARD}/lists/{city.list_id}/report").text
    assert f'id="item-{city.id_of(FORUM)}"' not in page
    assert f'id="item-{city.id_of(SOCIETIES)}"' in page
    assert "由活动推算，不用填报。" in desk.get(f"{BOARD}/items/{city.id_of(FORUM)}").text


def test_a_year_that_has_not_begun_has_nothing_to_report(desk: FlaskClient, city: City) -> None:
    future = WorkList(unit_id=city.unit.id, year=2030, changed_at=NOON)
    db.session.add(future)
    db.session.commit()
    page = desk.get(f"{BOARD}/lists/{future.id}/report")
    assert "2030年还没有开始，不用填报。" in page.text
    assert "2030年的清单里还没有工作项。" in desk.get(f"{BOARD}?year=2030").text


# --- one item ---------------------------------------------------------------------------------------------------


def changed(page: str, prefix: str) -> dict[str, str]:
    fields = {name: value for name, value in fields_of(page).items() if name.startswith(prefix)}
    aims = re.search(rf'<textarea[^>]*name="{prefix}aims"[^>]*>\s*(.*?)</textarea>', page, re.S)
    return {**fields, f"{prefix}aims": aims[1]} if aims else fields


def test_an_item_is_changed_and_whoever_is_slower_sees_both_versions(desk: FlaskClient, city: City, as_user) -> None:
    path = f"{BOARD}/items/{city.id_of(SOCIETIES)}"
    other = as_user(make_organizer(city.unit).id)
    mine, theirs = changed(desk.get(path).text, "words-"), changed(other.get(path).text, "words-")
    assert theirs["words-aims"] == "建立党组织20个\n服务100人次"
    assert other.post(path, data={**theirs, "words-name": "学会治理能力建设"}).status_code == 303
    page = desk.post(path, data={**mine, "words-name": "学会治理提升", "words-due_on": "2026-09-30"})
    assert page.status_code == 409
    assert "现在：学会治理能力建设" in page.text
    assert "你填的：学会治理提升" in page.text
    assert desk.post(path, data=changed(page.text, "words-")).status_code == 303
    assert "学会治理提升" in city.items()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"words-name": ""}, "请填写工作项目"),
        ({"words-number": "1000"}, "序号要在 1 到 999 之间"),
        ({"words-number": "一"}, "请填写整数"),
        ({"words-lead": ""}, "请填写牵头部室"),
        ({"words-aims": "一\n二\n三\n四\n五\n六\n七\n八\n九"}, "一项工作最多 8 个目标"),
        ({"words-aims": "长" * 61}, "一个目标最多 60 个字"),
        ({"words-due_on": "2026-02-30"}, "这一天不存在"),
    ],
)
def test_what_cannot_be_said_of_an_item_is_refused_at_its_field(
    desk: FlaskClient, city: City, values: dict[str, str], said: str
) -> None:
    path = f"{BOARD}/items/{city.id_of(SOCIETIES)}"
    page = desk.post(path, data={**changed(desk.get(path).text, "words-"), **values})
    assert page.status_code == 422
    assert said in page.text
    assert city.items()[SOCIETIES].revision == 0


def test_a_state_is_set_with_a_reason_and_taken_back(desk: FlaskClient, city: City) -> None:
    path = f"{BOARD}/items/{city.id_of(MUSEUM)}"
    refused = desk.post(f"{path}/state", data={"state-state": "done", "state-reason": " ", "state-revision": "0"})
    assert (refused.status_code, "请写明为什么和推算的不同" in refused.text) == (422, True)
    desk.post(f"{path}/state", data={"state-state": "done", "state-reason": "已并入其他项目", "state-revision": "0"})
    page = words(desk.get(path).text)
    assert "原因：已并入其他项目" in page
    assert "按实际推算是“未开始”。" in page
    stale = desk.post(f"{path}/state", data={"state-state": "late", "state-reason": "x", "state-revision": "0"})
    assert stale.status_code == 409
    desk.post(f"{path}/state", data={"do": "clear", "state-revision": "1"})
    assert city.items()[MUSEUM].override is None


def test_an_item_is_tied_by_search_and_untied(desk: FlaskClient, city: City) -> None:
    series = make_series(unit=city.unit, name="科技馆之夜")
    edition = make_edition(series=series, year=2026)
    path = f"{BOARD}/items/{city.id_of(MUSEUM)}"
    assert "没有找到“不存在”" in desk.get(f"{path}?q=不存在").text
    assert f'name="pick" value="{series.id}-{edition.id}"' in desk.get(f"{path}?q=科技馆").text
    desk.post(f"{path}/links", data={"pick": f"{series.id}-{edition.id}"})
    page = desk.get(path).text
    assert f"/manage/editions/{edition.id}" in page
    link = re.search(r"/links/(\d+)/remove", page)[1]
    desk.post(f"{path}/links/{link}/remove")
    assert "/links/" not in desk.get(path).text.replace(f"{path}/links", "")
    for bad in ("", "x", "1-x", "99999-", "-5"):
        assert desk.post(f"{path}/links", data={"pick": bad}).status_code in (303, 404)


def test_an_item_is_added_removed_and_restored(desk: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}/items/new"
    fields = {
        "section": "阵地",
        "number": "1",
        "name": "新的",
        "lead": "学会部",
        "aims": "建成5个",
        "key": "0a1b2c3d-0d5c-4b2e-9a55-1f2e3d4c5b6a",
    }
    first, second = desk.post(path, data=fields), desk.post(path, data=fields)
    assert first.location == second.location
    assert [item.number for item in city.items().values() if item.section == "阵地"] == [1, 2, 3]
    item = first.location
    assert desk.post(f"{item}/remove", data={"revision": "9"}).status_code == 409
    removed = desk.post(f"{item}/remove", data={"revision": "1"})
    assert "移出的" in desk.get(removed.location).text
    assert "已移出清单" in desk.get(item).text
    desk.post(f"{item}/restore")
    assert "新的" in city.items()


@pytest.mark.parametrize(
    "path", ["items/{item}", "items/{item}/state", "items/{item}/remove", "items/{item}/restore", "items/{item}/links",
             "items/{item}/links/1/remove", "lists/{list}/items/new", "lists/{list}/settings", "lists/{list}/aliases",
             "lists/{list}/departments", "lists/{list}/aliases/1/remove"],
)  # fmt: skip
def test_what_is_not_a_departments_to_change_is_not_there(academics: FlaskClient, city: City, path: str) -> None:
    whole = f"{BOARD}/{path.format(item=city.id_of(SOCIETIES), list=city.list_id)}"
    assert academics.post(whole, data={"words-name": "改"}).status_code == 404
    assert academics.get(f"{BOARD}/items/{city.id_of(MUSEUM)}").status_code == 200  # to be read


# --- departments and settings -----------------------------------------------------------------------------------


def test_names_are_resolved_on_a_page_for_all_rows_at_once(desk: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}"
    page = desk.get(f"{path}/settings?words=课堂内外公司").text
    assert 'value="课堂内外公司"' in page
    values = {"alias-words": "课堂内外公司", "alias-unit_id": str(city.popular.id)}
    assert desk.post(f"{path}/aliases", data=values).status_code == 303
    assert city.items()[MUSEUM].duties[1].name == "科学技术普及部"
    taken = desk.post(f"{path}/aliases", data={**values, "alias-unit_id": "everybody"})
    assert (taken.status_code, "已经有了说明" in taken.text) == (422, True)
    unsaid = desk.post(f"{path}/aliases", data={**values, "alias-unit_id": ""})
    assert (unsaid.status_code, "请从列表里选一项" in unsaid.text) == (422, True)
    foreign = desk.post(f"{path}/aliases", data={**values, "alias-unit_id": str(make_unit().id)})
    assert (foreign.status_code, "请从列表里选一项" in foreign.text) == (422, True)
    alias = re.search(r"/aliases/(\d+)/remove", desk.get(f"{path}/settings").text)[1]
    desk.post(f"{path}/aliases/{alias}/remove")
    assert city.items()[MUSEUM].duties[1].unresolved


def test_an_alias_of_another_unit_is_left_alone(desk: FlaskClient, city: City, as_user) -> None:
    from kexie_events.worklist.departments import Alias
    from kexie_events.worklist.queries import aliases_of

    other = make_unit()
    services.add_alias(other.id, Alias("甲", None), actor=SYS, now=NOON)
    (known,) = aliases_of(other.id)
    desk.post(f"{BOARD}/lists/{city.list_id}/aliases/{known.id}/remove")
    assert len(aliases_of(other.id)) == 1


def test_a_name_is_made_a_department_on_the_page(desk: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}"
    assert desk.post(f"{path}/departments", data={"words": "宣传部"}).status_code == 303
    assert city.items()[FORUM].duties[1].name == "宣传部"
    again = desk.post(f"{path}/departments", data={"words": "宣传部"})
    assert (again.status_code, "已经有了对应的部室" in again.text) == (422, True)


def test_two_who_change_a_list_are_shown_both_versions(desk: FlaskClient, city: City) -> None:
    path = f"{BOARD}/lists/{city.list_id}/settings"
    revision = fields_of(desk.get(path).text)["list-revision"]
    values = {"list-title": "甲", "list-period": "month", "list-revision": revision}
    assert desk.post(path, data=values).status_code == 303
    page = desk.post(path, data={**values, "list-title": "乙"})
    assert page.status_code == 409
    assert "现在：甲" in page.text
    assert "你填的：乙" in page.text


# --- the preview ------------------------------------------------------------------------------------------------

PREVIEW = TABLE.replace("1\t科技馆体系建设\t\t普及部\t课堂内外公司\t\n", "")


def test_the_preview_says_what_vanished_and_what_is_ticked_goes(desk: FlaskClient, city: City) -> None:
    page = send(desk, city.unit, PREVIEW)
    assert f'name="remove" value="{city.id_of(MUSEUM)}"' in page.text
    assert "checked" not in re.search(r'name="remove"[^>]*>', page.text)[0]
    send(desk, city.unit, PREVIEW, "save", **hidden(page))
    assert MUSEUM in city.items()
    saved = send(desk, city.unit, PREVIEW, "save", **hidden(page), remove=[str(city.id_of(MUSEUM))])
    assert saved.status_code == 303
    assert "移出清单 1 项" in desk.get(saved.location).text
    assert MUSEUM not in city.items()


def test_a_kind_that_was_taken_wrongly_is_changed_in_the_preview(desk: FlaskClient, city: City) -> None:
    page = send(desk, city.unit, TABLE)
    line = re.search(r'name="kind-(\d+)" aria-label="活动类型：学会治理建设"', page.text)[1]
    forum_line = re.search(r'name="kind-(\d+)" aria-label="活动类型：科技经济融合双月论坛"', page.text)[1]
    said = {
        f"kind-{line}": "training", f"usual-{line}": "none", f"kind-{forum_line}": "none",
        f"usual-{forum_line}": "forum_series", f"tick-{forum_line}": "1",
    }  # fmt: skip
    again = send(desk, city.unit, TABLE, "preview", **hidden(page), **said)
    assert f'name="tick-{line}"' in again.text
    assert "学会治理建设<br>" in again.text
    fields = {**hidden(again), "draft": [line]}
    assert send(desk, city.unit, TABLE, "save", **fields, **said, **{f"tick-{line}": "1"}).status_code == 303
    assert db.session.scalars(select(Series)).one().kind is Kind.TRAINING
    assert (city.items()[FORUM].decided, city.items()[FORUM].kind) == (True, None)


def test_what_was_reported_of_a_year_stays_when_the_list_is_reported_monthly(desk: FlaskClient, city: City) -> None:
    first = spans(2026, Period.QUARTER)[0]
    entry = Entry(city.id_of(MUSEUM), "巡展三站", {})
    services.report(city.list_id, first, [entry], actor=SYS, now=NOON, today=first.last_on)
    services.change_list(
        city.list_id, title="", period=Period.MONTH, expected_revision=city.chosen().revision, actor=SYS, now=NOON
    )  # fmt: skip
    page = words(desk.get(f"{BOARD}/items/{city.id_of(MUSEUM)}").text)
    assert "第1季度 巡展三站" in page
    form = desk.get(f"{BOARD}/lists/{city.list_id}/report").text
    assert "已填报：巡展三站" in form  # up to the end of March, as the month asks
