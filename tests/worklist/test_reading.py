from pathlib import Path

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.core.spreadsheet import lines
from kexie_events.worklist import reading
from kexie_events.worklist.rules import Cells, Column, read_rows
from tests.worklist.test_rules import LIST

PASTED = Path("tests/worklist/pasted_2020.txt")


def test_the_list_pasted_from_the_document_is_the_table() -> None:
    pasted = read_rows(reading.read(PASTED.read_text(encoding="utf-8")))
    table = read_rows(reading.read(LIST.read_text(encoding="utf-8")))
    assert pasted.faults == ()
    assert [(row.section, row.number, row.name, row.lead, row.supporters) for row in pasted.rows] == [
        (row.section, row.number, row.name, row.lead, row.supporters) for row in table.rows[:20]
    ]
    assert pasted.rows[0].line == 8  # as an editor counts


def test_a_table_pasted_from_excel_has_tabs_sections_between_and_merged_cells() -> None:
    text = '2026年清单\t\t\n序号\t名称\t责任部室（单位）\n一、学术\t\t\n1\t年会\t学会部\n\n2\t论坛\t"学会部\n宣传部"\n'
    assert reading.read(text) == [
        Cells(4, "一、学术", "1", "年会", "学会部"), Cells(6, "一、学术", "2", "论坛", "学会部\n宣传部"),
    ]  # fmt: skip
    merged = "板块\t序号\t名称\t责任部室\n学术\t1\t年会\t学会部\n\t2\t论坛\t宣传部\n"
    assert [cells.section for cells in reading.read(merged)] == ["学术", "学术"]


def test_columns_may_stand_in_any_order_and_others_beside_them() -> None:
    text = "Name,备注,NO.,departments, 板块 \n年会,x,1,学会部,学术\n"
    assert reading.read(text) == [Cells(2, "学术", "1", "年会", "学会部")]


def test_what_stands_in_a_document_without_a_number_is_not_lost() -> None:
    assert reading.read("一、学术\n序号\n名称\n忘了编号的工作\n1\n年会\n") == [
        Cells(4, "一、学术", "", "忘了编号的工作", ""), Cells(5, "一、学术", "1", "年会", ""),
    ]  # fmt: skip


def test_a_table_without_a_head_is_refused_with_the_columns_it_needs() -> None:
    with pytest.raises(RuleBroken) as refused:
        reading.read("学术,1,年会,学会部\n")
    assert refused.value.code == "worklist.head"
    assert refused.value.details == {"columns": [Column.NUMBER, Column.NAME, Column.DEPARTMENTS]}
    with pytest.raises(RuleBroken, match="worklist.empty"):
        reading.read(" \n")


def test_a_quotation_mark_that_swallows_the_table_is_named_by_its_line() -> None:
    with pytest.raises(RuleBroken, match="sheets.unreadable"):
        reading.read('section,no,name,departments\n甲,1,"年会,学会部\n' + "x" * 140_000)


def test_the_year_stands_in_the_files_name_or_in_the_title() -> None:
    assert reading.year_in("worklist_2020") == 2020
    assert reading.year_in("清单", reading.title_of(PASTED.read_text(encoding="utf-8"))) == 2020
    assert reading.title_of("section,no,name,departments\n甲,1,2021年会,办公室\n") == ""
    assert reading.year_in("20201234", "") is None


def test_what_was_defused_for_a_spreadsheet_is_read_back_as_it_was_typed() -> None:
    row = ["甲", 1, "=HYPERLINK(1)", "-部室"]
    text = b"".join(lines(["板块", "序号", "名称", "责任部室"], [row])).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert reading.read(text) == [Cells(2, "甲", "1", "=HYPERLINK(1)", "-部室")]


def test_a_cell_too_long_to_be_a_head_is_none() -> None:
    brackets = "(" * 300_000  # a pattern that looks for their end in each of them would never come back
    assert reading.title_of(brackets) == brackets
    assert reading.title_of("序号（No.）,名称（name）,责任部室（departments）\n1,年会,办公室") == ""
