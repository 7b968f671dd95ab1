"""A day as a board: rooms down, parts of the day across, in each field what takes place there then. Pure."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from .programme import Forum, Programme, SessionLine, on_day

NOON, EVENING = time(12, 30), time(18)


class Part(enum.Enum):
    """A part of a day (时段)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True)
class Chip:
    """A session, or a sub-forum that has none yet, in one room."""

    forum: Forum
    session: SessionLine | None

    @property
    def starts_at(self) -> datetime:
        return (self.session or self.forum).starts_at

    @property
    def ends_at(self) -> datetime:
        return (self.session or self.forum).ends_at

    @property
    def cancelled(self) -> bool:
        return self.forum.cancelled or (self.session is not None and self.session.cancelled)


@dataclass
class Line:
    """One room. ``room_id`` None: in no room of ours; ``words`` say where."""

    room_id: int | None
    words: str
    parts: dict[Part, list[Chip]] = field(default_factory=lambda: {part: [] for part in Part})


def part_of(at: datetime, zone: ZoneInfo) -> Part:
    clock = at.astimezone(zone).time()
    return Part.MORNING if clock < NOON else Part.AFTERNOON if clock < EVENING else Part.EVENING


def board(programme: Programme, day: date, zone: ZoneInfo) -> list[Line]:
    """The rooms in which something takes place on a day, by their words; what has no place stands first."""
    lines: dict[tuple[int | None, str], Line] = {}
    for chip, room_id, words in _chips(on_day(programme, day, zone)):
        line = lines.setdefault((room_id, words), Line(room_id, words))
        line.parts[part_of(chip.starts_at, zone)].append(chip)
    for line in lines.values():
        for chips in line.parts.values():
            chips.sort(key=lambda chip: (chip.starts_at, chip.forum.id))
    return sorted(lines.values(), key=lambda line: (bool(line.words), line.words, line.room_id or 0))


def _chips(programme: Programme) -> Iterator[tuple[Chip, int | None, str]]:
    for forum in programme:
        for part in forum.sessions:
            yield Chip(forum, part), part.room_id, part.place
        if not forum.sessions:
            yield Chip(forum, None), forum.room_id, forum.place
