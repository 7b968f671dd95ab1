import csv

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, RuleBroken
from kexie_events.worklist import queries, services
from kexie_events.worklist.models import WorkItem
from kexie_events.worklist.services import Imported
from tests.build import NOON, actor_of, make_organizer, make_unit
from tests.worklist.test_rules import LIST, ROW


def rows():
    return csv.DictReader(LIST.read_text(encoding="utf-8").splitlines())


def test_importing_twice_changes_nothing(app: Flask) -> None:
    unit = make_unit()
    first = services.import_list(2020, rows(), unit_id=unit.id, actor=SYSTEM, now=NOON)
    second = services.import_list(2020, rows(), unit_id=unit.id, actor=SYSTEM, now=NOON)
    assert (first, second) == (Imported(40, 0, 0), Imported(0, 0, 40))
    assert db.session.scalar(select(func.count()).select_from(AuditRecord)) == 1


def test_one_bad_row_and_nothing_is_imported(app: Flask) -> None:
    unit = make_unit()
    with pytest.raises(RuleBroken):
        services.import_list(2020, [ROW, {**ROW, "no": ""}], unit_id=unit.id, actor=SYSTEM, now=NOON)
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 0


def test_a_district_neither_imports_into_nor_sees_the_citys_list(app: Flask) -> None:
    city = make_unit()
    organizer = actor_of(make_organizer(make_unit(parent=city)))
    with pytest.raises(Forbidden):
        services.import_list(2020, rows(), unit_id=city.id, actor=organizer, now=NOON)
    services.import_list(2020, rows(), unit_id=city.id, actor=SYSTEM, now=NOON)
    assert queries.years(organizer) == []
    assert list(queries.sections(2020, actor_of(make_organizer(city)))) == [
        "学会学术10个重大活动",
        "科学普及10个重要事项",
        "阵地建设10个重头项目",
        "提升科协组织力10个重点举措",
    ]
