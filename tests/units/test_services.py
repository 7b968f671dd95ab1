import csv
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM, Action
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, RuleBroken
from kexie_events.units import queries, rules, services
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind, in_force
from tests.build import NOON, actor_of, make_organizer, make_unit
from tests.conftest import AtOnce

REGIONS = Path("kexie_events/demo/data/regions.csv")
BY = {"actor": SYSTEM, "now": NOON}


@pytest.mark.parametrize(
    ("day", "there"),
    [(date(2025, 11, 5), True), (date(2025, 11, 6), False)],
)
def test_the_last_day_of_a_district_is_the_day_before_it_ends(day, there) -> None:
    assert in_force(None, date(2025, 11, 6), day) is there


def test_chongqing_has_37_districts_and_counties_since_november_2025(app: Flask) -> None:
    services.import_regions(csv.DictReader(REGIONS.read_text(encoding="utf-8").splitlines()), **BY)
    services.import_regions(csv.DictReader(REGIONS.read_text(encoding="utf-8").splitlines()), **BY)
    now = queries.regions_in_force(date(2026, 3, 11))
    before = queries.regions_in_force(date(2025, 3, 11))
    counties = ("区", "县", "自治县")
    assert len([region for region in now if region.kind in counties]) == 37
    assert len([region for region in before if region.kind in counties]) == 38
    assert {"江北区", "渝北区"} <= {region.name for region in before} - {region.name for region in now}
    assert next(region for region in now if region.name == "两江新区").code is None


def test_a_closed_unit_cannot_be_chosen_any_more(app: Flask) -> None:
    city = services.add_unit("市科协", UnitKind.ASSOCIATION, slug="city", **BY)
    district = services.add_unit("江北区科协", UnitKind.ASSOCIATION, slug="jiangbei", parent_id=city.id, **BY)
    services.close_unit(district.id, on=date(2025, 11, 6), **BY)
    assert district.path == f"/{city.id}/{district.id}/"
    assert queries.units_for(SYSTEM, Action.MANAGE_UNITS, date(2025, 11, 5)) == [city, district]
    assert queries.units_for(SYSTEM, Action.MANAGE_UNITS, date(2025, 11, 6)) == [city]


def test_two_units_never_share_an_address(app: Flask) -> None:
    services.add_unit("甲", UnitKind.SOCIETY, slug="same", **BY)
    with pytest.raises(RuleBroken, match="unit.slug_taken"):
        services.add_unit("乙", UnitKind.SOCIETY, slug="same", **BY)


HEAD = dict.fromkeys(("slug", "name", "kind", "parent", "region", "valid_from", "valid_to"), "")


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"slug": "a", "name": "", "kind": "学校"}, "table.missing", "name"),
        ({"slug": "A b", "name": "甲", "kind": "学校"}, "table.unreadable", "slug"),
        ({"slug": "unit-5", "name": "甲", "kind": "学校"}, "table.unreadable", "slug"),
        ({"slug": "a", "name": "甲", "kind": "大学"}, "table.unreadable", "kind"),
        ({"slug": "a", "name": "甲", "kind": "学校", "valid_from": "2026-02-30"}, "table.unreadable", "valid_from"),
        (
            {"slug": "a", "name": "甲", "kind": "学校", "valid_from": "2026-02-01", "valid_to": "2026-02-01"},
            "table.unreadable",
            "valid_to",
        ),
        ({"slug": "a", "name": "甲", "kind": "学校", "region": "999999"}, "table.unknown", "region"),
        ({"slug": "a", "name": "甲", "kind": "学校", "parent": "a"}, "table.unknown", "parent"),
    ],
)
def test_a_bad_row_is_named_and_nothing_comes_in(app: Flask, row, code, column) -> None:
    root = {**HEAD, "slug": "root", "name": "市科协", "kind": "科协"}
    with pytest.raises(RuleBroken) as refused:
        services.import_units([root, {**HEAD, **row}], **BY)
    assert (refused.value.code, refused.value.details["line"], refused.value.details["column"]) == (code, 3, column)
    assert queries.units_for(SYSTEM, Action.MANAGE_UNITS, NOON.date()) == []


def test_a_unit_does_not_move_and_not_come_twice(app: Flask) -> None:
    city = services.add_unit("市科协", UnitKind.ASSOCIATION, slug="city", **BY)
    north = services.add_unit("北区科协", UnitKind.ASSOCIATION, slug="north", parent_id=city.id, **BY)
    services.add_unit("中学", UnitKind.SCHOOL, slug="school", parent_id=north.id, **BY)
    moved = {**HEAD, "slug": "school", "name": "中学", "kind": "学校", "parent": "city"}
    with pytest.raises(RuleBroken, match="table.moved"):
        services.import_units([moved], **BY)
    with pytest.raises(RuleBroken, match="table.twice"):
        services.import_units([{**moved, "parent": "north"}] * 2, **BY)
    done = services.import_units([{**moved, "parent": "north", "name": "一中"}], **BY)
    assert done == services.Imported(0, 1, 0)


