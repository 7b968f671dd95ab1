"""What people who registered must hear without asking: a move, a cancellation, tomorrow's event.

Nothing here is an event handler: every beat compares what stands in the tables with what was said, and owes the
difference. So no change is missed, whoever made it, and any number of beats says it once.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import update

from ..core import web
from ..core.db import lock, transaction
from ..core.errors import Busy
from ..events.models import Occurrence
from ..events.rules import Status
from ..messages import services as messages
from ..messages.services import Owed
from ..registrations import codes
from ..registrations import queries as registrations
from ..registrations.models import Registration
from . import queries, rules

# What an older message said about time and place is wrong after a move.
_OUTDATED = ("registered", "waiting", "promoted", "reminder", "moved", "cancelled")

log = logging.getLogger("kexie.reminders")


def plan(now: datetime) -> int:
    """Owe every notice of a move or cancellation and every reminder that is due now; how many are new."""
    zone: ZoneInfo = current_app.extensions["kexie"].zone
    told = _each(queries.untold_occurrences(), lambda id: _tell(id, now))
    due = [id for id, starts_at in queries.occurrences_to_remind_of(now) if rules.is_due(starts_at, now, zone)]
    return told + _each(due, lambda id: _remind(id, now, zone))


def _each(ids: Iterable[int], work: Callable[[int], int]) -> int:
    """One transaction for each; what is locked just now is left to the next beat."""
    done = 0
    for id in ids:
        try:
            done += work(id)
        except Busy:
            log.warning("occurrence %s is busy; the next beat tries again", id)
    return done


def _tell(occurrence_id: int, now: datetime) -> int:
    """Tell everybody with a seat or a place in the queue that it was moved or cancelled. Locks the occurrence."""
    with transaction() as session:
        lock(Occurrence, occurrence_id)
        occurrence = registrations.named_occurrence(occurrence_id)
        rows = queries.untold_registrations(occurrence)
        session.execute(
            update(Registration)
            .where(Registration.id.in_([id for id, _, _, _ in rows]))
            .values(told_revision=occurrence.moved_revision)
        )
        messages.supersede(_about(occurrence), _OUTDATED, now=now, people=[person for _, person, _, _ in rows])
        kind = {Status.SCHEDULED: "moved", Status.CANCELLED: "cancelled"}[occurrence.status]
        # Who stands at the door needs to hear of a cancellation also after the hour; a new date has not begun.
        expires_at = occurrence.ends_at if occurrence.status is Status.CANCELLED else occurrence.starts_at
        if expires_at <= now:
            return 0
        return _owe(kind, occurrence, rows, expires_at=expires_at, now=now)


def _remind(occurrence_id: int, now: datetime, zone: ZoneInfo) -> int:
    """Remind everybody with a seat who was not written to just now. Locks the occurrence."""
    with transaction():
        lock(Occurrence, occurrence_id)
        occurrence = registrations.named_occurrence(occurrence_id)
        if occurrence.status is not Status.SCHEDULED or not rules.is_due(occurrence.starts_at, now, zone):
            return 0  # changed while we waited
        since = rules.says_enough_since(occurrence.starts_at, zone)
        rows = queries.registrations_to_remind(occurrence, since)
        return _owe("reminder", occurrence, rows, expires_at=occurrence.starts_at, now=now)


def _owe(
    kind: str, occurrence: Occurrence, rows: Sequence[tuple[int, int, str, str]], *, expires_at: datetime, now: datetime
) -> int:
    common = _said(occurrence)
    return messages.owe_all(
        [
            Owed(
                f"{kind}:{id}:{occurrence.moved_revision}",
                kind,
                person_id,
                about=_about(occurrence),
                context={**common, "name": name, "link": web.external(codes.address(id))},
                expires_at=expires_at,
                address=address,
            )
            for id, person_id, name, address in rows
        ],
        now=now,
    )


def _said(occurrence: Occurrence) -> dict[str, Any]:
    values = {
        "event": occurrence.whole_name,
        "starts": _when(occurrence, occurrence.starts_at),
        "place": occurrence.place_words,
        "reason": occurrence.reason,
    }
    former = occurrence.moved_from_at
    if former is not None and former != occurrence.starts_at:
        values["former"] = _when(occurrence, former)
    return values


def _when(occurrence: Occurrence, instant: datetime) -> str:
    """ISO; of an event that lasts whole days only the day, because its hour means nothing."""
    return web.local(instant).date().isoformat() if occurrence.all_day else instant.isoformat()


def _about(occurrence: Occurrence) -> str:
    return f"occurrence:{occurrence.id}"
