"""A published feed as it is served, and the shelf in Redis where processes of all machines find it.

Redis only saves work. When it is empty, away or slow the answer comes from the database, and for a while nobody asks
Redis again. What lies there is at most ``KEPT_SECONDS`` old, so that a change which could not be written down there
shows itself soon.
"""

import gzip
import hashlib
import json
import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from functools import lru_cache
from itertools import islice

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

KEPT_SECONDS = 60
TIMEOUT_SECONDS = 0.2
REST_SECONDS = 5.0  # how long a Redis that failed is left alone
AT_ONCE = 50  # feeds in one message to Redis
BIG = 2 * 1024 * 1024  # bytes; beyond it the last hundredth takes as long as all before
KEY = "kexie:feed:"
# A variant is kept under the ETag of the calendar that it was made from, so that it is never out of date.
VARIANT_KEY, VARIANT_SECONDS = "kexie:feed-variant:", 3600
# A dead address: whatever a slower hand still puts down under it is not looked at. It outlives every such hand.
DEAD_KEY, DEAD_SECONDS = "kexie:dead-feed:", 3600
# Each change of a feed is later than the one before (``publishing``), whichever worker's clock it bears. What cannot be
# read is overwritten. Keys: of the feed; arguments: its time of change, the bytes, the seconds to keep them.
_PUT_NEWER = r"""
local head = string.match(redis.call('GETRANGE', KEYS[1], 0, 255), '^[^\n]*')
local readable, there = pcall(cjson.decode, head)
local changed = readable and type(there) == 'table' and tonumber(there[3])
if changed and changed > tonumber(ARGV[1]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
log = logging.getLogger("kexie.feeds")


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of one feed and what caches ask about them."""

    body: bytes
    body_gzip: bytes
    etag: str  # strong, quoted
    etag_gzip: str
    modified: float  # Unix time, whole seconds
    revision: int

    @classmethod
    def of(
        cls, body: bytes, body_gzip: bytes, etag: str, etag_gzip: str, modified_at: datetime, revision: int
    ) -> "Entry":
        return cls(body, body_gzip, etag, etag_gzip, modified_at.timestamp(), revision)

    @classmethod
    def made(cls, body: bytes, modified_at: datetime, revision: int) -> "Entry":
        """From the bytes of a calendar; packs them as small as gzip can."""
        squeezed = squeeze(body)
        return cls.of(body, squeezed, etag_of(body), etag_of(squeezed), modified_at, revision)

    def remade(self, body: bytes) -> "Entry":
        """Other bytes of the same revision: a variant."""
        squeezed = squeeze(body)
        return Entry(body, squeezed, etag_of(body), etag_of(squeezed), self.modified, self.revision)

    def packed(self) -> bytes:
        head = json.dumps([self.etag, self.etag_gzip, self.modified, self.revision, len(self.body)]).encode()
        return b"".join((head, b"\n", self.body, self.body_gzip))

    @classmethod
    def unpacked(cls, raw: bytes) -> "Entry":
        """Raises: ValueError when the bytes are none of ours."""
        head, _, rest = raw.partition(b"\n")
        etag, etag_gzip, modified, revision, length = json.loads(head)
        return cls(rest[:length], rest[length:], etag, etag_gzip, modified, revision)


