"""Public notices."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Scope
from ..core.db import Base
from ..events.models import Edition, Placed


class Notice(Placed, Base):
    """What must hang out for a number of days before it stands (公示)."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))  # its name in feeds, for ever
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    title: Mapped[str]
    body: Mapped[str]
    columns: Mapped[list[Any]] = mapped_column(default=list)  # head of the list, words
    rows: Mapped[list[Any]] = mapped_column(default=list)  # the list itself: names already masked by policy
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    days: Mapped[int]  # how many working days were promised
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        return cls.scope_in(edition_id=cls.edition_id)
