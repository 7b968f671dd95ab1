"""Checking what was declared: passed, passed up the tree, or returned with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import transaction
from ...core.errors import Conflict, Forbidden, NotFound
from ...events.models import Edition
from .. import queries, rules
from ..models import Site, SiteStep
from ..rules import Checker, SiteState, Step
from .writing import apply_proposal, locked_campaign, pass_for_good, touch


@dataclass(frozen=True)
class Decided:
    """What became of the ticked ones."""

    passed: int = 0
    passed_up: int = 0
    returned: int = 0


def decide(
    edition_id: int, ticked: Mapping[int, int], *, passes: bool, reason: str = "", actor: Actor, now: datetime
) -> Decided:
    """Locks series and edition, then the declarations in the order of their ids. Decide on all of them, or on none.

    ``ticked``: id → the revision that stood on the page. Each is decided for the highest unit of its chain that the
    actor acts for. Raises: NotFound, Forbidden, Conflict("site.changed_meanwhile") with the names of those that were
    changed or decided meanwhile, RuleBroken("site.none_ticked" | "site.too_many_ticked" | "site.reason").
    """
    rules.check_ticked(len(ticked))
    why = "" if passes else rules.check_reason(reason)
    with transaction() as session:
        edition = locked_campaign(edition_id, actor)
        sites = _locked(session, edition_id, ticked, actor)
        changed = [row.name for row in sites if row.revision != ticked[row.id] or row.waits_unit_id is None]
        if changed:
            raise Conflict("site.changed_meanwhile", names=changed[:5])
        deciders = _deciders(edition, sites, actor)
        if passes:
            done = _pass(session, edition, sites, deciders, actor=actor, now=now)
        else:
            done = _return(session, sites, deciders, why, actor=actor, now=now)
        audit.record(
            f"edition:{edition_id}", "sites.passed" if passes else "sites.returned", actor=actor, now=now, reason=why,
            sites=[row.id for row in sites],
        )  # fmt: skip
    return done


def _locked(session: Session, edition_id: int, ticked: Mapping[int, int], actor: Actor) -> list[Site]:
    query = (
        select(Site)
        .options(joinedload(Site.unit, innerjoin=True))
        .where(Site.id.in_(ticked), Site.edition_id == edition_id, queries.seen_by(actor))
        .order_by(Site.id)
        .with_for_update(of=Site)
        .execution_options(populate_existing=True)
    )
    sites = list(session.scalars(query))
    if len(sites) != len(ticked):
        raise NotFound()
    return sites


def _deciders(edition: Edition, sites: list[Site], actor: Actor) -> dict[int, tuple[tuple[Checker, ...], Checker]]:
    """For each declaration its chain, and as whom the actor decides on it. Raises: Forbidden."""
    units = queries.checkers({row.unit.path for row in sites})
    reaches = queries.reaches(actor, edition)
    found = {}
    for row in sites:
        chain = rules.chain_of(row.unit.path, edition.series.unit.path, units)
        decider = rules.deciding_as(chain, row.waits_unit_id, reaches)
        if decider is None:
            raise Forbidden("access.denied", action="approve")
        found[row.id] = (chain, decider)
    return found


def _pass(
    session: Session,
    edition: Edition,
    sites: list[Site],
    deciders: Mapping[int, tuple[tuple[Checker, ...], Checker]],
    *,
    actor: Actor,
    now: datetime,
) -> Decided:
    up, new, changed = 0, [], 0
    for row in sites:
        chain, decider = deciders[row.id]
        after = rules.next_after(chain, decider)
        touch(row, now)
        if after is not None:
            row.waits_unit_id = after.unit_id
            up += 1
            session.add(
                SiteStep(
                    site_id=row.id, at=now, account_id=actor.account_id, unit_id=decider.unit_id, step=Step.PASSED_UP
                )
            )
        elif row.proposal:
            apply_proposal(session, row, edition, decider.unit_id, actor=actor, now=now)
            changed += 1
        else:
            new.append(row)
    if new:
        pass_for_good(session, edition, new, actor=actor, now=now, unit_id=edition.series.unit_id)
    return Decided(passed=len(new) + changed, passed_up=up)


def _return(
    session: Session,
    sites: list[Site],
    deciders: Mapping[int, tuple[tuple[Checker, ...], Checker]],
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Decided:
    """A returned change leaves what was passed as it is; a returned declaration is its unit's to mend."""
    for row in sites:
        if row.state is SiteState.DECLARED:
            row.state = SiteState.RETURNED
        row.waits_unit_id, row.proposal, row.reason = None, {}, reason
        touch(row, now)
        session.add(
            SiteStep(
                site_id=row.id, at=now, account_id=actor.account_id, unit_id=deciders[row.id][1].unit_id,
                step=Step.RETURNED, reason=reason,
            )
        )  # fmt: skip
    return Decided(returned=len(sites))
