from flask import Flask

from tests.build import make_unit

LIST = "kexie_events/demo/data/worklist_2020.csv"


def run(app: Flask, *arguments: str):
    return app.test_cli_runner().invoke(args=["import", "worklist", *arguments])


def test_the_list_of_2020_comes_in_once(app: Flask) -> None:
    make_unit(name="市科协")
    first, second = run(app, LIST), run(app, LIST)
    assert (first.exit_code, first.output) == (0, "市科协 2020: 40 added, 0 changed, 0 as before\n")
    assert (second.exit_code, second.output) == (0, "市科协 2020: 0 added, 0 changed, 40 as before\n")


def test_a_bad_row_is_named_and_nothing_comes_in(app: Flask, tmp_path) -> None:
    make_unit(name="市科协")
    bad = tmp_path / "list.csv"
    bad.write_text("section,no,name,departments\n甲,1,工作,办公室\n甲,2,,办公室\n")
    answer = run(app, str(bad), "--year", "2026")
    assert answer.exit_code == 1
    assert "第 3 行的 name 列是空的" in answer.output


def test_without_a_unit_nothing_is_imported(app: Flask) -> None:
    assert "there is no unit yet" in run(app, LIST).output
