"""Reading sources, imports, and what was taken over before. Everything passes the edition that it belongs to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ..accounts.models import Account, Person
from ..core.access import Actor
from ..core.db import db
from ..core.errors import NotFound
from ..events.keepers import kept
from ..events.models import Edition, Occurrence, Room, Series, Venue
from ..events.queries.manage import planned_by
from ..events.rules import Publication, Status
from .comparing import Facts, Ground, Hall, Halls, Known, Outcome, compared
from .models import CalendarImport, CalendarSource, ImportedDate
from .rules import ImportState, SourceState
from .storing import facts_from, item_from, read_from


def source(actor: Actor, source_id: int, *, also_removed: bool = False) -> CalendarSource:
    """With its edition and series, as they are now. Raises: NotFound for what is not one's own."""
    query = _of_own(select(CalendarSource), CalendarSource, actor).where(CalendarSource.id == source_id)
    if not also_removed:
        query = query.where(CalendarSource.state != SourceState.REMOVED)
    return _one(query)  # type: ignore[no-any-return]


def calendar_import(actor: Actor, import_id: int) -> CalendarImport:
    """With its source, edition and series, as they are now. Raises: NotFound for what is not one's own."""
    query = _of_own(select(CalendarImport), CalendarImport, actor).options(joinedload(CalendarImport.source))
    return _one(query.where(CalendarImport.id == import_id))  # type: ignore[no-any-return]


def _of_own(query: Select[Any], model: Any, actor: Actor) -> Select[Any]:
    loaded = contains_eager(model.edition)
    return (
        query.join(Edition, Edition.id == model.edition_id)
        .where(planned_by(actor, Edition))
        .options(loaded.joinedload(Edition.series), loaded.joinedload(Edition.unit))
    )


def _one(query: Select[Any]) -> Any:
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    return row


def sources(edition_id: int) -> Sequence[CalendarSource]:
    query = select(CalendarSource).where(
        CalendarSource.edition_id == edition_id, CalendarSource.state != SourceState.REMOVED
    )
    return db.session.scalars(query.order_by(CalendarSource.added_at, CalendarSource.id)).all()


