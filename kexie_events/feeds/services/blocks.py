"""Blocks: what changed is rendered again, and stored with the stamps that it goes on from."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from ...core.db import upsert
from ...core.errors import RuleBroken
from .. import queries, recurring, rules
from ..house import House
from ..ical import Recurring
from ..models import FeedBlock
from ..queries import Found, FoundRule, Held, Key
from ..recurring import Ruled
from ..rules import Facts, Published, Source
from ..saying import published, said

log = logging.getLogger("kexie.feeds")


def rendered(keys: Collection[Key], here: House, now: datetime) -> tuple[dict[Key, Held], dict[Key, Held]]:
    """The blocks of these things, and of the dates of these rules: as they are stored, and as those that differ are to
    be. What is in no calendar any more is among these, with nothing in it.
    """
    rule_ids = [number for source, number in keys if source is Source.PATTERN]
    ruled = queries.found_rules(rule_ids, here.version, now)
    dates = {_key(date.facts) for one in ruled for date in one.dates}
    before = queries.blocks({*keys, *dates}, rule_ids)
    # A date that has left its rule stands alone, until another rule says it.
    alone = {key for key in {*keys, *before} - dates if key[0] is not Source.PATTERN}
    after = {key: _gone(old) for key, old in before.items()}
    for found in queries.things(alone, here.version):
        if rules.is_shown(found.facts, now):
            key = _key(found.facts)
            after[key] = _alone(found, rules.held_by(found.facts, now), before.get(key), here, now)
    for one in ruled:
        after.update(_ruled(one, before, here, now))
    return before, {key: held for key, held in after.items() if before.get(key) != held}


def _key(facts: Facts) -> Key:
    return facts.source, facts.source_id


def _gone(old: Held) -> Held:
    """Out of all calendars; its stamps stay, because it goes on from there when it comes back."""
    return Held("", Published(b"", old.published.stamp), old.sort_at, ())


def _alone(found: Found, feeds: tuple[str, ...], old: Held | None, here: House, now: datetime) -> Held:
    if old is not None and old.made_from == found.made_from:
        return replace(old, feeds=feeds, pattern_id=None)
    new = published(said(found.facts, here), found.facts, old.published if old else None, here, now)
    return Held(found.made_from, new, found.facts.starts_at, feeds)


def _ruled(found: FoundRule, before: dict[Key, Held], here: House, now: datetime) -> dict[Key, Held]:
    """The block of a rule, and of each of its dates for the feeds that hold only some of them.

    A feed that holds all dates has the rule; one that holds some (a venue, a host) has these as things of their own, as
    personal calendars do.
    """
    live = [date.facts for date in found.dates if rules.is_live(date.facts, now)]
    if not live:  # withdrawn between the statement that said which rules are shown and the one that read the dates
        return {}
    entry = _entry(found, live, here)
    every = set.intersection(*(set(rules.paths_of(facts)) for facts in live)) if entry else set()
    common = tuple(path for path in rules.paths_of(live[0]) if path in every)
    newest = replace(
        found.facts, revision=max(facts.revision for facts in live), changed_at=max(facts.changed_at for facts in live)
    )
    old = held.published if (held := before.get(_key(found.facts))) else None
    starts_at = entry.master.starts_at if entry else found.facts.starts_at
    after = {_key(found.facts): Held(found.made_from, published(entry, newest, old, here, now), starts_at, common)}
    for date in found.dates:
        if rules.is_shown(date.facts, now):
            rest = tuple(path for path in rules.held_by(date.facts, now) if path not in every)
            beside = _alone(date, rest, before.get(_key(date.facts)), here, now)
            after[_key(date.facts)] = replace(beside, pattern_id=found.facts.source_id)
    return after


def _entry(found: FoundRule, live: Sequence[Facts], here: House) -> Recurring | None:
    ruled = Ruled(
        rule=found.rule,
        slots=found.slots,
        like=said(found.facts, here),
        live={facts.slot_at: said(facts, here) for facts in live if facts.slot_at is not None},
        follows=found.follows,
    )
    try:
        return recurring.recurring(ruled, here.zone)
    except (RuleBroken, ValueError, OverflowError):
        # One rule must not stop the others: each date is an entry of its own then, until the rule changes.
        log.exception("the rule of pattern %s cannot be made one entry", found.facts.source_id)
        return None


def store(session: Session, blocks: Mapping[Key, Held], now: datetime) -> None:
    """Write these blocks."""
    rows = [
        {
            "source": source, "source_id": number, "made_from": block.made_from, "body": block.published.body,
            "sequence": block.published.stamp.sequence, "changed_at": block.published.stamp.changed_at,
            "sort_at": block.sort_at, "feeds": list(block.feeds), "pattern_id": block.pattern_id,
            "written_at": now,
        }
        for (source, number), block in blocks.items()
    ]  # fmt: skip
    upsert(session, FeedBlock, rows, ("source", "source_id"))
