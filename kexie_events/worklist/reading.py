"""From a file or pasted text to rows: a table with a head, or the list as it is printed in the document. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..core import sheets
from ..core.errors import RuleBroken
from ..core.spreadsheet import typed
from ..core.text import one_line
from . import rules
from .rules import Cells, Column, Fault

MOST_BYTES = 512 * 1024
LONGEST_TITLE = 60  # characters
LONGEST_HEAD = 40  # characters of a cell that can be the head of a column
_HEAD_WITHIN = 10  # rows: a title, a date and a remark may stand above the head
_BOOK = b"PK\x03\x04"
_BOOKS = (_BOOK, b"\xd0\xcf\x11\xe0", b"%PDF")

# What people write above the columns; spaces, brackets and case do not count.
HEADS = {
    Column.SECTION: ("section", "板块", "类别", "部分", "分类"),
    Column.NUMBER: ("no", "no.", "number", "序号", "编号"),
    Column.NAME: ("name", "名称", "工作名称", "项目名称", "工作项目", "工作项", "事项", "item"),
    Column.DEPARTMENTS: (
        "departments", "责任部室", "责任单位", "责任部门", "责任部室和单位", "牵头单位", "牵头部室", "牵头部门", "lead",
    ),
    Column.SUPPORTERS: ("supporters", "supporting", "配合部室", "配合单位", "配合部门", "协办单位", "会同部室"),
    Column.TARGET: ("target", "targets", "目标", "指标", "工作目标", "目标任务", "年度目标"),
    Column.DUE: ("due", "完成时限", "时限", "完成时间", "截止时间", "时间节点"),
}  # fmt: skip
_COLUMN_OF = {word: column for column, words in HEADS.items() for word in words}
NEEDED = (Column.NUMBER, Column.NAME, Column.DEPARTMENTS)


def as_text(content: bytes) -> str:
    """A file as the text that would be pasted: of a workbook, its cells parted by tabs, every row in its place.

    Raises: RuleBroken("worklist.too_big" | "worklist.not_text" | "sheets.…").
    """
    if not content.startswith(_BOOK):
        return decode(content)
    if len(content) > MOST_BYTES:
        raise RuleBroken("worklist.too_big", kilobytes=MOST_BYTES // 1024)
    rows = sheets.read_file(content, sheets.Bounds(size=MOST_BYTES, rows=rules.MOST_ROWS + 200))
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    at = 1
    for row in rows:
        text.write("\n" * (row.number - at))
        writer.writerow(row.cells)
        at = row.number + 1
    return text.getvalue()


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


def list_title(text: str) -> str:
    """What the list calls itself; "" when nothing that could be a title stands above it."""
    title = one_line(title_of(text).strip('"'))
    told = title and len(title) <= LONGEST_TITLE and not rules.is_chapter(title) and not rules.is_number(title)
    return title if told and _head_word(title) not in _COLUMN_OF else ""


def read(text: str) -> list[Cells]:
    """The rows of a table (comma, tab or semicolon), or of a list pasted from the document.

    A section stands in a column of its own, where an empty cell repeats the one above, or in a line of its own (一、…,
    or a row whose only cell is the first). A row with neither number nor name goes on with the one above: its
    departments stand in several cells.
    Raises: RuleBroken("worklist.empty" | "worklist.head" | "worklist.unreadable").
    """
    if not text.strip():
        raise RuleBroken("worklist.empty")
    if table := _table(text):
        return list(_of_table(*table))
    if any(rules.is_chapter(line) for line in text.splitlines()):
        return list(_of_document(text))
    raise RuleBroken("worklist.head", columns=list(NEEDED))


def marked(text: str, faults: Iterable[tuple[Fault, str]], *, problem: str, heads: dict[Column, str]) -> bytes:
    """The list as a workbook, with what is wrong at each cell. ``problem``: head of the column that says it all.

    A list without columns of its own, as a document gives it, gets those of ``heads``.
    """
    if table := _table(text):
        records, head, places = table
    else:
        places = {column: n for n, column in enumerate(heads)}
        records, head = [list(heads.values())], 0
        numbers = {}
        for n, cells in enumerate(_of_document(text), start=2):
            numbers[cells.line] = n
            records.append([cells.section, cells.number, cells.name, cells.departments])
        faults = [(replace(fault, line=numbers[fault.line]), words) for fault, words in faults]
    return sheets.marked(
        [sheets.Row(n, tuple(record)) for n, record in enumerate(records, start=1) if any(record)],
        [sheets.Fault(fault.line, places.get(fault.column), words) for fault, words in faults],
        head=head + 1, problem=problem,
    )  # fmt: skip


def _table(text: str) -> tuple[list[list[str]], int, dict[Column, int]] | None:
    """The rows of a table, the place of its head and of its columns; None for what is no table."""
    for mark in "\t,;":
        table = _records(text, mark)
        if columns := _columns(table[:_HEAD_WITHIN]):
            return table, *columns
    return None


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
    section, item = "", None
    for line, record in enumerate(table[head + 1 :], start=head + 2):
        filled = [cell for cell in record if cell.strip()]
        if not filled:
            continue
        if len(filled) == 1 and (rules.is_chapter(filled[0]) or _heads_a_section(record, places)):
            section = filled[0]
            continue
        cells = {column: record[place] if place < len(record) else "" for column, place in places.items()}
        goes_on = item and not any(cells.get(each, "").strip() for each in _OWN)
        if goes_on and cells[Column.DEPARTMENTS].strip() + cells.get(Column.SUPPORTERS, "").strip():
            item = _longer(item, cells)
            continue
        if item:
            yield item
        section = cells.get(Column.SECTION, "").strip() or section
        item = Cells(
            line, section, cells[Column.NUMBER], cells[Column.NAME], cells[Column.DEPARTMENTS],
            cells.get(Column.SUPPORTERS, ""), cells.get(Column.TARGET), cells.get(Column.DUE),
        )  # fmt: skip
    if item:
        yield item


_OWN = (Column.SECTION, Column.NUMBER, Column.NAME, Column.DUE)  # what a row has that does not go on with another


def _heads_a_section(record: Sequence[str], places: dict[Column, int]) -> bool:
    """Whether the one cell of a row is a section's name: merged over the row, it stands at its beginning."""
    first = record[0].strip()
    return Column.SECTION not in places and places[Column.NUMBER] == 0 and bool(first) and not rules.is_number(first)


def _longer(item: Cells, cells: dict[Column, str]) -> Cells:
    """With what stands in the next row of its merged cells."""
    target = cells.get(Column.TARGET)
    return replace(
        item,
        departments=f"{item.departments}\n{cells[Column.DEPARTMENTS]}",
        supporters=f"{item.supporters}\n{cells.get(Column.SUPPORTERS, '')}",
        target=item.target if not target else f"{item.target}\n{target}",
    )


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
