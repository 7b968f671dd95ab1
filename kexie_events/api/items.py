"""A thing as a program reads it: from what its calendar entry is made from, under the entry's own stamp. Pure."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.text import bounded
from ..events.kinds import KINDS
from ..events.wording import edition_name
from ..feeds.ical import LONGEST_TEXT, LONGEST_TITLE, Happening, Stamp, clean, one_line, web_address
from ..feeds.rules import Facts, kebab


def occurrence(facts: Facts, said: Happening, stamp: Stamp, rule_uid: str, zone: ZoneInfo) -> dict[str, Any]:
    """``said``: the same thing as a calendar says it; ``rule_uid``: of the entry that says it as a date of a rule."""
    changed = said.cancelled or said.moved_from_at is not None
    return {
        **_common(facts, said, stamp, zone),
        "all_day": said.all_day,
        "moved_from": _local(said.moved_from_at, zone) if said.moved_from_at else None,
        "reason": bounded(one_line(said.reason), LONGEST_TITLE) if changed else "",
        "place": bounded(one_line(said.place), LONGEST_TITLE),
        "geo": {"latitude": round(said.geo[0], 6), "longitude": round(said.geo[1], 6)} if said.geo else None,
        "description": bounded(clean(facts.text).strip(), LONGEST_TEXT),
        "rule": {"uid": rule_uid, "planned_at": _local(facts.slot_at, zone)} if rule_uid and facts.slot_at else None,
    }


def milestone(facts: Facts, said: Happening, stamp: Stamp, zone: ZoneInfo) -> dict[str, Any]:
    """A deadline is a point: it ends when it begins."""
    return {**_common(facts, said, stamp, zone), "deadline": facts.is_deadline}


def gone(uid: str) -> dict[str, Any]:
    """What is no answer to the question any more."""
    return {"uid": uid, "gone": True}


def stamp_words(moment: datetime) -> str:
    """In UTC, whole seconds, as calendars write it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _common(facts: Facts, said: Happening, stamp: Stamp, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "uid": said.uid,
        "sequence": stamp.sequence,
        "changed_at": stamp_words(stamp.changed_at),
        "status": "cancelled" if said.cancelled else "confirmed",
        "title": bounded(one_line(said.title), LONGEST_TITLE),
        "starts_at": _local(said.starts_at, zone),
        "ends_at": _local(said.ends_at, zone),
        "url": web_address(said.url),
        "categories": [one_line(word) for word in said.categories],
        "kind": kebab(facts.kind),
        "topic": kebab(KINDS[facts.kind].topic),
        "series": {"slug": facts.series_slug, "name": facts.series_name},
        "edition": {"id": facts.edition_id, "name": edition_name(facts.numbered, facts.series_name)},
        "organizer": facts.unit_name,
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()
