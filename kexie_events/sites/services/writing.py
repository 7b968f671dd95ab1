"""What declaring, checking and importing share: the row of a declaration, its occurrence, its history."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...core import access
from ...core.access import Action, Actor
from ...core.db import lock, one, refused
from ...core.installation import zone as installed_zone
from ...events import services as events
from ...events.models import Edition, Occurrence, Series
from ...events.plans import OccurrencePlan, Sitting
from ...events.queries.places import loaded_place
from ...events.rules import Publication
from ...events.services import NewOccurrence
from ...units.models import Region, Unit
from .. import queries, rules
from ..keeping import KEY
from ..models import Site, SiteStep
from ..rules import CampaignTerms, Declaration, Located, SiteState, Step

TAKEN = {"uq_site_name": "site.twice", "uq_site_number": "site.number_taken"}


def locked_campaign(edition_id: int, actor: Actor) -> Edition:
    """The campaign, locked after its series, when the actor has a part in it: what becomes public with
    it is decided while nobody publishes it or takes it back, and the same form sent twice waits for itself.

    Raises: NotFound.
    """
    lock_both(queries.edition_for_desk(actor, edition_id))
    # Locking reads the row again; what stands beside it is read with it.
    return queries.edition_for_desk(actor, edition_id)


def lock_both(edition: Edition) -> None:
    """In the order in which publishing locks them: an occurrence that is made holds on to both."""
    lock(Series, edition.series_id)
    lock(Edition, edition.id)


def new_site(
    edition: Edition, unit: Unit, declared: Declaration, number: str, now: datetime, zone: ZoneInfo, key: str
) -> Site:
    row = Site(
        key=key, edition_id=edition.id, series_id=edition.series_id, unit_id=unit.id, number=number,
        state=SiteState.DRAFT, proposal={}, revision=0, changed_at=now,
    )  # fmt: skip
    write(row, declared, unit, now, zone)
    return row


def write(row: Site, declared: Declaration, unit: Unit, now: datetime, zone: ZoneInfo) -> None:
    """What was declared, into its row; ``locate`` then finds a point for what names none."""
    for name, value in vars(declared).items():
        setattr(row, name, value)
    row.region_id = declared.region_id or unit.region_id
    row.starts_on = declared.starts_at.astimezone(zone).date()
    row.located = Located.NOWHERE if declared.latitude is None else Located.EXACT
    touch(row, now)


def touch(row: Site, now: datetime) -> None:
    row.revision, row.changed_at = (row.revision or 0) + 1, now


def locate(sites: Iterable[Site], session: Session) -> None:
    """Give those without a point of their own that of their district. One query, or none."""
    lost = [site for site in sites if site.located is not Located.EXACT]
    ids = {site.region_id for site in lost if site.region_id}
    if not ids:
        return
    query = select(Region.id, Region.latitude, Region.longitude).where(Region.id.in_(ids))
    points = {id: (latitude, longitude) for id, latitude, longitude in session.execute(query)}
    for site in lost:
        site.latitude, site.longitude = points.get(site.region_id or 0, (None, None))
        site.located = Located.NOWHERE if site.latitude is None else Located.DISTRICT


def step(session: Session, row: Site, what: Step, actor: Actor, now: datetime, **values: Any) -> None:
    session.flush()  # a new row gets its id
    session.add(SiteStep(site_id=row.id, at=now, account_id=actor.account_id, step=what, **values))


def send_up(
    session: Session,
    edition: Edition,
    sites: list[Site],
    chains: dict[int, tuple[rules.Checker, ...]],
    terms: CampaignTerms,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give declarations to whoever checks them first; what nobody has to check is passed at once.

    Whoever runs the campaign may declare after the deadline: for those who asked by telephone.
    """
    if not access.allows(actor, Action.PLAN, loaded_place(edition)):
        rules.check_open(terms, now)
    passed = []
    for row in sites:
        chain = chains[row.unit_id]
        row.reason = ""
        session.add(SiteStep(site_id=row.id, at=now, account_id=actor.account_id, step=Step.DECLARED))
        if chain:
            row.state, row.waits_unit_id = SiteState.DECLARED, chain[0].unit_id
        else:
            passed.append(row)
    if passed:
        pass_for_good(session, edition, passed, actor=actor, now=now, unit_id=edition.series.unit_id)


def pass_for_good(
    session: Session, edition: Edition, sites: list[Site], *, actor: Actor, now: datetime, unit_id: int
) -> None:
    """Make the occurrences of what is passed: public with the campaign, else when it is published."""
    public = edition.publication is Publication.PUBLISHED
    wanted = [
        NewOccurrence(
            edition,
            OccurrencePlan(
                row.starts_at, row.ends_at, row.all_day, place=row.place, title=row.name, summary=row.summary,
                unit_id=row.unit_id,
            ),
            is_public=public,
        )
        for row in sites
    ]  # fmt: skip
    made = events.make_occurrences(session, wanted, actor=actor, now=now, zone=installed_zone())
    for row, occurrence in zip(sites, made, strict=True):
        row.state, row.waits_unit_id, row.occurrence_id = SiteState.PASSED, None, occurrence.id
        session.add(SiteStep(site_id=row.id, at=now, account_id=actor.account_id, unit_id=unit_id, step=Step.PASSED))


def apply_proposal(session: Session, row: Site, edition: Edition, unit_id: int, *, actor: Actor, now: datetime) -> None:
    """A checked change of something that is public: those who know of it are told, as of every move."""
    zone: ZoneInfo = installed_zone()
    reason, proposal = row.reason, rules.restored(row.proposal)
    declared = replace(row.declared, **proposal)
    row.waits_unit_id, row.proposal, row.reason = None, {}, ""
    with refused(session, TAKEN, name=declared.name):
        write(row, declared, row.unit, now, zone)
        locate([row], session)
        session.flush()
    occurrence = one(Occurrence, row.occurrence_id or 0)
    if occurrence.title != row.name:
        events.change_occurrence(
            occurrence.id, title=row.name, summary=row.summary, expected_revision=occurrence.revision,
            keeper=KEY, actor=actor, now=now,
        )  # fmt: skip
    to = Sitting(row.starts_at, row.ends_at, row.all_day, occurrence.room_id, row.place)
    events.move(
        occurrence.id,
        to,
        reason=reason,
        expected_revision=occurrence.revision,
        keeper=KEY,
        actor=actor,
        now=now,
        zone=zone,
    )
    session.add(
        SiteStep(
            site_id=row.id, at=now, account_id=actor.account_id, unit_id=unit_id, step=Step.CHANGED, reason=reason,
            details={"fields": sorted(proposal)},
        )
    )  # fmt: skip
