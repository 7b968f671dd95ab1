"""The whole program as `make run` starts it: own PostgreSQL and Redis, web, worker and beat, with the demo city."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

START_SECONDS = 180


@dataclass(frozen=True)
class House:
    """A running installation."""

    base_url: str
    data: Path

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    log = (data / "output.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "kexie_events.standalone", "--end-with-parent"],
        env={**kept, "PORT": str(port), "KEXIE_DATA": str(data), "KEXIE_BASE_URL": f"http://127.0.0.1:{port}"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _await_ready(f"http://127.0.0.1:{port}/readyz", process, data / "output.log")
        yield House(f"http://127.0.0.1:{port}", data)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


def _await_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"not ready in {START_SECONDS} s:\n{log.read_text()[-4000:]}")
