"""The rows of a year's work list."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from ..core.access import Action, Scope
from ..core.db import Base
from ..units.queries import path_of


class WorkItem(Base):
    """A row of a unit's 项目化推进清单 of one year (工作项)."""

    __tablename__ = "work_item"
    __table_args__ = (UniqueConstraint("unit_id", "year", "section", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose list it is
    year: Mapped[int]
    section: Mapped[str]
    section_position: Mapped[int]  # order of the sections, from 1
    number: Mapped[int]  # within the section
    name: Mapped[str]
    lead: Mapped[str]  # 牵头: the first department named
    supporters: Mapped[list[str]] = mapped_column(ARRAY(Text))  # 会同
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)  # where its state is read
    changed_at: Mapped[datetime]

    @classmethod
    def scope(cls) -> Scope:
        return Scope(Action.REPORT, public=false(), unit_path=path_of(cls.unit_id))
