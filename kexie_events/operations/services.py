"""The sign of life, and the daily tidying."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from ..core.db import transaction
from ..core.version import VERSION
from ..feeds import services as feeds
from ..imports import services as imports
from ..messages import services as messages
from .models import Heartbeat

WORKERS_REMEMBERED = timedelta(days=1)


def beat(machine: str, *, now: datetime) -> None:
    """Write down that a tick came all the way: from beat through the broker to a worker and into the database."""
    details = {"machine": machine, "version": VERSION}
    rows = [{"name": name, "beaten_at": now, "details": details} for name in ("beat", f"worker:{machine}")]
    statement = insert(Heartbeat).values(rows)
    with transaction() as session:
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"beaten_at": statement.excluded.beaten_at, "details": statement.excluded.details},
                where=Heartbeat.beaten_at < statement.excluded.beaten_at,  # a late one does not turn time back
            )
        )


def tidy(*, now: datetime) -> int:
    """Forget what need not be kept: what old messages said, what changed in calendars, calendars of others that nobody
    decided on, machines that are gone. How many rows. Raises: Busy when the publisher was, all else being done."""
    with transaction() as session:
        gone = delete(Heartbeat).where(
            Heartbeat.name.startswith("worker:"), Heartbeat.beaten_at < now - WORKERS_REMEMBERED
        )
        forgotten = len(session.execute(gone.returning(Heartbeat.name)).all())
        forgotten += messages.forget_old(now=now)
    # Each in transactions of its own. Last the one that waits for the publisher: what it does not get to today may
    # stay until tomorrow, what letters and calendars of others said may not.
    forgotten += imports.forget_old(now=now)
    return forgotten + feeds.forget_increments(now=now)
