from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import ANYBODY, SYSTEM, Actor
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from kexie_events.core.workdays import DayKind
from kexie_events.days import queries, services
from kexie_events.days.models import DayRuling, YearRuling
from kexie_events.days.rules import ANNOUNCED, Flag, FlagKind, Ruled, Ruling, Spanned, Step
from tests.build import NOON, actor_of, make_administrator, make_organizer, make_unit
from tests.conftest import AtOnce
from tests.queries import counted

MONDAY, TUESDAY = date(2150, 3, 16), date(2150, 3, 17)
OFF, WORKED = Ruled(Ruling.OFF, "校庆", "校历"), Ruled(Ruling.WORKING)
JULY = Spanned(date(2150, 7, 7), date(2150, 7, 9), "招考日程")


def enter(*steps: Step, actor: Actor = SYSTEM) -> None:
    services.enter(steps, actor=actor, now=NOON)


def held() -> tuple[Mapping[Any, Any], Mapping[Any, Any]]:
    found = queries.entered_of(2150)
    return found.days, found.years


def recorded() -> list[AuditRecord]:
    return list(db.session.scalars(select(AuditRecord).where(AuditRecord.chain == "days").order_by(AuditRecord.n)))


def test_days_and_named_days_are_entered_together_and_written_down(app: Flask) -> None:
    admin = actor_of(make_administrator())
    enter(Step(MONDAY, None, OFF), Step(("gaokao", 2150), None, JULY), actor=admin)
    assert held() == ({MONDAY: OFF}, {("gaokao", 2150): JULY})
    [record] = recorded()
    assert (record.verb, record.account_id) == ("days.entered", admin.account_id)
    assert record.details == {
        "steps": [
            {"at": "2150-03-16", "before": None, "after": {"kind": "off", "words": "校庆", "source": "校历"}},
            {
                "at": "gaokao/2150", "before": None,
                "after": {"from": "2150-07-07", "to": "2150-07-09", "source": "招考日程"},
            },
        ]
    }  # fmt: skip


def test_an_entry_is_corrected_and_taken_away(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF))
    enter(Step(MONDAY, OFF, WORKED))
    assert held()[0] == {MONDAY: WORKED}
    enter(Step(MONDAY, WORKED, None))
    assert held()[0] == {}


@pytest.mark.parametrize("who", ["organizer", "anybody"])
def test_only_an_administrator_says_what_kind_of_day_it_is(app: Flask, who: str) -> None:
    actor = actor_of(make_organizer(make_unit())) if who == "organizer" else ANYBODY
    enter(Step(MONDAY, None, OFF))
    with pytest.raises(Forbidden):
        enter(Step(TUESDAY, None, OFF), actor=actor)
    with pytest.raises(Forbidden):
        services.undo(recorded()[0].id, actor=actor, now=NOON)
    assert held()[0] == {MONDAY: OFF}


def test_what_somebody_else_has_entered_meanwhile_is_not_overwritten(app: Flask) -> None:
    enter(Step(MONDAY, None, WORKED))
    with pytest.raises(Conflict) as refused:
        enter(Step(TUESDAY, None, OFF), Step(MONDAY, None, OFF))
    assert refused.value.code == "days.changed_meanwhile"
    assert held()[0] == {MONDAY: WORKED}
    assert len(recorded()) == 1


def test_the_same_sent_twice_is_one_thing(app: Flask) -> None:
    for _ in range(2):
        enter(Step(MONDAY, None, OFF))
    assert (held()[0], len(recorded())) == ({MONDAY: OFF}, 1)


def test_what_cannot_be_meant_changes_nothing(app: Flask) -> None:
    with pytest.raises(RuleBroken):
        enter(Step(MONDAY, None, OFF), Step(date(2300, 1, 1), None, OFF))
    assert held()[0] == {}


