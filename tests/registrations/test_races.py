"""Many at once, over connections of their own: never a seat too many, never a place in the queue twice."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import ANYBODY, SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Busy, RuleBroken
from kexie_events.events.models import Occurrence
from kexie_events.messages.models import Message
from kexie_events.registrations import codes, queries, services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import NOON, make_edition, make_occurrence
from tests.conftest import CLIENTS, AtOnce

pytestmark = pytest.mark.race

CONFIRMED, WAITING, WITHDRAWN = RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.WITHDRAWN


def coming(occurrence_id: int, name: str, key: str | None = None) -> Callable[[], tuple[int, RegistrationState, int]]:
    def come() -> tuple[int, RegistrationState, int]:
        row = services.register(
            occurrence_id, name=name, email=f"{name}@example.org", submit_key=key or f"key-{name}",
            actor=ANYBODY, arrived_at=NOON,
        )  # fmt: skip
        return row.id, row.state, row.line

    return come


def going(registration_id: int) -> Callable[[], RegistrationState]:
    def go() -> RegistrationState:
        code = codes.code_of(registration_id)
        return services.withdraw(registration_id, actor=ANYBODY, code=code, now=NOON).state

    return go


def table(occurrence_id: int) -> list[tuple[int, RegistrationState]]:
    db.session.rollback()
    rows = db.session.execute(
        select(Registration.line, Registration.state)
        .where(Registration.occurrence_id == occurrence_id)
        .order_by(Registration.line)
    )
    return [(line, state) for line, state in rows]


def counters(occurrence_id: int) -> tuple[int | None, int, int]:
    row = db.session.execute(
        select(Occurrence.capacity, Occurrence.taken, Occurrence.arrivals).where(Occurrence.id == occurrence_id)
    ).one()
    return row.capacity, row.taken, row.arrivals


def test_twenty_clients_for_five_seats_fifty_times(app: Flask, at_once: AtOnce) -> None:
    edition = make_edition()
    for turn in range(50):
        id = make_occurrence(edition=edition, capacity=5).id
        answers = at_once([coming(id, f"t{turn}c{n}") for n in range(CLIENTS)])
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert table(id) == [(n, CONFIRMED) for n in range(1, 6)] + [(n, WAITING) for n in range(6, 21)]
        assert sorted((line, state) for _, state, line in answers) == sorted(table(id))
        assert counters(id) == (5, 5, 20)
    assert queries.broken_counters() == []
    kinds = Counter(db.session.scalars(select(Message.kind)))
    assert kinds == {"registered": 250, "waiting": 750}


def test_the_same_form_pressed_twice_at_the_same_instant_is_one_registration(app: Flask, at_once: AtOnce) -> None:
    edition = make_edition()
    for turn in range(25):
        id = make_occurrence(edition=edition, capacity=5).id
        answers = at_once([coming(id, f"t{turn}", key="the-same-key")] * 4)
        assert answers == [(answers[0][0], CONFIRMED, 1)] * 4
        assert (table(id), counters(id)) == ([(1, CONFIRMED)], (5, 1, 1))
    assert db.session.scalars(select(Message.kind)).all() == ["registered"] * 25


def test_the_same_person_from_two_forms_at_the_same_instant_has_one_place(app: Flask, at_once: AtOnce) -> None:
    edition = make_edition()
    for turn in range(15):
        id = make_occurrence(edition=edition, capacity=5).id
        answers = at_once([coming(id, f"t{turn}", key=f"key-{n}") for n in range(4)])
        codes_said = [answer.code for answer in answers if isinstance(answer, RuleBroken)]
        assert codes_said == ["registration.duplicate"] * 3
        assert (table(id), counters(id)) == ([(1, CONFIRMED)], (5, 1, 1))


def test_one_key_with_different_answers_at_the_same_instant_gives_one_of_them(app: Flask, at_once: AtOnce) -> None:
    edition = make_edition()
    for turn in range(15):
        id = make_occurrence(edition=edition, capacity=5).id
        answers = at_once([coming(id, f"t{turn}n{n}", key="the-same-key") for n in range(3)])
        codes_said = [answer.code for answer in answers if isinstance(answer, RuleBroken)]
        assert codes_said == ["registration.key_reused"] * 2
        assert (table(id), counters(id)) == ([(1, CONFIRMED)], (5, 1, 1))


def test_withdrawing_and_registering_at_once_leaves_no_seat_empty_and_none_sold_twice(
    app: Flask, at_once: AtOnce
) -> None:
    edition = make_edition()
    for turn in range(6):
        id = make_occurrence(edition=edition, capacity=3).id
        rows = [coming(id, f"t{turn}f{n}")()[0] for n in range(6)]
        # Two with a seat go, one of them pressing twice, and one who waits goes.
        leaving = [going(rows[0]), going(rows[0]), going(rows[1]), going(rows[4])]
        answers = at_once([*leaving, *(coming(id, f"t{turn}n{n}") for n in range(6))])
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        states = table(id)
        assert [line for line, _ in states] == list(range(1, 13))
        in_force = [state for _, state in states if state is not WITHDRAWN]
        assert in_force == [CONFIRMED] * 3 + [WAITING] * 6
        assert counters(id) == (3, 3, 12)
    assert queries.broken_counters() == []


def test_more_places_while_people_register_are_all_filled_in_order(app: Flask, at_once: AtOnce) -> None:
    edition = make_edition()
    for turn in range(6):
        id = make_occurrence(edition=edition, capacity=2).id
        for n in range(3):
            coming(id, f"t{turn}f{n}")()

        def widen(to: int, id: int = id) -> int:
            return services.set_capacity(id, to, actor=SYSTEM, now=NOON)

        answers = at_once([lambda: widen(6), *(coming(id, f"t{turn}n{n}") for n in range(10))])
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert table(id) == [(n, CONFIRMED) for n in range(1, 7)] + [(n, WAITING) for n in range(7, 14)]
        assert counters(id) == (6, 6, 13)


def test_a_seat_that_is_freed_while_somebody_registers_is_had_or_waited_for_never_refused(
    app: Flask, at_once: AtOnce
) -> None:
    # The last one leaves and nobody waits: who comes at that instant reads an old count beside a new one.
    edition = make_edition()
    for turn in range(6):
        id = make_occurrence(edition=edition, capacity=2).id
        rows = [coming(id, f"t{turn}f{n}")()[0] for n in range(2)]
        answers = at_once([going(rows[0]), going(rows[1]), *(coming(id, f"t{turn}n{n}") for n in range(6))])
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        in_force = [state for _, state in table(id) if state is not WITHDRAWN]
        assert in_force == [CONFIRMED] * 2 + [WAITING] * 4
        assert counters(id) == (2, 2, 8)


def test_everybody_leaving_at_once_promotes_everybody_who_waits_once(app: Flask, at_once: AtOnce) -> None:
    id = make_occurrence(capacity=8).id
    rows = [coming(id, f"c{n}")()[0] for n in range(16)]
    assert at_once([going(row) for row in rows[:8]]) == [WITHDRAWN] * 8
    assert table(id) == [(n, WITHDRAWN) for n in range(1, 9)] + [(n, CONFIRMED) for n in range(9, 17)]
    promoted = db.session.scalars(select(Message.dedupe).where(Message.kind == "promoted").order_by(Message.dedupe))
    assert sorted(promoted) == sorted(f"promoted:{row}" for row in rows[8:])


def test_who_cannot_have_the_lock_in_time_is_asked_to_come_again_and_nothing_is_half_done(
    app: Flask, at_once: AtOnce
) -> None:
    id = make_occurrence(capacity=5).id
    db.session.execute(select(Occurrence.id).where(Occurrence.id == id).with_for_update())
    answers = at_once([coming(id, "slow")])  # lock_timeout: 3 s
    assert [type(answer) for answer in answers] == [Busy]
    db.session.rollback()
    assert (table(id), counters(id)) == ([], (5, 0, 0))
    assert coming(id, "slow")()[1:] == (CONFIRMED, 1)
