"""Exchanges of issues: what was exchanged or asked for, and whether two issues can be."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from ....core.access import Actor, visible
from ....core.db import db, one
from ....core.errors import Conflict, NotFound
from ....units.models import Unit
from ....units.rules import check_in_force
from ...models import Edition, Occurrence
from ...numbering import Numbered, words
from ...queries.manage.things import planned_by
from .. import rotation
from ..models import HostSwap
from ..rules import Exchange, SwapState
from .rotation import Issue, check_not_over, circle, issues, issues_where


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
    by_id = {issue.id: issue for issue in issues_where(Edition.id.in_(ids), Occurrence.edition_id.in_(ids))}
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


def checked_swap(exchange: Exchange, *, now: datetime, zone: ZoneInfo) -> tuple[Issue, Issue]:
    """Both issues, of one series and to come, can be exchanged. For the preview too: it writes nothing.

    Raises: NotFound, Conflict("rotation.changed_meanwhile"), RuleBroken("rotation.swap_same" | "rotation.swap_blackout"
    | "event.over" | "unit.ended").
    """
    series_id = one(Edition, exchange.first_edition_id).series_id
    by_id = {issue.id: issue for issue in issues(series_id)}
    first, second = by_id.get(exchange.first_edition_id), by_id.get(exchange.second_edition_id)
    if first is None or second is None:
        raise NotFound()
    if (first.unit_id, second.unit_id) != (exchange.first_unit_id, exchange.second_unit_id):
        raise Conflict("rotation.changed_meanwhile")
    members = {member.unit_id: member for member in circle(series_id).members}
    names = {}
    for issue, unit_id in ((first, second.unit_id), (second, first.unit_id)):
        check_not_over(issue, now)
        unit = one(Unit, unit_id)
        check_in_force(unit, issue.on(zone))
        names[unit_id] = unit.name
    rotation.check_swap(first.turn(zone), second.turn(zone), members, names)
    return first, second
