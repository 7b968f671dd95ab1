from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import Action
from kexie_events.core.db import db
from kexie_events.units.models import Unit
from kexie_events.units.queries import units_for, units_in_force
from kexie_events.units.rules import in_force
from tests.build import actor_of, make_organizer, make_unit

DAY = date(2026, 3, 1)
AROUND = [None, *(DAY + timedelta(days=n) for n in (-1, 0, 1))]


@pytest.mark.parametrize("first", AROUND)
@pytest.mark.parametrize("until", AROUND)
def test_the_database_and_the_rule_say_the_same_of_who_is_in_force(
    app: Flask, first: date | None, until: date | None
) -> None:
    if first is not None and until is not None and until <= first:
        return
    unit = make_unit(valid_from=first, valid_to=until)

    def found(condition) -> bool:
        return db.session.scalar(select(Unit.id).where(Unit.id == unit.id, condition)) is not None

    assert found(Unit.in_force(DAY)) is in_force(first, until, DAY)
    assert found(Unit.over(DAY)) is (until is not None and until <= DAY)
    some = any(in_force(first, until, DAY + timedelta(days=n)) for n in range(3))
    assert found(Unit.in_force(DAY, DAY + timedelta(days=2))) is some


def test_units_to_choose_from_stand_in_the_order_of_the_tree(app: Flask) -> None:
    root = make_unit()
    below = [make_unit(parent=root) for _n in range(11)]  # "/1/10/" is before "/1/2/" as text
    make_unit(parent=root, valid_to=DAY)
    assert [unit.id for unit in units_in_force(DAY)] == [root.id, *(unit.id for unit in below)]
    actor = actor_of(make_organizer(below[0]))
    assert [unit.id for unit in units_for(actor, Action.PLAN, DAY)] == [below[0].id]
