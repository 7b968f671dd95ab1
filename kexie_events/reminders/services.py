"""What people who registered must hear without asking: a move, a cancellation, tomorrow's event.

Nothing here is an event handler: every beat compares what stands in the tables with what was said, and owes the
difference. So no change is missed, whoever made it, and any number of beats says it once.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from ..core import installation
from ..core.db import lock, transaction
from ..core.errors import Busy
from ..events.models import Occurrence
from ..events.rules import Status
from ..messages.models import Message
from ..registrations import letters
from ..registrations import queries as registrations
from ..registrations.letters import ABOUT_SEAT, LetterKind
from ..registrations.models import Registration
from . import queries, rules

log = logging.getLogger("kexie.reminders")


def plan(now: datetime) -> int:
    """Owe every notice of a move or cancellation and every reminder that is due now; how many are new."""
    zone = installation.zone()
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
        to = queries.untold_registrations(occurrence)
        session.execute(
            update(Registration)
            .where(Registration.id.in_([one.registration_id for one in to]))
            .values(told_revision=occurrence.moved_revision)
        )
        letters.take_back(ABOUT_SEAT, occurrence_id, people=[one.person_id for one in to], now=now)
        kind = {Status.SCHEDULED: LetterKind.MOVED, Status.CANCELLED: LetterKind.CANCELLED}[occurrence.status]
        return letters.owe(kind, occurrence, to, now=now, reason=occurrence.reason)


_ABOUT_SEAT = {kind.value for kind in ABOUT_SEAT}


def is_outdated(message: Message) -> bool:
    """Whether a letter on its way out tells an old time or place; ``plan`` owes the new one at the next beat."""
    thing, _, number = message.about.partition(":")
    return thing == "occurrence" and message.kind in _ABOUT_SEAT and queries.is_outdated(message, int(number))


def _remind(occurrence_id: int, now: datetime, zone: ZoneInfo) -> int:
    """Remind everybody with a seat who was not written to just now. Locks the occurrence."""
    with transaction():
        lock(Occurrence, occurrence_id)
        occurrence = registrations.named_occurrence(occurrence_id)
        if occurrence.status is not Status.SCHEDULED or not rules.is_due(occurrence.starts_at, now, zone):
            return 0  # changed while we waited
        since = rules.says_enough_since(occurrence.starts_at, zone)
        to = queries.registrations_to_remind(occurrence, since)
        return letters.owe(LetterKind.REMINDER, occurrence, to, now=now)
