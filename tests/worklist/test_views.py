import csv
import html
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kexie_events.core.db import db
from kexie_events.events.models import Edition, Series
from kexie_events.units.models import Unit
from kexie_events.worklist.models import WorkItem
from tests.build import make_organizer, make_unit
from tests.queries import counted
from tests.worklist.test_rules import LIST

PASTED = "2026年清单\n序号\t名称\t责任部室\n一、学术\n1\t第5届讲解大赛\t宣传部\n2\t学会建设\t学会部\n"
PATH = "/manage/work-list/import"


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="市科协", slug="city")


@pytest.fixture
def desk(city: Unit, as_user: Callable[[int], FlaskClient]) -> FlaskClient:
    return as_user(make_organizer(city).id)


def send(desk: FlaskClient, unit: Unit, text: str = PASTED, do: str = "preview", **fields: object) -> TestResponse:
    values = {"unit_id": str(unit.id), "year": "", "text": text, "do": do, **fields}
    return desk.post(PATH, data=values, content_type="multipart/form-data")


def hidden(page: TestResponse) -> dict[str, object]:
    """What the browser sends along with a preview: its digest, the year that was read, the ticks."""
    return {
        "seen": re.search(r'name="seen"[^>]*value="([^"]*)"', page.text)[1],
        "year": re.search(r'name="year"[^>]*value="([^"]*)"', page.text)[1],
        "draft": re.findall(r'name="draft" value="(\d+)" checked', page.text),
    }


def text_of(page: TestResponse) -> str:
    return html.unescape(re.search(r'<textarea[^>]* name="text"[^>]*>\s*(.*?)</textarea>', page.text, re.S)[1])


