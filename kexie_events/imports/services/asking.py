"""What organisers ask for: a file to be read, an address to be kept, asked anew, renamed, given up."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import db, expect_revision, lock, one, refused, transaction
from ...core.errors import NotFound, RuleBroken, SentBefore
from ...events.models import Edition
from ...events.queries.places import require
from .. import addresses, rules
from ..models import CalendarImport, CalendarSource
from ..reading import Read
from ..rules import ImportState, SourceState
from .finding import digest_of, is_quick, read, write_read

_TWICE = {"uq_calendar_source_address": "import.source_twice"}


def upload(
    edition_id: int, content: bytes, *, key: UUID, actor: Actor, now: datetime, zone: ZoneInfo
) -> CalendarImport:
    """Locks the edition. A file or pasted text as an import; a small one is read at once, a big one by the worker.

    ``key``: of the form; the same form sent twice is one import. Raises: SentBefore when it brought another file,
    RuleBroken("import.…") when it is no calendar or too much of one.
    """
    if len(content) > rules.MOST_BYTES:
        raise RuleBroken("import.too_big", megabytes=rules.MOST_BYTES >> 20)
    digest = digest_of(content)
    found: Read | None = read(content, now=now, zone=zone) if is_quick(content) else None
    with transaction() as session:
        edition = _locked(edition_id, actor)
        made = session.scalar(select(CalendarImport).where(CalendarImport.key == str(key)))
        if made is not None:
            if (made.edition_id, made.content_digest) != (edition_id, digest):
                raise SentBefore(name=made.name)
            return made
        run = CalendarImport(
            edition_id=edition_id, key=str(key), content=content, content_digest=digest, asked_at=now,
            asked_by_id=actor.account_id,
        )  # fmt: skip
        session.add(run)
        session.flush()
        if found is not None:
            write_read(session, run, edition, found, now=now, zone=zone)
        audit.record(
            f"edition:{edition_id}", "calendar.uploaded", actor=actor, now=now, calendar_import=run.id,
            size=len(content), sha256=digest,
        )  # fmt: skip
    return run


def _locked(edition_id: int, actor: Actor) -> Edition:
    """The edition with its series, held. Raises: NotFound, Forbidden."""
    edition = lock(Edition, edition_id)
    require(actor, Action.PLAN, edition)
    return with_series(edition)


def with_series(edition: Edition) -> Edition:
    """The same, its series loaded."""

    query = select(Edition).where(Edition.id == edition.id).options(joinedload(Edition.series))
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def add_source(
    edition_id: int, address: str, *, label: str, is_daily: bool, key: UUID, actor: Actor, now: datetime
) -> CalendarImport:
    """Locks the edition. Keep an address, and have the worker fetch it for the first time.

    Raises: SentBefore when the same form brought another address, RuleBroken("import.address" | "import.address_port" |
    "import.address_secret" | "import.label" | "import.source_twice" | "import.too_many_sources").
    """
    checked = addresses.checked(address)
    name = rules.label_of(label, checked.host)
    with transaction() as session:
        _locked(edition_id, actor)
        made = session.scalar(select(CalendarSource).where(CalendarSource.key == str(key)))
        if made is not None:
            if (made.edition_id, made.address) != (edition_id, checked.whole):
                raise SentBefore(name=made.label)
            return _latest(session, made)
        _check_room(session, edition_id)
        source = CalendarSource(
            edition_id=edition_id, label=name, address=checked.whole, is_daily=is_daily, key=str(key), added_at=now,
            added_by_id=actor.account_id,
        )  # fmt: skip
        with refused(session, _TWICE):
            session.add(source)
        audit.record(
            f"edition:{edition_id}", "calendar_source.added", actor=actor, now=now, source=source.id, label=name,
            address=checked.masked, daily=is_daily,
        )  # fmt: skip
        return _ask(session, source, actor, now)


def _check_room(session: Session, edition_id: int) -> None:
    held = select(func.count()).where(
        CalendarSource.edition_id == edition_id, CalendarSource.state != SourceState.REMOVED
    )
    if (session.scalar(held) or 0) >= rules.MOST_SOURCES:
        raise RuleBroken("import.too_many_sources", most=rules.MOST_SOURCES)


def ask_source(source_id: int, *, actor: Actor, now: datetime) -> CalendarImport:
    """Locks the source. Have it fetched now; while that is under way, a second press finds the first."""
    with transaction() as session:
        source = _locked_source(source_id, actor)
        audit.record(f"edition:{source.edition_id}", "calendar_source.asked", actor=actor, now=now, source=source_id)
        return _ask(session, source, actor, now)


def _ask(session: Session, source: CalendarSource, actor: Actor, now: datetime) -> CalendarImport:
    under_way = select(CalendarImport).where(
        CalendarImport.source_id == source.id, CalendarImport.state == ImportState.WAITING
    )
    run = session.scalar(under_way)
    if run is None:
        run = CalendarImport(edition_id=source.edition_id, source_id=source.id, asked_at=now)
        session.add(run)
    run.asked_by_id, run.by_itself = actor.account_id, False  # what was only looked after is now waited for
    session.flush()
    return run


def _latest(session: Session, source: CalendarSource) -> CalendarImport:
    query = select(CalendarImport).where(CalendarImport.source_id == source.id)
    return session.scalars(query.order_by(CalendarImport.id.desc()).limit(1)).one()


def _locked_source(source_id: int, actor: Actor) -> CalendarSource:
    """Raises: NotFound, Forbidden."""
    row = lock(CalendarSource, source_id)
    require(actor, Action.PLAN, one(Edition, row.edition_id))
    if row.state is SourceState.REMOVED:
        raise NotFound()
    return row


def change_source(
    source_id: int, *, label: str, is_daily: bool, expected_revision: int, actor: Actor, now: datetime
) -> CalendarSource:
    """Locks the source. What it is called, and whether it is asked once a day. The address stays: another calendar is
    another source.

    Raises: Conflict("import.source_changed"), RuleBroken("import.label").
    """
    name = rules.label_of(label, "")
    with transaction():
        row = _locked_source(source_id, actor)
        if (row.label, row.is_daily) == (name, is_daily):
            return row
        expect_revision(row.revision, expected_revision, "import.source_changed")
        before = {"label": row.label, "daily": row.is_daily}
        if row.is_daily is not is_daily:  # another name alone neither starts it nor puts it off
            row.next_fetch_at = now + rules.PERIOD if is_daily else None
            if row.state is SourceState.STOPPED:
                row.state, row.failures, row.failing_since = SourceState.ACTIVE, 0, None
        row.label, row.is_daily = name, is_daily
        row.revision += 1
        audit.record(
            f"edition:{row.edition_id}", "calendar_source.changed", actor=actor, now=now, source=row.id, before=before,
            after={"label": name, "daily": is_daily},
        )  # fmt: skip
    return row


def remove_source(source_id: int, *, actor: Actor, now: datetime) -> int:
    """Locks the source. It is asked no more and its address forgotten; what came from it stays. The edition's id."""
    with transaction() as session:
        row = lock(CalendarSource, source_id)
        require(actor, Action.PLAN, one(Edition, row.edition_id))
        if row.state is SourceState.REMOVED:
            return row.edition_id
        masked = addresses.masked(row.address)
        row.state, row.address, row.next_fetch_at, row.is_daily = SourceState.REMOVED, "", None, False
        row.etag = row.last_modified = row.content_digest = ""
        undecided = select(CalendarImport).where(
            CalendarImport.source_id == row.id, CalendarImport.state.in_([ImportState.WAITING, ImportState.READ])
        )
        for run in session.scalars(undecided.with_for_update()):
            run.state, run.found, run.content, run.decided_at = ImportState.DROPPED, {}, None, now
        audit.record(
            f"edition:{row.edition_id}", "calendar_source.removed", actor=actor, now=now, source=row.id,
            label=row.label, address=masked,
        )  # fmt: skip
    return row.edition_id
