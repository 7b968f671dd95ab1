"""Reading the year's work list: rows, departments, and the order of the sections."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.errors import RuleBroken

COLUMNS = ("section", "no", "name", "departments")
MOST_ROWS = 1000


@dataclass(frozen=True)
class Row:
    """One item as it stands in the list. ``lead``: the first department named (牵头); ``supporters``: the others."""

    section: str
    number: int
    name: str
    lead: str
    supporters: tuple[str, ...]


def departments(text: str) -> tuple[str, ...]:
    """学会学术部;宣传部 or 学会学术部、宣传部 → its parts, in order, none twice."""
    names = (part.strip() for part in re.split(r"[;；、,，\n]", text))
    return tuple(dict.fromkeys(name for name in names if name))


def read_rows(rows: Iterable[Mapping[str, str | None]]) -> list[Row]:
    """The rows of a table with COLUMNS.

    Raises: RuleBroken("worklist.row", line=…, column=…) for the first bad one; lines count from 2, below the head.
    """
    found: list[Row] = []
    seen: set[tuple[str, int]] = set()
    for line, row in enumerate(rows, start=2):
        if line > MOST_ROWS + 1:
            raise RuleBroken("worklist.too_many", most=MOST_ROWS)
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        for column in ("section", "name", "departments"):
            if not cells[column]:
                raise RuleBroken("worklist.row", line=line, column=column)
        if not re.fullmatch(r"\d{1,3}", cells["no"]) or (cells["section"], int(cells["no"])) in seen:
            raise RuleBroken("worklist.row", line=line, column="no")
        lead, *supporters = departments(cells["departments"])
        seen.add((cells["section"], int(cells["no"])))
        found.append(Row(cells["section"], int(cells["no"]), cells["name"], lead, tuple(supporters)))
    if not found:
        raise RuleBroken("worklist.empty")
    return found
