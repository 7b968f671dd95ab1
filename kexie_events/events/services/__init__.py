"""What organisers do with events. One function, one thing that a person does, one transaction."""

from .changing import cancel, change_milestone, change_occurrence, move, restore
from .cloning import Copy, clone_edition, discard, start_edition
from .dating import NewDate, set_dates
from .drafting import draft_editions
from .facts import change_edition, change_window
from .planning import add_edition, add_milestone, add_occurrence, schedule
from .publishing import approve, publish, unpublish
from .venues import add_room, add_venue

__all__ = [
    "Copy",
    "NewDate",
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
    "change_window",
    "clone_edition",
    "discard",
    "draft_editions",
    "move",
    "publish",
    "restore",
    "schedule",
    "set_dates",
    "start_edition",
    "unpublish",
]
