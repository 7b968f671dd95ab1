"""What kind of day it is, in words and as a sign of one character, for the pages that plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from ....core import web, workdays
from ...plans import DayFlag, day_flag


@dataclass(frozen=True)
class Mark:
    """What a day is. ``clashes``: to think twice about. ``sign`` stands in a small calendar, coloured by ``kind``."""

    words: str
    sign: str
    kind: str
    clashes: bool


def marks_of(days: Iterable[date]) -> dict[date, tuple[Mark, ...]]:
    """The days about which there is something to say."""
    found: dict[date, tuple[Mark, ...]] = {}
    for day in days:
        flag = day_flag(day, workdays.kind_of(day), festival=workdays.is_festival(day))
        if flag is not DayFlag.NONE:
            sign, kind = _SIGNS[flag]
            words = _("%(day)s：%(what)s", day=web.day_words(day), what=web.label(flag))
            found[day] = (Mark(words, sign, kind, flag is not DayFlag.NOT_ANNOUNCED),)
    return found


_SIGNS = {DayFlag.HOLIDAY: ("休", "off"), DayFlag.MAKE_UP: ("班", "work"), DayFlag.NOT_ANNOUNCED: ("", "")}
