"""Owing messages, withdrawing them, sending what is due.

A message is owed in the transaction of its cause: it exists exactly when its cause does. ``context`` holds the
finished values of its letter (templates/email/<kind>.txt):

- an instant or a day is an ISO string (``starts_at.isoformat()``); the letter writes it in the reader's language;
- ``link`` is made with ``installation.external(path)``, so that it starts with KEXIE_BASE_URL;
- everything else is text or a number and becomes one line of plain text.
"""

import logging
import random
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from flask import current_app
from flask_babel import force_locale
from jinja2 import Environment, Undefined
from sqlalchemy import Text, func, or_, text, update
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB, insert

from ..core import clock
from ..core.db import transaction
from ..core.errors import Busy
from ..core.installation import installation, settings
from ..core.text import one_line
from . import queries, rules
from .models import Message
from .rules import FINISHED, Enclosure, Letter, MessageState, Passing, Permanent

BATCH = 50
# One run ends after this long, so that letters to a thousand people leave the worker free for other work between.
RUN_LASTS = timedelta(seconds=20)
ROWS_PER_INSERT = 1000  # PostgreSQL takes 65,535 values in one statement

Send = Callable[[Letter], str]  # hands a letter to a provider; its id there. Raises: Permanent, Passing
# Whether what a letter says is no longer so. Asked last, in the transaction that begins to send it. This room knows
# nothing of what letters are about: ``wiring`` brings the answers of the rooms that owe them.
Outdated = Callable[[Message], bool]
OUTDATED: list[Outdated] = []
# What goes with a letter into its reader's calendar, None when it is not of theirs; in the reader's language. May raise
# whatever it likes: the letter then goes without, and its row says why. Filled by ``wiring`` as well.
Enclose = Callable[[Message, queries.Reader], Enclosure | None]
ENCLOSING: list[Enclose] = []

log = logging.getLogger("kexie.messages")
_dice = random.Random()  # noqa: S311 -- spreads retries, guards nothing


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
    address: str = ""  # given for this very thing; "": the person's own


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
    address: str = "",
) -> bool:
    """Owe one message inside the caller's transaction; True when it is new, False when it was owed before."""
    return owe_all([Owed(dedupe, kind, person_id, about, context, due_at, expires_at, address)], now=now) == 1


def owe_all(owed: Iterable[Owed], *, now: datetime) -> int:
    """Owe many; how many of them are new."""
    rows = [_row(one, now) for one in owed]
    new = 0
    with transaction() as session:
        for start in range(0, len(rows), ROWS_PER_INSERT):
            # The rows are parameters, not part of the statement: it is compiled once for all letters ever owed.
            statement = insert(Message).on_conflict_do_nothing(index_elements=["dedupe"]).returning(Message.id)
            new += len(session.execute(statement, rows[start : start + ROWS_PER_INSERT]).all())
    return new


def _row(one: Owed, now: datetime) -> dict[str, Any]:
    base = settings().base_url
    if not str(one.context.get("link", base)).startswith(base):
        raise ValueError(f"the link of {one.dedupe!r} must be made with installation.external()")
    return {
        "dedupe": one.dedupe, "kind": one.kind, "person_id": one.person_id, "about": one.about,
        "context": one.context, "address": one.address, "state": MessageState.DUE, "created_at": now,
        "next_try_at": one.due_at or now, "expires_at": one.expires_at,
    }  # fmt: skip


def supersede(about: str, kinds: Collection[str], *, now: datetime, people: Collection[int] | None = None) -> int:
    """Withdraw what is not yet sent about a thing, because something newer says it better; how many were.

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


# The CTE is what makes the LIMIT hold: PostgreSQL may run a plain sub-select more than once. The states are written
# out so that every plan, also a prepared one, can use the partial index. The lease is kept by the database's clock,
# because two workers may disagree about the time; what is due is compared with the time that the caller names.
_CLAIM = text("""
    WITH picked AS (
        SELECT id FROM message
        WHERE state IN ('due', 'sending') AND next_try_at <= :now
          AND (state = 'due' OR lease_until < clock_timestamp())
        ORDER BY next_try_at, id
        LIMIT :limit
        FOR UPDATE SKIP LOCKED
    )
    UPDATE message SET state = 'sending', claim = :claim, lease_until = clock_timestamp() + :lease
    FROM picked WHERE message.id = picked.id
    RETURNING message.id
