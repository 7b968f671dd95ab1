"""The year's work list: its items, whose they are, what they are to reach, their events, and what is reported."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    false,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.access import Action, Scope
from ..core.db import Base, only_added
from ..events.kinds import Kind
from ..units.models import Unit
from ..units.queries import path_of
from .progress import Period, State

PLACE_TAKEN = "ex_work_item_place"


class WorkList(Base):
    """A unit's 项目化推进清单 of one year (工作清单)."""

    __tablename__ = "work_list"
    __table_args__ = (UniqueConstraint("unit_id", "year"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(default="", server_default="")  # as the document says it; "" : a usual one
    period: Mapped[Period] = mapped_column(default=Period.QUARTER, server_default=Period.QUARTER.value)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    @classmethod
    def scope(cls) -> Scope:
        return Scope(Action.REPORT, public=false(), unit_path=path_of(cls.unit_id))


class WorkItem(Base):
    """A row of a work list (工作项)."""

    __tablename__ = "work_item"
    __table_args__ = (
        # One item at each number of a section. Checked at the end, so that two may change places.
        ExcludeConstraint(
            ("list_id", "="), ("section", "="), ("number", "="),
            where=text("removed_at IS NULL"), using="btree", deferrable=True, initially="DEFERRED", name=PLACE_TAKEN,
        ),
        CheckConstraint("override IS NULL OR override_reason <> ''", name="override_reason"),
        Index("ix_work_item_list_id", "list_id"),
        UniqueConstraint("list_id", "key"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("work_list.id"))
    section: Mapped[str]
    section_position: Mapped[int]  # order of the sections, from 1
    number: Mapped[int]  # within the section
    name: Mapped[str]
    due_on: Mapped[date | None] = mapped_column(Date)  # 完成时限; None: the end of the year
    # Somebody has said what it is: an activity of this kind, or (None) none. Else its name is asked.
    decided: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    kind: Mapped[Kind | None]
    override: Mapped[State | None]  # a state that somebody has set against what is derived
    override_reason: Mapped[str] = mapped_column(default="", server_default="")
    override_at: Mapped[datetime | None]
    override_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str | None]  # of the form that added it: the same form sent twice is one item
    removed_at: Mapped[datetime | None]  # no longer in the list; its history stays
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    @classmethod
    def scope(cls) -> Scope:
        path = select(Unit.path).join(WorkList, WorkList.unit_id == Unit.id).where(WorkList.id == cls.list_id)
        return Scope(Action.REPORT, public=false(), unit_path=path.correlate_except(Unit, WorkList))


class WorkDuty(Base):
    """A department that an item names (责任部室): the words as they stand, and the unit that they mean."""

    __tablename__ = "work_duty"
    __table_args__ = (CheckConstraint("unit_id IS NULL OR NOT everybody", name="one_meaning"),)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0 leads 牵头, others support 配合
    words: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)  # None: nobody knows yet, or
    everybody: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # 相关部室和单位

    @classmethod
    def scope(cls) -> Scope:
        # Whose people read the list and report the item, beside the list's owner.
        return Scope(Action.REPORT, public=false(), unit_path=path_of(cls.unit_id))


class WorkTarget(Base):
    """What an item is to reach (目标)."""

    __tablename__ = "work_target"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"), index=True)
    position: Mapped[int]  # from 0
    words: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))  # None: nothing is counted
    unit: Mapped[str] = mapped_column(default="", server_default="")
    actual: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))  # of the last period that was reported


class WorkLink(Base):
    """An edition that an item is tied to, or (None) every edition that a series has in the list's year (所连届次)."""

    __tablename__ = "work_link"
    __table_args__ = (
        UniqueConstraint("item_id", "edition_id"),
        Index("uq_work_link_series", "item_id", "series_id", unique=True, postgresql_where=text("edition_id IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)
    chosen: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # by a person; else by its name


@only_added
class WorkReport(Base):
    """One line of an item for one period (填报). Rows are only added: a correction is one more, with the next ``n``."""

    __tablename__ = "work_report"
    __table_args__ = (UniqueConstraint("item_id", "last_on", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    first_on: Mapped[date] = mapped_column(Date)  # of the month or quarter
    last_on: Mapped[date] = mapped_column(Date)
    n: Mapped[int]  # from 1, gapless for each item and period
    words: Mapped[str]
    actuals: Mapped[list[Any]]  # [{"id", "words", "unit", "actual"}]: so far, since the beginning of the year
    finished: Mapped[bool]
    evidence: Mapped[str] = mapped_column(default="", server_default="")  # address of a document
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime]


class DepartmentAlias(Base):
    """What a name in the lists of a unit means in some years (简称)."""

    __tablename__ = "department_alias"
    __table_args__ = (
        CheckConstraint("year_to >= year_from", name="years"),
        Index("uq_department_alias_words", "unit_id", "words", text("coalesce(year_from, 0)"), unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose lists; its row is locked for every change
    words: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)  # None: everybody
    year_from: Mapped[int | None]
    year_to: Mapped[int | None]  # inclusive

    @classmethod
    def scope(cls) -> Scope:
        return Scope(Action.REPORT, public=false(), unit_path=path_of(cls.unit_id))
