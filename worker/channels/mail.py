"""E-mail by SMTP, or as files: ``KEXIE_MAIL_URL``.

- ``smtp://user:password@host:port`` uses STARTTLS when the server has it; ``smtps://…`` is TLS from the start
- ``?from=events@example.org`` names the sender; else the user, when that is an address; else noreply@<our host>
- ``file:///folder`` writes one ``<key>.eml`` per letter; a repeat replaces its own file
"""

import contextlib
import ipaddress
import os
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from kexie_events.messages import rules
from kexie_events.messages.rules import Enclosure, Letter, Passing, Permanent

Send = Callable[[Letter], str]

ATTACHMENT = "invite.ics"
STEP_SECONDS = 10.0  # one answer of the server
LETTER_SECONDS = 45.0  # all steps of one letter: shorter than its lease of 60 s


@contextlib.contextmanager
def channel(mail_url: str, *, base_url: str, organization: str) -> Iterator[Send]:
    """A function that sends letters; connections are opened when needed and closed at the end."""
    url = urlsplit(mail_url)
    host = rules.our_host(base_url)
    ours = rules.sender(mail_url, base_url=base_url, organization=organization)
    sender = Address(ours.name, addr_spec=ours.address)
    if url.scheme == "file":
        folder = Path(unquote(url.path))
        yield lambda letter: _write(folder, compose(letter, sender=sender, host=host), letter.key)
        return
    post = _Post(url)
    try:
        yield lambda letter: post.send(compose(letter, sender=sender, host=host), letter.address)
    finally:
        post.close()


def compose(letter: Letter, *, sender: Address, host: str) -> EmailMessage:
    """The letter as it travels: plain text, one recipient, a Message-ID that a repeat keeps; the same letter gives the
    same bytes.

    Raises: Permanent when the address is none, or the subject cannot be one.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    try:
        message["To"] = Address(letter.name, addr_spec=letter.address)
    except (MessageError, ValueError, IndexError) as error:
        raise Permanent(f"no e-mail address: {letter.address!r}") from error
    try:
        message["Subject"] = letter.subject
    except (MessageError, ValueError) as error:
        raise Permanent(f"no subject: {error}") from error
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{letter.key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in answer, please
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.body, charset="utf-8", cte="base64")
    if letter.enclosed is not None:
        _enclose(message, letter.enclosed, letter.key)
    message["Content-Language"] = {"zh": "zh-Hans", "en": "en"}[letter.language]
    return message


def _enclose(message: EmailMessage, enclosed: Enclosure, key: str) -> None:
    """mixed{ alternative{ text, calendar }, attachment }: programs that know invitations read the alternative, others
    show a file to open. Source: docs/sources.md#invitations
    """
    invitation = {"method": enclosed.method, "charset": "utf-8"}
    message.add_alternative(enclosed.body, maintype="text", subtype="calendar", cte="base64", params=invitation)
    message.set_boundary(f"=_alternative_{key}")  # left alone it would be drawn anew for each attempt
    named = {"name": ATTACHMENT}
    message.add_attachment(
        enclosed.body, maintype="application", subtype="ics", cte="base64", filename=ATTACHMENT, params=named
    )
    message.set_boundary(f"=_mixed_{key}")


def _write(folder: Path, message: EmailMessage, key: str) -> str:
    """Whole or not at all, and the same letter only once."""
    target = folder / f"{key}.eml"
    draft = folder / f".{key}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(message.as_bytes())
        draft.replace(target)
    except OSError as error:
        raise Passing(str(error)) from error
    return target.name


class _Timed(smtplib.SMTP):
    """SMTP in which one letter has a deadline: a server that answers drop by drop must not outlast the lease."""

    def __init__(self, host: str, port: int, *, deadline: float, **options: Any) -> None:
        self.deadline = deadline
        super().__init__(host, port, timeout=STEP_SECONDS, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock:
            self.sock.settimeout(max(0.1, min(STEP_SECONDS, self.deadline - time.monotonic())))
        return super().getreply()


class _TimedTls(_Timed, smtplib.SMTP_SSL):
    """The same, TLS from the start."""


class _Post:
    """One connection for the letters of one run."""

    def __init__(self, url: SplitResult) -> None:
        self._url = url
        self._open: _Timed | None = None

    def send(self, message: EmailMessage, address: str) -> str:
        try:
            server = self._server(time.monotonic() + LETTER_SECONDS)
            server.send_message(message, to_addrs=[address])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = error.recipients[address]
            raise _refused(code, words) from error
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Permanent(str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            # No connection, no sign-in, sender refused: our side's matter, so the letter waits until it is mended.
            self.close()
            raise Passing(f"{type(error).__name__}: {error}") from error
        return str(message["Message-ID"])

    def _server(self, deadline: float) -> _Timed:
        if self._open is None:
            self._open = self._opened(deadline)
        self._open.deadline = deadline
        return self._open

    def _opened(self, deadline: float) -> _Timed:
        """A connection that letters may go through: behind TLS and signed in, as far as the address asks for it."""
        secure = self._url.scheme == "smtps"
        context = ssl.create_default_context()
        host, port = self._url.hostname or "localhost", self._url.port or (465 if secure else 25)
        server: _Timed = (
            _TimedTls(host, port, deadline=deadline, context=context)
            if secure
            else _Timed(host, port, deadline=deadline)
        )
        with contextlib.ExitStack() as unless_ready:
            unless_ready.callback(server.close)
            server.ehlo_or_helo_if_needed()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                secure = True
            if self._url.username:
                if not secure and not _is_here(host):
                    raise Passing(f"{host} offers no TLS; the password is not sent in the clear")
                self._sign_in(server)
            unless_ready.pop_all()
        return server

    def _sign_in(self, server: _Timed) -> None:
        try:
            server.login(unquote(self._url.username or ""), unquote(self._url.password or ""))
        except smtplib.SMTPNotSupportedError as error:  # no fault of the letter: it waits until this is mended
            raise Passing(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open.close()
            self._open = None


def _refused(code: int, words: bytes | str) -> Permanent | Passing:
    text = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return Permanent(text) if 500 <= code < 600 else Passing(text)


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
