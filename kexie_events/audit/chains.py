"""What ties a record to the one before it."""

import json
from datetime import UTC

from ..core.seal import seal
from .models import AuditRecord

FIRST = "0" * 64  # stands before the first record of a chain


def digest(before: str, row: AuditRecord) -> str:
    """HMAC-SHA-256 over the previous digest and this record as canonical JSON; hex.

    The instant is said in UTC, as the database gives it back: ``now`` may come in any zone.
    """
    body = json.dumps(
        [row.chain, row.n, row.at.astimezone(UTC).isoformat(), row.account_id, row.verb, row.details],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return seal("audit", f"{before}{body}").hex()
