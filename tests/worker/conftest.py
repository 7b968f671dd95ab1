"""A mail server on loopback that does as it is told."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PEM = Path(__file__).with_name("mail_server.pem")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class MailServer:
    """Takes every letter, until an answer is put into ``recipient`` or ``data``; "drop" cuts the line."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    recipient: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    sessions: set[Any] = field(default_factory=set)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient:
            return self.recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sessions.add(session.peer)
        if self.data:
            answer = self.data.pop(0)
            if answer == "drop":
                assert server.transport is not None
                server.transport.abort()
            return answer
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        self.recipients.append(envelope.rcpt_tos)
        self.senders.append(envelope.mail_from)
        return "250 2.0.0 queued as 17"

    def check_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"secret", handled=False)


StartMail = Callable[..., MailServer]


@pytest.fixture
def start_mail() -> Iterator[StartMail]:
    """Start a mail server; ``tls=True`` offers STARTTLS, other options are those of aiosmtpd."""
    running: list[Controller] = []

    def start(*, tls: bool = False, **options: Any) -> MailServer:
        server = MailServer(free_port())
        if tls:
            options["tls_context"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            options["tls_context"].load_cert_chain(PEM)
        controller = Controller(
            server, hostname="127.0.0.1", port=server.port, authenticator=server.check_login, **options
        )
        controller.start()
        running.append(controller)
        return server

    yield start
    for controller in running:
        controller.stop()
