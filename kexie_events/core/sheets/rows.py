"""What a sheet is, wherever it comes from: rows, its head, its faults, the text that people see in a cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

K = TypeVar("K")

LONGEST_HEAD = 40  # characters of a cell that can be the head of a column


@dataclass(frozen=True)
class Bounds:
    """What is read at most; a row is one that holds something."""

    size: int = 5 << 20  # bytes
    rows: int = 2_000
    columns: int = 60
    cell: int = 5_000  # characters


@dataclass(frozen=True)
class Row:
    """A row that holds something. ``number`` counts from 1, as the sheet does; empty rows count too."""

    number: int
    cells: tuple[str, ...]

    def at(self, column: int | None) -> str:
        """The cell of a column counted from 0; "" for one that is not there."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True)
class Head(Generic[K]):
    """Where the heads of the columns stand: the row's number, and each column counted from 0."""

    number: int
    columns: Mapping[K, int]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a sheet: the row's number, the column counted from 0 (None: the row as a whole), in words."""

    row: int
    column: int | None
    reason: str


def letters(column: int) -> str:
    """The name of a column counted from 0: A … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def seen(value: object) -> str:
    """A value as people see it in its cell: 3.0 is 3, a midnight is a day. A percentage is its plain number."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            text = format(Decimal(format(value, ".15g")), "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            if value.time() == time():
                return value.date().isoformat()
            return value.isoformat(" ", "seconds" if value.second else "minutes")
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            shown = f"{minutes // 60:02}:{minutes % 60:02}"
            return f"{shown}:{seconds:02}" if seconds else shown
        case _:
            return str(value)


def head_word(text: str) -> str:
    """A cell of the head as it is compared; "" for what is too long to be one."""
    if len(text) > LONGEST_HEAD:
        return ""
    return re.sub(r"\([^()]*\)|[\s*\ufeff]", "", unicodedata.normalize("NFKC", text)).casefold()
