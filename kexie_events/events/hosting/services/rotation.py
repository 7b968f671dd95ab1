"""The list of hosts of a series, and giving out its issues by it. Whoever plans the series does this."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ....audit import services as audit
from ....core.access import Action, Actor
from ....core.db import lock, one, transaction
from ....core.errors import Conflict, NotFound, RuleBroken
from ....units.models import Unit
from ....units.rules import check_in_force
from ...models import Edition, Series
from ...queries.places import require
from .. import queries, rotation
from ..models import Rotation, RotationMember
from .hosts import follow_series, record_host, write_host


def _open(series_id: int, revision: int | None, actor: Actor, session: Session, now: datetime) -> Rotation:
    """Locks the series. Its rotation, made when there is none; each change raises its revision.

    Raises: Conflict("rotation.changed_meanwhile") when somebody else changed it since the page was made.
    """
    series = lock(Series, series_id)
    require(actor, Action.PLAN, series)
    row = session.get(Rotation, series_id, populate_existing=True)
    if row is None:
        row = Rotation(series_id=series_id, handover_days=rotation.USUAL_HANDOVER_DAYS, revision=0, changed_at=now)
        session.add(row)
    if revision is not None and row.revision != revision:
        raise Conflict("rotation.changed_meanwhile")
    row.revision, row.changed_at = row.revision + 1, now
    return row


def _rows(session: Session, series_id: int) -> list[RotationMember]:
    query = select(RotationMember).where(RotationMember.series_id == series_id, RotationMember.left_on.is_(None))
    return list(session.scalars(query.order_by(RotationMember.position).execution_options(populate_existing=True)))


def _row(rows: Collection[RotationMember], unit_id: int) -> RotationMember:
    """Raises: NotFound."""
    row = next((row for row in rows if row.unit_id == unit_id), None)
    if row is None:
        raise NotFound()
    return row


def _number(rows: Collection[RotationMember]) -> None:
    for n, row in enumerate(rows):
        row.position = n


def join_rotation(
    series_id: int, unit_id: int, *, revision: int | None = None, actor: Actor, now: datetime, zone: ZoneInfo
) -> None:
    """Locks the series. A unit comes to the end of the list.

    Its turns count from the first issue that nobody has yet: it owes nothing of the years before. Twice is once.
    Raises: RuleBroken("unit.ended" | "rotation.most"), Conflict.
    """
    with transaction() as session:
        row = _open(series_id, revision, actor, session, now)
        unit, today = one(Unit, unit_id), now.astimezone(zone).date()
        rows = _rows(session, series_id)
        if any(each.unit_id == unit_id for each in rows):
            row.revision -= 1
            return
        check_in_force(unit, today)
        if len(rows) >= rotation.MOST_MEMBERS:
            raise RuleBroken("rotation.most", most=rotation.MOST_MEMBERS)
        held = queries.turns(queries.issues(series_id), zone)
        last = max((turn.on for turn in held), default=None)
        session.add(
            RotationMember(
                series_id=series_id, unit_id=unit_id, position=len(rows), blackout=[],
                counts_from=last + timedelta(days=1) if last and rows else None,
            )
        )  # fmt: skip
        audit.record(f"series:{series_id}", "series.host_joined", actor=actor, now=now, unit=unit_id)


def leave_rotation(series_id: int, unit_id: int, *, revision: int, actor: Actor, now: datetime, zone: ZoneInfo) -> None:
    """Locks the series. A unit leaves the list; the issues that it has stay with it.

    Raises: RuleBroken("rotation.months"), NotFound, Conflict.
    """
    with transaction() as session:
        _open(series_id, revision, actor, session, now)
        rows = _rows(session, series_id)
        gone = _row(rows, unit_id)
        rows.remove(gone)
        gone.position, gone.left_on = None, now.astimezone(zone).date()
        _number(rows)
        session.flush()
        rotation.check_covered(queries.circle(series_id).members)
        audit.record(f"series:{series_id}", "series.host_left", actor=actor, now=now, unit=unit_id)


def move_in_rotation(series_id: int, unit_id: int, *, up: bool, revision: int, actor: Actor, now: datetime) -> None:
    """Locks the series. One place earlier or later. Raises: NotFound, Conflict."""
    with transaction() as session:
        _open(series_id, revision, actor, session, now)
        by_unit = {row.unit_id: row for row in _rows(session, series_id)}
        _row(list(by_unit.values()), unit_id)
        order = rotation.moved(list(by_unit), unit_id, up=up)
        _number([by_unit[each] for each in order])
        audit.record(f"series:{series_id}", "series.hosts_ordered", actor=actor, now=now, units=order)


def set_blackout(
    series_id: int, unit_id: int, months: Collection[int], *, revision: int, actor: Actor, now: datetime
) -> None:
    """Locks the series. The months in which a unit has no turn. Issues that it has already stay with it.

    Raises: RuleBroken("rotation.month" | "rotation.months"), NotFound, Conflict.
    """
    wanted = sorted(rotation.check_months(months))
    with transaction() as session:
        _open(series_id, revision, actor, session, now)
        row = _row(_rows(session, series_id), unit_id)
        before, row.blackout = row.blackout, wanted
        session.flush()
        rotation.check_covered(queries.circle(series_id).members)
        audit.record(
            f"series:{series_id}", "series.host_months", actor=actor, now=now, unit=unit_id, before=before,
            after=wanted,
        )  # fmt: skip


def set_handover(
    series_id: int, days: int | None, *, revision: int, actor: Actor, now: datetime, zone: ZoneInfo
) -> None:
    """Locks the series and its hosted editions. For how many days after an issue its host keeps its rights on it.

    Counts for every issue, also those that are over. Raises: RuleBroken("rotation.handover"), Conflict.
    """
    wanted = rotation.check_handover(days)
    with transaction() as session:
        row = _open(series_id, revision, actor, session, now)
        before, row.handover_days = row.handover_days, wanted
        session.flush()
        ids = session.scalars(select(Edition.id).where(Edition.series_id == series_id)).all()
        follow_series(session, one(Series, series_id), ids, zone=zone)
        audit.record(f"series:{series_id}", "series.handover_set", actor=actor, now=now, before=before, after=wanted)


def give_out_turns(
    series_id: int, wanted: Mapping[int, int], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> list[Edition]:
    """Locks the series, the editions, their occurrences and milestones. Drafts get the hosts whose turn they are.

    ``wanted``: edition → unit, as they stood on the page. What has got exactly that meanwhile is left: a second press.
    Raises: Conflict("rotation.changed_meanwhile") when it would come out otherwise now; then nothing is given.
    """
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        found = queries.issues(series_id)
        done = {issue.id for issue in found if issue.settled and wanted.get(issue.id) == issue.unit_id}
        now_due = queries.turns_due(series_id, found, now=now, zone=zone)
        left = {id: unit_id for id, unit_id in wanted.items() if id not in done}
        if any(now_due.get(id) != unit_id for id, unit_id in left.items()):
            raise Conflict("rotation.changed_meanwhile")
        given = []
        for id in sorted(left):
            edition = lock(Edition, id)
            before = edition.unit_id
            write_host(session, edition, series, left[id], now=now, zone=zone)
            record_host(edition, before, actor=actor, now=now)
            given.append(edition)
    return given
