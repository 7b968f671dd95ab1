"""Calendar objects that travel by mail (iTIP, RFC 5546): an invitation, its newer version, its end. Pure: values in,
bytes out; the same values are the same bytes. The event is written as feeds write it (``ical``).

Source: docs/sources.md#invitations
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress

from ..core.text import bounded
from ..messages.rules import Mailbox
from . import ical
from .ical import Happening, Stamp

# What may stand in the address of a mailto: as it is (RFC 6068, section 2). The rest is written as %XX.
_IN_MAILTO = "@!$'*+-._~"


class Method(enum.Enum):
    """What the reader's calendar is asked to do (日程操作)."""

    REQUEST = "REQUEST"  # enter it, or take its newer version
    CANCEL = "CANCEL"  # take it out


@dataclass(frozen=True)
class Invitation:
    """One occurrence for one person, in their language (日程邀请). Instants are aware."""

    method: Method
    uid: str  # of the occurrence: the same as in feeds
    sequence: int  # grows with each letter to this person about this occurrence
    written_at: datetime  # of the letter
    starts_at: datetime
    ends_at: datetime
    title: str
    url: str  # of the public page: whoever shares a calendar must not share the key to a seat
    organizer: Mailbox  # whom the letter is from: clients take changes from nobody else
    attendee: Mailbox  # whom it is for, and nobody besides
    text: str = ""
    place: str = ""
    all_day: bool = False


def calendar(invitation: Invitation, zone: ZoneInfo) -> bytes:
    """The whole object with its CRLFs: METHOD, one VTIMEZONE, one VEVENT.

    Raises: ValueError, OverflowError for what a calendar cannot say.
    """
    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", ical.PRODUCT)
    whole.add("calscale", "GREGORIAN")
    whole.add("method", invitation.method.value)
    event = ical.vevent(_happening(invitation), zone)
    event["summary"] = ical.Text(bounded(ical.one_line(invitation.title), ical.LONGEST_TITLE))
    event["description"] = ical.Text(_description(invitation))
    event.add("organizer", _person(invitation.organizer))
    event.add("attendee", _coming(invitation.attendee))
    parts = [ical.stamped(ical.written(event), Stamp(invitation.sequence, invitation.written_at))]
    if isinstance(event.decoded("dtstart"), datetime) and ical.has_one_offset(zone):
        parts.insert(0, ical.written(ical.zone_component(zone)))
    return b"".join((ical.written(whole).removesuffix(ical.TAIL), *parts, ical.TAIL))


def _happening(invitation: Invitation) -> Happening:
    """What feeds would be given. The object of one person is cancelled as a whole, also when only they do not come."""
    return Happening(
        uid=invitation.uid, starts_at=invitation.starts_at, ends_at=invitation.ends_at, title=invitation.title,
        url=invitation.url, place=invitation.place, all_day=invitation.all_day,
        cancelled=invitation.method is Method.CANCEL,
    )  # fmt: skip


def _description(invitation: Invitation) -> str:
    """The text, and the address last: phones do not show URL."""
    lines = [ical.one_line(line) for line in ical.clean(invitation.text).split("\n")]
    text = bounded("\n".join(line for line in lines if line), ical.LONGEST_TEXT)
    return "\n".join(part for part in (text, ical.web_address(invitation.url)) if part)


def _person(mailbox: Mailbox) -> vCalAddress:
    address = vCalAddress(f"mailto:{quote(ical.one_line(mailbox.address), safe=_IN_MAILTO)}")
    # A quotation mark or a caret would be written with carets (RFC 6868), which most programs show as they are.
    name = ical.one_line(mailbox.name).replace('"', "'").replace("^", "")
    if name:
        address.params["CN"] = bounded(name, ical.LONGEST_TITLE)
    return address


def _coming(mailbox: Mailbox) -> vCalAddress:
    """They said that they come when they registered: nobody is asked, and no answer is wanted."""
    address = _person(mailbox)
    address.params.update({"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    return address
