"""One thing of an agenda on the desk: for whoever plans the sub-forum, or the edition that it belongs to.

``access.visible`` decides both, without what is merely public (``planned_by``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from ...core.access import Actor
from ...core.db import db
from ...core.errors import NotFound
from ...events.bookings import INSIDE
from ...events.kinds import KINDS, Capability, can
from ...events.models import Edition, Occurrence, Room, Series
from ...events.queries import manage as events
from ...events.queries.manage import planned_by
from ...events.rules import Publication
from ..models import AgendaSession, Guest, PersonBooking, Proposal, SessionChair, Speaker, Talk, TalkSpeaker
from ..outcomes import Copying, copying
from ..rules import PersonWords, ProposalState, TalkKind
from .whole import whole

WITH_AGENDA = [kind for kind, spec in KINDS.items() if Capability.AGENDA in spec.capabilities]


def edition(actor: Actor, edition_id: int) -> Edition:
    """An edition with an agenda that one plans, with its series and unit. Raises: NotFound."""
    found = events.edition(actor, edition_id)
    if not can(found.series.kind, Capability.AGENDA):
        raise NotFound()
    return found


def _of_planned_edition(actor: Actor, edition_id: Any) -> ColumnElement[bool]:
    planned = select(Edition.id).where(planned_by(actor, Edition))
    return cast(ColumnElement[bool], edition_id.in_(planned))


def _forums(actor: Actor, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(Series, Series.id == Occurrence.series_id)
        .where(Series.kind.in_(WITH_AGENDA))
        .where(or_(planned_by(actor, Occurrence), _of_planned_edition(actor, Occurrence.edition_id)))
    )


def _one(query: Select[Any]) -> Any:
    # After a refusal the session may still hold what the form tried to write.
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    return row


_AROUND = (
    joinedload(Occurrence.edition).joinedload(Edition.series),
    joinedload(Occurrence.series),
    joinedload(Occurrence.room).joinedload(Room.venue),
)


def forum(actor: Actor, occurrence_id: int) -> Occurrence:
    """A sub-forum with edition, series, room and venue. Raises: NotFound."""
    query = _forums(actor, select(Occurrence).where(Occurrence.id == occurrence_id))
    return cast(Occurrence, _one(query.options(*_AROUND)))


def session(actor: Actor, session_id: int) -> AgendaSession:
    """A session with its sub-forum and all around it. Raises: NotFound."""
    query = select(AgendaSession).join(Occurrence, Occurrence.id == AgendaSession.occurrence_id)
    around = joinedload(AgendaSession.occurrence)
    query = _forums(actor, query.where(AgendaSession.id == session_id)).options(
        around.joinedload(Occurrence.edition).joinedload(Edition.series),
        around.joinedload(Occurrence.series),
        around.joinedload(Occurrence.room).joinedload(Room.venue),
    )
    return cast(AgendaSession, _one(query))


def talk(actor: Actor, talk_id: int) -> Talk:
    """A talk with its session and sub-forum. Raises: NotFound."""
    query = (
        select(Talk)
        .join(AgendaSession, AgendaSession.id == Talk.session_id)
        .join(Occurrence, Occurrence.id == AgendaSession.occurrence_id)
    )
    around = joinedload(Talk.session).joinedload(AgendaSession.occurrence)
    query = _forums(actor, query.where(Talk.id == talk_id)).options(
        around.joinedload(Occurrence.edition).joinedload(Edition.series), around.joinedload(Occurrence.series)
    )
    return cast(Talk, _one(query))


def speaker(actor: Actor, speaker_id: int) -> Speaker:
    """A speaker with the edition. Raises: NotFound."""
    query = select(Speaker).where(Speaker.id == speaker_id)
    query = query.where(or_(planned_by(actor, Speaker), _of_planned_edition(actor, Speaker.edition_id)))
    return cast(Speaker, _one(query.options(joinedload(Speaker.edition).joinedload(Edition.series))))


def _people(query: Select[*tuple[Any, ...]]) -> list[PersonWords]:
    return [PersonWords(*row) for row in db.session.execute(query)]


def chairs(session_id: int) -> list[PersonWords]:
    query = select(Speaker.name, Speaker.organization, Speaker.post).join(SessionChair)
    return _people(query.where(SessionChair.session_id == session_id).order_by(SessionChair.position))


def speakers_of(talk_id: int) -> list[PersonWords]:
    query = select(Speaker.name, Speaker.organization, Speaker.post).join(TalkSpeaker)
    return _people(query.where(TalkSpeaker.talk_id == talk_id).order_by(TalkSpeaker.position))


def speaker_rows(edition_id: int, text: str = "") -> Select[Any]:
    """The speakers of an edition, by unit and name."""
    query = select(Speaker).where(Speaker.edition_id == edition_id)
    if text:
        query = query.where(
            or_(Speaker.name.contains(text, autoescape=True), Speaker.organization.contains(text, autoescape=True))
        )
    return query.order_by(Speaker.name, Speaker.organization, Speaker.id)


def day_to_copy(forum: Occurrence, day: date, zone: ZoneInfo) -> Copying:
    """The sessions of a day of a sub-forum that would come along to another one."""
    return copying(whole(forum.edition_id, occurrence_id=forum.id).programme, day, zone)


def forums_of(edition_id: int) -> Sequence[Occurrence]:
    """The sub-forums of an edition in order, to choose from."""
    query = select(Occurrence).where(Occurrence.edition_id == edition_id)
    query = query.options(joinedload(Occurrence.series), joinedload(Occurrence.edition))
    return db.session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)).all()


def forums_planned(actor: Actor, edition_id: int) -> Sequence[Occurrence]:
    """The sub-forums of an edition whose agenda the actor may write, to choose from."""
    query = _forums(actor, select(Occurrence).where(Occurrence.edition_id == edition_id))
    query = query.options(joinedload(Occurrence.series), joinedload(Occurrence.edition))
    return db.session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)).all()


@dataclass(frozen=True)
class Revisions:
    """What the forms of a sub-forum's page carry."""

    sessions: dict[int, int]
    talks: dict[int, int]


