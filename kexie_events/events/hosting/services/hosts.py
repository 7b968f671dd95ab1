"""The units that run something: who may be one, giving an edition to one, how long its rights last."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ....audit import services as audit
from ....core import access
from ....core.access import Action, Actor, Place
from ....core.db import lock, one, transaction
from ....core.errors import Conflict, RuleBroken
from ....units.models import Unit
from ....units.rules import check_in_force
from ...keepers import kept
from ...models import Edition, Milestone, Occurrence, Series
from ...queries.places import place_of, require
from .. import queries, rotation
from ..models import Rotation


def require_host(
    actor: Actor, unit_id: int, place: Place, *, known: Collection[int] = (), now: datetime, zone: ZoneInfo
) -> None:
    """The unit that is to run something new exists today, and the actor plans for it (or for the thing it joins).

    ``known``: units that the thing it joins has already, its owner, its host, the list of hosts. For those it is enough
    to plan the thing itself. Raises: RuleBroken("unit.ended" | "unit.not_begun"), Forbidden, NotFound.
    """
    unit = one(Unit, unit_id)
    own = replace(place, unit_path=unit.path, owner_path="", host_path="")
    access.require(actor, Action.PLAN, place if unit_id in known and access.allows(actor, Action.PLAN, place) else own)
    check_in_force(unit, now.astimezone(zone).date())


def give_turns(series: Series, *, now: datetime, zone: ZoneInfo, session: Session) -> list[int]:
    """The drafts of a series that nobody has agreed on and that are to come get the hosts whose turn it is, by date.

    For services that have just made editions, inside their transaction, with the series locked. The editions' ids.
    """
    found = queries.issues(series.id)
    given = queries.turns_due(series.id, found, now=now, zone=zone)
    for edition_id, unit_id in given.items():
        write_host(session, lock(Edition, edition_id), series, unit_id, now=now, zone=zone)
    return list(given)


def set_host(
    edition_id: int, unit_id: int, *, expected_unit_id: int, actor: Actor, now: datetime, zone: ZoneInfo
) -> Edition:
    """Locks the series, the edition, its occurrences and milestones. Give an edition to a unit that runs it.

    Whoever plans the series decides, for what is not over. ``expected_unit_id``: who ran it when the page was made.
    Raises: Conflict("rotation.changed_meanwhile"), RuleBroken("event.over" | "unit.ended" | …), Forbidden.
    """
    with transaction() as session:
        series = lock(Series, one(Edition, edition_id).series_id)
        require(actor, Action.PLAN, series)
        edition = lock(Edition, edition_id)
        if edition.unit_id == unit_id and edition.host_settled:
            return edition  # a second press
        if edition.unit_id != expected_unit_id:
            raise Conflict("rotation.changed_meanwhile")
        issue = next(issue for issue in queries.issues(series.id) if issue.id == edition.id)
        queries.check_not_over(issue, now)
        known = {series.unit_id, *(member.unit_id for member in queries.circle(series.id).members)}
        require_host(actor, unit_id, place_of(series), known=known, now=now, zone=zone)
        if issue.first_at is not None:
            check_in_force(one(Unit, unit_id), issue.on(zone))
        before = edition.unit_id
        write_host(session, edition, series, unit_id, now=now, zone=zone)
        record_host(edition, before, actor=actor, now=now)
    return edition


def record_host(edition: Edition, before: int, *, actor: Actor, now: datetime) -> None:
    audit.record(
        f"edition:{edition.id}", "edition.host_set", actor=actor, now=now, before=before, after=edition.unit_id,
        until=edition.hosted_until.isoformat() if edition.hosted_until else None,
    )  # fmt: skip


def write_host(
    session: Session, edition: Edition, series: Series, unit_id: int, *, now: datetime, zone: ZoneInfo
) -> None:
    """What the edition's host ran goes to the new one; what was declared in it stays with whoever declared it."""
    before = edition.unit_id
    if before != unit_id:
        _hand_on(session, Occurrence, edition, before, unit_id, now)
        _hand_on(session, Milestone, edition, before, unit_id, now)
        edition.revision += 1  # whoever corrects its facts meanwhile sees both versions
    edition.unit_id, edition.host_settled, edition.changed_at = unit_id, True, now
    session.flush()
    edition.hosted_until = _end(session, edition, series, zone)


def _hand_on(
    session: Session, model: type[Occurrence | Milestone], edition: Edition, before: int, to: int, now: datetime
) -> None:
    query = select(model).where(model.edition_id == edition.id, model.unit_id == before).order_by(model.id)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    rows = cast(Sequence[Occurrence | Milestone], found)
    declared = kept([row.id for row in rows]) if model is Occurrence else {}
    for row in rows:
        if row.id in declared:
            continue
        row.unit_id = to
        row.touch(now)


def _end(session: Session, edition: Edition, series: Series, zone: ZoneInfo) -> date | None:
    if edition.unit_id == series.unit_id:
        return None
    days = session.scalar(select(Rotation.handover_days).where(Rotation.series_id == series.id))
    last_at = session.scalar(select(func.max(Occurrence.ends_at)).where(Occurrence.edition_id == edition.id))
    last_on = last_at.astimezone(zone).date() if last_at else date(edition.year, 12, 31)
    return rotation.rights_end(last_on, rotation.USUAL_HANDOVER_DAYS if days is None else days)


def lock_hosted(edition_id: int) -> Edition:
    """The edition, locked when it has a host for a time: before its occurrences, whose dates that time follows."""
    edition = one(Edition, edition_id)
    return edition if edition.hosted_until is None else lock(Edition, edition_id)


def follow_dates(session: Session, edition: Edition, ends_at: datetime, *, actor: Actor, zone: ZoneInfo) -> None:
    """A date of an edition was written: its host's time follows, inside the transaction of the change.

    Whoever plans the series carries the end along. The host itself never lengthens its own time: what it plans ends
    before that, or the owner plans it. Raises: RuleBroken("event.after_hosting").
    """
    if edition.hosted_until is None:
        return
    series = one(Series, edition.series_id)
    session.flush()
    end = _end(session, edition, series, zone)
    if access.allows(actor, Action.PLAN, place_of(series)):
        edition.hosted_until = end
        return
    if ends_at.astimezone(zone).date() >= edition.hosted_until:
        raise RuleBroken("event.after_hosting", until=edition.hosted_until)
    if end is not None:
        edition.hosted_until = min(end, edition.hosted_until)


def follow_series(session: Session, series: Series, edition_ids: Collection[int], *, zone: ZoneInfo) -> None:
    """The same for many editions at once, for whoever plans the series and has it locked."""
    query = select(Edition).where(Edition.id.in_(edition_ids), Edition.hosted_until.is_not(None)).order_by(Edition.id)
    for edition in session.scalars(query.with_for_update()):
        edition.hosted_until = _end(session, edition, series, zone)
