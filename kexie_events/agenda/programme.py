"""The programme of an edition as it is released: a copy of values, read by day, room, sub-forum or speaker. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

VERSION = 1  # of the form in which it is kept


@dataclass(frozen=True)
class Voice:
    """A speaker or chair as they are printed."""

    id: int
    name: str
    organization: str = ""
    post: str = ""


@dataclass(frozen=True)
class TalkLine:
    """A talk, a discussion or a break. ``kind``: value of ``rules.TalkKind``."""

    id: int
    kind: str
    title: str
    abstract: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    speakers: tuple[Voice, ...] = ()


@dataclass(frozen=True)
class SessionLine:
    """A session. ``kind``: value of ``rules.SessionKind``; ``place``: where it is, in words."""

    id: int
    kind: str
    name: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    room_id: int | None
    place: str
    chairs: tuple[Voice, ...] = ()
    talks: tuple[TalkLine, ...] = ()


@dataclass(frozen=True)
class Forum:
    """A sub-forum: an occurrence with its sessions."""

    id: int
    name: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    cancelled: bool
    room_id: int | None
    place: str
    sessions: tuple[SessionLine, ...] = ()


Programme = tuple[Forum, ...]


def written(programme: Programme) -> dict[str, Any]:
    """As it is kept: JSON values, instants in UTC. ``read`` gives it back."""
    return {"version": VERSION, "forums": [_plain(forum) for forum in programme]}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Forum() | SessionLine() | TalkLine() | Voice():
            return {name: _plain(part) for name, part in vars(value).items()}
        case tuple():
            return [_plain(part) for part in value]
        case _:
            return value


def read(body: Mapping[str, Any]) -> Programme:
    return tuple(_forum(row) for row in body["forums"])


def _times(row: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at")}


def _voices(rows: Iterable[Mapping[str, Any]]) -> tuple[Voice, ...]:
    return tuple(Voice(**row) for row in rows)


def _forum(row: Mapping[str, Any]) -> Forum:
    return Forum(**{**row, **_times(row), "sessions": tuple(_session(part) for part in row["sessions"])})


def _session(row: Mapping[str, Any]) -> SessionLine:
    talks = tuple(_talk(part) for part in row["talks"])
    return SessionLine(**{**row, **_times(row), "chairs": _voices(row["chairs"]), "talks": talks})


def _talk(row: Mapping[str, Any]) -> TalkLine:
    return TalkLine(**{**row, **_times(row), "speakers": _voices(row["speakers"])})


def without_people(part: SessionLine) -> SessionLine:
    """Its order alone: what is cancelled, who speaks and what about is left out."""
    talks = (replace(talk, speakers=(), abstract="") for talk in part.talks if not talk.cancelled)
    return replace(part, chairs=(), talks=tuple(talks))


def only(programme: Programme, ids: Iterable[int]) -> Programme:
    """Without the sub-forums that this reader may not see (any more)."""
    kept = set(ids)
    return tuple(forum for forum in programme if forum.id in kept)


@dataclass(frozen=True)
class Standing:
    """How a sub-forum stands now, whatever a version says of it."""

    cancelled: bool
    starts_at: datetime
    ends_at: datetime
    room_id: int | None


def as_it_stands(programme: Programme, now: Mapping[int, Standing]) -> Programme:
    """Without what this reader may not see (any more); what has been cancelled since is cancelled."""
    return tuple(
        replace(forum, cancelled=forum.cancelled or now[forum.id].cancelled) for forum in programme if forum.id in now
    )


def overtaken(programme: Programme, now: Mapping[int, Standing]) -> set[int]:
    """Sub-forums whose own time or room has changed since the version: their own pages are right."""
    return {
        forum.id
        for forum in programme
        if forum.id in now
        and (forum.starts_at, forum.ends_at, forum.room_id)
        != (now[forum.id].starts_at, now[forum.id].ends_at, now[forum.id].room_id)
    }


def days(programme: Programme, zone: ZoneInfo) -> list[date]:
    """The days on which something begins, in order."""
    found = {forum.starts_at.astimezone(zone).date() for forum in programme}
    found |= {part.starts_at.astimezone(zone).date() for forum in programme for part in forum.sessions}
    return sorted(found)


def on_day(programme: Programme, day: date, zone: ZoneInfo) -> Programme:
    """What takes place on one day: sub-forums that are held then, with that day's sessions."""
    found = []
    for forum in programme:
        parts = tuple(part for part in forum.sessions if part.starts_at.astimezone(zone).date() == day)
        begins, ends = (at.astimezone(zone).date() for at in (forum.starts_at, forum.ends_at))
        if parts or (not forum.sessions and begins <= day <= ends) or begins == day:
            found.append(replace(forum, sessions=parts))
    return tuple(found)


