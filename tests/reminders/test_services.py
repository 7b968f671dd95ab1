"""Who hears of what, once, however often the beat comes."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.messages import services as messages
from kexie_events.messages.models import Message
from kexie_events.messages.rules import Letter, MessageState
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.reminders import services
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_edition,
    make_message,
    make_occurrence,
    make_person,
    make_room,
    make_series,
    make_told_registration,
)

MINUTE = timedelta(minutes=1)
TOMORROW = NOON + DAY


def owed() -> list[tuple[str, str, MessageState]]:
    db.session.expire_all()
    rows = db.session.scalars(select(Message).order_by(Message.id))
    return [(row.dedupe, row.kind, row.state) for row in rows]


def due(*dedupes: str) -> list[tuple[str, str, MessageState]]:
    return [(dedupe, dedupe.partition(":")[0], MessageState.DUE) for dedupe in dedupes]


def move(occurrence: Occurrence, starts_at: datetime, **values: Any) -> None:
    """As the service of events does it: a visible change that people must be told."""
    row = db.session.get_one(Occurrence, occurrence.id)
    row.moved_from_at, row.starts_at, row.ends_at = row.starts_at, starts_at, starts_at + 2 * HOUR
    row.touch(NOON)
    row.moved_revision = row.revision
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


# ---- reminders


def test_who_has_a_seat_tomorrow_is_reminded_once(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    first, second = make_told_registration(occurrence), make_told_registration(occurrence)
    assert services.plan(NOON - MINUTE) == 0
    assert [services.plan(NOON + n * MINUTE) for n in range(3)] == [2, 0, 0]
    assert owed() == due(f"reminder:{first.id}:0", f"reminder:{second.id}:0")


def test_a_reminder_says_what_where_and_when_and_is_useless_after_the_start(app: Flask) -> None:
    room = make_room(name="报告厅")
    edition = make_edition(series=make_series(name="双月论坛"), number=35)
    occurrence = make_occurrence(edition=edition, starts_at=TOMORROW, room_id=room.id, title="新材料专场")
    registration = make_told_registration(occurrence, person_id=make_person("王芳").id)
    services.plan(NOON)
    message = db.session.scalars(select(Message)).one()
    link = message.context.pop("link")
    assert link.startswith("http://kexie.test/registrations/")
    assert message.context == {
        "name": "王芳",
        "event": "新材料专场（第35届双月论坛）",
        "starts": "2026-03-12T12:00:00+08:00",
        "place": f"{room.venue.name} 报告厅",
    }
    assert (message.person_id, message.about) == (registration.person_id, f"occurrence:{occurrence.id}")
    assert (message.next_try_at, message.expires_at) == (NOON, TOMORROW)


@pytest.mark.parametrize("state", [RegistrationState.WAITING, RegistrationState.WITHDRAWN])
def test_who_has_no_seat_is_not_reminded(app: Flask, state: RegistrationState) -> None:
    make_told_registration(make_occurrence(starts_at=TOMORROW), state=state)
    assert services.plan(NOON) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": Status.CANCELLED},
        {"publication": Publication.DRAFT},
        {"publication": Publication.WITHDRAWN},
        {"starts_at": TOMORROW + HOUR},
        {"starts_at": NOON},
    ],
    ids=str,
)
def test_what_does_not_take_place_tomorrow_has_no_reminder(app: Flask, values: dict[str, Any]) -> None:
    make_told_registration(make_occurrence(**{"starts_at": TOMORROW, **values}))
    assert services.plan(NOON) == 0


def test_by_night_nobody_is_reminded_and_in_the_morning_everybody(app: Flask) -> None:
    night = NOON + 11 * HOUR  # 23:00 in Beijing
    registration = make_told_registration(make_occurrence(starts_at=NOON + 25 * HOUR))
    assert services.plan(night) == 0
    assert services.plan(NOON + 18 * HOUR + 59 * MINUTE) == 0
    assert services.plan(NOON + 19 * HOUR) == 1  # 7:00
    assert owed() == due(f"reminder:{registration.id}:0")


@pytest.mark.parametrize("kind", ["registered", "promoted", "moved"])
def test_who_was_written_to_within_the_hour_before_is_not_reminded(app: Flask, kind: str) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    about = f"occurrence:{occurrence.id}"
    fresh, old, withdrawn = (make_told_registration(occurrence) for _ in range(3))
    make_message(person_id=fresh.person_id, kind=kind, about=about, created_at=NOON - HOUR)
    make_message(person_id=old.person_id, kind=kind, about=about, created_at=NOON - HOUR - MINUTE)
    make_message(person_id=withdrawn.person_id, kind=kind, about=about, created_at=NOON, state=MessageState.CANCELLED)
    assert services.plan(NOON) == 2
    assert [row[0] for row in owed()[3:]] == [f"reminder:{old.id}:0", f"reminder:{withdrawn.id}:0"]


def test_after_a_move_the_new_day_has_its_own_reminder(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    registration = make_told_registration(occurrence)
    services.plan(NOON)
    move(occurrence, TOMORROW + 5 * DAY)
    assert services.plan(NOON + MINUTE) == 1
    assert services.plan(NOON + 5 * DAY) == 1
    assert owed() == [
        (f"reminder:{registration.id}:0", "reminder", MessageState.CANCELLED),
        (f"moved:{registration.id}:2", "moved", MessageState.DUE),
        (f"reminder:{registration.id}:2", "reminder", MessageState.DUE),
    ]


# ---- between a change and the beat that tells it


def went_out(now: datetime = NOON) -> list[str]:
    """What the sender hands over now: subjects, in order."""
    sent: list[Letter] = []

    def send(letter: Letter) -> str:
        sent.append(letter)
        return letter.key

    messages.send_due(send, now=now)
    return [letter.subject for letter in sent]


@pytest.mark.parametrize("change", [{}, {"status": Status.CANCELLED}], ids=["moved", "cancelled"])
def test_a_letter_with_the_old_time_does_not_go_out_between_the_change_and_the_beat(
    app: Flask, change: dict[str, Any]
) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    reminded, confirmed = make_told_registration(occurrence), make_told_registration(occurrence)
    make_message(
        dedupe=f"registered:{confirmed.id}", kind="registered", about=f"occurrence:{occurrence.id}",
        person_id=confirmed.person_id,
    )  # fmt: skip
    services.plan(NOON)
    move(occurrence, TOMORROW + 5 * DAY, **change)
    assert went_out() == []
    assert {row[0]: row[2] for row in owed()} == {
        f"registered:{confirmed.id}": MessageState.CANCELLED,
        f"reminder:{reminded.id}:0": MessageState.CANCELLED,
    }
    assert services.plan(NOON + MINUTE) == 2
    assert len(went_out(NOON + MINUTE)) == 2


def test_who_registered_after_the_change_gets_their_letter_before_the_beat_too(app: Flask) -> None:
    occurrence = make_occurrence()
    make_told_registration(occurrence)
    move(occurrence, NOON + 9 * DAY)
    after = make_told_registration(occurrence, told_revision=2)
    make_message(
        dedupe=f"registered:{after.id}", kind="registered", about=f"occurrence:{occurrence.id}",
        person_id=after.person_id,
    )  # fmt: skip
    assert len(went_out()) == 1


def test_nobody_is_reminded_of_what_was_taken_back_meanwhile(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    make_told_registration(occurrence)
    services.plan(NOON)
    row = db.session.get_one(Occurrence, occurrence.id)
    row.publication = Publication.WITHDRAWN
    row.touch(NOON)
    db.session.commit()
    assert went_out() == []


# ---- moves and cancellations


def test_everybody_with_a_seat_or_in_the_queue_hears_of_a_move_once(app: Flask) -> None:
    occurrence = make_occurrence()
    seat = make_told_registration(occurrence)
    queue = make_told_registration(occurrence, state=RegistrationState.WAITING)
    make_told_registration(occurrence, state=RegistrationState.WITHDRAWN)
    other = make_told_registration(make_occurrence())
    move(occurrence, NOON + 9 * DAY, reason="场馆检修")
    assert [services.plan(NOON), services.plan(NOON + MINUTE)] == [2, 0]
    assert owed() == due(f"moved:{seat.id}:2", f"moved:{queue.id}:2")
    told = {
        row.id: row.told_revision for row in db.session.execute(select(Registration.id, Registration.told_revision))
    }
    assert [told[row.id] for row in (seat, queue, other)] == [2, 2, 1]
    message = db.session.scalars(select(Message).where(Message.person_id == seat.person_id)).one()
    assert (message.context["former"], message.context["starts"], message.context["reason"]) == (
        "2026-03-18T12:00:00+08:00",
        "2026-03-20T12:00:00+08:00",
        "场馆检修",
    )
    assert message.expires_at == NOON + 9 * DAY


def test_two_moves_before_the_beat_are_one_letter_and_after_it_two(app: Flask) -> None:
    occurrence = make_occurrence()
    registration = make_told_registration(occurrence)
    move(occurrence, NOON + 8 * DAY)
    move(occurrence, NOON + 9 * DAY)
    assert services.plan(NOON) == 1
    move(occurrence, NOON + 10 * DAY)
    assert services.plan(NOON + MINUTE) == 1
    assert owed() == [
        (f"moved:{registration.id}:3", "moved", MessageState.CANCELLED),
        (f"moved:{registration.id}:4", "moved", MessageState.DUE),
    ]


def test_a_cancellation_is_told_and_withdraws_what_was_not_sent(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=TOMORROW)
    registration = make_told_registration(occurrence)
    services.plan(NOON)
    move(occurrence, TOMORROW, status=Status.CANCELLED, moved_from_at=None, reason="暴雨红色预警")
    assert [services.plan(NOON + MINUTE), services.plan(NOON + HOUR)] == [1, 0]
    assert owed() == [
        (f"reminder:{registration.id}:0", "reminder", MessageState.CANCELLED),
        (f"cancelled:{registration.id}:2", "cancelled", MessageState.DUE),
    ]
    message = db.session.scalars(select(Message).where(Message.kind == "cancelled")).one()
    assert "former" not in message.context
    assert (message.context["reason"], message.expires_at) == ("暴雨红色预警", TOMORROW + 2 * HOUR)


def test_who_registered_after_the_move_keeps_their_own_letter_and_hears_nothing(app: Flask) -> None:
    occurrence = make_occurrence()
    before = make_told_registration(occurrence)
    move(occurrence, NOON + 9 * DAY)
    after = make_told_registration(occurrence, told_revision=2)
    about = f"occurrence:{occurrence.id}"
    for registration in (before, after):
        make_message(
            dedupe=f"registered:{registration.id}", kind="registered", about=about, person_id=registration.person_id
        )
    assert services.plan(NOON) == 1
    assert owed() == [
        (f"registered:{before.id}", "registered", MessageState.CANCELLED),
        (f"registered:{after.id}", "registered", MessageState.DUE),
        (f"moved:{before.id}:2", "moved", MessageState.DUE),
    ]


def test_a_visible_change_that_moves_nothing_is_not_told(app: Flask) -> None:
    occurrence = make_occurrence()
    make_told_registration(occurrence)
    row = db.session.get_one(Occurrence, occurrence.id)
    row.touch(NOON)
    db.session.commit()
    assert services.plan(NOON) == 0


def test_what_is_over_is_not_told_any_more_but_counts_as_told(app: Flask) -> None:
    occurrence = make_occurrence(starts_at=NOON - DAY)
    registration = make_told_registration(occurrence)
    move(occurrence, NOON - 5 * HOUR)
    assert services.plan(NOON) == 0
    assert db.session.scalar(select(Registration.told_revision).where(Registration.id == registration.id)) == 2


def test_an_event_of_whole_days_names_days(app: Flask) -> None:
    occurrence = make_occurrence(all_day=True, starts_at=NOON + 6 * DAY - 12 * HOUR)
    make_told_registration(occurrence)
    move(occurrence, NOON + 8 * DAY - 12 * HOUR)
    services.plan(NOON)
    message = db.session.scalars(select(Message)).one()
    assert (message.context["starts"], message.context["former"]) == ("2026-03-19", "2026-03-17")


def test_an_occurrence_that_somebody_holds_is_left_to_the_next_beat(app: Flask) -> None:
    held, free = make_occurrence(), make_occurrence()
    first, second = make_told_registration(held), make_told_registration(free)
    for occurrence in (held, free):
        move(occurrence, NOON + 9 * DAY)
    with db.engine.connect() as other:
        other.execute(update(Occurrence).where(Occurrence.id == held.id).values(summary="x"))
        assert services.plan(NOON) == 1
        other.rollback()
    assert services.plan(NOON + MINUTE) == 1
    assert owed() == due(f"moved:{second.id}:2", f"moved:{first.id}:2")


@pytest.mark.race
def test_many_beats_at_once_say_everything_once(app: Flask) -> None:
    moved, coming = make_occurrence(), make_occurrence(starts_at=TOMORROW)
    registrations = [make_told_registration(occurrence) for occurrence in (moved, coming) for _ in range(30)]
    move(moved, NOON + 9 * DAY)
    new: list[int] = []
    together = threading.Barrier(5)

    def work() -> None:
        with app.app_context():
            together.wait()
            new.append(services.plan(NOON))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(new) == 60
    assert sorted(row[0] for row in owed()) == sorted(
        f"moved:{row.id}:2" if row.occurrence_id == moved.id else f"reminder:{row.id}:0" for row in registrations
    )


def test_telling_a_hundred_takes_as_many_statements_as_telling_one(app: Flask) -> None:
    counts = []
    for people in (1, 100):
        occurrence = make_occurrence()
        for _ in range(people):
            make_told_registration(occurrence)
        move(occurrence, NOON + 9 * DAY)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)  # noqa: B023 -- removed before the next turn

        event.listen(db.engine, "before_cursor_execute", note)
        assert services.plan(NOON) == people
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1]
