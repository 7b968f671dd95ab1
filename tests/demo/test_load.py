"""The demo city is built by the services, so what must always be true is true of it."""

from flask import Flask

from kexie_events import demo
from kexie_events.audit.queries import records_written
from kexie_events.core import clock
from kexie_events.core.db import db, transaction
from kexie_events.operations import invariants


def test_the_demo_city_keeps_every_invariant(app: Flask) -> None:
    with transaction():
        demo.load(clock.now())
    db.session.expunge_all()
    assert records_written() > 100
    assert list(invariants.broken()) == []
