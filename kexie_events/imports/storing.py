"""What was read, as JSON values and back. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from .comparing import Facts
from .reading import Fault, Item, Read
from .rules import Note


def read_values(found: Read) -> dict[str, Any]:
    return {
        "items": [item_values(item) for item in found.items],
        "faults": [asdict(fault) for fault in found.faults],
        "notes": {note.value: count for note, count in found.notes.items()},
    }


def read_from(name: str, values: Mapping[str, Any]) -> Read:
    return Read(
        name,
        tuple(item_from(each) for each in values.get("items", ())),
        tuple(Fault(**each) for each in values.get("faults", ())),
        {Note(note): count for note, count in values.get("notes", {}).items()},
    )


def item_values(item: Item) -> dict[str, Any]:
    return {**asdict(item), **_times(item.starts_at, item.ends_at)}


def item_from(values: Mapping[str, Any]) -> Item:
    return Item(**{**values, **_instants(values)})


def facts_values(facts: Facts) -> dict[str, Any]:
    return {**asdict(facts), **_times(facts.starts_at, facts.ends_at)}


def facts_from(values: Mapping[str, Any]) -> Facts:
    return Facts(**{**values, **_instants(values)})


def _times(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    return {"starts_at": starts_at.astimezone(UTC).isoformat(), "ends_at": ends_at.astimezone(UTC).isoformat()}


def _instants(values: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(values[name]) for name in ("starts_at", "ends_at")}
