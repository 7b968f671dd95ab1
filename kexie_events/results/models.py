"""Public notices."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Action, Scope
from ..core.db import Base
from ..events.models import Edition, Placed
from ..events.rules import Publication
from ..units.queries import path_of


class Notice(Placed, Base):
    """What must hang out for a number of days before it stands (公示)."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)
    id: Mapped[int] = mapped_column(primary_key=True)
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
        return Scope(
            Action.PLAN,
            public=cls.publication == Publication.PUBLISHED,
            unit_path=path_of(cls.unit_id),
            edition_id=cls.edition_id,
        )
