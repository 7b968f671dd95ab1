"""Seats and the queue, one after the other; simultaneous callers stand in test_races.py."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.accounts.models import Person
from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import ANYBODY, Actor, Role
from kexie_events.core.db import db
from kexie_events.core.errors import Busy, DomainError, Forbidden, NotFound, RuleBroken
from kexie_events.core.installation import installation
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.messages.models import Message
from kexie_events.registrations import codes, queries, services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_administrator,
    make_edition,
    make_grant,
    make_occurrence,
    make_organizer,
    make_series,
    make_unit,
)

CONFIRMED, WAITING, WITHDRAWN = RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.WITHDRAWN
SECOND = timedelta(seconds=1)


def come(occurrence_id: int, name: str, **values: Any) -> Registration:
    defaults: dict[str, Any] = {
        "email": f"{abs(hash(name.strip()))}@example.org",
        "submit_key": f"key-of-{name}",
        "actor": ANYBODY,
        "arrived_at": NOON,
    }
    return services.register(occurrence_id, name=name, **{**defaults, **values})


@dataclass(frozen=True)
class Refused:
    kind: type[DomainError]
    code: str
    details: dict[str, object]


def refusal_of(call: Any, *args: Any, **values: Any) -> Refused:
    with pytest.raises(DomainError) as refused:
        call(*args, **values)
    db.session.rollback()
    return Refused(type(refused.value), refused.value.code, refused.value.details)


def seats(occurrence_id: int) -> list[tuple[int, RegistrationState]]:
    rows = db.session.execute(
        select(Registration.line, Registration.state)
        .where(Registration.occurrence_id == occurrence_id)
        .order_by(Registration.line)
    )
    return [(line, state) for line, state in rows]


def counters(occurrence_id: int) -> tuple[int, int]:
    row = db.session.execute(select(Occurrence.taken, Occurrence.arrivals).where(Occurrence.id == occurrence_id)).one()
    return row.taken, row.arrivals


def letters() -> list[tuple[str, str]]:
    rows = db.session.execute(select(Message.dedupe, Message.state).order_by(Message.id))
    return [(dedupe, state.value) for dedupe, state in rows]


# ---- registering


def test_the_last_seat_is_taken_and_the_next_person_waits(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    states = [come(occurrence.id, name).state for name in ("李明", "王芳", "张伟")]
    assert states == [CONFIRMED, WAITING, WAITING]
    assert seats(occurrence.id) == [(1, CONFIRMED), (2, WAITING), (3, WAITING)]
    assert counters(occurrence.id) == (1, 3)


def test_without_a_limit_everybody_gets_a_seat(app: Flask) -> None:
    occurrence = make_occurrence(capacity=None)
    assert [come(occurrence.id, f"客{n}").state for n in range(7)] == [CONFIRMED] * 7
    assert counters(occurrence.id) == (7, 7)


def test_a_new_registration_knows_the_occurrence_as_it_stands(app: Flask) -> None:
    occurrence = make_occurrence(revision=7)
    row = come(occurrence.id, "李明", arrived_at=NOON + HOUR)
    assert (row.told_revision, row.revision, row.created_at, row.changed_at) == (7, 1, NOON + HOUR, NOON + HOUR)


def test_the_letter_says_what_where_when_and_how_to_come_back(app: Flask) -> None:
    series = make_series(name="“科创中国”@重庆双月论坛")
    edition = make_edition(series=series, number=3)
    occurrence = make_occurrence(edition=edition, capacity=1, title="人工智能分论坛", place="永川会展中心")
    first = come(occurrence.id, "李明")
    second = come(occurrence.id, "王芳")
    rows = db.session.scalars(select(Message).order_by(Message.id)).all()
    common = {
        "event": "人工智能分论坛（第3届“科创中国”@重庆双月论坛）",
        "starts": "2026-03-18T12:00:00+08:00",
        "place": "永川会展中心",
    }
    assert [(row.dedupe, row.kind, row.person_id, row.about, row.expires_at) for row in rows] == [
        (f"registered:{first.id}", "registered", first.person_id, f"occurrence:{occurrence.id}", occurrence.starts_at),
        (f"waiting:{second.id}", "waiting", second.person_id, f"occurrence:{occurrence.id}", occurrence.starts_at),
    ]
    link = f"http://kexie.test/registrations/{codes.code_of(first.id)}"
    calendar = {
        "uid": occurrence.uid, "revision": 1, "all_day": False, "starts_at": "2026-03-18T04:00:00+00:00",
        "ends_at": "2026-03-18T06:00:00+00:00", "place": "永川会展中心", "path": f"/occurrences/{occurrence.id}",
    }  # fmt: skip
    assert rows[0].context == {**common, "name": "李明", "link": link, "calendar": calendar}
    link = f"http://kexie.test/registrations/{codes.code_of(second.id)}"
    assert rows[1].context == {**common, "name": "王芳", "link": link, "position": 1}


def test_the_same_key_and_answers_give_the_same_registration_and_no_second_letter(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    first = come(occurrence.id, "李明", submit_key="k")
    again = come(occurrence.id, " 李明 ", submit_key="k")
    late = come(occurrence.id, "李明", submit_key="k", arrived_at=NOON + 100 * DAY)
    assert (again.id, late.id) == (first.id, first.id)
    assert counters(occurrence.id) == (1, 1)
    assert letters() == [(f"registered:{first.id}", "due")]


def test_the_same_key_with_other_answers_is_refused(app: Flask) -> None:
    occurrence = make_occurrence(capacity=5)
    come(occurrence.id, "李明", submit_key="k")
    for name, answers in (("王芳", None), ("李明", {"q_lunch": True})):
        refused = refusal_of(come, occurrence.id, name, submit_key="k", answers=answers)
        assert refused == Refused(RuleBroken, "registration.key_reused", {})
    assert counters(occurrence.id) == (1, 1)


def test_a_person_has_one_place_and_may_come_back_after_withdrawing(app: Flask) -> None:
    occurrence = make_occurrence(capacity=5)
    first = come(occurrence.id, "李明", submit_key="a")
    assert refusal_of(come, occurrence.id, "李明", submit_key="b") == Refused(RuleBroken, "registration.duplicate", {})
    services.withdraw(first.id, actor=ANYBODY, code=codes.code_of(first.id), now=NOON)
    second = come(occurrence.id, "李明", submit_key="b")
    assert (second.state, second.line, second.person_id) == (CONFIRMED, 2, first.person_id)


def test_two_people_may_share_a_phone(app: Flask) -> None:
    occurrence = make_occurrence(capacity=5)
    rows = [come(occurrence.id, name, phone="138 0000 0126", email="") for name in ("李明", "李小明")]
    assert [row.line for row in rows] == [1, 2]
    assert [one.phone for one in db.session.scalars(select(Person).order_by(Person.id))] == ["13800000126"] * 2


def test_a_signed_in_person_registers_themselves_or_somebody_else(app: Flask) -> None:
    account = make_account("李明")
    occurrence = make_occurrence(capacity=5)
    own = come(occurrence.id, "李明", actor=actor_of(account), phone="13800000126", submit_key="a")
    other = come(occurrence.id, "李小明", actor=actor_of(account), phone="13800000126", submit_key="b")
    assert (own.person_id, own.account_id) == (account.person_id, account.id)
    assert (other.person_id != account.person_id, other.account_id) == (True, account.id)
    assert db.session.get(Person, account.person_id).phone == "13800000126"


# ---- when there is nothing to be had


@pytest.mark.parametrize(
    ("changed", "arrived_at", "code", "details"),
    [
        ({"opens_at": NOON + SECOND}, NOON, "not_open", {"opens_at": NOON + SECOND}),
        ({"closes_at": NOON}, NOON, "closed", {"closed_at": NOON}),
        ({"starts_at": NOON}, NOON, "closed", {"closed_at": NOON}),
        ({"starts_at": NOON - DAY}, NOON, "closed", {"closed_at": NOON - DAY}),
        ({"status": Status.CANCELLED}, NOON, "cancelled", {}),
        ({"opens_at": None}, NOON, "none", {}),
    ],
)
def test_a_refusal_says_which_rule(
    app: Flask, changed: dict[str, Any], arrived_at: datetime, code: str, details: dict[str, Any]
) -> None:
    occurrence = make_occurrence(**changed)
    refused = refusal_of(come, occurrence.id, "李明", arrived_at=arrived_at)
    assert refused == Refused(RuleBroken, f"registration.{code}", details)
    assert counters(occurrence.id) == (0, 0)
    assert (letters(), db.session.scalar(select(Person.id))) == ([], None)


def test_opening_counts_and_closing_does_not(app: Flask) -> None:
    occurrence = make_occurrence(opens_at=NOON, closes_at=NOON + HOUR)
    tick = timedelta(microseconds=1)
    assert refusal_of(come, occurrence.id, "早", arrived_at=NOON - tick).code == "registration.not_open"
    assert come(occurrence.id, "准时", arrived_at=NOON).state is CONFIRMED
    assert come(occurrence.id, "最后", arrived_at=NOON + HOUR - tick).state is CONFIRMED
    assert refusal_of(come, occurrence.id, "晚", arrived_at=NOON + HOUR).code == "registration.closed"


def test_what_one_may_not_know_of_is_not_found(app: Flask) -> None:
    draft = make_occurrence(publication=Publication.DRAFT)
    gone = make_occurrence(publication=Publication.WITHDRAWN)
    for id in (draft.id, gone.id, 999_999):
        assert refusal_of(come, id, "李明") == Refused(NotFound, "core.not_found", {})
    boss = actor_of(make_administrator())
    assert refusal_of(come, draft.id, "李明", actor=boss) == Refused(RuleBroken, "registration.draft", {})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "\u200b\x00 \u2060"}, "person.name"),
        ({"name": "长" * 10_000}, "person.name"),
        ({"phone": "12345"}, "person.phone"),
        ({"email": "nobody"}, "registration.email"),
        ({"email": "a\r\nBcc: all@example.org@example.org"}, "registration.email"),
        ({"email": f"{'a' * 300}@example.org"}, "registration.email"),
        ({"email": ""}, "registration.contact"),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(app: Flask, values: dict[str, Any], code: str) -> None:
    occurrence = make_occurrence()
    given = {"name": "李明", "email": "li@example.org", **values}
    assert refusal_of(come, occurrence.id, **given).code == code
    assert counters(occurrence.id) == (0, 0)


def test_hostile_names_are_kept_without_what_cannot_be_seen(app: Flask) -> None:
    occurrence = make_occurrence()
    row = come(occurrence.id, "=HYPERLINK\u200b(\x00\u202e1)", email="li@example.org", submit_key="k")
    assert queries.whole_registration(row.id).person.name == "=HYPERLINK(1)"


# ---- withdrawing


def test_a_withdrawal_promotes_the_next_in_line_and_tells_both(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    first, second, third = (come(occurrence.id, name) for name in ("李明", "王芳", "张伟"))
    gone = services.withdraw(first.id, actor=ANYBODY, code=codes.code_of(first.id), now=NOON + HOUR)
    assert (gone.state, gone.revision, gone.changed_at) == (WITHDRAWN, 2, NOON + HOUR)
    assert seats(occurrence.id) == [(1, WITHDRAWN), (2, CONFIRMED), (3, WAITING)]
    assert counters(occurrence.id) == (1, 3)
    assert queries.position(queries.whole_registration(third.id)) == 1
    assert letters() == [
        (f"registered:{first.id}", "cancelled"),
        (f"waiting:{second.id}", "cancelled"),
        (f"waiting:{third.id}", "due"),
        (f"withdrawn:{first.id}", "due"),
        (f"promoted:{second.id}", "due"),
    ]


def test_a_withdrawal_twice_is_harmless(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    first, second = (come(occurrence.id, name) for name in ("李明", "王芳"))
    for at in (NOON, NOON + HOUR, NOON + 100 * DAY):
        row = services.withdraw(first.id, actor=ANYBODY, code=codes.code_of(first.id), now=at)
        assert (row.state, row.changed_at, row.revision) == (WITHDRAWN, NOON, 2)
    assert counters(occurrence.id) == (1, 2)
    assert [name for name, _ in letters()].count(f"promoted:{second.id}") == 1


def test_who_waits_and_withdraws_frees_no_seat(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    first, second, third = (come(occurrence.id, name) for name in ("李明", "王芳", "张伟"))
    services.withdraw(second.id, actor=ANYBODY, code=codes.code_of(second.id), now=NOON)
    assert seats(occurrence.id) == [(1, CONFIRMED), (2, WITHDRAWN), (3, WAITING)]
    services.withdraw(first.id, actor=ANYBODY, code=codes.code_of(first.id), now=NOON)
    assert seats(occurrence.id) == [(1, WITHDRAWN), (2, WITHDRAWN), (3, CONFIRMED)]
    assert third.line == 3


def test_only_its_holder_withdraws_a_registration(app: Flask) -> None:
    occurrence = make_occurrence()
    account, stranger = make_account("李明"), actor_of(make_account("王芳"))
    own = come(occurrence.id, "李明", actor=actor_of(account), submit_key="a")
    free = come(occurrence.id, "张伟", submit_key="b")
    nobody = Refused(NotFound, "core.not_found", {})
    assert refusal_of(services.withdraw, own.id, actor=stranger, now=NOON) == nobody
    assert refusal_of(services.withdraw, own.id, actor=ANYBODY, code=codes.code_of(own.id), now=NOON) == nobody
    assert refusal_of(services.withdraw, free.id, actor=stranger, now=NOON) == nobody
    assert refusal_of(services.withdraw, free.id, actor=ANYBODY, code=codes.code_of(own.id), now=NOON) == nobody
    assert refusal_of(services.withdraw, 999_999, actor=ANYBODY, now=NOON) == nobody
    assert services.withdraw(own.id, actor=actor_of(account), now=NOON).state is WITHDRAWN


def test_after_the_end_the_list_is_a_record(app: Flask) -> None:
    occurrence = make_occurrence()
    row = come(occurrence.id, "李明")
    refused = refusal_of(services.withdraw, row.id, actor=ANYBODY, code=codes.code_of(row.id), now=occurrence.ends_at)
    assert refused == Refused(RuleBroken, "registration.over", {"ends_at": occurrence.ends_at})


def test_a_seat_in_something_cancelled_is_no_good_news(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    first, second = (come(occurrence.id, name) for name in ("李明", "王芳"))
    db.session.get(Occurrence, occurrence.id).status = Status.CANCELLED
    db.session.commit()
    services.withdraw(first.id, actor=ANYBODY, code=codes.code_of(first.id), now=NOON)
    assert seats(occurrence.id) == [(1, WITHDRAWN), (2, CONFIRMED)]
    assert f"promoted:{second.id}" not in [name for name, _ in letters()]


# ---- organisers


def test_an_organizer_takes_somebody_off_for_a_reason_that_they_are_told(app: Flask) -> None:
    unit = make_unit()
    occurrence = make_occurrence(edition=make_edition(series=make_series(unit=unit)), capacity=1)
    first, second = (come(occurrence.id, name) for name in ("李明", "王芳"))
    organizer = make_organizer(unit)
    services.withdraw_by_organizer(first.id, reason=" 重复\n报名 ", actor=actor_of(organizer), now=NOON)
    assert seats(occurrence.id) == [(1, WITHDRAWN), (2, CONFIRMED)]
    letter = db.session.scalars(select(Message).where(Message.dedupe == f"withdrawn:{first.id}")).one()
    assert letter.context["reason"] == "重复 报名"
    record = db.session.scalars(select(AuditRecord)).one()
    assert (record.verb, record.account_id, record.details) == (
        "registration.withdrawn_by_organizer",
        organizer.id,
        {"registration_id": first.id, "line": 1, "reason": "重复 报名"},
    )
    for words in ("", " \u200b ", "长" * 201):
        refused = refusal_of(
            services.withdraw_by_organizer, second.id, reason=words, actor=actor_of(organizer), now=NOON
        )
        assert refused == Refused(RuleBroken, "registration.reason", {"most": 200})


def test_another_district_learns_nothing(app: Flask) -> None:
    occurrence = make_occurrence()
    row = come(occurrence.id, "李明")
    for stranger in (actor_of(make_organizer(make_unit())), actor_of(make_account()), ANYBODY):
        nobody = Refused(NotFound, "core.not_found", {})
        assert refusal_of(services.withdraw_by_organizer, row.id, reason="x", actor=stranger, now=NOON) == nobody
        assert refusal_of(services.set_capacity, occurrence.id, 9, actor=stranger, now=NOON) == nobody
        assert refusal_of(services.record_export, occurrence.id, reason="x", actor=stranger, now=NOON) == nobody
    judge = make_account("评委")
    make_grant(judge, Role.MENTOR, unit_id=occurrence.unit_id)
    assert refusal_of(services.set_capacity, occurrence.id, 9, actor=actor_of(judge), now=NOON).kind is NotFound
    assert Forbidden is not NotFound


def test_more_places_go_to_those_who_wait_in_their_order(app: Flask) -> None:
    occurrence = make_occurrence(capacity=1)
    rows = [come(occurrence.id, f"客{n}") for n in range(5)]
    boss = actor_of(make_administrator())
    assert services.set_capacity(occurrence.id, 3, actor=boss, now=NOON) == 2
    assert [state for _, state in seats(occurrence.id)] == [CONFIRMED] * 3 + [WAITING] * 2
    db.session.refresh(occurrence)
    assert (occurrence.capacity, occurrence.taken, occurrence.revision, occurrence.changed_at) == (3, 3, 2, NOON)
    assert services.set_capacity(occurrence.id, 3, actor=boss, now=NOON) == 0
    assert services.set_capacity(occurrence.id, None, actor=boss, now=NOON) == 2
    assert counters(occurrence.id) == (5, 5)
    promoted = [name for name, _ in letters() if name.startswith("promoted:")]
    assert promoted == [f"promoted:{row.id}" for row in rows[1:]]
    assert [record.details for record in db.session.scalars(select(AuditRecord).order_by(AuditRecord.n))] == [
        {"before": 1, "after": 3, "promoted": 2},
        {"before": 3, "after": None, "promoted": 2},
    ]


def test_places_cannot_be_fewer_than_those_who_have_one(app: Flask) -> None:
    occurrence = make_occurrence(capacity=5)
    for n in range(3):
        come(occurrence.id, f"客{n}")
    boss = actor_of(make_administrator())
    refused = refusal_of(services.set_capacity, occurrence.id, 2, actor=boss, now=NOON)
    assert refused == Refused(RuleBroken, "event.capacity_below_taken", {"taken": 3})
    for wrong in (0, -1, 1_000_001):
        assert refusal_of(services.set_capacity, occurrence.id, wrong, actor=boss, now=NOON).code == "event.capacity"
    assert services.set_capacity(occurrence.id, 3, actor=boss, now=NOON) == 0
    assert come(occurrence.id, "王芳").state is WAITING


# ---- what watches over it


def test_a_broken_counter_is_found(app: Flask) -> None:
    sound, broken = make_occurrence(), make_occurrence()
    come(sound.id, "李明")
    come(broken.id, "李明")
    assert queries.broken_counters() == []
    db.session.get(Occurrence, broken.id).taken = 3
    db.session.commit()
    assert queries.broken_counters() == [queries.BrokenCounter(broken.id, 3, 1)]


def test_what_stood_in_the_way_a_moment_ago_asks_to_try_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    occurrence = make_occurrence()
    # What the statement saw at its start, a duplicate, was withdrawn before we could look for the reason.
    monkeypatch.setattr(services, "allocate", lambda *args, **values: None)
    assert refusal_of(come, occurrence.id, "李明").kind is Busy


def test_codes_name_one_registration_and_no_other(app: Flask) -> None:
    ids = [1, 2, 165, 2**31 - 1]
    made = [codes.code_of(id) for id in ids]
    assert [codes.id_of(code) for code in made] == ids
    assert len(set(made)) == 4
    assert {len(code) for code in made} == {34}
    for wrong in (
        "",
        "a",
        made[0][:-1],
        made[0].upper(),
        made[0][:26] + made[1][26:],
        "a" * 34,
        made[0] + "a",
        "ü" * 34,
    ):
        assert codes.id_of(wrong) is None
    changed = [code[:n] + ("a" if code[n] != "a" else "b") + code[n + 1 :] for code in made for n in range(34)]
    assert {codes.id_of(code) for code in changed} == {None}


def test_codes_depend_on_the_secret_key(app: Flask) -> None:
    before, here = codes.code_of(1), installation()
    other = replace(here.settings, secret_key="another secret of at least thirty-two characters")
    app.extensions["kexie"] = replace(here, settings=other)
    try:
        assert (codes.code_of(1) != before, codes.id_of(before)) == (True, None)
    finally:
        app.extensions["kexie"] = here


def actors_see(actor: Actor) -> list[str]:
    return [row.person.name for row, _ in queries.of_actor(actor)]


def test_one_sees_what_one_filed_and_what_was_filed_for_one(app: Flask) -> None:
    account, other = make_account("李明"), make_account("王芳")
    occurrence = make_occurrence()
    come(occurrence.id, "李明", actor=actor_of(account), submit_key="a")
    come(occurrence.id, "李小明", actor=actor_of(account), submit_key="b")
    come(occurrence.id, "张伟", submit_key="c")
    assert [actors_see(actor_of(one)) for one in (account, other)] == [["李明", "李小明"], []]
    assert actors_see(ANYBODY) == []


def test_a_letter_goes_to_the_address_given_for_this_registration(app: Flask) -> None:
    """Also when the person was known before, by phone alone or with another address."""
    first, second = make_occurrence(), make_occurrence()
    common = {"name": "李明", "phone": "13800138000", "actor": ANYBODY, "arrived_at": NOON}
    services.register(first.id, submit_key="a", **common)
    services.register(second.id, submit_key="b", email="li@example.org", **common)
    rows = db.session.execute(select(Message.about, Message.address).order_by(Message.id)).all()
    assert [tuple(row) for row in rows] == [
        (f"occurrence:{first.id}", ""),
        (f"occurrence:{second.id}", "li@example.org"),
    ]
