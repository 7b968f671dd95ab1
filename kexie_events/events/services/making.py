"""The one place where occurrences come from, whoever asks: a plan, a rule, a copy, a proposal, a declaration."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...core.access import Actor
from ...core.errors import NotFound
from ...units.models import Unit
from ...units.rules import check_in_force
from .. import plans
from ..hosting.services.hosts import follow_dates, lock_hosted
from ..models import Edition, Occurrence, Room
from ..patterns.rules import Terms
from ..plans import OccurrencePlan
from ..rules import Publication
from .clashes import Wanted, refused_in_words


@dataclass(frozen=True)
class NewOccurrence:
    """What is to become an occurrence: of which edition, what is planned, and where it comes from."""

    edition: Edition
    plan: OccurrencePlan
    key: str = ""  # of the form that was sent; "": a fresh one
    slot: tuple[int, datetime] | None = None  # the pattern that it follows, and its slot
    copied_from_id: int | None = None
    is_public: bool = False  # from the first moment; otherwise a draft


def of_slots(pattern_id: int, terms: Terms, slots: Iterable[tuple[Edition, datetime]]) -> list[NewOccurrence]:
    """Those that follow a pattern in everything, one for each slot."""
    found = []
    for edition, slot_at in slots:
        facts = terms.facts(slot_at)
        plan = OccurrencePlan(
            facts.starts_at, facts.ends_at, facts.all_day, facts.room_id, facts.place, capacity=facts.capacity,
            opens_at=facts.opens_at, closes_at=facts.closes_at,
        )  # fmt: skip
        found.append(NewOccurrence(edition, plan, slot=(pattern_id, slot_at)))
    return found


def make_occurrences(
    session: Session, wanted: Sequence[NewOccurrence], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> list[Occurrence]:
    """Locks the editions that are lent to a host. One row for each that is wanted, in their order; all or none.

    For services, inside their transaction: they ask who may do it, and record it. Here times, words, seats and windows
    are sound, units that are named exist today, rooms exist and are free, and the host's time follows the dates. A
    number of statements that does not depend on how many are made of one edition.
    Raises: RuleBroken("event.room_taken" | "event.after_hosting" | "event.added_already" | "unit.ended" | …), NotFound.
    """
    planned = [(each, plans.sound_occurrence(each.plan, zone)) for each in wanted]
    if not planned:
        return []
    session.flush()  # of what is locked below, nothing unwritten is lost
    named = {plan.unit_id for _each, plan in planned if plan.unit_id is not None}
    _check_units(session, named, now.astimezone(zone).date())
    _check_rooms(session, {plan.room_id for _each, plan in planned if plan.room_id is not None})
    editions = {each.edition.id: each.edition for each in wanted}
    for edition_id in sorted(editions):
        lock_hosted(edition_id)
    rows = [_row(each, plan, now) for each, plan in planned]
    rooms = [Wanted(plan.room_id, plan.starts_at, plan.ends_at) for _each, plan in planned]
    with refused_in_words(session, actor=actor, rooms=rooms):
        session.add_all(rows)
    for edition_id, edition in editions.items():
        last_at = max(row.ends_at for row in rows if row.edition_id == edition_id)
        follow_dates(session, edition, last_at, actor=actor, zone=zone)
    return rows


def _check_units(session: Session, ids: Collection[int], on: date) -> None:
    """Raises: RuleBroken("unit.ended" | "unit.not_begun")."""
    for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.id)) if ids else ():
        check_in_force(unit, on)


def _check_rooms(session: Session, ids: Collection[int]) -> None:
    """Raises: NotFound for a room that is none."""
    if ids and len(session.scalars(select(Room.id).where(Room.id.in_(ids))).all()) < len(ids):
        raise NotFound()


def _row(each: NewOccurrence, plan: OccurrencePlan, now: datetime) -> Occurrence:
    pattern_id, planned_at = each.slot or (None, None)
    row = Occurrence(
        uid=each.key or str(uuid4()), edition_id=each.edition.id, series_id=each.edition.series_id,
        unit_id=plan.unit_id or each.edition.unit_id, pattern_id=pattern_id, planned_at=planned_at,
        copied_from_id=each.copied_from_id, title=plan.title, summary=plan.summary, starts_at=plan.starts_at,
        ends_at=plan.ends_at, all_day=plan.all_day, room_id=plan.room_id, place=plan.place, capacity=plan.capacity,
        opens_at=plan.opens_at, closes_at=plan.closes_at, places_note=plan.places_note, revision=0, changed_at=now,
        publication=Publication.PUBLISHED if each.is_public else Publication.DRAFT,
    )  # fmt: skip
    if each.is_public:
        row.touch(now)
    return row