def test_whoever_runs_a_unit_adds_below_and_does_not_change_what_they_are(app: Flask) -> None:
    city = services.add_unit("市科协", UnitKind.ASSOCIATION, slug="city", **BY)
    north = services.add_unit("北区科协", UnitKind.ASSOCIATION, slug="north", parent_id=city.id, **BY)
    by = {"actor": actor_of(make_organizer(north)), "now": NOON}
    school = services.add_unit("中学", UnitKind.SCHOOL, parent_id=north.id, **by)
    assert school.slug == f"unit-{school.id}"
    services.close_unit(school.id, on=date(2026, 9, 1), **by)
    assert services.reopen_unit(school.id, **by).valid_to is None
    with pytest.raises(Forbidden):
        services.add_unit("别处", UnitKind.SCHOOL, parent_id=city.id, **by)
    with pytest.raises(Forbidden):
        services.close_unit(north.id, on=date(2026, 9, 1), **by)
    with pytest.raises(Forbidden):
        services.change_unit(north.id, name="北区", kind=UnitKind.ASSOCIATION, region_id=None, valid_from=None, **by)


def test_the_topmost_unit_is_not_closed(app: Flask) -> None:
    city = services.add_unit("市科协", UnitKind.ASSOCIATION, slug="city", **BY)
    with pytest.raises(RuleBroken, match="unit.root"):
        services.close_unit(city.id, on=date(2026, 9, 1), **BY)


def test_every_change_of_a_unit_is_written_down(app: Flask) -> None:
    city = services.add_unit("市科协", UnitKind.ASSOCIATION, slug="city", **BY)
    school = services.add_unit("中学", UnitKind.SCHOOL, parent_id=city.id, **BY)
    same = {"name": "中学", "kind": UnitKind.SCHOOL, "region_id": None, "valid_from": None}
    services.change_unit(school.id, **same, **BY)
    services.change_unit(school.id, **{**same, "name": "一中"}, **BY)
    services.close_unit(school.id, on=date(2026, 9, 1), **BY)
    services.reopen_unit(school.id, **BY)
    rows = db.session.scalars(select(AuditRecord).where(AuditRecord.chain == f"unit:{school.id}")).all()
    assert [row.verb for row in rows] == ["unit.added", "unit.changed", "unit.closed", "unit.reopened"]
    assert (rows[1].details["before"]["name"], rows[1].details["after"]["name"]) == ("中学", "一中")


@pytest.mark.parametrize(("path", "above", "deep"), [("/1/", "/", 0), ("/1/12/", "/1/", 1), ("/1/12/7/", "/1/12/", 2)])
def test_what_stands_above_a_path(path: str, above: str, deep: int) -> None:
    assert (rules.path_above(path), rules.depth(path)) == (above, deep)


@pytest.mark.race
def test_of_two_who_take_the_same_address_at_once_one_gets_it_and_the_others_are_told(
    app: Flask, at_once: AtOnce
) -> None:
    root = make_unit()
    answers = at_once(
        [
            lambda n=n: (
                services.add_unit(f"学校{n}", UnitKind.SCHOOL, slug="no-8", parent_id=make_below(root.id), **BY).slug
            )
            for n in range(6)
        ]
    )
    told = [(answer.code, answer.details) for answer in answers if isinstance(answer, RuleBroken)]
    assert [answer for answer in answers if isinstance(answer, str)] == ["no-8"]
    assert told == [("unit.slug_taken", {"slug": "no-8"})] * 5
    assert [unit.name[:2] for unit in db.session.scalars(select(Unit).where(Unit.slug == "no-8"))] == ["学校"]


def make_below(root_id: int) -> int:
    """Parents of their own: the lock of one parent must not be what lets only one through."""
    return make_unit(parent=db.session.get_one(Unit, root_id)).id


@pytest.mark.race
def test_the_same_table_twice_at_once_makes_each_unit_and_region_once(app: Flask, at_once: AtOnce) -> None:
    root = {**HEAD, "slug": "root", "name": "市科协", "kind": "科协"}
    services.import_units([root], **BY)
    school = {**HEAD, "slug": "no-8", "name": "第八中学", "kind": "学校"}
    region = {"slug": "500103", "gb2260": "500103", "name": "渝中区", "kind": "区", "zone": "主城都市区"}
    imported = at_once([lambda: services.import_units([root, school], **BY)] * 6)
    assert sorted((done.added, done.same) for done in imported) == [(0, 2)] * 5 + [(1, 1)]
    regions = at_once([lambda: len(services.import_regions([region], **BY))] * 6)
    assert regions == [1] * 6
