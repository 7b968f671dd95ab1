"""Public pages as search engines read them: from rows to the values of ``structured``."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for

from ...core import web
from ...units.models import Unit
from .. import structured, wording
from ..models import Series
from ..queries import public as queries
from ..queries.lines import Line
from ..rules import Publication, Status, Window, last_call
from ..structured import Located, Part
from .lines import address_of, said_at, said_before


def occurrence(page: queries.OccurrencePage, state: Window, left: int | None) -> dict[str, Any]:
    """``state``: where its registration stands; ``left``: free places, None without a limit."""
    row, venue = page.occurrence, page.venue
    first, last = said_at(row)
    where = Located(
        place=page.place, hall=venue is not None, address=venue.address if venue else "", region=page.region or "",
        latitude=venue.latitude if venue else None, longitude=venue.longitude if venue else None,
    )  # fmt: skip
    offered = structured.Offered(
        state, web.external(url_for("registrations.register", occurrence_id=row.id)),
        opens_at=_local(row.opens_at), closes_at=_local(last_call(row.starts_at, row.closes_at)),
    )  # fmt: skip
    return structured.occurrence(
        structured.Described(
            part=Part(
                page.whole_name, web.external(url_for("events.occurrence", occurrence_id=row.id)), first, last, where,
                row.status, _before(row.moved_from_at, row.starts_at),
            ),
            uid=row.uid, summary=row.summary or page.edition.summary, organizer=page.unit.name,
            edition_url=_edition_url(page.edition.id) if page.edition_visible else "",
            series=_series(page.series, visible=page.series_visible),
            capacity=row.capacity, left=left, offered=offered,
        )
    )  # fmt: skip


def edition(page: queries.EditionPage, lines: Sequence[Line]) -> dict[str, Any] | None:
    """None for one that has no date yet: what does not say when is no event."""
    if page.first_at is None or page.last_at is None:
        return None
    first, last = wording.said_at(page.first_at, page.last_at, bool(page.by_day), web.zone())
    status = Status.CANCELLED if page.cancelled else Status.SCHEDULED
    parts = _parts(lines)
    where = parts[0].where if len(parts) == 1 else Located(region=page.region or "")
    return structured.edition(
        structured.Whole(
            part=Part(page.whole_name, _edition_url(page.edition.id), first, last, where, status),
            summary=page.edition.summary or page.series.summary, organizer=page.unit.name,
            series=_series(page.series, visible=page.series_visible), parts=parts,
        )
    )  # fmt: skip


def series(found: Series, unit: Unit, region: str | None, lines: Sequence[Line]) -> dict[str, Any]:
    """``lines``: the next occurrences."""
    return structured.series(
        _series(found, visible=True), summary=found.summary, organizer=unit.name,
        where=Located(region=region or ""), parts=_parts(lines),
    )  # fmt: skip


def _parts(lines: Sequence[Line]) -> list[Part]:
    # An organiser's page lists drafts too; nobody else is told of them.
    return [_part(line) for line in lines if line.publication is Publication.PUBLISHED]


def _part(line: Line) -> Part:
    first, last = said_at(line)
    return Part(
        line.whole_name, web.external(address_of(line)), first, last,
        Located(place=line.place, hall=bool(line.venue), region=line.region or ""),
        line.status, _before(line.moved_from_at, line.starts_at),
    )  # fmt: skip


def _series(row: Series, *, visible: bool) -> structured.Series:
    return structured.Series(row.name, web.external(url_for("events.series", slug=row.slug)) if visible else "")


def _edition_url(edition_id: int) -> str:
    return web.external(url_for("events.edition", edition_id=edition_id))


def _before(moved_from_at: datetime | None, starts_at: datetime) -> date | None:
    """Moved away and back again is not moved, as calendars see it too."""
    return said_before(moved_from_at) if moved_from_at is not None and moved_from_at != starts_at else None


def _local(value: datetime | None) -> datetime | None:
    return None if value is None else web.local(value)
