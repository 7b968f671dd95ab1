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
    served,
    served_bodies,
    wanted_feeds,
)
from .choosing import SEARCHED, Chosen, Name, Offered, chosen, offered, offered_kinds, offered_regions
from .invited import was_invited
from .listing import Listed, Question, listed, listed_one, published_at, unknown
from .members import personal_feeds_of
from .own import Own, live_count, own_calendars, own_subscription, subscriptions
from .preview import Coming, Preview, coming
from .stale import Key, behind, stale_things
from .things import Found, FoundRule, found_rules, things

__all__ = [
    "SEARCHED", "Chosen", "Coming", "Differing", "Found", "FoundRule", "Held", "Key", "Listed", "Name", "Offered",
    "Own", "Preview", "Question", "Served", "Wanted", "behind", "blocks", "bodies", "choices", "chosen", "coming",
    "differing_feeds", "due_count", "due_paths", "found_rules", "listed", "listed_one", "live_count",
    "offered", "offered_kinds", "offered_regions", "own_calendars", "own_subscription", "personal_feeds_of",
    "published_at", "served", "served_bodies", "stale_things", "subscriptions", "things", "unknown", "wanted_feeds",
    "was_invited",
]  # fmt: skip
