"""Keep child processes running: start, restart with growing pauses, end in order."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from .server import CannotStart, end, leashed

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0  # who has run this long starts again without counting earlier falls
Process = subprocess.Popen[bytes]


class Stopped(BaseException):
    """Somebody asked for the end. Like KeyboardInterrupt it is no error, so no ``except Exception`` swallows it."""


@dataclass
class Child:
    """A process that should always run."""

    name: str
    start: Callable[[], Process]
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)  # from the polite one to the last
    stop_seconds: float = 10.0
    layer: int = 0  # what it stands on has a lower one and is stopped later
    process: Process | None = field(default=None, init=False)
    pause_seconds: float = field(default=0.0, init=False)
    started_at: float = field(default=0.0, init=False)  # of the monotonic clock, as the next
    again_at: float | None = field(default=None, init=False)

    def launch(self) -> None:
        self.runs_as(self.start())

    def runs_as(self, process: Process) -> None:
        self.process, self.started_at, self.again_at = process, time.monotonic(), None

    def fell(self) -> None:
        """Set the time of the next try; each fall in a row doubles the pause."""
        now = time.monotonic()
        steady = self.process is not None and now - self.started_at > STEADY_SECONDS
        doubled = 0.0 if steady else self.pause_seconds * 2
        self.pause_seconds = min(max(doubled, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self.process, self.again_at = None, now + self.pause_seconds

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, self.stop_signals, self.stop_seconds)
            end_group(self.process)


class Supervisor:
    """Holds the children; stops them from the highest layer down, within a layer the last one started first."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._bell, bell_rope = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # A child's death writes a byte to this pipe, also between two looks at the children: none is missed.
        signal.set_wakeup_fd(bell_rope, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup means it: the end of the terminal is then not our end
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_stop_signal)

    @staticmethod
    def _on_stop_signal(number: int, _frame: object) -> None:
        raise Stopped(signal.Signals(number).name)

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self.adopt(child, child.start())

    def adopt(self, child: Child, process: Process) -> None:
        """Keep a child running that has been started already."""
        child.runs_as(process)
        self.children.append(child)

    def watch(self, until: Callable[[], bool] | None = None) -> None:
        """Restart whoever dies, until ``until`` holds; without it for ever.

        Raises: Stopped when a signal asks for the end.
        """
        while until is None or not until():
            pauses = [self._look_after(child) for child in self.children]
            pauses.append(None if until is None else 0.1)
            self._wait(min((pause for pause in pauses if pause is not None), default=None))

    def stop(self) -> None:
        """End every child, each one completely before the next; further signals do not disturb it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        order = self.children[::-1]
        order.sort(key=lambda child: -child.layer)
        for child in order:
            say(f"stopping {child.name}")
            child.stop()

    def _look_after(self, child: Child) -> float | None:
        """Seconds until the next look at this child; None: when the bell rings."""
        if child.process is not None and child.process.poll() is not None:
            say(f"{child.name} ended ({_manner(child.process.returncode)})")
            end_group(child.process)
            child.fell()
        if child.again_at is None:
            return None
        if (left := child.again_at - time.monotonic()) > 0:
            return left
        say(f"starting {child.name} again")
        try:
            child.launch()
        except (CannotStart, OSError) as error:
            say(f"{child.name}: {error}")
            child.fell()
            return child.pause_seconds
        return None

    def _wait(self, seconds: float | None) -> None:
        select.select([self._bell], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, 4096)


def spawn(name: str, command: Sequence[str], *, pass_fds: Sequence[int] = ()) -> Process:
    """Start a command whose lines appear on our output behind its name, and which never outlives us."""
    process = subprocess.Popen(
        leashed(command, signal.SIGKILL),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=pass_fds,
        start_new_session=True,  # Ctrl-C reaches only us; we stop the children in order
    )
    assert process.stdout is not None
    threading.Thread(target=_copy_lines, args=(name, process.stdout), daemon=True).start()
    return process


def end_group(process: Process) -> None:
    """Kill what a child that has ended left behind in its session: the hands of a killed web or worker process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def say(sentence: str) -> None:
    """One line on our output, whole even when several speak; nobody listening is no reason to stop working."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def _copy_lines(name: str, lines: IO[bytes]) -> None:
    for line in lines:
        say(f"{name:<8}| {line.decode(errors='replace').rstrip()}")


def _manner(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
