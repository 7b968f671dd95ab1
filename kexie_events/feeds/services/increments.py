"""Remembering what changed in each revision of a calendar, and forgetting it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ...core.db import transaction
from ..increments import KEPT, difference
from ..models import ONE_PUBLISHER, Feed, FeedLog, FeedRevision
from ..shelf import Entry

_FORGOTTEN_AT_ONCE = 10_000
PATIENCE = "25s"  # a batch of the publisher may take longer than anybody else waits for a lock


@dataclass(frozen=True)
class Rebuilt:
    """A feed that has just been put together again, and what it was before; None: it is new."""

    path: str
    before: bytes | None
    after: Entry


def note(session: Session, rebuilt: Iterable[Rebuilt], now: datetime) -> None:
    """Write down what changed, in the transaction that stores the new bytes. Two statements, however many feeds."""
    revisions, lines = [], []
    for feed in rebuilt:
        entry = feed.after
        revisions.append(
            {"path": feed.path, "revision": entry.revision, "etag": entry.etag, "etag_gzip": entry.etag_gzip}
        )
        if feed.before is None:
            continue
        found = difference(feed.before, entry.body)
        stones: dict[bytes, bytes | None] = {**dict.fromkeys(found.changed), **found.gone}
        lines += [
            {"path": feed.path, "uid": uid.decode(), "revision": entry.revision, "changed_at": now, "tombstone": stone}
            for uid, stone in stones.items()
        ]
    if revisions:
        session.connection().execute(insert(FeedRevision), revisions)
    if lines:
        statement = insert(FeedLog)
        changed = {name: statement.excluded[name] for name in ("revision", "changed_at", "tombstone")}
        session.connection().execute(
            statement.on_conflict_do_update(index_elements=("path", "uid"), set_=changed), lines
        )


def forget_increments(*, now: datetime) -> int:
    """Forget what changed longer ago than ``KEPT``; whoever knows only what was before gets the whole. How many.

    Waits for the publisher, and keeps it waiting, batch by batch. Raises: Busy.
    """
    done = 0
    while some := _forget_some(now - KEPT):
        done += some
    return done


def _forget_some(before: datetime) -> int:
    old = select(FeedLog.path, FeedLog.uid).where(FeedLog.changed_at < before).limit(_FORGOTTEN_AT_ONCE)
    with transaction() as session:
        session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        session.execute(select(func.pg_advisory_xact_lock(ONE_PUBLISHER)))
        keys = session.execute(old).all()
        if not keys:
            return 0
        asked = sorted({row.path for row in keys})
        gone = (
            delete(FeedLog)
            .where(FeedLog.path.in_(asked), FeedLog.changed_at < before)
            .returning(FeedLog.path, FeedLog.revision)
            .cte("gone")
        )
        last = select(gone.c.path, func.max(gone.c.revision).label("revision")).group_by(gone.c.path).subquery()
        raised = (
            update(Feed)
            .where(Feed.path == last.c.path)
            .values(increments_from=func.greatest(Feed.increments_from, last.c.revision))
        )
        session.execute(raised)
        session.execute(
            delete(FeedRevision).where(
                FeedRevision.path.in_(asked),
                FeedRevision.path == Feed.path,
                FeedRevision.revision < Feed.increments_from,
            )
        )
    return len(keys)
