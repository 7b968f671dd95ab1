"""``python -m kexie_events.standalone``: everything on this machine, until Ctrl-C."""

import fcntl
import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import config

from . import postgres, redis_server
from .children import Child, Stopped, Supervisor, say, spawn
from .leash import end_with_parent
from .server import CannotStart, Server

# What config.py looks for in KEXIE_DATA/run, and what prepare.py tells about the database: nothing, demo or own.
RECORDS = ("database_url", "redis_url", "base_url", "holds")
GUNICORN_SETTINGS = Path(__file__).with_name("gunicorn_settings.py")


def main(arguments: list[str]) -> int:
    if "--end-with-parent" in arguments:  # `make` may be killed, too
        end_with_parent(signal.SIGTERM)
    try:
        run(config.read().data)
    except (config.WrongSetting, CannotStart) as error:
        print(f"kexie-events: {error}", file=sys.stderr)
        return 1
    return 0


def run(data: Path) -> None:
    """Start everything and keep it running until a signal comes.

    Raises: WrongSetting, CannotStart; whatever was started by then has ended again.
    """
    with _alone_in(data):
        _forget(data)  # the addresses of a run that was killed would be taken for settings
        settings = config.read()
        listen(settings.host, settings.port).close()  # in use? Say so before anything is started
        supervisor = Supervisor()
        try:
            _start_servers(supervisor, settings)
            _start_program(supervisor, config.read())
            supervisor.watch()
        except Stopped as stopped:
            say(f"{stopped}: stopping")
        finally:
            supervisor.stop()
            _forget(data)
    say("stopped")


def _start_servers(supervisor: Supervisor, settings: config.Settings) -> None:
    data = settings.data
    if not settings.database_url:
        server = _add_server(supervisor, lambda port: postgres.start(data, port=port))
        _record(data, "database_url", server.url)
    if not settings.redis_url:
        server = _add_server(supervisor, lambda port: redis_server.start(data, port=port))
        _record(data, "redis_url", server.url)
    _record(data, "base_url", _reachable(settings.base_url))


def _add_server(supervisor: Supervisor, start: Callable[[int | None], Server]) -> Server:
    """Start a server of our own; whenever it dies, it comes back at the same address."""
    first = start(None)
    child = Child(first.name, lambda: start(first.port).process, first.stop_signals)
    supervisor.adopt(child, first.process)
    return first


def _start_program(supervisor: Supervisor, settings: config.Settings) -> None:
    """Prepare the database, then start web, worker and beat, and tell where they are."""
    _prepare(supervisor)
    celery = [
        # Celery's word against root is for pickled messages from strangers; ours are JSON from ourselves.
        sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet",
        "--app", "worker.app:celery",
    ]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "WARNING"]
    worker = [
        *celery, "worker", "--loglevel", "WARNING", "--pool", "prefork", "--concurrency", "2",
        "--without-gossip", "--without-mingle",  # there are no other workers to ask
    ]  # fmt: skip
    door = listen(settings.host, settings.port)
    # The open door is handed down: while a web process is being replaced, browsers wait instead of being refused.
    web = [
        sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS), "--bind", f"fd://{door.fileno()}",
        "--workers", str(settings.web_concurrency), "wsgi:app",
    ]  # fmt: skip
    # The page first: on a small machine the others would only make it wait.
    supervisor.add(Child("web", lambda: spawn("web", web, pass_fds=[door.fileno()]), layer=3))
    supervisor.watch(until=lambda: _answers(door))
    supervisor.add(Child("worker", lambda: spawn("worker", worker), layer=2))
    supervisor.add(Child("beat", lambda: spawn("beat", beat), layer=1))
    _announce(settings)


def _prepare(supervisor: Supervisor) -> None:
    process = spawn("prepare", [sys.executable, "-m", "kexie_events.standalone.prepare"])
    step = Child("prepare", lambda: process)
    supervisor.adopt(step, process)
    process.wait()
    supervisor.children.remove(step)
    if process.returncode != 0:
        raise CannotStart("the database could not be prepared; the lines above say why")


def _announce(settings: config.Settings) -> None:
    from kexie_events import demo

    say(f"\n  kexie-events: {settings.base_url}\n")
    holds = (settings.data / "run" / "holds").read_text()
    if holds == "demo":
        say(f"  demo accounts, password {demo.PASSWORD}")
        for identifier, role in demo.ACCOUNTS:
            say(f"    {identifier:<20} {role}")
    elif holds == "nothing":
        say("  nothing is set up yet; in another window:")
        say(f"    KEXIE_DATA={settings.data} .venv/bin/flask setup --unit 单位全称 --name 姓名 --email 邮箱")
    say("\n  Ctrl-C stops everything\n")


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts at this address.

    Raises: CannotStart when that is not possible, naming another way.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise config.WrongSetting(f"HOST must be an address of this machine, not {host!r}: {error}") from None
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier run may linger
        door.bind(address)
        door.listen(512)
    except OSError as error:
        door.close()
        other = port + 1 if port < 65535 else 8000
        raise CannotStart(
            f"port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}. "
            f"Choose another one, for example: make run PORT={other}"
        ) from None
    return door


def _answers(door: socket.socket) -> bool:
    host, port = door.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(base_url: str) -> str:
    """HOST=0.0.0.0 means every address of this machine; a link needs one of them."""
    return base_url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


@contextmanager
def _alone_in(data: Path) -> Iterator[None]:
    """Hold KEXIE_DATA for this process; the kernel lets go of it however we end.

    Raises: CannotStart naming the process that holds it.
    """
    lock = data / "run" / "lock"
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(_held(data, lock)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _held(data: Path, lock: Path) -> str:
    address = data / "run" / "base_url"
    where = f" at {address.read_text()}" if address.exists() else ""
    return (
        f"{data} is in use by the kexie-events that runs as process {lock.read_text()}{where}. "
        "Stop that one, or choose another folder and port: make run KEXIE_DATA=./var2 PORT=8001"
    )


def _record(data: Path, name: str, address: str) -> None:
    """Write an address down whole, for `flask` with the same KEXIE_DATA and for our own children."""
    draft = data / "run" / f"{name}.new"
    draft.touch(mode=0o600)
    draft.write_text(address)
    draft.replace(data / "run" / name)


def _forget(data: Path) -> None:
    for name in RECORDS:
        (data / "run" / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
