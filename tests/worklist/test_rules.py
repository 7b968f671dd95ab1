import csv
from pathlib import Path

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.worklist import rules

LIST = Path("kexie_events/demo/data/worklist_2020.csv")


def test_the_list_of_2020_has_four_sections_of_ten() -> None:
    rows = rules.read_rows(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
    sections = {row.section for row in rows}
    assert (len(rows), len(sections)) == (40, 4)
    annual_meeting = next(row for row in rows if row.name == "2020重庆市科协年会")
    assert (annual_meeting.lead, annual_meeting.supporters) == ("学会学术部", ("科学技术普及部", "宣传部"))


def test_departments_are_parted_by_any_of_the_usual_marks() -> None:
    assert rules.departments("办公室；组织人事部、宣传部\n办公室") == ("办公室", "组织人事部", "宣传部")


ROW = {"section": "甲", "no": "1", "name": "工作", "departments": "办公室"}


@pytest.mark.parametrize(
    ("rows", "details"),
    [
        ([ROW, {**ROW, "no": "2", "name": " "}], {"line": 3, "column": "name"}),
        ([ROW, {**ROW, "no": "x"}], {"line": 3, "column": "no"}),
        ([ROW, ROW], {"line": 3, "column": "no"}),
        ([{**ROW, "departments": None}], {"line": 2, "column": "departments"}),
    ],
)
def test_a_bad_row_is_named_by_line_and_column(rows, details) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.read_rows(rows)
    assert refused.value.code == "worklist.row"
    assert refused.value.details == details


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(RuleBroken, match="worklist.empty"):
        rules.read_rows([])
