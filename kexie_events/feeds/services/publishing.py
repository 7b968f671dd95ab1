"""Publishing calendars: what changed is rendered again, and the calendars that hold it are put together again."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ...core.db import transaction
from ...core.installation import label
from ...events.wording import edition_name
from .. import ical, queries, rules
from ..house import House, house
from ..models import ONE_PUBLISHER, Feed, FeedBlock, FeedDue
from ..queries import Found, Key, Wanted
from ..rules import PERSONAL
from ..shelf import Entry, etag_of
from . import increments
from .increments import Rebuilt

THINGS_AT_ONCE = 500
FEEDS_AT_ONCE = 250
log = logging.getLogger("kexie.feeds")


@dataclass
class Published:
    """What one call did."""

    blocks: int = 0  # rendered again or taken out
    rebuilt: list[str] = field(default_factory=list)  # paths whose bytes changed
    removed: list[str] = field(default_factory=list)


def publish_stale(*, now: datetime) -> Published:
    """Bring every published calendar up to the database: render what changed, put together again the feeds that hold
    or held it, and no others. Each batch is one transaction under one advisory lock, so that two workers at once are
    harmless and a worker that dies leaves nothing half done.
    """
    here = house()
    done = Published()
    while _render_batch(here, now, done):
        pass
    _settle_catalogue(here, done)
    while _rebuild_batch(here, now, done):
        pass
    return done


def _only_publisher(session: Session) -> bool:
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(ONE_PUBLISHER))))


# ---- blocks


def _render_batch(here: House, now: datetime, done: Published) -> bool:
    """Whether there may be more to render."""
    with transaction() as session:
        if not _only_publisher(session):
            return False
        keys = queries.stale_things(now, here.version, THINGS_AT_ONCE)
        if not keys:
            return False
        before = queries.blocks(keys)
        after = {
            (found.facts.source, found.facts.source_id): _block(found, here, now)
            for found in queries.things(keys, here.version)
            if rules.is_shown(found.facts, now)
        }
        _store_blocks(session, after, [key for key in keys if key not in after])
        owe(session, _touched(before, after))
    done.blocks += len(keys)
    return len(keys) == THINGS_AT_ONCE


def _block(found: Found, here: House, now: datetime) -> queries.Held:
    facts = found.facts
    return queries.Held(
        found.made_from, _rendered(found, here), facts.starts_at, rules.held_by(facts, now), facts.revision,
        facts.changed_at,
    )  # fmt: skip


def _rendered(found: Found, here: House) -> bytes:
    try:
        with force_locale("zh_Hans"):  # stored once for all readers
            category = label(found.facts.kind)
        return ical.block(rules.happening(found.facts, here.base_url, category), here.zone)
    except (ValueError, OverflowError, AssertionError):
        # One thing that no calendar can say must not stop the others; it is tried again when it changes.
        log.exception("%s %s is left out of the calendars", found.facts.source.value, found.facts.source_id)
        return b""


def _store_blocks(session: Session, blocks: dict[Key, queries.Held], gone: list[Key]) -> None:
    if gone:
        session.execute(delete(FeedBlock).where(tuple_(FeedBlock.source, FeedBlock.source_id).in_(gone)))
    if blocks:
        rows = [
            {
                "source": source, "source_id": number, "made_from": block.made_from, "body": block.body,
                "sort_at": block.sort_at, "feeds": list(block.feeds), "sequence": block.sequence,
                "changed_at": block.changed_at,
            }
            for (source, number), block in blocks.items()
        ]  # fmt: skip
        _upsert(session, FeedBlock, rows, ("source", "source_id"))


def _upsert(session: Session, model: type[Any], rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    # One prepared statement for all rows; VALUES lists would be compiled anew for every number of rows.
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    session.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _touched(before: dict[Key, queries.Held], after: dict[Key, queries.Held]) -> set[str]:
    """Paths of the feeds whose bytes may differ now."""
    paths: set[str] = set()
    changed: list[Key] = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        was, now_in = set(old.feeds if old else ()), set(new.feeds if new else ())
        if old and new and (old.body, old.sort_at) == (new.body, new.sort_at):
            paths |= was ^ now_in
        else:
            paths |= was | now_in
            changed.append(key)
    return paths | queries.personal_feeds_of(changed)


def owe(session: Session, paths: Collection[str]) -> None:
    """These feeds are put together again by the next call of ``publish_stale``."""
    if paths:
        rows = [{"path": path} for path in sorted(paths)]
        session.connection().execute(insert(FeedDue).on_conflict_do_nothing(), rows)


# ---- feeds


def _settle_catalogue(here: House, done: Published) -> None:
    """Owe the feeds that are new or called otherwise, and remove those that should not be there."""
    with transaction() as session:
        if not _only_publisher(session):
            return
        differing = queries.differing_feeds(here.version)
        owe(session, differing.due)
        if differing.gone:
            session.execute(delete(Feed).where(Feed.path.in_(differing.gone)))
    here.shelf.drop(differing.gone)
    done.removed += sorted(differing.gone)


def _rebuild_batch(here: House, now: datetime, done: Published) -> bool:
    """Whether there may be more to rebuild."""
    with transaction() as session:
        if not _only_publisher(session):
            return False
        paths = queries.due_paths(FEEDS_AT_ONCE)
        changed = rebuild(session, paths, here, now)
        if paths:
            session.execute(delete(FeedDue).where(FeedDue.path.in_(paths)))
    # After the commit: whoever finds the shelf empty before it reads the old bytes, and these overwrite them.
    here.shelf.publish(changed)
    done.rebuilt += [path for path, _ in changed]
    return len(paths) == FEEDS_AT_ONCE


def rebuild(session: Session, paths: list[str], here: House, now: datetime) -> list[tuple[str, Entry]]:
    """Put feeds together from stored blocks; returns those whose bytes changed. Other paths are left."""
    if not paths:
        return []
    # Fingerprints before blocks: a seat won in between is then seen again, not missed.
    wanted = queries.wanted_feeds(paths, here.version)
    there = queries.published(paths)
    blocks = queries.bodies([feed.path for feed in wanted])
    rows, changed = [], []
    for feed in wanted:
        old = there.get(feed.path)
        body = ical.whole(_name(feed, here), blocks[feed.path], here.zone)
        if old and old.etag == etag_of(body):
            if old.made_from != feed.made_from:
                session.execute(update(Feed).where(Feed.path == feed.path).values(made_from=feed.made_from))
            continue
        entry = Entry.made(body, _changed_at(now, old), old.revision + 1 if old else 1)
        rows.append(
            {
                "path": feed.path, "made_from": feed.made_from, "body": entry.body, "body_gzip": entry.body_gzip,
                "etag": entry.etag, "etag_gzip": entry.etag_gzip, "modified_at": _changed_at(now, old),
                "revision": entry.revision, "events": len(blocks[feed.path]),
            }
        )  # fmt: skip
        changed.append((feed.path, entry))
    if rows:
        before = queries.served_bodies([path for path, _ in changed if path in there])
        _upsert(session, Feed, rows, ("path",))
        increments.note(session, [Rebuilt(path, before.get(path), entry) for path, entry in changed], now)
    return changed


def _changed_at(now: datetime, old: queries.Published | None) -> datetime:
    """HTTP counts whole seconds; two changes within one must still have two dates."""
    whole = now.replace(microsecond=0)
    return whole if old is None else max(whole, old.modified_at + timedelta(seconds=1))


def _name(feed: Wanted, here: House) -> str:
    if feed.path.startswith(PERSONAL):
        return f"我的活动（{here.organization}）"
    if feed.numbered:
        return edition_name(feed.numbered, feed.series_name)
    return feed.series_name or f"{here.organization}活动"
