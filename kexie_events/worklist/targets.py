"""What an item is to reach and until when, as people write it in the list: 举办论坛6期；服务200人次, 12月底. Pure."""

import calendar
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..core.errors import RuleBroken
from ..core.text import one_line

MOST_AIMS = 8
LONGEST_AIM = 60  # characters
# The last number counts, and what is said after it is its unit.
_AIM = re.compile(r"(?P<words>.*?)(?P<value>\d{1,3}(?:,\d{3})+|\d{1,9}(?:\.\d{1,2})?)(?P<unit>[^\d]{0,12})")
_PARTS = re.compile(r"[;；\n]")
_NOT_BEFORE = ("第", "-", "—", "~", "至", "到", ".", ",", "/", *"0123456789")  # an ordinal, the end of a span
_NOT_AFTER = ("年", "月", "日", "号", "时", "-", "/", ".")  # a date
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_ALL_YEAR = ("全年", "年底", "年底前", "年内", "长期", "长期坚持", "持续推进", "贯穿全年")


@dataclass(frozen=True)
class Aim:
    """One target (目标): 举办论坛 6 期. ``value`` None: words alone, nothing is counted."""

    words: str
    value: Decimal | None = None
    unit: str = ""


def aims(text: str) -> tuple[Aim, ...]:
    """The targets of a cell, parted by semicolons or lines, in order.

    Raises: RuleBroken("worklist.target_too_long" | "worklist.too_many_targets").
    """
    found = [_aim(part) for part in map(one_line, _PARTS.split(text)) if part]
    if len(found) > MOST_AIMS:
        raise RuleBroken("worklist.too_many_targets", most=MOST_AIMS)
    return tuple(found)


def _aim(text: str) -> Aim:
    if len(text) > LONGEST_AIM:
        raise RuleBroken("worklist.target_too_long", most=LONGEST_AIM)
    match = _AIM.fullmatch(text)
    if match is None:
        return Aim(text)
    words, unit = match["words"].strip(), match["unit"].strip()
    if words.endswith(_NOT_BEFORE) or unit.startswith(_NOT_AFTER):
        return Aim(text)
    return Aim(words, Decimal(match["value"].replace(",", "")), unit)


def aim_words(aim: Aim) -> str:
    """举办论坛6期"""
    return f"{aim.words}{number_words(aim.value)}{aim.unit}"


def aims_words(found: Iterable[Aim]) -> str:
    """How several stand in one cell."""
    return "；".join(map(aim_words, found))


def number_words(value: Decimal | None) -> str:
    """6, 2.5; "" for none."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def due(text: str, year: int) -> date | None:
    """The last day that a cell means: 2020-12-31, 2020年6月, 6月底, 第三季度, 全年; None for an empty one.

    ``year``: of the list, for what names none; 0: not known. Raises: RuleBroken("worklist.due").
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    plain = plain.removesuffix("完成").removesuffix("前")
    try:
        found = _due(plain, year)
    except ValueError:  # 2月30日
        found = None
    if found is None or not 1900 <= found.year <= 2200:
        raise RuleBroken("worklist.due")
    return found


def _due(plain: str, year: int) -> date | None:
    if match := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\d\d:\d\d)?", plain):
        return date(int(match[1]), int(match[2]), int(match[3]))
    match = re.match(r"(\d{4})(?:年|(?!\d))", plain)
    in_year = int(match[1]) if match else year
    rest = plain[match.end() :] if match else plain
    rest = rest.lstrip("-/.")
    if not in_year:
        return None
    if rest in ("", "底", "内", *_ALL_YEAR):
        return date(in_year, 12, 31)
    if day := re.fullmatch(r"(\d{1,2})[-/.月](\d{1,2})日?", rest):
        return date(in_year, int(day[1]), int(day[2]))
    if month := re.fullmatch(r"(\d{1,2})(?:月份?)?(上旬|中旬|下旬|底|末)?", rest):
        number = int(month[1])
        last = calendar.monthrange(in_year, number)[1] if 1 <= number <= 12 else 0
        return date(in_year, number, {"上旬": 10, "中旬": 20}.get(month[2] or "", last))
    if quarter := re.fullmatch(r"第?([一二三四1-4])季度末?底?", rest):
        number = 3 * _QUARTERS[quarter[1]]
        return date(in_year, number, calendar.monthrange(in_year, number)[1])
    return date(in_year, 6, 30) if rest in ("上半年", "年中") else date(in_year, 12, 31) if rest == "下半年" else None


def due_words(day: date | None) -> str:
    """As the list writes it: 2020年12月31日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
