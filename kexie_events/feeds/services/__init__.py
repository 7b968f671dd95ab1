"""Publishing calendars, and the addresses of personal ones."""

from .publishing import Published, publish_stale
from .subscriptions import revoke, rotate, subscribe

__all__ = ["Published", "publish_stale", "revoke", "rotate", "subscribe"]
