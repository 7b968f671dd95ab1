"""What an import would do: a calendar as it was read, against what of it was taken over before and stands here now.

Three versions meet: what the source said last time, what it says now, what stands here. What only the source changed
follows it; what only people changed here stays; what both changed is shown as both and done by nobody's default. Pure;
the preview and the service that acts on it ask the same function.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.previews import digest_of
from ..events.rules import Publication
from ..events.wording import place_with_address
from .reading import Item
from .rules import MOST_ONE_BY_ONE, Change, Why


@dataclass(frozen=True)
class Facts:
    """What an import says of an occurrence: words, when, where, and whether it takes place."""

    title: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    room_id: int | None
    place: str
    cancelled: bool = False

    @property
    def time(self) -> tuple[datetime, datetime, bool]:
        return self.starts_at, self.ends_at, self.all_day

    @property
    def where(self) -> tuple[int | None, str]:
        return self.room_id, self.place


# The parts that are compared one by one, and what each of them is in ``Facts`` and in ``Item``.
PARTS = ("title", "summary", "time", "where")


@dataclass(frozen=True)
class Known:
    """A date that was taken over before. ``said``: by the source then; ``written``: what that became here; ``stands``:
    the occurrence as it is now, None when it was thrown away."""

    line_id: int
    said: Item
    written: Facts
    occurrence_id: int | None
    stands: Facts | None
    publication: Publication = Publication.DRAFT  # of the occurrence
    kept_elsewhere: bool = False  # another room keeps its facts
    is_ours: bool = True  # it came from the source that is read now

    @property
    def is_public(self) -> bool:
        return self.publication is Publication.PUBLISHED


@dataclass(frozen=True)
class Outcome:
    """What a tick at one date would do."""

    key: str  # names it in a form
    change: Change
    item: Item | None  # as it is read; None when the source has it no more
    wanted: Facts | None  # as it would be here
    parts: tuple[str, ...] = ()  # which would be written
    both: tuple[str, ...] = ()  # those of them that people changed here too
    known: Known | None = None
    why: Why | None = None
    ticked: bool = False

    @property
    def stands(self) -> Facts | None:
        return self.known.stands if self.known else None

    @property
    def is_public(self) -> bool:
        return self.known is not None and self.known.is_public

    @property
    def choosable(self) -> bool:
        return self.change not in (Change.SAME, Change.KEPT)

    @property
    def one_by_one(self) -> bool:
        """Whether doing it is a step of its own: what is public, and holding or not holding something."""
        return self.stands is not None and (self.is_public or self.change in (Change.CANCELLED, Change.RESTORED))

    @property
    def tells(self) -> bool:
        """Whether people are told when it is done: of words nobody is."""
        moved = bool({"time", "where"} & set(self.parts))
        return self.is_public and (moved or self.change in (Change.CANCELLED, Change.RESTORED, Change.GONE))


@dataclass(frozen=True)
class Hall:
    """A room of ours, as calendars write places."""

    id: int
    venue: str
    name: str
    address: str


class Halls:
    """Rooms by the words that name them exactly: 重庆科技馆 报告厅, with its address behind a comma or without."""

    def __init__(self, halls: Iterable[Hall]) -> None:
        self._by_words: dict[str, Hall] = {}
        self._by_name: dict[str, list[Hall]] = {}
        for hall in halls:
            for words in (f"{hall.venue} {hall.name}", f"{hall.venue}{hall.name}", f"{hall.venue}，{hall.name}"):
                self._by_words.setdefault(words, hall)
            self._by_words.setdefault(place_with_address(hall.venue, hall.name, hall.address, ""), hall)
            self._by_name.setdefault(hall.name, []).append(hall)

    def placed(self, words: str) -> tuple[int | None, str]:
        """(room, what is said beside it) of a place in words. A room's name alone counts when no other has it."""
        named = self._by_name.get(words, [])
        if found := self._by_words.get(words) or (named[0] if len(named) == 1 else None):
            return found.id, ""
        for start in (words[:cut] for cut in _cuts(words)):
            if found := self._by_words.get(start):
                rest = words[len(start) :].removeprefix(", ").removeprefix(found.address).removeprefix(", ")
                return found.id, rest
        return None, words


