"""A program that asks while things change and the worker writes: while the row itself is what
changes, a revision never means two things."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.feeds.services import publish_stale
from tests.build import NOON, make_edition, make_occurrence
from tests.feeds.calendars import change

CHANGES = 12


@pytest.mark.race
def test_a_revision_never_means_two_things(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    edition = make_edition()
    ids = [make_occurrence(edition=edition, title="0").id for _ in range(5)]
    publish_stale(now=NOON)
    over, troubles = threading.Event(), []

    def guarded(work: Any) -> None:
        try:
            with app.app_context():
                work()
        except Exception as error:
            troubles.append(error)
            over.set()

    def change_all() -> None:
        for n in range(1, CHANGES + 1):
            for number in ids:
                row = db.session.get(Occurrence, number, populate_existing=True)
                change(row, NOON + timedelta(seconds=n), title=str(n))
            db.session.remove()
        over.set()

    def publish() -> None:
        while not over.is_set():
            publish_stale(now=NOON)
            db.session.remove()

    seen: dict[tuple[str, int], set[str]] = {}

    def ask() -> None:
        client = app.test_client()
        while not over.is_set():
            answer = client.get("/api/v1/occurrences")
            assert answer.status_code == 200
            for item in (answer.json or {})["items"]:
                seen.setdefault((item["uid"], item["sequence"]), set()).add(item["title"])

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (change_all, publish, ask, ask)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert troubles == []
    assert len(seen) > len(ids)
    assert {key: titles for key, titles in seen.items() if len(titles) > 1} == {}
