"""Letters as people would see them: what a server was handed, taken apart."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import icalendar

from kexie_events.messages.rules import Letter
from worker.channels import mail

from .test_ical import unfolded

SENDER = Address("重庆市科学技术协会", addr_spec="noreply@kexie.test")


def read(sent: bytes) -> EmailMessage:
    found = message_from_bytes(sent, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@dataclass
class Post:
    """A provider that keeps the bytes of every letter, or fails first as it is told."""

    failures: list[BaseException | None] = field(default_factory=list)
    after: list[BaseException | None] = field(default_factory=list)  # the letter arrived, the answer did not
    letters: list[Letter] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def __call__(self, letter: Letter) -> str:
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        self.letters.append(letter)
        self.sent.append(bytes(mail.compose(letter, sender=SENDER, host="kexie.test")))
        if self.after and (failure := self.after.pop(0)) is not None:
            raise failure
        return "taken"


def calendar_of(letter: EmailMessage) -> icalendar.Calendar | None:
    """What a calendar finds in it: the part and the attachment are the same object, and say what it is."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    files = [part for part in letter.iter_attachments() if part.get_content_type() == "application/ics"]
    assert len(parts) == len(files) <= 1
    if not parts:
        assert letter.get_content_type() == "text/plain"
        return None
    body = parts[0].get_payload(decode=True)
    assert body == files[0].get_payload(decode=True)
    assert isinstance(body, bytes)
    whole = icalendar.Calendar.from_ical(body)
    assert isinstance(whole, icalendar.Calendar)
    assert parts[0].get_param("method") == str(whole["method"])
    (event,) = whole.walk("VEVENT")
    assert str(event["organizer"]) == f"mailto:{letter['from'].addresses[0].addr_spec}"
    assert str(event["attendee"]) == f"mailto:{letter['to'].addresses[0].addr_spec}"
    return whole


def readable(sent: bytes) -> str:
    """A letter as text: its headers, then each of its parts with what it is."""
    letter = read(sent)
    calendar_of(letter)  # the attachment is the part once more
    lines = [f"{name}: {value}" for name, value in letter.items() if name != "Content-Type"]
    return "\n".join(lines) + "\n" + _part(letter, "")


def _part(part: EmailMessage, indent: str) -> str:
    name = str(part["content-type"]).partition("; boundary=")[0]
    kind = f"\n{indent}== {name}" + (f" ({part['content-disposition']})" if part["content-disposition"] else "")
    if part.is_multipart():
        inner = "".join(_part(one, indent + "  ") for one in part.iter_parts() if isinstance(one, EmailMessage))
        return f"{kind}\n{inner}"
    assert part["content-transfer-encoding"] == "base64"
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    if part.is_attachment():
        return f"{kind}\n"
    words = body.decode().replace("\r\n", "\n") if name.startswith("text/plain") else unfolded(body)
    return f"{kind}\n{words}"
