"""The addresses of personal calendars: made, replaced, ended by whom they belong to."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ...accounts.models import Account
from ...accounts.rules import token_hash
from ...core.db import lock, transaction
from ...core.errors import NotFound, RuleBroken
from .. import queries, rules
from ..house import house
from ..models import Feed, Subscription
from ..rules import PERSONAL
from ..tokens import new_token
from .publishing import owe, rebuild


def subscribe(account_id: int, label: str, *, now: datetime) -> str:
    """A new personal feed, ready to be fetched; returns its token, which is never shown again.

    Locks the account: two at once must not both be the twentieth.
    Raises: RuleBroken("feed.label"), RuleBroken("feed.too_many").
    """
    token = new_token()
    with transaction() as session:
        name = rules.label(label)
        lock(Account, account_id)
        if len(queries.subscriptions(account_id)) >= rules.MOST_SUBSCRIPTIONS:
            raise RuleBroken("feed.too_many", most=rules.MOST_SUBSCRIPTIONS)
        hashed = token_hash(token)
        session.add(Subscription(token_hash=hashed, account_id=account_id, label=name, created_at=now))
        session.flush()
        path = f"{PERSONAL}{hashed}"
        # Built here because the first fetch comes within a second, and owed again because a change of something in it
        # may be under way in the worker, which does not see this row yet.
        rebuild(session, [path], house(), now)
        owe(session, [path])
    return token


def revoke(subscription_id: int, account_id: int, *, now: datetime) -> Subscription:
    """Lock the subscription; its address answers 410 from now on. Revoking twice is harmless. Raises: NotFound."""
    with transaction() as session:
        row = _own(subscription_id, account_id)
        _end(session, row, now)
    house().shelf.bury(_path(row))
    return row


def rotate(subscription_id: int, account_id: int, *, now: datetime) -> tuple[str, str]:
    """A new address under the same label; the old one is dead. Returns (label, token). Locks the account.

    Raises: NotFound; RuleBroken("feed.ended") for one that is dead already, or a second press would make a second
    address that nobody has seen.
    """
    with transaction() as session:
        lock(Account, account_id)
        row = _own(subscription_id, account_id)
        if row.revoked_at is not None:
            raise RuleBroken("feed.ended", label=row.label)
        _end(session, row, now)
        token = subscribe(account_id, row.label, now=now)
    # After the commit: before it, whoever finds the shelf empty reads the old address, still alive, and puts it back.
    house().shelf.bury(_path(row))
    return row.label, token


def _own(subscription_id: int, account_id: int) -> Subscription:
    row = lock(Subscription, subscription_id)
    if row.account_id != account_id:
        raise NotFound()
    return row


def _end(session: Session, row: Subscription, now: datetime) -> None:
    if row.revoked_at is None:
        row.revoked_at = now
    session.execute(delete(Feed).where(Feed.path == _path(row)))


def _path(row: Subscription) -> str:
    return f"{PERSONAL}{row.token_hash}"
