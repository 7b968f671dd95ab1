"""The worker's part: asking daily addresses when it is time, fetching what is waited for, reading what is big.

Each step is a transaction of its own, and nothing is fetched or read inside one. A worker that is killed leaves a lease
that runs out; whoever comes late finds that the import is another's by now, and writes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import SYSTEM
from ...core.db import lock, one, transaction
from ...core.errors import RuleBroken
from ...core.installation import zone
from ...events.models import Edition
from .. import rules
from ..fetching import Fetched, fetch
from ..models import CalendarImport, CalendarSource
from ..reading import Read
from ..rules import ImportState, Note, SourceState
from .asking import with_series
from .finding import digest_of, read, write_failed, write_read

ALONE = 0x1C5  # names the lock of whoever looks for something to do

Fetch = Callable[..., Fetched]


def work(*, now: datetime, fetch: Fetch = fetch) -> int:
    """Fetch and read one that waits, or that it is time for. How many: one or none.

    One at a time in the whole installation: a slow calendar must not take the workers away from letters and feeds.
    ``fetch`` is an argument for tests with a server of their own.
    """
    _plan_daily(now)
    task = _claim(now)
    if task is None:
        return 0
    _Task(*task, now=now).run(fetch)
    return 1


def _plan_daily(now: datetime) -> None:
    """Locks the sources that are due, those that nobody else has. An import for each that has none under way."""
    with transaction() as session:
        query = (
            select(CalendarSource)
            .where(
                CalendarSource.is_daily, CalendarSource.state == SourceState.ACTIVE,
                CalendarSource.next_fetch_at <= now,
                ~exists().where(
                    CalendarImport.source_id == CalendarSource.id, CalendarImport.state == ImportState.WAITING
                ),
            )
            .order_by(CalendarSource.next_fetch_at)
            .limit(50)
            .with_for_update(skip_locked=True)
        )  # fmt: skip
        for source in session.scalars(query).all():
            source.next_fetch_at = now + rules.PERIOD
            session.add(CalendarImport(edition_id=source.edition_id, source_id=source.id, by_itself=True, asked_at=now))


def _claim(now: datetime) -> tuple[int, str] | None:
    """(import, claim): the longest waiting one, when no other is in somebody's hands; a lease that ran out is of a
    worker that is gone. First those that somebody looks at a page for; the daily ones have the day."""
    waiting = CalendarImport.state == ImportState.WAITING
    with transaction() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(ALONE))):
            return None
        if session.scalar(select(exists().where(waiting, CalendarImport.lease_until > now))):
            return None
        query = (
            select(CalendarImport)
            .where(waiting)
            .order_by(CalendarImport.by_itself, CalendarImport.asked_at, CalendarImport.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        run = session.scalar(query)
        if run is None:
            return None
        run.attempts, run.claim, run.lease_until = run.attempts + 1, uuid4().hex, now + rules.LEASE
        return run.id, run.claim


class _Task:
    """One import in the hands of one worker."""

    def __init__(self, import_id: int, claim: str, *, now: datetime) -> None:
        self.import_id, self.claim, self.now = import_id, claim, now

    def run(self, fetch: Fetch) -> None:
        with transaction():
            run = one(CalendarImport, self.import_id)
            content, attempts, by_itself = run.content, run.attempts, run.by_itself
            source = one(CalendarSource, run.source_id) if run.source_id is not None else None
            asked = _asked(source, by_itself) if source is not None else None
        if attempts > rules.MOST_ATTEMPTS:
            self._fail(RuleBroken("import.given_up", times=rules.MOST_ATTEMPTS))
            return
        answer: Fetched | None = None
        try:
            if asked is not None:
                answer = fetch(asked[0], etag=asked[1], last_modified=asked[2])
                content = answer.content
            found = self._read(content, asked[3] if asked is not None else "")
        except RuleBroken as broken:
            self._fail(broken)
            return
        self._finish(found, answer, content)

    def _read(self, content: bytes | None, known_digest: str) -> Read | None:
        """None: nothing has changed since it was read last. Raises: RuleBroken("import.…")."""
        if content is None or (known_digest and digest_of(content) == known_digest):
            return None
        return read(content, now=self.now, zone=zone())

    def _source(self) -> CalendarSource | None:
        """Locks the import's source, as everybody does before the import. Inside a transaction."""
        source_id = one(CalendarImport, self.import_id).source_id
        return lock(CalendarSource, source_id) if source_id is not None else None

    def _own(self) -> CalendarImport | None:
        """Locks the import; None when it is another worker's by now, or was dropped. Inside a transaction."""
        run = lock(CalendarImport, self.import_id)
        return run if run.state is ImportState.WAITING and run.claim == self.claim else None

    def _finish(self, found: Read | None, answer: Fetched | None, content: bytes | None) -> None:
        """Locks the edition, the source, then the import."""
        with transaction() as session:
            edition = with_series(lock(Edition, one(CalendarImport, self.import_id).edition_id))
            source, run = self._source(), self._own()
            if run is None:
                return
            if source is not None and answer is not None:
                _succeeded(source, answer, found, content, self.now)
            if found is not None:
                write_read(session, run, edition, found, now=self.now, zone=zone())
            if run.by_itself and run.changes == 0:
                _leave_no_trace(session, run)
            elif found is None:  # somebody pressed while we looked whether anything is new: now the whole is wanted
                run.claim = run.lease_until = None

    def _fail(self, broken: RuleBroken) -> None:
        """Locks the source, then the import."""
        with transaction() as session:
            source, run = self._source(), self._own()
            if run is None:
                return
            write_failed(run, broken)
            if source is not None:
                _failed(source, broken, self.now)
            if run.by_itself:
                _leave_no_trace(session, run)  # the source says what went wrong, and when it is tried again


