"""Reading things that stand in calendars, the calendars, and the page of subscriptions."""

from .calendars import (
    Differing,
    Held,
    Published,
    Wanted,
    blocks,
    bodies,
    differing_feeds,
    due_count,
    due_paths,
    personal_feeds_of,
    published,
    served_bodies,
    wanted_feeds,
)
from .page import Chosen, Coming, chosen, coming, series_to_choose, subscriptions
from .things import Found, Key, behind, stale_things, things

__all__ = [
    "Chosen", "Coming", "Differing", "Found", "Held", "Key", "Published", "Wanted", "behind", "blocks", "bodies",
    "chosen", "coming", "differing_feeds", "due_count", "due_paths", "personal_feeds_of", "published",
    "series_to_choose", "served_bodies", "stale_things", "subscriptions", "things", "wanted_feeds",
]  # fmt: skip
