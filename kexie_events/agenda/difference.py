"""What is different between two released versions of a programme, thing by thing, so that pages can say it in words.

Pure. What follows from something larger is not said again: a session that moves with its sub-forum, the talks of a
session that is new, moved as a whole or cancelled.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeVar

from .programme import Forum, Programme, SessionLine, TalkLine, Voice


class ChangeKind(enum.Enum):
    """What has become of something (变动)."""

    NEW = "new"
    GONE = "gone"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    MOVED = "moved"
    ROOM = "room"
    PEOPLE = "people"
    RENAMED = "renamed"


# What somebody who comes must know: another hour, another room, nothing at all.
FELT = frozenset({ChangeKind.GONE, ChangeKind.CANCELLED, ChangeKind.RESTORED, ChangeKind.MOVED, ChangeKind.ROOM})


@dataclass(frozen=True)
class Change:
    """One line. ``before`` and ``after``: texts, or for MOVED instants from–to in ISO form, "" for nothing."""

    kind: ChangeKind
    forum_id: int
    what: str
    part_of: str = ""  # the sub-forum, for what is inside one
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def written(changes: Iterable[Change]) -> list[Any]:
    return [{**asdict(change), "kind": change.kind.value} for change in changes]


def read(rows: Iterable[Mapping[str, Any]]) -> list[Change]:
    return [
        Change(
            ChangeKind(row["kind"]), row["forum_id"], row["what"], row["part_of"], tuple(row["before"]),
            tuple(row["after"]),
        )
        for row in rows
    ]  # fmt: skip


T = TypeVar("T", Forum, SessionLine, TalkLine)


def difference(before: Programme, after: Programme) -> list[Change]:
    """The changes from one version to the next, in the order of the programme; what is gone stands last."""
    found: list[Change] = []
    for old, new in _pairs(before, after):
        forum = new or old
        assert forum is not None
        about: dict[str, Any] = {"forum_id": forum.id, "what": forum.name}
        found += _of_whole(old, new, about)
        if old is None or new is None or new.cancelled:
            continue
        found += _of_both(old, new, timedelta(0), about)
        found += _named_anew(old.name, new.name, about)
        found += _in_forum(old, new)
    return found


def _pairs(before: Iterable[T], after: Iterable[T]) -> Iterator[tuple[T | None, T | None]]:
    olds = {row.id: row for row in before}
    for new in after:
        yield olds.pop(new.id, None), new
    for old in olds.values():
        yield old, None


def _of_whole(old: T | None, new: T | None, about: dict[str, Any]) -> list[Change]:
    """New, gone, cancelled or held after all."""
    if old is None:
        assert new is not None
        return [Change(ChangeKind.NEW, after=_hours(new), **about)]
    if new is None:
        return [Change(ChangeKind.GONE, before=_hours(old), **about)]
    if old.cancelled is not new.cancelled:
        kind = ChangeKind.CANCELLED if new.cancelled else ChangeKind.RESTORED
        return [Change(kind, before=_hours(old), after=_hours(new), **about)]
    return []


def _hours(row: Forum | SessionLine | TalkLine) -> tuple[str, str]:
    return row.starts_at.isoformat(), row.ends_at.isoformat()


def _of_both(
    old: Forum | SessionLine, new: Forum | SessionLine, shift: timedelta, about: dict[str, Any]
) -> list[Change]:
    """Another time or place. ``shift``: what the larger thing moved by, which says the same for this one."""
    found = []
    if _moved(old, new, shift):
        found.append(Change(ChangeKind.MOVED, before=_hours(old), after=_hours(new), **about))
    if old.place != new.place:
        found.append(Change(ChangeKind.ROOM, before=(old.place,), after=(new.place,), **about))
    return found


def _moved(old: Forum | SessionLine | TalkLine, new: Forum | SessionLine | TalkLine, shift: timedelta) -> bool:
    return (old.starts_at + shift, old.ends_at + shift) != (new.starts_at, new.ends_at)


def _named_anew(old: str, new: str, about: dict[str, Any]) -> list[Change]:
    return [] if old == new else [Change(ChangeKind.RENAMED, before=(old,), after=(new,), **about)]


def _in_forum(old_forum: Forum, forum: Forum) -> Iterator[Change]:
    shift = forum.starts_at - old_forum.starts_at
    elsewhere = old_forum.place != forum.place
    for old, new in _pairs(old_forum.sessions, forum.sessions):
        part = new or old
        assert part is not None
        about: dict[str, Any] = {"forum_id": forum.id, "what": part.name, "part_of": forum.name}
        yield from _of_whole(old, new, about)
        if old is None or new is None or new.cancelled:
            continue
        for change in _of_both(old, new, shift, about):
            # A session in the room of its sub-forum goes with it.
            with_forum = change.kind is ChangeKind.ROOM and elsewhere and new.room_id == forum.room_id
            if not with_forum:
                yield change
        yield from _named_anew(old.name, new.name, about)
        yield from _of_people(old.chairs, new.chairs, about)
        yield from _in_session(old, new, forum)


def _in_session(old_part: SessionLine, part: SessionLine, forum: Forum) -> Iterator[Change]:
    shift = part.starts_at - old_part.starts_at
    for old, new in _pairs(old_part.talks, part.talks):
        talk = new or old
        assert talk is not None
        about: dict[str, Any] = {"forum_id": forum.id, "what": talk.title, "part_of": forum.name}
        yield from _of_whole(old, new, about)
        if old is None or new is None or new.cancelled:
            continue
        if _moved(old, new, shift):
            yield Change(ChangeKind.MOVED, before=_hours(old), after=_hours(new), **about)
        yield from _named_anew(old.title, new.title, about)
        yield from _of_people(old.speakers, new.speakers, about)


def _of_people(old: Iterable[Voice], new: Iterable[Voice], about: dict[str, Any]) -> list[Change]:
    names = tuple(who.name for who in old), tuple(who.name for who in new)
    same = {who.id for who in old} == {who.id for who in new}
    return [] if same else [Change(ChangeKind.PEOPLE, before=names[0], after=names[1], **about)]


def felt_in(changes: Iterable[Change]) -> dict[int, list[Change]]:
    """By sub-forum, what those who come to it must know: changes inside it of time, room or whether it takes place.

    What became of the sub-forum itself is not in it: that is told by the move or the cancellation itself.
    """
    found: dict[int, list[Change]] = {}
    for change in changes:
        if change.part_of and change.kind in FELT:
            found.setdefault(change.forum_id, []).append(change)
    return found
