"""Where a calendar is found: in this process, on the shelf in Redis, in the database; and what is made of it for those
who want a variant, or only what changed.

A request that finds its calendar in this process touches nothing else. A variant is made once for each change of its
calendar, by whichever process is asked first.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, and_, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from ..accounts.models import Account
from ..core import clock
from . import increments, variants
from .choices import PLAIN, Choice
from .increments import Known
from .memory import Marks, Recent
from .models import Feed, FeedLog, FeedRevision, Subscription
from .rules import PERSONAL
from .shelf import Entry, Shelf, squeeze

FRESH_SECONDS = 1.0  # how long this process serves what it knows without asking
UNKNOWN_SECONDS = 1.0  # a feed may be published any moment
DEAD_SECONDS = 30.0  # a token that is unknown or revoked stays so
STALE_SECONDS = 3600.0  # how old an answer may be while the database is away
MOST_BYTES = 24 * 1024 * 1024
MOST_INCREMENT_BYTES = 2 * 1024 * 1024
MOST_NAMES = 4096
DESKS = 16
TRIES = 3  # a feed may change between two looks at it
log = logging.getLogger("kexie.feeds")


class Unknown(Exception):
    """No revision of the calendar is called like that, or what changed since then is no longer known."""


class Away(Exception):
    """Nothing is known of the feed now: the database does not answer, or it is the live address of somebody whose
    calendar is still to be put together."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A calendar in the memory of this process."""

    entry: Entry
    fresh_until: float  # monotonic; of a variant it does not matter
    made_from: str = ""  # of a variant: the ETag of its calendar


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar as it is published, and as it is shown to whoever chose a variant: often the same."""

    base: Entry
    shown: Entry


@dataclass(frozen=True, slots=True)
class Increment:
    """What changed since a revision that the client knows."""

    base: Entry  # what the client knows after it
    body: bytes
    body_gzip: bytes


class Library:
    """Finds the entry of a path: this process, then Redis, then the database. Threads share it."""

    def __init__(self, engine: Callable[[], Engine], shelf: Shelf, zone: ZoneInfo) -> None:
        self._engine, self._shelf, self._zone = engine, shelf, zone
        self._lock = threading.Lock()
        self._desks = tuple(threading.Lock() for _ in range(DESKS))
        self._known: Recent[Kept] = Recent(lambda kept: len(kept.entry.body) + len(kept.entry.body_gzip), MOST_BYTES)
        self._increments: Recent[Increment] = Recent(
            lambda made: len(made.body) + len(made.body_gzip) + 500, MOST_INCREMENT_BYTES
        )
        self._absent: Recent[float] = Recent(lambda _until: 1, MOST_NAMES)
        self._dead = Marks(DEAD_SECONDS)
        self._fetched = Marks(2 * 86_400)
        self._today: date | None = None

    # ---- whole calendars

    def find(self, path: str, choice: Choice = PLAIN) -> Found | None:
        """The calendar and what is shown of it, or None when there is no such calendar. Raises: Away."""
        base = self._published(path)
        if base is None:
            return None
        return Found(base, base if choice.is_plain else self._variant(path, choice, base))

    def _published(self, path: str) -> Entry | None:
        moment = time.monotonic()
        with self._lock:
            kept = self._known.recall(path)
            if kept and moment < kept.fresh_until:
                return kept.entry
            if self._is_absent(path, moment):
                return None
        try:
            entry = self._look_up(path)
        except (SQLAlchemyError, Away) as error:
            if kept and moment < kept.fresh_until + STALE_SECONDS:
                return kept.entry
            raise Away() from error
        self._remember(path, entry, moment)
        return entry

    def _is_absent(self, path: str, moment: float) -> bool:
        return self._dead.holds(path, moment) if path.startswith(PERSONAL) else moment < self._absent.get(path, 0.0)

    def _remember(self, path: str, entry: Entry | None, moment: float) -> None:
        with self._lock:
            if entry is not None:
                self._absent.forget(path)
                self._known.keep(path, Kept(entry, moment + FRESH_SECONDS))
                return
            self._known.forget(path)
            if path.startswith(PERSONAL):
                self._dead.add(path, moment)
            else:
                self._absent.keep(path, moment + UNKNOWN_SECONDS)

    def _look_up(self, path: str) -> Entry | None:
        entry = self._shelf.get(path)
        if entry is None:
            entry = self._read(path)
            if entry is not None:
                self._shelf.fill(path, entry)
        return entry

    def _read(self, path: str) -> Entry | None:
        columns = (Feed.body, Feed.body_gzip, Feed.etag, Feed.etag_gzip, Feed.modified_at, Feed.revision)
        query: Select[*tuple[Any, ...]] = select(*columns).where(Feed.path == path)
        if path.startswith(PERSONAL):
            # A feed that the worker builds while it is being revoked must not come back; and one that it has still to
            # build is not dead: most clients give an address up for ever when they are told so.
            query = (
                select(*columns, Account.active)
                .select_from(Subscription)
                .join(Account, Account.id == Subscription.account_id)
                .outerjoin(Feed, Feed.path == path)
                .where(Subscription.token_hash == path.removeprefix(PERSONAL), Subscription.revoked_at.is_(None))
            )
        with self._engine().connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.revision is None:
            if row.active:
                raise Away()
            return None
        return Entry.of(*row[: len(columns)])

    # ---- variants

    def _variant(self, path: str, choice: Choice, base: Entry) -> Entry:
        """Needs no database: it is made from bytes that are at hand."""
        name = path + choice.suffix
        if (entry := self._made_before(name, base)) is not None:
            return entry
        # Whoever comes second waits for the first, instead of doing the same beside it.
        with self._desks[hash(name) % DESKS]:
            if (entry := self._made_before(name, base)) is not None:
                return entry
            entry = self._shelf.variant(base, choice.suffix)
            if entry is None:
                entry = base.remade(variants.apply(base.body, choice))
                self._shelf.keep_variant(base, choice.suffix, entry)
            with self._lock:
                self._known.keep(name, Kept(entry, 0.0, base.etag))
        return entry

    def _made_before(self, name: str, base: Entry) -> Entry | None:
        with self._lock:
            kept = self._known.recall(name)
        return kept.entry if kept and kept.made_from == base.etag else None

    # ---- what changed

    def since(self, path: str, choice: Choice, known: Known) -> Increment | None:
        """What changed since the newest revision that the client says it knows; None when nobody can say that: the
        revision is none of this calendar's, too old, or the database is away."""
        if not (known.revisions or known.etags):
            return None
        try:
            for _ in range(TRIES):
                found = self.find(path, choice)
                if found is None:
                    return None
                increment = self._increment(path, choice, known, found)
                if increment is not None:
                    return increment
        except (SQLAlchemyError, Away):
            log.warning("what changed in a calendar could not be read; it was served as a whole")
        except Unknown:
            pass
        return None

    def _increment(self, path: str, choice: Choice, known: Known, found: Found) -> Increment | None:
        """None when the database has another revision than the one that was found. Raises: Unknown."""
        name = f"{path}{choice.suffix} {sorted(known.revisions)} {sorted(known.etags)}"
        base = found.base
        with self._lock:
            made = self._increments.recall(name)
        if made and (made.base.revision, made.base.etag) == (base.revision, base.etag):
            return made
        changes = self._changes(path, known, base)
        if changes is None:
            self._remember(path, self._read(path), time.monotonic())
            return None
        body = increments.delta(base.body, found.shown.body, changes)
        made = Increment(base, body, squeeze(body))
        with self._lock:
            self._increments.keep(name, made)
        return made

    def _changes(self, path: str, known: Known, base: Entry) -> dict[bytes, bytes | None] | None:
        """UID and tombstone, or None when ``base`` is not what the database has. One statement, so that the bytes and
        what changed in them are of the same instant. Raises: Unknown."""
        is_known = or_(
            *(
                and_(FeedRevision.revision == number, FeedRevision.etag.startswith(f'"{check}'))
                for number, check in known.revisions
            ),
            FeedRevision.etag.in_(known.etags),
            FeedRevision.etag_gzip.in_(known.etags),
        )
        newest = select(func.max(FeedRevision.revision)).where(FeedRevision.path == path, is_known).scalar_subquery()
        query = (
            select(Feed.etag, Feed.revision, FeedLog.uid, FeedLog.tombstone)
            .select_from(Feed)
            .outerjoin(FeedLog, and_(FeedLog.path == Feed.path, FeedLog.revision > newest))
            .where(Feed.path == path, newest >= Feed.increments_from)
        )
        with self._engine().connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise Unknown()
        if (rows[0].revision, rows[0].etag) != (base.revision, base.etag):
            return None
        return {row.uid.encode(): row.tombstone for row in rows if row.uid is not None}

    # ---- who fetches

    def note_fetch(self, path: str) -> None:
        """Write down that a personal feed was fetched today: one small write a day, and never a reason to fail."""
        today = clock.now().astimezone(self._zone).date()
        moment = time.monotonic()
        with self._lock:
            if today != self._today:
                self._today, self._fetched = today, Marks(2 * 86_400)
            if self._fetched.holds(path, moment):
                return
            self._fetched.add(path, moment)
        try:
            with self._engine().begin() as connection:
                connection.execute(
                    update(Subscription)
                    .where(Subscription.token_hash == path.removeprefix(PERSONAL))
                    .where(Subscription.fetched_on.is_distinct_from(today))
                    .values(fetched_on=today)
                )
        except SQLAlchemyError:
            log.warning("the day of a fetch could not be written down; the feed was served")
