"""From a file or pasted text to rows: a table with a head, or the list as it is printed in the document. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..core import sheets
from ..core.errors import RuleBroken
from ..core.sheets import Bounds, Head, Row
from ..core.text import one_line
from . import rules
from .rules import Cells, Column, Fault

LONGEST_TITLE = 60  # characters
# A list as a document gives it has a line for each cell.
BOUNDS = Bounds(rows=8 * rules.MOST_ROWS, cell=20_000)

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
_HEAD_WORDS = {sheets.head_word(word) for words in HEADS.values() for word in words}
NEEDED = (Column.NUMBER, Column.NAME, Column.DEPARTMENTS)


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
    return "" if _head(_split(first)) else first


def list_title(text: str) -> str:
    """What the list calls itself; "" when nothing that could be a title stands above it."""
    title = one_line(title_of(text).strip('"'))
    told = title and len(title) <= LONGEST_TITLE and not rules.is_chapter(title) and not rules.is_number(title)
    return title if told and sheets.head_word(title) not in _HEAD_WORDS else ""


def read(text: str) -> list[Cells]:
    """The rows of a table, or of a list pasted from the document.

    A section stands in a column of its own, where an empty cell repeats the one above, or in a line of its own (一、…,
    or a row whose only cell is the first). A row with neither number nor name goes on with the one above: its
    departments stand in several cells.
    Raises: RuleBroken("worklist.empty" | "worklist.head" | "sheets.…").
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
        rows, head = table
    else:
        rows = (Row(1, tuple(heads.values())),)
        head = Head(1, {column: n for n, column in enumerate(heads)})
        numbers = {}
        for n, cells in enumerate(_of_document(text), start=2):
            numbers[cells.line] = n
            rows += (Row(n, (cells.section, cells.number, cells.name, cells.departments)),)
        faults = [(replace(fault, line=numbers[fault.line]), words) for fault, words in faults]
    found = [sheets.Fault(fault.line, head.columns.get(fault.column), words) for fault, words in faults]
    return sheets.marked(rows, found, head=head.number, problem=problem)


def _table(text: str) -> tuple[tuple[Row, ...], Head[Column]] | None:
    """The rows of a table and its head; None for what is no table."""
    try:
        rows = sheets.read_text(text, BOUNDS)
    except RuleBroken as broken:
        # Of a document the marks of a sentence are none of a table.
        if broken.code == "sheets.unreadable" and not _head(_split(text)):
            return None
        raise
    head = _head(rows)
    return (rows, head) if head else None


def _head(rows: Sequence[Row]) -> Head[Column] | None:
    return sheets.find_head(rows, HEADS, NEEDED)


def _split(text: str) -> list[Row]:
    """The first lines, parted at each mark alone: where a head would be."""
    lines = [line for line in text.splitlines() if line.strip()][: sheets.HEAD_WITHIN]
    return [Row(n, tuple(re.split(r"[\t,;]", line))) for n, line in enumerate(lines, start=1)]


def _of_table(rows: Sequence[Row], head: Head[Column]) -> Iterator[Cells]:
    section, item = "", None
    for row in rows:
        if row.number <= head.number:
            continue
        filled = [cell for cell in row.cells if cell]
        if len(filled) == 1 and (rules.is_chapter(filled[0]) or _heads_a_section(row, head)):
            section = filled[0]
            continue
        cells = {column: row.at(place) for column, place in head.columns.items()}
        goes_on = item and not any(cells.get(each, "") for each in _OWN)
        if goes_on and cells[Column.DEPARTMENTS] + cells.get(Column.SUPPORTERS, ""):
            item = _longer(item, cells)
            continue
        if item:
            yield item
        section = cells.get(Column.SECTION, "") or section
        item = Cells(
            row.number, section, cells[Column.NUMBER], cells[Column.NAME], cells[Column.DEPARTMENTS],
            cells.get(Column.SUPPORTERS, ""), cells.get(Column.TARGET), cells.get(Column.DUE),
        )  # fmt: skip
    if item:
        yield item


_OWN = (Column.SECTION, Column.NUMBER, Column.NAME, Column.DUE)  # what a row has that does not go on with another


def _heads_a_section(row: Row, head: Head[Column]) -> bool:
    """Whether the one cell of a row is a section's name: merged over the row, it stands at its beginning."""
    first = row.at(0)
    at_the_start = Column.SECTION not in head.columns and head.columns[Column.NUMBER] == 0
    return at_the_start and bool(first) and not rules.is_number(first)


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
        elif section and sheets.head_word(cell) not in _HEAD_WORDS:
            yield Cells(line, section, "", cell, "")  # text without a number: refused, not lost
    if item:
        yield Cells(*item)


def _cells(text: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(text.splitlines(), start=1):
        for cell in content.split("\t"):
            if cell.strip():
                yield line, cell.strip()
