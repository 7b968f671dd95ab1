"""Changes between two versions in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from ...core import web
from ..difference import Change, ChangeKind

# How each kind is marked: a state of macros/status.html.
MARKS = {
    ChangeKind.NEW: "ok",
    ChangeKind.GONE: "gone",
    ChangeKind.CANCELLED: "stop",
    ChangeKind.RESTORED: "ok",
    ChangeKind.MOVED: "warn",
    ChangeKind.ROOM: "warn",
    ChangeKind.PEOPLE: "doing",
    ChangeKind.RENAMED: "doing",
}


@dataclass(frozen=True)
class Line:
    """One change as a line of a list."""

    mark: str
    kind: str
    what: str
    part_of: str
    words: str


def lines_of(changes: Iterable[Change]) -> list[Line]:
    return [
        Line(MARKS[change.kind], web.label(change.kind), change.what, change.part_of, words_of(change))
        for change in changes
    ]  # fmt: skip


def words_of(change: Change) -> str:
    """What was, and what is now; "" where the kind says it all."""
    match change.kind:
        case ChangeKind.MOVED:
            return str(_("%(before)s，改为%(after)s", before=_hours(change.before), after=_hours(change.after)))
        case ChangeKind.NEW | ChangeKind.RESTORED:
            return _hours(change.after)
        case ChangeKind.GONE | ChangeKind.CANCELLED:
            return str(_("原定%(before)s", before=_hours(change.before)))
        case _:
            return str(_("%(before)s，改为%(after)s", before=_named(change.before), after=_named(change.after)))


def _hours(pair: tuple[str, ...]) -> str:
    start, end = (datetime.fromisoformat(text) for text in pair)
    return web.span_words(start, end)


def _named(texts: tuple[str, ...]) -> str:
    return (", " if web.english() else "、").join(text for text in texts if text) or _("未定")