def _cuts(words: str) -> list[int]:
    """Where ", " parts a place: the longest beginning first."""
    return [at for at in range(len(words) - 1, 0, -1) if words.startswith(", ", at)][:8]


@dataclass(frozen=True)
class Ground:
    """What a comparison stands on."""

    zone: ZoneInfo
    now: datetime
    halls: Halls
    edition_name: str  # 重庆市科协年会 2026年度
    own_name: str  # what an occurrence without a name of its own is called

    def wanted(self, item: Item) -> Facts:
        """The item as an occurrence of this edition: what the page says anyway is not said again in its name."""
        room_id, place = self.halls.placed(item.place)
        title = item.title.removesuffix(f"（{self.edition_name}）")
        title = "" if title in (self.edition_name, self.own_name) else title
        return Facts(
            title, item.summary, item.starts_at, item.ends_at, item.all_day, room_id, place, cancelled=item.cancelled
        )


def compared(items: Sequence[Item], known: Sequence[Known], ground: Ground) -> tuple[Outcome, ...]:
    """What would become of each date, in the order of time; then what the source has no more.

    Of those that are done one by one only as many are ticked as one press does.
    """
    pairs, rest = matched(items, known, ground.zone)
    found = [_outcome(item, earlier, ground) for item, earlier in pairs]
    slow = [each.key for each in found if each.ticked and each.one_by_one][MOST_ONE_BY_ONE:]
    found = [replace(each, ticked=False) if each.key in slow else each for each in found] if slow else found
    gone = [_gone(earlier) for earlier in rest if _is_missed(earlier, ground.now)]
    return (*found, *sorted(gone, key=lambda each: each.known.said.starts_at if each.known else ground.now))


def digest(outcomes: Iterable[Outcome]) -> str:
    """Of all that a preview shows, for ``core.previews``."""
    return digest_of(
        *(
            (each.key, each.change.value, each.wanted, each.stands, each.is_public, each.parts, each.both)
            for each in outcomes
        )
    )


def key_of(uid: str, recurrence: str) -> str:
    return hashlib.sha256(f"{uid}\n{recurrence}".encode()).hexdigest()[:12]


# ---- which is which


def matched(
    items: Sequence[Item], known: Sequence[Known], zone: ZoneInfo
) -> tuple[list[tuple[Item, Known | None]], list[Known]]:
    """Each item with what was taken over of it before; and what is left over of that.

    By UID and date of recurrence. A rule that was given another hour, or another weekday, names all its dates anew, and
    a single event that now repeats had no such name: within one UID what is left is paired by start, by day, then by
    week where the week leaves no choice. So a moved rule moves its dates and makes none.
    """
    by_key = {(each.said.uid, each.said.recurrence): each for each in known}
    found = {index: by_key.pop((item.uid, item.recurrence), None) for index, item in enumerate(items)}
    for alike in (_start, lambda item: _day(item, zone), lambda item: _week(item, zone)):
        left = [index for index, earlier in found.items() if earlier is None]
        theirs = _grouped((alike(items[index]), index) for index in left)
        ours = _grouped((alike(each.said), each) for each in by_key.values())
        for name, indices in theirs.items():
            candidates = ours.get(name, [])
            if len(indices) == len(candidates) == 1:
                found[indices[0]] = candidates[0]
                del by_key[candidates[0].said.uid, candidates[0].said.recurrence]
    return [(item, found[index]) for index, item in enumerate(items)], list(by_key.values())


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _start(item: Item) -> tuple[str, datetime]:
    return item.uid, item.starts_at


def _day(item: Item, zone: ZoneInfo) -> tuple[str, date]:
    return item.uid, item.starts_at.astimezone(zone).date()


def _week(item: Item, zone: ZoneInfo) -> tuple[str, tuple[int, int]]:
    return item.uid, item.starts_at.astimezone(zone).date().isocalendar()[:2]


# ---- what becomes of it


