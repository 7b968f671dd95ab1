"""Rendered blocks, published feeds, feeds that are due, personal subscriptions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base
from .rules import Source


class FeedBlock(Base):
    """One VEVENT as it stands in every feed that holds it (日历条目): bytes made once per change.

    A thing that is in no calendar has no block.
    """

    __tablename__ = "feed_block"
    __table_args__ = (Index("ix_feed_block_feeds", "feeds", postgresql_using="gin"),)
    source: Mapped[Source] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_from: Mapped[str]  # fingerprint of all that it was rendered from; another one: render again
    body: Mapped[bytes] = mapped_column(LargeBinary)  # b"" when it could not be rendered: left out until it changes
    sort_at: Mapped[datetime]  # start; feeds are ordered by it, then by source and id
    feeds: Mapped[list[Any]] = mapped_column(JSONB)  # paths of the public feeds that hold it


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
    events: Mapped[int]


class FeedDue(Base):
    """A feed whose bytes must be put together again (待重建). Written with the change that made it due."""

    __tablename__ = "feed_due"
    path: Mapped[str] = mapped_column(primary_key=True)


class Subscription(Base):
    """A personal feed's address (个人订阅): one per device or use; the token is kept only as its hash."""

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    fetched_on: Mapped[date | None] = mapped_column(Date)
