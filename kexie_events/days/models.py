"""What administrators have entered about days. Everybody may know it: it stands over what the program brings along."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base
from .rules import Ruling


class DayRuling(Base):
    """One day as an administrator says it is (放假安排更正)."""

    __tablename__ = "day_ruling"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, unique=True)
    kind: Mapped[Ruling]
    words: Mapped[str] = mapped_column(default="", server_default="")  # 春节, 调休上班
    source: Mapped[str] = mapped_column(default="", server_default="")  # 国办发明电〔2025〕7号
    changed_at: Mapped[datetime]


class YearRuling(Base):
    """Where a named day lies in one year, or that the year's plan of holidays was entered whole (年度日期)."""

    __tablename__ = "year_ruling"
    __table_args__ = (
        UniqueConstraint("key", "year"),
        CheckConstraint("last_on >= first_on", name="order"),
        CheckConstraint("first_on >= make_date(year, 1, 1) AND last_on <= make_date(year, 12, 31)", name="year"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # of rules.KEYS
    year: Mapped[int]
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[datetime]
