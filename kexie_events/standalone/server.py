"""What the own PostgreSQL and the own Redis have in common: a leash, a port, a log, an orderly end."""

import contextlib
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
LOG_BYTES_KEPT = 5_000_000


class CannotStart(Exception):
    """Something that this machine should run did not start; the message says what, why and what to do."""


@dataclass(frozen=True)
class Server:
    """A server of our own that answers at ``url``."""

    name: str
    url: str
    port: int
    process: subprocess.Popen[bytes]
    stop_signals: tuple[signal.Signals, ...]  # from the polite one to the last

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        """End it and wait until it is gone."""
        end(self.process, self.stop_signals)


def leashed(command: Sequence[str], at_parents_end: signal.Signals) -> list[str]:
    """``command``, made to get the signal when this process (the thread that starts it) ends, however it ends."""
    # -I and -S: nothing of the environment or of site-packages is read, which makes this a matter of milliseconds.
    return [sys.executable, "-I", "-S", str(LEASH), str(int(at_parents_end)), str(os.getpid()), *command]


def end(process: subprocess.Popen[bytes], signals: Sequence[signal.Signals], seconds: float = 10) -> None:
    """Send each signal in turn, waiting ``seconds`` after each, until the process is gone."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def ports(home: Path) -> Iterator[int]:
    """Free local ports to try: the same first one for the same folder, so that addresses rarely change.

    They lie below the range that the kernel gives to outgoing connections: a server that is restarted finds its port
    still free.
    """
    first = int.from_bytes(hashlib.sha256(os.fsencode(home)).digest()[:4], "big")
    for step in range(100):
        port = 20_000 + (first + step) % 10_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            yield port


def secret_in(path: Path) -> str:
    """The password kept at ``path``, made on first use."""
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(24))
        draft.rename(path)
    return path.read_text()


def open_log(data: Path, name: str) -> Path:
    """KEXIE_DATA/log/NAME.log, with at most one older part kept beside it."""
    log = data / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    return log


def await_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float) -> bool:
    """Wait until ``ready``; False when the process ended first.

    Raises: CannotStart after ``seconds``.
    """
    limit = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            return False
        if time.monotonic() > limit:
            raise CannotStart(f"did not answer within {seconds:.0f} s; its log ({log}) ends:\n{tail(log)}")
        time.sleep(0.01)
    return True


def tail(log: Path, lines: int = 8) -> str:
    return "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-lines:])


def leftovers(belongs: Callable[[Path], bool]) -> list[int]:
    """Ids of running processes that ``belongs`` recognises by their folder in /proc."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        # It may end while we look, or belong to somebody else: then it is none of ours.
        with contextlib.suppress(OSError):
            if belongs(process) and process.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(int(process.name))
    return found


def end_leftovers(leads: Callable[[Path], bool], belongs: Callable[[Path], bool], polite: signal.Signals) -> None:
    """End what an earlier run left behind, so that its files and ports are free: its leader politely, the rest not."""
    for ours, number in ((leads, polite), (belongs, signal.SIGKILL)):
        for pid in leftovers(ours):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        limit = time.monotonic() + 15
        while leftovers(ours) and time.monotonic() < limit:
            time.sleep(0.02)
