"""Venues and their rooms."""

from sqlalchemy import (
    ForeignKey,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base


class Venue(Base):
    """A building (场馆)."""

    __tablename__ = "venue"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str] = mapped_column(default="", server_default="")
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    latitude: Mapped[float | None]  # WGS-84, degrees
    longitude: Mapped[float | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of its name and address


class Room(Base):
    """A hall in a venue (场地)."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("venue_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"), index=True)
    name: Mapped[str]
    seats: Mapped[int | None]
    venue: Mapped[Venue] = relationship(lazy="raise")
