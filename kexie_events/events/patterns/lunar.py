"""Months and days of the Chinese calendar in words: 八月, 十五; in English by their numbers. Pure."""

MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_DIGITS = "一二三四五六七八九十"


def month(number: int, *, english: bool = False) -> str:
    """1 to 12: 正月 … 腊月, ``month 8``."""
    return f"month {number}" if english else MONTHS[number - 1]


def day(number: int, *, english: bool = False) -> str:
    """1 to 30: 初一 … 三十, ``day 15``."""
    if english:
        return f"day {number}"
    if number in (20, 30):
        return f"{_DIGITS[number // 10 - 1]}十"
    return f"{'初十廿'[(number - 1) // 10]}{_DIGITS[(number - 1) % 10]}"
