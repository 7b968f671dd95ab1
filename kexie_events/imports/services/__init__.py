"""What organisers and the worker do with calendars of others."""

from .applying import Choice, apply, drop
from .asking import add_source, ask_source, change_source, remove_source, upload
from .working import forget_old, work

__all__ = [
    "Choice",
    "add_source",
    "apply",
    "ask_source",
    "change_source",
    "drop",
    "forget_old",
    "remove_source",
    "upload",
    "work",
]