def _outcome(item: Item, known: Known | None, ground: Ground) -> Outcome:
    wanted = ground.wanted(item)
    made = Outcome(key_of(item.uid, item.recurrence), Change.NEW, item, wanted, known=known)
    if known is None or known.stands is None:
        if item.cancelled:
            return replace(made, change=Change.KEPT, why=Why.NEVER_HELD)
        thrown_away = Why.THROWN_AWAY if known is not None else None
        return replace(made, parts=PARTS, why=thrown_away, ticked=known is None and item.ends_at > ground.now)
    stands = known.stands
    parts = tuple(part for part in _changed_there(item, known.said) if _of(wanted, part) != _of(stands, part))
    both = tuple(part for part in parts if _of(stands, part) != _of(known.written, part))
    change = _change(item, known, parts, both)
    if change is Change.SAME:
        return replace(made, change=change)
    why = _why(known, stands, change, ground.now)
    if why is not None:
        return replace(made, change=Change.KEPT, why=why, parts=parts)
    parts, both = ((), ()) if change is Change.CANCELLED else (parts, both)
    ticked = change is not Change.BOTH
    return replace(made, change=change, parts=parts, both=both, ticked=ticked)


def _change(item: Item, known: Known, parts: Sequence[str], both: Sequence[str]) -> Change:
    assert known.stands is not None
    if item.cancelled:
        return Change.SAME if known.said.cancelled or known.stands.cancelled else Change.CANCELLED
    if known.said.cancelled and known.stands.cancelled:
        return Change.RESTORED
    if both:
        return Change.BOTH
    return Change.CHANGED if parts else Change.SAME


def _why(known: Known, stands: Facts, change: Change, now: datetime) -> Why | None:
    """Why a change there is not followed here; None when it may be."""
    if known.kept_elsewhere:
        return Why.KEPT_ELSEWHERE
    if stands.ends_at <= now and (known.is_public or change is Change.CANCELLED):
        return Why.OVER
    if change is Change.RESTORED:
        return Why.OVER if stands.starts_at <= now else None
    return Why.CANCELLED_HERE if stands.cancelled else None


def _changed_there(item: Item, said: Item) -> list[str]:
    """Which parts the source says otherwise than last time."""
    pairs: Mapping[str, tuple[Any, Any]] = {
        "title": (item.title, said.title),
        "summary": (item.summary, said.summary),
        "time": ((item.starts_at, item.ends_at, item.all_day), (said.starts_at, said.ends_at, said.all_day)),
        "where": (item.place, said.place),
    }
    return [part for part in PARTS if pairs[part][0] != pairs[part][1]]


def _of(facts: Facts, part: str) -> Any:
    return getattr(facts, part)


def _is_missed(known: Known, now: datetime) -> bool:
    """Whether it is worth saying that the source has it no more: what is over is history, there and here."""
    stands = known.stands
    return known.is_ours and stands is not None and not stands.cancelled and stands.ends_at > now


def _gone(known: Known) -> Outcome:
    """A draft may be thrown away, what is public cancelled. What was public once is neither: somebody has it."""
    made = Outcome(key_of(known.said.uid, known.said.recurrence), Change.GONE, None, None, known=known)
    if known.kept_elsewhere:
        return replace(made, change=Change.KEPT, why=Why.KEPT_ELSEWHERE)
    if known.publication is Publication.WITHDRAWN:
        return replace(made, change=Change.KEPT, why=Why.WAS_PUBLIC)
    return made


def written_after(outcome: Outcome) -> Facts:
    """What is kept as written here once an outcome is done: of what only people changed, still what was written."""
    assert outcome.wanted is not None
    assert outcome.item is not None
    if outcome.known is None or outcome.known.stands is None:
        return outcome.wanted
    before, after = outcome.known.written, outcome.wanted
    changed = _changed_there(outcome.item, outcome.known.said)
    title = after.title if "title" in changed else before.title
    summary = after.summary if "summary" in changed else before.summary
    time = after.time if "time" in changed else before.time
    where = after.where if "where" in changed else before.where
    return Facts(title, summary, *time, *where, cancelled=after.cancelled)
