"""Adding regions and units, changing and closing them.

A unit is changed by whoever stands above it: its own organisers add what is below, not what they are themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ..audit import services as audit
from ..core import access
from ..core.access import Action, Actor, Place
from ..core.db import lock, one, refused, transaction
from ..core.errors import RuleBroken
from . import rules
from .models import Region, Unit
from .rules import UnitKind


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    same: int


def chain(unit_id: int) -> str:
    """The audit chain of a unit."""
    return f"unit:{unit_id}"


def add_unit(
    name: str,
    kind: UnitKind,
    *,
    actor: Actor,
    now: datetime,
    slug: str = "",
    parent_id: int | None = None,
    region_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Unit:
    """A unit below its parent. Locks the parent, so that the tree does not move meanwhile.

    ``slug``: what its addresses end with; "" makes one.
    Raises: RuleBroken("unit.slug_taken"), ("unit.slug"), ("unit.name"), ("unit.closes_before_start").
    """
    called, address = rules.unit_name(name), rules.check_slug(slug)
    rules.check_validity(valid_from, valid_to)
    with transaction() as session:
        above = lock(Unit, parent_id).path if parent_id is not None else "/"
        access.require(actor, Action.MANAGE_UNITS, Place(above))
        if region_id is not None:
            one(Region, region_id)
        unit = Unit(
            name=called,
            kind=kind,
            slug=address or f"new:{above}:{called}",
            parent_id=parent_id,
            region_id=region_id,
            valid_from=valid_from,
            valid_to=valid_to,
            path=f"new:{above}:{called}",  # its own id ends the path, and is known only after the insert
        )
        with refused(session, {"uq_unit_slug": "unit.slug_taken"}, slug=address):
            session.add(unit)
        unit.path = f"{above}{unit.id}/"
        unit.slug = address or rules.made_slug(unit.id)
        audit.record(chain(unit.id), "unit.added", actor=actor, now=now, after=_words(unit))
    return unit


def _words(unit: Unit) -> dict[str, Any]:
    """A unit as the audit keeps it."""
    return {
        "name": unit.name,
        "kind": unit.kind.value,
        "region": unit.region_id,
        "valid_from": unit.valid_from.isoformat() if unit.valid_from else None,
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
    }


def change_unit(
    unit_id: int,
    *,
    name: str,
    kind: UnitKind,
    region_id: int | None,
    valid_from: date | None,
    actor: Actor,
    now: datetime,
) -> Unit:
    """Correct what a unit is called and what it is. Old editions show the new name, too. Locks the unit.

    Raises: RuleBroken("unit.name"), ("unit.closes_before_start"); Forbidden for whoever does not stand above it.
    """
    called = rules.unit_name(name)
    with transaction():
        unit = _locked(unit_id, actor)
        rules.check_validity(valid_from, unit.valid_to)
        if region_id is not None:
            one(Region, region_id)
        before = _words(unit)
        unit.name, unit.kind, unit.region_id, unit.valid_from = called, kind, region_id, valid_from
        if before != _words(unit):
            audit.record(chain(unit_id), "unit.changed", actor=actor, now=now, before=before, after=_words(unit))
    return unit


def close_unit(unit_id: int, *, on: date, actor: Actor, now: datetime) -> Unit:
    """End a unit: from ``on`` it cannot be chosen any more, and stays where it was chosen. Locks the unit.

    Raises: RuleBroken("unit.closes_before_start"), ("unit.root"); Forbidden for whoever does not stand above it.
    """
    with transaction():
        unit = _locked(unit_id, actor)
        if unit.parent_id is None:
            raise RuleBroken("unit.root")
        rules.check_validity(unit.valid_from, on)
        if unit.valid_to != on:
            before, unit.valid_to = unit.valid_to, on
            audit.record(
                chain(unit_id), "unit.closed", actor=actor, now=now, on=on.isoformat(),
                before=before.isoformat() if before else None,
            )  # fmt: skip
    return unit


def reopen_unit(unit_id: int, *, actor: Actor, now: datetime) -> Unit:
    """Take back the closing of a unit. Locks the unit."""
    with transaction():
        unit = _locked(unit_id, actor)
        if unit.valid_to is not None:
            audit.record(chain(unit_id), "unit.reopened", actor=actor, now=now, before=unit.valid_to.isoformat())
            unit.valid_to = None
    return unit


def _locked(unit_id: int, actor: Actor) -> Unit:
    unit = lock(Unit, unit_id)
    access.require(actor, Action.MANAGE_UNITS, Place(rules.path_above(unit.path)))
    return unit


def import_regions(rows: Iterable[Mapping[str, str | None]], *, actor: Actor, now: datetime) -> list[Region]:
    """Regions from a table with the columns slug, gb2260, name, kind, zone, valid_from, valid_to, note,
    latitude, longitude.

    All of them or none; running it again adds nothing twice. What is known by its slug is brought up to date.
    Raises: RuleBroken("table.…"), Forbidden.  Source: docs/sources.md#regions
    """
    listed = rules.read_regions(rows)
    access.require(actor, Action.MANAGE_UNITS, Place("/"))
    with transaction() as session:
        # One table after another: the second one sees what the first has added. Readers go on.
        session.execute(text("LOCK TABLE region IN SHARE ROW EXCLUSIVE MODE"))
        known = {region.slug: region for region in session.scalars(select(Region))}
        added = changed = 0
        for row in listed:
            values = {name: value for name, value in vars(row).items() if name != "slug"}
            if row.slug not in known:
                known[row.slug] = Region(slug=row.slug, **values)
                session.add(known[row.slug])
                added += 1
            else:
                changed += _bring(known[row.slug], values)
        session.flush()
        if added or changed:
            audit.record("regions", "regions.imported", actor=actor, now=now, added=added, changed=changed)
        return list(known.values())


def _bring(row: Region | Unit, values: Mapping[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def import_units(rows: Iterable[Mapping[str, str | None]], *, actor: Actor, now: datetime) -> Imported:
    """Units from a table with the columns slug, name, kind, parent, region, valid_from, valid_to.

    ``parent``: slug of a unit that is there already or stands higher in the table; empty is below the root. All rows
    or none; running it again changes nothing. What is known by its slug is brought up to date; it does not move.
    Locks the root, then all units. Raises: RuleBroken("table.…", line=…, column=…), Forbidden; RuleBroken(
    "unit.slug_taken") for a slug that somebody else takes meanwhile.
    """
    listed = rules.read_units(rows)
    with transaction() as session:
        # One table after another: the second one sees what the first has added below the root.
        session.execute(select(Unit.id).where(Unit.parent_id.is_(None)).with_for_update())
        regions = {slug: id for slug, id in session.execute(select(Region.slug, Region.id))}
        units = {unit.slug: unit for unit in session.scalars(select(Unit).with_for_update())}
        root = next((unit for unit in units.values() if unit.parent_id is None), None)
        added = changed = 0
        for row in listed:
            parent = _parent(row, units, root)
            if row.region and row.region not in regions:
                raise RuleBroken("table.unknown", line=row.line, column="region", value=row.region)
            values: dict[str, Any] = {
                "name": row.name, "kind": row.kind, "region_id": regions.get(row.region),
                "valid_from": row.valid_from, "valid_to": row.valid_to,
            }  # fmt: skip
            unit = units.get(row.slug)
            if unit is None:
                unit = add_unit(slug=row.slug, parent_id=parent.id if parent else None, actor=actor, now=now, **values)
                units[row.slug] = unit
                root = root or unit
                added += 1
            else:
                changed += _bring_unit(session, unit, parent, row, values, actor=actor, now=now)
    return Imported(added, changed, len(listed) - added - changed)


def _parent(row: rules.UnitRow, units: Mapping[str, Unit], root: Unit | None) -> Unit | None:
    if not row.parent:
        # One tree has one root: a second one would be out of everybody's reach.
        return None if root is None or root.slug == row.slug else root
    if row.parent not in units:
        raise RuleBroken("table.unknown", line=row.line, column="parent", value=row.parent)
    return units[row.parent]


def _bring_unit(
    session: Session, unit: Unit, parent: Unit | None, row: rules.UnitRow, values: Mapping[str, Any], *, actor: Actor,
    now: datetime,
) -> bool:  # fmt: skip
    if unit.parent_id != (parent.id if parent else None):
        raise RuleBroken("table.moved", line=row.line, column="parent", value=row.parent)
    access.require(actor, Action.MANAGE_UNITS, Place(rules.path_above(unit.path)))
    before = _words(unit)
    if not _bring(unit, values):
        return False
    audit.record(chain(unit.id), "unit.changed", actor=actor, now=now, before=before, after=_words(unit))
    return True
