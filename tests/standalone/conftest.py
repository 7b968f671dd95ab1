"""A small house around the real supervisor, so that starting and killing everything takes seconds."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kexie_events.standalone.server import leftovers

ROOT = Path(__file__).resolve().parents[2]


def await_until(holds: Callable[[], object], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Ended; whether somebody has asked for its exit code yet does not matter."""
    return not leftovers(lambda process: process.name == str(pid))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def build_house(folder: Path) -> Path:
    """The smallest program with the real ``standalone`` package and the real ``config.py`` in it."""
    shutil.copytree(Path(__file__).with_name("small_house"), folder)
    shutil.copytree(ROOT / "kexie_events" / "standalone", folder / "kexie_events" / "standalone")
    shutil.copy(ROOT / "config.py", folder)
    shutil.move(folder / "prepare.py", folder / "kexie_events" / "standalone" / "prepare.py")
    return folder


@dataclass
class Run:
    """One supervisor in a house, and what it has printed."""

    house: Path
    port: int = field(default_factory=free_port)
    data: str = "var"
    settings: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # becomes somebody else before it starts
    printed: list[str] = field(default_factory=list)

    def start(self) -> "Run":
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "KEXIE_DATA": self.data,
            "WEB_CONCURRENCY": "1",
            **self.settings,
        }
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "kexie_events.standalone"],
            cwd=self.house, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.printed.extend(line.rstrip() for line in lines)

    def await_up(self) -> "Run":
        await_until(lambda: "  Ctrl-C stops everything" in self.printed or self.process.poll() is not None)
        assert self.process.poll() is None, "\n".join(self.printed)
        return self

    def get(self) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def answers(self) -> bool:
        try:
            return b"kexie" in self.get()
        except OSError:  # among them HTTP 500, as long as a server is away
            return False

    def record(self, name: str) -> str:
        return (self.house / self.data / "run" / name).read_text()

    def child(self, words: str) -> int:
        """The process directly below the supervisor whose command holds ``words``."""
        found = [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if _parent(process) == self.process.pid and words in _command(process)
        ]
        assert len(found) == 1, (words, found)
        return found[0]

    def alive(self) -> list[str]:
        """Commands of all processes that work in or on this house."""
        return [_command(Path(f"/proc/{pid}")) for pid in leftovers(self._is_ours)]

    def _is_ours(self, process: Path) -> bool:
        if str(self.house) in _command(process):
            return True
        return os.readlink(process / "cwd").startswith(str(self.house))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.reader.join(10)
        return code


def _parent(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


def _command(process: Path) -> str:
    try:
        return process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return build_house(tmp_path / "house")


@pytest.fixture
def run(house: Path) -> Iterator[Run]:
    """A supervisor that is not started yet; whatever a failing test leaves is ended."""
    run = Run(house)
    yield run
    if hasattr(run, "process") and run.process.poll() is None:
        run.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def running() -> Iterator[Run]:
    """One that is up, shared by the tests of a file."""
    with tempfile.TemporaryDirectory(prefix="kexie-") as folder:
        run = Run(build_house(Path(folder) / "house")).start().await_up()
        yield run
        run.end(signal.SIGTERM)


@pytest.fixture
def ordinary_run() -> Iterator[Run]:
    """A supervisor of somebody who is not root, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="kexie-") as folder:
        run = Run(build_house(Path(folder) / "house"))
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            for path in (Path(folder), *Path(folder).rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)
            # They may read everywhere, since the interpreter may lie in a folder of root's; nothing else.
            run.prefix = (
                "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
                "--bounding-set=-all,+dac_read_search",
            )  # fmt: skip
        yield run
        if run.process.poll() is None:
            run.end(signal.SIGTERM)
