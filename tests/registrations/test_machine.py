"""Any order of registering, withdrawing, widening, narrowing and moving the window keeps the queue fair."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from kexie_events.core.access import ANYBODY, SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.events.models import Occurrence
from kexie_events.messages.models import Message
from kexie_events.registrations import codes, queries, services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import HOUR, NOON, make_edition, make_occurrence

CONFIRMED, WAITING, WITHDRAWN = RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.WITHDRAWN
PEOPLE = [f"客{n}" for n in range(6)]


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except RuleBroken as broken:
        db.session.rollback()
        return broken


class Seats(RuleBasedStateMachine):
    """The model: who has a seat, and who waits, in order."""

    edition_id: int

    @initialize(capacity=st.one_of(st.none(), st.integers(1, 3)))
    def open(self, capacity: int | None) -> None:
        self.edition = db.session.get(type(self).edition_class, type(self).edition_id)
        self.occurrence_id = make_occurrence(edition=self.edition, capacity=capacity, closes_at=NOON + HOUR).id
        self.capacity = capacity
        self.closes_at = NOON + HOUR
        self.now = NOON
        self.seated: list[str] = []
        self.queue: list[str] = []
        self.ids: dict[str, int] = {}
        self.lines = 0
        self.promoted: list[int] = []

    @rule(name=st.sampled_from(PEOPLE), key=st.integers(0, 3))
    def register(self, name: str, key: int) -> None:
        submit_key = f"{name}-{key}"
        earlier = db.session.scalar(
            select(Registration).where(
                Registration.occurrence_id == self.occurrence_id, Registration.submit_key == submit_key
            )
        )
        row = _outcome(
            lambda: services.register(
                self.occurrence_id,
                name=name,
                email=f"{PEOPLE.index(name)}@example.org",
                submit_key=submit_key,
                actor=ANYBODY,
                arrived_at=self.now,
            )
        )
        if isinstance(row, RuleBroken):
            expected = "closed" if self.now >= self.closes_at else "duplicate"
            assert (row.code, earlier) == (f"registration.{expected}", None)
            assert expected == "closed" or name in self.seated + self.queue
            return
        if earlier is not None:
            assert row.id == earlier.id
            return
        assert name not in self.seated + self.queue
        assert self.now < self.closes_at
        self.lines += 1
        free = self.capacity is None or len(self.seated) < self.capacity
        (self.seated if free else self.queue).append(name)
        self.ids[name] = row.id
        assert (row.state, row.line) == (CONFIRMED if free else WAITING, self.lines)

    @rule(name=st.sampled_from(PEOPLE))
    def withdraw(self, name: str) -> None:
        id = self.ids.get(name)
        if id is None:
            return
        services.withdraw(id, actor=ANYBODY, code=codes.code_of(id), now=self.now)
        if name in self.seated:
            self.seated.remove(name)
            self._fill()
        elif name in self.queue:
            self.queue.remove(name)

    @rule(capacity=st.one_of(st.none(), st.integers(1, 5)))
    def set_capacity(self, capacity: int | None) -> None:
        waiting = len(self.queue)
        promoted = _outcome(lambda: services.set_capacity(self.occurrence_id, capacity, actor=SYSTEM, now=self.now))
        if isinstance(promoted, RuleBroken):
            assert (promoted.code, (capacity or 0) < len(self.seated)) == ("event.capacity_below_taken", True)
            return
        self.capacity = capacity
        self._fill()
        assert promoted == waiting - len(self.queue)

    @rule(hours=st.integers(-2, 2))
    def move_window(self, hours: int) -> None:
        self.closes_at = self.now + timedelta(hours=hours)
        row = db.session.get(Occurrence, self.occurrence_id)
        row.closes_at, row.opens_at = self.closes_at, min(NOON, self.closes_at) - HOUR
        db.session.commit()

    def _fill(self) -> None:
        while self.queue and (self.capacity is None or len(self.seated) < self.capacity):
            name = self.queue.pop(0)
            self.seated.append(name)
            self.promoted.append(self.ids[name])

    @invariant()
    def the_tables_say_the_same(self) -> None:
        if not hasattr(self, "occurrence_id"):
            return
        db.session.rollback()
        rows: list[Any] = list(
            db.session.execute(
                select(Registration.id, Registration.line, Registration.state)
                .where(Registration.occurrence_id == self.occurrence_id)
                .order_by(Registration.line)
            )
        )
        names = {id: name for name, id in self.ids.items()}
        assert [row.line for row in rows] == list(range(1, self.lines + 1))
        assert {names[row.id] for row in rows if row.state is CONFIRMED} == set(self.seated)
        assert [names[row.id] for row in rows if row.state is WAITING] == self.queue
        counted = db.session.execute(
            select(Occurrence.capacity, Occurrence.taken, Occurrence.arrivals).where(
                Occurrence.id == self.occurrence_id
            )
        ).one()
        assert tuple(counted) == (self.capacity, len(self.seated), self.lines)
        assert not self.queue or len(self.seated) == self.capacity
        letters = db.session.scalars(
            select(Message.dedupe)
            .where(Message.kind == "promoted", Message.about == f"occurrence:{self.occurrence_id}")
            .order_by(Message.id)
        )
        assert list(letters) == [f"promoted:{id}" for id in self.promoted]
        assert queries.broken_counters() == []


@pytest.mark.usefixtures("app")
def test_whatever_people_do_the_queue_stays_fair(app: Flask) -> None:
    edition = make_edition()

    class Bound(Seats):
        edition_class = type(edition)
        edition_id = edition.id

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Bound,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
