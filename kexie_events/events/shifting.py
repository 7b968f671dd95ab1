"""Last edition's dates become this one's: by which rule they shift, and where the new ones clash. Pure.

Days shift, clock times stay what people wrote; what belongs to a date (its end, when it takes registrations) shifts by
as many days as the date itself. Source: docs/decisions/0013-an-edition-begins-as-a-copy.md
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..core import dates
from ..core.errors import RuleBroken

MOST_DAYS = 3660  # ten years either way
REACH = 45  # days around the same date of the other year in which a date of the series' rule is looked for


class Shift(enum.Enum):
    """By which rule dates shift (日期怎么移)."""

    SAME_WEEK = "same_week"  # whole weeks: the same weekday, nearest to the same date of the other year
    RULE = "rule"  # so that the first date falls on one of the series' own rule
    DAYS = "days"  # by a number of days
    SAME_DATE = "same_date"  # the same month and day: 30 May


@dataclass(frozen=True)
class Shifting:
    """A rule with its numbers. ``anchor``: the first day of the earlier edition."""

    how: Shift
    anchor: date
    years: int = 0  # for SAME_WEEK and SAME_DATE
    days: int = 0  # for DAYS and RULE

    def days_of(self, day: date) -> int:
        """By how many days something of this day shifts. All by the same number, except for SAME_DATE.

        Raises: RuleBroken("event.day") for a year that no calendar has.
        """
        if self.how is Shift.SAME_DATE:
            return (same_date(day, self.years) - day).days
        if self.how is Shift.SAME_WEEK:
            return 7 * weeks_between(self.anchor, self.years)
        return self.days


def check(shifting: Shifting) -> None:
    """Raises: RuleBroken("clone.days") when it leads further than ten years."""
    if abs(shifting.days_of(shifting.anchor)) > MOST_DAYS:
        raise RuleBroken("clone.days", most=MOST_DAYS)


def same_date(day: date, years: int) -> date:
    """The same month and day ``years`` later; 29 February becomes 28 February in a year without one."""
    try:
        try:
            return day.replace(year=day.year + years)
        except ValueError:
            if (day.month, day.day) != (2, 29):
                raise
            return day.replace(year=day.year + years, day=28)
    except (ValueError, OverflowError):
        raise RuleBroken("event.day", least=1900, most=2200) from None


def weeks_between(anchor: date, years: int) -> int:
    """How many whole weeks lead from a day to the same weekday nearest to its date ``years`` later."""
    return round((same_date(anchor, years) - anchor).days / 7)


def moved(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same clock time so many days later. Raises: RuleBroken("event.day")."""
    wall = moment.astimezone(zone)
    try:
        return dates.at(wall.date() + timedelta(days=days), wall.time(), zone)
    except OverflowError:
        raise RuleBroken("event.day", least=1900, most=2200) from None


def days_to_rule(anchor: date, years: int, slots: Iterable[date]) -> int | None:
    """Days from the anchor to the date of the series' rule nearest to the same date ``years`` later.

    Within one year (``years`` 0): to the next date of the rule. None when the rule has none near.
    """
    if years == 0:
        later = sorted(slot for slot in slots if slot > anchor)
        return (later[0] - anchor).days if later else None
    wanted = same_date(anchor, years)
    near = [slot for slot in slots if abs((slot - wanted).days) <= REACH]
    best = min(near, key=lambda slot: (abs((slot - wanted).days), slot), default=None)
    return None if best is None else (best - anchor).days


def usual_gap(firsts: Sequence[date]) -> int:
    """Days from one edition to the next as the last two tell, in whole weeks; four weeks when there is only one."""
    known = sorted(firsts)[-2:]
    return 28 if len(known) < 2 else max(7, round((known[1] - known[0]).days / 7) * 7)


# ---- where new dates clash


class Clash(enum.Enum):
    """What to think twice about beside what kind of day it is (日期冲突)."""

    PAST = "past"
    ORDER = "order"
    DEADLINE = "deadline"
    WINDOW = "window"
    ROOM = "room"


@dataclass(frozen=True)
class DatedThing:
    """A milestone or occurrence as it is planned, and when its model took place. Aware instants."""

    key: str
    starts_at: datetime
    ends_at: datetime
    before_at: datetime | None = None  # start of what it was copied from
    closes_entries: bool = False  # applications close then
    is_occurrence: bool = False
    closes_at: datetime | None = None  # when registration ends


def clashes(
    things: Sequence[DatedThing], now: datetime, *, rooms_taken: Collection[str] = ()
) -> dict[str, list[Clash]]:
    """What is odd about which thing, by key; in the order of ``Clash``."""
    found: dict[str, set[Clash]] = {thing.key: set() for thing in things}
    closes = max((thing.starts_at for thing in things if thing.closes_entries), default=None)
    for thing in things:
        mine = found[thing.key]
        mine |= {Clash.PAST} if thing.ends_at <= now else set()
        mine |= {Clash.ROOM} if thing.key in rooms_taken else set()
        if thing.is_occurrence:
            mine |= {Clash.DEADLINE} if closes is not None and thing.starts_at < closes else set()
            mine |= {Clash.WINDOW} if thing.closes_at is not None and thing.closes_at > thing.starts_at else set()
    for key in _out_of_order(things):
        found[key].add(Clash.ORDER)
    return {key: [clash for clash in Clash if clash in marks] for key, marks in found.items()}


def _out_of_order(things: Sequence[DatedThing]) -> Iterable[str]:
    """Those that now begin before something that they came after."""
    known = sorted((thing for thing in things if thing.before_at is not None), key=lambda thing: thing.before_at or 0)
    for n, thing in enumerate(known):
        earlier = [other for other in known[:n] if other.before_at != thing.before_at]
        if any(thing.starts_at < other.starts_at for other in earlier):
            yield thing.key


def free_day(day: date, busy: Mapping[date, object], *, within: int = 21) -> date | None:
    """The nearest day that nothing speaks against, the same weekday first; None when there is none near."""
    ahead = [
        day + timedelta(days=n) for n in (7, -7, 14, -14, *(sign * n for n in range(1, within) for sign in (1, -1)))
    ]
    return next((other for other in ahead if not busy.get(other)), None)
