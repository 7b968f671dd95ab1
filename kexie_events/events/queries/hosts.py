"""Host rotation: the list, the issues with their dates and hosts, swaps, what is asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from ...core.access import Actor, visible
from ...core.db import db
from ...core.errors import NotFound
from ...units.models import Unit
from ..hosting import ApprovalRequest, HostSwap, Rotation, RotationMember
from ..kinds import Capability, can
from ..models import Edition, Occurrence, Series
from ..numbering import Numbered, Style, words
from ..rotation import USUAL_HANDOVER_DAYS, Member, Turn
from ..rules import Publication, RequestState, Status, SwapState
from .manage.things import planned_by


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
    return _issues(Edition.series_id == series_id, Occurrence.series_id == series_id)


def _issues(condition: ColumnElement[bool], dated: ColumnElement[bool]) -> list[Issue]:
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


@dataclass(frozen=True)
class Swap:
    """An exchange with the names of everything."""

    id: int
    state: SwapState
    reason: str
    asked_at: datetime
    answered_at: datetime | None
    first: Numbered
    first_edition_id: int
    first_unit: str
    second: Numbered
    second_edition_id: int
    second_unit: str

    @property
    def first_words(self) -> str:
        return words(self.first)

    @property
    def second_words(self) -> str:
        return words(self.second)


def swaps(series_id: int, *, limit: int = 20) -> list[Swap]:
    """The latest first. One statement."""
    return _swaps(HostSwap.series_id == series_id, limit=limit)


def swap(swap_id: int, actor: Actor) -> Swap:
    """For whoever plans one of the two issues. Raises: NotFound, also for everybody else."""
    found = next(iter(_swaps(HostSwap.id == swap_id, limit=1)), None)
    if found is None or not any(plans(actor, id) for id in (found.first_edition_id, found.second_edition_id)):
        raise NotFound()
    return found


def plans(actor: Actor, edition_id: int) -> bool:
    query = select(Edition.id).where(Edition.id == edition_id, planned_by(actor, Edition))
    return db.session.scalar(query) is not None


def pair_of(found: Swap) -> tuple[Issue | None, Issue | None]:
    """Both issues as they stand now; None for one that was taken back."""
    ids = (found.first_edition_id, found.second_edition_id)
    by_id = {issue.id: issue for issue in _issues(Edition.id.in_(ids), Occurrence.edition_id.in_(ids))}
    return by_id.get(ids[0]), by_id.get(ids[1])


def to_exchange(
    edition: Edition, actor: Actor, *, now: datetime, zone: ZoneInfo, limit: int
) -> tuple[Issue | None, list[Issue]]:
    """An issue, and the others of its series to come that another unit runs and that the actor may see."""
    found = {issue.id: issue for issue in issues(edition.series_id) if issue.is_ahead(now, zone)}
    query = select(Edition.id).where(Edition.series_id == edition.series_id, visible(Edition, actor))
    seen = set(db.session.scalars(query))
    others = [each for id, each in found.items() if id in seen and each.unit_id != edition.unit_id and each.settled]
    return found.get(edition.id), others[:limit]


def asked_of(actor: Actor, *, limit: int = 8) -> list[Swap]:
    """Exchanges that wait for this actor's answer."""
    mine = select(Edition.id).where(planned_by(actor, Edition))
    theirs = HostSwap.second_edition_id.in_(mine)
    return _swaps(and_(HostSwap.state == SwapState.ASKED, theirs), limit=limit)


def _swaps(condition: ColumnElement[bool], *, limit: int) -> list[Swap]:
    first, second = aliased(Edition), aliased(Edition)
    ours, theirs = aliased(Unit), aliased(Unit)
    rows = db.session.execute(
        select(HostSwap, first, ours.name, second, theirs.name)
        .join(first, first.id == HostSwap.first_edition_id)
        .join(second, second.id == HostSwap.second_edition_id)
        .join(ours, ours.id == HostSwap.first_unit_id)
        .join(theirs, theirs.id == HostSwap.second_unit_id)
        .where(condition)
        .order_by(HostSwap.asked_at.desc(), HostSwap.id.desc())
        .limit(limit)
    )
    return [
        Swap(
            row.id, row.state, row.reason, row.asked_at, row.answered_at, one.numbered, one.id, our, two.numbered,
            two.id, their,
        )
        for row, one, our, two, their in rows
    ]  # fmt: skip


def latest_request(edition_id: int) -> ApprovalRequest | None:
    query = select(ApprovalRequest).where(ApprovalRequest.edition_id == edition_id)
    return db.session.scalar(query.order_by(ApprovalRequest.id.desc()).limit(1))


@dataclass(frozen=True)
class Hosted:
    """An issue that the actor's unit runs for another, and what is still open on it."""

    edition: Edition
    series: Series
    owner: str
    first_at: datetime | None
    drafts: int  # dates and the edition itself that nobody outside sees
    request: RequestState | None
    answer: str

    @property
    def needs_approval(self) -> bool:
        return self.edition.approved_at is None and can(self.series.kind, Capability.APPROVAL_FIRST)


def hosted_by(actor: Actor, now: datetime, today: date, *, limit: int = 8) -> list[Hosted]:
    """Issues whose host the actor is and not their owner, not over; the soonest first. One statement."""
    dates = (
        select(
            func.min(Occurrence.starts_at).filter(Occurrence.ends_at > now).label("first_at"),
            func.count().filter(Occurrence.publication != Publication.PUBLISHED).label("drafts"),
        )
        .where(Occurrence.edition_id == Edition.id)
        .correlate(Edition)
        .lateral("dates")
    )
    asked = (
        select(ApprovalRequest.state, ApprovalRequest.answer)
        .where(ApprovalRequest.edition_id == Edition.id)
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
        .correlate(Edition)
        .lateral("asked")
    )
    owner = aliased(Unit)
    rows = db.session.execute(
        select(Edition, Series, owner.name, dates.c.first_at, dates.c.drafts, asked.c.state, asked.c.answer)
        .join(Series, Series.id == Edition.series_id)
        .join(owner, owner.id == Series.unit_id)
        .join(dates, true())
        .outerjoin(asked, true())
        .where(
            Edition.hosted_until > today,
            Edition.publication != Publication.WITHDRAWN,
            planned_by(actor, Edition),
            ~planned_by(actor, Series),
        )
        .order_by(dates.c.first_at.asc().nulls_last(), Edition.hosted_until, Edition.id)
        .limit(limit)
    )
    return [Hosted(*row) for row in rows]
