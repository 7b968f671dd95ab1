"""What a judge sees of the own work: no school, no author, no entry number."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from ...contests.models import RulePack
from ...contests.queries import pack_in
from ...contests.rules import Pack
from ...core.access import Action, Actor, Place, allows
from ...core.db import db
from ...core.errors import NotFound
from ...entries.models import Entry
from ...events.models import Edition
from ..models import Assignment, Judge, Round, Scoresheet
from ..rules import RoundState, SheetState
from .sheets import newest

# What is asked at every score is built once; building these takes longer than running them.
_ID, _ACCOUNT = (bindparam(name, type_=Integer()) for name in ("id", "account_id"))


@dataclass(frozen=True)
class Task:
    """One entry to score, as its judge sees it. ``total``: the submitted one; ``state``: of what is there now."""

    id: int
    code: str
    title: str
    group: str
    state: SheetState | None
    total: Decimal | None

    @property
    def done(self) -> bool:
        return self.total is not None

    @property
    def changed(self) -> bool:
        """Submitted, and typed on since without submitting again."""
        return self.done and self.state is SheetState.DRAFT


@dataclass(frozen=True)
class Duty:
    """A round that an account judges: how much is done, and until when."""

    round_id: int
    round_name: str
    edition_id: int
    title: str  # series and number of the edition
    state: RoundState
    opens_at: datetime
    closes_at: datetime
    done: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.done


def duties_of(actor: Actor) -> list[Duty]:
    """The rounds that the actor judges and that have begun, the next deadline first. One query."""
    sent = newest(SheetState.SUBMITTED)
    rows = db.session.execute(
        select(Round, func.count(sent.sheet.id), func.count(Assignment.id))
        .join(Judge, Judge.round_id == Round.id)
        .join(Assignment, Assignment.judge_id == Judge.id)
        .outerjoin(sent.sheet, sent.on)
        .where(Judge.account_id == actor.account_id, Assignment.withdrawn_at.is_(None))
        .where(Round.state != RoundState.SETTING_UP)
        .group_by(Round.id)
        .options(joinedload(Round.edition).joinedload(Edition.series))
        .order_by(Round.state.desc(), Round.closes_at, Round.id)
    )
    return [
        Duty(
            row.id, row.name, row.edition_id, row.edition.name, row.state,
            row.opens_at, row.closes_at, done, total,
        )
        for row, done, total in rows
        if _may_score(actor, row.id)
    ]  # fmt: skip


def own_assignment(assignment_id: int, actor: Actor) -> Assignment:
    """An assignment of the actor in a round that has begun, with its entry. One query.

    Raises: NotFound for everything else: others' assignments, withdrawn ones, rounds that are being set up, rounds
    for which the actor's grant has been taken back.
    """
    found: Assignment | None = db.session.scalar(
        _own(select(Assignment)), {"id": assignment_id, "account_id": actor.account_id}
    )
    if found is None or not _may_score(actor, found.round_id):
        raise NotFound()
    return found


def _may_score(actor: Actor, round_id: int) -> bool:
    """Whether the actor's grant for the round is in force: being on its list of judges is not enough."""
    return allows(actor, Action.SCORE, Place(round_id=round_id))


def has_stepped_back(assignment_id: int, actor: Actor) -> bool:
    """Whether the actor was assigned this, and stepped back: a second press is answered like the first."""
    query = select(Assignment.id).join(Judge, Judge.id == Assignment.judge_id)
    query = query.where(Assignment.id == assignment_id, Judge.account_id == actor.account_id)
    return db.session.scalar(query.where(Assignment.withdrawn_at.is_not(None))) is not None


@dataclass(frozen=True)
class OwnSheet:
    """An assignment with what its score sheet shows: the round and its edition, its rules, the newest version saved."""

    assignment: Assignment
    round: Round
    pack: Pack
    stored: Scoresheet | None


def own_sheet(assignment_id: int, actor: Actor) -> OwnSheet:
    """One query. Raises: NotFound, as ``own_assignment``, and when the edition has no rule pack."""
    found = db.session.execute(_own_sheet(), {"id": assignment_id, "account_id": actor.account_id}).one_or_none()
    if found is None or not _may_score(actor, found[1].id):
        raise NotFound()
    assignment, round_, body, stored = found
    return OwnSheet(assignment, round_, pack_in(body), stored)


@cache
def _own_sheet() -> Select[Any]:
    last = newest()
    return (
        _own(select(Assignment, Round, RulePack.body, last.sheet))
        .outerjoin(RulePack, RulePack.edition_id == Round.edition_id)
        .outerjoin(last.sheet, last.on)
        .options(joinedload(Round.edition).joinedload(Edition.series))
    )


def _own(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Judge, Judge.id == Assignment.judge_id)
        .join(Round, Round.id == Assignment.round_id)
        .where(Assignment.id == _ID, Judge.account_id == _ACCOUNT)
        .where(Assignment.withdrawn_at.is_(None), Round.state != RoundState.SETTING_UP)
        .options(joinedload(Assignment.entry))
    )


def tasks(round_id: int, account_id: int) -> list[Task]:
    """All that this account scores in a round, by code. One query."""
    return [Task(*row) for row in db.session.execute(_tasks(), {"id": round_id, "account_id": account_id})]


@cache
def _tasks() -> Select[Any]:
    now, sent = newest(), newest(SheetState.SUBMITTED)
    return (
        select(Assignment.id, Assignment.code, Entry.title, Entry.group, now.sheet.state, sent.sheet.total)
        .join(Judge, Judge.id == Assignment.judge_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .outerjoin(now.sheet, now.on)
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.round_id == _ID, Judge.account_id == _ACCOUNT, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.code)
    )


def own_seats(round_id: int, account_id: int) -> list[Assignment]:
    """The assignments of an account in a round, by code."""
    query = select(Assignment).join(Judge).where(Assignment.round_id == round_id, Judge.account_id == account_id)
    return list(db.session.scalars(query.where(Assignment.withdrawn_at.is_(None)).order_by(Assignment.code)))
