"""The rule pack of an edition."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..core.db import Base
from ..events.models import Edition


class RulePack(Base):
    """The rules of one edition as data (规则包), validated by ``rules.read`` whenever it is saved."""

    __tablename__ = "rule_pack"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), unique=True)
    body: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[datetime]
    edition: Mapped[Edition] = relationship(lazy="raise")
