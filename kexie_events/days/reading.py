"""From typed lines, or the State Council's notice as it is pasted, to days off and days worked. Pure.

``2027-02-05至2027-02-11 放假 春节``, ``2月7日 上班``, ``10.1-10.7 放假 国庆节``, ``6月1日 恢复``, and whole sentences:
``二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）上班。``
Source: docs/sources.md#working-days
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..core.errors import RuleBroken
from ..core.text import one_line
from .named import Span
from .rules import MOST_WORDS, Ruled, Ruling

MOST_CHARACTERS = 20_000
MOST_LINES = 400
MOST_DAYS = 31  # of one span: no holiday is longer

_DATE = r"(?<!\d)(?:(?P<year>\d{4})\s*[年/.\-]\s*)?(?P<month>\d{1,2})\s*[月/.\-]\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_DAY = r"(?<=[至到~—–\-、,和及])\s*(?P<alone>\d{1,2})(?![\d月/.\-天])\s*[日号]?"
_KIND = r"(?P<off>放假|休息|休假)|(?P<working>上班|补班|调班)|(?P<back>恢复|删除)"
_TOKEN = re.compile(f"{_DATE}|{_DAY}|{_KIND}")
_TO = re.compile(r"\s*(?:至|到|~|—+|–|-{1,2})\s*")
_REMARK = re.compile(r"\([^()]*\)")
_NUMBERED = re.compile(r"^\s*(?:[一二三四五六七八九十]+、|\d+[.、](?!\d))\s*")
# What stands round the dates in the notice: addresses, reasons, good wishes, the day of signature.
_FRAME = re.compile(r"〔\d{4}〕|通知|国务院|各省|节假日期间|部门|鼓励")
_SIGNED = re.compile(r"\s*\d{4}年\d{1,2}月\d{1,2}日\s*")
_FILLER = re.compile(r"调休|不调休|与周末连休|连休|共?\s*\d+\s*天|正常|补|公休日|[\s,。;:、至到~—–\-和及\"“”]+")


@dataclass(frozen=True)
class Fault:
    """A line that cannot be read, and why."""

    line: int
    code: str
    details: dict[str, object] = field(default_factory=dict)

    def error(self) -> RuleBroken:
        return RuleBroken(self.code, line=self.line, **self.details)


@dataclass(frozen=True)
class Read:
    """What lines say: for each day what is wanted (None: as announced). ``passed``: what frames the notice."""

    days: dict[date, Ruled | None]
    passed: tuple[int, ...]
    faults: tuple[Fault, ...]


class _Unreadable(Exception):
    def __init__(self, code: str, /, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def read(text: str, year: int, *, source: str = "") -> Read:
    """``year``: of dates without one. Every line is read; what is wrong is said of each.

    Raises: RuleBroken("days.too_much" | "days.nothing").
    """
    lines = text.splitlines()
    if len(text) > MOST_CHARACTERS or len(lines) > MOST_LINES:
        raise RuleBroken("days.too_much", lines=MOST_LINES, characters=MOST_CHARACTERS)
    days: dict[date, Ruled | None] = {}
    named_in: dict[date, int] = {}
    passed, faults = [], []
    for number, raw in enumerate(lines, start=1):
        line = _REMARK.sub("", unicodedata.normalize("NFKC", raw))
        if not line.strip():
            continue
        if _frames(line, year):
            passed.append(number)
            continue
        try:
            for day, ruled in _of_line(line, year, source):
                if day in named_in:
                    raise _Unreadable("days.line_twice", day=day, before=named_in[day])
                days[day], named_in[day] = ruled, number
        except _Unreadable as unreadable:
            faults.append(Fault(number, unreadable.code, unreadable.details))
    if not days and not faults:
        raise RuleBroken("days.nothing")
    return Read(days, tuple(passed), tuple(faults))


def _frames(line: str, year: int) -> bool:
    dated = any(token["month"] for token in _TOKEN.finditer(line))
    if not dated:
        return bool(_FRAME.search(line))
    signed = _SIGNED.fullmatch(line)
    return signed is not None and not line.strip().startswith(str(year))


def _of_line(line: str, year: int, source: str) -> Iterator[tuple[date, Ruled | None]]:
    words = _name(line)
    if len(words) > MOST_WORDS:
        raise _Unreadable("days.line_words", most=MOST_WORDS)
    dated = False
    for sentence in re.split(r"[。;]", line):
        for span, kind in _spans(sentence, year):
            dated = True
            _check(span, year)
            for n in range((span.last_on - span.first_on).days + 1):
                yield span.first_on + timedelta(days=n), Ruled(kind, words, source) if kind else None
    if not dated:
        raise _Unreadable("days.line_no_date")


def _spans(sentence: str, year: int) -> Iterator[tuple[Span, Ruling | None]]:
    """The spans of a sentence with the kind that is named after them, else before them."""
    waiting: list[Span] = []
    kind: Ruling | None = None
    named, end, month, of = False, 0, 0, year
    for token in _TOKEN.finditer(sentence):
        between, end = sentence[end : token.start()], token.end()
        if token["alone"] and not month:
            raise _Unreadable("days.line_no_date")
        if token["month"] or token["alone"]:
            of = int(token["year"]) if token["year"] else of
            month = int(token["month"] or month)
            day = _day(of, month, int(token["day"] or token["alone"]))
            if waiting and _TO.fullmatch(between):
                waiting[-1] = Span(waiting[-1].first_on, day)
            else:
                waiting.append(Span(day, day))
            continue
        kind = Ruling.OFF if token["off"] else Ruling.WORKING if token["working"] else None
        named = True
        yield from ((span, kind) for span in waiting)
        waiting = []
    if waiting and not named:
        raise _Unreadable("days.line_no_kind")
    yield from ((span, kind) for span in waiting)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _Unreadable("days.line_no_such_day", day=f"{month}.{day}") from None


def _check(span: Span, year: int) -> None:
    """Of this year, or of the holiday at its turn."""
    if span.last_on < span.first_on:
        raise _Unreadable("days.line_backwards")
    if (span.last_on - span.first_on).days >= MOST_DAYS:
        raise _Unreadable("days.line_too_long", most=MOST_DAYS)
    if not date(year - 1, 12, 1) <= span.first_on <= span.last_on <= date(year + 1, 1, 31):
        raise _Unreadable("days.line_other_year", year=year)


def _name(line: str) -> str:
    """二、春节：… is called 春节; of ``2月5日 放假 春节`` what is left when dates and kinds are taken away."""
    head, colon, _ = line.partition(":")
    if colon and not _TOKEN.search(head):
        return one_line(_NUMBERED.sub("", head))
    rest = _TOKEN.sub(" ", _NUMBERED.sub("", line))
    parts = [part.strip() for part in _FILLER.split(rest)]
    return one_line(" ".join(part for part in parts if part))


def written(span: Span, kind: Ruling | None, words: str) -> str:
    """A line that reads back as what it says."""
    said = {Ruling.OFF: "放假", Ruling.WORKING: "上班", None: "恢复"}[kind]
    days = span.first_on.isoformat() + (f"至{span.last_on.isoformat()}" if span.last_on != span.first_on else "")
    return " ".join(part for part in (days, said, words) if part)
