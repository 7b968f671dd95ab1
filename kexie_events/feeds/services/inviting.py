"""What goes with letters into calendars: an occurrence that somebody has a seat in, its move, its end. Asked by
``messages`` for each letter on its way out; it reads, and writes nothing.

The facts were written down with the letter's words (``registrations.letters``), so both say the same, however often a
letter is tried. Decision 0020.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from ...core import dates, installation
from ...core.db import transaction
from ...core.text import one_line
from ...messages import rules as messages
from ...messages.models import Message
from ...messages.queries import Reader
from ...messages.rules import Enclosure, Mailbox
from ...registrations.letters import INVITES, LetterKind
from .. import ical, invitations, queries
from ..invitations import Invitation, Method

_EVERY_YEAR = date.min  # dates say the year of all others: the words stay in a calendar for years


def enclose(message: Message, reader: Reader) -> Enclosure | None:
    """What the letter does to its reader's calendar; None when it does nothing. Words in the language in force.

    Nobody's calendar is asked to take out what was never sent to it. Raises: ValueError, OverflowError, KeyError.
    """
    facts = message.context.get("calendar")
    if facts is None:
        return None
    method = Method.REQUEST if LetterKind(message.kind) in INVITES else Method.CANCEL
    if method is Method.CANCEL:
        with transaction():
            if not queries.was_invited(message, reader.address):
                return None
    found = _invitation(message, reader, facts, method)
    return Enclosure(method.value, invitations.calendar(found, installation.zone()))


def _invitation(message: Message, reader: Reader, facts: Mapping[str, Any], method: Method) -> Invitation:
    here = installation.settings()
    sender = messages.sender(here.mail_url, base_url=here.base_url, organization=here.organization)
    starts_at, ends_at = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
    all_day = bool(facts["all_day"])
    return Invitation(
        method=method, uid=facts["uid"], sequence=facts["revision"] + message.id,
        written_at=datetime.fromisoformat(message.context["written_at"]), starts_at=starts_at, ends_at=ends_at,
        title=_title(LetterKind(message.kind), message.context["event"]), url=installation.external(facts["path"]),
        organizer=sender, attendee=Mailbox(reader.name, reader.address),
        text=_text(message.context, starts_at, ends_at, all_day, english=reader.language == "en"),
        place=facts["place"], all_day=all_day,
    )  # fmt: skip


def _title(kind: LetterKind, event: str) -> str:
    """Where a calendar enters whatever it is given, its entry says at least that it is none."""
    match kind:
        case LetterKind.CANCELLED:
            return str(_("【已取消】%(event)s", event=event))
        case LetterKind.WITHDRAWN:
            return str(_("【已退出】%(event)s", event=event))
        case _:
            return event


def _text(context: Mapping[str, Any], starts_at: datetime, ends_at: datetime, all_day: bool, *, english: bool) -> str:
    lines = []
    if ends_at - starts_at >= ical.A_DAY and not all_day:  # the entry shows days, so the hours stand here
        hours = (installation.local(value) for value in (starts_at, ends_at))
        first, last = (dates.moment(hour, today=_EVERY_YEAR, english=english) for hour in hours)
        lines.append(_("时间：%(starts)s", starts=f"{first}{' – ' if english else '至'}{last}"))
    if reason := one_line(context.get("reason", "")):
        lines.append(_("原因：%(reason)s", reason=reason))
    return "\n".join(lines)
