"""Publishing calendars: what changed is rendered again, and the calendars that hold it are put together again."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ...core.db import transaction, upsert
from ...core.installation import label
from ...events.kinds import Kind, Topic
from ...events.wording import edition_name
from .. import ical, queries, variants
from ..choices import PLAIN
from ..house import House, house
from ..models import ONE_PUBLISHER, Feed, FeedDue
from ..queries import Held, Key, Wanted
from ..rules import PERSONAL, Source, kebab
from ..shelf import Entry, etag_of
from . import blocks, increments
from .increments import Rebuilt

THINGS_AT_ONCE = 500
RULES_AT_ONCE = 10  # each has up to 400 dates
FEEDS_AT_ONCE = 250
# Blocks bear the time at which a run began. Programs that keep a copy ask a few minutes further back than they must
# (``api``), so a run renders no longer than a part of that; the next one goes on within seconds.
LONGEST_RENDERING = 60.0  # seconds
# No text can hold these: what goes on in a next line begins with a space.
_EVENT, _INSTEAD = b"\r\nBEGIN:VEVENT\r\n", b"\r\nRECURRENCE-ID"


@dataclass
class Done:
    """What one call did."""

    blocks: int = 0  # rendered again or taken out
    rebuilt: list[str] = field(default_factory=list)  # paths whose bytes changed
    removed: list[str] = field(default_factory=list)


def publish_stale(*, now: datetime) -> Done:
    """Bring every published calendar up to the database: render what changed, put together again the feeds that hold
    or held it, and no others. Each batch is one transaction under one advisory lock, so that two workers at once are
    harmless and a worker that dies leaves nothing half done.

    What is not rendered after ``LONGEST_RENDERING`` is left to the next call; what is goes into the calendars.
    """
    here = house()
    done = Done()
    ends = time.monotonic() + LONGEST_RENDERING
    while _render_batch(here, now, done) and time.monotonic() < ends:
        pass
    _settle_catalogue(here, done)
    while _rebuild_batch(here, now, done):
        pass
    return done


def _only_publisher(session: Session) -> bool:
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(ONE_PUBLISHER))))


# ---- blocks


def _render_batch(here: House, now: datetime, done: Done) -> bool:
    """Whether there may be more to render."""
    with transaction() as session:
        if not _only_publisher(session):
            return False
        keys = queries.stale_things(now, here.version, THINGS_AT_ONCE)
        rules_of = [number for source, number in keys if source is Source.PATTERN]
        if len(rules_of) > RULES_AT_ONCE:  # each brings all its dates along
            keys = [key for key in keys if key[0] is not Source.PATTERN or key[1] in rules_of[:RULES_AT_ONCE]]
        if not keys:
            return False
        before, after = blocks.rendered(keys, here, now)
        blocks.store(session, after, now)
        owe(session, _touched(before, after))
    done.blocks += len(keys)
    return len(keys) == THINGS_AT_ONCE or len(rules_of) > RULES_AT_ONCE


def _touched(before: dict[Key, Held], after: dict[Key, Held]) -> set[str]:
    """Paths of the feeds whose bytes may differ now."""
    paths: set[str] = set()
    changed: list[Key] = []
    for key, new in after.items():
        old = before.get(key)
        was, now_in = set(old.feeds if old else ()), set(new.feeds)
        if old and (old.published.body, old.sort_at) == (new.published.body, new.sort_at):
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


def _settle_catalogue(here: House, done: Done) -> None:
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


def _rebuild_batch(here: House, now: datetime, done: Done) -> bool:
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
    """Put feeds together from stored blocks; returns those whose bytes changed. Other paths are left.

    Locks the feeds, in the order of their paths: two who rebuild one at once would call two revisions by one number.
    """
    if not paths:
        return []
    mine = select(Feed.path).where(Feed.path.in_(paths)).order_by(Feed.path).with_for_update(key_share=True)
    session.execute(mine).all()
    # Fingerprints before blocks: a seat won in between is then seen again, not missed.
    wanted = queries.wanted_feeds(paths, here.version)
    there = queries.served(paths)
    bodies = queries.bodies([feed.path for feed in wanted])
    chosen = queries.choices(paths)
    rows, changed = [], []
    for feed in wanted:
        old = there.get(feed.path)
        body = ical.whole(_name(feed, here), bodies[feed.path], here.zone)
        body = variants.apply(body, chosen.get(feed.path, PLAIN))
        if old and old.etag == etag_of(body):
            if old.made_from != feed.made_from:
                session.execute(update(Feed).where(Feed.path == feed.path).values(made_from=feed.made_from))
            continue
        entry = Entry.made(body, _changed_at(now, old), old.revision + 1 if old else 1)
        rows.append(
            {
                "path": feed.path, "made_from": feed.made_from, "body": entry.body, "body_gzip": entry.body_gzip,
                "etag": entry.etag, "etag_gzip": entry.etag_gzip, "modified_at": _changed_at(now, old),
                "revision": entry.revision, "events": body.count(_EVENT) - body.count(_INSTEAD),
            }
        )  # fmt: skip
        changed.append((feed.path, entry))
    before = queries.served_bodies([path for path, _ in changed if path in there])
    upsert(session, Feed, rows, ("path",))
    increments.note(session, [Rebuilt(path, before.get(path), entry) for path, entry in changed], now)
    return changed


def _changed_at(now: datetime, old: queries.Served | None) -> datetime:
    """HTTP counts whole seconds; two changes within one must still have two dates."""
    whole = now.replace(microsecond=0)
    return whole if old is None else max(whole, old.modified_at + timedelta(seconds=1))


def _name(feed: Wanted, here: House) -> str:
    scope, _, which = feed.path.partition("/")
    if feed.path.startswith(PERSONAL):
        return f"我的活动（{here.organization}）"
    if feed.numbered:
        return edition_name(feed.numbered, feed.name)
    if scope in _TABLES:
        with force_locale("zh_Hans"):  # stored once for all readers
            return f"{label(_TABLES[scope][which])}（{here.organization}）"
    return feed.name or f"{here.organization}活动"


_TABLES: dict[str, dict[str, Kind | Topic]] = {
    "kinds": {kebab(kind): kind for kind in Kind},
    "topics": {kebab(topic): topic for topic in Topic},
}
