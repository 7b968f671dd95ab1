"""Host rotation (轮值承办): who runs the next issue, so that over the years nobody does more than others.

Pure. A turn is an issue that a unit runs; swaps are nothing of their own here, because the turns are counted as they
are after them. Of two units only the time counts in which both were in the list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ...core.errors import RuleBroken
from ...units.rules import in_force

MOST_HANDOVER_DAYS = 365
USUAL_HANDOVER_DAYS = 30
MOST_MEMBERS = 60
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Member:
    """A unit in the list. ``counts_from``: the first day whose issues count for it; None from the beginning.

    ``valid_from`` and ``valid_to`` are the unit's own: it has no turn before it exists or once it is closed.
    """

    unit_id: int
    position: int
    blackout: frozenset[int] = field(default_factory=frozenset)  # months, 1 to 12, in which it has no turn
    counts_from: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def can_host(self, on: date) -> bool:
        return on.month not in self.blackout and in_force(self.valid_from, self.valid_to, on)


@dataclass(frozen=True)
class Turn:
    """An issue that was or will be run by a unit; ``on`` is the day it begins."""

    on: date
    unit_id: int


def turns_of(unit_id: int, held: Iterable[Turn], since: date | None = None) -> int:
    return sum(turn.unit_id == unit_id and (since is None or turn.on >= since) for turn in held)


def lead(one: Member, other: Member, held: Sequence[Turn]) -> int:
    """How many turns more one has had than the other since both were in the list. Below 0: fewer."""
    since = max((day for day in (one.counts_from, other.counts_from) if day is not None), default=None)
    return turns_of(one.unit_id, held, since) - turns_of(other.unit_id, held, since)


def next_host(members: Sequence[Member], held: Sequence[Turn], on: date) -> int:
    """The unit whose turn an issue that begins on a day is.

    Of those that can, the one that is ahead of none of the others; of several, one that did not run the issue just
    before; of several, the first in the list. Whoever could not in a month comes as soon as it can, and without
    blackout months the turns of two units never differ by more than one.
    Raises: RuleBroken("rotation.nobody") when nobody can.
    Source: docs/sources.md#host-rotation
    """
    able = [member for member in members if member.can_host(on)]
    if not able:
        raise RuleBroken("rotation.nobody", on=on)
    before = max((turn for turn in held if turn.on < on), key=lambda turn: turn.on, default=None)
    last = before.unit_id if before else None

    def order(member: Member) -> tuple[int, bool, int]:
        ahead = max((lead(member, other, held) for other in able if other is not member), default=0)
        return ahead, member.unit_id == last, member.position

    return min(able, key=order).unit_id


def next_hosts(members: Sequence[Member], held: Sequence[Turn], days: Sequence[date]) -> list[int | None]:
    """The units for several issues to come, in order; None where nobody can."""
    so_far, found = list(held), list[int | None]()
    for on in days:
        try:
            unit_id = next_host(members, so_far, on)
        except RuleBroken:
            found.append(None)
            continue
        found.append(unit_id)
        so_far.append(Turn(on, unit_id))
    return found


def months_without_host(members: Collection[Member]) -> list[int]:
    """The months in which every unit of the list has its blackout."""
    return [month for month in MONTHS if all(month in member.blackout for member in members)] if members else []


def check_months(months: Collection[int]) -> frozenset[int]:
    """Raises: RuleBroken("rotation.month")."""
    if not set(months) <= set(MONTHS):
        raise RuleBroken("rotation.month")
    return frozenset(months)


def check_covered(members: Collection[Member]) -> None:
    """Raises: RuleBroken("rotation.months") when there is a month in which nobody could run an issue."""
    if missing := months_without_host(members):
        raise RuleBroken("rotation.months", months=missing)


def check_handover(days: int | None) -> int:
    """Raises: RuleBroken("rotation.handover")."""
    if days is None or not 0 <= days <= MOST_HANDOVER_DAYS:
        raise RuleBroken("rotation.handover", most=MOST_HANDOVER_DAYS)
    return days


def moved(order: Sequence[int], unit_id: int, *, up: bool) -> list[int]:
    """The list with a unit one place earlier or later; at an end it stays."""
    new = list(order)
    at = new.index(unit_id)
    to = at - 1 if up else at + 1
    if 0 <= to < len(new):
        new[at], new[to] = new[to], new[at]
    return new


def check_swap(first: Turn, second: Turn, members: Mapping[int, Member], names: Mapping[int, str]) -> None:
    """Two units exchange their issues. A unit that is not in the list has no blackout months. ``names``: of both units.

    Raises: RuleBroken("rotation.swap_same" | "rotation.swap_blackout").
    """
    if first.unit_id == second.unit_id:
        raise RuleBroken("rotation.swap_same")
    for turn, unit_id in ((first, second.unit_id), (second, first.unit_id)):
        member = members.get(unit_id)
        if member is not None and not member.can_host(turn.on):
            raise RuleBroken("rotation.swap_blackout", unit=names[unit_id], on=turn.on)


def rights_end(last_on: date, handover_days: int) -> date:
    """The first day on which a host's people no longer have rights on an issue whose last day is ``last_on``.

    With 0 days they end with the issue's last day; with 30 the thirtieth day after it is the last.
    """
    return last_on + timedelta(days=handover_days + 1)
