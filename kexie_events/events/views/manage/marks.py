"""What kind of day it is, in words and as a sign of one character, for the page of dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from ....core import web
from ....days.queries import flags
from ....days.rules import Flag, FlagKind

# A character in a small calendar, and the colour that it stands on.
_SIGNS = {FlagKind.HOLIDAY: ("休", "off"), FlagKind.MAKE_UP: ("班", "work"), FlagKind.EXAM: ("考", "exam")}


@dataclass(frozen=True)
class Mark:
    """What a day is. ``clashes``: to think twice about. ``sign`` stands in a small calendar, coloured by ``kind``.

    ``open``: nobody knows yet, because the year's holidays are not announced.
    """

    words: str
    sign: str
    kind: str
    clashes: bool
    open: bool


def marks_of(days: Iterable[date]) -> dict[date, tuple[Mark, ...]]:
    """The days about which there is something to say. One query, however many days."""
    return {day: tuple(_mark(day, flag) for flag in some) for day, some in flags(days).items() if some}


def _mark(day: date, flag: Flag) -> Mark:
    sign, kind = _SIGNS.get(flag.kind, ("", ""))
    unknown = flag.kind is FlagKind.NOT_ANNOUNCED
    return Mark(_("%(day)s：%(what)s", day=web.day_words(day), what=_said(flag)), sign, kind, flag.serious, unknown)


def _said(flag: Flag) -> str:
    """The same words as ``macros/days.html``."""
    name = flag.name if isinstance(flag.name, str) else web.label(flag.name)
    if flag.kind is FlagKind.HOLIDAY and name:
        return str(_("%(name)s放假", name=name))
    return name if flag.kind in (FlagKind.EXAM, FlagKind.NAMED) else web.label(flag.kind)
