"""From a file or pasted text to rows: a table with a head, or the list as it is printed in the document. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..core.errors import RuleBroken
from ..core.spreadsheet import typed
from . import rules
from .rules import Cells, Column

MOST_BYTES = 512 * 1024
LONGEST_HEAD = 40  # characters of a cell that can be the head of a column
_HEAD_WITHIN = 10  # rows: a title, a date and a remark may stand above the head
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")

# What people write above the columns; spaces, brackets and case do not count.
HEADS = {
    Column.SECTION: ("section", "板块", "类别", "部分", "分类"),
    Column.NUMBER: ("no", "no.", "number", "序号", "编号"),
    Column.NAME: ("name", "名称", "工作名称", "项目名称", "工作项目", "工作项", "事项", "item"),
    Column.DEPARTMENTS: ("departments", "责任部室", "责任单位", "责任部门", "牵头单位", "责任部室和单位"),
}
_COLUMN_OF = {word: column for column, words in HEADS.items() for word in words}
NEEDED = (Column.NUMBER, Column.NAME, Column.DEPARTMENTS)


def decode(content: bytes) -> str:
    """A text file as Excel and editors save it: UTF-8, UTF-16 with its mark, or GB 18030.

    Raises: RuleBroken("worklist.too_big" | "worklist.not_text").
    """
    if len(content) > MOST_BYTES:
        raise RuleBroken("worklist.too_big", kilobytes=MOST_BYTES // 1024)
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not content.startswith(_BOOKS) and (marked or b"\x00" not in content):
        for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise RuleBroken("worklist.not_text")


def year_in(*texts: str) -> int | None:
    """The first year that a file's name or a title names: worklist_2020.csv → 2020."""
    for text in texts:
        for digits in re.findall(r"(?<!\d)(\d{4})(?!\d)", text, re.ASCII):
            if 1900 <= int(digits) <= 2200:
                return int(digits)
    return None


def title_of(text: str) -> str:
    """What stands above a printed list; "" for a table that begins with its head."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return "" if any(_columns([first.split(mark)]) for mark in "\t,;") else first


def read(text: str) -> list[Cells]:
    """The rows of a table (comma, tab or semicolon), or of a list pasted from the document.

    A section stands in a column of its own, where an empty cell repeats the one above, or in a line of its own (一、…).
    Raises: RuleBroken("worklist.empty" | "worklist.head" | "worklist.unreadable").
    """
    if not text.strip():
        raise RuleBroken("worklist.empty")
    for mark in "\t,;":
        table = _records(text, mark)
        if columns := _columns(table[:_HEAD_WITHIN]):
            return list(_of_table(table, *columns))
    if any(rules.is_chapter(line) for line in text.splitlines()):
        return list(_of_document(text))
    raise RuleBroken("worklist.head", columns=list(NEEDED))


def _records(text: str, mark: str) -> list[list[str]]:
    """Every row of the sheet, empty ones too: their place is the number that people see."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        return [[typed(cell) for cell in record] for record in reader]
    except csv.Error:
        raise RuleBroken("worklist.unreadable", line=reader.line_num) from None


def _columns(records: Sequence[Sequence[str]]) -> tuple[int, dict[Column, int]] | None:
    """Place of the head and of its columns; None when no row is a head."""
    for n, record in enumerate(records):
        places: dict[Column, int] = {}
        for place, cell in enumerate(record):
            column = _COLUMN_OF.get(_head_word(cell))
            if column is not None:
                places.setdefault(column, place)
        if all(column in places for column in NEEDED):
            return n, places
    return None


def _head_word(cell: str) -> str:
    """A cell of the head without remarks in brackets; "" for what is too long to be one."""
    if len(cell) > LONGEST_HEAD:
        return ""
    plain = re.sub(r"\([^()]*\)|\s|\ufeff", "", unicodedata.normalize("NFKC", cell))
    return plain.casefold()


def _of_table(table: Sequence[Sequence[str]], head: int, places: dict[Column, int]) -> Iterator[Cells]:
    section = ""
    for line, record in enumerate(table[head + 1 :], start=head + 2):
        filled = [cell for cell in record if cell.strip()]
        if not filled:
            continue
        if len(filled) == 1 and rules.is_chapter(filled[0]):
            section = filled[0]
            continue
        cells = {column: record[place] if place < len(record) else "" for column, place in places.items()}
        section = cells.get(Column.SECTION, "").strip() or section
        yield Cells(line, section, cells[Column.NUMBER], cells[Column.NAME], cells[Column.DEPARTMENTS])


def _of_document(text: str) -> Iterator[Cells]:
    """Cell by cell, as a word processor gives a table: number, name, then departments until the next number."""
    section, item = "", None
    for line, cell in _cells(text):
        if rules.is_chapter(cell):
            if item:
                yield Cells(*item)
            section, item = cell, None
        elif section and rules.is_number(cell):
            if item:
                yield Cells(*item)
            item = (line, section, cell, "", "")
        elif item:
            at, of, number, name, named = item
            item = (at, of, number, name, f"{named};{cell}") if name else (at, of, number, cell, named)
        elif section and _head_word(cell) not in _COLUMN_OF:
            yield Cells(line, section, "", cell, "")  # text without a number: refused, not lost
    if item:
        yield Cells(*item)


def _cells(text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(text.splitlines(), start=1):
        for cell in content.split("\t"):
            if cell.strip():
                yield line, cell.strip()