def test_a_change_is_undone_and_the_undoing_too(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF))
    enter(Step(MONDAY, OFF, WORKED), Step(("gaokao", 2150), None, JULY))
    services.undo(recorded()[1].id, actor=SYSTEM, now=NOON)
    assert held() == ({MONDAY: OFF}, {})
    services.undo(recorded()[1].id, actor=SYSTEM, now=NOON)  # pressed twice
    assert [(row.verb, row.details.get("of")) for row in recorded()] == [
        ("days.entered", None), ("days.entered", None), ("days.undone", 2),
    ]  # fmt: skip
    services.undo(recorded()[2].id, actor=SYSTEM, now=NOON)
    assert held() == ({MONDAY: WORKED}, {("gaokao", 2150): JULY})


def test_a_change_over_which_others_have_written_is_not_undone(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF), Step(TUESDAY, None, OFF))
    enter(Step(MONDAY, OFF, WORKED))
    with pytest.raises(Conflict) as refused:
        services.undo(recorded()[0].id, actor=SYSTEM, now=NOON)
    assert refused.value.code == "days.undo_changed"
    assert held()[0] == {MONDAY: WORKED, TUESDAY: OFF}


def test_only_changes_of_days_are_undone(app: Flask) -> None:
    with pytest.raises(NotFound):
        services.undo(4711, actor=SYSTEM, now=NOON)


def test_flags_and_overrides_ask_once_however_many_days(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF), Step(("gaokao", 2150), None, JULY))
    days = [date(2150, 1, 1) + timedelta(days=n) for n in range(400)]
    with counted() as statements:
        found = queries.flags(days)
    assert (len(statements), len(found)) == (1, 400)
    assert found[MONDAY] == (Flag(FlagKind.HOLIDAY, "校庆"),)
    assert [flag.kind for flag in found[date(2150, 7, 8)]] == [FlagKind.EXAM, FlagKind.NOT_ANNOUNCED]
    with counted() as statements:
        assert queries.overrides(days[0], days[-1]) == {MONDAY: DayKind.OFF}
    assert len(statements) == 1
    with counted() as statements:
        assert queries.flags([]) == {}
    assert statements == []


def test_a_year_entered_whole_answers_for_each_of_its_days(app: Flask) -> None:
    enter(Step((ANNOUNCED, 2150), None, Spanned(date(2150, 1, 1), date(2150, 12, 31))), Step(MONDAY, None, OFF))
    found = queries.overrides(date(2150, 3, 14), date(2150, 3, 17))
    assert list(found.values()) == [DayKind.OFF, DayKind.OFF, DayKind.OFF, DayKind.WORKING]
    assert queries.flags([TUESDAY]) == {TUESDAY: ()}


def test_the_history_names_who_did_it(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF), actor=actor_of(make_administrator()))
    enter(Step(MONDAY, OFF, None))
    assert [(done.who, done.steps) for done in queries.latest(5)] == [
        ("", (Step(MONDAY, OFF, None),)), ("管理员", (Step(MONDAY, None, OFF),)),
    ]  # fmt: skip


def test_the_database_itself_refuses_a_day_twice_and_dates_outside_their_year(app: Flask) -> None:
    enter(Step(MONDAY, None, OFF))
    for row, name in (
        (DayRuling(day=MONDAY, kind=Ruling.OFF, changed_at=NOON), "uq_day_ruling_day"),
        (
            YearRuling(key="gaokao", year=2150, first_on=date(2150, 7, 2), last_on=date(2150, 7, 1), changed_at=NOON),
            "ck_year_ruling_order",
        ),
        (
            YearRuling(key="gaokao", year=2150, first_on=date(2150, 7, 1), last_on=date(2151, 7, 1), changed_at=NOON),
            "ck_year_ruling_year",
        ),
    ):
        db.session.add(row)
        with pytest.raises(IntegrityError, match=name):
            db.session.flush()
        db.session.rollback()


@pytest.mark.race
def test_of_two_who_enter_the_same_day_at_once_one_is_told(app: Flask, at_once: AtOnce) -> None:
    for n in range(5):
        day = MONDAY + timedelta(days=n)
        answers = at_once(
            [
                lambda day=day, words=words: enter(Step(day, None, Ruled(Ruling.OFF, words)))
                for words in ("一", "二", "三", "四")
            ]
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 3 + ["NoneType"]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(DayRuling)) == 5
    assert [row.n for row in recorded()] == [1, 2, 3, 4, 5]
