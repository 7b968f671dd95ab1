"""Versions of score sheets: the newest of each, all of one, and those whose chain is broken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from ...contests.difference import Bound
from ...core.db import db
from ..models import Assignment, Round, Scoresheet
from ..rules import SheetState, Version, first_broken


@dataclass(frozen=True)
class Newest:
    """The newest version of each assignment's sheet, to be joined: ``outerjoin(newest.sheet, newest.on)``."""

    sheet: Any
    on: ColumnElement[bool]


@cache
def newest(*states: SheetState) -> Newest:
    """Of these states, all when none is named. One look into an index per assignment, however many sheets there are.

    Built once for each choice of states: an alias takes longer to build than to ask.
    """
    sheet, other = aliased(Scoresheet), aliased(Scoresheet)
    last = select(func.max(other.revision)).where(other.assignment_id == Assignment.id)
    if states:
        last = last.where(other.state.in_(states))
    revision = last.correlate(Assignment).scalar_subquery()
    return Newest(sheet, and_(sheet.assignment_id == Assignment.id, sheet.revision == revision))


def newest_sheet(assignment_id: int) -> Scoresheet | None:
    """What was saved last, a draft or not; None while the sheet is empty."""
    return db.session.scalar(
        select(Scoresheet)
        .where(Scoresheet.assignment_id == assignment_id)
        .order_by(Scoresheet.revision.desc())
        .limit(1)
    )


def newest_and_known(assignment_id: int, operation: UUID) -> tuple[Scoresheet | None, Scoresheet | None]:
    """The newest version of a sheet, and the one that an operation has written already. One query."""
    rows = db.session.scalars(_standing(), {"assignment_id": assignment_id, "operation": operation}).all()
    return rows[0] if rows else None, next((row for row in rows if row.operation == operation), None)


@cache
def _standing() -> Select[Scoresheet]:
    other, assignment_id = aliased(Scoresheet), bindparam("assignment_id", type_=Integer())
    last = select(func.max(other.revision)).where(other.assignment_id == assignment_id).scalar_subquery()
    return (
        select(Scoresheet)
        .where(Scoresheet.assignment_id == assignment_id)
        .where(or_(Scoresheet.revision == last, Scoresheet.operation == bindparam("operation", type_=Uuid())))
        .order_by(Scoresheet.revision.desc())
    )


def version(sheet: Scoresheet) -> Version:
    """A row as the digest reads it."""
    return Version(sheet.revision, sheet.state, sheet.points, sheet.note, sheet.saved_at, sheet.digest)


def heads(round_id: int) -> dict[int, str]:
    """The last digest of every sheet of a round, by assignment."""
    last = newest()
    rows = db.session.execute(
        select(Assignment.id, last.sheet.digest).join(last.sheet, last.on).where(Assignment.round_id == round_id)
    )
    return {assignment_id: digest for assignment_id, digest in rows}


def broken_sheets() -> Iterator[tuple[int, int]]:
    """(assignment id, revision) of the first version of each sheet that was changed or stands behind a gap."""
    rows = db.session.scalars(
        select(Scoresheet).order_by(Scoresheet.assignment_id, Scoresheet.revision).execution_options(yield_per=1000)
    )
    sheet: list[Scoresheet] = []
    for row in rows:
        if sheet and sheet[0].assignment_id != row.assignment_id:
            yield from _broken(sheet)
            sheet = []
        sheet.append(row)
    if sheet:
        yield from _broken(sheet)


def _broken(sheet: Sequence[Scoresheet]) -> Iterator[tuple[int, int]]:
    n = first_broken(sheet[0].assignment_id, [version(row) for row in sheet])
    if n is not None:
        yield sheet[0].assignment_id, sheet[n].revision


def bound_by_scores(edition_id: int) -> Bound:
    """What the scores of an edition ask of its rules: how many sheets were saved."""
    query = (
        select(func.count(Scoresheet.assignment_id.distinct()))
        .join(Assignment, Assignment.id == Scoresheet.assignment_id)
        .join(Round, Round.id == Assignment.round_id)
        .where(Round.edition_id == edition_id)
    )
    return Bound({}, {}, {}, sheets=db.session.scalar(query) or 0)
