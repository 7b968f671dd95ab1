"""A sheet of activities: its columns, what each row says, and what would become of it. Pure."""

import enum
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from ..core import sheets
from ..core.errors import RuleBroken
from ..core.sheets import Bounds, Head, Row
from ..core.text import one_line
from . import rules
from .rules import CampaignTerms, Declaration, SiteState

MOST_ROWS = 1000
BOUNDS = Bounds(size=5 << 20, rows=MOST_ROWS + sheets.HEAD_WITHIN, columns=40, cell=4000)


class Column(enum.Enum):
    """What a column of the sheet says (列)."""

    NUMBER = "number"
    NAME = "name"
    UNIT = "unit"
    DAY = "day"
    LAST_DAY = "last_day"
    STARTS = "starts"
    ENDS = "ends"
    CATEGORY = "category"
    PLACE = "place"
    ADDRESS = "address"
    REGION = "region"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    AUDIENCE = "audience"
    SUMMARY = "summary"
    CONTACT = "contact"
    PHONE = "phone"
    CONTACT_PUBLIC = "contact_public"
    LINK = "link"


# What people write above the columns; the first word is the one of our own template.
HEADS: dict[Column, tuple[str, ...]] = {
    Column.NUMBER: ("编号", "活动编号"),  # 序号 counts the rows of a sheet and is not kept: it changes with the order
    Column.NAME: ("活动名称", "名称", "活动", "name"),
    Column.UNIT: ("主办单位", "申报单位", "单位", "举办单位"),
    Column.DAY: ("日期", "开始日期", "活动日期", "活动时间", "时间", "date"),
    Column.LAST_DAY: ("结束日期",),
    Column.STARTS: ("开始时间", "开始", "时段"),
    Column.ENDS: ("结束时间", "结束"),
    Column.CATEGORY: ("类别", "活动类别", "活动类型", "类型", "形式"),
    Column.PLACE: ("地点", "活动地点", "place"),
    Column.ADDRESS: ("地址", "详细地址"),
    Column.REGION: ("区县", "所在区县", "地区"),
    Column.LATITUDE: ("纬度",),
    Column.LONGITUDE: ("经度",),
    Column.AUDIENCE: ("面向人群", "参加对象", "对象", "受众"),
    Column.SUMMARY: ("内容简介", "简介", "活动内容", "内容", "活动简介"),
    Column.CONTACT: ("联系人",),
    Column.PHONE: ("联系电话", "电话", "联系方式"),
    Column.CONTACT_PUBLIC: ("公开联系方式", "公开电话"),
    Column.LINK: ("链接", "网址", "网络链接"),
}
NEEDED = (Column.NAME, Column.DAY, Column.PLACE, Column.CATEGORY)

# Which column a refusal of the whole declaration blames.
_BLAMED = {
    "site.name": Column.NAME, "site.place": Column.PLACE, "site.category": Column.CATEGORY,
    "site.coordinates": Column.LATITUDE, "site.link": Column.LINK, "site.phone": Column.PHONE,
    "site.end_only": Column.STARTS, "event.ends_before_start": Column.DAY, "event.too_long": Column.LAST_DAY,
    "event.day": Column.DAY, "site.too_long": Column.SUMMARY,
}  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """What is wrong in a row, and in which column; None: in the row as a whole."""

    row: int
    column: Column | None
    error: RuleBroken


@dataclass(frozen=True)
class Line:
    """One row of the sheet: what it declares, or what is wrong with it."""

    row: int
    name: str
    number: str = ""
    unit_id: int | None = None
    day: date | None = None  # its first, on the association's clock
    declared: Declaration | None = None
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What the words of a sheet can mean: the units one may declare for, the districts, the campaign's terms."""

    terms: CampaignTerms
    units: Mapping[str, int]  # name → id
    regions: Mapping[str, int]
    region_of_unit: Mapping[int, int | None]
    year: int  # for dates without one
    zone: ZoneInfo
    unit_id: int | None = None  # whose activities they are where the row names no unit


