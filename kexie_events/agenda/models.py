"""Proposals of sub-forums, sessions, talks, speakers, released programmes, guests."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Action, Scope
from ..core.db import Base
from ..events.models import Edition, Occurrence, Room, keep_booked, ways_in
from ..units.models import Unit
from ..units.queries import path_of
from .rules import Answer, GuestRole, Half, ProposalState, SessionKind, TalkKind


class Call(Base):
    """The owner of an edition invites units to propose sub-forums, for a time (分会场征集)."""

    __tablename__ = "agenda_call"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True, autoincrement=False)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="", server_default="")
    everybody: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # else the invited units
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")


class CallUnit(Base):
    """A unit that is invited; whoever plans for it or for a unit above it may propose (受邀单位)."""

    __tablename__ = "agenda_call_unit"
    edition_id: Mapped[int] = mapped_column(
        ForeignKey("agenda_call.edition_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False, index=True)


class Proposal(Base):
    """A sub-forum that a unit would like to run (分会场申报)."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("expected > 0", name="expected"),
        CheckConstraint("(state = 'accepted') = (occurrence_id IS NOT NULL)", name="accepted"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))  # of the form that made it
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    theme: Mapped[str]
    summary: Mapped[str] = mapped_column(default="", server_default="")
    expert: Mapped[str] = mapped_column(default="", server_default="")  # the leading one: name, unit, title
    expected: Mapped[int | None]  # people
    budget: Mapped[str] = mapped_column(default="", server_default="")  # in words: the program counts no money
    wished_on: Mapped[date | None] = mapped_column(Date)
    wished_half: Mapped[Half] = mapped_column(default=Half.MORNING)
    needs: Mapped[str] = mapped_column(default="", server_default="")  # of the room
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.DRAFT)
    reason: Mapped[str] = mapped_column(default="", server_default="")  # why it was returned or declined
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrence.id"), unique=True)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        # Whoever plans for the unit that proposes it. The owner of the edition comes in by ``queries.proposals``.
        return Scope(Action.PLAN, public=false(), unit_path=path_of(cls.unit_id))


class ProposalPartner(Base):
    """A unit that takes part in a proposal beside its own (联合单位)."""

    __tablename__ = "proposal_partner"
    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)


class AgendaSession(Base):
    """A part of an occurrence with a room and a time of its own (环节)."""

    __tablename__ = "agenda_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        Index("ix_agenda_session_occurrence_id_starts_at", "occurrence_id", "starts_at"),
        UniqueConstraint("id", "occurrence_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))  # of the form that made it
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrence.id"))  # whose agenda nobody loses unasked
    name: Mapped[str]
    kind: Mapped[SessionKind]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)  # None: where the occurrence is
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    occurrence: Mapped[Occurrence] = relationship(lazy="raise")
    room: Mapped[Room | None] = relationship(lazy="raise")


