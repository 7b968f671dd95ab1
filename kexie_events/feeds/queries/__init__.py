"""Reading things that stand in calendars, the calendars, and the page of subscriptions."""

from .calendars import (
    Differing,
    Held,
    Served,
    Wanted,
    blocks,
    bodies,
    choices,
    differing_feeds,
    due_count,
    due_paths,
    personal_feeds_of,
    served,
    wanted_feeds,
)
from .page import Chosen, Coming, chosen, coming, series_to_choose, subscriptions
from .things import Found, FoundRule, Key, behind, found_rules, stale_things, things

__all__ = [
    "Chosen",
    "Coming",
    "Differing",
    "Found",
    "FoundRule",
    "Held",
    "Key",
    "Served",
    "Wanted",
    "behind",
    "blocks",
    "bodies",
    "choices",
    "chosen",
    "coming",
    "differing_feeds",
    "due_count",
    "due_paths",
    "found_rules",
    "personal_feeds_of",
    "series_to_choose",
    "served",
    "stale_things",
    "subscriptions",
    "things",
    "wanted_feeds",
]  # fmt: skip
