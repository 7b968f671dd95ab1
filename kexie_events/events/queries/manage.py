"""What organisers see of events: the day's work, series, editions, dates, places.

The desk shows what this actor plans. That is ``access.visible`` without what is merely public: other people's
published things have public pages, and their approvals and drafts are nobody's business.
The number of queries of a page does not depend on the number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from ...accounts.models import Account, Person
from ...core.access import Actor, Scope, Scoped, visible
from ...core.db import db
from ...core.errors import NotFound
from ...units.models import Region, Unit
from ..kinds import KINDS, Capability, Kind
from ..models import Edition, Milestone, Occurrence, Room, Series, Venue
from ..recurrence import Slot
from ..rules import Publication, Status

APPROVED_FIRST = [kind for kind, spec in KINDS.items() if Capability.APPROVAL_FIRST in spec.capabilities]
MOST_TO_DO = 8  # rows of one sort on the first page; more are a list, not a task
MOST_LOOKED_AT = 300  # editions that are counted for them
MOST_IN_YEAR = 600  # dates drawn in the lanes of a year


def planned_by(actor: Actor, model: type[Scoped]) -> ColumnElement[bool]:
    """The rows that this actor plans: ``visible`` without the public way in."""

    class Planned:
        @classmethod
        def scope(cls) -> Scope:
            return replace(model.scope(), public=false())

    return visible(Planned, actor)


# ---- one thing


def series(actor: Actor, series_id: int) -> Series:
    """With its unit. Raises: NotFound."""
    query = select(Series).options(joinedload(Series.unit))
    return cast(Series, _one(query.where(Series.id == series_id, planned_by(actor, Series))))


def series_by_slug(actor: Actor, slug: str) -> Series | None:
    return db.session.scalar(select(Series).where(Series.slug == slug, planned_by(actor, Series)))


def edition(actor: Actor, edition_id: int) -> Edition:
    """With its series and unit. Raises: NotFound."""
    query = select(Edition).options(joinedload(Edition.series), joinedload(Edition.unit))
    return cast(Edition, _one(query.where(Edition.id == edition_id, planned_by(actor, Edition))))


def occurrence(actor: Actor, occurrence_id: int) -> Occurrence:
    """With its edition, series, room and venue, as they are now. Raises: NotFound."""
    query = select(Occurrence).options(
        joinedload(Occurrence.edition).joinedload(Edition.series),
        joinedload(Occurrence.series),
        joinedload(Occurrence.room).joinedload(Room.venue),
    )
    return cast(Occurrence, _one(query.where(Occurrence.id == occurrence_id, planned_by(actor, Occurrence))))


def milestone(actor: Actor, milestone_id: int) -> Milestone:
    """With its edition and series. Raises: NotFound."""
    query = select(Milestone).options(joinedload(Milestone.edition).joinedload(Edition.series))
    return cast(Milestone, _one(query.where(Milestone.id == milestone_id, planned_by(actor, Milestone))))


def _one(query: Select[Any]) -> Any:
    # After a refusal the session may still hold what the form tried to write.
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    return row


def unit_name(unit_id: int) -> str:
    return db.session.scalar(select(Unit.name).where(Unit.id == unit_id)) or ""


def account_name(account_id: int | None) -> str:
    query = select(Person.name).join(Account, Account.person_id == Person.id)
    return db.session.scalar(query.where(Account.id == account_id)) or ""


# ---- lists


def series_rows(
    actor: Actor, *, text: str = "", kind: Kind | None = None, publication: Publication | None = None, now: datetime
) -> Select[Any]:
    """(Series with its unit, number of editions, next start); what comes next first, then by name."""
    held = select(func.count()).where(Edition.series_id == Series.id).correlate(Series).scalar_subquery()
    soonest = (
        select(func.min(Occurrence.starts_at))
        .where(Occurrence.series_id == Series.id, Occurrence.ends_at > now, Occurrence.status == Status.SCHEDULED)
        .correlate(Series)
        .scalar_subquery()
        .label("soonest")
    )
    query = (
        select(Series, held.label("held"), soonest)
        .join(Unit, Unit.id == Series.unit_id)
        .options(contains_eager(Series.unit))
        .where(planned_by(actor, Series))
        .order_by(soonest.asc().nulls_last(), Series.name, Series.id)
    )
    if text:
        query = query.where(or_(Series.name.contains(text, autoescape=True), Series.slug == text.lower()))
    if kind is not None:
        query = query.where(Series.kind == kind)
    if publication is not None:
        query = query.where(Series.publication == publication)
    return query


def kinds_in_use(actor: Actor) -> list[Kind]:
    return list(db.session.scalars(select(Series.kind).where(planned_by(actor, Series)).distinct()))


def edition_rows(series_id: int) -> Select[Any]:
    """(Edition with its unit, first start, last end, number of occurrences, not yet public), the latest first."""
    dates = (
        select(
            Occurrence.edition_id,
            func.min(Occurrence.starts_at).label("first_at"),
            func.max(Occurrence.ends_at).label("last_at"),
            func.count().label("held"),
            func.count().filter(Occurrence.publication == Publication.DRAFT).label("drafts"),
        )
        .where(Occurrence.series_id == series_id)
        .group_by(Occurrence.edition_id)
        .subquery("dates")
    )
    return (
        select(Edition, dates.c.first_at, dates.c.last_at, dates.c.held, dates.c.drafts)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(dates, dates.c.edition_id == Edition.id)
        .options(contains_eager(Edition.unit))
        .where(Edition.series_id == series_id)
        .order_by(Edition.year.desc(), Edition.number.desc())
    )


def occurrence_rows(edition_id: int) -> Select[Any]:
    """The occurrences of an edition in order, with room and venue."""
    return (
        select(Occurrence)
        .where(Occurrence.edition_id == edition_id)
        .options(joinedload(Occurrence.room).joinedload(Room.venue))
        .order_by(Occurrence.starts_at, Occurrence.id)
    )


def still_hidden() -> tuple[ColumnElement[bool], ...]:
    """Of the occurrences of an edition, those that publishing would show."""
    return (Occurrence.publication != Publication.PUBLISHED,)


def milestones(edition_id: int) -> Sequence[Milestone]:
    query = select(Milestone).where(Milestone.edition_id == edition_id)
    return db.session.scalars(query.order_by(Milestone.starts_at, Milestone.id)).all()


@dataclass(frozen=True)
class Unpublished:
    """What of an edition is not public yet, and what people have already joined."""

    occurrences: int
    milestones: int
    taken: int  # seats given in public occurrences


def unpublished(edition_id: int) -> Unpublished:
    drafts = Occurrence.publication != Publication.PUBLISHED
    row = db.session.execute(
        select(func.count().filter(drafts), func.coalesce(func.sum(Occurrence.taken).filter(~drafts), 0)).where(
            Occurrence.edition_id == edition_id
        )
    ).one()
    points = select(func.count()).where(
        Milestone.edition_id == edition_id, Milestone.publication != Publication.PUBLISHED
    )
    return Unpublished(row[0], db.session.scalar(points) or 0, row[1])


# ---- places and units to choose from


def venue_rows() -> Select[Any]:
    """(Venue, name of its region), in order of names."""
    query = select(Venue, Region.name).outerjoin(Region, Region.id == Venue.region_id)
    return cast(Select[Any], query.order_by(Venue.name, Venue.id))


def rooms_of(venue_ids: Sequence[int]) -> dict[int, list[Room]]:
    """The rooms of some venues, in order of names."""
    found: dict[int, list[Room]] = {}
    for room in db.session.scalars(select(Room).where(Room.venue_id.in_(venue_ids)).order_by(Room.name, Room.id)):
        found.setdefault(room.venue_id, []).append(room)
    return found


def venues() -> Sequence[Venue]:
    return db.session.scalars(select(Venue).order_by(Venue.name, Venue.id)).all()


def rooms() -> Sequence[Room]:
    """All rooms with their venues, in order of names."""
    query = select(Room).join(Venue, Venue.id == Room.venue_id).options(contains_eager(Room.venue))
    return db.session.scalars(query.order_by(Venue.name, Room.name, Room.id)).all()


def taken_slots(room_id: int, slots: Sequence[Slot]) -> set[datetime]:
    """The starts of those slots at which the room has something else. One query; the constraint decides later."""
    held = db.session.execute(
        select(Occurrence.starts_at, Occurrence.ends_at).where(
            Occurrence.room_id == room_id,
            Occurrence.status == Status.SCHEDULED,
            Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.starts_at < max(slot.ends_at for slot in slots),
            Occurrence.ends_at > min(slot.starts_at for slot in slots),
        )
    ).all()
    return {
        slot.starts_at
        for slot in slots
        if any(row.starts_at < slot.ends_at and row.ends_at > slot.starts_at for row in held)
    }


# ---- the first page


@dataclass(frozen=True)
class ToDo:
    """Editions of one series that wait for the same thing."""

    series_id: int
    series_name: str
    edition_id: int  # the first of them
    count: int
    due_at: datetime | None  # when the first of them takes place


def waiting_for_approval(actor: Actor, now: datetime) -> list[ToDo]:
    return _to_do(actor, now, Series.kind.in_(APPROVED_FIRST), Edition.approved_at.is_(None))


def waiting_for_publication(actor: Actor, now: datetime) -> list[ToDo]:
    ready = or_(Series.kind.not_in(APPROVED_FIRST), Edition.approved_at.is_not(None))
    return _to_do(actor, now, ready)


def _to_do(actor: Actor, now: datetime, *conditions: ColumnElement[bool]) -> list[ToDo]:
    """Drafts of something to come, by series, the soonest first. What has no date yet waits for nobody."""
    first = _next_start(now).label("first_at")
    rows = db.session.execute(
        select(Series.id, Series.name, Edition.id, first)
        .select_from(Edition)
        .join(Series, Series.id == Edition.series_id)
        .where(planned_by(actor, Edition), Edition.publication == Publication.DRAFT, first.is_not(None), *conditions)
        .order_by(first, Edition.id)
        .limit(MOST_LOOKED_AT)
    )
    return _by_series(rows.all())


def waiting_additions(actor: Actor, now: datetime) -> list[ToDo]:
    """Published editions to which dates were added that nobody outside sees yet."""
    rows = db.session.execute(
        select(Series.id, Series.name, Edition.id, Occurrence.starts_at)
        .select_from(Occurrence)
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .where(
            planned_by(actor, Occurrence),
            Edition.publication == Publication.PUBLISHED,
            Occurrence.publication == Publication.DRAFT,
            Occurrence.ends_at > now,
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(MOST_LOOKED_AT)
    )
    return _by_series(rows.all())


def _by_series(rows: Any) -> list[ToDo]:
    found: dict[int, ToDo] = {}
    for series_id, name, edition_id, first_at in rows:
        before = found.get(series_id)
        found[series_id] = (
            replace(before, count=before.count + 1) if before else ToDo(series_id, name, edition_id, 1, first_at)
        )
    return list(found.values())[:MOST_TO_DO]


def _next_start(now: datetime) -> ScalarSelect[Any]:
    return (
        select(func.min(Occurrence.starts_at))
        .where(Occurrence.edition_id == Edition.id, Occurrence.ends_at > now, Occurrence.status == Status.SCHEDULED)
        .correlate(Edition)
        .scalar_subquery()
    )


def _with_names(query: Select[Any]) -> Select[Any]:
    return query.options(
        contains_eager(Occurrence.edition),
        contains_eager(Occurrence.series),
        joinedload(Occurrence.room).joinedload(Room.venue),
    )


def _desk(actor: Actor) -> Select[Any]:
    return _with_names(
        select(Occurrence)
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Series, Series.id == Occurrence.series_id)
        .where(planned_by(actor, Occurrence), Occurrence.publication != Publication.WITHDRAWN)
    )


def coming(actor: Actor, now: datetime, until: datetime, *, limit: int = 12) -> Sequence[Occurrence]:
    """What takes place soon or is under way, the soonest first."""
    query = _desk(actor).where(Occurrence.starts_at < until, Occurrence.ends_at > now)
    return db.session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id).limit(limit)).all()


def changed_lately(actor: Actor, since: datetime, *, limit: int = 8) -> Sequence[Occurrence]:
    """What the public was told to be moved or cancelled, the latest first."""
    told = and_(Occurrence.publication == Publication.PUBLISHED, Occurrence.moved_revision > 0)
    query = _desk(actor).where(told, Occurrence.changed_at >= since)
    return db.session.scalars(query.order_by(Occurrence.changed_at.desc(), Occurrence.id).limit(limit)).all()


def dates_between(actor: Actor, start: datetime, end: datetime) -> tuple[Sequence[Occurrence], Sequence[Milestone]]:
    """What a picture of a year is drawn from: not cancelled, in order."""
    occurrences = _desk(actor).where(
        Occurrence.status == Status.SCHEDULED, Occurrence.starts_at < end, Occurrence.ends_at > start
    )
    points = (
        select(Milestone)
        .where(planned_by(actor, Milestone), Milestone.publication != Publication.WITHDRAWN)
        .where(Milestone.starts_at < end, Milestone.ends_at >= start)
        .order_by(Milestone.starts_at, Milestone.id)
    )
    return (
        db.session.scalars(occurrences.order_by(Occurrence.starts_at, Occurrence.id).limit(MOST_IN_YEAR)).all(),
        db.session.scalars(points.limit(MOST_IN_YEAR)).all(),
    )


def editions_held(series_ids: Sequence[int]) -> dict[int, int]:
    """How many editions each series has: the rings of those that are not counted by 届."""
    query = select(Edition.series_id, func.count()).where(Edition.series_id.in_(series_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Edition.series_id))}
