"""Rows of rules: the patterns of a series, and their slots at which nothing takes place."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ...core.db import Base
from .rules import Own, Terms


class OwnFields(TypeDecorator[frozenset[Own]]):
    """Which facts are an occurrence's own: a set, stored as a sorted array of the members' values."""

    impl = ARRAY(Text)
    cache_ok = True

    def process_bind_param(self, value: Iterable[Own] | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else sorted(own.value for own in value)

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> frozenset[Own] | None:
        return None if value is None else frozenset(Own(own) for own in value)


class Pattern(Base):
    """A rule of a series, in force from its first date to its last (排期规则).

    A change from some date on ends one pattern and begins another; what is over keeps its own.
    """

    __tablename__ = "pattern"
    __table_args__ = (
        CheckConstraint("duration_minutes > 0", name="duration"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("opens_before_minutes > closes_before_minutes", name="window"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))  # of its master in calendars
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("pattern.id", ondelete="SET NULL"))  # which one it goes
    # on from, since a change of the rule
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)  # all its dates are of this
    # one; None: each is an issue (期) with an edition of its own
    year_shift: Mapped[int] = mapped_column(default=0, server_default="0")  # an issue counts for the year of its day
    # and this many more
    rule: Mapped[str] = mapped_column(default="", server_default="")  # RFC 5545 RRULE value, bounded; "": one date
    first_on: Mapped[date] = mapped_column(Date)
    starts: Mapped[time] = mapped_column(Time)  # on the wall clock of the installation's zone
    duration_minutes: Mapped[int]
    all_day: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    place: Mapped[str] = mapped_column(default="", server_default="")
    capacity: Mapped[int | None]
    opens_before_minutes: Mapped[int | None]  # before the start; None: takes no registrations
    closes_before_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    @property
    def terms(self) -> Terms:
        opens = self.opens_before_minutes
        return Terms(
            self.rule, self.first_on, self.starts, timedelta(minutes=self.duration_minutes), self.all_day, self.room_id,
            self.place, self.capacity, timedelta(minutes=opens) if opens is not None else None,
            timedelta(minutes=self.closes_before_minutes),
        )  # fmt: skip

    @terms.setter
    def terms(self, terms: Terms) -> None:
        self.rule, self.first_on, self.starts = terms.rule, terms.first_on, terms.starts
        self.duration_minutes = _minutes(terms.duration)
        self.all_day, self.room_id, self.place = terms.all_day, terms.room_id, terms.place
        self.capacity = terms.capacity
        self.opens_before_minutes = _minutes(terms.opens_before) if terms.opens_before is not None else None
        self.closes_before_minutes = _minutes(terms.closes_before) if terms.opens_before is not None else 0


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


class Skip(Base):
    """A slot of a pattern at which nothing takes place (跳过的档期): who said so, when and why. EXDATE of RFC 5545."""

    __tablename__ = "skip"
    __table_args__ = (UniqueConstraint("pattern_id", "slot_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pattern_id: Mapped[int] = mapped_column(ForeignKey("pattern.id"))
    slot_at: Mapped[datetime]
    reason: Mapped[str]
    skipped_at: Mapped[datetime]
    skipped_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the program itself
