"""The dates of a whole draft edition, saved together: what the page of dates of a new edition sends."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, transaction
from ...core.errors import Conflict, NotFound, RuleBroken
from .. import plans, rules
from ..hosting.services.hosts import follow_dates
from ..keepers import check_own
from ..models import Edition, Milestone, Occurrence
from ..patterns.rules import Own
from ..plans import Sitting
from ..queries.places import require
from ..rules import Publication, Status
from .changing import say_own
from .clashes import Wanted, refused_in_words


@dataclass(frozen=True)
class NewDate:
    """A date as somebody wants it. ``revision``: of the row, as it stood on the page."""

    id: int
    starts_at: datetime
    ends_at: datetime
    revision: int


def set_dates(
    edition_id: int,
    *,
    occurrences: Sequence[NewDate],
    milestones: Sequence[NewDate],
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Locks the edition, its occurrences and milestones. Save the dates of drafts together, all or none.

    How many changed. What already stands is no change, whoever saved it. A registration window moves along with its
    date; the room of the earlier edition that was left open because it was taken is tried again. What is public is
    moved on its own page, with a reason.
    Raises: Conflict("event.changed_meanwhile", keys=…); RuleBroken with ``row``, the key of the date to blame ("o12",
    "m3"); NotFound for what is no draft of this edition.
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        moving = _wanted(session, Occurrence, edition_id, occurrences)
        pointing = _wanted(session, Milestone, edition_id, milestones)
        changed = [*moving, *pointing]
        stale = [key_of(row) for row, want in changed if row.revision != want.revision]
        if stale:
            raise Conflict("event.changed_meanwhile", keys=stale)
        before = {key_of(row): row.starts_at.isoformat() for row, _want in changed}
        _move_all(session, moving, actor=actor, now=now, zone=zone)
        for row, want in pointing:
            with _blaming(row):
                _point(row, want, now, zone)
        session.flush()
        if moving:
            last_at = max(row.ends_at for row, _want in moving)
            follow_dates(session, edition, last_at, actor=actor, zone=zone)
        if changed:
            audit.record(
                f"edition:{edition_id}", "edition.dates_set", actor=actor, now=now, before=before,
                after={key_of(row): row.starts_at.isoformat() for row, _want in changed},
            )  # fmt: skip
    return len(changed)


def key_of(row: Occurrence | Milestone) -> str:
    """ "o12", "m3": one name for a date on a page that shows both sorts."""
    return f"{'o' if isinstance(row, Occurrence) else 'm'}{row.id}"


def _wanted(
    session: Session, model: type[Any], edition_id: int, wanted: Sequence[NewDate]
) -> list[tuple[Any, NewDate]]:
    """The rows that are to change, locked, lower id first, each with what is wanted of it."""
    asked = {want.id: want for want in wanted}
    query = select(model).where(
        model.id.in_(asked), model.edition_id == edition_id, model.publication == Publication.DRAFT
    )
    rows = session.scalars(query.order_by(model.id).with_for_update().execution_options(populate_existing=True)).all()
    if len(rows) != len(asked):
        raise NotFound()
    times = ((row, asked[row.id]) for row in rows)
    return [(row, want) for row, want in times if (row.starts_at, row.ends_at) != (want.starts_at, want.ends_at)]


@contextmanager
def _blaming(row: Occurrence | Milestone) -> Iterator[None]:
    """What is refused inside is the fault of this date."""
    try:
        yield
    except RuleBroken as broken:
        raise RuleBroken(broken.code, **{**broken.details, "row": key_of(row)}) from broken


def _move_all(
    session: Session, moving: Sequence[tuple[Occurrence, NewDate]], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> None:
    """All rooms are left first, so that two dates may change places."""
    models = {row.id: row.copied_from_id for row, _want in moving}
    query = select(Occurrence.id, Occurrence.room_id).where(Occurrence.id.in_(set(models.values()) - {None}))
    earlier = {id: room_id for id, room_id in session.execute(query)}
    rooms = {row.id: row.room_id for row, _want in moving}
    for row, _want in moving:
        row.room_id = None
    session.flush()
    for row, want in moving:
        with _blaming(row):
            _move(row, want, now, zone)
            own, fallback = rooms[row.id], earlier.get(models[row.id] or 0)
            with refused_in_words(session, actor=actor, rooms=[Wanted(own, row.starts_at, row.ends_at)]):
                row.room_id = own
        if own is None and fallback is not None:
            try_room(session, row, fallback, actor)


def try_room(session: Session, row: Occurrence, room_id: int, actor: Actor) -> None:
    """The room when it is free; otherwise the row has none, and the page of dates says so."""
    session.flush()
    try:
        with refused_in_words(session, actor=actor, rooms=[Wanted(room_id, row.starts_at, row.ends_at)]):
            row.room_id = room_id
    except RuleBroken:
        session.refresh(row)


def _move(row: Occurrence, want: NewDate, now: datetime, zone: ZoneInfo) -> None:
    check_own(row.id)
    if row.status is Status.CANCELLED:
        raise RuleBroken("event.is_cancelled")
    to = plans.sound(Sitting(want.starts_at, want.ends_at, row.all_day), zone)
    window = rules.shifted_window(row.opens_at, row.closes_at, by=to.starts_at - row.starts_at, now=now)
    rules.check_window(*window, to.ends_at)
    row.starts_at, row.ends_at = to.starts_at, to.ends_at
    row.opens_at, row.closes_at = window
    say_own(row, Own.TIME)
    row.touch(now)


def _point(row: Milestone, want: NewDate, now: datetime, zone: ZoneInfo) -> None:
    until = rules.milestone_end(row.code, want.starts_at, want.ends_at)
    rules.check_day(want.starts_at.astimezone(zone).date(), until.astimezone(zone).date())
    rules.check_milestone(row.name, want.starts_at, until)
    row.starts_at, row.ends_at = want.starts_at, until
    row.touch(now)
