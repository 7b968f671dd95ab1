"""Remembering what changed in each revision of a calendar, and forgetting it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, delete, func, select, text, tuple_, update
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
            {
                "path": feed.path, "revision": entry.revision, "etag": entry.etag, "etag_gzip": entry.etag_gzip,
                "changed_at": now,
            }
        )  # fmt: skip
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
    before, done = now - KEPT, 0
    for forget in (_forget_lines, _forget_revisions):
        while some := forget(before):
            done += some
    return done


def _forget_lines(before: datetime) -> int:
    old = select(FeedLog.path, FeedLog.uid).where(FeedLog.changed_at < before).limit(_FORGOTTEN_AT_ONCE)
    with transaction() as session:
        _wait_for_publisher(session)
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
        _raise(session, last)
    return len(keys)


def _forget_revisions(before: datetime) -> int:
    """Those that were replaced longer ago. The last one before stays: it was what calendars said until later."""
    last = (
        select(FeedRevision.path, func.max(FeedRevision.revision).label("revision"))
        .where(FeedRevision.changed_at < before)
        .group_by(FeedRevision.path)
        .subquery()
    )
    old = (
        select(FeedRevision.path, FeedRevision.revision)
        .join(last, last.c.path == FeedRevision.path)
        .where(FeedRevision.revision < last.c.revision)
        .limit(_FORGOTTEN_AT_ONCE)
    )
    with transaction() as session:
        _wait_for_publisher(session)
        _raise(session, last)
        gone = delete(FeedRevision).where(tuple_(FeedRevision.path, FeedRevision.revision).in_(old))
        return len(session.execute(gone.returning(FeedRevision.revision)).all())


def _wait_for_publisher(session: Session) -> None:
    session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    session.execute(select(func.pg_advisory_xact_lock(ONE_PUBLISHER)))


def _raise(session: Session, last: Subquery) -> None:
    """What changed is complete from these revisions on."""
    session.execute(
        update(Feed)
        .where(Feed.path == last.c.path, Feed.increments_from < last.c.revision)
        .values(increments_from=last.c.revision)
    )
