"""Calls and proposals. A unit's organisers see those of their unit; the owner of an edition all that was handed in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from ...core.access import Action, Actor, visible
from ...core.db import db
from ...core.errors import NotFound
from ...events.models import Edition
from ...events.queries.manage import planned_by
from ...units.models import Unit
from ...units.queries import in_tree_order, units_where
from ..models import Call, CallUnit, Proposal, ProposalPartner
from ..rules import ProposalState

MOST_CALLS = 50


def call(edition_id: int) -> Call | None:
    return db.session.get(Call, edition_id, populate_existing=True)


def called_units(edition_id: int) -> list[int]:
    query = select(CallUnit.unit_id).where(CallUnit.edition_id == edition_id)
    return list(db.session.scalars(query.order_by(CallUnit.unit_id)))


def is_invited(row: Call, path: str) -> bool:
    """Whether a unit may propose: everybody may, or it, or one above it, is invited."""
    if row.everybody:
        return True
    ids = [int(part) for part in path.strip("/").split("/")]
    return bool(
        db.session.scalar(select(exists().where(CallUnit.edition_id == row.edition_id, CallUnit.unit_id.in_(ids))))
    )


def units_that_may_propose(row: Call, actor: Actor, day: date) -> Sequence[Unit]:
    """Of the units that the actor plans for, those that are invited. One query."""
    query = units_where(actor, Action.PLAN, day)
    if not row.everybody:
        invited = select(Unit.path).join(CallUnit).where(CallUnit.edition_id == row.edition_id).subquery()
        query = query.where(exists().where(Unit.path.startswith(invited.c.path)))
    return in_tree_order(db.session.scalars(query))


def open_calls(actor: Actor, now: datetime, day: date) -> Sequence[Call]:
    """The calls to which a unit of the actor's may answer, those that close first standing first."""
    return db.session.scalars(_open_calls(actor, now, day).limit(MOST_CALLS)).all()


def calls_of_others(actor: Actor, now: datetime, day: date, limit: int) -> Sequence[Call]:
    """Of ``open_calls`` those to which no unit of the actor's has written anything, for editions of somebody else."""
    own = select(Proposal.edition_id).where(visible(Proposal, actor))
    planned = select(Edition.id).where(planned_by(actor, Edition))
    query = _open_calls(actor, now, day).where(Call.edition_id.not_in(own), Call.edition_id.not_in(planned))
    return db.session.scalars(query.limit(limit)).all()


def _open_calls(actor: Actor, now: datetime, day: date) -> Select[Any]:
    own = units_where(actor, Action.PLAN, day).subquery()
    invited = select(Unit.path, CallUnit.edition_id).join(CallUnit).subquery()
    reached = exists().where(invited.c.edition_id == Call.edition_id, own.c.path.startswith(invited.c.path))
    return (
        select(Call)
        .where(Call.opens_at <= now, Call.closes_at > now)
        .where(or_(and_(Call.everybody, exists().where(own.c.id > 0)), reached))
        .options(joinedload(Call.edition).joinedload(Edition.series), joinedload(Call.edition).joinedload(Edition.unit))
        .order_by(Call.closes_at, Call.edition_id)
    )


def the_call(actor: Actor, edition_id: int, day: date) -> tuple[Call, Sequence[Unit]]:
    """A call that a unit of the actor's is invited to, and those units. Raises: NotFound."""
    found = db.session.scalar(
        select(Call)
        .where(Call.edition_id == edition_id)
        .options(joinedload(Call.edition).joinedload(Edition.series), joinedload(Call.edition).joinedload(Edition.unit))
    )
    units = units_that_may_propose(found, actor, day) if found is not None else []
    if found is None or not units:
        raise NotFound()
    return found, units


def _of_owner(actor: Actor) -> ColumnElement[bool]:
    """What was handed in to an edition that the actor plans. A draft is its unit's own business."""
    planned = select(Edition.id).where(planned_by(actor, Edition))
    return and_(Proposal.edition_id.in_(planned), Proposal.submitted_at.is_not(None))


def proposal(actor: Actor, proposal_id: int) -> Proposal:
    """With edition, series and unit. Raises: NotFound."""
    found = db.session.scalar(
        select(Proposal)
        .where(Proposal.id == proposal_id, or_(visible(Proposal, actor), _of_owner(actor)))
        .options(
            joinedload(Proposal.edition).joinedload(Edition.series),
            joinedload(Proposal.edition).joinedload(Edition.unit), joinedload(Proposal.unit),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if found is None:
        raise NotFound()
    return found


def partners(proposal_id: int) -> Sequence[Unit]:
    query = select(Unit).join(ProposalPartner, ProposalPartner.unit_id == Unit.id)
    return db.session.scalars(query.where(ProposalPartner.proposal_id == proposal_id).order_by(Unit.path)).all()


def own_proposals(actor: Actor) -> Select[Any]:
    """What the units of the actor have proposed, the latest first."""
    query = select(Proposal).where(visible(Proposal, actor))
    query = query.options(
        joinedload(Proposal.edition).joinedload(Edition.series), joinedload(Proposal.unit)
    )  # fmt: skip
    return query.order_by(Proposal.changed_at.desc(), Proposal.id.desc())


def proposals_of(
    edition_id: int, *, state: ProposalState | None = None, text: str = "", unit_id: int | None = None
) -> Select[Any]:
    """What was handed in to an edition, with units; those that wait stand first, in the order in which they came."""
    query = (
        select(Proposal)
        .join(Unit, Unit.id == Proposal.unit_id)
        .where(Proposal.edition_id == edition_id, Proposal.submitted_at.is_not(None))
        .options(joinedload(Proposal.unit))
        .order_by((Proposal.state != ProposalState.SUBMITTED), Proposal.submitted_at, Proposal.id)
    )
    if state is not None:
        query = query.where(Proposal.state == state)
    if unit_id is not None:
        query = query.where(Proposal.unit_id == unit_id)
    if text:
        query = query.where(
            or_(*(field.contains(text, autoescape=True) for field in (Proposal.theme, Proposal.expert, Unit.name)))
        )
    return query


def proposal_counts(edition_id: int) -> dict[ProposalState, int]:
    query = select(Proposal.state, func.count()).where(
        Proposal.edition_id == edition_id, Proposal.submitted_at.is_not(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Proposal.state))}


def proposals_listed(edition_id: int) -> Sequence[Proposal]:
    """All that was handed in, for a spreadsheet."""
    return db.session.scalars(proposals_of(edition_id)).all()


def proposals_waiting(actor: Actor, edition_id: int | None, limit: int) -> Sequence[tuple[Edition, int]]:
    """(Edition with its series, proposals that its owner has not decided yet), of editions that the actor plans; those
    that have waited longest first. One query."""
    counted = (
        select(Proposal.edition_id, func.count().label("count"), func.min(Proposal.submitted_at).label("since"))
        .where(Proposal.state == ProposalState.SUBMITTED)
        .group_by(Proposal.edition_id)
        .subquery()
    )
    query = (
        select(Edition, counted.c.count)
        .join(counted, counted.c.edition_id == Edition.id)
        .where(planned_by(actor, Edition))
        .options(joinedload(Edition.series))
        .order_by(counted.c.since, Edition.id)
        .limit(limit)
    )
    if edition_id is not None:
        query = query.where(Edition.id == edition_id)
    return [(row[0], row[1]) for row in db.session.execute(query)]
