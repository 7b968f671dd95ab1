"""Entering days, and taking it back."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import transaction
from ..core.errors import Conflict
from . import queries, rules
from .models import DayRuling, YearRuling
from .queries import CHAIN
from .rules import Ruled, Spanned, Spot, Step


def enter(steps: Sequence[Step], *, actor: Actor, now: datetime) -> None:
    """Enter days and named days, all or none. Locks both tables against other writers; readers go on.

    Each step says what it replaces, so that nothing that somebody else has entered meanwhile is lost.
    Raises: Conflict("days.changed_meanwhile"), RuleBroken, Forbidden.
    """
    _write(steps, "days.entered", "days.changed_meanwhile", actor=actor, now=now)


def undo(record_id: int, *, actor: Actor, now: datetime) -> None:
    """Put back what one recorded change replaced. Locks both tables against other writers.

    Undone already: nothing happens. Raises: Conflict("days.undo_changed"), Forbidden, NotFound.
    """
    access.require(actor, Action.SET_DAYS, Place())
    done = queries.change(record_id)
    steps = [step.reversed() for step in queries.steps_of(done)]
    _write(steps, "days.undone", "days.undo_changed", actor=actor, now=now, of=done.n)


def _write(steps: Sequence[Step], verb: str, refusal: str, *, actor: Actor, now: datetime, **details: Any) -> None:
    access.require(actor, Action.SET_DAYS, Place())
    for step in steps:
        rules.check_step(step)
    if not steps:
        return
    with transaction() as session:
        session.execute(text("LOCK TABLE day_ruling, year_ruling IN SHARE ROW EXCLUSIVE MODE"))
        held = _held({step.spot for step in steps})
        if all(held.at(step.spot) == step.after for step in steps):
            return
        if any(held.at(step.spot) != step.before for step in steps):
            raise Conflict(refusal)
        _put(session, steps, now)
        audit.record(CHAIN, verb, actor=actor, now=now, steps=[rules.as_json(step) for step in steps], **details)


def _held(spots: Collection[Spot]) -> rules.Entered:
    days = [spot for spot in spots if not isinstance(spot, tuple)]
    days += [date(spot[1], 1, 1) for spot in spots if isinstance(spot, tuple)]
    return queries.entered(min(days), max(days))


def _put(session: Session, steps: Sequence[Step], now: datetime) -> None:
    """Three statements for the days, however many; one or two for each named day."""
    days = [step for step in steps if not isinstance(step.spot, tuple)]
    session.execute(delete(DayRuling).where(DayRuling.day.in_([step.spot for step in days])))
    rows = [
        {"day": step.spot, "kind": step.after.kind, "words": step.after.words, "source": step.after.source,
         "changed_at": now}
        for step in days if isinstance(step.after, Ruled)
    ]  # fmt: skip
    if rows:
        session.execute(insert(DayRuling), rows)
    for step in steps:
        if isinstance(step.spot, tuple):
            key, year = step.spot
            session.execute(delete(YearRuling).where(YearRuling.key == key, YearRuling.year == year))
            if isinstance(step.after, Spanned):
                session.add(
                    YearRuling(
                        key=key, year=year, first_on=step.after.first_on, last_on=step.after.last_on,
                        source=step.after.source, changed_at=now,
                    )
                )  # fmt: skip
