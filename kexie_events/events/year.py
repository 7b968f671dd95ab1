"""The year as a picture: where dates stand in it, which of them melt into one bar, which labels have room. Pure."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

NEAR = 2.2  # per cent of the year: dates about a week apart are one bar, else a weekly course is a comb
WIDE, SLIM = 1.5, 0.8  # per cent that one Chinese character and one digit take in a lane


@dataclass(frozen=True)
class Mark:
    """One thing in a lane; positions in per cent of the year. ``label`` is drawn, ``day`` beside or instead of it."""

    kind: str  # "issue", "span", "point"
    label: str
    day: str
    x: float
    x2: float
    state: str  # "past", "now", "next"
    slot: float | None = None  # where it was planned


def share(day: date, year: int) -> float:
    """How much of the year has passed when the day begins, in per cent, within it."""
    days = 366 if calendar.isleap(year) else 365
    return round(min(max((day - date(year, 1, 1)).days, 0), days) / days * 100, 2)


def state(first: date, last: date, today: date) -> str:
    return "past" if last < today else "now" if first <= today else "next"


def short(first: date, last: date) -> str:
    """4.16, 4.16–4.18."""
    start = f"{first.month}.{first.day}"
    return start if first == last else f"{start}–{last.month}.{last.day}"


def issue(number: int, day: date, planned: date | None, *, year: int, today: date) -> Mark:
    """One number of a forum series: where it stands, and the slot that it left when it was moved."""
    x = share(day, year)
    left = share(planned, year) if planned and planned != day and planned.year == year else None
    return Mark("issue", str(number), short(day, day), x, x, state(day, day, today), left)


def milestone(name: str, first: date, last: date, *, year: int, today: date) -> Mark:
    """A point of the timeline, or a bar when it lasts."""
    kind = "point" if first == last else "span"
    return Mark(kind, name, short(first, last), share(first, year), share(last, year), state(first, last, today))


def spans(dates: Sequence[tuple[date, date]], *, year: int, today: date) -> list[Mark]:
    """Bars for occurrences in order of their start; those that nearly touch become one."""
    merged: list[tuple[date, date]] = []
    for first, last in dates:
        if merged and share(first, year) - share(merged[-1][1], year) < NEAR:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return [
        Mark("span", short(*pair), "", share(pair[0], year), share(pair[1], year), state(*pair, today))
        for pair in merged
    ]


def lane(marks: Sequence[Mark]) -> list[Mark]:
    """Marks in order of the year; a label that would lie on the one before is spoken but not drawn."""
    free_from = -1.0
    laid: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.x):
        drawn = mark.day if mark.kind == "issue" else mark.label
        width = sum(SLIM if char.isascii() or char == "–" else WIDE for char in drawn)
        centred = mark.kind != "span" or mark.x2 - mark.x < 4
        left = (mark.x + mark.x2) / 2 - width / 2 if centred else mark.x
        if mark.kind != "issue" and left < free_from:
            mark = replace(mark, label="", day=f"{mark.label} {mark.day}".strip())
        else:
            free_from = left + width + SLIM
        laid.append(mark)
    return laid
