"""A campaign's terms, the activities that units declare for it, what happened to each, and its photographs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Action, Scope
from ..core.db import Base, constant, only_added
from ..events.models import Edition, Occurrence, ways_in
from ..events.rules import Publication
from ..units.models import Region, Unit
from .rules import FIELDS as DECLARED
from .rules import CampaignTerms, Category, Declaration, Located, SiteState, Step


class Campaign(Base):
    """What an edition held at many sites asks of those who declare (多点活动的申报要求)."""

    __tablename__ = "campaign"
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    categories: Mapped[list[Any]]  # [{code, name}] in the order in which they are offered
    declares_until: Mapped[datetime | None]
    reports_until: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    @property
    def terms(self) -> CampaignTerms:
        return CampaignTerms(
            tuple(Category(each["code"], each["name"]) for each in self.categories),
            self.declares_until, self.reports_until, self.revision,
        )  # fmt: skip


class Site(Base):
    """One activity that a unit declares for a campaign (申报活动).

    Passed, it has an occurrence, which is what calendars and lists show; until then there is none, so that nothing
    unchecked can become public by any way (decision 0015).
    """

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point"),
        CheckConstraint("(waits_unit_id IS NOT NULL) = (state = 'declared' OR proposal <> '{}')", name="waits"),
        CheckConstraint("state = 'passed' OR proposal = '{}'", name="proposal"),
        CheckConstraint("state <> 'passed' OR occurrence_id IS NOT NULL", name="passed"),
        CheckConstraint("on_site >= 0 AND online >= 0 AND volunteers >= 0", name="people"),
        # The same activity twice, from a sheet that is sent twice or from two people at once, is one.
        Index(
            "uq_site_name", "edition_id", "unit_id", "name", "starts_on",
            unique=True, postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index(
            "uq_site_number", "edition_id", "unit_id", "number",
            unique=True, postgresql_where=text("state <> 'withdrawn' AND number <> ''"),
        ),
        Index("ix_site_edition_id_starts_on", "edition_id", "starts_on", "starts_at", "id"),
        Index("ix_site_waits_unit_id", "waits_unit_id", postgresql_where=text("waits_unit_id IS NOT NULL")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # of the form or sheet that made it
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)  # who declares and holds it
    number: Mapped[str] = mapped_column(default="", server_default="")  # its own number in the unit's sheet
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    all_day: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    starts_on: Mapped[date] = mapped_column(Date)  # the day of starts_at on the association's clock
    category: Mapped[str]
    place: Mapped[str]
    address: Mapped[str] = mapped_column(default="", server_default="")
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    latitude: Mapped[float | None]  # WGS-84, degrees
    longitude: Mapped[float | None]
    located: Mapped[Located] = mapped_column(default=Located.NOWHERE)
    audience: Mapped[str] = mapped_column(default="", server_default="")
    summary: Mapped[str] = mapped_column(default="", server_default="")
    contact_name: Mapped[str] = mapped_column(default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(default="", server_default="")
    contact_public: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    link: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[SiteState] = mapped_column(default=SiteState.DRAFT)
    waits_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # whose decision is awaited
    reason: Mapped[str] = mapped_column(default="", server_default="")  # of the last return or withdrawal
    proposal: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # what of a passed one is to
    # be otherwise once it is checked
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrence.id"), unique=True)
    on_site: Mapped[int] = mapped_column(default=0, server_default="0")
    online: Mapped[int] = mapped_column(default=0, server_default="0")
    volunteers: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str] = mapped_column(default="", server_default="")  # the report in words
    reported_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise", foreign_keys=[unit_id])
    waits_unit: Mapped[Unit | None] = relationship(lazy="raise", foreign_keys=[waits_unit_id])
    region: Mapped[Region | None] = relationship(lazy="raise")

    @property
    def declared(self) -> Declaration:
        """As it was declared: a point that is only the district's was not."""
        values = {name: getattr(self, name) for name in DECLARED}
        if self.located is not Located.EXACT:
            values |= {"latitude": None, "longitude": None}
        return Declaration(**values)

    @classmethod
    def scope(cls) -> Scope:
        """Everybody sees it while its occurrence is public; else who plans for its unit, its edition or series."""
        public = select(Occurrence.id).where(
            Occurrence.id == cls.occurrence_id, Occurrence.publication == constant(Publication.PUBLISHED)
        )
        return Scope(
            Action.PLAN,
            public=public.exists(),
            series_id=cls.series_id,
            **ways_in(cls.edition_id, cls.unit_id),
        )


@only_added
class SiteStep(Base):
    """One thing that happened to a declaration: who, when, for which unit, why. Only added to, never changed."""

    __tablename__ = "site_step"
    __table_args__ = (Index("ix_site_step_site_id", "site_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # for which unit it was decided
    step: Mapped[Step]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # names of what was changed


class SitePhoto(Base):
    """A photograph of the report, cleaned of what it says about camera, place and time. Whoever sees the declaration on
    the desk sees it, nobody else."""

    __tablename__ = "site_photo"
    __table_args__ = (UniqueConstraint("site_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    sha256: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    added_at: Mapped[datetime]
