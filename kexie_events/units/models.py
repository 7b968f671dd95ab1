"""Regions and units. A closed one stays: old editions still show it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.access import Action, Scope
from ..core.db import Base, Validity
from .rules import UnitKind


class Region(Validity, Base):
    """An administrative or functional area (区县). Not every one has a code; none is invented."""

    __tablename__ = "region"
    __table_args__ = (CheckConstraint("valid_to > valid_from", name="validity"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)  # the code, or the name in pinyin where there is none
    code: Mapped[str | None]  # GB/T 2260, six digits
    name: Mapped[str]
    kind: Mapped[str]  # 区, 县, 自治县, 功能区: the official word
    zone: Mapped[str | None]  # 一区两群
    note: Mapped[str] = mapped_column(default="", server_default="")
    latitude: Mapped[float | None]  # WGS-84, degrees: where its government sits, for maps of the whole city
    longitude: Mapped[float | None]


class Unit(Validity, Base):
    """An organisation or a part of one (单位). Chosen from the tree, never typed."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="validity"),
        Index("ix_unit_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[UnitKind]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)  # ids from the root down: "/1/12/"; grants match its beginning
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    region: Mapped[Region | None] = relationship(lazy="raise")

    @classmethod
    def scope(cls) -> Scope:
        # On the desk: the names themselves are no secret, they stand on every public page.
        return Scope(Action.MANAGE_UNITS, public=false(), unit_path=cls.path)
