import threading
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from kexie_events.audit import services as audit
from kexie_events.audit.models import AuditRecord
from kexie_events.audit.queries import broken_records
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db, transaction
from tests.build import NOON


def write(chain: str, count: int) -> None:
    for n in range(count):
        audit.record(chain, "thing.changed", actor=SYSTEM, now=NOON, n=n)


def test_each_chain_counts_from_one_without_a_gap(app: Flask) -> None:
    write("occurrence:1", 3)
    write("occurrence:2", 2)
    rows = db.session.execute(select(AuditRecord.chain, AuditRecord.n).order_by(AuditRecord.id)).all()
    assert [tuple(row) for row in rows] == [
        ("occurrence:1", 1), ("occurrence:1", 2), ("occurrence:1", 3), ("occurrence:2", 1), ("occurrence:2", 2),
    ]  # fmt: skip
    assert list(broken_records()) == []


@pytest.mark.race
def test_writers_of_one_chain_take_turns(app: Flask) -> None:
    together = threading.Barrier(8)

    def work() -> None:
        with app.app_context():
            together.wait()
            write("occurrence:1", 5)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.session.scalars(select(AuditRecord.n).order_by(AuditRecord.n)).all() == list(range(1, 41))
    assert list(broken_records()) == []


def test_a_record_waits_for_the_one_before_it_and_follows_it(app: Flask) -> None:
    written: list[int] = []

    def second() -> None:
        with app.app_context():
            write("occurrence:1", 1)
            written.append(1)

    with transaction():
        write("occurrence:1", 1)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert written == []
    thread.join()
    assert db.session.scalars(select(AuditRecord.n).order_by(AuditRecord.id)).all() == [1, 2]
    assert list(broken_records()) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_record SET verb = 'x'", "DELETE FROM audit_record", "TRUNCATE audit_record"]
)
def test_the_database_itself_refuses_to_change_a_record(app: Flask, statement: str) -> None:
    write("occurrence:1", 1)
    with pytest.raises(Exception, match="append-only") as refused:
        db.session.execute(text(statement))
    assert isinstance(refused.value, ProgrammingError) or "append-only" in str(refused.value)
    db.session.rollback()


def test_a_chain_holds_in_whatever_zone_the_instants_were_given(app: Flask) -> None:
    for zone in ("Asia/Shanghai", "America/Lima", "UTC"):
        audit.record("occurrence:1", "thing.changed", actor=SYSTEM, now=NOON.astimezone(ZoneInfo(zone)))
    db.session.expire_all()
    assert list(broken_records()) == []
