"""Who has which room: rows that the database keeps itself."""

from datetime import datetime

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base
from .. import bookings
from .things import Occurrence
from .venues import Room


class RoomBooking(Base):
    """A room for a time (占用): what no two things may have at once. Kept by the database alone (``bookings.py``)."""

    __tablename__ = "room_booking"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        # No room twice at the same time, whoever asks and however fast. Adjacent times may touch.
        ExcludeConstraint(
            (text("int8range(room_id::bigint, room_id::bigint, '[]')"), "&&"),
            (text("int4range(layer, layer, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_room_booking",
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int]  # bookings.HELD or INSIDE
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrence.id", ondelete="CASCADE"), index=True)
    # Its table stands in a higher room; the key is named, nothing is imported. None: the occurrence itself.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    occurrence: Mapped[Occurrence] = relationship(lazy="raise")
    room: Mapped[Room] = relationship(lazy="raise")


def keep_booked(table: type[Base]) -> None:
    """Say to the metadata what the database is to run once this table is there."""
    for statement in bookings.KEPT[table.__tablename__]:
        event.listen(table.__table__, "after_create", DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]


keep_booked(Occurrence)
