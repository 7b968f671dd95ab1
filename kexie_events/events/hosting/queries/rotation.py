"""The list of hosts of a series, its issues with their dates and hosts, and whose turn they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select

from ....core.db import db
from ....core.errors import NotFound
from ....units.models import Unit
from ...models import Edition, Occurrence, Series
from ...numbering import Numbered, Style, words
from ...rules import Publication, Status, check_ahead
from ..models import Rotation, RotationMember
from ..rotation import USUAL_HANDOVER_DAYS, Member, Turn, next_hosts


@dataclass(frozen=True)
class Listed:
    """A unit in the list of a series, with its turns so far and to come."""

    member: Member
    name: str


@dataclass(frozen=True)
class Circle:
    """The rotation of a series as it stands: the list in order."""

    handover_days: int
    revision: int
    listed: tuple[Listed, ...]

    @property
    def members(self) -> list[Member]:
        return [each.member for each in self.listed]

    def seat(self, unit_id: int) -> Listed:
        """Raises: NotFound for a unit that is not in the list."""
        for each in self.listed:
            if each.member.unit_id == unit_id:
                return each
        raise NotFound()


@dataclass(frozen=True)
class Issue:
    """An edition as the rotation sees it. ``first_at`` and ``last_at``: of all its dates, None without any."""

    id: int
    unit_id: int
    unit_name: str
    number: int
    style: Style
    year: int
    title: str
    publication: Publication
    settled: bool  # somebody has its turn
    takes_place: bool  # not every date of it is cancelled
    first_at: datetime | None
    last_at: datetime | None
    hosted_until: date | None

    @property
    def words(self) -> str:
        return words(Numbered(self.number, self.style, self.year))

    def on(self, zone: ZoneInfo) -> date:
        """The day it begins; without a date the last one of the year that it is counted under."""
        return self.first_at.astimezone(zone).date() if self.first_at else date(self.year, 12, 31)

    def last_on(self, zone: ZoneInfo) -> date:
        return self.last_at.astimezone(zone).date() if self.last_at else date(self.year, 12, 31)

    def is_ahead(self, now: datetime, zone: ZoneInfo) -> bool:
        if self.first_at is not None:
            return self.first_at > now
        return self.year >= now.astimezone(zone).year

    def turn(self, zone: ZoneInfo) -> Turn:
        return Turn(self.on(zone), self.unit_id)


def circle(series_id: int) -> Circle:
    """Two statements."""
    rotation = db.session.scalar(select(Rotation).where(Rotation.series_id == series_id))
    rows = db.session.execute(
        select(RotationMember, Unit.name, Unit.valid_from, Unit.valid_to)
        .join(Unit, Unit.id == RotationMember.unit_id)
        .where(RotationMember.series_id == series_id, RotationMember.left_on.is_(None))
        .order_by(RotationMember.position)
        .execution_options(populate_existing=True)
    )
    listed = tuple(
        Listed(Member(row.unit_id, row.position or 0, frozenset(row.blackout), row.counts_from, begun, closed), name)
        for row, name, begun, closed in rows
    )
    if rotation is None:
        return Circle(USUAL_HANDOVER_DAYS, 0, listed)
    db.session.refresh(rotation)
    return Circle(rotation.handover_days, rotation.revision, listed)


def issues(series_id: int) -> list[Issue]:
    """The editions of a series but those taken back, by date, those without one last. One statement."""
    return issues_where(Edition.series_id == series_id, Occurrence.series_id == series_id)


def issues_where(condition: ColumnElement[bool], dated: ColumnElement[bool]) -> list[Issue]:
    dates = (
        select(
            Occurrence.edition_id,
            func.min(Occurrence.starts_at).label("first_at"),
            func.max(Occurrence.ends_at).label("last_at"),
            func.bool_or(Occurrence.status == Status.SCHEDULED).label("takes_place"),
        )
        .where(dated)
        .group_by(Occurrence.edition_id)
        .subquery("dates")
    )
    settled = or_(Edition.host_settled, Edition.unit_id != Series.unit_id, Edition.publication == Publication.PUBLISHED)
    rows = db.session.execute(
        select(
            Edition.id, Edition.unit_id, Unit.name, Edition.number, Edition.style, Edition.year, Edition.title,
            Edition.publication, settled, func.coalesce(dates.c.takes_place, True), dates.c.first_at, dates.c.last_at,
            Edition.hosted_until,
        )
        .join(Series, Series.id == Edition.series_id)
        .join(Unit, Unit.id == Edition.unit_id)
        .outerjoin(dates, dates.c.edition_id == Edition.id)
        .where(condition, Edition.publication != Publication.WITHDRAWN)
        .order_by(dates.c.first_at.asc().nulls_last(), Edition.year, Edition.number, Edition.id)
    )  # fmt: skip
    return [Issue(*row) for row in rows]


def turns(found: Collection[Issue], zone: ZoneInfo) -> list[Turn]:
    """What counts: a settled issue that takes place or has. A cancelled one gives the turn back."""
    return [issue.turn(zone) for issue in found if issue.settled and issue.takes_place]


def units_to_list(series_id: int, text: str, today: date, *, limit: int) -> Sequence[Unit]:
    """Units in force whose name holds a text and that are not in the list, in the order of the tree."""
    listed = select(RotationMember.unit_id).where(
        RotationMember.series_id == series_id, RotationMember.left_on.is_(None)
    )
    query = (
        select(Unit)
        .where(Unit.in_force(today))
        .where(Unit.name.contains(text, autoescape=True), Unit.id.not_in(listed))
    )
    return db.session.scalars(query.order_by(func.length(Unit.path), Unit.id).limit(limit)).all()


def check_not_over(issue: Issue, now: datetime) -> None:
    """Who ran what is over stays as it was. Raises: RuleBroken("event.over")."""
    if issue.last_at is not None:
        check_ahead(issue.last_at, now)


def next_host(series_id: int, *, on: date | None = None, today: date, zone: ZoneInfo) -> int | None:
    """The unit whose turn the next new issue of a series is; None when the series has no list, or nobody can.

    ``on``: the day it begins; without one, the day after the last issue, and no month is looked at.
    """
    ring = circle(series_id)
    held = turns(issues(series_id), zone)
    members = ring.members
    if on is None:
        members = [replace(member, blackout=frozenset()) for member in members]
        on = max([today, *(turn.on for turn in held)])
    return next_hosts(members, held, [on])[0]


def turns_due(series_id: int, found: Collection[Issue], *, now: datetime, zone: ZoneInfo) -> dict[int, int]:
    """Drafts to come that nobody has agreed on → the unit whose turn each is."""
    ring = circle(series_id)
    open_ = [
        issue
        for issue in found
        if not issue.settled and issue.publication is Publication.DRAFT and issue.takes_place
        and issue.is_ahead(now, zone)
    ]  # fmt: skip
    named = next_hosts(ring.members, turns(found, zone), [issue.on(zone) for issue in open_])
    return {issue.id: unit_id for issue, unit_id in zip(open_, named, strict=True) if unit_id is not None}
