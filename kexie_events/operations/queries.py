"""Reading signs of life."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ..core.db import db
from .models import Heartbeat


def heartbeat(name: str) -> Heartbeat | None:
    """The last sign of one part, as it stands in the database now."""
    return db.session.get(Heartbeat, name, populate_existing=True)


def workers_since(since: datetime) -> Sequence[Heartbeat]:
    """The workers that have done something since then, by name."""
    query = select(Heartbeat).where(Heartbeat.name.startswith("worker:"), Heartbeat.beaten_at > since)
    return db.session.scalars(query.order_by(Heartbeat.name)).all()
