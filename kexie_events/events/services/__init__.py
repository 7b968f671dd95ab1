"""What organisers do with events. One function, one thing that a person does, one transaction."""

from .changing import cancel, change_milestone, change_occurrence, move, restore, say_own
from .drafting import draft_editions
from .planning import add_edition, add_milestone, add_occurrence, schedule
from .publishing import approve, publish, unpublish
from .revising import bring_back, change_rule, change_series, skip_slot
from .venues import add_room, add_venue, change_venue

__all__ = [
    "add_edition",
    "add_milestone",
    "add_occurrence",
    "add_room",
    "add_venue",
    "approve",
    "bring_back",
    "cancel",
    "change_milestone",
    "change_occurrence",
    "change_rule",
    "change_series",
    "change_venue",
    "draft_editions",
    "move",
    "publish",
    "restore",
    "say_own",
    "schedule",
    "skip_slot",
    "unpublish",
]
