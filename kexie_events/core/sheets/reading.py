"""Reading a sheet. What comes in is measured before it is opened: its size, what it unpacks to, how far its cells lie
apart. A cell is the text that people see in it."""

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ..errors import RuleBroken
from ..spreadsheet import typed
from ..text import composed
from .rows import Bounds, Head, K, Row, head_word, letters, seen

MOST_PARTS = 300  # files in a workbook
MOST_UNPACKED = 40 << 20  # bytes of all of them together
MOST_RATIO = 400  # unpacked to packed; long columns of the same word reach about a hundred
MOST_AREA = 2_000_000  # cells from the corner to the farthest one: a reader keeps a place for each
HEAD_WITHIN = 15  # rows: a title, a date and a remark may stand above the head
MOST_TEXT = 1 << 20  # bytes of a sheet in a field of a form

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
