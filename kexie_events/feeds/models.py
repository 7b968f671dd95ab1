"""Rendered blocks, published feeds, personal subscriptions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base


class FeedBlock(Base):
    """One VEVENT as it stands in every feed that holds it (日历条目): bytes made once per change."""

    __tablename__ = "feed_block"
    __table_args__ = (Index("ix_feed_block_feeds", "feeds", postgresql_using="gin"),)
    subject: Mapped[str] = mapped_column(primary_key=True)  # "occurrence:5", "milestone:7"
    revision: Mapped[int]  # of the subject when it was rendered
    body: Mapped[bytes] = mapped_column(LargeBinary)  # b"" when it has left all feeds
    sort_at: Mapped[datetime]  # start; feeds are ordered by it, then by subject
    ends_at: Mapped[datetime]
    leaves_at: Mapped[
        datetime | None
    ]  # when it must go by itself: grace after a cancellation, end of the window
    feeds: Mapped[list[Any]] = mapped_column(JSONB)  # paths of the feeds that hold it


class Feed(Base):
    """A published calendar (日历订阅): the bytes that are served, and what caches ask about them."""

    __tablename__ = "feed"
    path: Mapped[str] = mapped_column(
        primary_key=True
    )  # "all", "series/<slug>", "editions/<id>", "p/<token hash>"
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_gzip: Mapped[bytes] = mapped_column(LargeBinary)
    etag: Mapped[str]  # strong, quoted
    etag_gzip: Mapped[str]
    modified_at: Mapped[datetime]  # of the last change of the bytes, removals included
    revision: Mapped[int]
    events: Mapped[int]


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
