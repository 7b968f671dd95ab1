"""Owing messages, withdrawing them, sending what is due.

A message is owed in the transaction of its cause: it exists exactly when its cause does. ``context`` holds the
finished values of its letter (templates/email/<kind>.txt):

- an instant or a day is an ISO string (``starts_at.isoformat()``); the letter writes it in the reader's language;
- ``link`` is made with ``web.external(path)``, so that it starts with KEXIE_BASE_URL;
- everything else is text or a number and becomes one line of plain text.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from ..core.db import transaction
from .models import Message
from .rules import MessageState


@dataclass(frozen=True)
class Owed:
    """What is to be said to one person, before it is a row."""

    dedupe: str  # "promoted:17"
    kind: str  # names templates/email/<kind>.txt
    person_id: int
    about: str  # "occurrence:5"
    context: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None  # None: at once
    expires_at: datetime | None = None  # never sent at or after it


def owe(
    dedupe: str,
    kind: str,
    person_id: int,
    *,
    about: str,
    context: dict[str, Any],
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Owe one message inside the caller's transaction; True when it is new, False when it was owed before."""
    return owe_all([Owed(dedupe, kind, person_id, about, context, due_at, expires_at)], now=now) == 1


def owe_all(owed: Iterable[Owed], *, now: datetime) -> int:
    """Owe many in one statement; how many of them are new."""
    rows = [
        {
            "dedupe": one.dedupe,
            "kind": one.kind,
            "person_id": one.person_id,
            "about": one.about,
            "context": one.context,
            "state": MessageState.DUE,
            "created_at": now,
            "next_try_at": one.due_at or now,
            "expires_at": one.expires_at,
        }
        for one in owed
    ]
    if not rows:
        return 0
    with transaction() as session:
        statement = insert(Message).values(rows).on_conflict_do_nothing(index_elements=["dedupe"])
        return len(session.execute(statement.returning(Message.id)).all())


def supersede(about: str, kinds: Collection[str], *, now: datetime, people: Collection[int] | None = None) -> int:
    """Withdraw what is not yet sent about a thing, because a newer message says it better; how many were.

    ``people``: ids of the persons concerned; None means all. A letter that is already on its way stays sent.
    """
    with transaction() as session:
        statement = update(Message).where(
            Message.about == about,
            Message.kind.in_(kinds),
            Message.state.in_((MessageState.DUE, MessageState.SENDING)),
        )
        if people is not None:
            statement = statement.where(Message.person_id.in_(people))
        superseded = statement.values(state=MessageState.CANCELLED, last_error=f"superseded {now.isoformat()}")
        return len(session.execute(superseded.returning(Message.id)).all())
