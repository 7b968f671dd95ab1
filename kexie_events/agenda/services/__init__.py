"""What people do with an agenda. One function, one thing that a person does, one transaction."""

from .guests import GuestPlan, add_guest, change_guest, number_letters, remove_guest, set_groups
from .proposals import (
    Placing,
    accept_all,
    accept_proposal,
    answer_proposal,
    change_proposal,
    plan_of,
    set_call,
    start_proposal,
    submit_proposal,
    withdraw_proposal,
)
from .releases import release, withdraw_release
from .sessions import (
    SessionPlan,
    add_session,
    cancel_session,
    change_session,
    copy_day,
    remove_session,
    shift,
)
from .talks import TalkPlan, add_talk, cancel_talk, change_speaker, change_talk, move_talk, remove_talk

__all__ = [
    "GuestPlan", "Placing", "SessionPlan", "TalkPlan", "accept_all", "accept_proposal", "add_guest",
    "add_session", "add_talk", "answer_proposal", "cancel_session", "cancel_talk", "change_guest", "change_proposal",
    "change_session", "change_speaker", "change_talk", "copy_day", "move_talk",
    "number_letters", "plan_of", "release", "remove_guest", "remove_session", "remove_talk", "set_call",
    "set_groups", "shift", "start_proposal", "submit_proposal", "withdraw_proposal", "withdraw_release",
]  # fmt: skip
