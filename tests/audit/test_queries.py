"""Reading the audit of one thing; finding the chain that was changed."""

import pytest
from flask import Flask
from sqlalchemy import text

from kexie_events.audit.queries import broken_records, latest_of, records_written
from kexie_events.core.db import db

from .test_services import write


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        ("UPDATE audit_record SET details = '{\"n\": 9}' WHERE n = 2", 2),
        ("UPDATE audit_record SET at = at + interval '1 second' WHERE n = 3", 3),
        ("DELETE FROM audit_record WHERE n = 2", 3),
    ],
)
def test_a_changed_or_missing_record_is_named(app: Flask, tampering: str, first_broken: int) -> None:
    write("occurrence:1", 4)
    db.session.execute(text("SET session_replication_role = replica"))  # who owns the server can do this; it shows
    db.session.execute(text(tampering))
    db.session.execute(text("SET session_replication_role = DEFAULT"))
    db.session.commit()
    assert [record.n for record in broken_records()] == [first_broken]


def test_the_newest_records_of_a_chain_stand_first(app: Flask) -> None:
    write("occurrence:1", 3)
    write("occurrence:2", 2)
    assert [(row.chain, row.n) for row in latest_of("occurrence:1", 2)] == [("occurrence:1", 3), ("occurrence:1", 2)]
    assert records_written() == 5
