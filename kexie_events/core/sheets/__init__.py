"""Sheets that come in and go out: Excel, CSV, what was copied from a table. Pure: bytes and values in, values out."""

from .reading import (
    BLAMED,
    HEAD_WITHIN,
    MOST_PARTS,
    MOST_TEXT,
    decoded,
    digest_of,
    find_head,
    read_file,
    read_text,
    text_of,
)
from .rows import Bounds, Fault, Head, Row, head_word, letters, seen
from .writing import Band, Column, Official, marked, written

__all__ = [
    "BLAMED",
    "HEAD_WITHIN",
    "MOST_PARTS",
    "MOST_TEXT",
    "Band",
    "Bounds",
    "Column",
    "Fault",
    "Head",
    "Official",
    "Row",
    "decoded",
    "digest_of",
    "find_head",
    "head_word",
    "letters",
    "marked",
    "read_file",
    "read_text",
    "seen",
    "text_of",
    "written",
]
