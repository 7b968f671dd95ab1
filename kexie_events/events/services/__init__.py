"""What organisers do with events. One function, one thing that a person does, one transaction."""

from .changing import cancel, change_milestone, change_occurrence, move, restore
from .drafting import draft_editions
from .facts import change_edition, change_window
from .planning import add_edition, add_milestone, add_occurrence, schedule
from .publishing import approve, publish, unpublish
from .venues import add_room, add_venue

__all__ = [
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
    "draft_editions",
    "move",
    "publish",
    "restore",
    "schedule",
    "unpublish",
]
