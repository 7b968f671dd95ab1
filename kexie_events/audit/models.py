"""The audit chains. The database itself refuses to change or delete a record (triggers in the migration)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, only_added


@only_added
class AuditRecord(Base):
    """One thing that somebody did (留痕). Each chain is gapless from 1; ``h = HMAC(key, h_previous ‖ record)``."""

    __tablename__ = "audit_record"
    __table_args__ = (UniqueConstraint("chain", "n"), Index("ix_audit_record_at", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str]  # "occurrence:5": one chain per thing, so that two things never wait for each other
    n: Mapped[int]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)  # None: the program itself
    verb: Mapped[str]  # past tense: "occurrence.moved"
    details: Mapped[dict[str, Any]]  # ids, old and new values; never a phone, an ID number or a score's text
    digest: Mapped[str]  # hex
