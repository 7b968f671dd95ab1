"""What a subscriber chooses of a calendar, and how its address says so. Pure.

A choice is a few words behind the path, in one order: ``series/forum~deadlines~no-cancelled~alarm-day``. Whoever leaves
everything as it is has the bare path; any other spelling is no address, so that one calendar has one address.
"""

import enum
from dataclasses import dataclass

MARK = "~"  # never escaped in an address, and in no slug


class Contents(enum.Enum):
    """What of the plan stands in the calendar (日历内容)."""

    ALL = "all"
    DATES = "dates"  # what people go to
    DEADLINES = "deadlines"  # points of the timelines


class Cancelled(enum.Enum):
    """What becomes of what will not take place (取消的活动)."""

    MARKED = "marked"  # it stays for a while and says so
    REMOVED = "removed"


class Alarm(enum.Enum):
    """When the calendar reminds by itself (日历提醒)."""

    NONE = "none"
    HALF_HOUR = "30min"
    DAY = "day"


_WORDS: dict[Contents | Cancelled | Alarm, str] = {
    Contents.DATES: "dates",
    Contents.DEADLINES: "deadlines",
    Cancelled.REMOVED: "no-cancelled",
    Alarm.HALF_HOUR: "alarm-30min",
    Alarm.DAY: "alarm-day",
}


@dataclass(frozen=True)
class Choice:
    """One of the variants of a calendar (日历选项)."""

    contents: Contents = Contents.ALL
    cancelled: Cancelled = Cancelled.MARKED
    alarm: Alarm = Alarm.NONE

    @property
    def is_plain(self) -> bool:
        return self == PLAIN

    @property
    def suffix(self) -> str:
        """What stands behind the path: "" when nothing is chosen."""
        chosen = (self.contents, self.cancelled, self.alarm)
        return "".join(f"{MARK}{_WORDS[one]}" for one in chosen if one in _WORDS)


PLAIN = Choice()
CHOICES = {
    choice.suffix: choice
    for choice in (
        Choice(contents, cancelled, alarm) for contents in Contents for cancelled in Cancelled for alarm in Alarm
    )
}


def split_path(path: str) -> tuple[str, Choice] | None:
    """The calendar and the choice that a path names; None when no calendar is spelled like that."""
    base, mark, rest = path.partition(MARK)
    choice = CHOICES.get(mark + rest)
    return (base, choice) if choice is not None else None
