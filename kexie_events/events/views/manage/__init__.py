"""The organiser's desk for planning: each page in a file of its own, all in one blueprint."""

from . import editions, facts, home, occurrences, series, venues
from .desk import bp

__all__ = ["bp", "editions", "facts", "home", "occurrences", "series", "venues"]
