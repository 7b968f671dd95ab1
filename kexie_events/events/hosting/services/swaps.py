"""Two hosts exchange their issues: the owner decides it, or one asks and the other agrees."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ....audit import services as audit
from ....core import access
from ....core.access import Action, Actor
from ....core.db import lock, one, refused, transaction
from ....core.errors import Forbidden, NotFound, RuleBroken
from ....core.text import one_line
from ...models import Edition, Series
from ...queries.places import place_of, require
from ..models import HostSwap
from ..queries import checked_swap
from ..rules import Exchange, SwapState
from .hosts import record_host, write_host

_ASKED = {"uq_host_swap_first": "rotation.swap_asked", "uq_host_swap_second": "rotation.swap_asked"}


def swap_hosts(exchange: Exchange, *, reason: str, actor: Actor, now: datetime, zone: ZoneInfo) -> HostSwap:
    """Locks the series, both editions, their occurrences and milestones. Whoever plans the series exchanges two issues.

    Sent twice it is done once. Raises: as ``queries.checked_swap``, Forbidden.
    """
    with transaction() as session:
        series = _series_of(exchange)
        require(actor, Action.PLAN, series)
        if (before := _done_already(session, exchange)) is not None:
            return before
        checked_swap(exchange, now=now, zone=zone)
        row = _row(exchange, series.id, SwapState.DONE, one_line(reason), actor, now)
        session.add(row)
        _carry_out(session, row, series, actor=actor, now=now, zone=zone)
        _drop_other_questions(session, row, now)
    return row


def ask_swap(exchange: Exchange, *, reason: str, actor: Actor, now: datetime, zone: ZoneInfo) -> HostSwap:
    """Locks the series. Whoever plans the first issue asks the host of the second to exchange.

    Raises: as ``queries.checked_swap``, Forbidden, RuleBroken("rotation.swap_asked") while a question about one of them
    is open.
    """
    with transaction() as session:
        series = _series_of(exchange)
        require(actor, Action.PLAN, lock(Edition, exchange.first_edition_id))
        checked_swap(exchange, now=now, zone=zone)
        row = _row(exchange, series.id, SwapState.ASKED, one_line(reason), actor, now)
        if _open_questions(session, row):
            raise RuleBroken("rotation.swap_asked")
        with refused(session, _ASKED):
            session.add(row)
        audit.record(f"series:{series.id}", "swap.asked", actor=actor, now=now, swap=row.id, **_facts(row))
    return row


def answer_swap(swap_id: int, *, agree: bool, actor: Actor, now: datetime, zone: ZoneInfo) -> HostSwap:
    """Locks the series and the swap; agreeing, what ``swap_hosts`` locks. The other host, or the owner, says yes or no.

    Whoever asked may only take it back, which is what declining does then.
    Raises: RuleBroken("rotation.swap_answered"), as ``queries.checked_swap``.
    """
    with transaction() as session:
        series = lock(Series, one(HostSwap, swap_id).series_id)
        row = lock(HostSwap, swap_id)
        asked = access.allows(actor, Action.PLAN, place_of(one(Edition, row.first_edition_id)))
        answers = access.allows(actor, Action.PLAN, place_of(one(Edition, row.second_edition_id)))
        if not answers and not asked:
            raise NotFound()
        if agree and not answers:
            raise Forbidden("access.denied", action=Action.PLAN.value)
        wanted = SwapState.DONE if agree else SwapState.DECLINED if answers else SwapState.TAKEN_BACK
        if row.state is wanted:
            return row
        if row.state is not SwapState.ASKED:
            raise RuleBroken("rotation.swap_answered")
        if agree:
            checked_swap(_exchange(row), now=now, zone=zone)
        row.state, row.answered_at, row.answered_by_id = wanted, now, actor.account_id
        if agree:
            _carry_out(session, row, series, actor=actor, now=now, zone=zone)
        else:
            audit.record(f"series:{series.id}", f"swap.{wanted.value}", actor=actor, now=now, swap=row.id)
    return row


def _series_of(exchange: Exchange) -> Series:
    return lock(Series, one(Edition, exchange.first_edition_id).series_id)


def _row(exchange: Exchange, series_id: int, state: SwapState, reason: str, actor: Actor, now: datetime) -> HostSwap:
    done = state is SwapState.DONE
    return HostSwap(
        series_id=series_id, first_edition_id=exchange.first_edition_id, second_edition_id=exchange.second_edition_id,
        first_unit_id=exchange.first_unit_id, second_unit_id=exchange.second_unit_id, state=state, reason=reason,
        asked_at=now, asked_by_id=actor.account_id, answered_at=now if done else None,
        answered_by_id=actor.account_id if done else None,
    )  # fmt: skip


def _exchange(row: HostSwap) -> Exchange:
    return Exchange(row.first_edition_id, row.second_edition_id, row.first_unit_id, row.second_unit_id)


def _facts(row: HostSwap) -> dict[str, object]:
    return {
        "first": row.first_edition_id, "second": row.second_edition_id, "first_unit": row.first_unit_id,
        "second_unit": row.second_unit_id, "reason": row.reason,
    }  # fmt: skip


def _done_already(session: Session, exchange: Exchange) -> HostSwap | None:
    """The same exchange, when it is the last that was done to these issues and still stands: a second press."""
    last = session.scalar(
        select(HostSwap)
        .where(HostSwap.first_edition_id == exchange.first_edition_id, HostSwap.state == SwapState.DONE)
        .order_by(HostSwap.id.desc())
        .limit(1)
    )
    if last is None or _exchange(last) != exchange:
        return None
    first, second = one(Edition, exchange.first_edition_id), one(Edition, exchange.second_edition_id)
    session.refresh(first)
    session.refresh(second)
    return last if (first.unit_id, second.unit_id) == (exchange.second_unit_id, exchange.first_unit_id) else None


def _open_questions(session: Session, row: HostSwap) -> list[HostSwap]:
    both = (row.first_edition_id, row.second_edition_id)
    return list(
        session.scalars(
            select(HostSwap).where(
                HostSwap.state == SwapState.ASKED,
                HostSwap.first_edition_id.in_(both) | HostSwap.second_edition_id.in_(both),
            )
        )
    )


def _drop_other_questions(session: Session, row: HostSwap, now: datetime) -> None:
    """What was asked about these issues asks about something that is no longer so."""
    for other in _open_questions(session, row):
        other.state, other.answered_at = SwapState.TAKEN_BACK, now


def _carry_out(session: Session, row: HostSwap, series: Series, *, actor: Actor, now: datetime, zone: ZoneInfo) -> None:
    to = {row.first_edition_id: row.second_unit_id, row.second_edition_id: row.first_unit_id}
    for id in sorted(to):
        edition = lock(Edition, id)
        before = edition.unit_id
        write_host(session, edition, series, to[id], now=now, zone=zone)
        record_host(edition, before, actor=actor, now=now)
    session.flush()
    audit.record(f"series:{series.id}", "swap.done", actor=actor, now=now, swap=row.id, **_facts(row))
