"""What organisers and judges do: rounds and their judges, the assignment, score sheets."""

from .rounds import add_judge, close_round, open_round, set_up_round
from .seats import assign, recuse
from .sheets import Change, Saved, save_draft, submit

__all__ = [
    "Change", "Saved", "add_judge", "assign", "close_round", "open_round", "recuse", "save_draft", "set_up_round",
    "submit",
]  # fmt: skip
