"""The rows of the year's work list: which are sound, what is wrong with the others; where an item's event stands."""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ..core.errors import RuleBroken
from ..core.text import one_line
from ..events.rules import LONGEST_NAME, Publication
from . import targets
from .targets import Aim

MOST_ROWS = 1000
LONGEST_CELL = 200  # characters, of the departments
_NUMBER = re.compile(r"(\d{1,3})[.、．]?", re.ASCII)
_CHAPTER = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]\s*(?=\S)")


class Column(enum.Enum):
    """A column of the list (列)."""

    SECTION = "section"
    NUMBER = "no"
    NAME = "name"
    DEPARTMENTS = "departments"
    SUPPORTERS = "supporters"
    TARGET = "target"
    DUE = "due"


class Reason(enum.Enum):
    """What is wrong with a cell (问题)."""

    EMPTY = "empty"
    NO_NUMBER = "no_number"
    TWICE = "twice"
    TOO_LONG = "too_long"
    NO_DATE = "no_date"
    TARGET_TOO_LONG = "target_too_long"
    TOO_MANY = "too_many"


class Change(enum.Enum):
    """What an import does to a row (变化)."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Standing(enum.Enum):
    """How far the edition of an item is (进展)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    HELD = "held"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Cells:
    """A row as it was typed. ``line``: its number in the sheet or text, as people count.

    ``target``, ``due``: None where the list has no such column.
    """

    line: int
    section: str
    number: str
    name: str
    departments: str
    supporters: str = ""
    target: str | None = None
    due: str | None = None


@dataclass(frozen=True)
class Row:
    """One item as it stands in the list. ``lead``: the first department named (牵头); ``supporters``: the others.

    ``aims``: its targets; None: the list does not say, and what the item has stays. So with ``due_on``, unless
    ``dated``.
    """

    line: int
    section: str
    number: int
    name: str
    lead: str
    supporters: tuple[str, ...]
    aims: tuple[Aim, ...] | None = None
    due_on: date | None = None
    dated: bool = False


@dataclass(frozen=True)
class Fault:
    """One cell that cannot be taken."""

    line: int
    column: Column
    reason: Reason

    def error(self) -> RuleBroken:
        return RuleBroken("worklist.row", line=self.line, column=self.column, reason=self.reason)


@dataclass(frozen=True)
class Sheet:
    """A list that was read: its sound rows, and what is wrong with the others, in order."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]

    def check(self) -> None:
        """All rows or none. Raises: RuleBroken("worklist.row", line=…, column=…, reason=…) for the first fault."""
        if self.faults:
            raise self.faults[0].error()


def departments(text: str) -> tuple[str, ...]:
    """学会学术部;宣传部 or 学会学术部、宣传部 → its parts, in order, none twice."""
    names = (one_line(part) for part in re.split(r"[;；、,，\n]", text))
    return tuple(dict.fromkeys(name for name in names if name))


def section_name(text: str) -> str:
    """一、学会学术10个重大活动 → 学会学术10个重大活动."""
    return _CHAPTER.sub("", one_line(text), count=1) if is_chapter(text) else one_line(text)


def is_chapter(text: str) -> bool:
    """Whether a line of its own heads a section: 一、…, （二）、…"""
    return _CHAPTER.match(one_line(text)) is not None


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def read_rows(rows: Iterable[Cells], year: int = 0) -> Sheet:
    """Look at every row. ``year``: of the list, for last days that name none; 0: not known.

    Raises: RuleBroken("worklist.empty" | "worklist.too_many").
    """
    found: list[Row] = []
    faults: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    for n, cells in enumerate(rows):
        if n >= MOST_ROWS:
            raise RuleBroken("worklist.too_many", most=MOST_ROWS)
        aims, due_on, unread = _read(cells, year)
        wrong = [*_faults(cells, seen), *unread]
        faults += wrong
        if not wrong:
            lead, *others = departments(f"{cells.departments};{cells.supporters}")
            number = int(_digits(cells.number))
            section, name = section_name(cells.section), one_line(cells.name)
            found.append(
                Row(cells.line, section, number, name, lead, tuple(others), aims, due_on, cells.due is not None)
            )
    if not found and not faults:
        raise RuleBroken("worklist.empty")
    return Sheet(tuple(found), tuple(faults))


def _read(cells: Cells, year: int) -> tuple[tuple[Aim, ...] | None, date | None, list[Fault]]:
    """Targets and last day of a row, and what is wrong with them."""
    aims, due_on, faults = None, None, []
    try:
        aims = None if cells.target is None else targets.aims(cells.target)
    except RuleBroken as broken:
        many = broken.code == "worklist.too_many_targets"
        faults.append(Fault(cells.line, Column.TARGET, Reason.TOO_MANY if many else Reason.TARGET_TOO_LONG))
    try:
        due_on = targets.due(cells.due or "", year)
    except RuleBroken:
        faults.append(Fault(cells.line, Column.DUE, Reason.NO_DATE))
    return aims, due_on, faults


def _digits(text: str) -> str:
    match = _NUMBER.fullmatch(text.strip())
    return str(int(match[1])) if match and int(match[1]) else ""


def _faults(cells: Cells, seen: set[tuple[str, str]]) -> Iterable[Fault]:
    """What is wrong with a row; ``seen`` remembers the numbers of the rows before."""
    texts = {
        Column.SECTION: section_name(cells.section),
        Column.NUMBER: cells.number.strip(),
        Column.NAME: one_line(cells.name),
        Column.DEPARTMENTS: "、".join(departments(cells.departments)),
        Column.SUPPORTERS: "、".join(departments(cells.supporters)),
    }
    for column, text in texts.items():
        if not text and column is not Column.SUPPORTERS:
            yield Fault(cells.line, column, Reason.EMPTY)
        elif len(text) > (LONGEST_CELL if column in (Column.DEPARTMENTS, Column.SUPPORTERS) else LONGEST_NAME):
            yield Fault(cells.line, column, Reason.TOO_LONG)
    number = _digits(texts[Column.NUMBER])
    if texts[Column.NUMBER] and not number:
        yield Fault(cells.line, Column.NUMBER, Reason.NO_NUMBER)
    elif number and (texts[Column.SECTION], number) in seen:
        yield Fault(cells.line, Column.NUMBER, Reason.TWICE)
    seen.add((texts[Column.SECTION], number))


def standing(publication: Publication, *, ahead: int, over: int, cancelled: int, takes_place: int) -> Standing:
    """Where an edition stands.

    ``ahead``, ``over``: its dates and points that are to come, or past; ``takes_place``, ``cancelled``: its
    occurrences. An edition without any date stands as published.
    """
    if publication is not Publication.PUBLISHED:
        return Standing(publication.value)
    if cancelled and not takes_place:
        return Standing.CANCELLED
    return Standing.HELD if over and not ahead else Standing.PUBLISHED


def section_positions(rows: Sequence[Row]) -> dict[str, int]:
    """The order of the sections, from 1."""
    return {section: n for n, section in enumerate(dict.fromkeys(row.section for row in rows), start=1)}
