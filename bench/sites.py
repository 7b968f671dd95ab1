"""A campaign held at 2,000 sites of 40 districts: its public list and map, the desk's board, the roll-up."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication
from kexie_events.sites.models import Site
from kexie_events.sites.rules import DEFAULT_CATEGORIES, Located, SiteState
from kexie_events.units.models import Unit

from . import seed
from .ground import House, page_ms
from .table import Row

PAGE_MS, MOST_SQL, SITES = 20, 6, 2_000


def rows(house: House, city: seed.City, scale: float) -> Iterator[Row]:
    size = max(5, int(SITES * scale))
    with house.app.app_context():
        campaign, organizer = add_campaign(city, size), seed.organizer(city)
    house.settle()
    with house.web() as web:
        web.await_page()
        for work, path, cookies in (
            ("list", f"/editions/{campaign}/sites", None),
            ("map", f"/editions/{campaign}/sites/map", None),
            ("roll-up by district", f"/manage/editions/{campaign}/sites/figures", organizer),
            ("board of those who check", f"/manage/editions/{campaign}/sites", organizer),
        ):
            took = page_ms(web.port, path, times=house.times(60), cookies=cookies)
            sql = house.statements_of(path, cookies=cookies)
            yield Row(
                f"campaign of {size:,} sites: {work}", f"{took:.1f} ms", str(sql), f"{PAGE_MS} ms, {MOST_SQL} SQL",
                took <= PAGE_MS and sql <= MOST_SQL,
            )  # fmt: skip


def add_campaign(city: seed.City, size: int) -> int:
    """A published edition whose sites were all passed, over three days and all kinds; its id."""
    shared = {"unit_id": city.root, "publication": Publication.PUBLISHED, "changed_at": city.now}
    (series,) = seed.add_all(Series, [{"slug": "campaign", "name": "全国科普日", "kind": Kind.CAMPAIGN, **shared}])
    number = {"number": city.now.year, "style": Style.YEAR, "year": city.now.year}
    (edition,) = seed.add_all(Edition, [{"series_id": series, **number, **shared}])
    regions = {unit: region for unit, region in db.session.execute(select(Unit.id, Unit.region_id))}
    held = [_held(city, series, edition, n) for n in range(size)]
    made = seed.add_all(Occurrence, [{**row, "title": f"活动{n}"} for n, row in enumerate(held)])
    seed.add_all(
        Site,
        [
            {**row, **_declared(n), "starts_on": row["starts_at"].date(), "region_id": regions[row["unit_id"]],
             "occurrence_id": occurrence, "state": SiteState.PASSED}
            for n, (row, occurrence) in enumerate(zip(_without_publication(held), made, strict=True))
        ],
    )  # fmt: skip
    return edition


def _held(city: seed.City, series: int, edition: int, n: int) -> dict[str, Any]:
    starts_at = city.now + timedelta(days=20 + n % 3, hours=n % 8)
    return {
        "edition_id": edition, "series_id": series, "unit_id": city.units[n % len(city.units)],
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "revision": 1, "changed_at": city.now,
        "publication": Publication.PUBLISHED,
    }  # fmt: skip


def _without_publication(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "publication"} for row in rows]


def _declared(n: int) -> dict[str, Any]:
    """A city of two degrees by four."""
    return {
        "key": uuid.uuid4().hex, "name": f"活动{n}", "category": DEFAULT_CATEGORIES[n % 7].code, "place": f"{n}号楼",
        "latitude": 28.5 + (n * 7919 % 2000) / 1000, "longitude": 105.5 + (n * 104729 % 4000) / 1000,
        "located": Located.EXACT,
    }  # fmt: skip
