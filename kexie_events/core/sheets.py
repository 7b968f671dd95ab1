"""Sheets that come in and go out: Excel, CSV and what was copied from a table. Pure: bytes and values in, values out.

What comes in is measured before it is opened: its size, what it unpacks to, how far its cells lie apart. A cell is
the text that people see in it. What goes out has text where people mean text (telephone numbers stay whole) and
nothing that a program would compute.
"""

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from xml.parsers import expat

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from .errors import RuleBroken
from .spreadsheet import cell, typed
from .text import composed

K = TypeVar("K")

MOST_PARTS = 300  # files in a workbook
MOST_UNPACKED = 40 << 20  # bytes of all of them together
MOST_RATIO = 400  # unpacked to packed; long columns of the same word reach about a hundred
MOST_AREA = 2_000_000  # cells from the corner to the farthest one: a reader keeps a place for each
HEAD_WITHIN = 15  # rows: a title, a date and a remark may stand above the head
MOST_TEXT = 1 << 20  # bytes of a sheet in a field of a form
LONGEST_HEAD = 40  # characters of a cell that can be the head of a column

_BOOK = b"PK\x03\x04"
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # Excel of before 2007, and a workbook with a password
_NO_SHEET = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"Rar!", b"7z\xbc\xaf")
_UNUSED = ("xl/theme/", "xl/drawings/", "xl/charts/", "xl/media/", "docProps/", "customXml/", "xl/comments")
_MARKS = "\t,;|，；"

# Which field of a form (``file`` and ``text``) a refusal blames.
BLAMED = {
    f"sheets.{reason}": field
    for field, reasons in {
        "file": ("too_big", "old_or_locked", "no_sheet", "damaged", "unpacks_too_far"),
        "text": ("empty", "unreadable", "too_many", "too_wide", "too_long"),
    }.items()
    for reason in reasons
}


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


# --- in ---------------------------------------------------------------------------------------------------------


def read_file(content: bytes, bounds: Bounds | None = None) -> tuple[Row, ...]:
    """The rows of a file: xlsx, or text in UTF-8, UTF-16 with its mark, or GB 18030. The content decides, not a name.

    Of a workbook the first sheet that is shown and holds something is read.

    Raises: RuleBroken("sheets.too_big" | "sheets.old_or_locked" | "sheets.no_sheet" | "sheets.damaged" |
    "sheets.unpacks_too_far" | "sheets.empty" | "sheets.unreadable" | "sheets.too_many" | "sheets.too_wide" |
    "sheets.too_long").
    """
    bounds = bounds or Bounds()
    if len(content) > bounds.size:
        raise RuleBroken("sheets.too_big", megabytes=max(1, bounds.size >> 20))
    if content.startswith(_BOOK):
        return _bounded(_of_book(content), bounds)
    return read_text(decoded(content), bounds)


def read_text(text: str, bounds: Bounds | None = None) -> tuple[Row, ...]:
    """The rows of what was copied from a table: parted by tabs, or by the one mark that parts its first lines.

    Raises: RuleBroken("sheets.too_big" | "sheets.empty" | "sheets.unreadable" | "sheets.too_many" |
    "sheets.too_wide" | "sheets.too_long").
    """
    bounds = bounds or Bounds()
    if len(text) > bounds.size:
        raise RuleBroken("sheets.too_big", megabytes=max(1, bounds.size >> 20))
    text = text.removeprefix("\ufeff")
    return _bounded(_records(text, _mark_of(text)), bounds)


def text_of(content: bytes, bounds: Bounds | None = None) -> str:
    """A file as the text that would be pasted: what is read stands in the field, where it can be mended and sent again.

    Of a workbook the cells are parted by tabs, and empty rows stay, so that every row keeps its number.
    Raises: what ``read_file`` does; RuleBroken("sheets.too_big") for more text than a form takes.
    """
    bounds = bounds or Bounds()
    if len(content) > bounds.size:
        raise RuleBroken("sheets.too_big", megabytes=max(1, bounds.size >> 20))
    text = _pasted(read_file(content, bounds)) if content.startswith(_BOOK) else decoded(content)
    if len(text.encode()) > MOST_TEXT:
        raise RuleBroken("sheets.too_big", megabytes=MOST_TEXT >> 20)
    return text


