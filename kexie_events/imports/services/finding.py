"""Reading what has come: a calendar becomes an import whose preview waits. Inside whoever's transaction."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from ...core.errors import RuleBroken
from ...events.models import Edition
from .. import queries, reading
from ..comparing import compared
from ..models import CalendarImport
from ..reading import Read
from ..rules import IN_A_REQUEST, ImportState
from ..storing import read_values

_MANY_RULES = 40  # a rule may have to be walked from long ago


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_quick(content: bytes) -> bool:
    """Whether it is read while somebody waits for the page."""
    return len(content) <= IN_A_REQUEST and content.upper().count(b"RRULE") <= _MANY_RULES


def read(content: bytes, *, now: datetime, zone: ZoneInfo) -> Read:
    """Raises: RuleBroken("import.…")."""
    return reading.read(content, zone=zone, today=now.astimezone(zone).date())


def write_read(
    session: Session, run: CalendarImport, edition: Edition, found: Read, *, now: datetime, zone: ZoneInfo
) -> None:
    """The import has been read: how much there is to decide on. Earlier ones of the same address are out of date."""
    run.state, run.read_at, run.name, run.found = ImportState.READ, now, found.name, read_values(found)
    run.content = run.claim = run.lease_until = None
    outcomes = compared(found.items, queries.known(run), queries.ground(edition, now=now, zone=zone))
    run.changes = sum(outcome.choosable for outcome in outcomes)
    if run.source_id is not None:
        session.execute(
            update(CalendarImport)
            .where(
                CalendarImport.source_id == run.source_id, CalendarImport.state == ImportState.READ,
                CalendarImport.id != run.id,
            )
            .values(state=ImportState.DROPPED, found={}, decided_at=now)
        )  # fmt: skip


def write_failed(run: CalendarImport, broken: RuleBroken) -> None:
    run.state, run.error, run.error_details = ImportState.FAILED, broken.code, dict(broken.details)
    run.content = run.claim = run.lease_until = None
