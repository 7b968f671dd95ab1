"""The audit chains. The database itself refuses to change or delete a record (triggers in the migration)."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base


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


# The database refuses, whoever asks: a record is written once. TRUNCATE is refused too.
ONLY_INSERT = (
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME; END $$""",
    """CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)
for _statement in ONLY_INSERT:
    event.listen(AuditRecord.__table__, "after_create", DDL(_statement.replace("%", "%%")))  # type: ignore[no-untyped-call]
