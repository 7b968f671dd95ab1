from dataclasses import replace
from pathlib import Path

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events.rules import Publication
from kexie_events.worklist import reading, rules
from kexie_events.worklist.rules import Cells, Column, Fault, Reason, Standing

LIST = Path("kexie_events/demo/data/worklist_2020.csv")
ROW = Cells(2, "甲", "1", "工作", "办公室")


def test_the_list_of_2020_has_four_sections_of_ten() -> None:
    sheet = rules.read_rows(reading.read(LIST.read_text(encoding="utf-8")))
    assert (len(sheet.rows), sheet.faults, len({row.section for row in sheet.rows})) == (40, (), 4)
    annual_meeting = next(row for row in sheet.rows if row.name == "2020重庆市科协年会")
    assert (annual_meeting.lead, annual_meeting.supporters) == ("学会学术部", ("科学技术普及部", "宣传部"))


def test_departments_are_parted_by_any_of_the_usual_marks() -> None:
    assert rules.departments("办公室；组织人事部、宣传部\n办公室") == ("办公室", "组织人事部", "宣传部")


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"name": " "}, Column.NAME, Reason.EMPTY),
        ({"section": ""}, Column.SECTION, Reason.EMPTY),
        ({"departments": "、"}, Column.DEPARTMENTS, Reason.EMPTY),
        ({"number": ""}, Column.NUMBER, Reason.EMPTY),
        ({"number": "x"}, Column.NUMBER, Reason.NO_NUMBER),
        ({"number": "0"}, Column.NUMBER, Reason.NO_NUMBER),
        ({"number": "1."}, Column.NUMBER, Reason.TWICE),
        ({"section": "一、甲", "number": "01"}, Column.NUMBER, Reason.TWICE),
        ({"name": "长" * 121}, Column.NAME, Reason.TOO_LONG),
        ({"departments": "部" * 201}, Column.DEPARTMENTS, Reason.TOO_LONG),
    ],
)
def test_a_bad_cell_is_named_by_line_column_and_reason(changed, column: Column, reason: Reason) -> None:
    sheet = rules.read_rows([ROW, replace(ROW, **{"line": 3, "number": "2", **changed})])
    assert sheet.faults == (Fault(3, column, reason),)
    with pytest.raises(RuleBroken) as refused:
        sheet.check()
    assert (refused.value.code, refused.value.details) == (
        "worklist.row", {"line": 3, "column": column, "reason": reason},
    )  # fmt: skip


def test_every_bad_cell_is_named_not_only_the_first() -> None:
    sheet = rules.read_rows([replace(ROW, name=""), replace(ROW, line=3, number="x", departments="")])
    assert [(fault.line, fault.column) for fault in sheet.faults] == [
        (2, Column.NAME), (3, Column.DEPARTMENTS), (3, Column.NUMBER),
    ]  # fmt: skip


def test_the_same_number_may_stand_in_two_sections() -> None:
    sheet = rules.read_rows([ROW, replace(ROW, section="乙")])
    assert len(sheet.rows) == 2
    sheet.check()


def test_an_empty_list_and_one_without_end_are_refused() -> None:
    with pytest.raises(RuleBroken, match="worklist.empty"):
        rules.read_rows([])
    with pytest.raises(RuleBroken, match="worklist.too_many"):
        rules.read_rows(replace(ROW, section=f"板块{n}") for n in range(1001))


PUBLIC = Publication.PUBLISHED


@pytest.mark.parametrize(
    ("publication", "ahead", "over", "cancelled", "takes_place", "expected"),
    [
        (Publication.DRAFT, 1, 0, 0, 1, Standing.DRAFT),
        (Publication.WITHDRAWN, 0, 1, 0, 1, Standing.WITHDRAWN),
        (PUBLIC, 0, 0, 0, 0, Standing.PUBLISHED),
        (PUBLIC, 1, 3, 0, 4, Standing.PUBLISHED),
        (PUBLIC, 0, 4, 1, 4, Standing.HELD),
        (PUBLIC, 0, 2, 0, 0, Standing.HELD),  # only points of the timeline, all past
        (PUBLIC, 1, 0, 2, 0, Standing.CANCELLED),  # nothing takes place, though a point is still to come
    ],
)
def test_an_edition_stands_where_its_dates_say(publication, ahead, over, cancelled, takes_place, expected) -> None:
    found = rules.standing(publication, ahead=ahead, over=over, cancelled=cancelled, takes_place=takes_place)
    assert found is expected
