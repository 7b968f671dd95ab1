"""How far an item is: its share, its state, and for which months or quarters it is reported. Pure."""

import enum
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

ASKED_DAYS = 120  # so long after its end a period is asked for; later, nobody misses it any more
EDITION_UNITS = ("期", "届")
OCCURRENCE_UNITS = ("场", "次", "场次")


class State(enum.Enum):
    """How an item stands (完成情况)."""

    PLANNED = "planned"  # nothing has begun
    DOING = "doing"
    DONE = "done"
    LATE = "late"  # its last day is over, and it is not done


class Period(enum.Enum):
    """How often is reported (填报周期)."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True)
class Goal:
    """A target and what has been reached of it. ``derived``: counted from the events, never typed."""

    words: str
    value: Decimal | None
    unit: str
    actual: Decimal | None = None
    id: int | None = None
    derived: bool = False


@dataclass(frozen=True)
class Tied:
    """The editions that an item is tied to, counted; withdrawn ones are not.

    ``editions``: those not cancelled; ``held``: those whose dates are all over; ``occurrences``: dates that took
    place; ``ahead``, ``over``: dates and points to come, or past; ``begun``: one is public, or has been held.
    """

    editions: int = 0
    cancelled: int = 0
    held: int = 0
    occurrences: int = 0
    ahead: int = 0
    over: int = 0
    begun: bool = False
    next_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What a look at an item says."""

    state: State
    share: float | None  # 0 to 1; None: nothing to measure it by
    done: int  # editions held
    wanted: int  # editions to be held; 0: it has none


def derive(goals: Iterable[Goal], tied: Tied | None) -> tuple[Goal, ...]:
    """The goals, with what events say of them."""
    return tuple(_derived(goal, tied) for goal in goals)


def _derived(goal: Goal, tied: Tied | None) -> Goal:
    if tied is None or goal.value is None:
        return goal
    if goal.unit in EDITION_UNITS:
        return replace(goal, actual=Decimal(tied.held), derived=True)
    if goal.unit in OCCURRENCE_UNITS:
        return replace(goal, actual=Decimal(tied.occurrences), derived=True)
    return goal


def is_reported(goals: Iterable[Goal], tied: Tied | None) -> bool:
    """Whether people report it: it has no events, or a number that events do not know."""
    return tied is None or any(goal.value is not None and not goal.derived for goal in goals)


def outcome(
    goals: Sequence[Goal], tied: Tied | None, *, finished: bool, reported: bool, due_on: date, today: date
) -> Outcome:
    """Where an item stands. ``goals``: as ``derive`` gives them; ``finished``, ``reported``: of its last report.

    An item of events is done when as many are held as its target says, or all that there are. Any other is done when
    every number is reached, or when it was reported as finished. What is not done on its last day is late after it.
    """
    shares = [_share(goal) for goal in goals if goal.value is not None]
    held = tied.held if tied else 0
    wanted = _wanted(goals, tied) if tied else 0
    counted = any(goal.derived for goal in goals)
    if wanted and not counted:
        shares.append(min(held / wanted, 1.0) if wanted > 1 or held else _way(tied))
    share = 1.0 if finished else sum(shares) / len(shares) if shares else None
    done = finished or (bool(shares) and all(each >= 1 for each in shares))
    begun = reported or bool(tied and tied.begun) or bool(share)
    state = State.DONE if done else State.LATE if today > due_on else State.DOING if begun else State.PLANNED
    return Outcome(state, share, held, wanted)


def _wanted(goals: Sequence[Goal], tied: Tied) -> int:
    aimed = [int(goal.value) for goal in goals if goal.value is not None and goal.unit in EDITION_UNITS]
    return max(aimed, default=tied.editions)


def _share(goal: Goal) -> float:
    if not goal.value:
        return 1.0
    return float(min((goal.actual or Decimal(0)) / goal.value, Decimal(1)))


def _way(tied: Tied | None) -> float:
    """How much of one edition is behind it: what its timeline says. Not all before it is held."""
    if tied is None or not tied.over + tied.ahead:
        return 0.0
    return min(tied.over / (tied.over + tied.ahead), 0.95)


# --- periods ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A month or quarter, first to last day."""

    first_on: date
    last_on: date

    @property
    def is_quarter(self) -> bool:
        return (self.last_on - self.first_on).days > 31

    @property
    def number(self) -> int:
        return (self.first_on.month + 2) // 3 if self.is_quarter else self.first_on.month


def spans(year: int, period: Period) -> list[Span]:
    """All of a year, in order."""
    months = 3 if period is Period.QUARTER else 1
    firsts = [date(year, month, 1) for month in range(1, 13, months)] + [date(year + 1, 1, 1)]
    return [Span(first, following - timedelta(days=1)) for first, following in itertools.pairwise(firsts)]


def begun(year: int, period: Period, today: date) -> list[Span]:
    """Those that may be reported: begun, in order."""
    return [span for span in spans(year, period) if span.first_on <= today]


def asked(year: int, period: Period, today: date) -> Span | None:
    """The one that is owed: the last that is over, for ``ASKED_DAYS`` days."""
    over = [span for span in spans(year, period) if span.last_on < today]
    return over[-1] if over and (today - over[-1].last_on).days <= ASKED_DAYS else None
