"""Reading the year's work list, where its events stand, and what an import would do to it."""

from .departments import (
    KnownAlias,
    Linked,
    Offer,
    Unknown,
    aliases_of,
    duties_of,
    links_of,
    names_of,
    offers,
    units_below,
    unknown_names,
)
from .importing import Imported, Line, outlook
from .items import Duty, Item, Reported, item_of, items_of, removed_from, reports_for, reports_of
from .lists import ListOfYear, list_of, list_of_year, lists
from .tied import Events, Held, events_of, events_of_item

__all__ = [
    "Duty", "Events", "Held", "Imported", "Item", "KnownAlias", "Line", "Linked", "ListOfYear", "Offer", "Reported",
    "Unknown", "aliases_of", "duties_of", "events_of", "events_of_item", "item_of", "items_of", "links_of", "list_of",
    "list_of_year", "lists", "names_of", "offers", "outlook", "removed_from", "reports_for", "reports_of",
    "units_below", "unknown_names",
]  # fmt: skip
