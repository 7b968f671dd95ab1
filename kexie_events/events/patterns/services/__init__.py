"""What is done about rules. One function, one thing that a person does, one transaction."""

from .rule import change_rule
from .skips import bring_back, skip_slot

__all__ = ["bring_back", "change_rule", "skip_slot"]
