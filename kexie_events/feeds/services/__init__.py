"""Publishing calendars, the addresses of personal ones, and what letters bring into the calendars of their readers."""

from .blocks import current
from .inviting import enclose
from .publishing import Published, publish_stale
from .subscriptions import revoke, rotate, subscribe

__all__ = ["Published", "current", "enclose", "publish_stale", "revoke", "rotate", "subscribe"]
