"""What organisers see of events: the day's work, series, editions, dates, places.

The desk shows what this actor plans. That is ``access.visible`` without what is merely public: other people's
published things have public pages, and their approvals and drafts are nobody's business.
The number of queries of a page does not depend on the number of rows.
"""

from .choices import region_name, rooms, rooms_of, taken_slots, venue, venue_rows, venues
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
    ToDo,
    changed_lately,
    coming,
    dates_between,
    editions_held,
    waiting_additions,
    waiting_for_approval,
    waiting_for_publication,
)

__all__ = [
    "ToDo", "Unpublished", "changed_lately", "coming", "dates_between", "edition", "edition_rows", "editions_held",
    "hidden_occurrence_rows", "kinds_in_use", "milestone", "milestones", "occurrence", "occurrence_rows", "planned_by",
    "region_name", "rooms", "rooms_of", "series", "series_by_slug", "series_rows", "taken_slots", "unpublished",
    "venue", "venue_rows", "venues", "waiting_additions", "waiting_for_approval", "waiting_for_publication",
]  # fmt: skip
