"""The organiser's desk for planning: each page in a file of its own, all in one blueprint."""

from . import editions, home, occurrences, rule, series, venues
from .desk import bp

__all__ = ["bp", "editions", "home", "occurrences", "rule", "series", "venues"]
