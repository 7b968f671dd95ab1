"""Rows for a spreadsheet: UTF-8 with BOM, so that Excel reads Chinese, and no cell that it would compute."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"
ROWS_AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# +8613800000000, +86 138-0000-0000, -5, +3.25, -1,200: people's numbers, which Excel reads as such and no more.
_NUMBER = re.compile(r"[+-]\d[\d ,.-]*")


def cell(value: object) -> str:
    """A value as text; what would start a formula gets a leading apostrophe, numbers and phones stay usable."""
    text = str(value)
    if text.startswith(_FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def typed(text: str) -> str:
    """What somebody typed into a cell that ``cell`` has written: without the apostrophe that defused it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _is_number(text: str) -> bool:
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return False
    # "-2-3" would be computed: dashes only part the groups of a telephone number, which begins with +.
    return text[0] == "+" or "-" not in text[1:]


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV file in pieces of some hundred rows; as much stays in memory as one piece."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerow([cell(value) for value in head])
    for n, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if n % ROWS_AT_ONCE == 0:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
