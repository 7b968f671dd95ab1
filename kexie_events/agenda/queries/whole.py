"""The whole agenda of an edition as values: three queries, however large it is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from ...core.db import db
from ...events import wording
from ...events.models import Edition, Occurrence, Room, Series, Venue
from ...events.rules import Publication, Status
from ...units.models import Unit
from ..models import AgendaSession, Proposal, SessionChair, Speaker, Talk, TalkSpeaker
from ..planned import ForumFacts, RoomFacts, Whole
from ..programme import Forum, SessionLine, TalkLine, Voice
from ..rules import talk_times
from ..travel import Spot

_ROOM = (Room.id, Room.name, Room.seats, Venue.id, Venue.name, Venue.latitude, Venue.longitude)
_VOICE = (Speaker.id, Speaker.name, Speaker.organization, Speaker.post)


def whole(edition_id: int, *, published: bool = False, occurrence_id: int | None = None) -> Whole:
    """What is planned now; with ``published`` only sub-forums that everybody may see. What was withdrawn is out."""
    wanted = [Occurrence.edition_id == edition_id, Occurrence.publication != Publication.WITHDRAWN]
    if published:
        wanted.append(Occurrence.publication == Publication.PUBLISHED)
    if occurrence_id is not None:
        wanted.append(Occurrence.id == occurrence_id)
    rooms: dict[int, RoomFacts] = {}
    forums, facts = _forums(wanted, rooms)
    talks = _talks(wanted)
    parts = _sessions(wanted, rooms, {forum.id: forum for forum in forums}, talks)
    programme = tuple(replace(forum, sessions=tuple(parts.get(forum.id, ()))) for forum in forums)
    return Whole(programme, rooms, facts)


def _room(row: Any, rooms: dict[int, RoomFacts]) -> str:
    """The words of the room of a row, which is noted in ``rooms``; "" without one."""
    id, name, seats, venue_id, venue, latitude, longitude = row
    if id is None:
        return ""
    words = wording.place_words(venue, name, "")
    rooms[id] = RoomFacts(words, seats, Spot(venue_id, venue, latitude, longitude))
    return words


def _forums(
    wanted: Iterable[ColumnElement[bool]], rooms: dict[int, RoomFacts]
) -> tuple[list[Forum], dict[int, ForumFacts]]:
    rows = db.session.execute(
        select(
            Occurrence.id, Occurrence.title, Edition.title, Series.name, Unit.name, Occurrence.starts_at,
            Occurrence.ends_at, Occurrence.all_day, Occurrence.status, Occurrence.place, Occurrence.publication,
            Occurrence.capacity, Occurrence.taken, Proposal.expected, Occurrence.revision, *_ROOM,
        )
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Occurrence.series_id)
        .join(Unit, Unit.id == Occurrence.unit_id)
        .outerjoin(Room, Room.id == Occurrence.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Proposal, Proposal.occurrence_id == Occurrence.id)
        .where(*wanted)
        .order_by(Occurrence.starts_at, Occurrence.id)
    )  # fmt: skip
    forums, facts = [], {}
    for id, title, theme, series, unit, starts_at, ends_at, all_day, status, place, *known in rows:
        words = wording.place_words("", _room(known[5:], rooms), place)
        name = wording.own_name(title, theme, series)
        cancelled = status is Status.CANCELLED
        forums.append(Forum(id, name, unit, starts_at, ends_at, all_day, cancelled, known[5], words))
        facts[id] = ForumFacts(*known[:5])
    return forums, facts


def _talks(wanted: Iterable[ColumnElement[bool]]) -> dict[int, list[tuple[Any, list[Voice]]]]:
    """By session: (talk, its speakers), in order."""
    rows = db.session.execute(
        select(Talk.session_id, Talk.id, Talk.kind, Talk.title, Talk.abstract, Talk.minutes, Talk.cancelled, *_VOICE)
        .join(AgendaSession, AgendaSession.id == Talk.session_id)
        .join(Occurrence, Occurrence.id == AgendaSession.occurrence_id)
        .outerjoin(TalkSpeaker, TalkSpeaker.talk_id == Talk.id)
        .outerjoin(Speaker, Speaker.id == TalkSpeaker.speaker_id)
        .where(*wanted)
        .order_by(Talk.session_id, Talk.position, TalkSpeaker.position)
    )
    found: dict[int, list[tuple[Any, list[Voice]]]] = {}
    for row in rows:
        of_session = found.setdefault(row[0], [])
        if not of_session or of_session[-1][0][1] != row[1]:
            of_session.append((row, []))
        if row[7] is not None:
            of_session[-1][1].append(Voice(row[7], row[8], row[9], row[10]))
    return found


def _sessions(
    wanted: Iterable[ColumnElement[bool]],
    rooms: dict[int, RoomFacts],
    forums: dict[int, Forum],
    talks: dict[int, list[tuple[Any, list[Voice]]]],
) -> dict[int, list[SessionLine]]:
    rows = db.session.execute(
        select(
            AgendaSession.id, AgendaSession.occurrence_id, AgendaSession.kind, AgendaSession.name,
            AgendaSession.starts_at, AgendaSession.ends_at, AgendaSession.cancelled, *_VOICE, *_ROOM,
        )
        .join(Occurrence, Occurrence.id == AgendaSession.occurrence_id)
        .outerjoin(Room, Room.id == AgendaSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(SessionChair, SessionChair.session_id == AgendaSession.id)
        .outerjoin(Speaker, Speaker.id == SessionChair.speaker_id)
        .where(*wanted)
        .order_by(AgendaSession.starts_at, AgendaSession.id, SessionChair.position)
    )  # fmt: skip
    found: dict[int, SessionLine] = {}
    home: dict[int, int] = {}
    for id, occurrence_id, kind, name, starts_at, ends_at, cancelled, *known in rows:
        chair = (Voice(*known[:4]),) if known[0] is not None else ()
        if id in found:
            found[id] = replace(found[id], chairs=found[id].chairs + chair)
            continue
        forum, own = forums[occurrence_id], _room(known[4:], rooms)
        found[id] = SessionLine(
            id, kind.value, name, starts_at, ends_at, cancelled, known[4] or forum.room_id, own or forum.place, chair,
            _lines(starts_at, talks.get(id, [])),
        )  # fmt: skip
        home[id] = occurrence_id
    parts: dict[int, list[SessionLine]] = {}
    for id, part in found.items():
        parts.setdefault(home[id], []).append(part)
    return parts


def _lines(starts_at: Any, rows: list[tuple[Any, list[Voice]]]) -> tuple[TalkLine, ...]:
    times = talk_times(starts_at, [row[5] for row, _ in rows])
    return tuple(
        TalkLine(row[1], row[2].value, row[3], row[4], at[0], at[1], row[6], tuple(people))
        for (row, people), at in zip(rows, times, strict=True)
    )
