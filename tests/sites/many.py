"""A whole 科普日: as many public activities of as many districts as asked for, written past the services."""

import uuid
from datetime import timedelta

from sqlalchemy import insert

from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.sites.models import Site
from kexie_events.sites.rules import DEFAULT_CATEGORIES, Located, SiteState
from tests.build import DAY, HOUR, NOON, make_region, make_unit

from .ground import Ground


def grow(ground: Ground, count: int, districts: int = 40) -> None:
    """Three days, all categories, a city of two degrees; one in three has been reported."""
    units = []
    for n in range(districts):
        region = make_region(name=f"第{n}区", code=f"5002{n:02}", slug=f"5002{n:02}")
        units.append(make_unit(parent=ground.city, name=f"第{n}区科协", region_id=region.id))
    occurrences, sites = [], []
    for n in range(count):
        unit, starts_at = units[n % districts], NOON - timedelta(days=n % 3 + 1, hours=n % 8)
        occurrences.append(
            {
                "uid": str(uuid.uuid4()), "edition_id": ground.edition.id, "series_id": ground.edition.series_id,
                "unit_id": unit.id, "title": f"活动{n}", "starts_at": starts_at, "ends_at": starts_at + 2 * HOUR,
                "publication": Publication.PUBLISHED, "status": Status.SCHEDULED, "revision": 1, "changed_at": NOON,
            }
        )  # fmt: skip
        sites.append(
            {
                "key": uuid.uuid4().hex, "edition_id": ground.edition.id, "series_id": ground.edition.series_id,
                "unit_id": unit.id, "name": f"活动{n}", "starts_at": starts_at, "ends_at": starts_at + 2 * HOUR,
                "starts_on": (starts_at + 8 * HOUR).date(), "category": DEFAULT_CATEGORIES[n % 7].code,
                "place": f"{n}号楼", "region_id": unit.region_id, "latitude": 28.5 + (n * 7919 % 2000) / 1000,
                "longitude": 105.5 + (n * 104729 % 4000) / 1000, "located": Located.EXACT, "state": SiteState.PASSED,
                "on_site": n % 300, "reported_at": NOON if n % 3 == 0 else None, "revision": 1,
                "changed_at": NOON - DAY,
            }
        )  # fmt: skip
    ids = db.session.scalars(
        insert(Occurrence).returning(Occurrence.id, sort_by_parameter_order=True), occurrences
    ).all()
    db.session.execute(insert(Site), [{**site, "occurrence_id": id} for site, id in zip(sites, ids, strict=True)])
    db.session.commit()
