"""Reading the audit of one thing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from ..core.db import db
from .models import AuditRecord


def records_of(chains: Collection[str]) -> Select[Any]:
    """The records of some chains, newest first. Whoever asks has asked ``access`` for SEE_AUDIT."""
    query = select(AuditRecord).where(AuditRecord.chain.in_(chains))
    return query.order_by(AuditRecord.at.desc(), AuditRecord.id.desc())


def latest_of(chain: str, most: int) -> list[AuditRecord]:
    """The newest records of one chain."""
    return list(db.session.scalars(records_of([chain]).limit(most)))
