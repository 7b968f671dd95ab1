import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kexie_events.core import sheets
from kexie_events.core.errors import RuleBroken
from kexie_events.core.sheets import Bounds, Column, Fault, Official, Row
from kexie_events.core.sheets.reading import _clean
from kexie_events.core.spreadsheet import typed

PLAIN = st.text(st.characters(exclude_categories=("C",), exclude_characters="\u2028\u2029\x85"), max_size=20)


def book(rows: list[list[Any]]) -> bytes:
    return sheets.written("表", [Column("甲"), Column("乙"), Column("丙")], rows)


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in sheets.read_file(content)]


def code_of(content: bytes, bounds: Bounds | None = None) -> str:
    with pytest.raises(RuleBroken) as refused:
        sheets.read_file(content, bounds)
    return refused.value.code


def repacked(content: bytes, **parts: str) -> bytes:
    """The workbook with other content in some of its parts; "sheet1" is its sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            stem = each.filename.rsplit("/", 1)[-1].partition(".")[0]
            new.writestr(each.filename, parts.get(stem, old.read(each)))
    return out.getvalue()


def sheet_of(rows: str) -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(PLAIN, min_size=1, max_size=3), min_size=1, max_size=8))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    read = sheets.read_file(book([list(row) for row in rows]))
    assert read[0].cells == ("甲", "乙", "丙")
    assert {row.number: row.cells for row in read[1:]} == {
        n: tuple(cleaned) for n, row in enumerate(rows, start=2) if (cleaned := _expected(row))
    }


def _expected(row: list[str]) -> list[str]:
    kept = [_clean(text) for text in row]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def test_a_cell_is_the_text_that_people_see() -> None:
    values = [3.0, 2.5, 0.1 + 0.2, 1e15, True, None, datetime(2026, 9, 19), datetime(2026, 9, 19, 14)]  # noqa: DTZ001
    assert [sheets.seen(value) for value in values] == [
        "3", "2.5", "0.3", "1000000000000000", "TRUE", "", "2026-09-19", "2026-09-19 14:00"
    ]  # fmt: skip
    assert [sheets.seen(v) for v in (time(9, 5), timedelta(hours=25, minutes=30), date(2026, 9, 1))] == [
        "09:05", "25:30", "2026-09-01"
    ]  # fmt: skip


def test_days_numbers_and_telephones_survive_a_workbook() -> None:
    row = [date(2026, 9, 19), 120, "013800000126"]
    assert cells(book([row])) == [("甲", "乙", "丙"), ("2026-09-19", "120", "013800000126")]
    raw = CalamineWorkbook.from_filelike(io.BytesIO(book([row]))).get_sheet_by_index(0).to_python()
    assert raw[1] == [date(2026, 9, 19), 120.0, "013800000126"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "＝1"])
def test_nothing_that_goes_out_is_computed(text: str) -> None:
    content = book([[text]])
    raw = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert raw[1][0] == f"'{text}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert cells(content)[1] == (text,)


@pytest.mark.parametrize(
    "content",
    [
        "名称,人数\r\n科普展,20\r\n".encode(),
        "\ufeff名称,人数\n科普展,20".encode(),
        "名称;人数\n科普展;20".encode("gb18030"),
        "名称\t人数\n科普展\t20".encode("utf-16"),
        "名称，人数\n科普展，20".encode(),
    ],
)
def test_text_is_read_however_it_was_saved(content: bytes) -> None:
    assert cells(content) == [("名称", "人数"), ("科普展", "20")]


def test_rows_keep_the_numbers_that_people_count() -> None:
    assert sheets.read_text('标题\n\n名称\t备注\n\n科普展\t"两\n行"\n讲座\t') == (
        Row(1, ("标题",)), Row(3, ("名称", "备注")), Row(5, ("科普展", "两\n行")), Row(6, ("讲座",))
    )  # fmt: skip


def test_a_quotation_mark_in_a_copied_table_is_no_fault_and_in_a_csv_says_its_line() -> None:
    assert sheets.read_text('"小小科学家"讲座\t20')[0].cells == ('"小小科学家"讲座', "20")
    with pytest.raises(RuleBroken) as refused:
        sheets.read_text('名称,人数\n"没有成对,20')
    assert (refused.value.code, refused.value.details) == ("sheets.unreadable", {"line": 2})


def test_the_head_is_found_below_a_title_and_a_remark() -> None:
    rows = sheets.read_text("附件2\n全国科普日重点活动\n序号\t 活动名称（必填）*\t地 点\n1\t展\t馆")
    head = sheets.find_head(rows, {"name": ["活动名称", "名称"], "place": ["地点"]}, ["name", "place"])
    assert head is not None
    assert (head.number, dict(head.columns)) == (3, {"name": 1, "place": 2})
    assert sheets.find_head(rows, {"fee": ["费用"]}, ["fee"]) is None


def test_the_first_sheet_that_is_shown_and_holds_something_is_read() -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        made.add_worksheet("空")
        hidden = made.add_worksheet("藏")
        hidden.write_string(0, 0, "藏")
        hidden.hide()
        made.add_worksheet("表").write_string(2, 1, "看见")
    assert sheets.read_file(out.getvalue()) == (Row(3, ("", "看见")),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheets.empty"),
        (b" \n\t\n", "sheets.empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "sheets.old_or_locked"),
        (b"%PDF-1.7", "sheets.no_sheet"),
        (b"\x00\x01\x02", "sheets.no_sheet"),
        (b"PK\x03\x04 and no more", "sheets.damaged"),
        (b"a" * 200, "sheets.too_big"),
        (b"1\n2\n3\n4", "sheets.too_many"),
        (b"1,2,3,4", "sheets.too_wide"),
        (b"abcdefghijklm", "sheets.too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_code(content: bytes, code: str) -> None:
    assert code_of(content, Bounds(size=100, rows=3, columns=3, cell=10)) == code


def test_a_workbook_that_is_none_inside_is_damaged() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert code_of(out.getvalue()) == "sheets.damaged"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row>" + "<c><v>1</v></c>" * 2000 + "</row>" + "<row><c><v>1</v></c></row>" * 2000,
    ],
)
def test_cells_that_lie_too_far_apart_are_refused_before_room_is_made(rows: str) -> None:
    assert code_of(repacked(book([]), sheet1=sheet_of(rows))) == "sheets.unpacks_too_far"


def test_empty_cells_with_a_format_far_below_are_nothing() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="C1048576" s="1"/></row>'
    assert sheets.read_file(repacked(book([]), sheet1=sheet_of(rows))) == (Row(1, ("1",)),)


@pytest.mark.parametrize("rows", ['<row r="x"/>', '<row><c r="1A"><v>1</v></c></row>', "<row>"])
def test_a_sheet_with_nonsense_in_it_is_damaged(rows: str) -> None:
    assert code_of(repacked(book([]), sheet1=sheet_of(rows))) == "sheets.damaged"


def test_entities_are_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert code_of(repacked(book([]), sheet1=bomb)) == "sheets.damaged"


def test_an_archive_that_unpacks_too_far_is_refused() -> None:
    assert code_of(repacked(book([]), sheet1="<a>" + " " * (30 << 20) + "</a>")) == "sheets.unpacks_too_far"


def test_an_archive_of_too_many_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(sheets.MOST_PARTS + 1):
            archive.writestr(f"xl/{n}.xml", "<a/>")
    assert code_of(out.getvalue()) == "sheets.unpacks_too_far"


def test_an_archive_that_understates_its_parts_is_refused_or_read_as_stated() -> None:
    content = bytearray(repacked(book([["多"]]), sheet1=sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>')))
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    content[place + 24 : place + 28] = (3).to_bytes(4, "little")
    assert code_of(bytes(content)) == "sheets.damaged"


def test_the_same_sheet_comes_back_with_its_faults_marked() -> None:
    rows = sheets.read_text("附件\n名称\t日期\n展览\t2026-13-01\n讲座\t2026-09-19\n=坏\t")
    faults = [Fault(3, 1, "没有这一天"), Fault(5, 1, "是空的"), Fault(5, None, "重复")]
    content = sheets.marked(rows, faults, head=2, problem="问题")
    assert sheets.read_file(content) == (
        Row(1, ("附件",)),
        Row(2, ("名称", "日期", "问题")),
        Row(3, ("展览", "2026-13-01", "日期：没有这一天")),
        Row(4, ("讲座", "2026-09-19")),
        Row(5, ("=坏", "", "日期：是空的\n重复")),
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("xl/comments1.xml").decode().count("<comment ") == 2


def test_a_marked_sheet_that_is_marked_again_keeps_one_column_of_problems() -> None:
    once = sheets.read_file(sheets.marked(sheets.read_text("名称\n展"), [Fault(2, 0, "坏")], head=1, problem="问题"))
    again = sheets.read_file(sheets.marked(once, [Fault(2, 0, "还坏")], head=1, problem="问题"))
    assert [row.cells for row in again] == [("名称", "问题"), ("展", "名称：还坏")]


def test_an_official_table_has_title_lines_and_repeats_its_head_on_paper() -> None:
    official = Official("附件2 汇总表", above=("填报单位：渝中区科协",), below=("填表人：",))
    content = sheets.written("汇总", [Column("序号", 6, centred=True), Column("名称", 30)], [[1, "展"]], official)
    assert [(row.number, row.cells) for row in sheets.read_file(content)] == [
        (1, ("附件2 汇总表",)), (2, ("填报单位：渝中区科协",)), (3, ("序号", "名称")), (4, ("1", "展")),
        (5, ("填表人：",)),
    ]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet, workbook = archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/workbook.xml")
    assert b'orientation="landscape"' in sheet
    assert b'paperSize="9"' in sheet
    assert b'<mergeCell ref="A1:B1"/>' in sheet
    assert b"$3:$3" in workbook
    assert b'ySplit="3"' in sheet


def test_columns_have_the_names_that_people_see() -> None:
    assert [sheets.letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_what_was_defused_is_typed_again() -> None:
    assert typed("'=1") == sheets.read_text("'=1,b")[0].cells[0] == "=1"


def test_a_band_stands_over_the_whole_width_between_rows() -> None:
    columns = [sheets.Column("序号"), sheets.Column("名称")]
    book = sheets.written("表", columns, [sheets.Band("一、学术"), [1, "年会"], sheets.Band("=1+1")])
    assert [row.cells for row in sheets.read_file(book)] == [("序号", "名称"), ("一、学术",), ("1", "年会"), ("=1+1",)]


def test_a_workbook_as_text_is_read_as_the_workbook_is() -> None:
    content = book([["一", "", ""], ["", "", ""], ['引“号"', "第一行\n第二行", "2"]])
    text = sheets.text_of(content)
    assert sheets.read_text(text) == sheets.read_file(content)
    assert sheets.text_of(text.encode("gb18030")) == text


def test_a_sheet_of_more_text_than_a_form_takes_is_refused_before_it_is_shown() -> None:
    with pytest.raises(RuleBroken, match="sheets.too_big"):
        sheets.text_of(b"x" * (sheets.MOST_TEXT + 1))
    assert len(sheets.text_of(b"x" * sheets.MOST_TEXT)) == sheets.MOST_TEXT
    with pytest.raises(RuleBroken, match="sheets.too_big"):
        sheets.text_of(b"x" * 11, Bounds(size=10))


def test_names_within_a_cell_do_not_decide_what_parts_the_cells() -> None:
    text = "序号,名称\n1,学会部，宣传部，办公室，国际部\n2,论坛\n"
    assert [row.cells for row in sheets.read_text(text)][1] == ("1", "学会部，宣传部，办公室，国际部")


def test_a_digest_is_of_what_was_said_not_of_how_lines_end() -> None:
    assert sheets.digest_of("a\tb\r\nc\r\n", 1) == sheets.digest_of("a\tb\nc", 1)
    assert len({sheets.digest_of("a", 1), sheets.digest_of("a", 2), sheets.digest_of("b", 1)}) == 3
