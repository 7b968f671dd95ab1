"""What the pages of a new edition read: earlier editions to begin from, its dates beside those they come from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from ....core.access import Actor, visible
from ....core.db import db
from ....core.errors import RuleBroken
from ...models import Edition, Milestone, Occurrence, Room, Series
from ...numbering import Numbered
from ...patterns import recurrence
from ...patterns.models import Pattern
from ...rules import Publication, Status

MOST_OFFERED = 12


@dataclass(frozen=True)
class Source:
    """An edition that a new one may begin as a copy of."""

    edition: Edition
    first_at: datetime | None  # of what takes place, else of its milestones
    milestones: int
    occurrences: int
    cancelled: int  # of the occurrences

    @property
    def called_off(self) -> bool:
        return self.occurrences > 0 and self.cancelled == self.occurrences


def sources(series_id: int) -> list[Source]:
    """The latest first. What was withdrawn is no model, nor a draft without a single date. One query."""
    held = (
        select(
            Occurrence.edition_id, func.min(Occurrence.starts_at).label("first_at"), func.count().label("count"),
            func.count().filter(Occurrence.status == Status.CANCELLED).label("cancelled"),
        )
        .where(Occurrence.series_id == series_id, Occurrence.publication != Publication.WITHDRAWN)
        .group_by(Occurrence.edition_id)
        .subquery("held")
    )  # fmt: skip
    points = (
        select(Milestone.edition_id, func.min(Milestone.starts_at).label("first_at"), func.count().label("count"))
        .where(Milestone.series_id == series_id)
        .group_by(Milestone.edition_id)
        .subquery("points")
    )
    counts = [func.coalesce(part, 0) for part in (points.c.count, held.c.count, held.c.cancelled)]
    query = (
        select(Edition, func.coalesce(held.c.first_at, points.c.first_at), *counts)
        .outerjoin(held, held.c.edition_id == Edition.id)
        .outerjoin(points, points.c.edition_id == Edition.id)
        .where(
            Edition.series_id == series_id,
            Edition.publication != Publication.WITHDRAWN,
            or_(counts[0] + counts[1] > 0, Edition.publication == Publication.PUBLISHED),
        )
        .options(joinedload(Edition.series))
        .order_by(Edition.year.desc(), Edition.number.desc(), Edition.id.desc())
        .limit(MOST_OFFERED)
    )
    return [Source(*row) for row in db.session.execute(query)]


def numbers_of(series_id: int) -> list[Numbered]:
    """The numbers that are taken, those of withdrawn editions too."""
    query = select(Edition.number, Edition.style, Edition.year).where(Edition.series_id == series_id)
    return [Numbered(*row) for row in db.session.execute(query)]


def first_days(series_id: int, zone: ZoneInfo) -> list[date]:
    """The first day of each edition that has taken place or will, in order."""
    query = select(func.min(Occurrence.starts_at)).where(
        Occurrence.series_id == series_id, Occurrence.publication != Publication.WITHDRAWN
    )
    rows = db.session.scalars(query.group_by(Occurrence.edition_id))
    return sorted(first.astimezone(zone).date() for first in rows if first is not None)


def rule_days(series: Series, until: date, zone: ZoneInfo) -> list[date]:
    """The days that the series' latest rule gives, its end left aside, up to a day; none when it has no rule."""
    query = select(Pattern).where(Pattern.series_id == series.id).order_by(Pattern.first_on.desc(), Pattern.id.desc())
    pattern = db.session.scalar(query.limit(1))
    if pattern is None or not pattern.rule:
        return []
    try:
        slots = replace(pattern.terms, rule=f"{recurrence.without_end(pattern.rule)};UNTIL={until:%Y%m%d}").slots(zone)
    except RuleBroken:  # too many dates by then, or too far away: nothing to offer
        return []
    return [slot.starts_at.astimezone(zone).date() for slot in slots]


def model_of(edition: Edition, actor: Actor) -> Edition | None:
    """What an edition was copied from, with series and unit, where the actor may see that one."""
    if edition.copied_from_id is None:
        return None
    query = select(Edition).where(Edition.id == edition.copied_from_id, visible(Edition, actor))
    return db.session.scalar(query.options(joinedload(Edition.series), joinedload(Edition.unit)))


