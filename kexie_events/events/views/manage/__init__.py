"""The organiser's desk for planning: each page in a file of its own, all in one blueprint.

The pages of hosts and of rules stand in ``hosting/views`` and ``patterns/views``, in the same blueprint.
"""

from . import beginning, checklist, comparing, editions, facts, home, occurrences, series, timetable, venues
from .desk import bp

__all__ = [
    "beginning", "bp", "checklist", "comparing", "editions", "facts", "home", "occurrences", "series", "timetable",
    "venues",
]  # fmt: skip
