"""What is done about hosts. One function, one thing that a person does, one transaction."""

from .hosts import follow_series, give_turns, set_host
from .requests import request_approval, return_request
from .rotation import (
    give_out_turns,
    join_rotation,
    leave_rotation,
    move_in_rotation,
    set_blackout,
    set_handover,
)
from .swaps import answer_swap, ask_swap, swap_hosts

__all__ = [
    "answer_swap", "ask_swap", "follow_series", "give_out_turns", "give_turns", "join_rotation", "leave_rotation",
    "move_in_rotation", "request_approval", "return_request", "set_blackout", "set_handover", "set_host", "swap_hosts",
]  # fmt: skip
