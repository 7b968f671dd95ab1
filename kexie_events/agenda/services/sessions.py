"""Sessions of a sub-forum: add, change, cancel, remove, shift a part of a day, copy a day."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Interval, Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import lock, one, transaction
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.text import one_line
from ...events.models import Edition, Occurrence, Room
from .. import queries, rules
from ..models import AgendaSession, SessionChair, Talk
from ..rules import PersonWords, SessionKind
from .bounds import booked, require_forum, sent_before, speaker_ids


@dataclass(frozen=True)
class SessionPlan:
    """What an organiser decides about a session. ``room_id`` None: where the sub-forum is."""

    name: str
    kind: SessionKind
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    chairs: tuple[PersonWords, ...] = ()


def locked(session_id: int, actor: Actor) -> tuple[Occurrence, AgendaSession]:
    """The sub-forum, locked, and its session as it is now. Raises: NotFound, Forbidden."""
    occurrence = lock(Occurrence, one(AgendaSession, session_id).occurrence_id)
    require_forum(actor, occurrence)
    return occurrence, lock(AgendaSession, session_id)


def check_revision(row: AgendaSession | Talk, expected: int) -> None:
    if row.revision != expected:
        raise Conflict("agenda.changed_meanwhile", yours=expected, theirs=row.revision)


def _sound(plan: SessionPlan, occurrence: Occurrence) -> SessionPlan:
    plan = replace(plan, name=one_line(plan.name))
    rules.check_named(plan.name)
    rules.check_inside(plan.starts_at, plan.ends_at, occurrence.starts_at, occurrence.ends_at)
    if plan.room_id is not None:
        one(Room, plan.room_id)
    return plan


def add_session(
    occurrence_id: int, plan: SessionPlan, *, key: UUID | None = None, actor: Actor, now: datetime
) -> AgendaSession:
    """Locks the sub-forum. One more session of it; the same form (``key``) sent twice gives the same one.

    Raises: RuleBroken("agenda.outside" | "event.room_taken" | "agenda.person_taken" | "agenda.key_reused" …).
    """
    with transaction() as session:
        occurrence = lock(Occurrence, occurrence_id)
        require_forum(actor, occurrence)
        if before := sent_before(session, AgendaSession, key, lambda row: _is_of(row, occurrence_id, plan)):
            return before
        plan = _sound(plan, occurrence)
        held = session.scalar(select(func.count()).where(AgendaSession.occurrence_id == occurrence_id)) or 0
        rules.check_count(held + 1, rules.MOST_SESSIONS)
        row = AgendaSession(
            key=str(key or uuid4()), occurrence_id=occurrence.id, name=plan.name, kind=plan.kind,
            starts_at=plan.starts_at, ends_at=plan.ends_at, room_id=plan.room_id,
        )  # fmt: skip
        with booked(session, actor=actor):
            session.add(row)
            session.flush()
            _set_chairs(session, occurrence, row, plan.chairs)
        audit.record(f"occurrence:{occurrence.id}", "agenda.session_added", actor=actor, now=now, **_facts(row))
    return row


def _is_of(row: AgendaSession, occurrence_id: int, plan: SessionPlan) -> bool:
    chairs = [(each.name, each.organization) for each in queries.chairs(row.id)]
    return (row.occurrence_id, row.name, row.kind, row.starts_at, row.ends_at, row.room_id, chairs) == (
        occurrence_id, one_line(plan.name), plan.kind, plan.starts_at, plan.ends_at, plan.room_id,
        [(each.name, each.organization) for each in plan.chairs],
    )  # fmt: skip


def _set_chairs(
    session: Session, occurrence: Occurrence, row: AgendaSession, chairs: Sequence[PersonWords]
) -> list[int]:
    ids = speaker_ids(session, occurrence, chairs)
    session.execute(delete(SessionChair).where(SessionChair.session_id == row.id))
    if ids:
        rows = [{"session_id": row.id, "speaker_id": id, "position": n} for n, id in enumerate(ids, start=1)]
        session.execute(insert(SessionChair), rows)
    return ids


def _facts(row: AgendaSession) -> dict[str, object]:
    return {
        "session": row.id, "name": row.name, "kind": row.kind.value, "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(), "room": row.room_id,
    }  # fmt: skip


def change_session(
    session_id: int, plan: SessionPlan, *, expected_revision: int, actor: Actor, now: datetime
) -> AgendaSession:
    """Locks the sub-forum and the session. Other words, another time or room, other chairs.

    Raises: Conflict("agenda.changed_meanwhile"), RuleBroken("agenda.talks_too_long" …).
    """
    with transaction() as session:
        occurrence, row = locked(session_id, actor)
        check_revision(row, expected_revision)
        plan = _sound(plan, occurrence)
        minutes = session.scalars(select(Talk.minutes).where(Talk.session_id == row.id)).all()
        rules.check_fits(plan.starts_at, plan.ends_at, minutes)
        before = _facts(row)
        with booked(session, actor=actor):
            row.name, row.kind, row.room_id = plan.name, plan.kind, plan.room_id
            row.starts_at, row.ends_at, row.revision = plan.starts_at, plan.ends_at, row.revision + 1
            session.flush()
            chairs = _set_chairs(session, occurrence, row, plan.chairs)
        audit.record(
            f"occurrence:{occurrence.id}", "agenda.session_changed", actor=actor, now=now, before=before,
            after=_facts(row), chairs=chairs,
        )  # fmt: skip
    return row


def cancel_session(
    session_id: int, *, cancelled: bool, expected_revision: int, actor: Actor, now: datetime
) -> AgendaSession:
    """Locks the sub-forum and the session. It does not take place, and frees room and people; or it does after all."""
    with transaction() as session:
        occurrence, row = locked(session_id, actor)
        if row.cancelled is cancelled:
            return row  # a second press
        check_revision(row, expected_revision)
        with booked(session, actor=actor):
            row.cancelled, row.revision = cancelled, row.revision + 1
        verb = "agenda.session_cancelled" if cancelled else "agenda.session_restored"
        audit.record(f"occurrence:{occurrence.id}", verb, actor=actor, now=now, session=row.id, name=row.name)
    return row


def remove_session(session_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> int:
    """Locks the sub-forum and the session. Take it out with its talks; gives the sub-forum's id back.

    What was released stays in the versions that hold it; the next one says that it is gone.
    """
    with transaction() as session:
        occurrence, row = locked(session_id, actor)
        check_revision(row, expected_revision)
        talks = session.scalars(select(Talk.title).where(Talk.session_id == row.id)).all()
        session.execute(delete(AgendaSession).where(AgendaSession.id == row.id))
        audit.record(
            f"occurrence:{occurrence.id}", "agenda.session_removed", actor=actor, now=now, **_facts(row), talks=[*talks]
        )
    return occurrence.id


# ---- a part of a day, later or earlier


@dataclass(frozen=True)
class Shift:
    """Everything of an edition that begins from ``from_at`` until ``until_at``, moved by so many minutes.

    ``occurrence_id``: of one sub-forum alone.
    """

    from_at: datetime
    until_at: datetime
    minutes: int
    occurrence_id: int | None = None


def digest_of(rows: Sequence[AgendaSession]) -> str:
    """What a preview showed: another one now means that somebody changed it in between."""
    text = ";".join(f"{row.id}:{row.revision}:{row.starts_at.isoformat()}" for row in sorted(rows, key=lambda r: r.id))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def shift(edition_id: int, by: Shift, *, seen: str, actor: Actor, now: datetime) -> int:
    """Locks the edition's sub-forums, lower id first. Move a part of a day; all of it or nothing. How many moved.

    ``seen``: ``digest_of`` what the preview showed.
    Raises: RuleBroken("agenda.shift" | "agenda.shift_nothing" | "agenda.shift_outside"), Conflict.
    """
    rules.check_shift(by.minutes)
    with transaction() as session:
        one(Edition, edition_id)
        rows = session.scalars(_to_shift(edition_id, by)).all()
        ids = sorted({row.occurrence_id for row in rows})
        forums = {id: lock(Occurrence, id) for id in ids}
        for occurrence in forums.values():
            require_forum(actor, occurrence)
        rows = session.scalars(_to_shift(edition_id, by).execution_options(populate_existing=True)).all()
        if not rows:
            raise RuleBroken("agenda.shift_nothing")
        if digest_of(rows) != seen or not {row.occurrence_id for row in rows} <= set(forums):
            raise Conflict("agenda.changed_meanwhile")
        span = timedelta(minutes=by.minutes)
        for row in rows:
            forum = forums[row.occurrence_id]
            if row.starts_at + span < forum.starts_at or row.ends_at + span > forum.ends_at:
                raise RuleBroken(
                    "agenda.shift_outside", name=row.name, starts_at=forum.starts_at, ends_at=forum.ends_at
                )
        moved, by_span = [row.id for row in rows], literal(span, Interval())
        with booked(session, actor=actor):
            session.execute(
                update(AgendaSession)
                .where(AgendaSession.id.in_(moved))
                .values(
                    starts_at=AgendaSession.starts_at + by_span, ends_at=AgendaSession.ends_at + by_span,
                    revision=AgendaSession.revision + 1,
                )
                .execution_options(synchronize_session=False)
            )  # fmt: skip
        audit.record(
            f"edition:{edition_id}", "agenda.shifted", actor=actor, now=now, sessions=moved, minutes=by.minutes,
            from_at=by.from_at.isoformat(), until_at=by.until_at.isoformat(),
        )  # fmt: skip
    return len(moved)


def _to_shift(edition_id: int, by: Shift) -> Select[AgendaSession]:
    return queries.shiftable(edition_id, by.from_at, by.until_at, by.occurrence_id)


# ---- a day like another


def copy_day(
    source_id: int,
    day: date,
    target_id: int,
    target_day: date,
    *,
    key: UUID | None = None,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Locks both sub-forums, lower id first. Sessions and the order of their talks as on another day; people are not
    copied. How many sessions there are now more; the same form (``key``) sent twice copies once.

    Raises: RuleBroken("agenda.copy_nothing" | "agenda.copy_same" | "agenda.outside" | "event.room_taken").
    """
    if (source_id, day) == (target_id, target_day):
        raise RuleBroken("agenda.copy_same")
    with transaction() as session:
        forums = {id: lock(Occurrence, id) for id in sorted({source_id, target_id})}
        for occurrence in forums.values():
            require_forum(actor, occurrence)
        source, target = forums[source_id], forums[target_id]
        if source.edition_id != target.edition_id:
            raise NotFound()
        rows = [row for row in _sessions(session, source.id) if row.starts_at.astimezone(zone).date() == day]
        if not rows:
            raise RuleBroken("agenda.copy_nothing")
        # Of the form, what is copied and where to: the same again is the same copies, which the database knows.
        form = key or uuid4()
        keys = {row.id: str(uuid5(form, f"{row.id}:{target_id}:{target_day}")) for row in rows}
        if done := session.scalar(select(func.count()).where(AgendaSession.key.in_(keys.values()))):
            return done
        rules.check_count(len(rows) + len(_sessions(session, target.id)), rules.MOST_SESSIONS)
        by = target_day - day
        for row in rows:
            rules.check_inside(row.starts_at + by, row.ends_at + by, target.starts_at, target.ends_at)
        with booked(session, actor=actor):
            for row in rows:
                copy = AgendaSession(
                    key=keys[row.id], occurrence_id=target.id, name=row.name, kind=row.kind,
                    starts_at=row.starts_at + by, ends_at=row.ends_at + by, room_id=row.room_id,
                )  # fmt: skip
                session.add(copy)
                session.flush()
                _copy_talks(session, row.id, copy.id)
        audit.record(
            f"occurrence:{target.id}", "agenda.day_copied", actor=actor, now=now, source=source.id,
            day=day.isoformat(), target_day=target_day.isoformat(), sessions=len(rows),
        )  # fmt: skip
    return len(rows)


def _sessions(session: Session, occurrence_id: int) -> Sequence[AgendaSession]:
    query = select(AgendaSession).where(AgendaSession.occurrence_id == occurrence_id, ~AgendaSession.cancelled)
    return session.scalars(query.order_by(AgendaSession.starts_at, AgendaSession.id)).all()


def _copy_talks(session: Session, source_id: int, target_id: int) -> None:
    talks = session.scalars(select(Talk).where(Talk.session_id == source_id).order_by(Talk.position)).all()
    rows = [
        {
            "key": str(uuid4()), "session_id": target_id, "position": talk.position, "kind": talk.kind,
            "title": talk.title, "minutes": talk.minutes,
        }
        for talk in talks
        if not talk.cancelled
    ]  # fmt: skip
    if rows:
        session.execute(insert(Talk), rows)
