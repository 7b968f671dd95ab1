"""The organiser's desk for planning: each page in a file of its own, all in one blueprint."""

from . import editions, home, hosted, hosts, occurrences, series, venues
from .desk import bp

__all__ = ["bp", "editions", "home", "hosted", "hosts", "occurrences", "series", "venues"]
