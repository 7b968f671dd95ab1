"""What the running parts of the program leave as signs of life."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base


class Heartbeat(Base):
    """When a part of the program last did its work (心跳): health is work done, not a living process."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(primary_key=True)  # "beat", "worker:machine"
    beaten_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