def earlier_editions(edition: Edition, actor: Actor) -> list[Edition]:
    """The other editions of the series that are not later and that the actor may see, the latest first.

    What it was copied from stands before all. With series and unit.
    """
    query = select(Edition).where(
        Edition.series_id == edition.series_id, Edition.id != edition.id, Edition.publication != Publication.WITHDRAWN,
        visible(Edition, actor),
        or_(
            Edition.id == edition.copied_from_id, Edition.year < edition.year,
            (Edition.year == edition.year) & (Edition.number < edition.number),
        ),
    )  # fmt: skip
    order = (func.coalesce(Edition.id != edition.copied_from_id, True), Edition.year.desc(), Edition.number.desc())
    options = (joinedload(Edition.series), joinedload(Edition.unit))
    return list(db.session.scalars(query.options(*options).order_by(*order).limit(MOST_OFFERED)))


@dataclass(frozen=True)
class DraftOccurrence:
    """A draft with what it was copied from, when it was."""

    row: Occurrence
    source: Occurrence | None


def draft_occurrences(edition_id: int, most: int) -> list[DraftOccurrence]:
    """In the order of time, with rooms and venues. One query."""
    source = aliased(Occurrence)
    query = (
        select(Occurrence, source)
        .outerjoin(source, source.id == Occurrence.copied_from_id)
        .where(Occurrence.edition_id == edition_id, Occurrence.publication == Publication.DRAFT)
        .options(joinedload(Occurrence.room).joinedload(Room.venue), joinedload(source.room).joinedload(Room.venue))
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(most)
    )
    return [DraftOccurrence(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class DraftMilestone:
    """A draft with the one of the same code in the edition that this one was copied from."""

    row: Milestone
    source: Milestone | None


def draft_milestones(edition: Edition) -> list[DraftMilestone]:
    """In the order of time. One query."""
    source = aliased(Milestone)
    same = (source.edition_id == edition.copied_from_id, source.code == Milestone.code)
    query = (
        select(Milestone, source)
        .outerjoin(source, same[0] & same[1])
        .where(Milestone.edition_id == edition.id, Milestone.publication == Publication.DRAFT)
        .order_by(Milestone.starts_at, Milestone.id)
    )
    return [DraftMilestone(*row) for row in db.session.execute(query)]


def all_occurrences(edition_id: int, most: int) -> Sequence[Occurrence]:
    """Those of an edition that were not withdrawn, with rooms and venues, in order."""
    query = (
        select(Occurrence)
        .where(Occurrence.edition_id == edition_id, Occurrence.publication != Publication.WITHDRAWN)
        .options(joinedload(Occurrence.room).joinedload(Room.venue))
        .order_by(Occurrence.starts_at, Occurrence.id)
    )
    return db.session.scalars(query.limit(most)).all()


@dataclass(frozen=True)
class Tally:
    """What the checklist counts of the occurrences of an edition."""

    occurrences: int
    without_place: int
    with_registration: int
    over: int
    starts_at: datetime | None  # the first of them, and the end of the last; None without any
    ends_at: datetime | None


def tally(edition_id: int, now: datetime) -> Tally:
    nowhere = Occurrence.room_id.is_(None) & (Occurrence.place == "")
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(nowhere),
            func.count().filter(Occurrence.opens_at.is_not(None)),
            func.count().filter(Occurrence.ends_at <= now),
            func.min(Occurrence.starts_at),
            func.max(Occurrence.ends_at),
        ).where(
            Occurrence.edition_id == edition_id,
            Occurrence.publication != Publication.WITHDRAWN,
            Occurrence.status == Status.SCHEDULED,
        )
    ).one()
    return Tally(*row)


def texts_of(edition: Edition, most: int = 300) -> dict[str, str]:
    """What the edition's dates say of themselves: a name → its words."""
    query = select(Occurrence.title, Occurrence.summary, Occurrence.place).where(
        Occurrence.edition_id == edition.id, Occurrence.publication != Publication.WITHDRAWN
    )
    rows = db.session.execute(query.order_by(Occurrence.starts_at, Occurrence.id).limit(most)).all()
    found = {title or edition.own_name: " ".join((title, summary, place)) for title, summary, place in rows}
    names = db.session.scalars(select(Milestone.name).where(Milestone.edition_id == edition.id))
    return found | {name: name for name in names}
