"""A campaign of a city with two districts, a school in each, and people who act for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kexie_events.accounts.models import Account
from kexie_events.core.access import Actor
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition
from kexie_events.sites import services
from kexie_events.sites.models import Site
from kexie_events.sites.rules import Declaration
from kexie_events.units.models import Region, Unit
from kexie_events.units.rules import UnitKind
from tests.build import DAY, NOON, actor_of, make_edition, make_organizer, make_region, make_series, make_unit

ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = datetime(2026, 9, 19, 9, 0, tzinfo=ZONE)


@dataclass
class Ground:
    city: Unit
    north: Unit
    south: Unit
    school: Unit  # of the north
    region: Region
    edition: Edition
    accounts: dict[str, Account]  # city, north, south, school

    def actor(self, who: str) -> Actor:
        return actor_of(self.accounts[who])


def build(**edition: Any) -> Ground:
    city = make_unit(name="市科协")
    region = make_region(name="北区", slug="500101", code="500101", latitude=29.5, longitude=106.5)
    other = make_region(name="南区", slug="500102", code="500102", latitude=29.9, longitude=107.5)
    north = make_unit(parent=city, name="北区科协", region_id=region.id)
    south = make_unit(parent=city, name="南区科协", region_id=other.id)
    school = make_unit(parent=north, name="北区中学", kind=UnitKind.SCHOOL, region_id=region.id)
    series = make_series(unit=city, kind=Kind.CAMPAIGN, name="全国科普日")
    held = make_edition(series=series, **edition)
    accounts = {
        "city": make_organizer(city, "市科协"), "north": make_organizer(north, "北区"),
        "south": make_organizer(south, "南区"), "school": make_organizer(school, "学校"),
    }  # fmt: skip
    return Ground(city, north, south, school, region, held, accounts)


def declaration(name: str = "走进实验室", **values: Any) -> Declaration:
    starts_at = values.pop("starts_at", SATURDAY)
    defaults: dict[str, Any] = {
        "ends_at": starts_at + timedelta(hours=2), "all_day": False, "category": "lecture", "place": "学校礼堂",
    }  # fmt: skip
    return Declaration(**{"name": name, "starts_at": starts_at, **defaults, **values})


def add(ground: Ground, who: str = "school", unit: Unit | None = None, name: str = "走进实验室", **values: Any) -> Site:
    """An activity of the school, declared a day after NOON unless ``declare`` says otherwise."""
    declare = values.pop("declare", True)
    units = {"school": ground.school, "north": ground.north, "south": ground.south, "city": ground.city}
    return services.add(
        ground.edition.id, (unit or units[who]).id, declaration(name, **values), declare=declare,
        actor=ground.actor(who), now=NOON + DAY, zone=ZONE,
    )  # fmt: skip


def passed(ground: Ground, who: str = "school", **values: Any) -> Site:
    site = add(ground, who, **values)
    if site.waits_unit_id is not None:
        services.decide(
            ground.edition.id, {site.id: site.revision}, passes=True, actor=ground.actor("city"), now=NOON + DAY
        )
    return site
