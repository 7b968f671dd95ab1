"""Writing a sheet: text where people mean text (telephone numbers stay whole), nothing that a program computes."""

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from ..spreadsheet import cell
from .rows import Fault, Row, head_word, seen


@dataclass(frozen=True)
class Column:
    """A column that goes out. ``width`` in half-width characters; ``note``: said when the cell of the head is picked;
    ``choices``: what may be picked in its cells."""

    head: str
    width: float = 14
    centred: bool = False
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Official:
    """How an official table looks: a title over the whole width, lines below it, a foot. A4, on its side."""

    title: str
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    foot: str = "&C&P / &N"


@dataclass(frozen=True)
class Band:
    """A row over the whole width that heads those below it: a section."""

    text: str


def written(
    name: str, columns: Sequence[Column], rows: Iterable[Sequence[object] | Band], official: Official | None = None
) -> bytes:
    """A workbook of one sheet. Numbers and days are such; all else is text, and nothing is computed.

    The memory taken does not grow with the rows. ``name`` of the sheet, at most 31 characters.
    """
    with _Book(name) as book:
        return book.filled(columns, rows, official)


def marked(rows: Sequence[Row], faults: Iterable[Fault], *, head: int, problem: str) -> bytes:
    """The same sheet with its faults marked: coloured cells, a remark on each, and a last column that says all.

    ``head``: the number of the row with the heads; ``problem``: the head of the last column, which is filled anew
    when the sheet has it already. Rows keep their numbers.
    """
    with _Book("Sheet1") as book:
        return book.marked(rows, faults, head, problem)


_BORDER = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}


class _Book:
    def __init__(self, name: str) -> None:
        self.bytes = io.BytesIO()
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book: Any = xlsxwriter.Workbook(self.bytes, {"constant_memory": True, **options})
        self.sheet: Any = self.book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31].strip() or "Sheet1")
        self.sheet.set_paper(9)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)

    def __enter__(self) -> "_Book":
        return self

    def __exit__(self, *_of: object) -> None:
        if not self.book.fileclosed:
            self.book.close()  # removes the temporary files

    def done(self) -> bytes:
        self.book.close()
        return self.bytes.getvalue()

    def filled(
        self, columns: Sequence[Column], rows: Iterable[Sequence[object] | Band], official: Official | None
    ) -> bytes:
        last = max(len(columns) - 1, 0)
        for n, column in enumerate(columns):
            self.sheet.set_column(n, n, column.width)
        at = self._titled(official, last) if official else 0
        heads = self.book.add_format({**_BORDER, "bold": True, "align": "center", "bg_color": "#E8EEF0"})
        for n, column in enumerate(columns):
            self.sheet.write_string(at, n, column.head, heads)
            if column.note:
                self.sheet.write_comment(at, n, column.note, {"x_scale": 1.5})
            if column.choices and len(",".join(column.choices)) <= 255:
                self.sheet.data_validation(
                    at + 1, n, at + 1000, n, {"validate": "list", "source": list(column.choices), "ignore_blank": True,
                    "error_type": "warning"},
                )  # fmt: skip
        self.sheet.freeze_panes(at + 1, 0)
        self.sheet.repeat_rows(at)
        formats = _Formats(self.book)
        bands = self.book.add_format({**_BORDER, "bold": True, "bg_color": "#F3F6F6"})
        for row in rows:
            at += 1
            if isinstance(row, Band):
                self._across(at, last, row.text, bands)
                continue
            for n, value in enumerate(row):
                self._put(at, n, value, formats, centred=n <= last and columns[n].centred)
        below = self.book.add_format({"text_wrap": True, "font_size": 10})
        for text in official.below if official else ():
            at += 1
            self._across(at, last, text, below)
        return self.done()

    def _titled(self, official: Official, last: int) -> int:
        """Title and lines above the head; the row of the head."""
        title = self.book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        plain = self.book.add_format({"font_size": 10, "valign": "vcenter"})
        self.sheet.set_footer(official.foot)
        for n, text in enumerate((official.title, *official.above)):
            self.sheet.set_row(n, 32 if n == 0 else 18)
            self._across(n, last, text, plain if n else title)
        return 1 + len(official.above)

    def _across(self, at: int, last: int, text: str, look: Any) -> None:
        """Over the whole width; a range of one cell is none."""
        if last:
            self.sheet.merge_range(at, 0, at, last, cell(text), look)
        else:
            self.sheet.write_string(at, 0, cell(text), look)

    def _put(self, at: int, n: int, value: object, formats: "_Formats", *, centred: bool) -> None:
        match value:
            case bool() | None:
                self.sheet.write_string(at, n, cell("" if value is None else seen(value)), formats.of("@", centred))
            case int() | float() | Decimal():
                self.sheet.write_number(at, n, value, formats.of("General", centred))
            case datetime():
                self.sheet.write_datetime(at, n, value.replace(tzinfo=None), formats.of("yyyy-mm-dd hh:mm", centred))
            case date():
                self.sheet.write_datetime(at, n, value, formats.of("yyyy-mm-dd", centred))
            case _:
                self.sheet.write_string(at, n, cell(value), formats.of("@", centred))

    def marked(self, rows: Sequence[Row], faults: Iterable[Fault], head: int, problem: str) -> bytes:
        by_row: dict[int, list[Fault]] = {}
        for fault in faults:
            by_row.setdefault(fault.row, []).append(fault)
        heads = next((row.cells for row in rows if row.number == head), ())
        last = next(
            (n for n, text in enumerate(heads) if head_word(text) == head_word(problem)),
            max((len(row.cells) for row in rows), default=0),
        )
        text = {"num_format": "@", "text_wrap": True, "valign": "top"}
        plain = self.book.add_format(text)
        bold = self.book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        bad = self.book.add_format({**text, "bg_color": "#FBE3DC", "font_color": "#8F2412", "border": 1})
        for n in range(last):
            self.sheet.set_column(n, n, _width(rows, n))
        self.sheet.set_column(last, last, 44)
        for row in rows:
            at, wrong = row.number - 1, by_row.get(row.number, [])
            said = {n: "\n".join(f.reason for f in wrong if f.column == n) for n in {f.column for f in wrong}}
            for n in range(last):
                if row.at(n) or n in said:
                    style = bold if row.number == head else bad if n in said else plain
                    self.sheet.write_string(at, n, cell(row.at(n)), style)
                if n in said:
                    self.sheet.write_comment(at, n, said[n], {"x_scale": 1.5})
            if row.number == head:
                self.sheet.write_string(at, last, problem, bold)
            elif wrong:
                self.sheet.write_string(at, last, cell("\n".join(self._said(f, heads) for f in wrong)), bad)
        self.sheet.freeze_panes(head, 0)
        return self.done()

    def _said(self, fault: Fault, heads: Sequence[str]) -> str:
        if fault.column is None or fault.column >= len(heads):
            return fault.reason
        return f"{heads[fault.column]}：{fault.reason}"


class _Formats:
    """One format for each look: a workbook keeps every one that is made."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[str, bool], Any] = {}

    def of(self, number: str, centred: bool) -> Any:
        if (number, centred) not in self.made:
            look = {**_BORDER, "num_format": number, "align": "center" if centred else "left"}
            self.made[number, centred] = self.book.add_format(look)
        return self.made[number, centred]


def _width(rows: Sequence[Row], column: int) -> float:
    """Wide enough for most of its cells; a Chinese character takes two places."""
    longest = max((max(map(_places, row.at(column).split("\n"))) for row in rows), default=0)
    return min(max(longest + 2, 8), 40)


def _places(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
