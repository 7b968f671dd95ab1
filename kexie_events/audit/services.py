"""Writing and checking the audit chains."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ..core.access import Actor
from ..core.db import db, transaction
from ..core.seal import seal
from ..core.text import storable
from .models import AuditRecord

FIRST = "0" * 64


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


def digest(before: str, row: AuditRecord) -> str:
    """HMAC-SHA-256 over the previous digest and this record as canonical JSON; hex.

    The instant is said in UTC, as the database gives it back: ``now`` may come in any zone.
    """
    body = json.dumps(
        [row.chain, row.n, row.at.astimezone(UTC).isoformat(), row.account_id, row.verb, row.details],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return seal("audit", f"{before}{body}").hex()


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
    return db.session.scalar(select(func.count()).select_from(AuditRecord)) or 0
