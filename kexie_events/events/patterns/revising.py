"""Editing the rule of a series from a slot on: which dates come, go, move and stay, before anything is saved. Pure.

The same function makes the preview and what is saved, so that nothing else can be saved than was shown.
Source: docs/decisions/0011-a-rule-with-memory.md
"""

import enum
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ...core.errors import RuleBroken
from .. import rules
from . import recurrence
from .recurrence import Slot
from .repeating import Choice, Repeat, choice_of, period_start, text_of
from .rules import Facts, Held, Own, Stored, Terms, check_apart, check_terms


class Fate(enum.Enum):
    """What a change of the rule does to one date (改动)."""

    ADDED = "added"
    RETIMED = "retimed"
    MOVED = "moved"  # another room or place at the same time
    CHANGED = "changed"  # places or the registration window alone
    REMOVED = "removed"
    SKIPPED = "skipped"  # stays skipped
    KEPT_OWN = "kept_own"  # an exception: what changes is its own
    KEPT_CANCELLED = "kept_cancelled"
    KEPT_OVER = "kept_over"
    SAME = "same"


TELLING = {Fate.RETIMED, Fate.MOVED, Fate.REMOVED}  # who has a seat in it is written to


@dataclass(frozen=True)
class Change:
    """One line of the preview. ``slot_before`` None: the slot is new; ``slot_after`` None: it goes."""

    fate: Fate
    slot_before: datetime | None
    slot_after: datetime | None
    before: Facts | None
    after: Facts | None
    held: Held | None = None
    is_open: bool = True  # False: it lies before the change and keeps its pattern

    @property
    def own(self) -> frozenset[Own]:
        return self.held.own if self.held else frozenset()

    @property
    def holds_a_room(self) -> bool:
        """What is cancelled or withdrawn leaves its room to others."""
        return self.held is None or ((self.held.is_draft or self.held.is_public) and not self.held.is_cancelled)

    @property
    def is_told(self) -> bool:
        """Whether people know of the date and must hear of this."""
        return self.fate in TELLING and self.held is not None and self.held.is_public


@dataclass(frozen=True)
class Revised:
    """What a change comes to. ``shortened``: the rules of patterns that end earlier; ``dropped``: patterns of which no
    date is left; ``extended``: the pattern that goes on under ``terms`` instead of a new one, when its own rule says
    the new dates too or nothing of it has begun; ``terms`` None: nothing takes place from there on."""

    changes: tuple[Change, ...]
    shortened: Mapping[int, str]
    dropped: tuple[int, ...]
    extended: int | None
    terms: Terms | None
    edition_id: int | None
    year_shift: int

    @property
    def digest(self) -> str:
        """The same for the same change of the same dates; who is to save sends it back."""
        said = repr((
            [(one.fate.value, one.slot_before, one.slot_after, one.before, one.after, one.held and one.held.id,
              sorted(own.value for own in one.own)) for one in self.changes],
            sorted(self.shortened.items()), self.dropped, self.extended, self.terms,
        ))  # fmt: skip
        return hashlib.sha256(said.encode()).hexdigest()

    def into(self, edition_id: int | None) -> "Revised":
        """The same for dates of one edition; None: issues."""
        return replace(self, edition_id=edition_id)

    def of(self, *fates: Fate) -> list[Change]:
        return [change for change in self.changes if change.fate in fates]

    @property
    def told(self) -> list[Change]:
        return [change for change in self.changes if change.is_told]


@dataclass(frozen=True)
class _Place:
    """A slot of a stored pattern, and what stands there: nothing when it is skipped."""

    pattern: Stored
    slot: Slot
    held: Held | None

    def is_settled(self, now: datetime) -> bool:
        """What has begun stays as it is."""
        return (self.held.facts.starts_at if self.held else self.slot.starts_at) <= now


