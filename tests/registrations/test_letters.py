"""Which letters there are, what is owed once, how long a letter is of use."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.db import db
from kexie_events.messages.models import Message
from kexie_events.registrations import letters, queries
from kexie_events.registrations.letters import ABOUT_SEAT, LetterKind, Recipient
from kexie_events.registrations.rules import RegistrationState
from tests.build import DAY, HOUR, NOON, make_edition, make_occurrence, make_person, make_series, make_told_registration

STARTS, ENDS = NOON + DAY, NOON + DAY + 2 * HOUR


@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_is_owed_once_and_what_tells_of_a_move_once_for_each(kind: LetterKind) -> None:
    again = kind in (LetterKind.MOVED, LetterKind.CANCELLED, LetterKind.REMINDER)
    assert letters.dedupe(kind, 17, 3) == (f"{kind.value}:17:3" if again else f"{kind.value}:17")


@pytest.mark.parametrize(
    ("kind", "before", "during"),
    [
        (LetterKind.REGISTERED, STARTS, ENDS),
        (LetterKind.WAITING, STARTS, ENDS),
        (LetterKind.PROMOTED, STARTS, ENDS),
        (LetterKind.WITHDRAWN, STARTS, ENDS),
        (LetterKind.MOVED, STARTS, STARTS),
        (LetterKind.REMINDER, STARTS, STARTS),
        (LetterKind.CANCELLED, ENDS, ENDS),
    ],
)
def test_a_letter_is_of_use_until(kind: LetterKind, before: object, during: object) -> None:
    said = [letters.of_use_until(kind, STARTS, ENDS, now) for now in (NOON, STARTS + HOUR)]
    assert said == [before, during]


def test_only_the_letter_of_a_withdrawal_outlives_it() -> None:
    assert set(LetterKind) - ABOUT_SEAT == {LetterKind.WITHDRAWN}


def test_of_whole_days_a_letter_says_the_day_and_the_days_before_the_move(app: Flask) -> None:
    midnight = NOON + 6 * DAY + 12 * HOUR
    row = make_occurrence(
        edition=make_edition(series=make_series(name="全国科普日"), number=5), all_day=True, starts_at=midnight,
        ends_at=midnight + DAY, moved_from_at=midnight - 7 * DAY, place="市科技馆广场",
    )  # fmt: skip
    to = Recipient(1, make_person().id, "李明", "")
    for kind in (LetterKind.REGISTERED, LetterKind.MOVED):
        assert letters.owe(kind, queries.named_occurrence(row.id), [to], now=NOON) == 1
    first, second = db.session.scalars(select(Message).order_by(Message.id))
    said = {"event": "第5届全国科普日", "starts": "2026-03-18", "place": "市科技馆广场", "name": "李明"}
    assert {key: value for key, value in first.context.items() if key != "link"} == said
    assert second.context["former"] == "2026-03-11"


def test_only_what_gives_or_ends_a_seat_brings_its_facts_for_a_calendar_and_only_to_who_has_it(app: Flask) -> None:
    row = make_occurrence(place="一厅")
    person = make_person()
    for number, has_seat in enumerate((True, False)):
        to = Recipient(number, person.id, "李明", "", in_calendar=has_seat)
        for kind in LetterKind:
            letters.owe(kind, queries.named_occurrence(row.id), [to], now=NOON)
    rows = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert len(rows) == 14
    with_calendar = {row.kind for row in rows if "calendar" in row.context}
    assert with_calendar == {"registered", "promoted", "moved", "cancelled", "withdrawn"}
    assert sum("calendar" in row.context for row in rows) == 5
    assert letters.occurrence_of(rows[0].about) == row.id


def test_who_reads_letters_at_the_same_address(app: Flask) -> None:
    """What was given with the registration goes before what is known of the person."""
    row = make_occurrence()
    parent = make_person("父", email="Family@example.org")
    child, other = make_person("子", email=""), make_person("他", email="family@example.org")
    for person, email in ((parent, ""), (child, "family@EXAMPLE.org"), (other, "other@example.org")):
        make_told_registration(row, person_id=person.id, answers={"email": email})
    make_told_registration(make_occurrence(), person_id=other.id)
    make_told_registration(row, person_id=make_person(email="").id)
    found = db.session.scalars(queries.people_at(row.id, " family@example.org ")).all()
    assert sorted(found) == [parent.id, child.id]
    assert db.session.scalars(queries.people_at(row.id, "")).all() == []
    waiting = queries.people_at(row.id, "family@example.org", RegistrationState.WAITING)
    assert db.session.scalars(waiting).all() == []


def test_what_would_come_too_late_is_not_owed(app: Flask) -> None:
    row = make_occurrence(starts_at=NOON)
    to = [Recipient(1, make_person().id, "李明", "")]
    late = NOON + timedelta(hours=2)
    assert [letters.owe(kind, queries.named_occurrence(row.id), to, now=late) for kind in LetterKind] == [0] * 7
