"""Reading entries: one's own, a school's, an edition's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ..accounts.models import Person
from ..contests.difference import Bound
from ..contests.models import RulePack
from ..contests.rules import Pack, read
from ..core.access import Action, Actor, visible
from ..core.db import db
from ..core.errors import NotFound
from ..events.models import Edition, Milestone
from ..events.rules import Purpose
from ..units.models import Unit
from ..units.queries import units_for
from ..units.rules import UnitKind
from . import rules
from .models import Entry, EntryFile, EntryMember
from .rules import EntryState, Part, Period

_OPENS, _CLOSES = Purpose.ENTRIES_OPEN.value, Purpose.ENTRIES_CLOSE.value
_WITH_EDITION = (joinedload(Entry.edition).joinedload(Edition.series), joinedload(Entry.unit))


def visible_entry(entry_id: int, actor: Actor) -> Entry:
    """Raises: NotFound, also for what the actor may not know of."""
    entry = db.session.scalar(select(Entry).where(Entry.id == entry_id, visible(Entry, actor)).options(*_WITH_EDITION))
    if entry is None:
        raise NotFound()
    return entry


def period_of(edition_id: int) -> Period:
    """When entries of an edition may be filed."""
    return periods_of([edition_id])[edition_id]


def periods_of(edition_ids: Collection[int]) -> dict[int, Period]:
    """When entries of each edition may be filed, from its milestones. One query."""
    rows = db.session.execute(
        select(Milestone.edition_id, Milestone.code, Milestone.starts_at).where(
            Milestone.edition_id.in_(edition_ids), Milestone.code.in_([_OPENS, _CLOSES])
        )
    )
    dates = {(edition_id, code): starts_at for edition_id, code, starts_at in rows}
    return {id: Period(dates.get((id, _OPENS)), dates.get((id, _CLOSES))) for id in edition_ids}


def members_of(entry_id: int) -> list[Person]:
    query = select(Person).join(EntryMember).where(EntryMember.entry_id == entry_id).order_by(EntryMember.position)
    return list(db.session.scalars(query))


def files_of(entry_id: int) -> list[EntryFile]:
    return list(db.session.scalars(select(EntryFile).where(EntryFile.entry_id == entry_id).order_by(EntryFile.id)))


def missing(entry: Entry) -> list[Part]:
    """What the entry still lacks. One query."""
    members, files = db.session.execute(
        select(
            select(func.count()).where(EntryMember.entry_id == entry.id).scalar_subquery(),
            select(func.count()).where(EntryFile.entry_id == entry.id).scalar_subquery(),
        )
    ).one()
    return rules.missing(title=entry.title, abstract=entry.abstract, members=members, files=files)


def file_of(entry_id: int, file_id: int) -> EntryFile:
    """Raises: NotFound."""
    found = db.session.scalar(select(EntryFile).where(EntryFile.entry_id == entry_id, EntryFile.id == file_id))
    if found is None:
        raise NotFound()
    return found


def entries_of(account_id: int) -> list[Entry]:
    """What an account filed, the newest first."""
    query = select(Entry).where(Entry.account_id == account_id).options(*_WITH_EDITION).order_by(Entry.id.desc())
    return list(db.session.scalars(query.limit(200)))


def schools_to_file_for(actor: Actor, day: date) -> list[Unit]:
    """The schools in force for which the actor may file entries: chosen from the tree, never typed. One query."""
    return [unit for unit in units_for(actor, Action.SUBMIT_ENTRY, day) if unit.kind is UnitKind.SCHOOL]


def edition_entries(
    edition_id: int, actor: Actor, *, state: EntryState | None = None, words: str = ""
) -> Select[Entry]:
    """The entries of an edition that the actor may see, as a query for ``web.page``."""
    query = (
        select(Entry)
        .where(Entry.edition_id == edition_id, visible(Entry, actor))
        .options(joinedload(Entry.unit))
        .order_by(Entry.number)
    )
    if state is not None:
        query = query.where(Entry.state == state)
    if words:
        query = query.where(Entry.title.contains(words, autoescape=True))
    return query


@dataclass(frozen=True)
class Counts:
    """How many entries an edition has, of those that the actor may see."""

    drafts: int
    submitted: int

    @property
    def all(self) -> int:
        return self.drafts + self.submitted


def counts(edition_id: int, actor: Actor) -> Counts:
    rows = db.session.execute(
        select(Entry.state, func.count())
        .where(Entry.edition_id == edition_id, visible(Entry, actor))
        .group_by(Entry.state)
    )
    found = {state: count for state, count in rows}
    return Counts(found.get(EntryState.DRAFT, 0), found.get(EntryState.SUBMITTED, 0))


def bound_by_entries(edition_id: int) -> Bound:
    """What the works of an edition, drafts too, ask of its rules: codes in use, the largest team, the largest file."""

    def used(column: Any) -> dict[str, int]:
        query = select(column, func.count()).where(Entry.edition_id == edition_id).group_by(column)
        return {code: works for code, works in db.session.execute(query) if code}

    own = select(Entry.id).where(Entry.edition_id == edition_id)
    team = select(func.count()).where(EntryMember.entry_id.in_(own)).group_by(EntryMember.entry_id)
    largest = select(func.max(EntryFile.size)).where(EntryFile.entry_id.in_(own))
    return Bound(
        used(Entry.category), used(Entry.group), used(Entry.discipline),
        most_members=max(db.session.scalars(team), default=0), largest_bytes=db.session.scalar(largest) or 0,
    )  # fmt: skip


def submitted_count(edition_id: int) -> int:
    """How many works stand submitted: a public figure."""
    return db.session.scalar(_submitted(edition_id)) or 0


def _submitted(edition_id: int) -> Select[int]:
    return select(func.count()).where(Entry.edition_id == edition_id, Entry.state == EntryState.SUBMITTED)


def rules_and_submitted(edition_id: int) -> tuple[Pack, int] | None:
    """The rules of an edition and ``submitted_count``; None while it has no rules. One query."""
    query = select(RulePack.body, _submitted(edition_id).scalar_subquery()).where(RulePack.edition_id == edition_id)
    found = db.session.execute(query).first()
    return None if found is None else (read(found[0]), found[1])
