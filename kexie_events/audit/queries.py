"""Reading the audit of one thing, and checking all chains."""

import hmac
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Select, func, select

from ..core.db import db
from .chains import FIRST, digest
from .models import AuditRecord


def records_of(chains: Collection[str]) -> Select[Any]:
    """The records of some chains, newest first. Whoever asks has asked ``access`` for SEE_AUDIT."""
    query = select(AuditRecord).where(AuditRecord.chain.in_(chains))
    return query.order_by(AuditRecord.at.desc(), AuditRecord.id.desc())


def latest_of(chain: str, most: int) -> list[AuditRecord]:
    """The newest records of one chain."""
    return list(db.session.scalars(records_of([chain]).limit(most)))


def broken_records() -> Iterator[AuditRecord]:
    """The first bad record of each chain: changed, missing before it, or out of order."""
    before: dict[str, tuple[int, str]] = {}
    bad: set[str] = set()
    rows = db.session.scalars(
        select(AuditRecord).order_by(AuditRecord.chain, AuditRecord.n).execution_options(yield_per=1000)
    )
    for row in rows:
        n, last = before.get(row.chain, (0, FIRST))
        if row.chain not in bad and (row.n != n + 1 or not hmac.compare_digest(row.digest, digest(last, row))):
            bad.add(row.chain)
            yield row
        before[row.chain] = (row.n, row.digest)


def records_written() -> int:
    """How many records there are, in all chains."""
    return db.session.scalar(select(func.count()).select_from(AuditRecord)) or 0
