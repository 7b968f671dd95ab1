"""Publishing calendars, what changed in them, and the addresses of personal ones."""

from .increments import forget_increments
from .publishing import Published, publish_stale
from .subscriptions import revoke, rotate, subscribe

__all__ = ["Published", "forget_increments", "publish_stale", "revoke", "rotate", "subscribe"]
