"""Where a thing lives: the place that access is asked for."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import db
from ...units.models import Unit
from ...units.queries import unit_path
from ..models import Edition, Milestone, Occurrence, Series

Thing = Series | Edition | Milestone | Occurrence
_OWNER, _HOST, _OWN = aliased(Unit), aliased(Unit), aliased(Unit)


def place_of(row: Thing, round_id: int | None = None) -> Place:
    """One statement, which reads the paths of those who reach it. ``round_id``: of a round of this edition."""
    if isinstance(row, Series):
        return series_place(unit_path(row.unit_id), row.id)
    edition_id = row.id if isinstance(row, Edition) else row.edition_id
    found = db.session.execute(
        _paths().add_columns(_OWN.path).join(_OWN, _OWN.id == row.unit_id).where(Edition.id == edition_id)
    ).one()
    return replace(_place(*found), round_id=round_id)


def loaded_place(edition: Edition) -> Place:
    """The same as ``place_of``, of an edition loaded with its unit, its series and the series' unit."""
    series, path = edition.series, edition.unit.path
    return _place(edition.id, series.id, series.unit.path, path, edition.hosted_until, path)


def series_place(unit_path: str, series_id: int) -> Place:
    return Place(unit_path, series_id=series_id)


def edition_places(ids: Collection[int]) -> dict[int, Place]:
    """The places of several editions. One statement."""
    rows = db.session.execute(_paths().add_columns(_HOST.path).where(Edition.id.in_(ids)))
    return {row[0]: _place(*row) for row in rows}


def _paths() -> Select[*tuple[Any, ...]]:
    query = (
        select(Edition.id, Edition.series_id, _OWNER.path, _HOST.path, Edition.hosted_until)
        .join(Series, Series.id == Edition.series_id)
        .join(_OWNER, _OWNER.id == Series.unit_id)
        .join(_HOST, _HOST.id == Edition.unit_id)
    )
    return cast(Select[*tuple[Any, ...]], query)


def _place(edition_id: int, series_id: int, owner: str, host: str, until: date | None, own: str) -> Place:
    """The same as ``models.ways_in``: what the host or a unit below it has declared is a part of what is hosted."""
    hosted = until is not None and own.startswith(host)
    return Place("" if hosted else own, series_id, edition_id, owner_path=owner, host_path=host, host_until=until)


def require(actor: Actor, action: Action, row: Thing, round_id: int | None = None) -> None:
    """Raises: Forbidden."""
    access.require(actor, action, place_of(row, round_id))
