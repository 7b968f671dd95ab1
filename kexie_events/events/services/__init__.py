"""What organisers do with events. One function, one thing that a person does, one transaction."""

from .changing import cancel, change_milestone, change_occurrence, move, restore, say_own
from .cloning import Copy, clone_edition, discard, start_edition
from .dating import NewDate, set_dates
from .drafting import draft_editions
from .facts import change_edition, change_window
from .hosts import follow_series, give_turns, next_host, proposals, set_host
from .making import NewOccurrence, make_occurrences
from .planning import add_edition, add_milestone, add_occurrence, schedule
from .publishing import approve, publish, unpublish
from .requests import request_approval, return_request
from .revising import bring_back, change_rule, change_series, skip_slot
from .swaps import Exchange, answer, ask, swap
from .turns import give_out, join, leave, move_in_list, set_blackout, set_handover
from .venues import add_room, add_venue, change_venue

__all__ = [
    "Copy",
    "Exchange",
    "NewDate",
    "NewOccurrence",
    "add_edition",
    "add_milestone",
    "add_occurrence",
    "add_room",
    "add_venue",
    "answer",
    "approve",
    "ask",
    "bring_back",
    "cancel",
    "change_edition",
    "change_milestone",
    "change_occurrence",
    "change_rule",
    "change_series",
    "change_venue",
    "change_window",
    "clone_edition",
    "discard",
    "draft_editions",
    "follow_series",
    "give_out",
    "give_turns",
    "join",
    "leave",
    "make_occurrences",
    "move",
    "move_in_list",
    "next_host",
    "proposals",
    "publish",
    "request_approval",
    "restore",
    "return_request",
    "say_own",
    "schedule",
    "set_blackout",
    "set_dates",
    "set_handover",
    "set_host",
    "skip_slot",
    "start_edition",
    "swap",
    "unpublish",
]
