"""Figures of a campaign: by district, by kind of activity, by day; in the order of codes and days, never by size."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from ...core.access import Actor
from ...core.db import db
from ...events.models import Edition, Occurrence
from ...events.rules import Status
from ...units.models import Region, Unit
from ..models import Site
from ..rules import SiteState
from .desk import seen_in


@dataclass(frozen=True)
class Figures:
    """What stands in one row of the roll-up. People are those of the reports."""

    key: Any  # region's slug, category's code or day; None for all
    name: str
    declared: int = 0  # ever handed in and not withdrawn
    waiting: int = 0
    returned: int = 0
    passed: int = 0
    held: int = 0
    reported: int = 0
    on_site: int = 0
    online: int = 0
    volunteers: int = 0

    @property
    def people(self) -> int:
        return self.on_site + self.online

    @property
    def texts(self) -> list[str]:
        """The counts in their order, as a table shows them."""
        return [f"{getattr(self, name):,}" for name in COUNTS]


COUNTS = tuple(field.name for field in fields(Figures))[2:]


@dataclass(frozen=True)
class RollUp:
    """The same figures three ways, and their sum."""

    total: Figures
    regions: list[Figures]
    categories: list[Figures]
    days: list[Figures]


def figures(actor: Actor, edition: Edition, now: datetime) -> RollUp:
    """Of what the actor sees. One query."""
    handed_in = Site.state.in_((SiteState.DECLARED, SiteState.RETURNED, SiteState.PASSED))
    passed = Site.state == SiteState.PASSED
    held = and_(passed, Site.ends_at <= now, Occurrence.status == Status.SCHEDULED)
    reported = and_(passed, Site.reported_at.is_not(None))

    def count(condition: Any) -> Any:
        return func.count().filter(condition)

    def people(column: Any) -> Any:
        return func.coalesce(func.sum(column).filter(reported), 0)

    which = func.grouping(Site.region_id, Site.category, Site.starts_on)
    # Summed up first, named afterwards: a name for each of forty districts, not for each of thousands of rows.
    summed = (
        select(
            which.label("which"), Site.region_id, Site.category, Site.starts_on,
            count(handed_in).label("n0"), count(Site.waits_unit_id.is_not(None)).label("n1"),
            count(Site.state == SiteState.RETURNED).label("n2"), count(passed).label("n3"), count(held).label("n4"),
            count(reported).label("n5"), people(Site.on_site).label("n6"), people(Site.online).label("n7"),
            people(Site.volunteers).label("n8"),
        )
        .select_from(Site)
        .outerjoin(
            Occurrence, and_(Occurrence.id == Site.occurrence_id, Occurrence.edition_id == edition.id)
        )
        .where(seen_in(actor, edition))
        .group_by(func.grouping_sets(Site.region_id, Site.category, Site.starts_on))
        .subquery("summed")
    )  # fmt: skip
    query = select(
        summed.c.which, summed.c.region_id, Region.slug, Region.name, Region.code, summed.c.category,
        summed.c.starts_on, *(summed.c[f"n{n}"] for n in range(len(COUNTS))),
    ).outerjoin(Region, Region.id == summed.c.region_id)  # fmt: skip
    regions: list[tuple[Any, Figures]] = []
    categories: list[Figures] = []
    days: list[Figures] = []
    for kind, region_id, slug, name, code, category, day, *numbers in db.session.execute(query):
        values = [int(number) for number in numbers]
        match kind:
            case 3:
                regions.append(((code or "999999", region_id or 0), Figures(slug, name or "", *values)))
            case 5:
                categories.append(Figures(category, category, *values))
            case _:
                days.append(Figures(day, "", *values))
    regions.sort(key=lambda pair: pair[0])
    # Each declaration has exactly one kind.
    total = Figures(None, "", *(sum(getattr(row, name) for row in categories) for name in COUNTS))
    return RollUp(total, [row for _, row in regions], categories, sorted(days, key=lambda row: row.key))


def official_rows(actor: Actor, edition: Edition, *, state: SiteState | None = SiteState.PASSED) -> Sequence[Any]:
    """(Site, unit's name, region's name) of what the actor sees, in the order of districts, days and times."""
    query = (
        select(Site, Unit.name, Region.name)
        .join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Region, Region.id == Site.region_id)
        .where(seen_in(actor, edition))
        .order_by(case((Region.code.is_(None), "999999"), else_=Region.code), Site.starts_at, Site.id)
    )
    if state is not None:
        query = query.where(Site.state == state)
    return db.session.execute(query).all()
