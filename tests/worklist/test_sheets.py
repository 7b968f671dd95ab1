"""The same list as CSV, as it is pasted and as a workbook; out in the official layout and back in."""

import io
from urllib.parse import unquote

import pytest
import python_calamine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kexie_events.core import sheets
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Series
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind
from kexie_events.worklist import queries, reading, rules
from kexie_events.worklist.models import WorkItem
from kexie_events.worklist.rules import Cells, Change
from tests.build import make_organizer, make_unit
from tests.worklist.lists import City, make_city, take, workbook
from tests.worklist.test_reading import PASTED
from tests.worklist.test_rules import LIST
from tests.worklist.test_views import PATH, hidden, send, text_of

HEAD = ["序号", "名称", "责任部室（单位）"]


def book_of_2020() -> bytes:
    """The whole notice as offices keep it: a title and sections over the width, departments in several cells."""
    table = rules.read_rows(reading.read(LIST.read_text(encoding="utf-8")))
    rows: list[list[object]] = [[], HEAD]
    merged: list[tuple[int, int, int, int, object]] = [(0, 0, 0, 2, "2020年重庆科协工作项目化推进清单")]
    section = ""
    for row in table.rows:
        if row.section != section:
            section = row.section
            merged.append((len(rows), 0, len(rows), 2, section))  # its number is left out: 学会学术10个重大活动
            rows.append([])
        first = len(rows)
        rows.append([row.number, row.name, row.lead])
        rows += [["", "", name] for name in row.supporters]
        if row.supporters:
            merged += [(first, k, len(rows) - 1, k, value) for k, value in enumerate((row.number, row.name))]
            rows[first] = ["", "", row.lead]
    return workbook(rows, tuple(merged))


def counts(done) -> tuple[int, int, int, int]:
    return (*(done.count(change) for change in Change), len(done.drafted))


def test_the_list_of_2020_is_the_same_as_csv_as_pasted_and_as_a_workbook(app: Flask) -> None:
    unit = make_unit()
    csv, pasted = LIST.read_text(encoding="utf-8"), PASTED.read_text(encoding="utf-8")
    book = sheets.text_of(book_of_2020())
    assert reading.year_in(reading.title_of(book)) == 2020
    assert counts(take(unit, book, year=2020, drafts=None)) == (40, 0, 0, 20)
    for text, rows in ((csv, 40), (pasted, 20), (book, 40)):
        assert counts(take(unit, text, year=2020, drafts=None)) == (0, 0, rows, 0)
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 40
    assert {each.publication for each in db.session.scalars(select(Edition))} == {Publication.DRAFT}


def test_the_event_like_rows_of_2020_have_their_kind_number_and_department(app: Flask) -> None:
    unit = make_unit()
    names = ("学会学术部", "科学技术普及部", "企事业工作部", "宣传部", "组织人事部", "办公室", "国际工作部")
    for name in names:
        make_unit(parent=unit, name=name, kind=UnitKind.DEPARTMENT)
    take(unit, sheets.text_of(book_of_2020()), year=2020, drafts=None)
    (chosen,) = queries.lists(SYSTEM)
    kinds = {series.name: series.kind for series in db.session.scalars(select(Series))}
    numbers = {
        each.series_id: each.number_words for each in db.session.scalars(select(Edition))
    }  # fmt: skip
    said = {series.name: numbers[series.id] for series in db.session.scalars(select(Series))}
    assert (len(kinds), len(said)) == (20, 20)
    for name, kind, number in (
        ("重庆市青少年科技创新大赛", Kind.CONTEST_PROJECT, "第35届"),
        ("重庆市青少年科技创新市长奖评选表彰", Kind.AWARD, "第十二届"),
        ("重庆市科技经济深度融合双月论坛", Kind.FORUM_SERIES, "2020年首期"),
        ("重庆市科协年会", Kind.CONFERENCE, "2020年度"),
        ("全国中学生生物学竞赛", Kind.CONTEST_EXAM, "第二十九届"),
        ("重庆市公民科学素质大赛", Kind.CONTEST_QUIZ, "第三届"),
        ("科协改革研讨会", Kind.FORUM, "第五届"),
    ):
        assert (kinds[name], said[name]) == (kind, number)
    items = {item.name: item for item in queries.items_of(chosen, SYSTEM)}
    meeting = items["2020重庆市科协年会"]
    assert [duty.name for duty in meeting.duties] == ["学会学术部", "科学技术普及部", "宣传部"]
    assert items["推进川渝科协战略合作"].lead.everybody
    unresolved = {name.words for name in queries.unknown_names(chosen)}
    assert "重庆科技馆" in unresolved
    assert unresolved.isdisjoint(names)


