"""Entries with their members and files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..core.access import Action, Scope
from ..core.db import Base
from ..events.models import Edition, ways_in
from ..units.models import Unit
from ..units.queries import path_of
from .rules import EntryState


class Entry(Base):
    """A work in a contest (申报项目)."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]  # gapless per edition; printed as the entry's code
    title: Mapped[str]
    abstract: Mapped[str] = mapped_column(default="", server_default="")
    category: Mapped[str]  # codes of the edition's rule pack
    group: Mapped[str] = mapped_column("group_code")
    discipline: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)  # the school
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)  # who files it
    state: Mapped[EntryState]
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        # Seen from two sides: whoever runs the edition, and whoever stands above the school in the tree.
        ways = ways_in(cls.edition_id)
        ways["unit_path"] = path_of(cls.unit_id)
        return Scope(
            Action.SEE_ENTRIES,
            public=false(),
            series_id=select(Edition.series_id).where(Edition.id == cls.edition_id).scalar_subquery(),
            account_id=cls.account_id,
            **ways,
        )


class EntryMember(Base):
    """An author of an entry (作者), in the order of the application."""

    __tablename__ = "entry_member"
    __table_args__ = (UniqueConstraint("entry_id", "position"), UniqueConstraint("entry_id", "person_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    position: Mapped[int]  # from 1
    person: Mapped[Person] = relationship(lazy="raise")


class EntryFile(Base):
    """A file of an entry (附件): where its content is, and the name that the person gave."""

    __tablename__ = "entry_file"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]  # told from the content, not from the name
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    added_at: Mapped[datetime]
