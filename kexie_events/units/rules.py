"""What kinds of units there are, when a unit or region is in force, and reading tables of them."""

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ..core.errors import RuleBroken
from ..core.text import one_line

LONGEST_NAME = 100
MOST_ROWS = 5000
REGION_COLUMNS = ("slug", "gb2260", "name", "kind", "zone", "valid_from", "valid_to", "note", "latitude", "longitude")
UNIT_COLUMNS = ("slug", "name", "kind", "parent", "region", "valid_from", "valid_to")


class UnitKind(enum.Enum):
    """What a unit is (单位类型)."""

    ASSOCIATION = "association"  # 科协: the city's or a district's
    DEPARTMENT = "department"  # 部室 of an association
    SOCIETY = "society"  # 学会
    SCHOOL = "school"
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"  # 事业单位, 科技馆 and the like


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether a unit or region exists on a day. The first day counts, the last does not.

    Source: docs/sources.md#regions (江北区 and 渝北区 ended on 2025-11-06).
    """
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)


class Existing(Protocol):
    """What ``check_in_force`` reads of a unit."""

    name: str
    valid_from: date | None
    valid_to: date | None


def check_in_force(unit: Existing, on: date) -> None:
    """Who is to run something exists on that day.

    Raises: RuleBroken("unit.ended" | "unit.not_begun") with its name and the day.
    Source: docs/sources.md#regions
    """
    if in_force(unit.valid_from, unit.valid_to, on):
        return
    if unit.valid_to is not None and unit.valid_to <= on:
        raise RuleBroken("unit.ended", unit=unit.name, on=unit.valid_to)
    raise RuleBroken("unit.not_begun", unit=unit.name, on=unit.valid_from)


def check_validity(valid_from: date | None, valid_to: date | None) -> None:
    """Raises: RuleBroken("unit.closes_before_start")."""
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise RuleBroken("unit.closes_before_start", valid_from=valid_from)


def unit_name(text: str) -> str:
    """A name as it is kept: composed, spaces folded, nothing invisible. Raises: RuleBroken("unit.name")."""
    name = one_line(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RuleBroken("unit.name", most=LONGEST_NAME)
    return name


def check_slug(text: str) -> str:
    """What a unit's calendar address ends with. "" stays "": one is made. Raises: RuleBroken("unit.slug")."""
    if text and (not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > 60 or made_slug_shape(text)):
        raise RuleBroken("unit.slug")
    return text


def made_slug(unit_id: int) -> str:
    return f"unit-{unit_id}"


def made_slug_shape(text: str) -> bool:
    """Whether it looks like one that we make: those are not for choosing, or two would meet one day."""
    return re.fullmatch(r"unit-[0-9]+", text) is not None


def path_above(path: str) -> str:
    """The path of the unit above: "/1/12/" → "/1/"; above the root "/"."""
    return path[: path.rstrip("/").rfind("/") + 1]


def depth(path: str) -> int:
    """How many units stand above: 0 for the root."""
    return path.count("/") - 2


@dataclass(frozen=True)
class RegionRow:
    """One line of a table of regions."""

    slug: str
    code: str | None
    name: str
    kind: str
    zone: str | None
    valid_from: date | None
    valid_to: date | None
    note: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class UnitRow:
    """One line of a table of units; ``parent`` and ``region`` are slugs, "" for none."""

    line: int
    slug: str
    name: str
    kind: UnitKind
    parent: str
    region: str
    valid_from: date | None
    valid_to: date | None


def read_regions(rows: Iterable[Mapping[str, str | None]]) -> list[RegionRow]:
    """The lines of a table with REGION_COLUMNS; all but slug, name and kind may be empty.

    Raises: RuleBroken("table.…", line=…, column=…) for the first fault; lines count from 2, below the head.
    """
    return [
        RegionRow(
            cells["slug"], cells["gb2260"] or None, cells["name"], cells["kind"], cells["zone"] or None,
            *_validity(cells, line), cells["note"],
            *_point(cells, line),
        )
        for line, cells in _lines(rows, REGION_COLUMNS, needed=("slug", "name", "kind"))
    ]  # fmt: skip


def read_units(rows: Iterable[Mapping[str, str | None]]) -> list[UnitRow]:
    """The lines of a table with UNIT_COLUMNS; ``kind`` in Chinese or as its code.

    Raises: RuleBroken("table.…", line=…, column=…) for the first fault; lines count from 2, below the head.
    """
    found = []
    for line, cells in _lines(rows, UNIT_COLUMNS, needed=("slug", "name", "kind")):
        try:
            slug, name = check_slug(cells["slug"]), unit_name(cells["name"])
        except RuleBroken as broken:
            column = "slug" if broken.code == "unit.slug" else "name"
            raise RuleBroken("table.unreadable", line=line, column=column, value=cells[column]) from None
        kind = KIND_WORDS.get(cells["kind"])
        if kind is None:
            raise RuleBroken("table.unreadable", line=line, column="kind", value=cells["kind"])
        found.append(UnitRow(line, slug, name, kind, cells["parent"], cells["region"], *_validity(cells, line)))
    return found


# What may stand in the column ``kind``.
KIND_WORDS = {
    **{kind.value: kind for kind in UnitKind},
    "科协": UnitKind.ASSOCIATION, "部室": UnitKind.DEPARTMENT, "学会": UnitKind.SOCIETY, "学校": UnitKind.SCHOOL,
    "企业": UnitKind.ENTERPRISE, "事业单位": UnitKind.INSTITUTION,
}  # fmt: skip


def _lines(
    rows: Iterable[Mapping[str, str | None]], columns: tuple[str, ...], *, needed: tuple[str, ...]
) -> Iterable[tuple[int, dict[str, str]]]:
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if line > MOST_ROWS + 1:
            raise RuleBroken("table.too_many", most=MOST_ROWS)
        cells = {column: (row.get(column) or "").strip() for column in columns}
        for column in needed:
            if not cells[column]:
                raise RuleBroken("table.missing", line=line, column=column)
        if cells["slug"] in seen:
            raise RuleBroken("table.twice", line=line, column="slug", value=cells["slug"])
        seen.add(cells["slug"])
        yield line, cells
    if not seen:
        raise RuleBroken("table.empty", columns=list(columns))


def _point(cells: Mapping[str, str], line: int) -> tuple[float | None, float | None]:
    """Degrees north and east; both or none."""
    found: list[float | None] = []
    for column, most in (("latitude", 90), ("longitude", 180)):
        text = cells[column]
        if text and not (re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,9})?", text) and abs(float(text)) <= most):
            raise RuleBroken("table.unreadable", line=line, column=column, value=text)
        found.append(float(text) if text else None)
    if (found[0] is None) != (found[1] is None):
        raise RuleBroken("table.missing", line=line, column="longitude" if found[1] is None else "latitude")
    return found[0], found[1]


def _validity(cells: Mapping[str, str], line: int) -> tuple[date | None, date | None]:
    days: dict[str, date | None] = {}
    for column in ("valid_from", "valid_to"):
        try:
            days[column] = date.fromisoformat(cells[column]) if cells[column] else None
        except ValueError:
            raise RuleBroken("table.unreadable", line=line, column=column, value=cells[column]) from None
    try:
        check_validity(days["valid_from"], days["valid_to"])
    except RuleBroken:
        raise RuleBroken("table.unreadable", line=line, column="valid_to", value=cells["valid_to"]) from None
    return days["valid_from"], days["valid_to"]
