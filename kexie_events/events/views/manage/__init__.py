"""The organiser's desk for planning: each page in a file of its own, all in one blueprint."""

from . import (
    beginning,
    checklist,
    comparing,
    editions,
    facts,
    home,
    hosted,
    hosts,
    occurrences,
    rule,
    series,
    timetable,
    venues,
)
from .desk import bp

__all__ = [
    "beginning", "bp", "checklist", "comparing", "editions", "facts", "home", "hosted", "hosts", "occurrences", "rule",
    "series", "timetable", "venues",
]  # fmt: skip
