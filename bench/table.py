"""The table that ``make bench`` prints."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line. ``met`` is None where nothing is asked: a comparison, or an orientation."""

    work: str
    figure: str
    sql: str = ""
    floor: str = ""
    met: bool | None = None


HEAD = Row("work", "figure", "SQL", "floor")
WIDTHS = (73, 30, 7, 26)


def line(row: Row) -> str:
    """One line of plain text; a cell that is too long pushes the rest to the right rather than being cut."""
    verdict = "met?" if row is HEAD else {None: "", True: "yes", False: "NO"}[row.met]
    cells = (row.work, row.figure, row.sql, row.floor)
    return "  ".join([*(_padded(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)), verdict]).rstrip()


def rule() -> str:
    return "-" * (sum(WIDTHS) + 2 * len(WIDTHS) + 4)


def missed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.met is False]


def _padded(text: str, width: int) -> str:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return text + " " * (width - len(text) - wide)
