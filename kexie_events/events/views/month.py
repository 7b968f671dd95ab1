"""The month of the front page: which one is asked for, its neighbours, what its days show."""

import re
from datetime import date, datetime, time, timedelta
from typing import cast

from flask_babel import gettext as _

from ...core import dates, web
from ..queries.lines import Day
from .lines import Mark, Writer

# Months that can be asked for: before them nothing was held, after them nothing is planned.
FIRST_MONTH, YEARS_AHEAD = date(1985, 1, 1), 3


def asked_month(text: str | None, today: date) -> date:
    """The first day of ``2026-03``; this month for anything that is no month we could have."""
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text or ""):
        year, month = int(match[1]), int(match[2])
        if FIRST_MONTH.year <= year <= today.year + YEARS_AHEAD and 1 <= month <= 12:
            return date(year, month, 1)
    return today.replace(day=1)


def asked_day(text: str | None) -> date | None:
    """``2026-03-11``; None for anything that is no day we could have."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text or ""):
        return None
    try:
        day = date.fromisoformat(cast(str, text))
    except ValueError:
        return None
    return day if FIRST_MONTH <= day < date(9000, 1, 1) else None


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def neighbours(month: date) -> dict[str, date | None]:
    """The month, and those before and after it that can be asked for, as the pages take them."""
    before, after = (month - timedelta(days=1)).replace(day=1), next_month(month)
    last = date(web.today().year + YEARS_AHEAD, 12, 1)
    return {
        "month": month,
        "before": before if before >= FIRST_MONTH else None,
        "after": after if after <= last else None,
    }


def span(start: date, end: date) -> tuple[datetime, datetime]:
    """From the first midnight to the last, on the association's clock."""
    return dates.at(start, time(), web.zone()), dates.at(end, time(), web.zone())


def marks_of(writer: Writer, day: date, things: Day) -> list[Mark]:
    """What stands in one day of the month; the last mark leads to what found no place there."""
    marks = [writer.mark(line) for line in things.lines]
    if more := things.total - len(things.lines):
        href = web.page_url(list="month", day=day, month=None)
        marks.append(Mark("more", "", _("还有 %(count)s 项", count=more), href))
    return marks
