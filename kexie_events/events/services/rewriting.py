"""Many drafts at once get other times, places or words: a number of statements that does not depend on how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.errors import RuleBroken
from ...core.text import one_line
from .. import plans, rules
from ..hosting.services.hosts import follow_dates
from ..keepers import check_own
from ..models import Edition, Occurrence
from ..patterns.rules import Own
from ..plans import Sitting
from ..rules import Publication, Status
from .changing import say_own, tell
from .clashes import Wanted, refused_in_words


@dataclass(frozen=True)
class Rewritten:
    """What a draft is to say."""

    row: Occurrence
    to: Sitting
    title: str
    summary: str


def rewrite_drafts(
    session: Session, edition: Edition, wanted: Sequence[Rewritten], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> None:
    """All or none, of one edition. For services, inside their transaction: they hold edition and rows, ask who may do
    it, and know that what they replace is what was seen. Registration windows move along, as in ``move``.

    Raises: RuleBroken("event.already_published" | "event.is_cancelled" | "event.room_taken" | …).
    """
    if not wanted:
        return
    check_own(*(each.row.id for each in wanted))
    before = {each.row.id: _facts(each.row) for each in wanted}
    rooms = [Wanted(each.to.room_id, each.to.starts_at, each.to.ends_at) for each in wanted]
    with refused_in_words(session, actor=actor, rooms=rooms):
        for each in wanted:
            _write(each, now, zone)
        session.flush()
    follow_dates(session, edition, max(each.row.ends_at for each in wanted), actor=actor, zone=zone)
    changes = [{"occurrence": each.row.id, "before": before[each.row.id], "after": _facts(each.row)} for each in wanted]
    audit.record(f"edition:{edition.id}", "occurrences.rewritten", actor=actor, now=now, changes=changes)


def _write(each: Rewritten, now: datetime, zone: ZoneInfo) -> None:
    row, to, title = each.row, plans.sound(each.to, zone), one_line(each.title)
    if row.publication is Publication.PUBLISHED:
        raise RuleBroken("event.already_published")
    if row.status is Status.CANCELLED:
        raise RuleBroken("event.is_cancelled")
    rules.check_title(title)
    window = rules.shifted_window(row.opens_at, row.closes_at, by=to.starts_at - row.starts_at, now=now)
    rules.check_window(*window, to.ends_at)
    row.opens_at, row.closes_at = window
    row.starts_at, row.ends_at, row.all_day = to.starts_at, to.ends_at, to.all_day
    row.room_id, row.place, row.title, row.summary = to.room_id, to.place, title, each.summary.strip()
    say_own(row, Own.TIME, Own.PLACE, Own.WORDS)
    tell(row, now)


def _facts(row: Occurrence) -> dict[str, Any]:
    return {
        "title": row.title, "summary": row.summary, "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(), "all_day": row.all_day, "room": row.room_id, "place": row.place,
    }  # fmt: skip
