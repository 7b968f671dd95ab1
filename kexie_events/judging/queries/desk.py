"""What an organiser sees: rounds, their judges, who stepped back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from ...accounts.models import Account, Grant, Person
from ...contests.models import RulePack
from ...core.access import Actor, visible
from ...core.db import db
from ...core.errors import NotFound
from ...entries.models import Entry
from ...events.models import Edition
from ...events.queries.manage import planned_by
from ...units.models import Unit
from ..models import Assignment, Judge, Recusal, Round
from ..rules import RoundState, SheetState
from .setup import is_grant_of
from .sheets import newest

_WITH_EDITION = joinedload(Round.edition).joinedload(Edition.series)


def visible_round(round_id: int, actor: Actor) -> Round:
    """Raises: NotFound, also for what the actor may not know of."""
    found = db.session.scalar(select(Round).where(Round.id == round_id, visible(Round, actor)).options(_WITH_EDITION))
    if found is None:
        raise NotFound()
    return found


def rounds(actor: Actor) -> Select[Any]:
    """Rounds with their progress, open ones first, for ``web.page``: (round, judges, works, done, seats)."""
    sent = newest(SheetState.SUBMITTED)
    active = (
        select(
            Assignment.round_id,
            func.count().label("seats"),
            func.count(Assignment.entry_id.distinct()).label("works"),
            func.count(sent.sheet.id).label("done"),
        )
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.withdrawn_at.is_(None))
        .group_by(Assignment.round_id)
        .subquery()
    )
    judges = select(func.count()).where(Judge.round_id == Round.id).correlate(Round).scalar_subquery()
    return (
        select(
            Round,
            judges.label("judges"),
            func.coalesce(active.c.works, 0).label("works"),
            func.coalesce(active.c.done, 0).label("done"),
            func.coalesce(active.c.seats, 0).label("seats"),
        )
        .outerjoin(active, active.c.round_id == Round.id)
        .where(visible(Round, actor))
        .options(_WITH_EDITION)
        .order_by(Round.state == RoundState.CLOSED, Round.closes_at.desc(), Round.id)
    )


def editions_with_rules(actor: Actor) -> list[Edition]:
    """The editions that this actor runs and that have a rule pack, the newest first: a round can be set up for them."""
    query = select(Edition).join(RulePack, RulePack.edition_id == Edition.id).where(planned_by(actor, Edition))
    options = (joinedload(Edition.series), joinedload(Edition.unit))
    return list(db.session.scalars(query.options(*options).order_by(Edition.year.desc(), Edition.id.desc()).limit(200)))


@dataclass(frozen=True)
class JudgeRow:
    """A judge of a round with load and progress."""

    id: int
    name: str
    unit: str
    disciplines: list[str]
    least: int
    most: int
    seats: int
    done: int
    recusals: int
    granted: bool  # False when the role was withdrawn, or is over: no more work goes there


def rounds_of(edition_id: int) -> list[tuple[Round, int]]:
    """The rounds of an edition in order, each with how many judges it has. Whoever asks plans the edition."""
    count = select(func.count()).where(Judge.round_id == Round.id).correlate(Round).scalar_subquery()
    query = select(Round, count).where(Round.edition_id == edition_id).order_by(Round.position)
    return [(row, judges or 0) for row, judges in db.session.execute(query)]


def judges_of(round_id: int, today: date) -> list[JudgeRow]:
    """One query."""
    sent = newest(SheetState.SUBMITTED)
    seats = (
        select(Assignment.judge_id, func.count().label("seats"), func.count(sent.sheet.id).label("done"))
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.withdrawn_at.is_(None), Assignment.round_id == round_id)
        .group_by(Assignment.judge_id)
        .subquery()
    )
    recused = select(func.count()).where(Recusal.judge_id == Judge.id).correlate(Judge).scalar_subquery()
    granted = exists().where(Grant.account_id == Judge.account_id, is_grant_of(round_id, today))
    rows = db.session.execute(
        select(
            Judge.id, Person.name, func.coalesce(Unit.name, ""), Judge.disciplines, Judge.least_load, Judge.most_load,
            func.coalesce(seats.c.seats, 0), func.coalesce(seats.c.done, 0), recused, granted,
        )
        .join(Account, Account.id == Judge.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Unit, Unit.id == Judge.unit_id)
        .outerjoin(seats, seats.c.judge_id == Judge.id)
        .where(Judge.round_id == round_id)
        .order_by(Judge.id)
    )  # fmt: skip
    return [JudgeRow(*row) for row in rows]


@dataclass(frozen=True)
class RecusalRow:
    """A declared recusal, and whether another judge has taken the seat."""

    judge: str
    entry: str
    source: Any
    reason: str
    created_at: datetime
    panel: int  # how many judges the entry has now


def recusals_of(round_id: int, sources: Sequence[Any]) -> list[RecusalRow]:
    """Recusals of these sources, the newest first. One query."""
    panel = (
        select(func.count())
        .where(Assignment.entry_id == Recusal.entry_id, Assignment.round_id == round_id)
        .where(Assignment.withdrawn_at.is_(None))
        .correlate(Recusal)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Person.name, Entry.title, Recusal.source, Recusal.reason, Recusal.created_at, panel)
        .join(Judge, Judge.id == Recusal.judge_id)
        .join(Account, Account.id == Judge.account_id)
        .join(Person, Person.id == Account.person_id)
        .join(Entry, Entry.id == Recusal.entry_id)
        .where(Judge.round_id == round_id, Recusal.source.in_(sources))
        .order_by(Recusal.created_at.desc(), Recusal.id.desc())
        .limit(100)
    )
    return [RecusalRow(*row) for row in rows]
