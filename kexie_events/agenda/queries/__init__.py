"""What is read of agendas. Every list of the desk passes ``access.visible``, and so does every public one."""

from .guests import groups, guest, guests, guests_in_order, span_of
from .proposals import (
    call,
    called_units,
    is_invited,
    open_calls,
    own_proposals,
    partners,
    proposal,
    proposal_counts,
    proposals_listed,
    proposals_of,
    the_call,
)
from .releases import has_release, last_release, readable, releases, releasing
from .things import (
    WITH_AGENDA,
    Counted,
    Revisions,
    appearances,
    chairs,
    counted,
    day_to_copy,
    edition,
    forum,
    forums_of,
    forums_planned,
    last_end,
    minutes_left,
    revisions,
    session,
    speaker,
    speaker_rows,
    speakers_of,
    talk,
    where_is,
)
from .whole import whole

__all__ = [
    "WITH_AGENDA", "Counted", "Revisions", "appearances", "call",
    "called_units", "chairs", "counted", "day_to_copy", "edition", "forum", "forums_of", "forums_planned", "groups",
    "guest", "guests", "guests_in_order", "has_release", "is_invited", "last_end", "last_release", "minutes_left",
    "open_calls", "own_proposals", "partners", "proposal", "proposal_counts", "proposals_listed", "proposals_of",
    "readable", "releases", "releasing", "revisions", "session", "span_of", "speaker", "speaker_rows",
    "speakers_of", "talk", "the_call", "where_is", "whole",
]  # fmt: skip
