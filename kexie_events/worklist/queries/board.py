"""A list at a glance: every item, how far it is, what is owed."""

from dataclasses import dataclass
from datetime import date, datetime

from ...core.access import Actor
from ..progress import Goal, Outcome, Span, State, asked, derive, is_reported, outcome
from .items import Item, items_of
from .lists import ListOfYear
from .tied import NONE, Events, events_of

BEHIND = 0.25  # of the time that has gone: so far behind it, an item wants a push


@dataclass(frozen=True)
class Line:
    """An item and how it stands."""

    item: Item
    goals: tuple[Goal, ...]  # with what events say
    events: Events | None  # None: it has none, and is reported
    outcome: Outcome
    is_reported: bool
    owes: bool  # the period that is asked for is not reported
    behind: bool  # late, or well behind the time that has gone

    @property
    def state(self) -> State:
        return self.item.override or self.outcome.state

    @property
    def next_at(self) -> datetime | None:
        return self.events.tied.next_at if self.events else None


@dataclass(frozen=True)
class Board:
    """All items of a list in its order."""

    lines: tuple[Line, ...]
    asked: Span | None  # the period that is owed

    def count(self, state: State) -> int:
        return sum(line.state is state for line in self.lines)

    @property
    def sections(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.item.section, []).append(line)
        return found

    @property
    def departments(self) -> list[str]:
        """Who leads or supports, in the order of the list; everybody is nobody."""
        names = (duty.shown for line in self.lines for duty in line.item.duties if not duty.everybody)
        return list(dict.fromkeys(names))

    @property
    def owing(self) -> dict[str, int]:
        """Who has not reported how many items, in the order of the list."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line.owes:
                name = line.item.lead.shown
                found[name] = found.get(name, 0) + 1
        return found


def last_day(item: Item, year: int) -> date:
    """What is not done after it is late."""
    return item.due_on or date(year, 12, 31)


def board(chosen: ListOfYear, actor: Actor, now: datetime, today: date) -> Board:
    """A list that the actor reads. Two queries, however long it is."""
    span = asked(chosen.year, chosen.period, today)
    events = events_of(chosen.id, chosen.year, actor, now)
    items = items_of(chosen, actor, span)
    return Board(tuple(line_of(item, events.get(item.id), chosen.year, span, today) for item in items), span)


def line_of(item: Item, events: Events | None, year: int, span: Span | None, today: date) -> Line:
    """How one item stands."""
    events = events or (NONE if item.linked else None)
    tied = events.tied if events else None
    goals = derive(item.goals, tied)
    due_on = last_day(item, year)
    stands = outcome(
        goals, tied, finished=bool(item.last and item.last.finished), reported=item.last is not None, due_on=due_on,
        today=today,
    )  # fmt: skip
    reported = is_reported(goals, tied)
    state = item.override or stands.state
    owes = reported and span is not None and not item.reported and state is not State.DONE
    gone = (today - date(year, 1, 1)).days / max(1, (due_on - date(year, 1, 1)).days)
    slow = stands.share is not None and state is State.DOING and stands.share < min(gone, 1) - BEHIND
    return Line(item, goals, events, stands, reported, owes, state is State.LATE or slow)