def rows_of(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_pasted_sheet_is_previewed_and_nothing_is_saved(desk: FlaskClient, city: Unit) -> None:
    page = send(desk, city)
    assert page.status_code == 200
    assert "第5届 讲解大赛" in page.text
    assert "不是活动" in page.text
    assert hidden(page)["year"] == "2026"  # from the title
    assert rows_of(WorkItem) + rows_of(Series) == 0


def test_what_was_previewed_is_saved_whole_and_shown_on_the_board(desk: FlaskClient, city: Unit) -> None:
    saved = send(desk, city, do="save", **hidden(send(desk, city)))
    assert (saved.status_code, saved.location) == (303, "/manage/work-list?year=2026&unit=city")
    board = desk.get(saved.location).text
    assert "新增 2 项，改动 0 项，不变 0 项；建了 1 个活动草稿" in board
    edition = db.session.scalars(select(Edition)).one()
    assert f'<a href="/manage/editions/{edition.id}">第5届' in board
    assert "草稿" in board


def test_saving_twice_makes_no_second_one(desk: FlaskClient, city: Unit) -> None:
    fields = hidden(send(desk, city))
    assert [send(desk, city, do="save", **fields).status_code for _ in range(2)] == [303, 303]
    assert (rows_of(WorkItem), rows_of(Edition)) == (2, 1)


def test_a_row_that_is_not_ticked_gets_no_draft(desk: FlaskClient, city: Unit) -> None:
    fields = hidden(send(desk, city))
    assert send(desk, city, do="save", **{**fields, "draft": []}).status_code == 303
    assert (rows_of(WorkItem), rows_of(Series)) == (2, 0)


def test_what_was_changed_after_the_preview_is_shown_again_before_it_is_saved(desk: FlaskClient, city: Unit) -> None:
    fields = hidden(send(desk, city))
    changed = PASTED + "3\t2026科协年会\t学会部\n"
    again = send(desk, city, changed, "save", **fields)
    assert again.status_code == 200
    assert "还没有保存" in again.text
    assert rows_of(WorkItem) == 0
    assert send(desk, city, changed, "save", **hidden(again)).status_code == 303
    assert (rows_of(WorkItem), rows_of(Series)) == (3, 2)


def test_without_a_preview_nothing_is_saved(desk: FlaskClient, city: Unit) -> None:
    assert send(desk, city, do="save", draft=["4"]).status_code == 200
    assert rows_of(WorkItem) == 0


def test_an_uploaded_file_is_read_and_its_text_is_there_to_be_saved(desk: FlaskClient, city: Unit) -> None:
    upload = (io.BytesIO(LIST.read_bytes()), "worklist_2020.csv")
    page = send(desk, city, "", file=upload)
    assert page.text.count('name="draft"') == 20
    fields = hidden(page)
    assert fields["year"] == "2020"
    assert send(desk, city, text_of(page), "save", **fields).status_code == 303
    assert (rows_of(WorkItem), rows_of(Series)) == (40, 20)
    board = desk.get("/manage/work-list?year=2020").text
    assert (board.count('class="wl-no"'), board.count('<a href="/manage/editions/')) == (40, 20)


def test_every_bad_cell_is_named_and_nothing_can_be_saved(desk: FlaskClient, city: Unit) -> None:
    page = send(desk, city, "板块,序号,名称,责任部室\n甲,1,,办公室\n甲,x,工作,\n")
    assert page.status_code == 422
    for fault in ("第 2 行“名称”：是空的", "第 3 行“责任部室”：是空的", "第 3 行“序号”：不是 1 到 999 的数字"):
        assert fault in page.text
    assert 'value="save"' not in page.text
    assert "甲,x,工作" in text_of(page)  # to be mended where it stands


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "没有一行工作项"),
        ({"text": "随便写的一段话"}, "找不到表头。表头要有这几列：序号、名称、责任部室"),
        ({"year": "20"}, "年份要在 1900 到 2200 之间"),
        ({"file": (io.BytesIO(b"PK\x03\x04..."), "清单.xlsx")}, "打不开"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(desk: FlaskClient, city: Unit, fields, words: str) -> None:
    page = desk.post(PATH, data={"unit_id": str(city.id), "do": "preview", **fields})
    assert page.status_code == 422
    assert words in page.text


def test_a_unit_that_is_not_ones_own_is_not_on_offer(city: Unit, as_user) -> None:
    district = as_user(make_organizer(make_unit(parent=city)).id)
    page = send(district, city)
    assert page.status_code == 422
    assert "请从列表里选一项" in page.text
    assert rows_of(WorkItem) == 0


def test_markup_in_a_list_stays_text(desk: FlaskClient, city: Unit) -> None:
    text = "板块,序号,名称,责任部室\n<b>甲,1,<script>alert(1)</script>论坛,<i>部室\n"
    page = send(desk, city, text)
    send(desk, city, text, "save", **hidden(page))
    for seen in (page.text, desk.get("/manage/work-list").text):
        assert "<script>alert" not in seen
        assert "<i>部室" not in seen
        assert "&lt;script&gt;alert(1)&lt;/script&gt;论坛" in seen


def exported(desk: FlaskClient, path: str = "/manage/work-list/list.csv") -> list[list[str]]:
    answer = desk.get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_the_export_says_where_events_stand_and_computes_nothing(desk: FlaskClient, city: Unit) -> None:
    text = "板块,序号,名称,责任部室\n甲,1,第5届讲解大赛,宣传部、学会部\n甲,2,=1+1建设,学会部\n"
    send(desk, city, text, "save", **hidden(send(desk, city, text, year="2026")))
    assert exported(desk) == [
        ["板块", "序号", "名称", "责任部室", "目标", "完成时限", "活动", "届次", "进展", "下一日期"],
        ["甲", "1", "第5届讲解大赛", "宣传部、学会部", "", "", "讲解大赛", "第5届", "未开始", ""],
        ["甲", "2", "'=1+1建设", "学会部", "", "", "", "", "未开始", ""],
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_export_read_back_in_changes_nothing(desk: FlaskClient, city: Unit, language: str) -> None:
    text = "板块,序号,名称,责任部室\n甲,1,第5届讲解大赛,宣传部、学会部\n甲,2,=1+1建设,学会部\n"
    send(desk, city, text, "save", **hidden(send(desk, city, text, year="2026")))
    desk.get(f"/manage/work-list?lang={language}")
    sheet = desk.get("/manage/work-list/list.csv")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="worklist-2026.csv"'
    page = send(desk, city, "", file=(io.BytesIO(sheet.get_data()), "worklist-2026.csv"))
    wanted = {"zh": "新增 0，改动 0，不变 2", "en": "New: 0, changed: 0, unchanged: 2"}
    assert wanted[language] in page.text


def test_each_unit_has_a_list_of_its_own(desk: FlaskClient, city: Unit) -> None:
    district = make_unit(parent=city, name="区科协", slug="district")
    for unit in (city, district):
        send(desk, unit, do="save", **hidden(send(desk, unit)))
    assert desk.get("/manage/work-list").text.count('class="wl-no"') == 2
    page = desk.get("/manage/work-list?year=2026&unit=district").text
    assert page.count('class="wl-no"') == 2
    assert "区科协" in page
    assert len(exported(desk, "/manage/work-list/list.csv?unit=district")) == 3


def test_board_and_preview_ask_as_often_for_forty_rows_as_for_two(desk: FlaskClient, city: Unit) -> None:
    def asked(act: Callable[[], TestResponse]) -> list[str]:
        act()  # what a process learns once is not counted
        with counted() as statements:
            assert act().status_code == 200
        return statements

    short = PASTED
    long = PASTED + "".join(f"{n}\t第{n}届论坛{n}\t学会部\n" for n in range(3, 40))
    send(desk, city, short, "save", **hidden(send(desk, city, short)))
    few = asked(lambda: desk.get("/manage/work-list")), asked(lambda: send(desk, city, short))
    send(desk, city, long, "save", **hidden(send(desk, city, long)))
    many = asked(lambda: desk.get("/manage/work-list")), asked(lambda: send(desk, city, long))
    assert [len(statements) for statements in many] == [len(statements) for statements in few]
    # The lists there are, the items of one, their editions.
    assert sum("work_item" in statement for statement in few[0]) == 3
    assert len(few[0]) <= 6
