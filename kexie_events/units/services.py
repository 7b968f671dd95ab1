"""Adding regions and units, and closing them."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select

from ..core.db import lock, transaction
from ..core.errors import RuleBroken
from .models import Region, Unit
from .rules import UnitKind


def add_unit(
    name: str,
    kind: UnitKind,
    *,
    slug: str,
    parent_id: int | None = None,
    region_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Unit:
    """A unit below its parent. Locks the parent, so that the tree does not move meanwhile.

    Raises: RuleBroken("unit.slug_taken").
    """
    with transaction() as session:
        above = lock(Unit, parent_id).path if parent_id is not None else "/"
        if session.scalar(select(Unit.id).where(Unit.slug == slug)):
            raise RuleBroken("unit.slug_taken", slug=slug)
        unit = Unit(
            name=name,
            kind=kind,
            slug=slug,
            parent_id=parent_id,
            region_id=region_id,
            valid_from=valid_from,
            valid_to=valid_to,
            path=f"new:{slug}",  # its own id ends the path, and is known only after the insert
        )
        session.add(unit)
        session.flush()
        unit.path = f"{above}{unit.id}/"
    return unit


def close_unit(unit_id: int, *, on: date) -> Unit:
    """End a unit: from ``on`` it cannot be chosen any more, and stays where it was chosen. Locks the unit."""
    with transaction():
        unit = lock(Unit, unit_id)
        if unit.valid_from is not None and on <= unit.valid_from:
            raise RuleBroken("unit.closes_before_start", valid_from=unit.valid_from)
        unit.valid_to = on
    return unit


def import_regions(rows: Iterable[Mapping[str, str]]) -> list[Region]:
    """Regions from a table with the columns slug, gb2260, name, kind, zone, valid_from, valid_to, note.

    Running it again adds nothing twice. Source: docs/sources.md#regions
    """
    with transaction() as session:
        known = {region.slug: region for region in session.scalars(select(Region))}
        for row in rows:
            if row["slug"] in known:
                continue
            region = Region(
                slug=row["slug"],
                code=row["gb2260"] or None,
                name=row["name"],
                kind=row["kind"],
                zone=row["zone"] or None,
                valid_from=_day(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
                note=row["note"],
            )
            session.add(region)
            known[region.slug] = region
        session.flush()
        return list(known.values())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