def _pasted(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    at = 1
    for row in rows:
        out.write("\n" * (row.number - at))
        writer.writerow([*row.cells, ""] if len(row.cells) == 1 else row.cells)  # a tab says what parts the cells
        at = row.number + 1
    return out.getvalue()


def digest_of(text: str, *said: object) -> str:
    """Of a sheet and of what was said with it, however the browser ends its lines: what was previewed is saved."""
    parts = [*(str(each) for each in said), "\n".join(text.split())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def decoded(content: bytes) -> str:
    """Text as Excel and editors save it. Raises: RuleBroken("sheets.old_or_locked" | "sheets.no_sheet")."""
    if content.startswith(_OLD_OR_LOCKED):
        raise RuleBroken("sheets.old_or_locked")
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not content.startswith(_NO_SHEET) and (marked or b"\x00" not in content):
        for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise RuleBroken("sheets.no_sheet")


def find_head(rows: Sequence[Row], words: Mapping[K, Collection[str]], needed: Collection[K]) -> Head[K] | None:
    """The first row whose cells name all needed columns; what stands above it is title and remarks.

    ``words``: what people write above each column, case, spaces and remarks in brackets aside. A column that is
    named twice is the first one.
    """
    column_of = {head_word(word): key for key, each in words.items() for word in each}
    for row in rows[:HEAD_WITHIN]:
        found: dict[K, int] = {}
        for place, text in enumerate(row.cells):
            key = column_of.get(head_word(text))
            if key is not None:
                found.setdefault(key, place)
        if all(key in found for key in needed):
            return Head(row.number, found)
    return None


def head_word(text: str) -> str:
    """A cell of the head as it is compared; "" for what is too long to be one."""
    if len(text) > LONGEST_HEAD:
        return ""
    return re.sub(r"\([^()]*\)|[\s*\ufeff]", "", unicodedata.normalize("NFKC", text)).casefold()


def _bounded(records: Iterable[Iterable[object]], bounds: Bounds) -> tuple[Row, ...]:
    rows: list[Row] = []
    for number, record in enumerate(records, start=1):
        cells = [_clean(value) for value in record]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > bounds.columns:
            raise RuleBroken("sheets.too_wide", most=bounds.columns, row=number)
        for column, text in enumerate(cells):
            if len(text) > bounds.cell:
                raise RuleBroken("sheets.too_long", row=number, column=letters(column), most=bounds.cell)
        if len(rows) == bounds.rows:
            raise RuleBroken("sheets.too_many", most=bounds.rows)
        rows.append(Row(number, tuple(cells)))
    if not rows:
        raise RuleBroken("sheets.empty")
    return tuple(rows)


def _clean(value: object) -> str:
    text = composed(value if isinstance(value, str) else seen(value))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return typed("".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Cf")).strip())


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


def _mark_of(text: str) -> str:
    """What parts the cells: a tab where there is one, else what stands in most of the first lines."""
    first = [line for line in text.splitlines() if line.strip()][:HEAD_WITHIN]
    if any("\t" in line for line in first):
        return "\t"
    # In most lines; a list of names within one cell may have more of another.
    return max(_MARKS, key=lambda mark: (sum(mark in line for line in first), sum(line.count(mark) for line in first)))


def _records(text: str, mark: str) -> list[list[str]]:
    """Every row, empty ones too: their place is the number that people see."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        return list(reader)
    except csv.Error:
        # Of a copied table a quotation mark is often a quotation mark: "小小科学家"讲座.
        if mark == "\t":
            return [line.split(mark) for line in text.splitlines()]
        raise RuleBroken("sheets.unreadable", line=reader.line_num) from None


def _of_book(content: bytes) -> list[list[Any]]:
    packed = _measured(content)
    try:
        with CalamineWorkbook.from_filelike(packed) as book:
            for sheet in book.sheets_metadata:
                if sheet.visible is not SheetVisibleEnum.Visible or sheet.typ is not SheetTypeEnum.WorkSheet:
                    continue
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                if any(_clean(value) for row in rows for value in row):
                    return rows
    except (CalamineError, OSError, ValueError):
        raise RuleBroken("sheets.damaged") from None
    raise RuleBroken("sheets.empty")


def _measured(content: bytes) -> io.BytesIO:
    """The parts of a workbook that are read, unpacked and packed anew: what is opened is what has been measured.

    The sizes that an archive states of itself may be wrong; a reader that trusts them fills the memory.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise RuleBroken("sheets.damaged") from None
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise RuleBroken("sheets.unpacks_too_far")
    left = min(MOST_UNPACKED, MOST_RATIO * len(content))
    anew = io.BytesIO()
    with archive, zipfile.ZipFile(anew, "w", zipfile.ZIP_STORED) as kept:
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")) or part.filename.startswith(_UNUSED):
                continue
            try:
                with archive.open(part) as source:
                    unpacked = source.read(left + 1)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
                raise RuleBroken("sheets.damaged") from None
            except Exception as error:  # zlib.error and lzma.LZMAError share nothing but that they are errors
                raise RuleBroken("sheets.damaged") from error
            left -= len(unpacked)
            if left < 0:
                raise RuleBroken("sheets.unpacks_too_far")
            _Cells().check(unpacked)
            kept.writestr(part.filename, unpacked)
    anew.seek(0)
    return anew


class _Cells:
    """How far the cells of a sheet lie apart. A reader makes room for every cell up to the farthest one."""

    def __init__(self) -> None:
        self.row = self.column = -1
        self.last_row = self.last_column = 0
        self.in_cell = False

    def check(self, xml: bytes) -> None:
        """Raises: RuleBroken("sheets.damaged" | "sheets.unpacks_too_far")."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(xml, True)
        except (expat.ExpatError, ValueError):
            raise RuleBroken("sheets.damaged") from None
        if (self.last_row + 1) * (self.last_column + 1) > MOST_AREA:
            raise RuleBroken("sheets.unpacks_too_far")

    def _doctype(self, *_of: object) -> None:
        raise RuleBroken("sheets.damaged")  # a workbook has none; what declares entities means harm

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
                self.column = -1
            case "c":
                self.in_cell = True
                self._go(attributes.get("r"))
            case "v" | "is" if self.in_cell:
                self.last_row = max(self.last_row, self.row)
                self.last_column = max(self.last_column, self.column)

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c":
            self.in_cell = False

    def _go(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
            return
        found = re.fullmatch(r"([A-Za-z]{1,7})([0-9]{1,9})", reference, re.ASCII)
        if found is None:
            raise ValueError(reference)
        self.row, self.column = int(found[2]) - 1, 0
        for letter in found[1].upper():
            self.column = self.column * 26 + ord(letter) - 64
        self.column -= 1


# --- out --------------------------------------------------------------------------------------------------------


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
