"""Whose calendar may hold an occurrence because of our letters."""

from sqlalchemy import and_, or_, select

from ...core.db import db
from ...messages.models import Message
from ...messages.rules import MessageState
from ...registrations.letters import INVITES

_KINDS = [kind.value for kind in INVITES]


def was_invited(message: Message) -> bool:
    """Whether an earlier letter to the same person about the same thing, with an invitation, is out or may be.

    One that was superseded while a server had it may have arrived; one that was given up has not. Of letters older than
    90 days only their kind is known.
    """
    tried = and_(Message.attempts > 0, Message.state != MessageState.DEAD)
    earlier = select(Message.id).where(
        Message.person_id == message.person_id,
        Message.about == message.about,
        Message.kind.in_(_KINDS),
        Message.id < message.id,
        or_(Message.state == MessageState.SENT, tried),
        or_(Message.context.has_key("calendar"), Message.context == {}),
    )
    return db.session.scalar(select(earlier.exists())) or False
