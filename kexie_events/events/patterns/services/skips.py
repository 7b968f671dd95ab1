"""A slot at which nothing takes place: skipped with a reason, and brought back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ....audit import services as audit
from ....core.access import Action, Actor
from ....core.db import lock, one, transaction
from ....core.errors import Conflict, RuleBroken
from ....core.text import one_line
from ... import plans, rules
from ...hosting.services.hosts import give_turns
from ...models import Edition, Occurrence, Series
from ...queries.places import require
from ...rules import Publication
from ...services.making import make_occurrences, of_slots
from ...services.planning import new_edition
from .. import queries
from ..models import Pattern, Skip
from .vanishing import vanish


def skip_slot(occurrence_id: int, *, reason: str, expected_revision: int, actor: Actor, now: datetime) -> Skip:
    """Locks the series, the edition and the occurrence. Nothing takes place at this slot; the others stay as they are.

    Only a draft can be skipped: it vanishes, so whoever plans the series decides. What people know of is cancelled.
    Raises: RuleBroken("pattern.no_slot" | "pattern.is_known" | "event.reason" | "pattern.in_use"), Conflict.
    """
    why = one_line(reason)
    rules.check_reason(why)
    with transaction() as session:
        found = one(Occurrence, occurrence_id)
        series = lock(Series, found.series_id)
        require(actor, Action.PLAN, series)
        lock(Edition, found.edition_id)
        row = lock(Occurrence, occurrence_id)
        if row.pattern_id is None or row.planned_at is None:
            raise RuleBroken("pattern.no_slot")
        if row.publication is not Publication.DRAFT:
            raise RuleBroken("pattern.is_known")
        if row.revision != expected_revision:
            raise Conflict("event.changed_meanwhile", yours=expected_revision, theirs=row.revision)
        pattern, slot_at = one(Pattern, row.pattern_id), row.planned_at
        vanish(session, [row], with_editions=pattern.edition_id is None)
        skipped = Skip(
            pattern_id=pattern.id, slot_at=slot_at, reason=why, skipped_at=now, skipped_by_id=actor.account_id
        )
        session.add(skipped)
        _changed(series, now)
        audit.record(
            f"series:{series.id}", "series.slot_skipped", actor=actor, now=now, reason=why, occurrence=occurrence_id,
            slot=slot_at.isoformat(),
        )  # fmt: skip
    return skipped


def bring_back(series_id: int, skip_id: int, *, actor: Actor, now: datetime, zone: ZoneInfo) -> Occurrence:
    """Locks the series. The skipped slot takes place after all, as a draft that follows the rule.

    Raises: RuleBroken("event.begun" | "event.room_taken"), NotFound when it was brought back already.
    """
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        skipped = queries.skip(actor, series.id, skip_id)
        pattern, slot_at = one(Pattern, skipped.pattern_id), skipped.slot_at
        if slot_at <= now:
            raise RuleBroken("event.begun", starts_at=slot_at)
        session.delete(skipped)
        if pattern.edition_id is not None:
            edition = one(Edition, pattern.edition_id)
        else:
            day = slot_at.astimezone(zone).date()
            (numbered,) = plans.further_numbers([day], queries.taken_numbers(series.id), pattern.year_shift)
            edition = new_edition(series, numbered, series.unit_id, now)
            session.add(edition)
            session.flush()
        wanted = of_slots(pattern.id, pattern.terms, [(edition, slot_at)])
        (row,) = make_occurrences(session, wanted, actor=actor, now=now, zone=zone)
        if pattern.edition_id is None:
            give_turns(series, now=now, zone=zone, session=session)
        _changed(series, now)
        audit.record(
            f"series:{series.id}", "series.slot_brought_back", actor=actor, now=now, occurrence=row.id,
            slot=slot_at.isoformat(), reason=skipped.reason,
        )  # fmt: skip
    return row


def _changed(series: Series, now: datetime) -> None:
    series.revision, series.changed_at = series.revision + 1, now
