"""Registering: one visitor at leisure, and the rush when 500 come at once for 200 places."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from queue import Empty, SimpleQueue

import psycopg
from sqlalchemy import select

from kexie_events.core.db import db
from kexie_events.registrations.models import Registration

from . import seed
from .ground import BROWSER, Answer, House, Visitor, Web, median_ms
from .table import Row

REGISTER_MS, REGISTER_SQL = 30, 12
RUSH_A_SECOND = 60
VISITORS, CLIENTS, PLACES = 500, 16, 200
WORKERS = 2
_number = count(1)


def rows(house: House, city: seed.City, scale: float) -> Iterator[Row]:
    # The table grows with the scale; the crowd does not, unless the whole run is a small one.
    crowd, places = max(20, int(VISITORS * min(scale, 1))), max(8, int(PLACES * min(scale, 1)))
    with house.app.app_context():
        seed.add_registrations(city, int(10_000 * scale))
        calm, rushed, alone = (seed.open_date(city, size) for size in (100_000, places, places))
    house.settle()
    with house.web() as web:
        web.await_page()
        yield _calm(house, web.port, calm)
    with house.web(workers=WORKERS) as web:
        web.await_page()
        _warm(house, web.port, calm)
        yield _rush(house, web, rushed, crowd, places)
    yield _postgres_alone(house, city, alone, crowd)


def _form(answer: Answer) -> dict[str, str]:
    """What a person types, and what the form brings along."""
    assert answer.status == 200, f"the form answered {answer.status}"
    return {
        "name": "王小明", "phone": f"15{next(_number):09d}", "email": "",
        "csrf_token": answer.field("csrf_token"), "submit_key": answer.field("submit_key"),
    }  # fmt: skip


def _visit(port: int, occurrence: int) -> int:
    """One visitor, from the first byte to the answer of the form; the status of the answer."""
    visitor, path = Visitor(port), f"/occurrences/{occurrence}/registration"
    try:
        form = visitor.get(path)
        return visitor.post(path, _form(form)).status if form.status == 200 else form.status
    finally:
        visitor.leave()


def _calm(house: House, port: int, occurrence: int) -> Row:
    def once() -> None:
        status = _visit(port, occurrence)
        assert status == 303, f"registering answered {status}"

    took, sql = median_ms(once, times=house.times(60)), _statements(house, occurrence)
    met = took <= REGISTER_MS and sql <= REGISTER_SQL
    return Row("register: GET form + POST", f"{took:.1f} ms", str(sql), f"{REGISTER_MS} ms, {REGISTER_SQL} SQL", met)


def _statements(house: House, occurrence: int) -> int:
    browser, path = house.app.test_client(), f"/occurrences/{occurrence}/registration"
    with house.counting() as sent:
        page = browser.get(path, headers={**BROWSER, "Accept-Encoding": "identity"})
        answer = browser.post(path, data=_form(Answer(page.status_code, {}, page.data)))
    assert answer.status_code == 303, f"registering answered {answer.status}"
    return len(sent)


def _warm(house: House, port: int, occurrence: int) -> None:
    """Each worker has opened its connections and compiled its templates before anybody is timed."""
    _crowd(house.times(CLIENTS * 6), lambda: _visit(port, occurrence))


@dataclass
class Crowd:
    """What a crowd of visitors came back with."""

    seconds: float = 0.0
    answers: Counter[int | str] = field(default_factory=Counter)


def _crowd(size: int, visit: Callable[[], int]) -> Crowd:
    """``size`` visits by ``CLIENTS`` threads, each as fast as it can."""
    done, tickets = Crowd(), SimpleQueue[int]()
    gate, lock = threading.Barrier(CLIENTS + 1), threading.Lock()
    for n in range(size):
        tickets.put(n)

    def client() -> None:
        gate.wait()
        while True:
            try:
                tickets.get_nowait()
            except Empty:
                return
            outcome: int | str
            try:
                outcome = visit()
            except Exception as error:  # a visitor who got nothing is a result, too
                outcome = type(error).__name__
            with lock:
                done.answers[outcome] += 1

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    done.seconds = time.perf_counter() - start
    return done


def _rush(house: House, web: Web, occurrence: int, size: int, places: int) -> Row:
    crowd = _crowd(size, lambda: _visit(web.port, occurrence))
    faults = _faults(house, occurrence, crowd, size, places)
    if faults:
        web.show_log()
    speed = size / crowd.seconds
    work = f"rush: {size} visitors, {CLIENTS} clients, {places} places, {WORKERS} workers"
    said = f"{speed:.0f} visitors/s, " + ("; ".join(faults) or f"{places} accepted")
    floor = f"{RUSH_A_SECOND}/s, {places}, no 5xx, no gap"
    return Row(work, said, "", floor, not faults and speed >= RUSH_A_SECOND)


def _faults(house: House, occurrence: int, crowd: Crowd, size: int, places: int) -> list[str]:
    """What the crowd may not leave behind: a lost visitor, a seat too many, a gap or an unfair turn in the queue."""
    with house.app.app_context():
        found = select(Registration.line, Registration.state).where(Registration.occurrence_id == occurrence)
        seats = [(line, state.value) for line, state in db.session.execute(found.order_by(Registration.line))]
    wrong = {status: times for status, times in crowd.answers.items() if status != 303}
    wanted = [(n, "confirmed" if n <= places else "waiting") for n in range(1, size + 1)]
    accepted = sum(state == "confirmed" for _, state in seats)
    return [
        *([f"answers {wrong}"] if wrong else []),
        *([f"{accepted} accepted"] if accepted != places else []),
        *(["the queue has gaps"] if seats != wanted else []),
    ]


def _postgres_alone(house: House, city: seed.City, occurrence: int, size: int) -> Row:
    """The same rows by plain SQL from as many connections: what the disk and the lock leave for a web program."""
    url = house.settings.database_url.replace("+psycopg", "")
    local = threading.local()
    links: list[psycopg.Connection] = []

    def register() -> int:
        if not hasattr(local, "link"):
            local.link = psycopg.connect(url)
            links.append(local.link)
        phone = f"17{next(_number):09d}"
        with local.link.transaction():
            cursor = local.link.execute(
                "INSERT INTO person (name, phone, contact_key, created_at) VALUES ('王小明', %s, %s, %s) RETURNING id",
                [phone, phone, city.now],
            )
            person = cursor.fetchone()[0]
            cursor = local.link.execute(
                _SEAT, {"occurrence": occurrence, "person": person, "key": phone, "now": city.now}
            )
            local.link.execute(_LETTER, {"seat": cursor.fetchone()[0], "person": person, "now": city.now})
        return 303

    crowd = _crowd(size, register)
    for link in links:
        link.close()
    assert set(crowd.answers) == {303}, f"plain SQL failed: {crowd.answers}"
    return Row("  the same rows by plain SQL, fsync on, 16 connections", f"{size / crowd.seconds:.0f} visitors/s")


_SEAT = """
WITH seat AS (
  UPDATE occurrence SET arrivals = arrivals + 1, taken = least(taken + 1, capacity) WHERE id = %(occurrence)s
  RETURNING id, arrivals, capacity)
INSERT INTO registration (occurrence_id, person_id, state, line, submit_key, submit_digest, told_revision, created_at,
  changed_at)
SELECT id, %(person)s, CASE WHEN arrivals <= capacity THEN 'confirmed' ELSE 'waiting' END, arrivals, %(key)s, '', 1,
  %(now)s, %(now)s
FROM seat RETURNING id
"""
_LETTER = """
INSERT INTO message (dedupe, kind, about, person_id, context, state, created_at, next_try_at, attempts)
VALUES ('plain:' || %(seat)s::text, 'registered', 'occurrence:0', %(person)s, '{}', 'due', %(now)s, %(now)s, 0)
"""
