"""Rows of host rotation and of asking for approval."""

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base
from ...units.models import Unit
from . import rotation
from .rules import RequestState, SwapState


class Rotation(Base):
    """How the issues of a series go round (轮值承办). Its list is ``RotationMember``; a series without it has none."""

    __tablename__ = "rotation"
    __table_args__ = (CheckConstraint(f"handover_days BETWEEN 0 AND {rotation.MOST_HANDOVER_DAYS}", name="handover"),)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True, autoincrement=False)
    # Days after an issue for which its host keeps its rights on it.
    handover_days: Mapped[int] = mapped_column(default=rotation.USUAL_HANDOVER_DAYS)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of the list and of this
    changed_at: Mapped[datetime]


class RotationMember(Base):
    """A unit in the list of hosts (轮值单位). One that has left stays as a row: its turns were had."""

    __tablename__ = "rotation_member"
    __table_args__ = (
        CheckConstraint("blackout <@ ARRAY[1,2,3,4,5,6,7,8,9,10,11,12]", name="blackout"),
        CheckConstraint("(position IS NULL) = (left_on IS NOT NULL)", name="left"),
        UniqueConstraint(
            "series_id", "position", name="uq_rotation_member_position", deferrable=True, initially="DEFERRED"
        ),
        Index("uq_rotation_member_unit", "series_id", "unit_id", unique=True, postgresql_where=text("left_on IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    position: Mapped[int | None]  # from 0; None once it has left
    blackout: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)  # months in which it has no turn
    counts_from: Mapped[date | None] = mapped_column(Date)  # as in ``hosting.rotation.Member``
    left_on: Mapped[date | None] = mapped_column(Date)
    unit: Mapped[Unit] = relationship(lazy="raise")


class HostSwap(Base):
    """Two units exchanged their issues, or one asked the other for it (对调)."""

    __tablename__ = "host_swap"
    __table_args__ = (
        CheckConstraint("first_edition_id <> second_edition_id AND first_unit_id <> second_unit_id", name="two"),
        # One open question about an issue at a time, from either side.
        Index("uq_host_swap_first", "first_edition_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index("uq_host_swap_second", "second_edition_id", unique=True, postgresql_where=text("state = 'asked'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    first_edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    second_edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    first_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # ran the first before; asked, when it was asked
    second_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[SwapState]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ApprovalRequest(Base):
    """A host asks the owner to record the approval of an edition (申请备案): what it is about, and who comes."""

    __tablename__ = "approval_request"
    __table_args__ = (
        Index("uq_approval_request_open", "edition_id", unique=True, postgresql_where=text("state = 'asked'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    theme: Mapped[str]
    guests: Mapped[str]
    state: Mapped[RequestState]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(default="", server_default="")  # the approval, or why it went back
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
