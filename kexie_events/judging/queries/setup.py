"""What a round is set up from: its judges, the works, who sits where already, who must not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from ...accounts.models import Account, Grant
from ...core.access import Role
from ...core.db import db
from ...entries.models import Entry
from ...entries.rules import EntryState
from ..models import Assignment, Judge, Recusal, Round, Scoresheet
from ..rules import SheetState


def judge_rows(round_id: int) -> list[Judge]:
    """The judges of a round with their units and names. One query."""
    query = select(Judge).where(Judge.round_id == round_id).order_by(Judge.id)
    options = (joinedload(Judge.unit), joinedload(Judge.account).joinedload(Account.person))
    return list(db.session.scalars(query.options(*options)))


def submitted_entries(edition_id: int) -> list[Entry]:
    """The works of an edition that are to be scored, with their schools. One query."""
    query = select(Entry).where(Entry.edition_id == edition_id, Entry.state == EntryState.SUBMITTED)
    return list(db.session.scalars(query.options(joinedload(Entry.unit)).order_by(Entry.id)))


def all_seats(round_id: int) -> list[Assignment]:
    """The assignments of a round, those that were withdrawn too."""
    return list(db.session.scalars(select(Assignment).where(Assignment.round_id == round_id)))


def scored_seats(round_id: int) -> dict[int, bool]:
    """The assignments of a round that have a sheet, and whether it was ever submitted."""
    submitted = func.bool_or(Scoresheet.state == SheetState.SUBMITTED)
    query = select(Scoresheet.assignment_id, submitted).join(Assignment, Assignment.id == Scoresheet.assignment_id)
    rows = db.session.execute(query.where(Assignment.round_id == round_id).group_by(Scoresheet.assignment_id))
    return {id: sent for id, sent in rows}


def recused_pairs(judge_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which entries these judges must not score: (entry id, judge id)."""
    query = select(Recusal.entry_id, Recusal.judge_id).where(Recusal.judge_id.in_(judge_ids))
    return {(entry_id, judge_id) for entry_id, judge_id in db.session.execute(query)}


def is_grant_of(round_id: int, today: date) -> ColumnElement[bool]:
    """Whether a row of ``Grant`` lets its account score in a round today."""
    return (Grant.round_id == round_id) & (Grant.role == Role.JUDGE) & Grant.in_force(today)


def accounts_with_grant(round_id: int, today: date) -> set[int]:
    """The accounts that are judges of a round today."""
    return set(db.session.scalars(select(Grant.account_id).where(is_grant_of(round_id, today))))


@dataclass(frozen=True)
class Filled:
    """How far a round is assigned: entries with fewer judges than they need, and seats in all."""

    short: int
    seats: int


def filled(round_: Round) -> Filled:
    """One query over the submitted entries of the edition."""
    panel = (
        select(Entry.id, func.count(Assignment.id).label("judges"))
        .outerjoin(
            Assignment,
            (Assignment.entry_id == Entry.id) & (Assignment.round_id == round_.id) & Assignment.withdrawn_at.is_(None),
        )
        .where(Entry.edition_id == round_.edition_id, Entry.state == EntryState.SUBMITTED)
        .group_by(Entry.id)
        .subquery()
    )
    short = func.count().filter(panel.c.judges < round_.judges_per_entry)
    row = db.session.execute(select(short, func.coalesce(func.sum(panel.c.judges), 0)).select_from(panel)).one()
    return Filled(int(row[0]), int(row[1]))
