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
from .invited import was_invited
from .listing import Listed, Question, listed, listed_one, published_at, unknown
from .page import Chosen, Coming, chosen, coming, series_to_choose, subscriptions
from .stale import Key, behind, stale_things
from .things import Found, FoundRule, found_rules, things

__all__ = [
    "Chosen",
    "Coming",
    "Differing",
    "Found",
    "FoundRule",
    "Held",
    "Key",
    "Listed",
    "Question",
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
    "listed",
    "listed_one",
    "personal_feeds_of",
    "published_at",
    "series_to_choose",
    "served",
    "stale_things",
    "subscriptions",
    "things",
    "unknown",
    "wanted_feeds",
    "was_invited",
]  # fmt: skip
