"""Owed messages: the database is the schedule, the worker only the legs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base
from .rules import MessageState


class Message(Base):
    """One thing owed to one person (消息): one row per person × message × thing, exactly one effect."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "next_try_at", postgresql_where=text("state IN ('due', 'sending')")),
        Index("ix_message_about", "about", postgresql_where=text("state IN ('due', 'sending')")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe: Mapped[str] = mapped_column(unique=True)  # "promoted:17": the second owing of the same is no second row
    kind: Mapped[str]  # names templates/email/<kind>.txt
    address: Mapped[str] = mapped_column(default="", server_default="")  # given for this thing; "": the person's own
    about: Mapped[str]  # "occurrence:5": what a later change supersedes
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    context: Mapped[dict[str, Any]]  # finished values for the template, fixed when it was owed
    state: Mapped[MessageState] = mapped_column(default=MessageState.DUE)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # of no use afterwards: an event has begun
    claim: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]  # what the channel calls it: for asking the provider about a complaint
    last_error: Mapped[str | None]
