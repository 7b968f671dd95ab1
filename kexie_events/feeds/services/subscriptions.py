"""The addresses of personal calendars: made, changed, replaced, ended by whom they belong to."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...accounts.models import Account
from ...accounts.rules import token_hash
from ...accounts.services import chain
from ...audit import services as audit
from ...core.access import Actor
from ...core.db import expect_revision, lock, transaction
from ...core.errors import NotFound, RuleBroken, SentBefore
from ...core.seal import seal
from .. import queries, rules
from ..choices import PLAIN, Choice
from ..house import house
from ..models import Feed, Subscription
from ..personal import EVERY_PART, checked_parts
from ..rules import PERSONAL, PersonalPart
from ..tokens import new_token, token_of
from .publishing import owe, rebuild


def subscribe(
    account_id: int,
    label: str,
    *,
    parts: Collection[PersonalPart] = EVERY_PART,
    choice: Choice = PLAIN,
    key: UUID | None = None,
    now: datetime,
) -> str:
    """A new personal feed, ready to be fetched; returns its token, which is stored nowhere.

    ``key``: of the form. The same form sent twice is one address, and its page can be shown again: the token follows
    from the key and from SECRET_KEY, and from nothing about the person. Without a key it is drawn.
    Locks the account: two at once must not both be the twentieth.
    Raises: RuleBroken("feed.label"), RuleBroken("feed.parts"), RuleBroken("feed.too_many"), SentBefore,
    RuleBroken("feed.ended") for a form whose address was ended since.
    """
    token = token_of(seal("feed.token", f"{account_id}:{key}")) if key else new_token()
    with transaction() as session:
        wanted = Subscription(
            token_hash=token_hash(token), account_id=account_id, label=rules.label(label), parts=checked_parts(parts),
            contents=choice.contents, cancelled=choice.cancelled, alarm=choice.alarm, created_at=now,
        )  # fmt: skip
        lock(Account, account_id)
        before = session.scalar(select(Subscription).where(Subscription.token_hash == wanted.token_hash))
        if before is None:
            _add(session, wanted, now)
            _record("subscription.added", wanted, now, **_words(wanted))
        elif before.revoked_at is not None:
            raise RuleBroken("feed.ended", label=before.label)
        elif (before.label, _words(before)) != (wanted.label, _words(wanted)):
            raise SentBefore(name=before.label)
    return token


def change(
    subscription_id: int,
    account_id: int,
    *,
    label: str,
    parts: Collection[PersonalPart],
    choice: Choice,
    revision: int,
    now: datetime,
) -> Subscription:
    """What a personal feed holds; its address stays, and the worker puts it together again within seconds.

    Locks the subscription. Raises: NotFound, RuleBroken("feed.over") for one that is dead, Conflict("feed.changed"),
    RuleBroken("feed.label"), RuleBroken("feed.parts").
    """
    with transaction() as session:
        row = _own(subscription_id, account_id)
        if row.revoked_at is not None:
            raise RuleBroken("feed.over", label=row.label)
        expect_revision(row.revision, revision, "feed.changed")
        before, name = _words(row), rules.label(label)
        row.label, row.parts = name, checked_parts(parts)
        row.contents, row.cancelled, row.alarm = choice.contents, choice.cancelled, choice.alarm
        if session.is_modified(row):
            row.revision += 1
            _record("subscription.changed", row, now, before=before, after=_words(row))
            owe(session, [_path(row)])
    return row


def revoke(subscription_id: int, account_id: int, *, now: datetime) -> Subscription:
    """Lock the subscription; its address answers 410 from now on. Revoking twice is harmless. Raises: NotFound."""
    with transaction() as session:
        row = _own(subscription_id, account_id)
        if row.revoked_at is None:
            _record("subscription.revoked", row, now)
        _end(session, row, now)
    house().shelf.bury(_path(row))
    return row


def rotate(subscription_id: int, account_id: int, *, now: datetime) -> tuple[str, str]:
    """A new address with the same label and choice; the old one is dead. Returns (label, token). Locks the account.

    Raises: NotFound; RuleBroken("feed.ended") for one that is dead already, or a second press would make a second
    address that nobody has seen.
    """
    token = new_token()
    with transaction() as session:
        lock(Account, account_id)
        row = _own(subscription_id, account_id)
        if row.revoked_at is not None:
            raise RuleBroken("feed.ended", label=row.label)
        _end(session, row, now)
        successor = Subscription(
            token_hash=token_hash(token), account_id=account_id, label=row.label, parts=row.parts,
            contents=row.contents, cancelled=row.cancelled, alarm=row.alarm, created_at=now,
        )  # fmt: skip
        _add(session, successor, now)
        _record("subscription.rotated", row, now, successor=successor.id)
    # After the commit: before it, whoever finds the shelf empty reads the old address, still alive, and puts it back.
    house().shelf.bury(_path(row))
    return row.label, token


def _add(session: Session, row: Subscription, now: datetime) -> None:
    if queries.live_count(row.account_id) >= rules.MOST_SUBSCRIPTIONS:
        raise RuleBroken("feed.too_many", most=rules.MOST_SUBSCRIPTIONS)
    session.add(row)
    session.flush()
    # Built here because the first fetch comes within a second, and owed again because a change of something in it
    # may be under way in the worker, which does not see this row yet.
    rebuild(session, [_path(row)], house(), now)
    owe(session, [_path(row)])


def _own(subscription_id: int, account_id: int) -> Subscription:
    row = lock(Subscription, subscription_id)
    if row.account_id != account_id:
        raise NotFound()
    return row


def _end(session: Session, row: Subscription, now: datetime) -> None:
    if row.revoked_at is None:
        row.revoked_at = now
    session.flush()
    session.execute(delete(Feed).where(Feed.path == _path(row)))


def _path(row: Subscription) -> str:
    return f"{PERSONAL}{row.token_hash}"


def _words(row: Subscription) -> dict[str, Any]:
    """What it holds, for the audit. The label stays out: people write names of others into it."""
    return {
        "parts": sorted(part.value for part in row.parts), "contents": row.contents.value,
        "cancelled": row.cancelled.value, "alarm": row.alarm.value,
    }  # fmt: skip


def _record(verb: str, row: Subscription, now: datetime, **details: Any) -> None:
    audit.record(
        chain(row.account_id), verb, actor=Actor(account_id=row.account_id), now=now, subscription=row.id, **details
    )
