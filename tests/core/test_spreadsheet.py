import csv
import io
import tracemalloc

import pytest

from kexie_events.core.spreadsheet import cell, lines, typed


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+cmd",
        "-cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "+1+1",
        "-2-3",
        "-1+2",
        "+86=1",
        "＝1",
        "+",
        "-",
    ],
)
def test_what_a_spreadsheet_would_compute_is_defused(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert typed(cell(text)) == text


@pytest.mark.parametrize("text", ["'90s", "'", "年会", "-5", ""])
def test_what_was_not_defused_is_read_as_it_stands(text: str) -> None:
    assert typed(text) == text


@pytest.mark.parametrize(
    "value", ["李明", "", "+8613800000126", "+86 138-0000-0126", "-5", "+3.25", "-1,200", "13800000126", "a=b", 7, -7]
)
def test_people_and_numbers_stay_as_they_are(value: object) -> None:
    assert cell(value) == str(value)


def test_a_sheet_begins_with_a_mark_and_reads_back() -> None:
    rows = [("1", '他说"好"', "a,b"), ("2", "两\n行", "=1")]
    whole = b"".join(lines(["号", "名", "注"], rows))
    assert whole[:3] == b"\xef\xbb\xbf"
    read = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))
    assert read == [["号", "名", "注"], ["1", '他说"好"', "a,b"], ["2", "两\n行", "'=1"]]


def test_memory_stays_flat_however_long_the_list_is() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        total = sum(len(piece) for piece in lines(["号", "名"], ((n, "李明") for n in range(count))))
        _, high = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total > count * 8
        return high

    assert peak(20_000) < peak(2_000) * 1.5
