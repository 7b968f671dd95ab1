"""What organisers do with events. One function, one thing that a person does, one transaction."""

from .changing import cancel, change_milestone, change_occurrence, move, restore, say_own
from .cloning import Copy, clone_edition, start_edition
from .dating import NewDate, set_dates
from .discarding import discard, discard_drafts
from .drafting import draft_editions
from .facts import change_edition, change_window
from .making import NewOccurrence, make_occurrences
from .planning import add_edition, add_milestone, add_occurrence, schedule
from .publishing import approve, publish, unpublish
from .rewriting import Rewritten, rewrite_drafts
from .series import change_series
from .venues import add_room, add_venue, change_venue

__all__ = [
    "Copy",
    "NewDate",
    "NewOccurrence",
    "Rewritten",
    "add_edition",
    "add_milestone",
    "add_occurrence",
    "add_room",
    "add_venue",
    "approve",
    "cancel",
    "change_edition",
    "change_milestone",
    "change_occurrence",
    "change_series",
    "change_venue",
    "change_window",
    "clone_edition",
    "discard",
    "discard_drafts",
    "draft_editions",
    "make_occurrences",
    "move",
    "publish",
    "restore",
    "rewrite_drafts",
    "say_own",
    "schedule",
    "set_dates",
    "start_edition",
    "unpublish",
]
