"""Many activities at once: a sheet, or those of last year."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import refused, transaction
from ...core.errors import Conflict, RuleBroken
from ...events.models import Edition
from ...units.models import Unit
from ...units.rules import check_in_force
from .. import bulk, queries, rules
from ..bulk import Change, Line, Outcome
from ..models import Site, SiteStep
from ..queries import Known
from ..rules import SiteState, Step
from .writing import TAKEN, locate, locked_campaign, new_site, send_up, write


@dataclass(frozen=True)
class Imported:
    """What became, or would become, of each row."""

    outcomes: Sequence[Outcome]
    declared: int = 0

    def count(self, change: Change) -> int:
        return sum(each.change is change for each in self.outcomes)


def outlook(edition: Edition, lines: Sequence[Line], *, actor: Actor) -> Imported:
    """What an import would do; changes nothing. One query."""
    units = {line.unit_id for line in lines if line.unit_id is not None}
    return Imported(_outcomes(lines, queries.known_sites(edition.id, units, actor)))


def _outcomes(lines: Sequence[Line], known: Known) -> list[Outcome]:
    found = []
    for line in lines:
        site = _site_of(line, known)
        found.append(
            bulk.outcome(line, site.id if site else None, site.state if site else None, site.declared if site else None)
        )
    standing = {key: site.id for key, site in known.by_name.items()}
    return bulk.settled(found, standing)


def _site_of(line: Line, known: Known) -> Site | None:
    """By the row's own number, else by unit, name and day."""
    if line.declared is None or line.unit_id is None or line.day is None:
        return None
    if line.number and (site := known.by_number.get((line.unit_id, line.number))):
        return site
    return known.by_name.get((line.unit_id, line.declared.name, line.day))


def import_sheet(
    edition_id: int,
    lines: Sequence[Line],
    *,
    skip_bad: bool = False,
    declare: bool = True,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Imported:
    """Locks series and edition, then the declarations that the sheet changes. All rows or none; running it again
    changes nothing. ``skip_bad``: the organiser has said that rows with faults are to be left out.

    Raises: RuleBroken("site.bad_rows" | "site.twice" | "site.closed" | "unit.ended"), Forbidden, NotFound.
    """
    with transaction() as session:
        edition = locked_campaign(edition_id, actor)
        units = _units(session, lines, actor, now, zone)
        known = queries.known_sites(edition_id, units, actor, for_update=True)
        outcomes = _outcomes(lines, known)
        bad = sum(each.change is Change.FAULT for each in outcomes)
        if bad and not skip_bad:
            raise RuleBroken("site.bad_rows", count=bad)
        written = _write(session, edition, outcomes, units, known, now=now, zone=zone, actor=actor)
        sent = _declare(session, edition, written, units, actor=actor, now=now) if declare and written else 0
        done = Imported(outcomes, sent)
        if written:
            audit.record(
                f"edition:{edition_id}", "sites.imported", actor=actor, now=now, added=done.count(Change.NEW),
                changed=done.count(Change.CHANGED), declared=sent, left_out=bad,
            )  # fmt: skip
    return done


def _units(session: Session, lines: Sequence[Line], actor: Actor, now: datetime, zone: ZoneInfo) -> dict[int, Unit]:
    """The units that the rows name, for each of which the actor plans. One query."""
    ids = {line.unit_id for line in lines if line.unit_id is not None and line.declared is not None}
    found = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    today = now.astimezone(zone).date()
    for unit in found.values():
        access.require(actor, Action.PLAN, Place(unit.path))
        check_in_force(unit, today)
    return found


def _write(
    session: Session,
    edition: Edition,
    outcomes: Sequence[Outcome],
    units: dict[int, Unit],
    known: Known,
    *,
    now: datetime,
    zone: ZoneInfo,
    actor: Actor,
) -> list[Site]:
    """The rows of what is new or changed."""
    new: list[Site] = []
    changed: list[Site] = []
    by_id = {site.id: site for site in (*known.by_name.values(), *known.by_number.values())}
    with refused(session, TAKEN, name=""):
        for each in outcomes:
            declared, unit_id = each.line.declared, each.line.unit_id
            if declared is None or unit_id is None:
                continue
            if each.change is Change.NEW:
                new.append(new_site(edition, units[unit_id], declared, each.line.number, now, zone, uuid4().hex))
            elif each.change is Change.CHANGED:
                site = by_id[each.site_id or 0]
                write(site, declared, units[unit_id], now, zone)
                changed.append(site)
        locate([*new, *changed], session)
        session.add_all(new)
        session.flush()
    for site, step in [*((site, Step.ADDED) for site in new), *((site, Step.CORRECTED) for site in changed)]:
        session.add(SiteStep(site_id=site.id, at=now, account_id=actor.account_id, step=step))
    return [*new, *changed]


def _declare(
    session: Session, edition: Edition, sites: list[Site], units: dict[int, Unit], *, actor: Actor, now: datetime
) -> int:
    checkers = queries.checkers({unit.path for unit in units.values()})
    chains = {unit.id: rules.chain_of(unit.path, edition.series.unit.path, checkers) for unit in units.values()}
    waiting = [site for site in sites if site.state in (SiteState.DRAFT, SiteState.RETURNED)]
    send_up(session, edition, waiting, chains, queries.terms_of(edition), actor=actor, now=now)
    return len(waiting)


def copy_last(
    edition_id: int, site_ids: Sequence[int], *, days: int, actor: Actor, now: datetime, zone: ZoneInfo
) -> int:
    """Locks series and edition. Activities of an earlier edition as drafts of this one, ``days`` later; how many
    were new.

    What this edition has already (unit, name and day) is left; running it again copies nothing twice. Figures,
    photographs and history stay with last year's. Raises: RuleBroken("site.copy_days"), NotFound.
    """
    rules.check_copy_days(days)
    with transaction() as session:
        edition = locked_campaign(edition_id, actor)
        before = select(Site).where(Site.id.in_(site_ids), Site.series_id == edition.series_id, queries.seen_by(actor))
        sites = list(session.scalars(before.order_by(Site.id)))
        if len(sites) != len(set(site_ids)):
            raise Conflict("site.changed_meanwhile", names=[])
        by = timedelta(days=days)
        lines = [
            Line(
                n, site.name, site.number, site.unit_id, site.starts_on + by,
                replace(site.declared, starts_at=site.starts_at + by, ends_at=site.ends_at + by),
            )
            for n, site in enumerate(sites, start=1)
        ]  # fmt: skip
        units = _units(session, lines, actor, now, zone)
        known = queries.known_sites(edition_id, units, actor, for_update=True)
        fresh = [each for each in _outcomes(lines, known) if each.change is Change.NEW]
        made = _write(session, edition, fresh, units, known, now=now, zone=zone, actor=actor)
        if made:
            audit.record(f"edition:{edition_id}", "sites.copied", actor=actor, now=now, added=len(made))
    return len(made)
