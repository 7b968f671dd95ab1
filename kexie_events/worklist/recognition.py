"""From an item's printed name to what it is: series, number, kind; or work that has no edition. Pure.

第35届重庆市青少年科技创新大赛 → the series 重庆市青少年科技创新大赛, 第35届, a contest of works.
"""

import re
from dataclasses import dataclass

from ..core.errors import RuleBroken
from ..events import numbering
from ..events.kinds import KINDS, Kind
from ..events.numbering import Numbered, Style
from .words import DUTIES, ENDINGS, TAILS, Ending

_BRACKETS = re.compile(
    r"（[^（）]*）|\([^()]*\)"
)  # the event it stands under, the host of the year: 2020…百人会（智博会）
_NUMBER = re.compile(
    r"第[\d零一二三四五六七八九十百]{1,7}[届次]"
    r"|首届"
    r"|[一二三四五六七八九十]{1,3}届[一二三四五六七八九十]{1,3}次"  # 五届八次全会
    r"|(?<!\d)(?:19|20)\d{2}(?:年首期|年第\d{1,3}期|年度|年)?(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
# What parts two activities of one name. Only when what stands before is an activity by itself.
_JOINT = re.compile(r"暨|与|和|及|[、；;+＋]")
_QUOTES = "“”\"'‘’《》"
_EDGE = " 　·：:，、-—"


@dataclass(frozen=True)
class Recognised:
    """An activity read off a name."""

    name: str  # of the series: without number, year and what stands in brackets
    kind: Kind
    numbered: Numbered  # its year is always set
    printed: bool  # False: the name has neither 届 nor year, and the year is that of the list


def recognise(name: str, year: int) -> Recognised | None:
    """What takes place, as printed in the list of ``year``; None for work that has no edition."""
    kind = kind_of(series_name(name))
    return as_kind(name, year, kind) if kind else None


def as_kind(name: str, year: int, kind: Kind) -> Recognised | None:
    """The activity that a name means when it is one of this kind; None when nothing is left to call it."""
    series = series_name(name)
    if not series:
        return None
    numbered, printed = _numbered(name, year)
    if KINDS[kind].style is Style.ISSUE and numbered.style is Style.YEAR:
        # Its editions are 期: the year alone names the first of them.
        numbered, printed = Numbered(1, Style.ISSUE, numbered.year), False
    return Recognised(series, kind, numbered, printed)


def series_name(name: str) -> str:
    """第四届“一带一路”青少年创客营（重庆） → “一带一路”青少年创客营."""
    return _NUMBER.sub("", _BRACKETS.sub("", name)).strip(_EDGE)


def kind_of(name: str) -> Kind | None:
    """By the word that the name ends with: the head of a Chinese name stands last. None: no activity."""
    line = _line_of(name)
    if name.lstrip(_QUOTES).startswith(DUTIES) or (line and line.kind is None):
        return None
    before = (_line_of(name[: joint.start()]) for joint in _JOINT.finditer(name))
    first = next((found for found in before if found and found.kind), line)
    return first.kind if first else None


def _line_of(name: str) -> Ending | None:
    """The line of the table that fits, without what is said after the word that counts."""
    whole = name.rstrip(_QUOTES)
    bare = next((whole.removesuffix(tail).rstrip(_QUOTES) for tail in TAILS if whole.endswith(tail)), whole)
    for candidate in dict.fromkeys((bare, whole)):
        for line in ENDINGS:
            if candidate.endswith(line.ends) and (not line.with_ or any(word in name for word in line.with_)):
                return line
    return None


def _numbered(name: str, year: int) -> tuple[Numbered, bool]:
    """The number as printed and whether one is printed; else the list's year. 届 cannot be computed."""
    bare = _BRACKETS.sub("", name)
    try:
        read = numbering.parse(bare)
        read = Numbered(read.number, read.style, read.year or year)
        numbering.check(read)
        return read, True
    except RuleBroken:
        pass
    if match := _YEAR.search(bare):
        return Numbered(int(match[1]), Style.YEAR, int(match[1])), True
    return Numbered(year, Style.YEAR, year), False
