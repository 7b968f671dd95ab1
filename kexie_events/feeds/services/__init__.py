"""Publishing calendars, and the addresses of personal ones."""

from .blocks import current
from .publishing import Published, publish_stale
from .subscriptions import revoke, rotate, subscribe

__all__ = ["Published", "current", "publish_stale", "revoke", "rotate", "subscribe"]