""")


def claim(limit: int, *, now: datetime) -> tuple[str, list[int]]:
    """Take up to ``limit`` due messages for 60 s, also those whose taker has not been heard of since.

    Two callers never get the same row, and neither waits for the other. The claim's name and the ids, in order.
    """
    name = secrets.token_hex(8)
    with transaction() as session:
        rows = session.execute(_CLAIM, {"now": now, "limit": limit, "claim": name, "lease": rules.LEASE})
        return name, sorted(rows.scalars())


def send_due(send: Send, *, now: datetime) -> int:
    """Send what is due, batch by batch, until nothing is or the run has lasted long enough; how many were sent.

    Safe to run many times at once and to be killed anywhere: what was claimed and not marked is claimed again when
    its lease is over. Only a letter that was handed over but not yet marked can go twice, with the same key.
    """
    time = clock.running_from(now)
    sent = 0
    while time() - now < RUN_LASTS:
        name, ids = claim(BATCH, now=time())
        sent += sum(_send_one(id, name, send, time) for id in ids)
        if len(ids) < BATCH:
            break
    return sent


def _send_one(id: int, name: str, send: Send, time: Callable[[], datetime]) -> bool:
    try:
        letter = _begin(id, name, time())
    except Busy:  # somebody is just superseding it; if not, its lease ends and it is claimed again
        return False
    if letter is None:
        return False
    try:
        provider_id = send(letter)
    except Permanent as error:
        _failed(id, name, error, None)
    except Exception as error:  # whatever one letter does, the next one goes out
        if not isinstance(error, Passing):
            log.exception("letter %s", letter.key)
        _failed(id, name, error, time())
    else:
        flaw = letter.flaw or None
        _mark(id, name, state=MessageState.SENT, sent_at=time(), provider_id=provider_id, last_error=flaw)
        return True
    return False


def _begin(id: int, name: str, now: datetime) -> Letter | None:
    """The letter, when it is still ours, still wanted and still of use. The lease starts anew for its sending.

    The attempt is counted before it is made: a letter that kills its worker is tried 8 times, not for ever. What is not
    handed over is no attempt. The letter's time is that of the first one, so that a repeat is the same letter.
    """
    written = func.jsonb_build_object("written_at", cast_to(now.isoformat(), Text), type_=JSONB)
    with transaction() as session:
        row = session.scalar(
            update(Message)
            .where(Message.id == id, Message.claim == name, Message.state == MessageState.SENDING)
            .where(Message.lease_until > func.clock_timestamp())
            .values(attempts=Message.attempts + 1, lease_until=func.clock_timestamp() + rules.LEASE)
            .values(context=written.concat(Message.context))  # of two the right one counts: what stands there stays
            .returning(Message)
            .execution_options(populate_existing=True)
        )
        if row is None:
            return None
        reader = queries.reader(row.person_id, row.address)
        if row.expires_at is not None and row.expires_at <= now:
            row.state, row.last_error = MessageState.DEAD, _also("expired", row.last_error)
        elif row.attempts > rules.MOST_ATTEMPTS:
            row.state, row.last_error = MessageState.DEAD, _also("too many attempts", row.last_error)
        elif not reader.address:
            row.state, row.last_error = MessageState.UNREACHABLE, "no address"
        elif any(is_outdated(row) for is_outdated in OUTDATED):
            row.state, row.last_error = MessageState.CANCELLED, _also("out of date", row.last_error)
        if row.state is not MessageState.SENDING:
            row.attempts -= 1
            return None
    try:
        return write(row, reader, written_at=datetime.fromisoformat(row.context["written_at"]))
    except Exception as error:  # a template that fails must not stop the letters behind it
        log.exception("message %s cannot be written", id)
        _failed(id, name, error, now)
        return None


def _also(words: str, before: str | None) -> str:
    return f"{words}; before: {before}" if before else words


def write(row: Message, reader: queries.Reader, *, written_at: datetime) -> Letter:
    """The letter in its reader's language, with what belongs into their calendar. The same row, reader and time give
    the same letter.

    Raises: ValueError, TemplateNotFound.
    """
    parts = installation()
    english = reader.language == "en"
    values = rules.letter_values(row.context, now=written_at, zone=parts.zone, english=english)
    with force_locale("en" if english else "zh_Hans"):
        enclosed, flaw = _enclosed(row, reader)
        template = _paper(current_app.jinja_env).get_template(f"email/{row.kind}.txt")
        method = enclosed.method if enclosed else ""
        words = template.render({**values, "organization": parts.settings.organization, "enclosed": method})
    subject, body = rules.split_letter(words)
    return Letter(
        key=rules.key_of(row.dedupe), name=one_line(reader.name), address=reader.address, subject=subject,
        body=body, language=reader.language, written_at=written_at, enclosed=enclosed, flaw=flaw,
    )  # fmt: skip


def _enclosed(row: Message, reader: queries.Reader) -> tuple[Enclosure | None, str]:
    """What goes with the letter, and why nothing does that should: the words are worth more than the enclosure."""
    try:
        found = [enclosed for enclose in ENCLOSING if (enclosed := enclose(row, reader)) is not None]
    except Exception as error:
        log.exception("message %s goes without its enclosure", row.id)
        return None, one_line(f"without its enclosure: {type(error).__name__}: {error}")[:300]
    return (found[0] if found else None), ""


@lru_cache(maxsize=1)
def _paper(pages: Environment) -> Environment:
    """The templates of the pages, but a letter goes out also when it does not know everything: what is missing leaves
    its line out."""
    return pages.overlay(undefined=Undefined)


def _failed(id: int, name: str, error: Exception, now: datetime | None) -> None:
    """Try again later, or never when ``now`` is None or there were attempts enough."""
    with transaction() as session:
        row = session.get(Message, id, with_for_update=True, populate_existing=True)
        if row is None or row.claim != name or row.state is not MessageState.SENDING:
            return  # taken over or superseded in between
        again = rules.next_try(row.attempts, now, _dice) if now else None
        useless = again is not None and row.expires_at is not None and again >= row.expires_at
        row.last_error = one_line(f"{type(error).__name__}: {error}")[:300]
        row.claim = row.lease_until = None
        row.state = MessageState.DEAD if again is None or useless else MessageState.DUE
        row.next_try_at = again or row.next_try_at


def _mark(id: int, name: str, **values: Any) -> None:
    """Write down what happened. Superseded in between or not: a letter that went out is sent.

    It waits for the row as long as it can: a letter that is out and not marked would go again.
    """
    with transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '25s'"))
        session.execute(
            update(Message)
            .where(Message.id == id, Message.claim == name)
            .values(claim=None, lease_until=None, **values)
        )


def forget_old(*, now: datetime) -> int:
    """Empty after 90 days what finished messages said, where they went and what was answered, because an answer may
    name the mailbox; that they were sent, and when, stays on record.
    """
    told = or_(Message.context != cast(Any, {}), Message.address != "", Message.last_error.is_not(None))
    with transaction() as session:
        statement = update(Message).where(
            Message.state.in_(FINISHED), Message.created_at < now - rules.REMEMBERED, told
        )
        emptied = statement.values(context={}, address="", last_error=None)
        return len(session.execute(emptied.returning(Message.id)).all())
