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
    wanted_feeds,
)
from .choosing import SEARCHED, Chosen, Name, Offered, chosen, offered, offered_kinds, offered_regions
from .coming import Coming, Preview, coming
from .own import Own, live_count, own_calendars, own_subscription, subscriptions
from .things import Found, Key, behind, stale_things, things

__all__ = [
    "SEARCHED", "Chosen", "Coming", "Differing", "Found", "Held", "Key", "Name", "Offered", "Own", "Preview",
    "Published", "Wanted", "behind", "blocks", "bodies", "chosen", "coming", "differing_feeds", "due_count",
    "due_paths", "live_count", "offered", "offered_kinds", "offered_regions", "own_calendars", "own_subscription",
    "personal_feeds_of", "published", "stale_things", "subscriptions", "things", "wanted_feeds",
]  # fmt: skip
