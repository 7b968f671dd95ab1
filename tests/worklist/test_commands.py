from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from kexie_events.core.db import db
from kexie_events.events.models import Series
from kexie_events.worklist.models import WorkItem
from tests.build import make_unit
from tests.worklist.test_sheets import book_of_2020

LIST = "kexie_events/demo/data/worklist_2020.csv"


def run(app: Flask, *arguments: str):
    return app.test_cli_runner().invoke(args=["import", "worklist", *arguments])


def test_the_list_of_2020_comes_in_once_and_says_what_was_drafted_and_what_was_left(app: Flask) -> None:
    make_unit(name="市科协")
    first, second = run(app, LIST), run(app, LIST)
    said = first.output.splitlines()
    assert first.exit_code == 0
    assert said[:2] == ["市科协 2020: 40 added, 0 changed, 0 as before", "drafted: 20"]
    assert "  第35届 重庆市青少年科技创新大赛 (contest_project), a new series" in said[2:22]
    assert said[22] == "left: no event, or not to be drafted: 20"
    assert "  推进川渝科协战略合作" in said[23:]
    assert "  科普文化产业基地建设" in said[23:]
    assert second.output.splitlines()[:2] == [
        "市科协 2020: 0 added, 0 changed, 40 as before", "left: no event, or not to be drafted: 20",
    ]  # fmt: skip


def test_a_workbook_comes_in_like_a_table(app: Flask, tmp_path: Path) -> None:
    make_unit(name="市科协")
    book = tmp_path / "2020年清单.xlsx"
    book.write_bytes(book_of_2020())
    first, second = run(app, str(book)), run(app, LIST)
    assert first.output.splitlines()[:2] == ["市科协 2020: 40 added, 0 changed, 0 as before", "drafted: 20"]
    assert second.output.splitlines()[0] == "市科协 2020: 0 added, 0 changed, 40 as before"


def test_a_dry_run_says_the_same_and_writes_nothing(app: Flask) -> None:
    make_unit(name="市科协")
    dry = run(app, LIST, "--dry-run").output
    assert dry.startswith("市科协 2020, nothing is written: 40 added")
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 0
    assert dry.replace(", nothing is written", "") == run(app, LIST).output


def test_without_drafts_there_are_items_only(app: Flask) -> None:
    make_unit(name="市科协")
    answer = run(app, LIST, "--no-drafts")
    assert answer.output.splitlines()[1] == "left: no event, or not to be drafted: 40"
    assert db.session.scalar(select(func.count()).select_from(Series)) == 0
    assert "drafted: 20" in run(app, LIST).output  # and may come later


def test_every_bad_row_is_named_and_nothing_comes_in(app: Flask, tmp_path: Path) -> None:
    make_unit(name="市科协")
    bad = tmp_path / "list.csv"
    bad.write_text("section,no,name,departments\n甲,1,科协年会,办公室\n甲,2,,办公室\n甲,x,工作,\n")
    answer = run(app, str(bad), "--year", "2026")
    assert answer.exit_code == 1
    assert "第 3 行“名称”：是空的" in answer.output
    assert "第 4 行“责任部室”：是空的" in answer.output
    assert "第 4 行“序号”：不是 1 到 999 的数字" in answer.output
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 0


def test_the_list_as_it_is_pasted_and_one_in_gb18030_come_in_too(app: Flask, tmp_path: Path) -> None:
    make_unit(name="市科协")
    assert run(app, "tests/worklist/pasted_2020.txt").output.startswith("市科协 2020: 20 added")
    excel = tmp_path / "清单2021.csv"
    excel.write_bytes("板块,序号,名称,责任部室\n甲,1,第36届青少年科技创新大赛,办公室\n".encode("gb18030"))
    assert run(app, str(excel)).output.startswith("市科协 2021: 1 added")


def test_without_a_unit_nothing_is_imported(app: Flask) -> None:
    assert "there is no unit yet" in run(app, LIST).output
