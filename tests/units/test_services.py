import csv
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from kexie_events.core.access import SYSTEM
from kexie_events.core.errors import RuleBroken
from kexie_events.units import queries, services
from kexie_events.units.rules import UnitKind, in_force
from tests.build import NOON

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
    assert queries.units_in_force(date(2025, 11, 5)) == [city, district]
    assert queries.units_in_force(date(2025, 11, 6)) == [city]


def test_two_units_never_share_an_address(app: Flask) -> None:
    services.add_unit("甲", UnitKind.SOCIETY, slug="same", **BY)
    with pytest.raises(RuleBroken, match="unit.slug_taken"):
        services.add_unit("乙", UnitKind.SOCIETY, slug="same", **BY)
