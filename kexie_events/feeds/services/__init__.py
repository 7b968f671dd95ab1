"""Publishing calendars, what changed in them, addresses of personal ones, and what letters bring into calendars."""

from .increments import forget_increments
from .inviting import enclose
from .publishing import Published, publish_stale
from .subscriptions import revoke, rotate, subscribe

__all__ = ["Published", "enclose", "forget_increments", "publish_stale", "revoke", "rotate", "subscribe"]
