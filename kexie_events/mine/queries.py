"""What concerns the signed-in person: read through the features' own queries, sorted by what must be done next."""

from dataclasses import dataclass
from datetime import datetime

from ..core.access import Actor
from ..entries import queries as entries
from ..entries.models import Entry
from ..entries.rules import EntryState, FilingWindow, Period
from ..events.models import Edition, Occurrence
from ..events.rules import Status
from ..judging import queries as judging
from ..judging.queries import Duty
from ..registrations import codes
from ..registrations import queries as registrations
from ..registrations.rules import RegistrationState

MOST_PAST = 20


@dataclass(frozen=True)
class Seat:
    """One registration as a card or a line."""

    code: str
    who: str
    own: bool  # the person's own, not filed for somebody else
    name: str
    edition: Edition
    occurrence: Occurrence
    place: str
    state: RegistrationState
    position: int  # in the queue; 0: does not wait

    @property
    def cancelled(self) -> bool:
        return self.occurrence.status is Status.CANCELLED

    @property
    def moved(self) -> bool:
        return self.occurrence.moved_from_at is not None and not self.cancelled


@dataclass(frozen=True)
class Seats:
    """Registrations of a person: to come, the soonest first; over or withdrawn, the latest first."""

    ahead: list[Seat]
    past: list[Seat]


def seats_of(actor: Actor, now: datetime) -> Seats:
    """One query, however many there are."""
    seats = [
        Seat(
            code=codes.code_of(row.id),
            who=row.person.name,
            own=row.person_id == actor.person_id,
            name=row.occurrence.own_name,
            edition=row.occurrence.edition,
            occurrence=row.occurrence,
            place=row.occurrence.place_words,
            state=row.state,
            position=position,
        )
        for row, position in registrations.of_actor(actor)
    ]
    ahead = [seat for seat in seats if _ahead(seat, now)]
    past = [seat for seat in reversed(seats) if not _ahead(seat, now)]
    return Seats(ahead, past[:MOST_PAST])


def _ahead(seat: Seat, now: datetime) -> bool:
    return seat.state is not RegistrationState.WITHDRAWN and seat.occurrence.ends_at > now


@dataclass(frozen=True)
class Work:
    """An entry that the person filed."""

    entry: Entry
    closes_at: datetime | None  # None: not announced
    open: bool  # may still be changed

    @property
    def to_do(self) -> bool:
        return self.open and self.entry.state is EntryState.DRAFT


def works_of(actor: Actor, now: datetime) -> list[Work]:
    """Drafts that can still be handed in first, by deadline; then the others, the newest first. Two queries."""
    if actor.account_id is None:
        return []
    filed = entries.entries_of(actor.account_id)
    periods = entries.periods_of({entry.edition_id for entry in filed})
    works = [_work(entry, periods[entry.edition_id], now) for entry in filed]
    to_do = sorted((work for work in works if work.to_do), key=lambda work: work.closes_at or now)
    return to_do + [work for work in works if not work.to_do]


def _work(entry: Entry, period: Period, now: datetime) -> Work:
    return Work(entry, period.closes_at, period.window(now) is FilingWindow.OPEN)


def duties_of(actor: Actor, now: datetime) -> list[Duty]:
    """The rounds that the person still has works to score in, the next deadline first. One query."""
    if actor.account_id is None:
        return []
    return [duty for duty in judging.duties_of(actor) if duty.left and duty.closes_at > now]