def test_cells_that_are_merged_are_read_as_people_see_them() -> None:
    content = workbook(
        [
            [],
            ["序号", "工作项目", "目标", "牵头部室", "配合部室", "完成时限"],
            [],
            ["", "", "举办6期", "学会部", "宣传部", 44196],
            ["", "", "服务200人次", "", "办公室\n国际部", ""],
            [2.0, "学会建设", "", "学会部", "", "6月底"],
        ],
        (
            (0, 0, 0, 5, "2020年清单"), (2, 0, 2, 5, "学会学术"), (3, 0, 4, 0, 1), (3, 1, 4, 1, "双月论坛"),
        ),
    )  # fmt: skip
    found = reading.read(sheets.text_of(content))
    assert found == [
        Cells(4, "学会学术", "1", "双月论坛", "学会部\n", "宣传部\n办公室\n国际部", "举办6期\n服务200人次", "44196"),
        Cells(6, "学会学术", "2", "学会建设", "学会部", "", "", "6月底"),
    ]
    row = rules.read_rows([found[1]], 2020).rows[0]
    assert (row.name, row.lead, row.dated) == ("学会建设", "学会部", True)


@pytest.fixture
def city(app: Flask) -> City:
    return make_city()


@pytest.fixture
def desk(city: City, as_user) -> FlaskClient:
    return as_user(city.owner.id)


def cells_of(content: bytes) -> list[list[str]]:
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_read_back_in_changes_nothing(desk: FlaskClient, city: City, ending: str, language: str) -> None:
    desk.get(f"/manage/work-list?lang={language}")
    answer = desk.get(f"/manage/work-list/list.{ending}")
    name = {"csv": "worklist-2026.csv", "xlsx": "2026年市科协工作项目化推进清单.xlsx"}[ending]
    assert unquote(answer.headers["Content-Disposition"]).rstrip('"').endswith(name)
    page = send(desk, city.unit, "", file=(io.BytesIO(answer.get_data()), f"worklist-2026.{ending}"))
    assert page.status_code == 200
    wanted = {"zh": "新增 0，改动 0，不变 4", "en": "New: 0, changed: 0, unchanged: 4"}
    assert wanted[language] in page.text


def test_the_official_layout_has_title_sections_columns_and_what_is_done(desk: FlaskClient, city: City) -> None:
    answer = desk.get("/manage/work-list/list.xlsx")
    assert answer.headers["Cache-Control"] == "private, no-store"
    rows = cells_of(answer.get_data())
    assert rows[0][0] == "2026年市科协工作项目化推进清单"
    assert rows[1] == ["序号", "工作项目", "目标", "牵头部室", "配合部室", "完成时限", "进展", "完成情况"]
    assert (rows[2][0], rows[5][0]) == ("一、学会学术", "二、阵地")
    assert rows[3] == [
        "1.0", "科技经济融合双月论坛", "举办论坛6期", "学会部", "宣传部", "2026年12月31日", "举办论坛 6 期", "未开始",
    ]  # fmt: skip
    assert rows[4][2:6] == ["建立党组织20个；服务100人次", "学会部", "", "2026年6月30日"]


def three_hundred(bad: bool) -> str:
    lines = ["2026年清单", "板块\t序号\t名称\t责任部室\t完成时限"]
    for n in range(1, 301):
        lines.append(f"板块{(n - 1) // 30 + 1}\t{(n - 1) % 30 + 1}\t工作{n}建设\t学会部\t6月底")
    if bad:
        lines[11] = "板块1\t10\t\t学会部\t6月底"  # line 12
        lines[101] = lines[101].replace("学会部", "")
        lines[300] = lines[300].replace("6月底", "适时")
    return "\n".join(lines) + "\n"


