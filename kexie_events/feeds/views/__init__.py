"""The page of subscriptions, and personal addresses. The calendars themselves are served by ``middleware``."""

from . import personal
from .public import bp

__all__ = ["blueprints", "personal"]
blueprints = [bp]