def import_rows(edition_id: int) -> Select[Any]:
    """(import without what it holds, name of its source, who asked for it), the latest first."""
    query = (
        select(
            CalendarImport.id, CalendarImport.state, CalendarImport.name, CalendarImport.changes, CalendarImport.done,
            CalendarImport.asked_at, CalendarImport.by_itself, CalendarImport.error, CalendarImport.error_details,
            CalendarSource.label, Person.name.label("person"),
        )
        .outerjoin(CalendarSource, CalendarSource.id == CalendarImport.source_id)
        .outerjoin(Account, Account.id == CalendarImport.asked_by_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(CalendarImport.edition_id == edition_id)
    )  # fmt: skip
    return query.order_by(CalendarImport.asked_at.desc(), CalendarImport.id.desc())


def latest_import(source_id: int) -> CalendarImport | None:
    query = select(CalendarImport).where(CalendarImport.source_id == source_id)
    return db.session.scalar(query.order_by(CalendarImport.asked_at.desc(), CalendarImport.id.desc()).limit(1))


# ---- what an import is compared with


def ground(edition: Edition, *, now: datetime, zone: ZoneInfo) -> Ground:
    """``edition`` with its series. One query."""
    halls = [Hall(*row) for row in db.session.execute(_halls())]
    return Ground(zone, now, Halls(halls), edition.name, edition.own_name)


def _halls() -> Select[*tuple[Any, ...]]:
    query = select(Room.id, Venue.name, Room.name, Venue.address).join(Venue, Venue.id == Room.venue_id)
    return query.order_by(Room.id)


def known(run: CalendarImport, *, for_update: bool = False) -> list[Known]:
    """What the edition has of anybody's calendar, each with its occurrence as it stands. Two queries and one for each
    keeper; ``for_update`` locks the occurrences, the lower id first."""
    query = select(ImportedDate).where(ImportedDate.edition_id == run.edition_id).order_by(ImportedDate.id)
    lines = db.session.scalars(query.execution_options(populate_existing=True)).all()
    ids = [line.occurrence_id for line in lines if line.occurrence_id is not None]
    rows = select(Occurrence).where(Occurrence.id.in_(ids)).order_by(Occurrence.id)
    if for_update:
        rows = rows.with_for_update()
    found = {row.id: row for row in db.session.scalars(rows.execution_options(populate_existing=True))} if ids else {}
    elsewhere = kept(ids)
    return [_known(line, found.get(line.occurrence_id or 0), line.occurrence_id in elsewhere, run) for line in lines]


def _known(line: ImportedDate, row: Occurrence | None, elsewhere: bool, run: CalendarImport) -> Known:
    return Known(
        line.id, item_from(line.said), facts_from(line.written), row.id if row else None, _facts(row) if row else None,
        publication=row.publication if row else Publication.DRAFT, kept_elsewhere=elsewhere,
        is_ours=line.source_id == run.source_id and (run.source_id is not None or line.calendar == run.name),
    )  # fmt: skip


def _facts(row: Occurrence) -> Facts:
    return Facts(
        row.title, row.summary, row.starts_at, row.ends_at, row.all_day, row.room_id, row.place,
        cancelled=row.status is Status.CANCELLED,
    )  # fmt: skip


def room_words(ids: Sequence[int]) -> dict[int, str]:
    """What rooms are called. One query, none for nothing."""
    if not ids:
        return {}
    query = select(Room.id, Venue.name, Room.name).join(Venue, Venue.id == Room.venue_id).where(Room.id.in_(ids))
    return {id: f"{venue} {name}" for id, venue, name in db.session.execute(query)}


def outlook(run: CalendarImport, *, now: datetime, zone: ZoneInfo, for_update: bool = False) -> tuple[Outcome, ...]:
    """What an import would do now. ``run`` with its edition and series. Three queries and one for each keeper;
    ``for_update`` as in ``known``."""
    found = read_from(run.name, run.found)
    return compared(found.items, known(run, for_update=for_update), ground(run.edition, now=now, zone=zone))


# ---- what waits


def undecided(actor: Actor, edition_id: int | None, most: int) -> Sequence[tuple[CalendarImport, Edition]]:
    """The latest import of each calendar with something to decide on, of what this actor plans. One query."""
    query = (
        select(CalendarImport, Edition)
        .join(Edition, Edition.id == CalendarImport.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .where(
            CalendarImport.state == ImportState.READ, CalendarImport.changes > 0, CalendarImport.by_itself,
            planned_by(actor, Edition),
        )
        .options(contains_eager(CalendarImport.edition), joinedload(Edition.series))
        .order_by(CalendarImport.read_at, CalendarImport.id)
        .limit(most)
    )  # fmt: skip
    if edition_id is not None:
        query = query.where(Edition.id == edition_id)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def stopped(actor: Actor, edition_id: int | None, most: int) -> Sequence[tuple[CalendarSource, Edition]]:
    """Daily addresses that were given up. One query."""
    query = (
        select(CalendarSource, Edition)
        .join(Edition, Edition.id == CalendarSource.edition_id)
        .where(CalendarSource.state == SourceState.STOPPED, planned_by(actor, Edition))
        .options(joinedload(Edition.series))
        .order_by(CalendarSource.id)
        .limit(most)
    )
    if edition_id is not None:
        query = query.where(Edition.id == edition_id)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def counts(edition_id: int) -> tuple[int, int]:
    """How many sources an edition has, and how many dates came from a calendar. Two queries."""
    kept_sources = select(func.count()).where(
        CalendarSource.edition_id == edition_id, CalendarSource.state != SourceState.REMOVED
    )
    taken = select(func.count()).where(ImportedDate.edition_id == edition_id, ImportedDate.occurrence_id.is_not(None))
    return db.session.scalar(kept_sources) or 0, db.session.scalar(taken) or 0
