"""Reads: whom a message goes to, and how far the sending is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ..accounts.models import Account, Person
from ..core.db import db
from .models import Message
from .rules import MessageState


@dataclass(frozen=True)
class Reader:
    """Who opens the letter: name, address ("" when there is none), language of letters."""

    name: str
    address: str
    language: str


def reader(person_id: int, address: str = "") -> Reader:
    """The person, with the language of their oldest account, Chinese without one; ``address`` goes before their own."""
    language = (
        select(Account.language)
        .where(Account.person_id == Person.id, Account.active)
        .order_by(Account.id)
        .limit(1)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(Person.name, Person.email, func.coalesce(language, "zh")).where(Person.id == person_id)
    ).one()
    return Reader(row[0], address or row[1].strip(), row[2])


def messages_by_state() -> dict[MessageState, int]:
    """How many there are in every state, zeros included."""
    found = {
        state: count for state, count in db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    }
    return {state: found.get(state, 0) for state in MessageState}


def oldest_due(now: datetime) -> timedelta:
    """For how long the longest waiting message should have been sent; zero when none is late."""
    waiting = db.session.scalar(
        select(func.min(Message.next_try_at)).where(
            Message.state.in_((MessageState.DUE, MessageState.SENDING)), Message.next_try_at <= now
        )
    )
    return now - waiting if waiting else timedelta(0)
