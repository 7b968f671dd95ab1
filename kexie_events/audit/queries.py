"""Reading the audit of one thing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from .models import AuditRecord


def records_of(chains: Collection[str]) -> Select[Any]:
    """The records of some chains, newest first. Whoever asks has asked ``access`` for SEE_AUDIT."""
    query = select(AuditRecord).where(AuditRecord.chain.in_(chains))
    return query.order_by(AuditRecord.at.desc(), AuditRecord.id.desc())
