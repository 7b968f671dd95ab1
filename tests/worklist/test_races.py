"""The same list, imported by several at the same instant: every series once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.core.db import db
from kexie_events.core.errors import Busy
from kexie_events.events.models import Edition, Series
from kexie_events.worklist.models import WorkItem
from tests.build import make_unit
from tests.worklist.test_services import counts, list_of_2020, take

pytestmark = pytest.mark.race

CLIENTS = 4


def test_four_imports_at_once_make_each_series_once(app: Flask) -> None:
    unit, sheet = make_unit(), list_of_2020()
    gate = threading.Barrier(CLIENTS, timeout=30)

    def enter() -> tuple[int, int, int, int]:
        with app.app_context():
            gate.wait()
            for _ in range(20):
                try:
                    return counts(take(unit, sheet))
                except Busy:  # a loaded machine: who waited longer than a lock may presses again, as told
                    continue
                finally:
                    db.session.remove()
            raise AssertionError("busy for a minute")

    with ThreadPoolExecutor(CLIENTS) as threads:
        done = sorted(future.result(60) for future in [threads.submit(enter) for _ in range(CLIENTS)])
    assert done == [(0, 0, 40, 0)] * (CLIENTS - 1) + [(40, 0, 0, 20)]
    assert [db.session.scalar(select(func.count()).select_from(each)) for each in (WorkItem, Series, Edition)] == [
        40, 20, 20,
    ]  # fmt: skip
