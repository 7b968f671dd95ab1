"""The personal calendars of a person."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from ...core.db import db
from ...core.errors import NotFound
from ..models import Feed, Subscription
from ..rules import PERSONAL, PersonalPart


def subscriptions(account_id: int) -> list[Subscription]:
    """A person's live personal feeds, newest first."""
    return list(db.session.scalars(_live(account_id).order_by(Subscription.id.desc())))


def live_count(account_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(_live(account_id).subquery())) or 0


@dataclass(frozen=True)
class Own:
    """A personal calendar and how many entries it holds; None before it is first put together."""

    row: Subscription
    entries: int | None

    @property
    def parts(self) -> list[PersonalPart]:
        """In their order."""
        return [part for part in PersonalPart if part in self.row.parts]


def own_calendars(account_id: int) -> list[Own]:
    """A person's live personal feeds, newest first. One statement."""
    rows = db.session.execute(
        _live(account_id)
        .outerjoin(Feed, Feed.path == PERSONAL + Subscription.token_hash)
        .add_columns(Feed.events)
        .order_by(Subscription.id.desc())
    )
    return [Own(row, entries) for row, entries in rows]


def own_subscription(subscription_id: int, account_id: int) -> Subscription:
    """One of a person's feeds, dead or alive. Raises: NotFound, also for that of somebody else."""
    row = db.session.scalar(
        select(Subscription)
        .where(Subscription.id == subscription_id, Subscription.account_id == account_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound()
    return row


def _live(account_id: int) -> Select[Subscription]:
    return select(Subscription).where(Subscription.account_id == account_id, Subscription.revoked_at.is_(None))
