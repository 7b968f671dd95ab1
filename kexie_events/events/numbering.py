"""How an edition is counted: an explicit number and a style (届, 年度, 期). It cannot be computed from the year.

Source: docs/sources.md#edition-numbers
"""

import enum
import re
from dataclasses import dataclass

from ..core.errors import RuleBroken

DIGITS = "零一二三四五六七八九"
MOST = 999


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
    """十二 → 12. Raises: RuleBroken for what is no number from 1 to 999."""
    match = re.fullmatch(
        r"(?:([一二三四五六七八九])百零?)?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?", text
    )
    if not text or match is None:
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

    Raises: RuleBroken("edition.unreadable").
    """
    if match := re.search(r"(\d{4})年(?:首期|第(\d{1,3})期)", text):
        return Numbered(int(match[2] or 1), Style.ISSUE, int(match[1]))
    if match := re.search(r"第(\d{1,3})届", text):
        return Numbered(int(match[1]), Style.ORDINAL)
    if match := re.search(rf"第([{DIGITS[1:]}十百零]+)届", text):
        return Numbered(parse_chinese(match[1]), Style.ORDINAL_CHINESE)
    if "首届" in text:
        return Numbered(1, Style.ORDINAL_CHINESE)
    if match := re.search(r"(\d{4})年度", text):
        return Numbered(int(match[1]), Style.YEAR, int(match[1]))
    raise RuleBroken("edition.unreadable", text=text)


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
