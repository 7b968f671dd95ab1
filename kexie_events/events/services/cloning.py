"""An edition made from an earlier one: dates shifted by rule, what the rooms bring along, and throwing the draft away.

People, registrations, works, scores and files never come along.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import lock, one, transaction
from ...core.errors import RuleBroken
from ...units.models import Unit
from ...units.rules import in_force
from .. import carrying, numbering, rules, shifting
from ..carrying import Carrier
from ..hosting.queries import circle
from ..keepers import kept
from ..models import Edition, Milestone, Occurrence, Series
from ..numbering import Numbered
from ..plans import OccurrencePlan
from ..queries.places import require
from ..rules import Publication, Status
from ..shifting import Shifting
from ..starting import Dated as StartingPoint
from .dating import try_room
from .making import NewOccurrence, make_occurrences
from .planning import add_edition

MOST_COPIED = 200  # occurrences of the edition's own; what units declared is declared anew
MILESTONES, OCCURRENCES = "milestones", "occurrences"


@dataclass(frozen=True)
class Copy:
    """What an organiser decides on the first page. ``take``: MILESTONES, OCCURRENCES and keys of carriers."""

    numbered: Numbered
    shifting: Shifting
    take: frozenset[str]
    title: str = ""


def clone_edition(source_id: int, copy: Copy, *, key: str, actor: Actor, now: datetime, zone: ZoneInfo) -> Edition:
    """Locks the series. A draft made from an earlier edition, its dates shifted; nobody else sees it.

    Of an edition that was cancelled as a whole its dates come along, of another one only those that were not. A room
    that is taken at the new time is left open, a host that is closed by now gives way to the series' own unit. ``key``:
    of the form; sent twice it is one edition.
    Raises: RuleBroken("clone.withdrawn" | "clone.too_many" | "clone.days" | "edition.number_taken" |
    "edition.key_reused" | …), Forbidden, NotFound.
    """
    shifting.check(copy.shifting)
    with transaction() as session:
        series = lock(Series, one(Edition, source_id).series_id)
        require(actor, Action.PLAN, series)
        source = lock(Edition, source_id)
        if made := session.scalar(select(Edition).where(Edition.key == key)):
            return _made_before(made, source, copy)
        if source.publication is Publication.WITHDRAWN:
            raise RuleBroken("clone.withdrawn")
        today = now.astimezone(zone).date()
        edition = add_edition(
            series.id, copy.numbered, title=copy.title, summary=source.summary,
            unit_id=_host(source, series, actor, today), actor=actor, now=now, zone=zone,
        )  # fmt: skip
        edition.copied_from_id, edition.key = source.id, key
        if MILESTONES in copy.take:
            _copy_milestones(session, source, edition, copy.shifting, now, zone)
        if OCCURRENCES in copy.take:
            _copy_occurrences(session, source, edition, copy.shifting, actor=actor, now=now, zone=zone)
        taken = [carrier for carrier in carrying.CARRIERS if carrier.key in copy.take]
        _bring(taken, source, edition, _shift(copy.shifting, zone), actor, now)
        audit.record(
            f"edition:{edition.id}", "edition.copied", actor=actor, now=now, source=source.id,
            take=sorted(copy.take), shift=copy.shifting.how.value, anchor=copy.shifting.anchor.isoformat(),
            days=copy.shifting.days_of(copy.shifting.anchor),
        )  # fmt: skip
    return edition


def _made_before(made: Edition, source: Edition, copy: Copy) -> Edition:
    asked = (source.id, copy.numbered.number, copy.numbered.style)
    if (made.copied_from_id, made.number, made.style) != asked:
        raise RuleBroken("edition.key_reused", number=numbering.words(made.numbered))
    return made


def _host(source: Edition, series: Series, actor: Actor, today: date) -> int | None:
    """Who ran the earlier edition, where nobody takes turns and that unit may be given it; None: whoever is next."""
    unit = one(Unit, source.unit_id)
    own = Place(unit.path)
    if unit.id == series.unit_id or circle(series.id).members or not access.allows(actor, Action.PLAN, own):
        return None
    return unit.id if in_force(unit.valid_from, unit.valid_to, today) else None


def _runs(unit_id: int, fallback: int, today: date) -> int:
    """A unit that ran a date of the earlier edition runs it again while it exists."""
    unit = one(Unit, unit_id)
    return unit_id if in_force(unit.valid_from, unit.valid_to, today) else fallback


def _shift(by: Shifting, zone: ZoneInfo) -> Callable[[datetime], datetime]:
    return lambda moment: shifting.moved(moment, by.days_of(moment.astimezone(zone).date()), zone)


def _bring(
    carriers: Sequence[Carrier],
    source: Edition,
    edition: Edition,
    shift: Callable[[datetime], datetime],
    actor: Actor,
    now: datetime,
) -> None:
    for carrier in carriers:
        carrier.copy(source, edition, shift, actor, now)


def _copy_milestones(
    session: Session, source: Edition, edition: Edition, by: Shifting, now: datetime, zone: ZoneInfo
) -> None:
    rows = session.scalars(select(Milestone).where(Milestone.edition_id == source.id).order_by(Milestone.id))
    for row in rows.all():
        days = by.days_of(row.starts_at.astimezone(zone).date())
        starts_at, ends_at = (shifting.moved(moment, days, zone) for moment in (row.starts_at, row.ends_at))
        rules.check_day(starts_at.date(), ends_at.date())
        session.add(
            Milestone(
                edition_id=edition.id, series_id=edition.series_id, unit_id=edition.unit_id, code=row.code,
                name=row.name, starts_at=starts_at, ends_at=ends_at, is_deadline=row.is_deadline, revision=0,
                changed_at=now,
            )
        )  # fmt: skip
    session.flush()


def _copy_occurrences(
    session: Session, source: Edition, edition: Edition, by: Shifting, *, actor: Actor, now: datetime, zone: ZoneInfo
) -> None:
    rows = session.scalars(select(Occurrence).where(Occurrence.edition_id == source.id).order_by(Occurrence.id)).all()
    declared = kept([row.id for row in rows])  # they are declared anew, and checked anew
    rows = [row for row in rows if row.publication is not Publication.WITHDRAWN and row.id not in declared]
    held = [row for row in rows if row.status is Status.SCHEDULED] or rows
    if len(held) > MOST_COPIED:
        raise RuleBroken("clone.too_many", count=len(held), most=MOST_COPIED)
    today = now.astimezone(zone).date()
    hosts = {unit_id: _runs(unit_id, edition.unit_id, today) for unit_id in {row.unit_id for row in held}}
    hosts[source.unit_id] = edition.unit_id
    wanted = [
        NewOccurrence(edition, _shifted(row, hosts[row.unit_id], by, zone), copied_from_id=row.id) for row in held
    ]  # fmt: skip
    copied = make_occurrences(session, wanted, actor=actor, now=now, zone=zone)
    for row, source_row in zip(copied, held, strict=True):
        if source_row.room_id is not None:
            try_room(session, row, source_row.room_id, actor)


def _shifted(row: Occurrence, unit_id: int, by: Shifting, zone: ZoneInfo) -> OccurrencePlan:
    """The plan of its copy, in no room yet: that may be taken."""
    days = by.days_of(row.starts_at.astimezone(zone).date())
    opens_at, closes_at = (
        None if moment is None else shifting.moved(moment, days, zone) for moment in (row.opens_at, row.closes_at)
    )
    return OccurrencePlan(
        shifting.moved(row.starts_at, days, zone), shifting.moved(row.ends_at, days, zone), row.all_day,
        place=row.place, title=row.title, summary=row.summary, capacity=row.capacity, opens_at=opens_at,
        closes_at=closes_at, unit_id=unit_id, places_note=row.places_note,
    )  # fmt: skip


def start_edition(
    series_id: int,
    numbered: Numbered,
    points: Sequence[StartingPoint],
    *,
    title: str,
    summary: str,
    unit_id: int,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Edition:
    """Locks the series. A draft from nothing, with those milestones of its kind that somebody ticked, dated.

    Raises: what refuses an edition; RuleBroken("event.day").
    """
    with transaction() as session:
        edition = add_edition(
            series_id, numbered, title=title, summary=summary, unit_id=unit_id, actor=actor, now=now, zone=zone
        )
        for each in points:
            rules.check_day(each.starts_at.astimezone(zone).date(), each.ends_at.astimezone(zone).date())
            session.add(
                Milestone(
                    edition_id=edition.id, series_id=edition.series_id, unit_id=edition.unit_id, code=each.point.code,
                    name=each.point.name, starts_at=each.starts_at, ends_at=each.ends_at,
                    is_deadline=each.point.deadline, revision=0, changed_at=now,
                )
            )  # fmt: skip
        if points:
            audit.record(
                f"edition:{edition.id}", "edition.started", actor=actor, now=now,
                milestones={each.point.code: each.starts_at.isoformat() for each in points},
            )  # fmt: skip
    return edition