def revise(
    patterns: Sequence[Stored],
    held: Sequence[Held],
    wanted: Terms | None,
    *,
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> Revised:
    """What becomes of every date when ``wanted`` holds from the slot ``since`` on (this and following), or, with None,
    from the first slot on that has not begun (all).

    Dates of the old rule go with dates of the new one (``pair``): the occurrence, its number, UID and seats stay, and
    what is its own stays. Raises: RuleBroken("pattern.no_slot" | "pattern.begun" | "pattern.before_kept" |
    "pattern.past" | "event.capacity_below_taken") and what refuses terms.
    """
    places = _places(patterns, held, zone)
    first = _first_changed(places, since, now)
    kept, open_ = places[:first], places[first:]
    slots = check_terms(wanted, zone) if wanted is not None else []
    days = [_day(slot.starts_at, zone) for slot in slots]
    if kept and days and days[0] <= _day(kept[-1].slot.starts_at, zone):
        raise RuleBroken("pattern.before_kept", day=_day(kept[-1].slot.starts_at, zone))
    changes = [_untouched(place, now) for place in kept if since is None or place.is_settled(now)]
    for old, new in pair([_day(place.slot.starts_at, zone) for place in open_], days):
        place = open_[old] if old is not None else None
        changes.append(_change(place, slots[new] if new is not None else None, wanted, now))
    _check(changes, now)
    shortened, dropped = _ended(places, kept)
    base = (open_[0] if open_ else kept[-1]).pattern if places else None
    last: tuple[int | None, Terms | None]
    if wanted is not None and open_ and not kept:  # nothing of it has begun: it is rewritten
        last = open_[0].pattern.id, wanted
    else:
        last = _longer(kept, wanted, slots, zone)
    extended, terms = last
    return Revised(
        tuple(changes),
        {id: rule for id, rule in shortened.items() if id != extended},
        tuple(id for id in dropped if id != extended),
        extended,
        terms,
        base.edition_id if base else None,
        base.year_shift if base else 0,
    )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _places(patterns: Sequence[Stored], held: Sequence[Held], zone: ZoneInfo) -> list[_Place]:
    at = {(one.pattern_id, one.slot_at): one for one in held}
    places = [
        _Place(pattern, slot, at.get((pattern.id, slot.starts_at)))
        for pattern in patterns
        for slot in pattern.terms.slots(zone)
    ]
    return sorted(places, key=lambda place: place.slot.starts_at)


def _first_changed(places: Sequence[_Place], since: datetime | None, now: datetime) -> int:
    """The index from which on dates change: behind everything that has begun, at ``since`` or later."""
    first = max((n + 1 for n, place in enumerate(places) if place.is_settled(now)), default=0)
    if since is None:
        return first
    asked = next((n for n, place in enumerate(places) if place.slot.starts_at == since), None)
    if asked is None:
        raise RuleBroken("pattern.no_slot")
    if asked < first:
        raise RuleBroken("pattern.begun", starts_at=places[first - 1].slot.starts_at)
    return asked


def _untouched(place: _Place, now: datetime) -> Change:
    """A date before the change: over, or put off until after what came behind it."""
    held, slot_at = place.held, place.slot.starts_at
    if held is None:
        return Change(Fate.SKIPPED, slot_at, slot_at, None, None, is_open=False)
    fate = Fate.KEPT_CANCELLED if held.is_cancelled else Fate.KEPT_OVER if place.is_settled(now) else Fate.KEPT_OWN
    return Change(fate, slot_at, slot_at, held.facts, held.facts, held, is_open=False)


def _change(place: _Place | None, slot: Slot | None, terms: Terms | None, now: datetime) -> Change:
    slot_before = place.slot.starts_at if place is not None else None
    slot_after = slot.starts_at if slot is not None else None
    held = place.held if place else None
    if place is not None and place.held is None:
        return Change(Fate.SKIPPED, slot_before, slot_after, None, None)
    if slot is None or terms is None:
        assert held is not None
        if held.is_cancelled:
            return Change(Fate.KEPT_CANCELLED, slot_before, None, held.facts, held.facts, held)
        return Change(Fate.REMOVED, slot_before, None, held.facts, None, held)
    if held is None:
        return Change(Fate.ADDED, None, slot_after, None, terms.facts(slot.starts_at))
    if held.is_cancelled:
        return Change(Fate.KEPT_CANCELLED, slot_before, slot_after, held.facts, held.facts, held)
    after = follow(held, terms, slot.starts_at, now)
    return Change(_fate(held, after, terms.facts(slot.starts_at)), slot_before, slot_after, held.facts, after, held)


def follow(held: Held, terms: Terms, slot_at: datetime, now: datetime) -> Facts:
    """An occurrence under new terms: what is its own stays, the rest is the pattern's.

    A registration that has opened stays open from the instant that people know.
    """
    old, new, own = held.facts, terms.facts(slot_at), held.own
    if Own.TIME in own:
        new = replace(new, starts_at=old.starts_at, ends_at=old.ends_at, all_day=old.all_day)
    opens_at, closes_at = terms.window(new.starts_at)
    if opens_at is not None and old.opens_at is not None and old.opens_at <= now:
        opens_at = old.opens_at
    new = replace(new, opens_at=opens_at, closes_at=closes_at)
    if Own.WINDOW in own:
        new = replace(new, opens_at=old.opens_at, closes_at=old.closes_at)
    if Own.PLACE in own:
        new = replace(new, room_id=old.room_id, place=old.place)
    if Own.SEATS in own:
        new = replace(new, capacity=old.capacity)
    return new


def _fate(held: Held, after: Facts, plain: Facts) -> Fate:
    before = held.facts
    if before.times != after.times:
        return Fate.RETIMED
    if before.spot != after.spot:
        return Fate.MOVED
    if before != after:
        return Fate.CHANGED
    return Fate.KEPT_OWN if after != plain and held.own else Fate.SAME


def _check(changes: Sequence[Change], now: datetime) -> None:
    """Raises: RuleBroken for what cannot stand: in the past, a window that does not fit, fewer places than taken, one
    room for two of the dates at once."""
    for change in changes:
        after, held = change.after, change.held
        if after is None or change.fate not in (Fate.ADDED, Fate.RETIMED, Fate.MOVED, Fate.CHANGED):
            continue
        if after.starts_at <= now:
            raise RuleBroken("pattern.past", starts_at=after.starts_at)
        rules.check_window(after.opens_at, after.closes_at, after.ends_at)
        if held is not None:
            rules.check_capacity(after.capacity, held.taken)
    rooms: dict[int, list[Facts]] = {}
    for change in changes:
        if change.after is not None and change.after.room_id is not None and change.holds_a_room:
            rooms.setdefault(change.after.room_id, []).append(change.after)
    for facts in rooms.values():
        check_apart(sorted(facts, key=lambda one: one.starts_at))


def _ended(places: Sequence[_Place], kept: Sequence[_Place]) -> tuple[dict[int, str], tuple[int, ...]]:
    """The rules of patterns that lose their last dates, and the patterns that lose all."""
    had, left = (Counter(place.pattern.id for place in some) for some in (places, kept))
    rule_of = {place.pattern.id: place.pattern.terms.rule for place in places}
    shortened = {id: recurrence.cut(rule_of[id], left[id]) for id in had if 0 < left[id] < had[id]}
    return shortened, tuple(id for id in had if not left[id])


def _longer(
    kept: Sequence[_Place], wanted: Terms | None, slots: Sequence[Slot], zone: ZoneInfo
) -> tuple[int | None, Terms | None]:
    """The last pattern that stays, when its own rule, made longer, comes to exactly the wanted dates."""
    if wanted is None or not kept:
        return None, wanted
    pattern = kept[-1].pattern
    mine = [place.slot for place in kept if place.pattern.id == pattern.id]
    longer = replace(pattern.terms, rule=recurrence.cut(pattern.terms.rule, len(mine) + len(slots)))
    alike = replace(wanted, rule=longer.rule, first_on=longer.first_on) == longer
    if not alike or not pattern.terms.rule:
        return None, wanted
    try:
        reached = longer.slots(zone)
    except RuleBroken:  # beyond what one rule may reach: a pattern of its own then
        return None, wanted
    return (pattern.id, longer) if reached == [*mine, *slots] else (None, wanted)


def going_on(
    patterns: Sequence[Stored], held: Sequence[Held], *, since: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[Terms, Choice | None] | None:
    """What holds from there on now, as terms that, wanted as they are, change nothing; and the choice that makes them.

    None when there is no pattern. The choice is None for a rule that nobody can choose.
    Raises: RuleBroken("pattern.no_slot" | "pattern.begun").
    """
    places = _places(patterns, held, zone)
    if not places:
        return None
    first = _first_changed(places, since, now)
    open_, last_kept = places[first:], places[first - 1].slot.starts_at if first else None
    pattern = (open_ or places)[0 if open_ else -1].pattern
    choice = choice_of(pattern.terms.rule, pattern.terms.first_on)
    if not open_:  # all is over: the same again, from the day after
        day = _day(places[-1].slot.starts_at, zone) + timedelta(days=1)
        return replace(pattern.terms, first_on=day), choice and replace(choice, count=None, until=None)
    day = _day(open_[0].slot.starts_at, zone)
    if choice is not None and choice.repeat is not Repeat.ONCE:
        day = period_start(choice, day)
        last = choice_of(open_[-1].pattern.terms.rule, day)
        until = last.until if last is not None else None
        choice = replace(choice, count=None if until else len(open_), until=until)
    if last_kept is not None:
        day = max(day, _day(last_kept, zone) + timedelta(days=1))
    return replace(pattern.terms, rule=text_of(choice) if choice else pattern.terms.rule, first_on=day), choice


def pair(old: Sequence[date], new: Sequence[date]) -> list[tuple[int | None, int | None]]:
    """Which old date becomes which new one, in order of days: (index, None) goes, (None, index) comes.

    A day that is in both stays itself. Between two such days old and new ones are paired in order, as many as there
    are, so that they move the fewest days in all: the third Friday of June becomes the third Thursday of June.
    ``old``, ``new``: in order, no day twice.
    """
    at = {day: n for n, day in enumerate(new)}
    anchors = [(n, at[day]) for n, day in enumerate(old) if day in at]
    pairs: list[tuple[int | None, int | None]] = []
    since_old = since_new = 0
    for here_old, here_new in [*anchors, (len(old), len(new))]:
        between = _nearest(old[since_old:here_old], new[since_new:here_new])
        pairs += [(None if i is None else i + since_old, None if j is None else j + since_new) for i, j in between]
        if here_old < len(old):
            pairs.append((here_old, here_new))
        since_old, since_new = here_old + 1, here_new + 1
    return pairs


def _nearest(old: Sequence[date], new: Sequence[date]) -> list[tuple[int | None, int | None]]:
    """All of the shorter list paired in order with the longer one, with the fewest days between; then the rest."""
    few, many = (old, new) if len(old) <= len(new) else (new, old)
    chosen = _chosen([day.toordinal() for day in few], [day.toordinal() for day in many])
    partner = {there: here for here, there in enumerate(chosen)}
    turned = few is not old
    found: list[tuple[int | None, int | None]] = []
    for there in range(len(many)):
        here = partner.get(there)
        found.append((there, here) if turned else (here, there))
    return found


def _chosen(few: Sequence[int], many: Sequence[int]) -> list[int]:
    """For each of ``few`` its place in ``many``, rising, with the least sum of distances. Dynamic programming over
    prefixes; of equal sums the earlier place."""
    spare = len(many) - len(few)
    best = [[0] * (spare + 1)]  # best[i][s]: first i of few among the first i + s of many
    for i, value in enumerate(few):
        row: list[int] = []
        for s in range(spare + 1):
            taken = best[i][s] + abs(value - many[i + s])
            row.append(min(taken, row[-1]) if row else taken)
        best.append(row)
    chosen: list[int] = []
    s = spare
    for i in range(len(few), 0, -1):
        while s and best[i][s] == best[i][s - 1]:
            s -= 1
        chosen.append(i - 1 + s)
    return chosen[::-1]
