"""What organisers and judges do: rounds and their judges, the assignment, score sheets."""

from .rounds import add_judge, close_round, copy_rounds, open_round, remove_rounds, set_up_round
from .seats import assign, recuse
from .sheets import Change, Saved, save_draft, submit

__all__ = [
    "Change", "Saved", "add_judge", "assign", "close_round", "copy_rounds", "open_round", "recuse", "remove_rounds",
    "save_draft", "set_up_round", "submit",
]  # fmt: skip
