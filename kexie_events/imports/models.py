"""Addresses that are kept, imports on their way, and which date of which calendar became which occurrence."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.db import Base
from ..events.models import Edition
from .rules import ImportState, SourceState


class CalendarSource(Base):
    """The address of a calendar that an edition is filled from (日历来源)."""

    __tablename__ = "calendar_source"
    __table_args__ = (
        Index(
            "uq_calendar_source_address", "edition_id", "address", unique=True,
            postgresql_where=text("state <> 'removed'"),
        ),
        Index("ix_calendar_source_next_fetch_at", "next_fetch_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    label: Mapped[str]
    address: Mapped[str]  # may hold a secret: shown to those who plan the edition, masked everywhere else
    state: Mapped[SourceState] = mapped_column(default=SourceState.ACTIVE)
    is_daily: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # asked by itself
    etag: Mapped[str] = mapped_column(default="", server_default="")  # of the answer that was read last
    last_modified: Mapped[str] = mapped_column(default="", server_default="")
    content_digest: Mapped[str] = mapped_column(default="", server_default="")
    is_endless: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # a rule in it has no end:
    # the same answer comes to other dates a week later
    checked_at: Mapped[datetime | None]  # the last answer, changed or not
    next_fetch_at: Mapped[datetime | None]  # None: by a press alone
    failures: Mapped[int] = mapped_column(default=0, server_default="0")  # on end
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="", server_default="")  # a code, and the values of its sentence
    last_details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of its name, and whether it is asked daily
    key: Mapped[str | None] = mapped_column(unique=True)  # of the form that added it: sent twice, it is one source
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    edition: Mapped[Edition] = relationship(lazy="raise")


class CalendarImport(Base):
    """One calendar on its way into an edition (导入): asked for, read, then decided on."""

    __tablename__ = "calendar_import"
    __table_args__ = (
        Index(
            "uq_calendar_import_waiting", "source_id", unique=True, postgresql_where=text("state = 'waiting'")
        ),  # an address is fetched once at a time
        Index("ix_calendar_import_asked_at", "asked_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_calendar_import_edition_id", "edition_id", "asked_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_source.id", ondelete="CASCADE"))  # None: a file
    key: Mapped[str | None] = mapped_column(unique=True)  # of the form that was sent
    name: Mapped[str] = mapped_column(default="", server_default="")  # of the calendar, as it says itself
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # of a file that waits to be read
    content_digest: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[ImportState] = mapped_column(default=ImportState.WAITING)
    by_itself: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # nobody pressed: it was time
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    claim: Mapped[str | None]  # which worker has it
    lease_until: Mapped[datetime | None]
    found: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))  # what was read (storing)
    changes: Mapped[int] = mapped_column(default=0, server_default="0")  # to decide on, when it was read
    error: Mapped[str] = mapped_column(default="", server_default="")  # why it could not be read: a code, its values
    error_details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    read_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seen: Mapped[str] = mapped_column(default="", server_default="")  # of the preview that was acted on: the same press
    # again is known by it
    done: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))  # how many of each change
    edition: Mapped[Edition] = relationship(lazy="raise")
    source: Mapped[CalendarSource | None] = relationship(lazy="raise")


class ImportedDate(Base):
    """A date of somebody's calendar that was taken over (导入的日期), so that the next import knows it again.

    Their UID names it here and is never published: the occurrence has its own.
    """

    __tablename__ = "imported_date"
    __table_args__ = (UniqueConstraint("edition_id", "uid", "recurrence"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_source.id", ondelete="SET NULL"), index=True)
    calendar: Mapped[str] = mapped_column(default="", server_default="")  # the name of a file's calendar
    uid: Mapped[str]
    recurrence: Mapped[str]  # which date of that UID; "" the only one
    # None: what it became was thrown away here
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrence.id", ondelete="SET NULL"), unique=True)
    said: Mapped[dict[str, Any]]  # by the source when it was taken over last
    written: Mapped[dict[str, Any]]  # what that became here
    taken_at: Mapped[datetime]
