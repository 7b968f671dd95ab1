"""What a public notice must keep to, and where it stands on a day."""

import enum
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..core.errors import RuleBroken
from ..core.workdays import DayKind, kind_of

MOST_WORKING_DAYS = 60
MOST_ROWS = 2000

# Parts of a number are often set apart by spaces or hyphens.
_ID_NUMBER = re.compile(r"(?<!\d)\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
_OLD_ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LAND_LINE = re.compile(r"(?<!\d)0\d{2,3}[1-9]\d{6,7}(?!\d)")
_PERSONAL = (_ID_NUMBER, _OLD_ID_NUMBER, _MOBILE, _LAND_LINE)


class Phase(enum.Enum):
    """Where a notice stands (公示状态)."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class Clock:
    """The working days of a notice and which of them today is; ``nth`` counts from 1, 0 on a day off."""

    phase: Phase
    days: tuple[date, ...]
    today: date
    nth: int


def looks_personal(text: str) -> bool:
    """Whether a text holds what looks like an ID number or a telephone number, full-width digits included.

    Source: docs/sources.md#notice-personal-data
    """
    plain = unicodedata.normalize("NFKC", text)
    joined = re.sub(r"(?<=\d)[\s\-()·]+(?=[\dXx])", "", plain)
    return any(pattern.search(candidate) for candidate in (plain, joined) for pattern in _PERSONAL)


def check_list(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Raises: RuleBroken naming row (counted from 1) and column of what must not be published."""
    if len(rows) > MOST_ROWS:
        raise RuleBroken("notice.too_many_rows", most=MOST_ROWS)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise RuleBroken("notice.row_length", row=number, cells=len(row), columns=len(columns))
        for column, cell in zip(columns, row, strict=True):
            if looks_personal(cell):
                raise RuleBroken("notice.personal_data", row=number, column=column)


def check_words(title: str, body: str) -> None:
    """Raises: RuleBroken when a notice says nothing."""
    if not title.strip():
        raise RuleBroken("notice.no_title")
    if not body.strip():
        raise RuleBroken("notice.no_body")


def check_days(working_days: int) -> None:
    """Raises: RuleBroken when the number of working days cannot be meant."""
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        raise RuleBroken("notice.days", least=1, most=MOST_WORKING_DAYS)


def check_publication_day(published_on: date, today: date) -> None:
    """Raises: RuleBroken for a day that is over: a day on which nobody could read it does not count."""
    if published_on < today:
        raise RuleBroken("notice.backdated", today=today)


def clock(first: date, last: date, today: date, overrides: Mapping[date, DayKind] | None = None) -> Clock:
    """The working days from ``first`` to ``last``, both counted, and where ``today`` falls."""
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    days = tuple(day for day in every if kind_of(day, overrides) is DayKind.WORKING)
    phase = Phase.COMING if today < first else Phase.OVER if today > last else Phase.RUNNING
    return Clock(phase, days, today, days.index(today) + 1 if today in days else 0)