def head_of(rows: Sequence[Row]) -> Head[Column]:
    """Raises: RuleBroken("site.head") with the columns that are needed."""
    head = sheets.find_head(rows, HEADS, NEEDED)
    if head is None:
        raise RuleBroken("site.head", columns=list(NEEDED))
    return head


def read(rows: Sequence[Row], head: Head[Column], ground: Ground) -> list[Line]:
    """Every row below the head. Rows that say the same thing twice are faults of the later one.

    Raises: RuleBroken("sheets.too_many" | "sheets.empty").
    """
    body = [row for row in rows if row.number > head.number and not _is_example(row, head)]
    if len(body) > MOST_ROWS:
        raise RuleBroken("sheets.too_many", most=MOST_ROWS)
    if not body:
        raise RuleBroken("sheets.empty")
    return list(_once(_line(row, head, ground) for row in body))


def _once(lines: Iterator[Line]) -> Iterator[Line]:
    seen: dict[tuple[Any, ...], int] = {}
    for line in lines:
        if line.declared is None:
            yield line
            continue
        keys: list[tuple[Any, ...]] = [(line.unit_id, line.declared.name, line.day)]
        keys += [(line.unit_id, line.number)] if line.number else []
        twice = next((seen[key] for key in keys if key in seen), None)
        for key in keys:
            seen.setdefault(key, line.row)
        if twice is None:
            yield line
        else:
            yield Line(
                line.row, line.name, wrong=(Wrong(line.row, Column.NAME, RuleBroken("site.row_twice", row=twice)),)
            )


class _Reading:
    """One row as it is read: every fault is kept, not only the first."""

    def __init__(self, row: Row, head: Head[Column]) -> None:
        self.row, self.head = row, head
        self.wrong: list[Wrong] = []

    def text(self, column: Column) -> str:
        return self.row.at(self.head.columns.get(column))

    def fault(self, column: Column, code: str, **details: object) -> None:
        self.wrong.append(Wrong(self.row.number, column, RuleBroken(code, **details)))

    def needed(self, column: Column) -> str:
        text = self.text(column)
        if not text:
            self.fault(column, "site.empty")
        return text


def _line(row: Row, head: Head[Column], ground: Ground) -> Line:
    reading = _Reading(row, head)
    name = one_line(reading.text(Column.NAME))
    unit_id = _unit(reading, ground)
    span = _span(reading, ground)
    values: dict[str, Any] = {
        "name": name,
        "category": _category(reading, ground),
        "place": reading.text(Column.PLACE),
        "region_id": _region(reading, ground, unit_id),
        "latitude": _degrees(reading, Column.LATITUDE),
        "longitude": _degrees(reading, Column.LONGITUDE),
        "address": reading.text(Column.ADDRESS),
        "audience": reading.text(Column.AUDIENCE),
        "summary": reading.text(Column.SUMMARY),
        "contact_name": reading.text(Column.CONTACT),
        "contact_phone": _half(reading.text(Column.PHONE)),
        "contact_public": _yes(reading, Column.CONTACT_PUBLIC),
        "link": reading.text(Column.LINK),
    }
    for column in (Column.NAME, Column.PLACE):
        reading.needed(column)
    number = one_line(reading.text(Column.NUMBER))[:40]
    if span is not None and not reading.wrong:
        starts_at, ends_at, all_day = span
        try:
            declared = rules.sound(
                Declaration(starts_at=starts_at, ends_at=ends_at, all_day=all_day, **values), ground.terms, ground.zone
            )
        except RuleBroken as broken:
            reading.wrong.append(Wrong(row.number, _BLAMED.get(broken.code), broken))
        else:
            return Line(row.number, declared.name, number, unit_id, starts_at.date(), declared)
    return Line(row.number, name, number, wrong=tuple(reading.wrong))