def revisions(occurrence_id: int) -> Revisions:
    """One query."""
    rows = db.session.execute(
        select(AgendaSession.id, AgendaSession.revision, Talk.id, Talk.revision)
        .outerjoin(Talk, Talk.session_id == AgendaSession.id)
        .where(AgendaSession.occurrence_id == occurrence_id)
    ).all()
    return Revisions({row[0]: row[1] for row in rows}, {row[2]: row[3] for row in rows if row[2] is not None})


def last_end(occurrence_id: int) -> datetime | None:
    """When the last session of a sub-forum ends."""
    query = select(func.max(AgendaSession.ends_at)).where(AgendaSession.occurrence_id == occurrence_id)
    return db.session.scalar(query)


def minutes_left(row: AgendaSession) -> int:
    """How many minutes of a session nothing stands in yet."""
    used = db.session.scalar(select(func.coalesce(func.sum(Talk.minutes), 0)).where(Talk.session_id == row.id)) or 0
    return int((row.ends_at - row.starts_at).total_seconds()) // 60 - used


def appearances(speaker_ids: Sequence[int]) -> dict[int, int]:
    """How often each of some speakers speaks or takes the chair. One query."""
    talks = select(TalkSpeaker.speaker_id.label("id")).where(TalkSpeaker.speaker_id.in_(speaker_ids))
    led = select(SessionChair.speaker_id).where(SessionChair.speaker_id.in_(speaker_ids))
    both = talks.union_all(led).subquery()
    return {row[0]: row[1] for row in db.session.execute(select(both.c.id, func.count()).group_by(both.c.id))}


def where_is(actor: Actor, speaker_id: int) -> Sequence[Any]:
    """(session, talk's title or None, from, until) of a speaker where the actor plans; not what is cancelled."""
    query = (
        select(AgendaSession, Talk.title, PersonBooking.starts_at, PersonBooking.ends_at)
        .join(AgendaSession, AgendaSession.id == PersonBooking.session_id)
        .outerjoin(Talk, Talk.id == PersonBooking.talk_id)
        .where(PersonBooking.speaker_id == speaker_id)
        .where(or_(PersonBooking.talk_id.is_(None), PersonBooking.layer == INSIDE))
        .order_by(PersonBooking.starts_at, PersonBooking.layer)
    )
    return db.session.execute(
        _forums(actor, query.join(Occurrence, Occurrence.id == AgendaSession.occurrence_id))
    ).all()


@dataclass(frozen=True)
class Counted:
    """What an edition's agenda holds, and what waits."""

    forums: int
    sessions: int
    talks: int
    proposals: int  # handed in, not yet decided
    guests: int


def counted(edition_id: int) -> Counted:
    """One query."""
    held = select(Occurrence.id).where(
        Occurrence.edition_id == edition_id, Occurrence.publication != Publication.WITHDRAWN
    )
    sessions = select(AgendaSession.id).where(AgendaSession.occurrence_id.in_(held))
    waiting = select(func.count()).where(Proposal.edition_id == edition_id, Proposal.state == ProposalState.SUBMITTED)
    row = db.session.execute(
        select(
            select(func.count()).select_from(held.subquery()).scalar_subquery(),
            select(func.count()).select_from(sessions.subquery()).scalar_subquery(),
            select(func.count()).where(Talk.session_id.in_(sessions), Talk.kind == TalkKind.TALK).scalar_subquery(),
            waiting.scalar_subquery(),
            select(func.count()).where(Guest.edition_id == edition_id).scalar_subquery(),
        )
    ).one()
    return Counted(*row)
