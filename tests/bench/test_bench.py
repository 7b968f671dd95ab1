"""The table of ``make bench`` is produced. No figure is asserted: machines differ."""

import os
import re
import subprocess
import sys

import pytest

from bench import table
from bench.__main__ import asked_scale
from bench.table import Row


def test_a_line_says_whether_its_floor_is_met() -> None:
    assert (
        table.line(Row("event page", "7.0 ms", "1", "15 ms", True)).split() == "event page 7.0 ms 1 15 ms yes".split()
    )
    assert table.line(Row("event page", "70.0 ms", "1", "15 ms", False)).endswith("  NO")
    assert table.line(Row("bare answer", "0.5 ms")).split() == ["bare", "answer", "0.5", "ms"]


@pytest.mark.parametrize(("text", "scale"), [("", 1.0), ("10", 10.0), ("0.01", 0.01)])
def test_the_scale_is_a_number(text: str, scale: float) -> None:
    assert asked_scale(text) == scale


@pytest.mark.parametrize("text", ["ten", "0", "-1", "nan", "inf", "1000"])
def test_another_scale_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"SCALE must be a number from 0\.001 to 100"):
        asked_scale(text)


@pytest.mark.processes
def test_the_whole_table_is_printed_over_a_few_rows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench"],
        env={**os.environ, "SCALE": "0.001"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, *works = [line[:58].strip() for line in done.stdout.splitlines()[2:] if re.search(r" {2}\S", line)]
    assert head == "work"
    for work in ("event page", "list of 100 events", "register: GET form + POST", "rush:", "judge's sheet, submitted"):
        assert any(line.startswith(work) for line in works), f"{work} is missing in {works}"
    for work in ("weight of the front page", "start to the first page", "RSS of a web worker", "feed of 1,000 events"):
        assert any(line.startswith(work) for line in works), f"{work} is missing in {works}"
    assert re.search(r"^\d+ of \d+ floors met, \d+ s$", done.stdout, re.MULTILINE)
