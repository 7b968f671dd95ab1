"""``flask judging …``: from files to files, without database or broker."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kexie_events.core.errors import RuleBroken
from kexie_events.judging import files

ROOT = Path(__file__).parents[2]
INSTANCE: dict[str, Any] = {
    "version": 1,
    "name": "初评",
    "seed": 41,
    "rules": {
        "min_affinity": 0.1, "max_same_institution": 1, "max_same_district": 2, "own_district": "forbid",
        "min_experts": 1, "expert_level": 0.8,
    },
    "projects": [
        {"id": f"p{n}", "discipline": "D01", "topic": "t1", "institution": "一中", "district": "渝中区", "need": 2}
        for n in range(3)
    ],
    "judges": [
        {"id": "a", "institution": "甲", "district": "万州区", "expertise": {"D01": 0.9}, "topics": ["t1"],
         "linked": [], "min": 0, "max": 3},
        {"id": "b", "institution": "乙", "district": "开州区", "expertise": {"D01": 0.4}, "topics": [], "linked": [],
         "min": 1, "max": 3},
        {"id": "c", "institution": "丙", "district": "渝中区", "expertise": {"D01": 1}, "topics": [], "linked": [],
         "min": 0, "max": 3},
        {"id": "d", "institution": "丁", "district": "云阳县", "expertise": {"D01": 0.3}, "topics": [],
         "linked": ["一中"], "min": 0, "max": 3},
    ],
    "conflicts": [],
}  # fmt: skip


def flask(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, with addresses behind which nothing listens."""
    environment = {
        "KEXIE_DATA": str(folder / "data"), "DATABASE_URL": "postgresql://127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "judging", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


def write(folder: Path, **changed: Any) -> Path:
    path = folder / "instance.json"
    path.write_text(json.dumps({**INSTANCE, **changed}), "utf-8")
    return path


def test_an_instance_becomes_pairs_without_database_or_broker(tmp_path: Path) -> None:
    done = flask("assign", write(tmp_path), tmp_path / "out.csv", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(tmp_path / "out.csv") == [
        ["project", "judge"],
        ["p0", "a"], ["p0", "b"], ["p1", "a"], ["p1", "b"], ["p2", "a"], ["p2", "b"],
    ]  # fmt: skip


def test_an_impossible_instance_exits_with_2_and_says_in_words_what_to_relax(tmp_path: Path) -> None:
    scarce = [{**row, "max": 1} for row in INSTANCE["judges"]]
    done = flask("assign", write(tmp_path, judges=scarce), tmp_path / "out.csv", folder=tmp_path)
    assert done.returncode == 2
    assert "要 6 份评分，评委最多只能给 2 份" in done.stderr
    assert "评委最多件数" in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_scores_become_one_row_per_item(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("judge,item,score\nx,b,70\ny,a,0.9e2\nx,a,80\ny,b,70.5\n", "utf-8")
    done = flask("rank", tmp_path / "in.csv", tmp_path / "out.csv", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(tmp_path / "out.csv") == [
        ["item", "score", "mean", "n", "stderr", "rank", "low", "high"],
        ["a", "85.000000", "85.000000", "2", "3.539951", "1", "79.177299", "90.822701"],
        ["b", "70.250000", "70.250000", "2", "3.539951", "2", "64.427299", "76.072701"],
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"version": 2}, "version"),
        ({"projects": [{"id": "p", "need": -1}]}, "projects[0].need"),
        ({"projects": [{"id": "p", "need": 1}, {"id": "p", "need": 1}]}, "projects: id"),
        ({"projects": {}}, "projects"),
        ({"judges": [{"id": "a", "min": 3, "max": 2}]}, "judges[0].min > max"),
        ({"judges": [{"id": "a", "max": "3"}]}, "judges[0].max"),
        ({"judges": [{"id": "a", "max": 3, "expertise": {"D01": "high"}}]}, "judges[0].expertise.D01"),
        ({"judges": [{"id": "a", "max": 3, "linked": "一中"}]}, "judges[0].linked"),
        ({"rules": {"own_district": "maybe"}}, "rules.own_district"),
        ({"rules": {"max_same_district": 0}}, "rules.max_same_district"),
        ({"conflicts": [["a"]]}, "conflicts[0]"),
    ],
)
def test_what_is_wrong_in_an_instance_is_named(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        files.read_instance(write(tmp_path, **change))
    assert (caught.value.code, caught.value.details) == ("judging.file", {"where": where})


def test_what_an_instance_leaves_out_is_no_rule(tmp_path: Path) -> None:
    instance = files.read_instance(
        write(tmp_path, rules={}, judges=[{"id": "a", "max": 3}], projects=[{"id": "p", "need": 1}])
    )
    assert (instance.rules.max_same_district, instance.rules.own_district, instance.judges[0].least) == (
        None,
        "allow",
        0,
    )


@pytest.mark.parametrize(
    "text",
    [
        "judge,item\nx,a\n",
        "a,b\n1,2\n",
        "a,b,c,d\n1,2,3,4\n",
        "judge,item,score\nx,a,\n",
        "judge,item,score\nx,a,nan\n",
        "judge,item,score\n,a,1\n",
    ],
)
def test_scores_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "in.csv").write_text(text, "utf-8")
    with pytest.raises(RuleBroken, match=r"judging\.file"):
        files.read_scores(tmp_path / "in.csv")


def test_an_instance_too_deep_to_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 50_000, "utf-8")
    with pytest.raises(RuleBroken, match=r"judging\.file"):
        files.read_instance(tmp_path / "deep.json")


def test_a_result_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("judge,item,score\nx,a,1\n", "utf-8")
    done = flask("rank", tmp_path / "in.csv", tmp_path / "nowhere" / "out.csv", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("结果写不进 ")


def test_the_commands_are_registered(app: Flask) -> None:
    assert sorted(app.cli.commands["judging"].commands) == ["assign", "rank"]  # type: ignore[attr-defined]