class Talk(Base):
    """What follows upon each other inside a session: talks, discussions, breaks (报告). Its time is computed from the
    start of the session and the lengths before it (``rules.talk_times``)."""

    __tablename__ = "talk"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        # Deferred: two that change places are in order only when both have moved.
        UniqueConstraint("session_id", "position", deferrable=True, initially="DEFERRED"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    position: Mapped[int]  # from 1
    kind: Mapped[TalkKind]
    title: Mapped[str]
    abstract: Mapped[str] = mapped_column(default="", server_default="")
    minutes: Mapped[int]
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # keeps its place, empty
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    session: Mapped[AgendaSession] = relationship(lazy="raise")


class Speaker(Base):
    """Who speaks or takes the chair in an edition (报告人, 主持人): no account, and no more than what is printed."""

    __tablename__ = "speaker"
    __table_args__ = (UniqueConstraint("edition_id", "name", "organization"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)  # who entered them; grants reach it
    name: Mapped[str]
    organization: Mapped[str] = mapped_column(default="", server_default="")  # where they work, in words
    post: Mapped[str] = mapped_column(default="", server_default="")
    words: Mapped[str] = mapped_column(default="", server_default="")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    edition: Mapped[Edition] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        series = select(Edition.series_id).where(Edition.id == cls.edition_id).correlate(cls).scalar_subquery()
        return Scope(Action.PLAN, public=false(), series_id=series, **ways_in(cls.edition_id, cls.unit_id))


class TalkSpeaker(Base):
    """A speaker of a talk, in the order in which they are printed."""

    __tablename__ = "talk_speaker"
    talk_id: Mapped[int] = mapped_column(
        ForeignKey("talk.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id"), primary_key=True, autoincrement=False, index=True)
    position: Mapped[int]


class SessionChair(Base):
    """Who leads a session (主持人)."""

    __tablename__ = "session_chair"
    session_id: Mapped[int] = mapped_column(
        ForeignKey("agenda_session.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id"), primary_key=True, autoincrement=False, index=True)
    position: Mapped[int]


class PersonBooking(Base):
    """A speaker or chair for a time: nobody is in two places. Kept by the database alone (``events/bookings.py``)."""

    __tablename__ = "person_booking"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        ForeignKeyConstraint(
            ["session_id", "occurrence_id"], ["agenda_session.id", "agenda_session.occurrence_id"], ondelete="CASCADE"
        ),
        ExcludeConstraint(
            (text("int8range(speaker_id::bigint, speaker_id::bigint, '[]')"), "&&"),
            (text("int4range(layer, layer, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_person_booking",
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int]
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id"))
    occurrence_id: Mapped[int] = mapped_column(index=True)
    session_id: Mapped[int]
    talk_id: Mapped[int | None] = mapped_column(ForeignKey("talk.id", ondelete="CASCADE"))  # None: the chair
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Release(Base):
    """A version of the programme as everybody may read it (日程版本): a copy, which later changes do not touch."""

    __tablename__ = "programme_release"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]  # from 1, gapless
    words: Mapped[str] = mapped_column(default="", server_default="")  # what is new, by who released it
    body: Mapped[dict[str, Any]]  # programme.written
    changes: Mapped[list[Any]]  # difference.written, against the version before
    released_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # released by mistake: the version before stands again
    edition: Mapped[Edition] = relationship(lazy="raise")


class GuestList(Base):
    """The guests of an edition: how many letters of invitation have had a number (嘉宾名单)."""

    __tablename__ = "guest_list"
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True, autoincrement=False)
    letters: Mapped[int] = mapped_column(default=0, server_default="0")  # never falls: no number is given twice


class GuestGroup(Base):
    """A rank of guests (礼宾次序里的一组): 院士, 市领导, 部门负责人 …; which there are is data of the edition."""

    __tablename__ = "guest_group"
    __table_args__ = (
        UniqueConstraint("edition_id", "name"),
        UniqueConstraint("edition_id", "position", deferrable=True, initially="DEFERRED"),
        UniqueConstraint("id", "edition_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    name: Mapped[str]
    position: Mapped[int]  # from 1


class Guest(Base):
    """Somebody who is invited, with a place in protocol order (嘉宾)."""

    __tablename__ = "guest"
    __table_args__ = (
        UniqueConstraint("edition_id", "name", "organization"),
        UniqueConstraint("edition_id", "letter_number"),
        ForeignKeyConstraint(["group_id", "edition_id"], ["guest_group.id", "guest_group.edition_id"]),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    group_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    organization: Mapped[str] = mapped_column(default="", server_default="")
    post: Mapped[str] = mapped_column(default="", server_default="")
    role: Mapped[GuestRole] = mapped_column(default=GuestRole.GUEST)
    answer: Mapped[Answer] = mapped_column(default=Answer.PLANNED)
    position: Mapped[int | None]  # in the group; None: after those that have one, by name
    letter_number: Mapped[int | None]  # of the letter of invitation; given once, never again
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    group: Mapped[GuestGroup] = relationship(
        lazy="raise", foreign_keys=[group_id], primaryjoin="Guest.group_id == GuestGroup.id"
    )

    @classmethod
    def scope(cls) -> Scope:
        series = select(Edition.series_id).where(Edition.id == cls.edition_id).correlate(cls).scalar_subquery()
        return Scope(Action.PLAN, public=false(), series_id=series, **ways_in(cls.edition_id))


for _table in (AgendaSession, Talk, SessionChair, TalkSpeaker):
    keep_booked(_table)
