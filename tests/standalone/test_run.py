"""The supervisor over real servers, a real gunicorn and real Celery processes, in the small house."""

import json
import os
import signal
import socket

import pytest
import redis

from .conftest import Run, await_until, gone

pytestmark = pytest.mark.processes


def _ticks(run: Run) -> int:
    with redis.Redis.from_url(run.record("redis_url")) as client:
        return int(client.get("ticks") or 0)


def _works(run: Run) -> None:
    """The web answers over both servers, and a tick goes from beat through Redis to a worker."""
    await_until(run.answers)
    assert json.loads(run.get())["database"] == "kexie"
    before = _ticks(run)
    await_until(lambda: _ticks(run) > before)


def test_the_address_and_the_accounts_are_printed_once_it_answers(running: Run) -> None:
    _works(running)
    assert f"  kexie-events: http://127.0.0.1:{running.port}" in running.printed
    assert "  demo accounts, password small-house-password" in running.printed
    assert "    admin@demo           管理员" in running.printed


def test_without_the_demo_the_next_step_is_printed_instead_of_accounts(run: Run) -> None:
    run.settings = {"KEXIE_DEMO": "no"}
    run.start().await_up()
    assert "  nothing is set up yet; in another window:" in run.printed
    assert any(".venv/bin/flask setup --unit" in line for line in run.printed)
    assert not any("demo accounts" in line for line in run.printed)
    assert run.end(signal.SIGINT) == 0


def test_the_addresses_are_for_the_owners_eyes(running: Run) -> None:
    folder = running.house / "var" / "run"
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in ("database_url", "redis_url", "base_url")}
    assert modes == {"database_url": 0o600, "redis_url": 0o600, "base_url": 0o600}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("worker", "worker.app:celery worker"),
        ("beat", " beat "),
        ("PostgreSQL", "postgres -D"),
        ("Redis", "redis-server"),
    ],
)
def test_a_killed_child_comes_back_and_everything_works_again(running: Run, name: str, words: str) -> None:
    before = running.child(words)
    _kill(running, before, name)
    _works(running)
    assert running.child(words) != before


def test_the_hands_of_a_killed_web_process_do_not_serve_on_beside_the_next_one(running: Run) -> None:
    hand = json.loads(running.get())["pid"]
    _kill(running, running.child("gunicorn"), "web")
    await_until(lambda: gone(hand))
    assert json.loads(running.get())["pid"] != hand


def _kill(run: Run, pid: int, name: str) -> None:
    known = len(run.printed)
    os.kill(pid, signal.SIGKILL)
    news = [f"{name} ended (killed by SIGKILL)", f"starting {name} again"]
    await_until(lambda: [line for line in run.printed[known:] if line in news] == news)


def test_a_second_run_on_the_same_folder_is_refused_and_the_first_is_named(running: Run) -> None:
    second = Run(running.house).start()
    assert second.process.wait(60) == 1
    second.reader.join(5)
    assert second.printed == [
        f"kexie-events: {running.house / 'var'} is in use by the kexie-events that runs as process "
        f"{running.process.pid} at http://127.0.0.1:{running.port}. Stop that one, or choose another folder and "
        "port: make run KEXIE_DATA=./var2 PORT=8001"
    ]
    _works(running)


def test_somebody_who_is_not_root_runs_a_second_one_and_the_two_do_not_meet(running: Run, ordinary_run: Run) -> None:
    ordinary_run.start().await_up()
    _works(ordinary_run)
    owner = (ordinary_run.house / "var" / "postgres").stat().st_uid
    assert (owner, owner != 0) == (ordinary_run.house.stat().st_uid, True)
    assert ordinary_run.record("redis_url") != running.record("redis_url")
    assert ordinary_run.end(signal.SIGINT) == 0
    assert ordinary_run.alive() == []
    _works(running)


def test_a_port_in_use_is_named_before_anything_is_started(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.port)):
        assert run.start().process.wait(60) == 1
    run.reader.join(5)
    assert run.printed == [
        f"kexie-events: port {run.port} on 127.0.0.1 cannot be used: Address already in use. "
        f"Choose another one, for example: make run PORT={run.port + 1}"
    ]
    assert sorted(path.name for path in (run.house / "var").iterdir()) == ["run", "secret-key"]


def test_a_wrong_setting_is_answered_with_a_sentence(run: Run) -> None:
    run.settings = {"WEB_CONCURRENCY": "many"}
    assert run.start().process.wait(60) == 1
    run.reader.join(5)
    assert run.printed == ["kexie-events: WEB_CONCURRENCY must be a whole number from 1 to 64, not 'many'"]


def test_after_kill_9_of_the_supervisor_nothing_is_left_and_the_next_start_recovers(run: Run) -> None:
    run.start().await_up()
    _works(run)
    assert run.end(signal.SIGKILL) == -signal.SIGKILL
    await_until(lambda: not run.alive())
    assert (run.house / "var" / "run" / "database_url").exists()

    again = Run(run.house, port=run.port).start().await_up()
    _works(again)
    assert "prepare | start number 2 on this database" in again.printed
    assert again.end(signal.SIGTERM) == 0
    assert again.alive() == []
    assert [line for line in again.printed if line.startswith(("SIG", "stop"))] == [
        "SIGTERM: stopping",
        *(f"stopping {name}" for name in ("web", "worker", "beat", "Redis", "PostgreSQL")),
        "stopped",
    ]
    assert not any((again.house / "var" / "run" / name).exists() for name in ("database_url", "redis_url", "base_url"))


def test_stopped_in_the_middle_of_the_first_start_nothing_is_left_and_the_next_start_works(run: Run) -> None:
    run.start()
    await_until(lambda: (run.house / "var" / "postgres.new" / "cluster").exists())
    assert run.end(signal.SIGINT) == 0
    assert (run.alive(), run.printed) == ([], ["SIGINT: stopping", "stopped"])
    _prepare_fails(run)
    again = Run(run.house).start()
    assert again.process.wait(60) == 1
    again.reader.join(5)
    assert again.printed == [
        "prepare | start number 1 on this database",
        "prepare | no such revision",
        "stopping Redis",
        "stopping PostgreSQL",
        "kexie-events: the database could not be prepared; the lines above say why",
    ]
    assert again.alive() == []


def test_servers_that_are_given_are_used_instead_of_our_own(run: Run, server_url: str, redis_url: str) -> None:
    run.settings = {"DATABASE_URL": server_url, "REDIS_URL": redis_url}
    _prepare_fails(run)
    assert run.start().process.wait(60) == 1
    run.reader.join(5)
    assert run.printed[1:] == [
        "prepare | no such revision",
        "kexie-events: the database could not be prepared; the lines above say why",
    ]
    assert sorted(path.name for path in (run.house / "var").iterdir()) == ["run", "secret-key"]


def _prepare_fails(run: Run) -> None:
    with (run.house / "kexie_events" / "standalone" / "prepare.py").open("a") as script:
        script.write("raise SystemExit('no such revision')\n")
