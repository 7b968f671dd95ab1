"""The rows of a year's work list."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Text

from ..core.db import Base
from ..events.models import Series


class WorkItem(Base):
    """A row of the year's 项目化推进清单 (工作项)."""

    __tablename__ = "work_item"
    __table_args__ = (UniqueConstraint("year", "section", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    section: Mapped[str]
    section_position: Mapped[int]  # order of the sections, from 1
    number: Mapped[int]  # within the section
    name: Mapped[str]
    lead: Mapped[str]  # 牵头: the first department named
    supporters: Mapped[list[str]] = mapped_column(ARRAY(Text))  # 会同
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    changed_at: Mapped[datetime]
    series: Mapped[Series | None] = relationship(lazy="raise")
