"""The one catalogue of words: what each error code and each enum member says to people, a file for each room."""

import enum
from types import ModuleType

from flask_babel.speaklater import LazyString

from . import (
    accounts,
    agenda,
    api,
    contests,
    core,
    days,
    entries,
    events,
    feeds,
    imports,
    judging,
    messages,
    people,
    registrations,
    results,
    sites,
    units,
    worklist,
)

# In the order of the house.
_ROOMS: tuple[ModuleType, ...] = (
    core, units, days, accounts, messages, people, events, agenda, sites, imports, registrations, contests, entries,
    judging, results, feeds, worklist, api,
)  # fmt: skip

SENTENCES: dict[str, LazyString] = {
    code: words for room in _ROOMS for code, words in getattr(room, "SENTENCES", {}).items()
}
LABELS: dict[enum.Enum, LazyString] = {
    member: words for room in _ROOMS for member, words in getattr(room, "LABELS", {}).items()
}
