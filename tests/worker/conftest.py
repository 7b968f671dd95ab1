"""A mail server on loopback that does as it is told; workers and beats as real processes."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask
from sqlalchemy import func, select, text, update

from config import Settings
from kexie_events import create_app, tables
from kexie_events.core.db import db
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState
from kexie_events.standalone import redis_server
from kexie_events.standalone.__main__ import GUNICORN_SETTINGS, listen
from kexie_events.standalone.server import Server, leftovers

ROOT = Path(__file__).resolve().parents[2]
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


def await_until(holds: Callable[[], object], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


@dataclass
class House:
    """A database, a Redis and a data folder of their own; workers and beats that live on them."""

    app: Flask
    settings: Settings
    redis: Server
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, mail_url: str | None = None, before: tuple[str, ...] = ()) -> int:
        """Start a Celery command in a process group of its own; the id of the process."""
        celery = (*before, sys.executable, "-m", "celery", "--app", "worker.app:celery", *command)
        return self._start(celery, command[0], mail_url=mail_url)

    def web(self, *, workers: int = 2) -> int:
        """gunicorn as ``make run`` starts it, with its access log on; the port."""
        door = listen("127.0.0.1", 0)
        command = (
            sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS), "--access-logfile", "-",
            "--bind", f"fd://{door.fileno()}", "--workers", str(workers), "wsgi:app",
        )  # fmt: skip
        self._start(command, "web", pass_fds=[door.fileno()])
        port: int = door.getsockname()[1]
        door.close()
        return port

    def _start(self, command: tuple[str, ...], name: str, *, mail_url: str | None = None, **options: Any) -> int:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.settings.redis_url,
            "SECRET_KEY": self.settings.secret_key,
            "KEXIE_DATA": str(self.settings.data),
            "KEXIE_MAIL_URL": mail_url or self.settings.mail_url,
        }
        with (self.settings.data / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, **options
            )
        self.processes.append(process)
        return process.pid

    def worker(self, *, mail_url: str | None = None) -> int:
        options = ("--loglevel", "WARNING", "--concurrency", "2", "--without-gossip", "--without-mingle")
        return self.start("worker", *options, mail_url=mail_url)

    def beat(self) -> int:
        return self.start("beat", "--loglevel", "WARNING")

    def count(self, state: MessageState) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).where(Message.state == state)) or 0

    def attempts(self) -> list[int]:
        with self.app.app_context():
            return list(db.session.scalars(select(Message.attempts).order_by(Message.id)))

    def end_leases(self) -> None:
        """As if a minute had passed; rows that a stopped process holds are left alone, as a claim leaves them."""
        with self.app.app_context():
            held = select(Message.id).where(Message.lease_until.is_not(None)).with_for_update(skip_locked=True)
            statement = update(Message).where(Message.id.in_(held))
            db.session.execute(statement.values(lease_until=func.clock_timestamp() - text("interval '1 second'")))
            db.session.commit()

    def log(self, name: str) -> str:
        return (self.settings.data / f"{name}.log").read_text("utf-8")

    def end(self) -> None:
        for process in self.processes:
            for number in (signal.SIGCONT, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                except ProcessLookupError:
                    break
            process.wait()


def group_members(group: int) -> list[int]:
    """Ids of the living processes of a group."""
    return leftovers(lambda process: process.joinpath("stat").read_text().rpartition(")")[2].split()[2] == str(group))


@pytest.fixture
def house(new_database: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    redis = redis_server.start(tmp_path, durable=False)
    settings = Settings(
        database_url=new_database(), redis_url=redis.url, secret_key="x" * 32, data=tmp_path,
        base_url="http://kexie.test", mail_url=f"file://{tmp_path / 'outbox'}", organization="重庆市科学技术协会",
        timezone="Asia/Shanghai", host="127.0.0.1", port=8000, web_concurrency=1,
    )  # fmt: skip
    app = create_app(settings)
    with app.app_context():
        tables.metadata.create_all(db.engine)
    made = House(app, settings, redis)
    yield made
    made.end()
    made.redis.stop()
    with app.app_context():
        db.engine.dispose()
