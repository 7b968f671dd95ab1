"""Publishing calendars, what changed in them, the addresses of personal ones, and what letters bring into the calendars
of their readers.
"""

from .increments import forget_increments
from .inviting import enclose
from .publishing import Done, publish_stale
from .subscriptions import change, revoke, rotate, subscribe

__all__ = [
    "Done", "change", "enclose", "forget_increments", "publish_stale", "revoke", "rotate", "subscribe",
]  # fmt: skip
