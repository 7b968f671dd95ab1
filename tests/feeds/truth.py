"""What calendars must show, said a second time and as simply as possible: row by row, without blocks or rules.

Nothing here is shared with ``kexie_events.feeds`` but the names of the paths.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from kexie_events.core.db import db
from kexie_events.events.kinds import KINDS
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication, Status
from kexie_events.units.models import Region, Unit

from .clients.readers import Shown, said

BEIJING = ZoneInfo("Asia/Shanghai")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """One thing that is public, and in which calendars."""

    shown: Shown
    must: bool  # it stands in the time that calendars show; what a rule says beyond it may be there too
    paths: frozenset[str]
    uids: frozenset[str]  # under which it may stand: its own, or that of its rule


def _public(*rows: Series | Edition | Occurrence | Milestone) -> bool:
    return all(row.publication is Publication.PUBLISHED for row in rows)


def standing(now: datetime) -> list[Standing]:
    db.session.expire_all()
    patterns = {row.id: row.uid for row in db.session.scalars(select(Pattern))}
    units = {row.id: row for row in db.session.scalars(select(Unit))}
    regions = {row.id: row.slug for row in db.session.scalars(select(Region))}
    found = []
    query = select(Occurrence).options(
        joinedload(Occurrence.edition), joinedload(Occurrence.series),
        joinedload(Occurrence.room).joinedload(Room.venue),
    )  # fmt: skip
    for row in db.session.scalars(query.where(Occurrence.starts_at < now + 5000 * DAY)):  # no rule reaches farther
        if not _public(row, row.edition, row.series):
            continue
        cancelled = row.status is Status.CANCELLED
        if cancelled and row.ends_at <= now - 30 * DAY:
            continue
        mark = "【已取消】" if cancelled else ""
        starts, ends = _span(row.starts_at, row.ends_at, all_day=row.all_day, deadline=False)
        found.append(
            Standing(
                Shown(starts, ends, row.uid, mark + row.whole_name, cancelled),
                must=row.starts_at < now + 548 * DAY and row.ends_at > now - 90 * DAY,
                paths=frozenset(_paths(row, row.series, row.room.venue if row.room else None, units, regions)),
                uids=frozenset({row.uid, patterns.get(row.pattern_id or 0, row.uid)}),
            )
        )
    points = select(Milestone).options(joinedload(Milestone.edition).joinedload(Edition.series))
    for point in db.session.scalars(points):
        if not _public(point, point.edition, point.edition.series):
            continue
        starts, ends = _span(point.starts_at, point.ends_at, all_day=False, deadline=point.is_deadline)
        name = f"{point.name}（{point.edition.name}）"
        found.append(
            Standing(
                Shown(starts, ends, point.uid, name, False),
                must=point.starts_at < now + 548 * DAY and point.ends_at > now - 90 * DAY,
                paths=frozenset(_paths(point, point.edition.series, None, units, regions)),
                uids=frozenset({point.uid}),
            )
        )
    return found


def _paths(
    row: Occurrence | Milestone, of: Series, venue: Venue | None, units: dict[int, Unit], regions: dict[int, str]
) -> Iterable[str]:
    yield "all"
    yield f"series/{of.slug}"
    yield f"editions/{row.edition_id}"
    yield f"kinds/{of.kind.value.replace('_', '-')}"
    yield f"topics/{KINDS[of.kind].topic.value}"
    for unit_id in {row.unit_id, of.unit_id}:
        yield from (f"units/{unit.slug}" for unit in units.values() if units[unit_id].path.startswith(unit.path))
    if venue is not None:
        yield f"venues/{venue.id}"
    region_id = venue.region_id if venue is not None and venue.region_id is not None else units[row.unit_id].region_id
    if region_id is not None:
        yield f"regions/{regions[region_id]}"


def _span(starts_at: datetime, ends_at: datetime, *, all_day: bool, deadline: bool) -> tuple[str, str]:
    starts, ends = starts_at.astimezone(BEIJING), ends_at.astimezone(BEIJING)
    if deadline or starts == ends:
        starts = starts - MINUTE if starts.time() == time(0) else starts
        return said(starts), said(starts + MINUTE)
    if all_day or ends - starts >= DAY:
        return said(starts.date()), said((ends - timedelta(microseconds=1)).date() + DAY)
    return said(starts), said(ends)


def differences(shown: Iterable[Shown], held: Iterable[Standing]) -> list[str]:
    """What a calendar says otherwise than it must: missing, twice, unknown, or under a strange UID.

    ``held``: the things that it is for.
    """
    held = list(held)
    # Two dates of a rule may be moved to the same hours: then one entry is for the one, the other for the other.
    known: dict[Shown, list[str]] = {}
    for one in held:
        for uid in one.uids:
            known.setdefault(replace(one.shown, uid=uid), []).append(one.shown.uid)
    seen: set[str] = set()
    wrong = []
    for entry in shown:
        meant = known.get(entry, [])
        if found := next((uid for uid in meant if uid not in seen), None):
            seen.add(found)
        else:
            wrong.append(f"{'twice' if meant else 'unknown'}: {entry}")
    return wrong + [f"missing: {one.shown}" for one in held if one.must and one.shown.uid not in seen]


def of_path(now: datetime, path: str) -> list[Standing]:
    return [one for one in standing(now) if path in one.paths]
