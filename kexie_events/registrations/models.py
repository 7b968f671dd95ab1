"""Registrations: a seat or a place in the queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..core.access import Action, Scope
from ..core.db import Base
from ..events.models import Occurrence, ways_in
from .rules import RegistrationState


class Registration(Base):
    """A person's seat, or place in the queue, in one occurrence (报名)."""

    __tablename__ = "registration"
    __table_args__ = (
        Index(
            "uq_registration_person", "occurrence_id", "person_id",
            unique=True, postgresql_where=text("state <> 'withdrawn'"),
        ),
        UniqueConstraint("occurrence_id", "line"),
        UniqueConstraint("occurrence_id", "submit_key"),
        Index("ix_registration_queue", "occurrence_id", "line", postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrence.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)  # who filed it, if signed in
    state: Mapped[RegistrationState]
    line: Mapped[int]  # order of arrival, gapless per occurrence: the queue is served by it
    submit_key: Mapped[str]  # one per rendered form: the same key and answers get the same seat
    submit_digest: Mapped[str]  # of the answers that came with the key
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    told_revision: Mapped[int]  # the occurrence's revision that this person knows of
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    occurrence: Mapped[Occurrence] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        # Correlated look-ups by primary key: the place of a registration is the place of its occurrence.
        def of(column: Any) -> Any:
            return select(column).where(Occurrence.id == cls.occurrence_id).correlate(cls).scalar_subquery()

        return Scope(
            Action.SEE_REGISTRATIONS,
            public=false(),
            series_id=of(Occurrence.series_id),
            **ways_in(of(Occurrence.edition_id), of(Occurrence.unit_id)),
            account_id=cls.account_id,
            person_id=cls.person_id,
        )