def _half(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _unit(reading: _Reading, ground: Ground) -> int | None:
    text = one_line(reading.text(Column.UNIT))
    if not text:
        if ground.unit_id is None:
            reading.fault(Column.UNIT, "site.empty")
        return ground.unit_id
    found = ground.units.get(text)
    if found is None:
        reading.fault(Column.UNIT, "site.unknown_unit", name=text[:40])
    return found


def _category(reading: _Reading, ground: Ground) -> str:
    text = reading.needed(Column.CATEGORY)
    code = ground.terms.code_of(text) if text else None
    if text and code is None:
        reading.fault(Column.CATEGORY, "site.category")
    return code or ""


def _region(reading: _Reading, ground: Ground, unit_id: int | None) -> int | None:
    text = one_line(reading.text(Column.REGION))
    if not text:
        return ground.region_of_unit.get(unit_id or 0)
    found = ground.regions.get(text)
    if found is None:
        reading.fault(Column.REGION, "site.unknown_region", name=text[:40])
    return found


def _degrees(reading: _Reading, column: Column) -> float | None:
    text = _half(reading.text(column)).rstrip("°NE度")
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,12})?", text):
        reading.fault(column, "site.coordinates")
        return None
    return float(text)


def _yes(reading: _Reading, column: Column) -> bool:
    text = _half(reading.text(column)).casefold()
    if text in ("", "否", "不", "不公开", "0", "false", "no", "n"):
        return False
    if text in ("是", "公开", "√", "✓", "1", "true", "yes", "y"):
        return True
    reading.fault(column, "site.yes_or_no")
    return False


_DAY = r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK = r"(\d{1,2})[:.时点](\d{2})?分?"


def _span(reading: _Reading, ground: Ground) -> tuple[Any, Any, bool] | None:
    """A day or days, with clock times in the same cell or in columns of their own; None when it cannot be read."""
    text = _half(reading.needed(Column.DAY))
    if not text:
        return None
    found = re.fullmatch(
        rf"{_DAY}(?:\s*(?:至|到|-|~|—|–)+\s*(?:{_DAY}|(\d{{1,2}})日?))?(?:\s+({_CLOCK})(?:\s*(?:至|到|-|~|—)+\s*({_CLOCK}))?)?(?::\d\d)?",
        text,
    )
    if found is None:
        reading.fault(Column.DAY, "site.day_unreadable", text=text[:30])
        return None
    try:
        first = date(int(found[1] or ground.year), int(found[2]), int(found[3]))
        last = _last_day(found, first)
        typed_last = _half(reading.text(Column.LAST_DAY))
        if typed_last:
            other = re.fullmatch(_DAY, typed_last)
            if other is None:
                reading.fault(Column.LAST_DAY, "site.day_unreadable", text=typed_last[:30])
                return None
            last = date(int(other[1] or first.year), int(other[2]), int(other[3]))
    except ValueError:
        reading.fault(Column.DAY, "site.day_unreadable", text=text[:30])
        return None
    clocks = _clocks(reading, found[8], found[11])
    if clocks is None:
        return None
    try:
        return rules.span_of(first, last, *clocks, ground.zone)
    except RuleBroken as broken:
        reading.wrong.append(Wrong(reading.row.number, _BLAMED.get(broken.code, Column.DAY), broken))
        return None


def _last_day(found: re.Match[str], first: date) -> date:
    if found[6]:
        return date(int(found[4] or first.year), int(found[5]), int(found[6]))
    return first.replace(day=int(found[7])) if found[7] else first


def _clocks(reading: _Reading, starts: str | None, ends: str | None) -> tuple[time | None, time | None] | None:
    """From the columns of their own, else what stood beside the day."""
    own_starts, own_ends = _half(reading.text(Column.STARTS)), _half(reading.text(Column.ENDS))
    both = re.fullmatch(rf"({_CLOCK}(?::\d\d)?)\s*(?:至|到|-|~|—)+\s*({_CLOCK}(?::\d\d)?)", own_starts)
    if both:
        own_starts, own_ends = both[1], own_ends or both[4]
    found: list[time | None] = []
    for column, text in ((Column.STARTS, own_starts or starts or ""), (Column.ENDS, own_ends or ends or "")):
        match = re.fullmatch(rf"{_CLOCK}(?::\d\d)?", text)
        if text and (match is None or int(match[1]) > 23 or int(match[2] or 0) > 59):
            reading.fault(column, "site.clock_unreadable", text=text[:30])
            return None
        found.append(time(int(match[1]), int(match[2] or 0)) if match else None)
    return found[0], found[1]


