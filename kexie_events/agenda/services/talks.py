"""The order of a session: talks, discussions, breaks, and who speaks. Times follow from it; nobody types them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor, Place, allows
from ...core.db import lock, one, refused, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import composed, one_line
from ...events.models import Edition, Occurrence
from ...events.queries.places import require
from ...units.queries import unit_path
from .. import queries, rules
from ..models import AgendaSession, Speaker, Talk, TalkSpeaker
from ..rules import Direction, PersonWords, TalkKind
from .bounds import booked, sent_before, speaker_ids
from .sessions import check_revision, locked


@dataclass(frozen=True)
class TalkPlan:
    """What an organiser decides about a talk, a discussion or a break."""

    title: str
    kind: TalkKind
    minutes: int
    abstract: str = ""
    speakers: tuple[PersonWords, ...] = ()


def _sound(plan: TalkPlan) -> TalkPlan:
    plan = replace(plan, title=one_line(plan.title), abstract=plan.abstract.strip())
    rules.check_named(plan.title)
    rules.check_minutes(plan.minutes)
    return plan


def _others(session: Session, session_id: int, talk_id: int | None = None) -> list[int]:
    query = select(Talk.minutes).where(Talk.session_id == session_id)
    return list(session.scalars(query if talk_id is None else query.where(Talk.id != talk_id)))


def add_talk(session_id: int, plan: TalkPlan, *, key: UUID | None = None, actor: Actor, now: datetime) -> Talk:
    """Locks the sub-forum and the session. One more at the end of its order; the same form twice gives the same one.

    Raises: RuleBroken("agenda.talks_too_long" | "agenda.person_taken" | "agenda.key_reused" …).
    """
    plan = _sound(plan)
    with transaction() as session:
        occurrence, parent = locked(session_id, actor)
        if before := sent_before(session, Talk, key, lambda row: _is_of(row, parent.id, plan)):
            return before
        others = _others(session, parent.id)
        rules.check_count(len(others) + 1, rules.MOST_TALKS)
        rules.check_fits(parent.starts_at, parent.ends_at, [*others, plan.minutes])
        last = session.scalar(select(func.max(Talk.position)).where(Talk.session_id == parent.id)) or 0
        row = Talk(
            key=str(key or uuid4()), session_id=parent.id, position=last + 1, kind=plan.kind, title=plan.title,
            abstract=plan.abstract, minutes=plan.minutes,
        )  # fmt: skip
        with booked(session, actor=actor):
            session.add(row)
            session.flush()
            people = _set_speakers(session, occurrence, row, plan.speakers)
        audit.record(
            f"occurrence:{occurrence.id}", "agenda.talk_added", actor=actor, now=now, talk=row.id, title=row.title,
            minutes=row.minutes, speakers=people,
        )  # fmt: skip
    return row


def _is_of(row: Talk, session_id: int, plan: TalkPlan) -> bool:
    speakers = [(each.name, each.organization) for each in queries.speakers_of(row.id)]
    return (row.session_id, row.title, row.kind, row.minutes, row.abstract, speakers) == (
        session_id, plan.title, plan.kind, plan.minutes, composed(plan.abstract),
        [(each.name, each.organization) for each in plan.speakers],
    )  # fmt: skip


def _set_speakers(session: Session, occurrence: Occurrence, row: Talk, people: Sequence[PersonWords]) -> list[int]:
    ids = speaker_ids(session, occurrence, people)
    session.execute(delete(TalkSpeaker).where(TalkSpeaker.talk_id == row.id))
    if ids:
        rows = [{"talk_id": row.id, "speaker_id": id, "position": n} for n, id in enumerate(ids, start=1)]
        session.execute(insert(TalkSpeaker), rows)
    return ids


def locked_talk(talk_id: int, actor: Actor) -> tuple[Occurrence, AgendaSession, Talk]:
    """Sub-forum and session, locked, and the talk as it is now. Raises: NotFound, Forbidden."""
    occurrence, parent = locked(one(Talk, talk_id).session_id, actor)
    return occurrence, parent, lock(Talk, talk_id)


def change_talk(talk_id: int, plan: TalkPlan, *, expected_revision: int, actor: Actor, now: datetime) -> Talk:
    """Locks the sub-forum, the session and the talk. Those after it begin earlier or later with its length.

    Raises: Conflict("agenda.changed_meanwhile"), RuleBroken("agenda.talks_too_long" | "agenda.person_taken" …).
    """
    plan = _sound(plan)
    with transaction() as session:
        occurrence, parent, row = locked_talk(talk_id, actor)
        check_revision(row, expected_revision)
        rules.check_fits(parent.starts_at, parent.ends_at, [*_others(session, parent.id, row.id), plan.minutes])
        before = {"title": row.title, "minutes": row.minutes, "kind": row.kind.value}
        with booked(session, actor=actor):
            row.title, row.kind, row.abstract = plan.title, plan.kind, plan.abstract
            row.minutes, row.revision = plan.minutes, row.revision + 1
            session.flush()
            people = _set_speakers(session, occurrence, row, plan.speakers)
        audit.record(
            f"occurrence:{occurrence.id}", "agenda.talk_changed", actor=actor, now=now, talk=row.id, before=before,
            after={"title": row.title, "minutes": row.minutes, "kind": row.kind.value}, speakers=people,
        )  # fmt: skip
    return row


def move_talk(talk_id: int, to: Direction, *, expected_revision: int, actor: Actor, now: datetime) -> Talk:
    """Locks the sub-forum, the session and the talk. Change places with the one before or after it.

    At either end there is nowhere to go, and nothing changes.
    """
    with transaction() as session:
        occurrence, parent, row = locked_talk(talk_id, actor)
        check_revision(row, expected_revision)
        earlier = to is Direction.EARLIER
        others = select(Talk).where(
            Talk.session_id == parent.id,
            Talk.position < row.position if earlier else Talk.position > row.position,
        )
        other = session.scalar(others.order_by(Talk.position.desc() if earlier else Talk.position).limit(1))
        if other is None:
            return row
        with booked(session, actor=actor):
            row.position, other.position = other.position, row.position
            row.revision, other.revision = row.revision + 1, other.revision + 1
        audit.record(f"occurrence:{occurrence.id}", "agenda.talk_moved", actor=actor, now=now, talk=row.id, to=to.value)
    return row


def cancel_talk(talk_id: int, *, cancelled: bool, expected_revision: int, actor: Actor, now: datetime) -> Talk:
    """Locks the sub-forum, the session and the talk. It keeps its minutes, empty, and its people are free."""
    with transaction() as session:
        occurrence, _, row = locked_talk(talk_id, actor)
        if row.cancelled is cancelled:
            return row
        check_revision(row, expected_revision)
        with booked(session, actor=actor):
            row.cancelled, row.revision = cancelled, row.revision + 1
        verb = "agenda.talk_cancelled" if cancelled else "agenda.talk_restored"
        audit.record(f"occurrence:{occurrence.id}", verb, actor=actor, now=now, talk=row.id, title=row.title)
    return row


def remove_talk(talk_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> int:
    """Locks the sub-forum, the session and the talk. Take it out; those after it begin earlier. The session's id."""
    with transaction() as session:
        occurrence, parent, row = locked_talk(talk_id, actor)
        check_revision(row, expected_revision)
        with booked(session, actor=actor):
            session.execute(delete(Talk).where(Talk.id == row.id))
            session.execute(
                update(Talk)
                .where(Talk.session_id == parent.id, Talk.position > row.position)
                .values(position=Talk.position - 1)
                .execution_options(synchronize_session=False)
            )
        audit.record(
            f"occurrence:{occurrence.id}", "agenda.talk_removed", actor=actor, now=now, talk=talk_id, session=parent.id
        )
    return parent.id