def _leave_no_trace(session: Session, run: CalendarImport) -> None:
    """Nobody asked, and there is nothing to decide on."""
    session.flush()
    session.execute(
        delete(CalendarImport).where(CalendarImport.id == run.id).execution_options(synchronize_session=False)
    )
    session.expunge(run)


def _asked(source: CalendarSource, by_itself: bool) -> tuple[str, str, str, str]:
    """Address, ETag, Last-Modified, digest of what was read last. Whoever presses sees the whole preview again; of a
    rule without an end the same answer comes to other dates with time."""
    if not by_itself or source.is_endless:
        return source.address, "", "", ""
    return source.address, source.etag, source.last_modified, source.content_digest


def _succeeded(
    source: CalendarSource, answer: Fetched, found: Read | None, content: bytes | None, now: datetime
) -> None:
    source.checked_at, source.failures, source.failing_since = now, 0, None
    source.last_error, source.last_details = "", {}
    source.etag, source.last_modified = answer.etag, answer.last_modified
    if content is not None:
        source.content_digest = digest_of(content)
    if found is not None:
        source.is_endless = Note.ENDLESS in found.notes
    if source.state is SourceState.STOPPED:
        source.state = SourceState.ACTIVE
    source.next_fetch_at = rules.next_fetch(0, now, None) if source.is_daily else None


def _failed(source: CalendarSource, broken: RuleBroken, now: datetime) -> None:
    source.failures += 1
    source.failing_since = source.failing_since or now
    source.last_error, source.last_details = broken.code, dict(broken.details)
    if not source.is_daily or source.state is not SourceState.ACTIVE:
        return
    source.next_fetch_at = rules.next_fetch(source.failures, now, source.failing_since)
    if source.next_fetch_at is None:
        source.state = SourceState.STOPPED
        audit.record(
            f"edition:{source.edition_id}", "calendar_source.stopped", actor=SYSTEM, now=now, source=source.id,
            error=broken.code,
        )  # fmt: skip


def forget_old(*, now: datetime) -> int:
    """What nobody decided on for 30 days is dropped, and of what was decided the record alone stays. How many."""
    with transaction() as session:
        old = select(CalendarImport).where(
            CalendarImport.asked_at < now - rules.KEPT,
            CalendarImport.state.in_([ImportState.READ, ImportState.FAILED]),
        )
        rows = session.scalars(old.with_for_update(skip_locked=True)).all()
        for run in rows:
            run.state, run.found, run.content, run.decided_at = ImportState.DROPPED, {}, None, now
    return len(rows)
