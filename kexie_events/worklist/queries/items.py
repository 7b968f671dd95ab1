"""The items of a list with all that belongs to them, in one query however many there are."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, String, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ...accounts.models import Account, Person
from ...core.access import Actor, visible
from ...core.db import db
from ...core.errors import NotFound
from ...events.kinds import Kind
from ...units.models import Unit
from ..models import WorkDuty, WorkItem, WorkLink, WorkReport, WorkTarget
from ..progress import Goal, Span, State
from .lists import ListOfYear, list_of, live


@dataclass(frozen=True)
class Duty:
    """A department of an item. ``name``: of the unit, None while nobody knows which one is meant."""

    words: str
    unit_id: int | None
    name: str | None
    everybody: bool

    @property
    def shown(self) -> str:
        return self.name or self.words

    @property
    def unresolved(self) -> bool:
        return self.unit_id is None and not self.everybody


@dataclass(frozen=True)
class Reported:
    """A line that was reported. ``actuals``: (words, unit, number) of each target."""

    span: Span
    n: int
    words: str
    finished: bool
    evidence: str
    reported_at: datetime | None = None
    by: str = ""
    actuals: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Item:
    """A row of the list. ``mine``: the reader stands in the department that leads it, or the list is theirs."""

    id: int
    section: str
    section_position: int
    number: int
    name: str
    due_on: date | None
    decided: bool
    kind: Kind | None
    override: State | None
    override_reason: str
    override_at: datetime | None
    removed_at: datetime | None
    revision: int
    duties: tuple[Duty, ...]
    goals: tuple[Goal, ...]
    last: Reported | None
    reported: bool  # for the period that was asked
    linked: bool
    mine: bool

    @property
    def lead(self) -> Duty:
        return self.duties[0]

    @property
    def supporters(self) -> tuple[Duty, ...]:
        return self.duties[1:]


def items_of(chosen: ListOfYear, actor: Actor, asked: Span | None = None) -> list[Item]:
    """Those that stand in a list, in its order. One query."""
    query = _items(actor, asked).where(live(chosen.id))
    query = query.order_by(WorkItem.section_position, WorkItem.section, WorkItem.number)
    return [_item(row, own=chosen.own) for row in db.session.execute(query)]


def item_of(actor: Actor, item_id: int, *, own: bool = False) -> tuple[ListOfYear, Item]:
    """An item, removed or not, and its list. ``own``: only for who may change it. Raises: NotFound."""
    row = db.session.execute(_items(actor, None).add_columns(WorkItem.list_id).where(WorkItem.id == item_id)).first()
    if row is None:
        raise NotFound()
    chosen = list_of(actor, row.list_id, own=own)
    return chosen, _item(row, own=chosen.own)


def removed_from(chosen: ListOfYear, actor: Actor) -> list[Item]:
    """What no longer stands in a list, the last first; at most a thousand. One query."""
    query = _items(actor, None).where(WorkItem.list_id == chosen.id, WorkItem.removed_at.is_not(None))
    query = query.order_by(WorkItem.removed_at.desc(), WorkItem.id).limit(1000)
    return [_item(row, own=chosen.own) for row in db.session.execute(query)]


def _items(actor: Actor, asked: Span | None) -> Select[Any]:
    of_item = WorkDuty.item_id == WorkItem.id
    mine = select(WorkDuty.item_id).where(of_item, WorkDuty.position == 0, visible(WorkDuty, actor))
    reported: ColumnElement[bool] = literal(False)
    if asked is not None:
        reported = select(WorkReport.id).where(
            WorkReport.item_id == WorkItem.id, WorkReport.last_on == asked.last_on
        ).correlate(WorkItem).exists()  # fmt: skip
    return select(
        WorkItem,
        _duties().label("duties"),
        _goals().label("goals"),
        _last().label("last"),
        reported.label("reported"),
        select(WorkLink.id).where(WorkLink.item_id == WorkItem.id).correlate(WorkItem).exists().label("linked"),
        mine.correlate(WorkItem).exists().label("mine"),
    )


def _array(parts: tuple[Any, ...], order: Any) -> Any:
    return func.json_agg(aggregate_order_by(func.json_build_array(*parts), order), type_=JSON)


def _duties() -> Any:
    parts = WorkDuty.words, WorkDuty.unit_id, Unit.name, WorkDuty.everybody
    query = select(_array(parts, WorkDuty.position)).outerjoin(Unit, Unit.id == WorkDuty.unit_id)
    return query.where(WorkDuty.item_id == WorkItem.id).correlate(WorkItem).scalar_subquery()


def _goals() -> Any:
    parts = (
        WorkTarget.words, cast(WorkTarget.value, String), WorkTarget.unit, cast(WorkTarget.actual, String),
        WorkTarget.id,
    )  # fmt: skip
    query = select(_array(parts, WorkTarget.position)).where(WorkTarget.item_id == WorkItem.id)
    return query.correlate(WorkItem).scalar_subquery()


def _last() -> Any:
    row = WorkReport
    parts = (
        cast(row.first_on, Text), cast(row.last_on, Text), row.n, row.words, row.finished, row.evidence,
    )  # fmt: skip
    query = select(func.json_build_array(*parts, type_=JSON)).where(row.item_id == WorkItem.id)
    return query.order_by(row.last_on.desc(), row.n.desc()).limit(1).correlate(WorkItem).scalar_subquery()


def _item(row: Any, *, own: bool) -> Item:
    item: WorkItem = row.WorkItem
    last = None
    if row.last:
        first_on, last_on, *rest = row.last
        last = Reported(Span(date.fromisoformat(first_on), date.fromisoformat(last_on)), *rest)
    return Item(
        item.id, item.section, item.section_position, item.number, item.name, item.due_on, item.decided, item.kind,
        item.override, item.override_reason, item.override_at, item.removed_at, item.revision,
        tuple(Duty(*parts) for parts in row.duties or [["", None, None, False]]),
        tuple(
            Goal(words, _number(value), unit, _number(actual), id) for words, value, unit, actual, id in row.goals or []
        ),
        last, row.reported, row.linked, own or row.mine,
    )  # fmt: skip


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def reports_of(item: Item) -> list[Reported]:
    """All that was ever reported of an item that was read, corrections too: the latest period first. One query."""
    return [_reported(row) for row in db.session.execute(_reports([item.id]))]


def reports_for(item_ids: Collection[int], span: Span) -> dict[int, Reported]:
    """What stands for a period, by item. Not for showing what was not read before. One query."""
    found: dict[int, Reported] = {}
    for row in db.session.execute(_reports(item_ids).where(WorkReport.last_on == span.last_on)):
        found.setdefault(row.WorkReport.item_id, _reported(row))
    return found


def _reports(item_ids: Collection[int]) -> Select[Any]:
    query: Any = (
        select(WorkReport, Person.name)
        .outerjoin(Account, Account.id == WorkReport.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(WorkReport.item_id.in_(item_ids))
        .order_by(WorkReport.last_on.desc(), WorkReport.n.desc())
        .limit(5000)
    )
    found: Select[Any] = query
    return found


def _reported(row: Any) -> Reported:
    report: WorkReport = row.WorkReport
    plain = Reported(
        Span(report.first_on, report.last_on), report.n, report.words, report.finished, report.evidence,
        report.reported_at, row.name or "",
    )  # fmt: skip
    return replace(plain, actuals=tuple((each["words"], each["unit"], each["actual"]) for each in report.actuals))