def change_speaker(
    speaker_id: int, plan: PersonWords, *, expected_revision: int, actor: Actor, now: datetime
) -> Speaker:
    """Locks the speaker. Correct how a person is printed, wherever they speak: for who plans the edition, or entered
    them. Raises: Conflict, RuleBroken("agenda.person_twice")."""
    name, organization, post = one_line(plan.name), one_line(plan.organization), one_line(plan.post)
    if not 1 <= len(name) <= 40 or max(len(organization), len(post)) > rules.LONGEST_WORDS:
        raise RuleBroken("agenda.person", line=1)
    with transaction() as session:
        row = lock(Speaker, speaker_id)
        if not allows(actor, Action.PLAN, Place(unit_path(row.unit_id))):
            require(actor, Action.PLAN, one(Edition, row.edition_id))
        if row.revision != expected_revision:
            raise Conflict("agenda.changed_meanwhile", yours=expected_revision, theirs=row.revision)
        before = {"name": row.name, "organization": row.organization, "post": row.post}
        with refused(session, {"uq_speaker_edition_id_name_organization": "agenda.person_twice"}, name=name):
            row.name, row.organization, row.post, row.words = name, organization, post, plan.words.strip()
            row.revision += 1
        audit.record(
            f"edition:{row.edition_id}", "agenda.speaker_changed", actor=actor, now=now, speaker=row.id, before=before,
            after={"name": name, "organization": organization, "post": post},
        )  # fmt: skip
    return row
