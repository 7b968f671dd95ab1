"""What of a unit's series may already be what somebody names."""

from collections.abc import Iterable

from sqlalchemy import select

from ...core.db import db
from ..models import Edition, Series
from ..naming import HeldEdition, HeldSeries, name_key
from ..numbering import Numbered
from ..rules import Publication


def series_named(unit_id: int, names: Iterable[str]) -> list[HeldSeries]:
    """The series of a unit that have one of these names, with their editions. Two queries.

    Not for showing: whoever asks plans for the unit. A withdrawn series comes after the others.
    """
    keys = {name_key(name) for name in names}
    of_unit = db.session.execute(
        select(Series.id, Series.name)
        .where(Series.unit_id == unit_id)
        .order_by(Series.publication == Publication.WITHDRAWN, Series.id)
    )
    found = [(id, name) for id, name in of_unit if name_key(name) in keys]
    editions: dict[int, list[HeldEdition]] = {id: [] for id, _ in found}
    rows = db.session.execute(
        select(Edition.series_id, Edition.id, Edition.number, Edition.style, Edition.year)
        .where(Edition.series_id.in_(editions))
        .order_by(Edition.id)
    )
    for series_id, id, number, style, year in rows:
        editions[series_id].append(HeldEdition(id, Numbered(number, style, year)))
    return [HeldSeries(id, name, tuple(editions[id])) for id, name in found]