def in_room(programme: Programme, room_id: int) -> Programme:
    """What takes place in one room, for the sheet on its door."""
    found = []
    for forum in programme:
        parts = tuple(part for part in forum.sessions if part.room_id == room_id)
        if parts or (forum.room_id == room_id and not forum.sessions):
            found.append(replace(forum, sessions=parts))
    return tuple(found)


def with_speaker(programme: Programme, speaker_id: int) -> Programme:
    """Where one person speaks or takes the chair."""
    found = []
    for forum in programme:
        parts = []
        for part in forum.sessions:
            talks = tuple(talk for talk in part.talks if any(who.id == speaker_id for who in talk.speakers))
            if talks or any(who.id == speaker_id for who in part.chairs):
                parts.append(replace(part, talks=talks))
        if parts:
            found.append(replace(forum, sessions=tuple(parts)))
    return tuple(found)


def matching(programme: Programme, text: str) -> Programme:
    """What has a text in its name, title, abstract, place or among its people; a sub-forum that matches comes whole."""
    wanted = text.casefold()
    found = []
    for forum in programme:
        if _has(wanted, forum.name, forum.unit):
            found.append(forum)
            continue
        parts = []
        for part in forum.sessions:
            if _has(wanted, part.name, part.place, *_named(part.chairs)):
                parts.append(part)
                continue
            talks = tuple(t for t in part.talks if _has(wanted, t.title, t.abstract, *_named(t.speakers)))
            if talks:
                parts.append(replace(part, talks=talks))
        if parts:
            found.append(replace(forum, sessions=tuple(parts)))
    return tuple(found)


def _named(people: Iterable[Voice]) -> Iterator[str]:
    for who in people:
        yield from (who.name, who.organization)


def _has(wanted: str, *texts: str) -> bool:
    return any(wanted in text.casefold() for text in texts)


def in_time(programme: Programme) -> list[tuple[Forum, SessionLine | None]]:
    """Sessions in the order of their start; a sub-forum without sessions stands for itself."""
    rows: list[tuple[Forum, SessionLine | None]] = []
    for forum in programme:
        rows += [(forum, part) for part in forum.sessions] or [(forum, None)]
    return sorted(rows, key=lambda row: ((row[1] or row[0]).starts_at, (row[1] or row[0]).place, (row[1] or row[0]).id))


def rooms(programme: Programme) -> list[tuple[int, str]]:
    """(id, words) of the rooms of ours in it, in order of their words."""
    found = {forum.room_id: forum.place for forum in programme if forum.room_id and not forum.sessions}
    found |= {part.room_id: part.place for forum in programme for part in forum.sessions if part.room_id}
    return sorted(((id, place) for id, place in found.items() if id), key=lambda row: row[1])


def speakers(programme: Programme) -> list[tuple[Voice, int]]:
    """Who speaks or takes the chair, with how often, in the order of their names."""
    seen: dict[int, tuple[Voice, int]] = {}
    for forum in programme:
        for part in forum.sessions:
            for who in (*part.chairs, *(who for talk in part.talks for who in talk.speakers)):
                seen[who.id] = (who, seen.get(who.id, (who, 0))[1] + 1)
    return sorted(seen.values(), key=lambda row: (row[0].name.encode("gb18030"), row[0].id))


def counts(programme: Programme) -> tuple[int, int, int]:
    """Sub-forums, sessions, talks that take place."""
    held = [forum for forum in programme if not forum.cancelled]
    parts = [part for forum in held for part in forum.sessions if not part.cancelled]
    talks: Sequence[TalkLine] = [t for part in parts for t in part.talks if t.kind == "talk" and not t.cancelled]
    return len(held), len(parts), len(talks)
