"""Sub-forums that units propose: the call, a proposal's way, what the owner of the edition decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import lock, one, transaction
from ...core.errors import Conflict, NotFound, RuleBroken
from ...core.text import composed, one_line
from ...events.models import Edition, Occurrence
from ...events.plans import OccurrencePlan
from ...events.queries.places import require
from ...events.services import NewOccurrence, make_occurrences
from ...units.models import Unit
from ...units.queries import unit_path
from ...units.rules import check_in_force
from .. import queries, rules
from ..models import Call, CallUnit, Proposal, ProposalPartner
from ..rules import ProposalPlan, ProposalState
from .bounds import sent_before


def set_call(
    edition_id: int,
    *,
    opens_at: datetime,
    closes_at: datetime,
    words: str,
    everybody: bool,
    unit_ids: Sequence[int],
    expected_revision: int,
    actor: Actor,
    now: datetime,
) -> Call:
    """Locks the edition. Invite units to propose sub-forums for a time, or change that.

    ``expected_revision``: 0 when there was no call. Raises: Conflict, RuleBroken("proposal.window" | …nobody).
    """
    rules.check_call(opens_at, closes_at)
    if not everybody and not unit_ids:
        raise RuleBroken("proposal.nobody")
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        row = session.get(Call, edition_id, populate_existing=True)
        if (row.revision if row else 0) != expected_revision:
            raise Conflict("agenda.changed_meanwhile")
        if row is None:
            row = Call(edition_id=edition_id, revision=0, opens_at=opens_at, closes_at=closes_at, changed_at=now)
            session.add(row)
        row.opens_at, row.closes_at, row.words, row.everybody = opens_at, closes_at, words.strip(), everybody
        row.revision, row.changed_at = row.revision + 1, now
        session.flush()
        session.execute(delete(CallUnit).where(CallUnit.edition_id == edition_id))
        if unit_ids:
            units = sorted(set(unit_ids))
            session.execute(insert(CallUnit), [{"edition_id": edition_id, "unit_id": id} for id in units])
        audit.record(
            f"edition:{edition_id}", "proposal.called", actor=actor, now=now, opens_at=opens_at.isoformat(),
            closes_at=closes_at.isoformat(), everybody=everybody, units=sorted(set(unit_ids)),
        )  # fmt: skip
    return row


def _sound(plan: ProposalPlan, unit_id: int) -> ProposalPlan:
    plan = replace(
        plan, theme=one_line(plan.theme), summary=composed(plan.summary).strip(), expert=one_line(plan.expert),
        budget=composed(plan.budget).strip(), needs=composed(plan.needs).strip(),
        partners=tuple(sorted(set(plan.partners) - {unit_id})),
    )  # fmt: skip
    rules.check_plan(plan)
    return plan


def _write(session: Session, row: Proposal, plan: ProposalPlan) -> None:
    row.theme, row.summary, row.expert, row.expected = plan.theme, plan.summary, plan.expert, plan.expected
    row.budget, row.wished_on, row.wished_half, row.needs = (
        plan.budget, plan.wished_on, plan.wished_half, plan.needs,
    )  # fmt: skip
    session.flush()
    session.execute(delete(ProposalPartner).where(ProposalPartner.proposal_id == row.id))
    if plan.partners:
        rows = [{"proposal_id": row.id, "unit_id": id} for id in plan.partners]
        session.execute(insert(ProposalPartner), rows)


def start_proposal(
    edition_id: int, unit_id: int, plan: ProposalPlan, *, key: UUID | None = None, actor: Actor, now: datetime,
    zone: ZoneInfo,
) -> Proposal:  # fmt: skip
    """Locks the call. A draft that only its own unit sees; the same form (``key``) twice gives the same one.

    Raises: RuleBroken("proposal.not_open" | "proposal.closed" | "unit.ended" | "agenda.key_reused"), NotFound when
    not invited.
    """
    with transaction() as session:
        call = lock(Call, edition_id)
        unit = one(Unit, unit_id)
        access.require(actor, Action.PLAN, Place(unit.path))
        if not queries.is_invited(call, unit.path):
            raise NotFound()
        kept = _sound(plan, unit_id)
        if before := sent_before(session, Proposal, key, lambda row: _is_of(row, edition_id, unit_id, kept)):
            return before
        rules.check_call_open(call.opens_at, call.closes_at, now)
        check_in_force(unit, now.astimezone(zone).date())
        row = Proposal(
            key=str(key or uuid4()), edition_id=edition_id, unit_id=unit_id, theme="", created_at=now, changed_at=now
        )
        row.theme = kept.theme
        session.add(row)
        _write(session, row, kept)
        audit.record(f"proposal:{row.id}", "proposal.started", actor=actor, now=now, edition=edition_id, unit=unit_id)
    return row


def _is_of(row: Proposal, edition_id: int, unit_id: int, plan: ProposalPlan) -> bool:
    return (row.edition_id, row.unit_id, plan_of(row)) == (edition_id, unit_id, replace(plan, partners=()))


def _own(proposal_id: int, actor: Actor, expected_revision: int | None = None) -> Proposal:
    """The proposal, locked, for whoever plans for its unit. Raises: Forbidden, Conflict."""
    row = lock(Proposal, proposal_id)
    access.require(actor, Action.PLAN, Place(unit_path(row.unit_id)))
    _check_revision(row, expected_revision)
    return row


def _check_revision(row: Proposal, expected: int | None) -> None:
    if expected is not None and row.revision != expected:
        raise Conflict("agenda.changed_meanwhile", yours=expected, theirs=row.revision)


def _step(row: Proposal, state: ProposalState, now: datetime) -> None:
    row.state, row.changed_at, row.revision = state, now, row.revision + 1


def change_proposal(
    proposal_id: int, plan: ProposalPlan, *, expected_revision: int, actor: Actor, now: datetime
) -> Proposal:
    """Locks the proposal. While it is a draft or was returned. Raises: RuleBroken("proposal.state" …), Conflict."""
    with transaction() as session:
        row = _own(proposal_id, actor, expected_revision)
        rules.check_may(row.state, rules.OPEN)
        _write(session, row, _sound(plan, row.unit_id))
        row.changed_at, row.revision = now, row.revision + 1
        audit.record(f"proposal:{row.id}", "proposal.changed", actor=actor, now=now, theme=row.theme)
    return row


def plan_of(row: Proposal) -> ProposalPlan:
    return ProposalPlan(
        row.theme, row.summary, row.expert, row.expected, row.budget, row.wished_on, row.wished_half, row.needs
    )


def submit_proposal(proposal_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> Proposal:
    """Locks the call and the proposal. Hand it in; what was returned may come again until the call closes.

    Raises: RuleBroken("proposal.incomplete" | "proposal.closed" | "proposal.state"), Conflict.
    """
    with transaction():
        call = lock(Call, one(Proposal, proposal_id).edition_id)
        row = _own(proposal_id, actor)
        if row.state is ProposalState.SUBMITTED:
            return row  # a second press
        _check_revision(row, expected_revision)
        rules.check_may(row.state, rules.OPEN)
        rules.check_call_open(call.opens_at, call.closes_at, now)
        if rules.missing(plan_of(row)):
            raise RuleBroken("proposal.incomplete")
        row.submitted_at = now
        _step(row, ProposalState.SUBMITTED, now)
        audit.record(f"proposal:{row.id}", "proposal.submitted", actor=actor, now=now)
    return row


def withdraw_proposal(proposal_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> Proposal:
    """Locks the proposal. Its unit no longer wants it; not after it has become a sub-forum."""
    with transaction():
        row = _own(proposal_id, actor)
        if row.state is ProposalState.WITHDRAWN:
            return row
        _check_revision(row, expected_revision)
        rules.check_may(row.state, rules.WITHDRAWABLE)
        _step(row, ProposalState.WITHDRAWN, now)
        audit.record(f"proposal:{row.id}", "proposal.withdrawn", actor=actor, now=now)
    return row


# ---- what the owner decides


def _for_owner(proposal_id: int, actor: Actor, expected_revision: int | None) -> tuple[Edition, Proposal]:
    edition = lock(Edition, one(Proposal, proposal_id).edition_id)
    row = lock(Proposal, proposal_id)
    require(actor, Action.PLAN, edition)
    _check_revision(row, expected_revision)
    rules.check_may(row.state, {ProposalState.SUBMITTED})
    return edition, row


def answer_proposal(
    proposal_id: int, state: ProposalState, *, reason: str, expected_revision: int, actor: Actor, now: datetime
) -> Proposal:
    """Locks the edition and the proposal. Return it to be changed, or decline it; either with a reason.

    Raises: RuleBroken("agenda.reason" | "proposal.state"), Conflict.
    """
    why = one_line(reason)
    rules.check_reason(why)
    rules.check_may(state, {ProposalState.RETURNED, ProposalState.DECLINED})
    with transaction():
        _, row = _for_owner(proposal_id, actor, expected_revision)
        row.reason, row.decided_at = why, now
        _step(row, state, now)
        audit.record(f"proposal:{row.id}", f"proposal.{state.value}", actor=actor, now=now, reason=why)
    return row


@dataclass(frozen=True)
class Placing:
    """When and where an accepted proposal takes place."""

    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    place: str = ""


def accept_proposal(
    proposal_id: int, to: Placing, *, expected_revision: int | None, actor: Actor, now: datetime, zone: ZoneInfo
) -> Occurrence:
    """Locks the edition and the proposal. It becomes a sub-forum: a draft of the edition, run by the unit that
    proposed it, whose organisers then plan its sessions.

    Raises: RuleBroken("event.room_taken" | "event.after_hosting" | "proposal.state" | "unit.ended" …), Conflict.
    """
    with transaction():
        edition, row = _for_owner(proposal_id, actor, expected_revision)
        return _accepted(edition, row, to, actor=actor, now=now, zone=zone)


def _accepted(
    edition: Edition, row: Proposal, to: Placing, *, actor: Actor, now: datetime, zone: ZoneInfo
) -> Occurrence:
    plan = OccurrencePlan(
        to.starts_at, to.ends_at, room_id=to.room_id, place=to.place, title=row.theme, summary=row.summary,
        unit_id=row.unit_id,
    )  # fmt: skip
    with transaction() as session:
        wanted = [NewOccurrence(edition, plan)]
        (occurrence,) = make_occurrences(session, wanted, actor=actor, now=now, zone=zone)
        row.occurrence_id, row.decided_at, row.reason = occurrence.id, now, ""
        _step(row, ProposalState.ACCEPTED, now)
        audit.record(
            f"proposal:{row.id}", "proposal.accepted", actor=actor, now=now, occurrence=occurrence.id,
            starts_at=to.starts_at.isoformat(), ends_at=to.ends_at.isoformat(), room=to.room_id,
        )  # fmt: skip
        audit.record(
            f"occurrence:{occurrence.id}", "occurrence.added", actor=actor, now=now, edition=edition.id,
            proposal=row.id,
        )  # fmt: skip
    return occurrence


def accept_all(
    edition_id: int, proposal_ids: Sequence[int], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> list[Occurrence]:
    """Locks the edition and the proposals, lower id first. Each at the day and half-day that was wished for, in
    no room yet; all of them or none. Those that were decided meanwhile are left as they are.

    Raises: RuleBroken("proposal.none").
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        rows = session.scalars(
            select(Proposal)
            .where(
                Proposal.id.in_(proposal_ids), Proposal.edition_id == edition_id,
                Proposal.state == ProposalState.SUBMITTED,
            )
            .order_by(Proposal.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()  # fmt: skip
        if not rows:
            raise RuleBroken("proposal.none")
        made = []
        for row in rows:
            assert row.wished_on is not None  # nothing is submitted without it
            hours = rules.wished_hours(row.wished_on, row.wished_half, zone)
            made.append(_accepted(edition, row, Placing(*hours), actor=actor, now=now, zone=zone))
    return made
