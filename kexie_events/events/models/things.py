"""What is planned: series, editions, milestones, occurrences; and who reaches what hangs on an edition."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SQLColumnExpression,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ...core.access import Action, Scope
from ...core.db import Base, constant
from ...units.models import Unit
from ...units.queries import path_of
from .. import wording
from ..kinds import Kind
from ..numbering import Numbered, Style, words
from ..patterns.models import OwnFields
from ..patterns.rules import Facts, Held, Own
from ..rules import Publication, Status
from .venues import Room


class Dated:
    """What feeds and reminders watch: every visible change raises ``revision`` and sets ``changed_at``.

    Mixed into each thing that is published in a calendar. ``revision`` becomes SEQUENCE and never falls.
    """

    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    def touch(self, now: datetime) -> None:
        """A visible change happened. Call it inside the transaction of the change."""
        self.revision += 1
        self.changed_at = now


class Placed:
    """What belongs to a series and a unit, and is public once published."""

    publication: Mapped[Publication] = mapped_column(default=Publication.DRAFT)

    @declared_attr
    def unit_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("unit.id"), index=True)  # who runs it; grants reach it through the tree

    @classmethod
    def scope_in(
        cls, *, series_id: SQLColumnExpression[int] | None = None, edition_id: SQLColumnExpression[int] | None = None
    ) -> Scope:
        """Everybody sees it once it is public; before and after, who plans for its unit, series or edition."""
        public = cls.publication == constant(Publication.PUBLISHED)
        if edition_id is None:
            return Scope(Action.PLAN, public=public, unit_path=path_of(cls.unit_id), series_id=series_id)
        return Scope(
            Action.PLAN, public=public, series_id=series_id, **ways_in(edition_id, cls.unit_id)
        )  # fmt: skip


class Series(Placed, Base):
    """A recurring activity (系列): 青少年科技创新大赛, 双月论坛 …"""

    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[Kind]
    summary: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # of its words and its patterns: who saves says
    # which one stood on the page
    last_change: Mapped[str] = mapped_column(default="", server_default="")  # revision and digest of the change of its
    # rule that was saved last: the same form sent again is known by it
    unit: Mapped[Unit] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        return cls.scope_in(series_id=cls.id)


class Edition(Placed, Base):
    """One holding of a series (届/期/年度): its own number, timeline and rules."""

    __tablename__ = "edition"
    __table_args__ = (
        # 期 are counted within a year, 届 over all years; both must be unique in their own count.
        Index(
            "uq_edition_number", "series_id", "style", text("coalesce(year, 0)"), "number",
            unique=True, postgresql_where=text("style IN ('issue', 'year')"),
        ),
        Index(
            "uq_edition_ordinal", "series_id", "number",
            unique=True, postgresql_where=text("style IN ('ordinal', 'ordinal_chinese')"),
        ),
        Index("ix_edition_series_id", "series_id", postgresql_include=["publication"]),  # rings count those of a series
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int]
    style: Mapped[Style]
    year: Mapped[int]  # the year that it is counted under; may differ from the year it is held in
    title: Mapped[str] = mapped_column(default="", server_default="")  # its own theme, when it has one
    summary: Mapped[str] = mapped_column(default="", server_default="")
    # Run by another unit than the series' own (承办): the first day on which that unit's people no longer have the
    # rights of organisers on it. None: no end.
    hosted_until: Mapped[date | None] = mapped_column(Date)
    # Whether people or the rotation gave it its host; until then the series' unit runs a draft for the time being.
    host_settled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    approval: Mapped[str] = mapped_column(default="", server_default="")  # number or words of the approval
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    # What it was made from; its dates are shown beside that one's.
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="SET NULL"), index=True)
    key: Mapped[str | None] = mapped_column(unique=True)  # of the form that made it: sent twice, it is one edition
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of its own facts; two people see each other
    changed_at: Mapped[datetime]
    series: Mapped[Series] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")

    @property
    def numbered(self) -> Numbered:
        return Numbered(self.number, self.style, self.year)

    @property
    def number_words(self) -> str:
        """第35届, 2020年度, 2023年首期 …"""
        return words(self.numbered)

    # For the names the series must be loaded.

    @property
    def own_name(self) -> str:
        return wording.own_name("", self.title, self.series.name)

    @property
    def name(self) -> str:
        return wording.edition_name(self.numbered, self.series.name)

    @property
    def whole_name(self) -> str:
        return wording.whole_name(self.numbered, self.series.name, self.title)

    @classmethod
    def scope(cls) -> Scope:
        return cls.scope_in(series_id=cls.series_id, edition_id=cls.id)


class Milestone(Dated, Placed, Base):
    """A dated point of an edition's timeline (节点): opens, closes, notice ends …"""

    __tablename__ = "milestone"
    __table_args__ = (
        CheckConstraint("ends_at >= starts_at", name="order"),
        UniqueConstraint("edition_id", "code"),
        Index("ix_milestone_code_starts_at", "code", "starts_at"),  # which editions still take works
        Index("ix_milestone_starts_at", "starts_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    code: Mapped[str]  # unique in the edition: "entries-close"
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # equal to starts_at for a deadline
    is_deadline: Mapped[bool]  # 截止: shown in cinnabar, published in feeds as a point
    edition: Mapped[Edition] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        return cls.scope_in(series_id=cls.series_id, edition_id=cls.edition_id)


class Occurrence(Dated, Placed, Base):
    """A dated thing that people go to (场次). Always a row, also for a one-off."""

    __tablename__ = "occurrence"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="seats"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("pattern_id IS NULL OR planned_at IS NOT NULL", name="slot"),
        CheckConstraint(
            "own <@ ARRAY['time', 'place', 'host', 'seats', 'window', 'words']::text[]", name="own"
        ),
        Index(
            "uq_occurrence_slot", "pattern_id", "planned_at", unique=True,
            postgresql_where=text("pattern_id IS NOT NULL"),
        ),  # a slot has one occurrence
        Index("ix_occurrence_starts_at", "starts_at"),
        # Lists of what is not over pick their rows, count them and find their regions in this index alone.
        Index(
            "ix_occurrence_ends_at", "ends_at",
            postgresql_include=[
                "id", "edition_id", "unit_id", "room_id", "starts_at", "opens_at", "closes_at", "publication", "status",
            ],
        ),
        Index("ix_occurrence_opens_at", "opens_at"),  # the month shows openings and deadlines
        Index("ix_occurrence_closes_at", "closes_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    title: Mapped[str] = mapped_column(default="", server_default="")  # its own name: a sub-forum; else the edition's
    summary: Mapped[str] = mapped_column(default="", server_default="")
    pattern_id: Mapped[int | None] = mapped_column(ForeignKey("pattern.id"))  # None: planned by hand
    planned_at: Mapped[datetime | None]  # the slot that the pattern gave it; stays when it is moved
    own: Mapped[frozenset[Own]] = mapped_column(OwnFields, default=frozenset(), server_default=text("'{}'"))  # what of
    # it does not follow the pattern
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    moved_from_at: Mapped[datetime | None]  # the published start before the last move
    moved_revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of the last change that people must be
    # told: time, place or status; reminders compare it with what each registration knows
    all_day: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # whole days, from midnight to
    # midnight: no clock time is said
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    place: Mapped[str] = mapped_column(default="", server_default="")  # in words, when it is in no room of ours
    status: Mapped[Status] = mapped_column(default=Status.SCHEDULED)
    reason: Mapped[str] = mapped_column(default="", server_default="")  # why it was moved or cancelled
    cancelled_at: Mapped[datetime | None]
    capacity: Mapped[int | None]  # None: no limit
    taken: Mapped[int] = mapped_column(default=0, server_default="0")  # seats given; changed only under the row's lock
    arrivals: Mapped[int] = mapped_column(default=0, server_default="0")  # numbers handed out: the order of the queue
    opens_at: Mapped[datetime | None]  # None: takes no registrations
    closes_at: Mapped[datetime | None]  # None: until it starts
    places_note: Mapped[str] = mapped_column(default="", server_default="")  # 名额说明: 每校限 3 人
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("occurrence.id", ondelete="SET NULL"), index=True)
    edition: Mapped[Edition] = relationship(lazy="raise")
    series: Mapped[Series] = relationship(lazy="raise")
    room: Mapped[Room | None] = relationship(lazy="raise")

    # For the names edition and series must be loaded, for the place room and venue.

    @property
    def own_name(self) -> str:
        return wording.own_name(self.title, self.edition.title, self.series.name)

    @property
    def whole_name(self) -> str:
        return wording.whole_name(self.edition.numbered, self.series.name, self.title or self.edition.title)

    @property
    def place_words(self) -> str:
        room = self.room
        return wording.place_words(room.venue.name if room else "", room.name if room else "", self.place)

    @property
    def place_with_address(self) -> str:
        """For calendars."""
        if self.room is None:
            return self.place
        venue = self.room.venue
        return wording.place_with_address(venue.name, self.room.name, venue.address, self.place)

    @property
    def facts(self) -> Facts:
        return Facts(
            self.starts_at, self.ends_at, self.all_day, self.room_id, self.place, self.capacity, self.opens_at,
            self.closes_at,
        )  # fmt: skip

    @property
    def held(self) -> Held:
        """It as the occurrence of its slot; only of one that a pattern gave."""
        assert self.pattern_id is not None
        assert self.planned_at is not None
        return Held(
            self.id, self.pattern_id, self.planned_at, self.facts, self.own, self.taken,
            is_draft=self.publication is Publication.DRAFT, is_public=self.publication is Publication.PUBLISHED,
            is_cancelled=self.status is Status.CANCELLED,
        )  # fmt: skip

    @classmethod
    def scope(cls) -> Scope:
        return cls.scope_in(series_id=cls.series_id, edition_id=cls.edition_id)


# Who reaches what hangs on an edition, as SQL expressions over the row that hangs there. The tables under names of
# their own, so that they never meet those of the statement around them.
_RUN, _SERIES = Edition.__table__.alias("run"), Series.__table__.alias("run_series")
_OWNER, _HOST, _OWN = (Unit.__table__.alias(name) for name in ("run_owner", "run_host", "run_own"))


def ways_in(edition_id: Any, unit_id: Any = None) -> dict[str, Any]:
    """The parts of a ``Scope`` for what hangs on an edition and, besides, belongs to a unit.

    Owner is the unit of the series, for ever. Host is the unit that runs the edition, until its time is over.
    ``unit_id``: whoever declared the thing itself (a site, a sub-forum) reaches it without end, unless the host or
    something below it: then it is a part of what is hosted, and ends with that.
    """
    of_edition = _RUN.c.id == edition_id
    owner = select(_OWNER.c.path).select_from(
        _RUN.join(_SERIES, _SERIES.c.id == _RUN.c.series_id).join(_OWNER, _OWNER.c.id == _SERIES.c.unit_id)
    )
    of_host = _RUN.join(_HOST, _HOST.c.id == _RUN.c.unit_id)
    host = select(_HOST.c.path, _RUN.c.hosted_until).select_from(of_host)
    ways = {
        "edition_id": edition_id,
        "owner_path": owner.where(of_edition).correlate_except(_RUN, _SERIES, _OWNER),
        "host": host.where(of_edition).correlate_except(_RUN, _HOST),
    }
    if unit_id is None:
        return ways
    hosted = (
        select(_OWN.c.id)
        .select_from(of_host.join(_OWN, func.starts_with(_OWN.c.path, _HOST.c.path)))
        .where(of_edition, _OWN.c.id == unit_id, _RUN.c.hosted_until.is_not(None))
        .correlate_except(_RUN, _HOST, _OWN)
    )
    return {**ways, "unit_path": path_of(unit_id), "unit_hosts": hosted.exists()}
