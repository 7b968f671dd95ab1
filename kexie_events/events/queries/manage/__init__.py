"""What organisers see of events: the day's work, series, editions, dates, places.

The desk shows what this actor plans. That is ``access.visible`` without what is merely public: other people's
published things have public pages, and their approvals and drafts are nobody's business.
The number of queries of a page does not depend on the number of rows.
"""

from .choices import rooms, rooms_of, taken_slots, venue_rows, venues
from .things import (
    Unpublished,
    edition,
    edition_rows,
    hidden_occurrence_rows,
    kinds_in_use,
    milestone,
    milestones,
    occurrence,
    occurrence_rows,
    planned_by,
    series,
    series_by_slug,
    series_rows,
    unpublished,
)
from .today import (
    APPROVED_FIRST,
    ToDo,
    changed_lately,
    coming,
    dates_between,
    editions_held,
    series_planned,
    waiting_additions,
    waiting_for_approval,
    waiting_for_publication,
    waiting_requests,
)

__all__ = [
    "APPROVED_FIRST", "ToDo", "Unpublished", "changed_lately", "coming", "dates_between", "edition", "edition_rows",
    "editions_held", "hidden_occurrence_rows", "kinds_in_use", "milestone", "milestones", "occurrence",
    "occurrence_rows", "planned_by", "rooms", "rooms_of", "series", "series_by_slug", "series_planned", "series_rows",
    "taken_slots", "unpublished", "venue_rows", "venues", "waiting_additions", "waiting_for_approval",
    "waiting_for_publication", "waiting_requests",
]  # fmt: skip
