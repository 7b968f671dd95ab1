"""doctor, check, audit verify: one line each, and an exit code that a script can use."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from config import Settings
from kexie_events import create_app
from kexie_events.audit import services as audit
from kexie_events.core import clock
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.version import VERSION
from kexie_events.operations import invariants, services
from tests.build import NOON, make_occurrence, make_told_registration

ROOT = Path(__file__).resolve().parents[2]


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def lines(output: str) -> dict[str, tuple[str, str]]:
    """Part: (ok or WRONG, what it says)."""
    return {line.split()[1]: (line.split()[0], line.split(maxsplit=2)[2]) for line in output.splitlines()}


@pytest.mark.usefixtures("outbox")
def test_the_doctor_has_one_line_for_each_part(app: Flask, settings: Settings) -> None:
    services.beat("here", now=clock.now())
    _, output = run(app, "doctor")
    found = lines(output)
    assert list(found) == [
        "database", "migrations", "broker", "beat", "messages", "workers", "disk", "clock", "mail",
    ]  # fmt: skip
    found.pop("migrations")  # these tables were made without them; tests/operations/test_views.py has their answers
    assert {state for state, _ in found.values()} == {"ok"}
    assert found["workers"] == ("ok", f"here {VERSION}")
    assert found["mail"] == ("ok", f"信件写入 {settings.data / 'outbox'}")


def test_the_doctor_names_what_is_wrong_and_exits_1(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "outbox").touch()
    sick = create_app(
        Settings(**{
            **vars(settings), "database_url": "postgresql+psycopg://127.0.0.1:1/kexie", "data": tmp_path / "gone",
            "redis_url": "redis://127.0.0.1:1/0", "mail_url": f"file://{tmp_path / 'outbox'}",
        })
    )  # fmt: skip
    code, output = run(sick, "doctor")
    found = lines(output)
    assert code == 1
    assert {state for state, _ in found.values()} == {"WRONG"}
    assert found["mail"][1].endswith("File exists: '" + str(tmp_path / "outbox") + "'")
    with sick.app_context():
        db.engine.dispose()


def test_the_doctor_says_what_to_do_with_an_empty_database(settings: Settings, new_database: Callable[[], str]) -> None:
    empty = create_app(Settings(**{**vars(settings), "database_url": new_database()}))
    code, output = run(empty, "doctor")
    found = lines(output)
    assert code == 1
    assert {
        name: words for name, (state, words) in found.items() if state == "WRONG" and name != "migrations"
    } == dict.fromkeys(("beat", "messages", "workers"), "没有这张表，请运行 flask db upgrade")
    with empty.app_context():
        db.engine.dispose()


def test_the_doctor_sees_a_worker_of_another_version(app: Flask) -> None:
    services.beat("here", now=clock.now())
    db.session.execute(text("""UPDATE heartbeat SET details = details || '{"version": "0.0.9"}'"""))
    db.session.commit()
    code, output = run(app, "doctor")
    assert code == 1
    assert lines(output)["workers"] == (
        "WRONG", f"版本不一致：here 0.0.9，程序是 {VERSION}，请重启 worker",
    )  # fmt: skip


def test_the_check_recounts_seats(app: Flask) -> None:
    occurrence = make_occurrence(taken=1)
    make_told_registration(occurrence)
    assert run(app, "check") == (0, "ok\n")
    db.session.execute(text("UPDATE occurrence SET taken = 2"))
    db.session.commit()
    assert run(app, "check") == (
        1, f"occurrence {occurrence.id}: 2 seats are kept as taken, 1 are\n1 broken\n",
    )  # fmt: skip


def test_a_record_that_was_changed_is_named(app: Flask) -> None:
    for n in range(3):
        audit.record("occurrence:5", "occurrence.moved", actor=SYSTEM, now=NOON, n=n)
    audit.record("occurrence:6", "occurrence.moved", actor=SYSTEM, now=NOON)
    assert run(app, "audit", "verify") == (0, "4 records, 0 broken chains\n")
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("""UPDATE audit_record SET details = '{"n": 7}' WHERE chain = 'occurrence:5' AND n = 2""")
        )
    line = "audit chain occurrence:5: record 2 of 2026-03-11T04:00:00+00:00 (occurrence.moved) is broken\n"
    assert run(app, "audit", "verify") == (1, f"{line}4 records, 1 broken chains\n")
    assert run(app, "check") == (1, f"{line}1 broken\n")


def test_the_list_of_commands_is_shown_without_a_database(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "flask", "--help"], cwd=ROOT, env={"KEXIE_DATA": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    commands = {line.split()[0] for line in shown.stdout.partition("Commands:")[2].splitlines() if line.strip()}
    assert {"audit", "check", "db", "doctor"} <= commands


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda: db.session.execute(text("SELECT 1 FROM no_such_table")), "run `flask db upgrade`"),
        (lambda: _raise(OperationalError("", {}, Exception("no route\nto host"))), "no route (DATABASE_URL)"),
    ],
    ids=["behind", "away"],
)
def test_a_command_says_in_one_line_that_the_database_is_behind_or_away(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: Any, said: str
) -> None:
    monkeypatch.setattr(invariants, "broken", fault)
    answer = app.test_cli_runner().invoke(args=["check"])
    assert (answer.exit_code, said in answer.output, len(answer.output.splitlines())) == (1, True, 1)


def test_without_an_address_of_redis_doctor_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = app.extensions["kexie"]
    monkeypatch.setitem(app.extensions, "kexie", replace(parts, settings=replace(parts.settings, redis_url="")))
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert "没有 Redis 的地址，请设置 REDIS_URL" in answer.output


def test_a_wrong_setting_is_one_line_on_the_command_line(tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "flask", "doctor"], capture_output=True, text=True, check=False,
        env={**os.environ, "KEXIE_DATA": str(tmp_path), "KEXIE_TZ": "Mars/Olympus"},
    )  # fmt: skip
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == "Error: KEXIE_TZ must be an IANA time zone such as Asia/Shanghai, not 'Mars/Olympus'\n"
