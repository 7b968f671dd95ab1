"""Rendered blocks, published feeds, feeds that are due, personal subscriptions."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ..core.db import Base
from .choices import Alarm, Cancelled, Choice, Contents
from .rules import PersonalPart, Source


class Parts(TypeDecorator[frozenset[PersonalPart]]):
    """What a personal feed is made of: a set, stored as a sorted array of the members' values."""

    impl = ARRAY(Text)
    cache_ok = True

    def process_bind_param(self, value: Iterable[PersonalPart] | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else sorted(part.value for part in value)

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> frozenset[PersonalPart] | None:
        return None if value is None else frozenset(PersonalPart(part) for part in value)


ONE_PUBLISHER = 0x6B657869  # advisory lock: one publisher at a time; a second one finds nothing to do
_EVERY = ",".join(sorted(part.value for part in PersonalPart))


class FeedBlock(Base):
    """One thing as it stands in every feed that holds it (日历条目): bytes made once per change.

    A VEVENT, or the master of a pattern with its overrides. What leaves the calendars keeps its row, with nothing in
    it, because its stamps must go on from there when it comes back.
    """

    __tablename__ = "feed_block"
    __table_args__ = (
        Index("ix_feed_block_feeds", "feeds", postgresql_using="gin"),
        Index("ix_feed_block_sort_at", "sort_at"),  # what comes next
        Index("ix_feed_block_written_at", "source", "written_at"),
    )
    source: Mapped[Source] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_from: Mapped[str]  # fingerprint of all that it was rendered from; another one: render again; "": gone
    body: Mapped[bytes] = mapped_column(LargeBinary)  # b"" when it could not be rendered: left out until it changes
    sequence: Mapped[int]  # SEQUENCE of what was published last; never falls, also when the thing comes back
    changed_at: Mapped[datetime]  # LAST-MODIFIED and DTSTAMP of the same
    sort_at: Mapped[datetime]  # start; feeds are ordered by it, then by source and id
    feeds: Mapped[list[Any]] = mapped_column(JSONB)  # paths of the public feeds that hold it
    pattern_id: Mapped[int | None] = mapped_column(index=True)  # of a date that the block of this rule says too: the
    # two are made together, and a feed holds the one or the other
    written_at: Mapped[datetime]  # when this row was written last: what programs ask that keep a copy


class Feed(Base):
    """A published calendar (日历订阅): the bytes that are served, and what caches ask about them."""

    __tablename__ = "feed"
    path: Mapped[str] = mapped_column(primary_key=True)  # "all", "series/<slug>", "editions/<id>", "p/<token hash>"
    made_from: Mapped[str]  # the calendar's name; of a personal feed, a fingerprint of what the person registered for
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_gzip: Mapped[bytes] = mapped_column(LargeBinary)
    etag: Mapped[str]  # strong, quoted
    etag_gzip: Mapped[str]
    modified_at: Mapped[datetime]  # whole seconds; of the last change of the bytes, removals included
    revision: Mapped[int]
    increments_from: Mapped[int] = mapped_column(default=1, server_default="1")  # since this revision nothing is
    # missing in the log
    events: Mapped[int]  # a rule is one, with all that takes place instead of some of its dates


class FeedLog(Base):
    """What a client must be told that knows an older revision of a feed (变更记录): a line for each entry that changed
    or went, under the last revision at which it did. Kept for 30 days."""

    __tablename__ = "feed_log"
    __table_args__ = (Index("ix_feed_log_changed_at", "changed_at"),)
    path: Mapped[str] = mapped_column(ForeignKey("feed.path", ondelete="CASCADE"), primary_key=True)
    uid: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]  # of the feed
    changed_at: Mapped[datetime]
    tombstone: Mapped[bytes | None] = mapped_column(LargeBinary)  # None: it stands in the feed as it is now


class FeedRevision(Base):
    """What the bytes of a feed were called in one of its revisions (日历的一个版本): a client that knows the number and
    the name is told what changed since. Kept for 30 days after another took its place."""

    __tablename__ = "feed_revision"
    path: Mapped[str] = mapped_column(ForeignKey("feed.path", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    etag: Mapped[str]
    etag_gzip: Mapped[str]
    changed_at: Mapped[datetime]  # since when it was what the feed said


class FeedDue(Base):
    """A feed whose bytes must be put together again (待重建). Written with the change that made it due."""

    __tablename__ = "feed_due"
    path: Mapped[str] = mapped_column(primary_key=True)


class Subscription(Base):
    """A personal feed's address (个人订阅): one per device or use; the token is kept only as its hash.

    What it holds is chosen here and not in the address, so that it can be changed without touching the device.
    """

    __tablename__ = "subscription"
    __table_args__ = (CheckConstraint("parts <@ ARRAY['entries', 'judging', 'registrations']::text[]", name="parts"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    fetched_on: Mapped[date | None] = mapped_column(Date)
    parts: Mapped[frozenset[PersonalPart]] = mapped_column(
        Parts, default=frozenset(PersonalPart), server_default=text(f"'{{{_EVERY}}}'")
    )
    contents: Mapped[Contents] = mapped_column(default=Contents.ALL, server_default="all")
    cancelled: Mapped[Cancelled] = mapped_column(default=Cancelled.MARKED, server_default="marked")
    alarm: Mapped[Alarm] = mapped_column(default=Alarm.NONE, server_default="none")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")  # of what was chosen

    @property
    def choice(self) -> Choice:
        return Choice(self.contents, self.cancelled, self.alarm)
