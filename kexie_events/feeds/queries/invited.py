"""Whose calendar may hold an occurrence because of our letters."""

from sqlalchemy import ColumnElement, and_, or_, select

from ...core.db import db
from ...messages.models import Message
from ...messages.rules import MessageState
from ...registrations.letters import INVITES, occurrence_of
from ...registrations.queries import people_at

_KINDS = [kind.value for kind in INVITES]


def was_invited(message: Message, address: str) -> bool:
    """Whether an earlier letter about the same occurrence, with an invitation, is out or may be: to the same person, or
    to somebody else at the same address.

    One that was superseded while a server had it may have arrived; one that was given up has not. Of letters older than
    90 days only their kind is known.
    """
    # Hardly anybody shares an address, and looking for them reads the whole occurrence: only when it decides.
    return _reached(message, Message.person_id == message.person_id) or _reached(
        message, Message.person_id.in_(people_at(occurrence_of(message.about), address))
    )


def _reached(message: Message, whom: ColumnElement[bool]) -> bool:
    tried = and_(Message.attempts > 0, Message.state != MessageState.DEAD)
    earlier = select(Message.id).where(
        whom,
        Message.about == message.about,
        Message.kind.in_(_KINDS),
        Message.id < message.id,
        or_(Message.state == MessageState.SENT, tried),
        or_(Message.context.has_key("calendar"), Message.context == {}),
    )
    return db.session.scalar(select(earlier.exists())) or False
