"""How an edition is counted: an explicit number and a style (届, 年度, 期). It cannot be computed from the year.

Source: docs/sources.md#edition-numbers
"""

import enum
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..core.errors import RuleBroken

DIGITS = "零一二三四五六七八九"
MOST = 999
_OLDER = str.maketrans({"〇": "零", "○": "零", "两": "二"})
_CHINESE_COUNT = r"[一二三四五六七八九十百零〇○两廿卅]+"
_COUNT = rf"\d{{1,3}}|{_CHINESE_COUNT}"
_YEAR = r"\d{4}|[零〇○一二三四五六七八九]{4}"


class Style(enum.Enum):
    """How the number is written (届次样式)."""

    ORDINAL = "ordinal"  # 第35届
    ORDINAL_CHINESE = "ordinal_chinese"  # 第十二届
    YEAR = "year"  # 2020年度
    ISSUE = "issue"  # 2023年第2期: counted anew each year


ORDINALS = (Style.ORDINAL, Style.ORDINAL_CHINESE)  # 届: counted over all years


@dataclass(frozen=True)
class Numbered:
    """An edition's number, style and year as they were read or are printed."""

    number: int
    style: Style
    year: int | None = None


def chinese(number: int) -> str:
    """12 → 十二, 29 → 二十九, 105 → 一百零五. 1 to 999."""
    if not 1 <= number <= MOST:
        raise RuleBroken("edition.number", least=1, most=MOST)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


def parse_chinese(text: str) -> int:
    """十二 → 12; 廿一 and 卅 as older documents write them. Raises: RuleBroken for what is no number from 1 to 999."""
    plain = text.translate(_OLDER).replace("廿", "二十").replace("卅", "三十")
    match = re.fullmatch(
        r"(?:([一二三四五六七八九])百零?)?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?", plain
    )
    if not plain or match is None:
        raise RuleBroken("edition.unreadable", text=text)
    hundreds, tens, ten, ones = match.groups()
    value = 100 * (DIGITS.index(hundreds) if hundreds else 0)
    value += 10 * (DIGITS.index(tens) if tens else 1) if ten else 0
    return value + (DIGITS.index(ones) if ones else 0)


def words(numbered: Numbered) -> str:
    """第35届, 第十二届, 首届, 2020年度, 2023年首期, 2023年第2期."""
    n, year = numbered.number, numbered.year
    match numbered.style:
        case Style.YEAR:
            return f"{year}年度"
        case Style.ISSUE:
            return f"{year}年首期" if n == 1 else f"{year}年第{n}期"
        case Style.ORDINAL_CHINESE:
            return "首届" if n == 1 else f"第{chinese(n)}届"
        case Style.ORDINAL:
            return "首届" if n == 1 else f"第{n}届"


def parse(text: str) -> Numbered:
    """Read a number as people write it, anywhere in a name: 第35届…, 2020…年会 is not one, 2020年度 is.

    Full-width digits, blanks (第 35 届) and Chinese digits (二〇二三年第一期, 第廿一届) are read too. 第1届 is
    printed as 首届 and keeps that it was Arabic, so that the next one is 第2届.
    Raises: RuleBroken("edition.unreadable").
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if match := re.search(rf"({_YEAR})年度?(?:首期|第({_COUNT})期)", plain):
        return Numbered(_number(match[2], text) if match[2] else 1, Style.ISSUE, _year(match[1]))
    if match := re.search(r"第(\d{1,3})届", plain):
        return Numbered(int(match[1]), Style.ORDINAL)
    if match := re.search(rf"第({_CHINESE_COUNT})届", plain):
        return Numbered(_number(match[1], text), Style.ORDINAL_CHINESE)
    if "首届" in plain:
        return Numbered(1, Style.ORDINAL_CHINESE)
    if match := re.search(rf"({_YEAR})年度", plain):
        return Numbered(_year(match[1]), Style.YEAR, _year(match[1]))
    raise RuleBroken("edition.unreadable", text=text)


def _number(text: str, whole: str) -> int:
    if text.isdigit():
        return int(text)
    try:
        return parse_chinese(text)
    except RuleBroken:
        raise RuleBroken("edition.unreadable", text=whole) from None


def _year(text: str) -> int:
    """2023, 二〇二三."""
    return int("".join(str(DIGITS.index(sign)) if sign in DIGITS else sign for sign in text.translate(_OLDER)))


def following(held: Iterable[Numbered], year: int) -> Numbered | None:
    """The number that the next edition most likely has, in the style of the latest; None when there is none yet.

    届 goes on from the highest, whatever gaps lie below: which number was never held nobody can compute. 期 goes on
    within ``year`` and begins anew with it; 年度 is ``year``, or the one after the latest. It is only suggested.
    """
    known = sorted(held, key=lambda one: (one.year or 0, one.number))
    if not known:
        return None
    latest = known[-1]
    if latest.style is Style.YEAR:
        after = max(year, (latest.year or 0) + 1)
        return Numbered(after, Style.YEAR, after)
    if latest.style is Style.ISSUE:
        counted = max(year, latest.year or 0)
        issues = [one.number for one in known if one.style is Style.ISSUE and one.year == counted]
        return Numbered(min(max(issues, default=0) + 1, MOST), Style.ISSUE, counted)
    highest = max(one.number for one in known if one.style in ORDINALS)
    return Numbered(min(highest + 1, MOST), latest.style, max(year, (latest.year or 0) + 1))


def check(numbered: Numbered) -> None:
    """Raises: RuleBroken when the number or year cannot be, or the style needs a year that is missing."""
    if not 1 <= numbered.number <= (9999 if numbered.style is Style.YEAR else MOST):
        raise RuleBroken("edition.number", least=1, most=MOST)
    if numbered.year is not None and not 1900 <= numbered.year <= 2200:
        raise RuleBroken("edition.year", least=1900, most=2200)
    if numbered.year is None and numbered.style in (Style.YEAR, Style.ISSUE):
        raise RuleBroken("edition.year", least=1900, most=2200)


def rings(numbered: Numbered, held: int) -> int:
    """One ring per edition: a 届 says itself how many there have been, 年度 and 期 are counted.

    ``held``: editions of the series so far.
    """
    return numbered.number if numbered.style in ORDINALS else max(held, 1)


def ring_number(numbered: Numbered) -> int | None:
    """The number that stands inside the rings; a year does not fit and says nothing of age."""
    return None if numbered.style is Style.YEAR else numbered.number