def etag_of(content: bytes) -> str:
    """Strong and quoted: other bytes, also the compressed ones of the same calendar, have another."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def squeeze(body: bytes) -> bytes:
    """The same bytes for the same bytes: no time stands in them."""
    return gzip.compress(body, 9 if len(body) < BIG else 6, mtime=0)


def _variant_key(base: Entry, suffix: str) -> str:
    return f"{VARIANT_KEY}{base.etag.strip(chr(34))}{suffix}"


@lru_cache(maxsize=1024)
def http_date(stamp: float) -> str:
    """A Unix time as HTTP writes it."""
    return formatdate(stamp, usegmt=True)


def batched(entries: Iterable[tuple[str, Entry]], most: int) -> Iterator[list[tuple[str, Entry]]]:
    rest = iter(entries)
    while some := list(islice(rest, most)):
        yield some


class Shelf:
    """Published feeds in Redis. Every method answers within the timeout and never raises because of Redis."""

    def __init__(self, url: str) -> None:
        # An empty address: no Redis at all, which is as right as an empty one.
        self._redis = (
            redis.Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            if url
            else None
        )
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def close(self) -> None:
        if self._redis is not None:
            self._redis.close()

    def get(self, path: str) -> Entry | None:
        if self._redis is None or time.monotonic() < self._rests_until:
            return None
        try:
            raw, dead = self._redis.mget(KEY + path, DEAD_KEY + path)
            return Entry.unpacked(raw) if isinstance(raw, bytes) and dead is None else None
        except redis.RedisError as error:
            self._rest(error)
        except (ValueError, TypeError):
            log.warning("what lies in Redis under a feed's key is no feed; it is read from the database")
        return None

    def fill(self, path: str, entry: Entry) -> None:
        """Put down what was read from the database, unless the worker has put something newer there."""
        self._put([(path, entry)], only_if_missing=True)

    def publish(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Put down what the worker has just committed, unless another one has put something newer there meanwhile."""
        self._put(entries, only_if_missing=False)

    def variant(self, base: Entry, suffix: str) -> Entry | None:
        """The variant of these very bytes, when any process has made it."""
        raw = self._ask(lambda shelf: shelf.get(_variant_key(base, suffix)))
        if not isinstance(raw, bytes):
            return None
        try:
            body = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            log.warning("what lies in Redis under a variant's key is none; it is made again")
            return None
        return Entry(body, raw, etag_of(body), etag_of(raw), base.modified, base.revision)

    def keep_variant(self, base: Entry, suffix: str, made: Entry) -> None:
        """Only the compressed form: a variant is read once by each process, and there are many of each calendar."""
        key = _variant_key(base, suffix)
        self._ask(lambda shelf: shelf.set(key, made.body_gzip, ex=VARIANT_SECONDS))

    def _ask(self, do: Callable[["redis.Redis"], object]) -> object:
        if self._redis is None or time.monotonic() < self._rests_until:
            return None
        try:
            return do(self._redis)
        except redis.RedisError as error:
            self._rest(error)
            return None

    def drop(self, paths: Iterable[str]) -> None:
        keys = [KEY + path for path in paths]
        if self._redis is None or not keys or time.monotonic() < self._rests_until:
            return
        try:
            self._redis.delete(*keys)
        except redis.RedisError as error:
            self._rest(error)

    def bury(self, path: str) -> None:
        """Take a feed away for good: its address never comes back. Call it after the commit that ended it."""
        if self._redis is None or time.monotonic() < self._rests_until:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(DEAD_KEY + path, b"", ex=DEAD_SECONDS)
                pipeline.delete(KEY + path)
                pipeline.execute()
        except redis.RedisError as error:
            self._rest(error)

    def _put(self, entries: Iterable[tuple[str, Entry]], *, only_if_missing: bool) -> None:
        if self._redis is None or time.monotonic() < self._rests_until:
            return
        try:
            for some in batched(entries, AT_ONCE):
                with self._redis.pipeline(transaction=False) as pipeline:
                    for path, entry in some:
                        if only_if_missing:
                            pipeline.set(KEY + path, entry.packed(), ex=KEPT_SECONDS, nx=True)
                        else:
                            pipeline.eval(_PUT_NEWER, 1, KEY + path, entry.modified, entry.packed(), KEPT_SECONDS)
                    pipeline.execute()
        except redis.RedisError as error:
            self._rest(error)

    def _rest(self, error: redis.RedisError) -> None:
        with self._lock:
            first = time.monotonic() >= self._rests_until
            self._rests_until = time.monotonic() + REST_SECONDS
        if first:
            log.warning("Redis does not answer (%s); feeds come from the database meanwhile", type(error).__name__)
