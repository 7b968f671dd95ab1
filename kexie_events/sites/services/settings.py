"""What a campaign asks of those who declare."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, transaction
from ...core.errors import Conflict
from ...events.models import Edition
from ...events.queries.places import require
from .. import rules
from ..models import Campaign
from ..rules import Category


def set_terms(
    edition_id: int,
    categories: Sequence[Category],
    *,
    declares_until: datetime | None,
    reports_until: datetime | None,
    expected_revision: int,
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Locks the edition. Kinds of activity, until when to declare, until when to report.

    A kind that is dropped stays with what was declared under it. Raises: Conflict, RuleBroken("site.deadlines").
    """
    rules.check_deadlines(declares_until, reports_until)
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        row = session.get(Campaign, edition_id, populate_existing=True)
        if row is not None and row.revision != expected_revision:
            raise Conflict("site.terms_changed")
        if row is None:
            row = Campaign(edition_id=edition_id, revision=0)
            session.add(row)
        row.categories = [asdict(category) for category in categories]
        row.declares_until, row.reports_until = declares_until, reports_until
        row.revision, row.changed_at = row.revision + 1, now
        audit.record(
            f"edition:{edition_id}", "sites.terms_set", actor=actor, now=now,
            categories=[category.name for category in categories],
            declares_until=declares_until.isoformat() if declares_until else None,
            reports_until=reports_until.isoformat() if reports_until else None,
        )  # fmt: skip
    return row
