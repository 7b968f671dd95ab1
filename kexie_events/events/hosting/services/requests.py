"""Asking for approval (申请备案): the host asks, the owner records the approval or returns it with a reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ....audit import services as audit
from ....core.access import Action, Actor
from ....core.db import lock, one, transaction
from ....core.errors import RuleBroken
from ....core.text import one_line
from ...kinds import Capability, can
from ...models import Edition, Series
from ...queries.places import require
from ..models import ApprovalRequest
from ..rules import RequestState, check_request


def request_approval(edition_id: int, *, theme: str, guests: str, actor: Actor, now: datetime) -> ApprovalRequest:
    """Locks the edition. Say what it is about and who comes, so that its approval can be recorded.

    Asked again while it waits, the words are corrected.
    Raises: RuleBroken("event.no_approval" | "event.approved_already" | "event.theme" | "event.guests"), Forbidden.
    """
    about, people = one_line(theme), guests.strip()
    check_request(about, people)
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        if not can(one(Series, edition.series_id).kind, Capability.APPROVAL_FIRST):
            raise RuleBroken("event.no_approval")
        if edition.approved_at is not None:
            raise RuleBroken("event.approved_already")
        row = open_request(session, edition_id)
        if row is not None and (row.theme, row.guests) == (about, people):
            return row  # a second press
        if row is None:
            row = ApprovalRequest(edition_id=edition_id, state=RequestState.ASKED)
            session.add(row)
        row.theme, row.guests, row.asked_at, row.asked_by_id = about, people, now, actor.account_id
        edition.changed_at = now
        session.flush()
        audit.record(
            f"edition:{edition.id}", "edition.approval_asked", actor=actor, now=now, theme=about, guests=people
        )
    return row


def return_request(edition_id: int, *, reason: str, actor: Actor, now: datetime) -> ApprovalRequest:
    """Locks the edition. Give it back with a reason; the host mends it and asks again.

    Raises: RuleBroken("event.nothing_asked" | "event.return_reason"), Forbidden.
    """
    why = one_line(reason)
    if not why:
        raise RuleBroken("event.return_reason")
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.APPROVE, edition)
        row = open_request(session, edition_id)
        if row is None:
            raise RuleBroken("event.nothing_asked")
        answer_request(row, RequestState.RETURNED, why, actor=actor, now=now)
        audit.record(f"edition:{edition.id}", "edition.approval_returned", actor=actor, now=now, reason=why)
    return row


def open_request(session: Session, edition_id: int) -> ApprovalRequest | None:
    query = select(ApprovalRequest).where(
        ApprovalRequest.edition_id == edition_id, ApprovalRequest.state == RequestState.ASKED
    )
    return session.scalar(query.execution_options(populate_existing=True))


def answer_request(row: ApprovalRequest, state: RequestState, words: str, *, actor: Actor, now: datetime) -> None:
    row.state, row.answer, row.answered_at, row.answered_by_id = state, words, now, actor.account_id
