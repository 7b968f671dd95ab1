"""What calendars say of a thing: its words, and the bytes and the stamp under which they are published."""

import logging
from datetime import datetime
from functools import cache

from flask_babel import force_locale

from ..core.installation import label
from ..events.kinds import Kind
from . import ical, rules
from .house import House
from .ical import Happening, Recurring
from .rules import Facts, Published

log = logging.getLogger("kexie.feeds")


def said(facts: Facts, here: House) -> Happening:
    return rules.happening(facts, here.base_url, _category(facts.kind))


@cache
def _category(kind: Kind) -> str:
    with force_locale("zh_Hans"):  # stored once for all readers
        return label(kind)


def published(
    thing: Happening | Recurring | None, facts: Facts, old: Published | None, here: House, now: datetime
) -> Published:
    """What goes into calendars now; nothing when no calendar can say it."""
    try:
        content = ical.content(thing, here.zone) if thing is not None else b""
    except (ValueError, OverflowError, AssertionError):
        # One thing that no calendar can say must not stop the others; it is tried again when it changes.
        log.exception("%s %s is left out of the calendars", facts.source.value, facts.source_id)
        content = b""
    return rules.stamped(content, facts, old, now)


def current(
    facts: Facts, made_from: str, old: Published | None, old_made_from: str, here: House, now: datetime
) -> tuple[Published, Happening]:
    """What calendars say of a thing that has an entry of its own. ``old``: its stored block.

    Of a thing that has changed since that was written: what they would say now. It is a forecast, the stamp too: before
    the worker comes the thing may change again, or back.
    """
    words = said(facts, here)
    if old is not None and made_from == old_made_from:
        return old, words
    return published(words, facts, old, here, now), words
