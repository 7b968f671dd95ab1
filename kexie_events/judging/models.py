"""Rounds, judges, recusals, assignments and the append-only score sheets."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    Uuid,
    false,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Account
from ..core.access import Action, Scope
from ..core.db import Base, only_added
from ..entries.models import Entry
from ..events.models import Edition, ways_in
from ..units.models import Unit
from .rules import RecusalSource, RoundState, SheetState


class Round(Base):
    """One stage of judging in an edition (评审轮): 初评, 复评, 终评."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("edition_id", "position"),
        CheckConstraint("closes_at > opens_at", name="window"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    position: Mapped[int]  # from 1
    name: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[RoundState]
    judges_per_entry: Mapped[int]
    seed: Mapped[int]  # of the assignment's draw; published
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))  # in the calendars of its judges
    edition: Mapped[Edition] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        # Only whoever sets up judging sees a round; judges come to their own sheets by another way.
        return Scope(
            Action.SET_UP_JUDGING,
            public=false(),
            series_id=select(Edition.series_id).where(Edition.id == cls.edition_id).scalar_subquery(),
            round_id=cls.id,
            **ways_in(cls.edition_id),
        )


class Judge(Base):
    """An account that scores in one round (评委), with what the assignment must know."""

    __tablename__ = "judge"
    __table_args__ = (
        UniqueConstraint("round_id", "account_id"),
        CheckConstraint("0 <= least_load AND least_load <= most_load", name="load"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)  # 所在单位: recused from its entries
    disciplines: Mapped[list[Any]] = mapped_column(default=list)  # codes; empty: any
    least_load: Mapped[int] = mapped_column(default=0, server_default="0")
    most_load: Mapped[int]
    account: Mapped[Account] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")


class Recusal(Base):
    """A judge must not score an entry (回避)."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("judge_id", "entry_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    source: Mapped[RecusalSource]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]


class Assignment(Base):
    """A judge scores an entry in a round (分派), under a code that hides the author (盲评)."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("judge_id", "entry_id"), Index("ix_assignment_entry_id", "entry_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    code: Mapped[str]  # "A-017": one per entry and round, for every judge; says nothing of the entry's number
    withdrawn_at: Mapped[datetime | None]  # the judge stepped back: scores stay written down, none counts
    judge: Mapped[Judge] = relationship(lazy="raise")
    entry: Mapped[Entry] = relationship(lazy="raise")


@only_added
class Scoresheet(Base):
    """One saved version of a judge's scores for one entry (评分). Append-only: the newest submitted one counts.

    A draft that was typed after submitting changes nothing until it is submitted too.
    """

    __tablename__ = "scoresheet"
    __table_args__ = (
        UniqueConstraint("assignment_id", "revision"),
        Index(
            "uq_scoresheet_operation", "assignment_id", "operation",
            unique=True, postgresql_where=text("operation IS NOT NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    revision: Mapped[int]  # from 1, gapless per assignment
    operation: Mapped[UUID | None] = mapped_column(Uuid)  # the device's key for this change: replays are harmless
    operation_digest: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[SheetState]
    points: Mapped[dict[str, Any]]  # criterion code → decimal as text
    total: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))  # None while something is missing
    note: Mapped[str] = mapped_column(default="", server_default="")  # 评语
    saved_at: Mapped[datetime]
    digest: Mapped[str]  # SHA-256(previous digest ‖ canonical JSON): a changed score shows