def test_three_bad_rows_of_three_hundred_are_named_marked_and_nothing_comes_in(desk: FlaskClient, city: City) -> None:
    unit = make_unit(parent=city.unit, name="区科协")
    before = db.session.scalar(select(func.count()).select_from(WorkItem))
    page = send(desk, unit, three_hundred(bad=True))
    assert page.status_code == 422
    for fault in ("第 12 行“名称”：是空的", "第 102 行“责任部室”：是空的", "第 301 行“完成时限”：看不出是哪一天"):
        assert fault in page.text
    assert 'value="save"' not in page.text
    assert send(desk, unit, three_hundred(bad=True), "save", **hidden_or_none(page)).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == before
    marked = send(desk, unit, text_of(page), "marked")
    assert marked.mimetype.endswith("spreadsheetml.sheet")
    rows = cells_of(marked.get_data())
    said = {n: row[-1] for n, row in enumerate(rows, start=1) if row[-1]}
    assert said == {
        2: "问题", 12: "名称：是空的", 102: "责任部室：是空的", 301: said[301],
    }  # fmt: skip
    assert said[301].startswith("完成时限：看不出是哪一天")
    assert rows[10][2] == "工作9建设"


def hidden_or_none(page) -> dict[str, object]:
    return {"seen": "", "year": "2026", "draft": []} if 'value="save"' not in page.text else hidden(page)


def test_three_hundred_sound_rows_come_in_once(desk: FlaskClient, city: City) -> None:
    unit = make_unit(parent=city.unit, name="区科协")
    for added in (300, 0):
        page = send(desk, unit, three_hundred(bad=False))
        assert send(desk, unit, three_hundred(bad=False), "save", **hidden(page)).status_code == 303
        assert f"新增 {added}" in page.text


def test_faults_of_a_pasted_document_come_back_in_columns(desk: FlaskClient, city: City) -> None:
    text = "一、学术\n1\n年会\n学会部\n\n忘了编号\n2\n论坛\n"
    marked = send(desk, city.unit, "清单\n" + text.replace("忘了编号\n", ""), "marked")
    rows = cells_of(marked.get_data())
    assert rows[0] == ["板块", "序号", "名称", "责任部室", "问题"]
    assert rows[2][2:] == ["论坛", "", "责任部室：是空的"]


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"%PDF-1.7"])
def test_what_is_no_sheet_is_refused_in_words(desk: FlaskClient, city: City, content: bytes) -> None:
    page = desk.post(
        PATH, data={"unit_id": str(city.unit.id), "do": "preview", "file": (io.BytesIO(content), "x.xlsx")}
    )
    assert page.status_code == 422
    assert "errors" in page.text


def test_a_workbook_that_is_too_big_is_refused_before_it_is_opened() -> None:
    with pytest.raises(RuleBroken, match="sheets.too_big"):
        sheets.text_of(b"PK\x03\x04" + b"x" * reading.BOUNDS.size, reading.BOUNDS)


def test_a_thousand_rows_are_previewed_and_saved_with_all_their_choices(desk: FlaskClient, city: City) -> None:
    unit = make_unit(parent=city.unit, name="区科协")
    rows = [f"板块{n // 40}\t{n % 40 + 1}\t第{n % 40 + 1}届行业{n}论坛\t学会部" for n in range(1000)]
    text = "2026年清单\n板块\t序号\t名称\t责任部室\n" + "\n".join(rows)
    page = send(desk, unit, text)
    fields = {**hidden(page), "draft": []}
    choices = {f"kind-{n}": "forum" for n in range(3, 1003)} | {f"usual-{n}": "forum" for n in range(3, 1003)}
    ticks = {f"tick-{n}": "1" for n in range(3, 1003)}
    assert send(desk, unit, text, "save", **fields, **choices, **ticks).status_code == 303
    assert len(hidden(page)["draft"]) == 1000


def test_the_unit_of_another_is_not_exported(city: City, as_user) -> None:
    stranger: Unit = make_unit()
    answer = as_user(make_organizer(stranger).id).get("/manage/work-list/list.xlsx?year=2026&unit=city")
    assert all("论坛" not in cell for row in cells_of(answer.get_data()) for cell in row)
