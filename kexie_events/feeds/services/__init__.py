"""Publishing calendars, and the addresses of personal ones."""

from .publishing import Published, publish_stale
from .subscriptions import change, revoke, rotate, subscribe

__all__ = ["Published", "change", "publish_stale", "revoke", "rotate", "subscribe"]
