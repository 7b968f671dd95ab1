"""What visitors see of a campaign: a list, counts for its filters, points for its map. Each is one query."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, null, or_, select
from sqlalchemy.orm import contains_eager

from ...core.access import Actor, visible
from ...core.db import constant, db
from ...core.errors import NotFound
from ...events.models import Edition, Occurrence, Series
from ...events.rules import Publication
from ...units.models import Region, Unit
from ..models import Site
from ..rules import CampaignTerms
from .desk import WITH_SITES, terms_of

Rows = Select[*tuple[Any, ...]]


def public_edition(edition_id: int, actor: Actor) -> tuple[Edition, CampaignTerms]:
    """A campaign that the actor may see, with series and unit, and its terms. Two queries. Raises: NotFound."""
    query = (
        select(Edition)
        .join(Edition.series)
        .join(Edition.unit)
        .options(contains_eager(Edition.series), contains_eager(Edition.unit))
        .where(Edition.id == edition_id, visible(Edition, actor), Series.kind.in_(WITH_SITES))
    )
    edition = db.session.scalar(query)
    if edition is None:
        raise NotFound()
    return edition, terms_of(edition)


def _public(edition_id: int) -> ColumnElement[bool]:
    """What is passed and published; on a public page organisers too see what everybody sees."""
    return and_(
        Site.edition_id == edition_id,
        # The same edition: said twice, so that of all dates only its own are read.
        Occurrence.edition_id == edition_id,
        Occurrence.publication == constant(Publication.PUBLISHED),
    )


@dataclass(frozen=True)
class Wanted:
    """Filters from the address; what is empty narrows nothing. ``box``: south, west, north, east in degrees."""

    day: date | None = None
    region: str = ""
    category: str = ""
    text: str = ""
    box: tuple[float, float, float, float] | None = None

    def conditions(self, *, but: str = "") -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.day and but != "day":
            found.append(Site.starts_on == self.day)
        if self.region and but != "region":
            found.append(Region.slug == self.region)
        if self.category and but != "category":
            found.append(Site.category == self.category)
        if self.text:
            found.append(or_(*(column.icontains(self.text, autoescape=True) for column in (Site.name, Site.place))))
        if self.box:
            south, west, north, east = self.box
            found += [Site.latitude.between(south, north), Site.longitude.between(west, east)]
        return found


@dataclass(frozen=True)
class Facets:
    """How many activities each filter leaves: by day, by region (slug, name, count), by category."""

    total: int
    days: list[tuple[date, int]]
    regions: list[tuple[str, str, int]]
    categories: list[tuple[str, int]]
    changed_at: datetime | None = None  # the last change of any of them


def facets(edition_id: int) -> Facets:
    """Of the whole campaign, so that a count does not depend on what else is chosen. One query."""
    which = func.grouping(Site.starts_on, Site.region_id, Site.category)
    counted = (
        select(
            which.label("which"), Site.starts_on, Site.region_id, Site.category, func.count().label("count"),
            func.max(Site.changed_at).label("site_at"), func.max(Occurrence.changed_at).label("held_at"),
        )
        .join(Occurrence, Occurrence.id == Site.occurrence_id)
        .where(_public(edition_id))
        .group_by(func.grouping_sets(Site.starts_on, Site.region_id, Site.category))
        .subquery("counted")
    )  # fmt: skip
    query = select(
        counted.c.which, counted.c.starts_on, Region.slug, Region.name, Region.code, counted.c.region_id,
        counted.c.category, counted.c.count, counted.c.site_at, counted.c.held_at,
    ).outerjoin(Region, Region.id == counted.c.region_id)  # fmt: skip
    stamps: list[datetime] = []
    days, regions, categories = [], [], []
    for kind, day, slug, name, code, region_id, category, count, *changed in db.session.execute(query):
        match kind:
            case 3:
                days.append((day, count))
            case 5:
                if region_id is not None:
                    regions.append(((code or "999999", region_id), (slug, name, count)))
            case _:
                categories.append((category, count))
                stamps += changed
    total = sum(count for _, count in categories)  # each activity has exactly one
    stamp = max(stamps, default=None)
    return Facets(total, sorted(days), [row for _, row in sorted(regions)], sorted(categories), stamp)


def listed(edition_id: int, wanted: Wanted, *, per_page: int, number: int) -> list[Any]:
    """Columns of Site with ``unit`` and ``region`` (names) and the occurrence's ``status``, by day and time; ``total``
    is their number in all, None when nothing was narrowed, which ``facets`` counts. One query."""
    narrowed = wanted.conditions()
    query: Rows = (
        select(
            Site.occurrence_id, Site.name, Site.starts_at, Site.starts_on, Site.all_day, Site.place, Site.category,
            Site.audience, Site.contact_public, Site.contact_name, Site.contact_phone, Site.link,
            Unit.name.label("unit"), Region.name.label("region"), Occurrence.status,
            (func.count().over() if narrowed else null()).label("total"),
        )
        .join(Occurrence, Occurrence.id == Site.occurrence_id)
        .join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Region, Region.id == Site.region_id)
        .where(_public(edition_id), *narrowed)
        .order_by(Site.starts_on, Site.starts_at, Site.id)
        .limit(per_page)
        .offset((number - 1) * per_page)
    )  # fmt: skip
    return list(db.session.execute(query))


@dataclass(frozen=True)
class Point:
    """An activity on the map."""

    occurrence_id: int
    name: str
    latitude: float
    longitude: float
    region: str  # slug; "" without one
    region_name: str


def points(edition_id: int, wanted: Wanted, most: int = 10_000) -> list[Point]:
    """Those that have a place on the map. One query, columns only."""
    query: Rows = (
        select(
            Site.occurrence_id, Site.name, Site.latitude, Site.longitude, func.coalesce(Region.slug, ""),
            func.coalesce(Region.name, ""),
        )
        .join(Occurrence, Occurrence.id == Site.occurrence_id)
        .outerjoin(Region, Region.id == Site.region_id)
        .where(_public(edition_id), Site.latitude.is_not(None), *wanted.conditions())
        .order_by(Region.code, Site.id)
        .limit(most)
    )  # fmt: skip
    return [Point(*row) for row in db.session.execute(query)]


def public_count(edition_id: int) -> int:
    """How many activities of a campaign everybody sees."""
    query = select(func.count()).select_from(Site).join(Occurrence, Occurrence.id == Site.occurrence_id)
    return db.session.scalar(query.where(_public(edition_id))) or 0
