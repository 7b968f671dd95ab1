"""The first page of the desk: what waits, what comes, what changed, the dates of a year."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from ....core.access import Action, Actor
from ....core.db import db
from ...hosting.models import ApprovalRequest
from ...hosting.rules import RequestState
from ...kinds import Capability, kinds_with
from ...models import Edition, Milestone, Occurrence, Room, Series
from ...numbering import Numbered
from ...rules import Publication, Status
from .things import planned_by

APPROVED_FIRST = kinds_with(Capability.APPROVAL_FIRST)
MOST_TO_DO = 8  # rows of one sort on the first page; more are a list, not a task
MOST_LOOKED_AT = 300  # editions that are counted for them
MOST_IN_YEAR = 600  # days, and points, drawn in the lanes of a year


@dataclass(frozen=True)
class ToDo:
    """Editions of one series that wait for the same thing."""

    series_id: int
    series_name: str
    edition_id: int  # the first of them
    count: int
    due_at: datetime | None  # when the first of them takes place


@dataclass(frozen=True)
class DayHeld:
    """A day on which an edition has dates: the first start, the last end, where the first was planned."""

    series_id: int
    series_name: str
    edition_id: int
    numbered: Numbered
    starts_at: datetime
    ends_at: datetime
    planned_at: datetime | None
    is_own: bool  # the actor plans the edition, not only dates of it: an activity declared for somebody's campaign


def waiting_for_approval(actor: Actor, now: datetime) -> list[ToDo]:
    """What has been asked for waits for somebody to decide: ``waiting_requests``."""
    asked = exists().where(ApprovalRequest.edition_id == Edition.id, ApprovalRequest.state == RequestState.ASKED)
    return _to_do(actor, now, Series.kind.in_(APPROVED_FIRST), Edition.approved_at.is_(None), ~asked)


def waiting_requests(actor: Actor, now: datetime) -> list[ToDo]:
    """Requests for approval that this actor decides, the issue that comes first at the top."""
    first = _next_start(now).label("first_at")
    rows = db.session.execute(
        select(Series.id, Series.name, Edition.id, first)
        .select_from(ApprovalRequest)
        .join(Edition, Edition.id == ApprovalRequest.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .where(ApprovalRequest.state == RequestState.ASKED, planned_by(actor, Edition, Action.APPROVE))
        .order_by(first.asc().nulls_last(), Edition.id)
        .limit(MOST_TO_DO)
    )
    return [ToDo(id, name, edition_id, 1, first_at) for id, name, edition_id, first_at in rows]


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


def days_of_lanes(
    actor: Actor, now: datetime, start: datetime, end: datetime, zone: ZoneInfo, *, lanes: int
) -> tuple[list[DayHeld], Sequence[Milestone]]:
    """What a picture of a year is drawn from: days and points of so many series, those that come next first.

    Not cancelled, in order. A day of 1,000 dates is drawn as one, so it is read as one. Two queries.
    """
    seen = (
        select(
            Occurrence.series_id, Occurrence.edition_id, Occurrence.starts_at, Occurrence.ends_at, Occurrence.planned_at
        )
        .where(
            planned_by(actor, Occurrence), Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.status == Status.SCHEDULED, Occurrence.starts_at < end, Occurrence.ends_at > start,
        )
        .cte("seen")
    )  # fmt: skip
    next_at = func.min(seen.c.starts_at).filter(seen.c.ends_at > now)
    chosen = (
        select(Series.id)
        .join(seen, seen.c.series_id == Series.id)
        .group_by(Series.id)
        .order_by(next_at.asc().nulls_last(), Series.name)
        .limit(lanes)
    )
    first_at = func.min(seen.c.starts_at)
    days = (
        select(
            seen.c.series_id, seen.c.edition_id, first_at.label("first_at"), func.max(seen.c.ends_at).label("last_at"),
            func.min(seen.c.planned_at).label("planned_at"),
        )
        .where(seen.c.series_id.in_(chosen))
        .group_by(seen.c.series_id, seen.c.edition_id, func.date(func.timezone(zone.key, seen.c.starts_at)))
        .order_by(first_at, seen.c.edition_id)
        .limit(MOST_IN_YEAR)
        .subquery("days")
    )  # fmt: skip
    rows = db.session.execute(
        select(days.c.series_id, Series.name, days.c.edition_id, Edition.number, Edition.style, Edition.year)
        .add_columns(days.c.first_at, days.c.last_at, days.c.planned_at, planned_by(actor, Edition))
        .join(Edition, Edition.id == days.c.edition_id)
        .join(Series, Series.id == days.c.series_id)
        .order_by(days.c.first_at, days.c.edition_id)
    )
    held = [
        DayHeld(series_id, name, edition_id, Numbered(number, style, year), *rest)
        for series_id, name, edition_id, number, style, year, *rest in rows
    ]
    points = (
        select(Milestone)
        .where(planned_by(actor, Milestone), Milestone.publication != Publication.WITHDRAWN)
        .where(Milestone.series_id.in_({day.series_id for day in held}))
        .where(Milestone.starts_at < end, Milestone.ends_at >= start)
        .order_by(Milestone.starts_at, Milestone.id)
        .limit(MOST_IN_YEAR)
    )
    return held, db.session.scalars(points).all()


def series_planned(actor: Actor, series_ids: Collection[int]) -> set[int]:
    """Those of some series that the actor plans: of the others it runs an issue, and has no page of the series."""
    return set(db.session.scalars(select(Series.id).where(Series.id.in_(series_ids), planned_by(actor, Series))))


def editions_held(series_ids: Sequence[int]) -> dict[int, int]:
    """How many editions each series has: the rings of those that are not counted by 届."""
    query = select(Edition.series_id, func.count()).where(Edition.series_id.in_(series_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Edition.series_id))}
