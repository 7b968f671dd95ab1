"""What every measurement stands on: throw-away servers, a database of its own, real gunicorn, a plain HTTP client.

PostgreSQL runs with fsync on: a figure for commits that are not on the disk would mean nothing.
"""

import gzip
import http.client
import os
import re
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask
from sqlalchemy import event

from config import Settings
from kexie_events import create_app, tables
from kexie_events.core.db import db
from kexie_events.standalone import postgres, redis_server
from kexie_events.standalone.__main__ import GUNICORN_SETTINGS, listen
from kexie_events.standalone.children import end_group
from kexie_events.standalone.server import end, leashed, tail

ROOT = Path(__file__).resolve().parent.parent
SECRET = "measured with a secret of more than thirty-two characters"
# As a browser asks: compressed, in Chinese.
BROWSER = {"Accept-Encoding": "gzip", "Accept": "text/html,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"}
WAIT_SECONDS = 60.0


@dataclass
class Ground:
    """The two servers, and the folder that goes with them."""

    data: Path
    database_url: str  # of the server's first database
    redis_url: str
    effort: float = 1.0  # below 1: fewer repetitions, for a quick look
    _houses: list["House"] = field(default_factory=list)

    def house(self, name: str) -> "House":
        """A database with all tables and no rows, a number in Redis, and an installation that uses them."""
        folder = self.data / name
        folder.mkdir()
        database = f"bench_{name}_{secrets.token_hex(4)}"
        with psycopg.connect(self.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        number = len(self._houses)
        house = House(
            Settings(
                database_url=f"{self.database_url.rpartition('/')[0]}/{database}",
                redis_url=f"{self.redis_url.rpartition('/')[0]}/{number}",
                secret_key=SECRET, data=folder, base_url="http://kexie.bench", mail_url=f"file://{folder / 'outbox'}",
                organization="重庆市科学技术协会", timezone="Asia/Shanghai", host="127.0.0.1", port=8000,
                web_concurrency=1,
            ),
            self.effort,
        )  # fmt: skip
        self._houses.append(house)
        with house.app.app_context():
            tables.metadata.create_all(db.engine)
        return house

    def leave(self) -> None:
        with psycopg.connect(self.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            for house in self._houses:
                house.leave()
                name = house.settings.database_url.rpartition("/")[2]
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class House:
    """One installation with a database of its own."""

    settings: Settings
    effort: float = 1.0

    def times(self, most: int) -> int:
        """How often to repeat what is repeated ``most`` times when there is time for it."""
        return max(3, int(most * min(self.effort, 1)))

    @cached_property
    def app(self) -> Flask:
        """The program inside this process: for seeding, and for counting SQL."""
        return create_app(self.settings)

    def leave(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    def settle(self) -> None:
        """What autovacuum does within minutes of real life: statistics, visibility, hint bits; and a checkpoint, so
        that none falls into a measurement."""
        with psycopg.connect(self.settings.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    @contextmanager
    def web(self, *, workers: int = 1, target: str = "wsgi:app") -> Iterator["Web"]:
        """gunicorn as ``make run`` starts it, at a free port, ended with the block."""
        door = listen("127.0.0.1", 0)
        command = [
            sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS), "--bind", f"fd://{door.fileno()}",
            "--workers", str(workers), target,
        ]  # fmt: skip
        log = self.settings.data / "web.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                leashed(command, signal.SIGKILL), cwd=ROOT, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, pass_fds=[door.fileno()], start_new_session=True,
            )  # fmt: skip
        port = door.getsockname()[1]
        door.close()
        web = Web(port, process, log)
        try:
            yield web
        except Exception:
            web.show_log()
            raise
        finally:
            end(process, (signal.SIGTERM,))
            end_group(process)

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        return {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "KEXIE_DATA": str(settings.data),
            "KEXIE_BASE_URL": settings.base_url,
            "KEXIE_MAIL_URL": settings.mail_url,
        }

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The SQL statements that the program inside this process sends during the block."""
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def statements_of(self, path: str, *, cookies: dict[str, str] | None = None) -> int:
        """How many SQL statements a page costs.

        Raises: AssertionError when it does not answer 200.
        """
        browser = self.app.test_client()
        for name, value in (cookies or {}).items():
            browser.set_cookie(name, value)
        with self.counting() as sent:
            answer = browser.get(path, headers=BROWSER)
        assert answer.status_code == 200, f"{path} answered {answer.status}"
        return len(sent)


@dataclass(frozen=True)
class Web:
    """A running gunicorn."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def await_page(self, path: str = "/") -> None:
        """Wait until a page is there. The door is open already, so the first request waits inside it.

        Raises: RuntimeError with the end of the log.
        """
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            visitor = Visitor(self.port)
            try:
                if visitor.get(path).status < 400:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)
            finally:
                visitor.leave()
        raise RuntimeError(f"no answer at {path}; the log ends:\n{tail(self.log)}")

    def show_log(self) -> None:
        """What the web process said last: its log goes with the folder."""
        print(f"the web process said:\n{tail(self.log, 25)}", file=sys.stderr)

    def workers(self) -> list[int]:
        """Process ids of the web workers."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]


@dataclass(frozen=True)
class Answer:
    """What came back; ``body`` as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        plain = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return plain.decode()

    def field(self, name: str) -> str:
        """The value of a hidden field of the page's form."""
        tag = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', self.text)
        value = re.search(r'\bvalue="([^"]*)"', tag[0]) if tag else None
        assert value, f"the page has no field {name}"
        return value[1]


class Visitor:
    """One connection that stays open, with the cookies that it was given."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
        self._cookies = dict(cookies or {})

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    def leave(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, {**BROWSER, **({"Cookie": cookies} if cookies else {}), **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self._cookies.update((name, morsel.value) for name, morsel in SimpleCookie(line).items())
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)


def median_ms(do: Callable[[], Any], *, times: int) -> float:
    """Median of ``times`` runs, after a quarter as many unmeasured ones: the driver prepares a statement at its sixth
    use, and templates are compiled at their first."""
    for _ in range(times // 4):
        do()
    return statistics.median(_seconds(do) for _ in range(times)) * 1000


def _seconds(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def page_ms(port: int, path: str, *, times: int, cookies: dict[str, str] | None = None) -> float:
    """Median milliseconds from the request to the last byte of the answer, one visitor at a time.

    Raises: AssertionError when one answer is not 200.
    """
    visitor = Visitor(port, cookies)

    def ask() -> None:
        answer = visitor.get(path)
        assert answer.status == 200, f"{path} answered {answer.status}"

    try:
        return median_ms(ask, times=times)
    finally:
        visitor.leave()


@contextmanager
def ground(effort: float = 1.0) -> Iterator[Ground]:
    """Start both servers in a temporary folder (TMPDIR says where; the disk matters); end and remove everything."""
    with ExitStack() as stack:
        data = Path(tempfile.mkdtemp(prefix="kexie-bench-"))
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        database = postgres.start(data, durable=True)
        stack.callback(database.stop)
        broker = redis_server.start(data, durable=True)
        stack.callback(broker.stop)
        made = Ground(data, database.url, broker.url, effort)
        stack.callback(made.leave)
        yield made
