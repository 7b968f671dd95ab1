"""Lines of public lists in words.

A list may have a hundred lines of ten values each. Asking the request for its clock, zone and language a thousand
times costs more than the query, so one ``Writer`` asks once per page and templates only put words in place.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from flask_babel import gettext as _

from ...core import dates, web
from .. import wording
from ..queries.lines import Line
from ..rules import Publication, Status, Window, window


class Shown(NamedTuple):
    """One line of a list: words only. A tuple, because a list makes a hundred of them."""

    line: Line
    href: str
    name: str
    meta: tuple[str, ...]  # edition, series, region
    when: str  # "" for what is no occurrence
    when_at: str  # the same for machines
    date_words: str  # the date that matters most now: deadline, opening, start; "" when a tag says it
    left: str  # how far away it is
    soon: bool
    date_tag: tuple[str, str] | None  # kind and word
    tags: tuple[tuple[str, str], ...]  # draft, moved


@dataclass(frozen=True)
class Mark:
    """One thing in a month, as ``month_grid`` takes it."""

    kind: str
    word: str
    text: str
    href: str


class Writer:
    """Puts lines into the words of one request: its instant, its zone, its language."""

    def __init__(self) -> None:
        self.now, self.zone, self.today, self.english = web.arrived_at(), web.zone(), web.today(), web.english()
        self.city = _("全市")
        self.closes, self.opens, self.starts = (
            _("%(moment)s 截止"),
            _("%(moment)s 开放"),
            _("%(moment)s 开始"),
        )
        self.closed, self.closes_today, self.closes_tomorrow = _("已截止"), _("今天截止"), _("明天截止")
        self.days_left, self.days_until = _("还有 %(days)s 天"), _("%(days)s 天后")
        self.is_today, self.is_tomorrow, self.under_way, self.moved = _("今天"), _("明天"), _("正在进行"), _("已改期")
        self.marks = {
            "event": _("活动"),
            "due": _("截止"),
            "opens": _("开放"),
            "entries": _("截止"),
            "step": _("节点"),
        }
        self.cancelled = web.label(Status.CANCELLED)
        self.full = web.label(Window.FULL)

    def lines(self, lines: list[Line], *, dated: bool = False) -> list[Shown]:
        """Lines of a list; ``dated`` shows what the list is sorted by instead of what matters now."""
        return [self._line(line, dated) for line in lines]

    def mark(self, line: Line) -> Mark:
        return Mark(line.what, self.mark_word(line), mark_text(line), address_of(line))

    def mark_word(self, line: Line) -> str:
        """The one word before a thing in a month."""
        return self.cancelled if line.status is Status.CANCELLED else self.marks[line.what]

    def _line(self, line: Line, dated: bool) -> Shown:
        words, left, soon, tag = self._dated(line) if dated else self._due(line)
        own_name = bool(line.own_title)
        region = line.region or self.city
        start = line.starts_at.astimezone(self.zone) if line.occurrence_id is not None else None
        tags: tuple[tuple[str, str], ...] = ()
        if line.publication is not Publication.PUBLISHED:
            tags += (("wait", web.label(line.publication)),)
        if line.moved_from_at and line.status is not Status.CANCELLED:
            tags += (("wait", self.moved),)
        return Shown(
            line=line,
            href=address_of(line),
            name=line.name,
            meta=(line.number_words, line.series_name, region) if own_name else (line.number_words, region),
            when=self._span(line) if start else "",
            when_at=start.isoformat() if start else "",
            date_words=words,
            left=left,
            soon=soon,
            date_tag=tag,
            tags=tags,
        )

    def _dated(self, line: Line) -> tuple[str, str, bool, None]:
        return self._moment(line.at, line.all_day and line.what == "event"), self.mark_word(line), False, None

    def _due(self, line: Line) -> tuple[str, str, bool, tuple[str, str] | None]:
        """The date that matters most at this moment, how far away it is, whether soon, a tag."""
        if line.what == "entries":
            return self._deadline(line.at) if line.at > line.starts_at else self._opening(line.at)
        state = window(line, self.now)
        if state is Window.CANCELLED:
            return "", "", False, ("bad", self.cancelled)
        if state is Window.OPEN:
            return self._deadline(line.at)
        if state is Window.FULL:
            return self.closes % {"moment": self._moment(line.at)}, "", False, ("wait", self.full)
        if state is Window.LATER and line.opens_at:
            return self._opening(line.opens_at)
        if line.starts_at <= self.now:
            return "", "", False, ("info", self.under_way)
        words = self.starts % {"moment": self._moment(line.starts_at, line.all_day)}
        return words, self._until(line.starts_at), False, None

    def _deadline(self, at: datetime) -> tuple[str, str, bool, None]:
        local = at.astimezone(self.zone)
        days = (local.date() - self.today).days
        if at <= self.now:
            left = self.closed
        elif days <= 1:
            left = self.closes_tomorrow if days else self.closes_today
        else:
            left = self.days_left % {"days": days}
        words = dates.moment(local, today=self.today, english=self.english)
        return self.closes % {"moment": words}, left, days <= dates.SOON_DAYS, None

    def _opening(self, at: datetime) -> tuple[str, str, bool, None]:
        return self.opens % {"moment": self._moment(at)}, self._until(at), False, None

    def _until(self, at: datetime) -> str:
        days = (at.astimezone(self.zone).date() - self.today).days
        if days <= 1:
            return str(self.is_tomorrow if days else self.is_today)
        return str(self.days_until % {"days": days})

    def _moment(self, at: datetime, whole_day: bool = False) -> str:
        local = at.astimezone(self.zone)
        if whole_day:
            return dates.day(local.date(), today=self.today, english=self.english)
        return dates.moment(local, today=self.today, english=self.english)

    def _span(self, line: Line) -> str:
        first, last = wording.said_at(line.starts_at, line.ends_at, line.all_day, self.zone)
        return dates.span(first, last, today=self.today, english=self.english)


def mark_text(line: Line) -> str:
    """In a month nothing around it says which contest a 申报截止 belongs to; a session's title says enough."""
    return line.whole_name if line.step else line.name


def address_of(line: Line) -> str:
    """Written out: these addresses are promised, and building a hundred through the map of routes takes as long as
    all their words."""
    return f"/editions/{line.edition_id}" if line.occurrence_id is None else f"/occurrences/{line.occurrence_id}"


class HasTimes(Protocol):
    """What ``said_at`` reads: an occurrence, a line of a list, a date of a plan."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def all_day(self) -> bool: ...


def said_at(thing: HasTimes) -> tuple[date, date]:
    """From when to when, for ``date.between(*said_at(thing))``: whole days have no clock."""
    return wording.said_at(thing.starts_at, thing.ends_at, thing.all_day, web.zone())


def said_before(moved_from_at: datetime) -> date:
    """The start before a move, for ``date.when``: a day, or an instant."""
    return wording.said_before(moved_from_at, web.zone())
