"""What is read of agendas. Every list of the desk passes ``access.visible``, and so does every public one."""

from .guests import groups, guest, guests, guests_in_order, span_of
from .proposals import (
    call,
    called_units,
    calls_of_others,
    is_invited,
    open_calls,
    own_proposals,
    partners,
    proposal,
    proposal_counts,
    proposals_listed,
    proposals_of,
    proposals_waiting,
    the_call,
)
from .releases import digest_of, has_release, last_release, readable, releases
from .things import (
    WITH_AGENDA,
    Counted,
    Revisions,
    appearances,
    chairs,
    counted,
    edition,
    forum,
    forums_of,
    forums_planned,
    last_end,
    minutes_left,
    revisions,
    session,
    shiftable,
    speaker,
    speaker_rows,
    speakers_of,
    talk,
    to_shift,
    where_is,
)
from .whole import ForumFacts, RoomFacts, Whole, whole

__all__ = [
    "WITH_AGENDA", "Counted", "ForumFacts", "Revisions", "RoomFacts", "Whole", "appearances", "call",
    "called_units", "calls_of_others", "chairs", "counted", "digest_of", "edition", "forum", "forums_of",
    "forums_planned", "groups", "guest", "guests", "guests_in_order", "has_release", "is_invited", "last_end",
    "last_release", "minutes_left", "open_calls", "own_proposals", "partners", "proposal", "proposal_counts",
    "proposals_listed", "proposals_of", "proposals_waiting", "readable", "releases", "revisions", "session",
    "shiftable", "span_of", "speaker", "speaker_rows", "speakers_of", "talk", "the_call", "to_shift",
    "where_is", "whole",
]  # fmt: skip
