"""Ways to get a feed into a calendar, and the address of each. Pure."""

import enum
from urllib.parse import quote


class Way(enum.StrEnum):
    """A way to get a feed into a calendar (订阅方式)."""

    APPLE = "apple"
    GOOGLE = "google"
    OUTLOOK = "outlook"
    OFFICE = "office"
    DOWNLOAD = "download"


def webcal(feed: str) -> str:
    """The address that a calendar program opens by itself."""
    return f"webcal://{feed.partition('://')[2]}"


def calendar_links(feed: str, name: str = "") -> dict[Way, str]:
    """Where each way leads. ``feed``: its absolute address; ``name``: what the calendar shall be called there."""
    asked = f"url={quote(feed, safe='')}" + (f"&name={quote(name, safe='')}" if name else "")
    return {
        Way.APPLE: webcal(feed),
        Way.GOOGLE: f"https://calendar.google.com/calendar/r?cid={quote(webcal(feed), safe='')}",
        Way.OUTLOOK: f"https://outlook.live.com/calendar/0/addfromweb?{asked}",
        Way.OFFICE: f"https://outlook.office.com/calendar/0/addfromweb?{asked}",
        Way.DOWNLOAD: f"{feed}?download=1",
    }
