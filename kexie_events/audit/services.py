"""Writing the audit chains."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ..core.access import Actor
from ..core.db import transaction
from ..core.text import storable
from .chains import FIRST, digest
from .models import AuditRecord


def record(chain: str, verb: str, *, actor: Actor, now: datetime, **details: Any) -> None:
    """Write down what was done, in the transaction that does it.

    ``chain``: the thing it happened to, "occurrence:5". ``verb``: past tense, "occurrence.moved".
    ``details``: JSON values; never a phone, an ID number, a password or the text of a score.
    """
    details = storable(details)
    with transaction() as session:
        # Two writers of one chain take turns: the unique index lets the second wait for the first one's commit, and
        # then it looks again. Two things never wait for each other.
        while not _add_next(session, chain, verb, actor=actor, now=now, details=details):
            pass


def _add_next(session: Session, chain: str, verb: str, *, actor: Actor, now: datetime, details: dict[str, Any]) -> bool:
    """False when somebody else has meanwhile written the record of this number."""
    last = session.execute(
        select(AuditRecord.n, AuditRecord.digest)
        .where(AuditRecord.chain == chain)
        .order_by(AuditRecord.n.desc())
        .limit(1)
    ).first()
    n, before = (last.n + 1, last.digest) if last else (1, FIRST)
    values = {"chain": chain, "n": n, "at": now, "account_id": actor.account_id, "verb": verb, "details": details}
    values["digest"] = digest(before, AuditRecord(**values))
    added = insert(AuditRecord).on_conflict_do_nothing(index_elements=["chain", "n"]).returning(AuditRecord.id)
    return session.scalar(added, values) is not None
