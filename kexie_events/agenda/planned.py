"""An agenda as it is planned: the programme, its rooms, what organisers know of each sub-forum; and what there is to
think about in it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..events.rules import Publication
from . import programme
from .programme import Forum, Programme
from .travel import Gathering, Remark, RemarkKind, Spot, Stay, room_remarks, same_names, travel_remarks


@dataclass(frozen=True)
class RoomFacts:
    """A room of ours: what it is called, its seats, where it is."""

    words: str
    seats: int | None
    spot: Spot


@dataclass(frozen=True)
class ForumFacts:
    """What an organiser knows of a sub-forum besides the programme."""

    publication: Publication
    capacity: int | None
    taken: int
    expected: int | None
    revision: int


@dataclass(frozen=True)
class Whole:
    """``rooms`` and ``facts`` by the ids of rooms and sub-forums."""

    programme: Programme
    rooms: dict[int, RoomFacts]
    facts: dict[int, ForumFacts]

    @property
    def public(self) -> Programme:
        """What of it a version would hold: the published sub-forums."""
        return tuple(forum for forum in self.programme if self._is_public(forum))

    @property
    def hidden(self) -> Programme:
        """What no version would hold yet."""
        return tuple(forum for forum in self.programme if not self._is_public(forum))

    def _is_public(self, forum: Forum) -> bool:
        return self.facts[forum.id].publication is Publication.PUBLISHED


def remarks_on(whole: Whole) -> list[Remark]:
    """What is possible but will not go well, the most pressing kind first."""
    held = [forum for forum in whole.programme if not forum.cancelled]
    found = [*travel_remarks(stays(whole, held)), *room_remarks(gatherings(whole, held)), *_same_names(held)]
    order = list(RemarkKind)
    return sorted(found, key=lambda remark: order.index(remark.kind))


def _same_names(held: list[Forum]) -> Iterator[Remark]:
    people = [(who.name, who.organization) for who, _count in programme.speakers(tuple(held))]
    for name, units in same_names(people):
        where = next(forum for forum in held if any(who.name == name for who, _n in programme.speakers((forum,))))
        yield Remark(
            RemarkKind.SAME_NAME, where.name, where.id, "、".join(unit or "—" for unit in units), person=name
        )  # fmt: skip


def _spot(whole: Whole, room_id: int | None) -> Spot:
    return whole.rooms[room_id].spot if room_id in whole.rooms else Spot(None)


def stays(whole: Whole, held: Iterable[Forum]) -> Iterator[Stay]:
    """Who is where and when. A chair is there for the whole session, also while speaking in it."""
    for forum in held:
        for part in forum.sessions:
            if part.cancelled:
                continue
            spot = _spot(whole, part.room_id)
            for who in part.chairs:
                yield Stay(who.id, who.name, part.name, forum.id, part.starts_at, part.ends_at, spot)
            led = {who.id for who in part.chairs}
            for talk in part.talks:
                for who in talk.speakers if not talk.cancelled else ():
                    if who.id not in led:
                        yield Stay(who.id, who.name, talk.title, forum.id, talk.starts_at, talk.ends_at, spot)


def gatherings(whole: Whole, held: Iterable[Forum]) -> Iterator[Gathering]:
    """How many people come to which room: of each sub-forum, and of each of its sessions that is elsewhere."""
    for forum in held:
        facts = whole.facts[forum.id]
        known = [count for count in (facts.taken, facts.capacity, facts.expected) if count]
        people = max(known) if known else None
        room = whole.rooms.get(forum.room_id) if forum.room_id else None
        yield Gathering(
            forum.name, forum.id, room.words if room else "", room.seats if room else None, people,
            has_place=bool(forum.place or (forum.sessions and all(part.place for part in forum.sessions))),
        )  # fmt: skip
        for part in forum.sessions:
            if part.cancelled:
                continue
            outside = part.starts_at < forum.starts_at or part.ends_at > forum.ends_at
            elsewhere = whole.rooms.get(part.room_id) if part.room_id and part.room_id != forum.room_id else None
            # A session elsewhere is for those who came to the sub-forum, unless several run beside each other.
            alone = not any(
                other.id != part.id and other.starts_at < part.ends_at and other.ends_at > part.starts_at
                for other in forum.sessions
            )
            yield Gathering(
                part.name, forum.id, elsewhere.words if elsewhere else "", elsewhere.seats if elsewhere else None,
                people if elsewhere and alone else None, outside=outside,
            )  # fmt: skip