# ---- what would become of it


class Change(enum.Enum):
    """What an import does with a row (变化)."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAULT = "fault"


@dataclass(frozen=True)
class Outcome:
    """A row and what would become of it; ``site_id`` of what is there already."""

    line: Line
    change: Change
    site_id: int | None = None
    before: Mapping[str, Any] = field(default_factory=dict)  # of what would be otherwise, as it stands
    wrong: tuple[Wrong, ...] = ()


def outcome(line: Line, site_id: int | None, state: SiteState | None, known: Declaration | None) -> Outcome:
    """Of one row, and the declaration that is there under its number or its name and day.

    What waits for a decision or has been passed is not changed by a sheet: it is taken back or changed on its page,
    where whoever checks it can see that.
    """
    if line.declared is None:
        return Outcome(line, Change.FAULT, wrong=line.wrong)
    if known is None or state is None:
        return Outcome(line, Change.NEW)
    after = vars(line.declared)
    different = rules.differing(vars(known), after)
    if not different:
        return Outcome(line, Change.SAME, site_id)
    if state not in (SiteState.DRAFT, SiteState.RETURNED):
        wrong = Wrong(line.row, None, RuleBroken("site.locked", state=state))
        return Outcome(line, Change.FAULT, site_id, wrong=(wrong,))
    return Outcome(line, Change.CHANGED, site_id, {name: getattr(known, name) for name in different})


def settled(outcomes: Sequence[Outcome], standing: Mapping[tuple[int, str, date], int]) -> list[Outcome]:
    """The same, with faults where rows that are sound by themselves cannot all be: two that mean one activity, and one
    that would get the name and day of another. ``standing``: unit, name and day → the activity that has them."""
    rows: dict[int, int] = {}  # activity → the first row that means it
    found = []
    for each in outcomes:
        line = each.line
        if each.site_id is None or each.change is Change.FAULT or line.declared is None:
            found.append(each)
            continue
        first = rows.setdefault(each.site_id, line.row)
        holder = standing.get((line.unit_id or 0, line.declared.name, line.day or date.min), each.site_id)
        broken = None
        if first != line.row:
            broken = RuleBroken("site.row_twice", row=first)
        elif holder != each.site_id:
            broken = RuleBroken("site.twice", name=line.declared.name)
        wrong = (Wrong(line.row, Column.NAME, broken),) if broken else ()
        found.append(Outcome(line, Change.FAULT, each.site_id, wrong=wrong) if broken else each)
    return found


def faults(outcomes: Sequence[Outcome]) -> list[Wrong]:
    return [wrong for each in outcomes for wrong in each.wrong]


def example(terms: CampaignTerms, year: int) -> list[list[object]]:
    """A row for the template, so that nobody has to guess how a date is written."""
    shown = {
        Column.NAME: "示例：走进实验室", Column.DAY: date(year, 9, 19), Column.STARTS: "09:00", Column.ENDS: "11:30",
        Column.CATEGORY: terms.categories[0].name, Column.PLACE: "科技馆一楼大厅", Column.AUDIENCE: "小学生和家长",
        Column.SUMMARY: "看演示，动手做三个小实验。", Column.CONTACT_PUBLIC: "否",
    }  # fmt: skip
    return [[shown.get(column, "") for column in Column]]


def _is_example(row: Row, head: Head[Column]) -> bool:
    """The row of the template that shows how it is done, when it was left in."""
    return row.at(head.columns.get(Column.NAME)).startswith("示例：")
