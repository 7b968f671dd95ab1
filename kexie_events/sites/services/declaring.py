"""Declaring an activity, changing it, taking it back, withdrawing it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import expect_revision, lock, one, refused, transaction
from ...core.errors import SentBefore
from ...events import rules as event_rules
from ...events import services as events
from ...events.models import Edition, Occurrence
from ...units.models import Unit
from ...units.rules import check_in_force
from .. import queries, rules
from ..keeping import KEY
from ..models import Site
from ..rules import CampaignTerms, Declaration, SiteState, Step
from .writing import TAKEN, apply_proposal, locate, lock_both, locked_campaign, new_site, send_up, step, touch, write


def add(
    edition_id: int,
    unit_id: int,
    declared: Declaration,
    *,
    number: str = "",
    key: str = "",
    declare: bool = False,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Site:
    """Locks series and edition. One more activity of a unit, as a draft or declared at once.

    ``key`` of the form that was sent: the same form twice is one activity.
    Raises: SentBefore when it made another one, RuleBroken("site.twice" | "site.number_taken" | "site.closed" |
    "site.unit_outside" …), Forbidden, NotFound.
    """
    with transaction() as session:
        edition = locked_campaign(edition_id, actor)
        terms = queries.terms_of(edition)
        unit = _declaring_unit(unit_id, actor, now, zone)
        chain, asked = _chain(unit, edition), rules.sound(declared, terms, zone)
        if key and (sent := session.scalar(select(Site).where(Site.key == key))):
            row = _sent_before(sent, edition, unit, asked)
            if declare and row.state is SiteState.DRAFT:  # saved first, declared with the second press
                send_up(session, edition, [row], {unit.id: chain}, terms, actor=actor, now=now)
                touch(row, now)
            return row
        row = new_site(edition, unit, asked, number, now, zone, key or uuid4().hex)
        locate([row], session)
        with refused(session, TAKEN, name=row.name):
            session.add(row)
        step(session, row, Step.ADDED, actor, now)
        if declare:
            send_up(session, edition, [row], {unit.id: chain}, terms, actor=actor, now=now)
        audit.record(f"site:{row.id}", "site.added", actor=actor, now=now, edition=edition_id, unit=unit_id)
    return row


def _sent_before(sent: Site, edition: Edition, unit: Unit, asked: Declaration) -> Site:
    """What a form made, locked, when that is what it asks for. Raises: SentBefore."""
    row = lock(Site, sent.id)
    kept = replace(asked, region_id=asked.region_id or unit.region_id)
    if (row.edition_id, row.unit_id) != (edition.id, unit.id) or rules.differing(vars(row.declared), vars(kept)):
        raise SentBefore(name=row.name)
    return row


def _chain(unit: Unit, edition: Edition) -> tuple[rules.Checker, ...]:
    """Who checks what a unit declares, the nearest first."""
    return rules.chain_of(unit.path, edition.series.unit.path, queries.checkers([unit.path]))


def _declaring_unit(unit_id: int, actor: Actor, now: datetime, zone: ZoneInfo) -> Unit:
    """Raises: RuleBroken("unit.ended" | "unit.not_begun"), Forbidden, NotFound."""
    unit = one(Unit, unit_id)
    access.require(actor, Action.PLAN, Place(unit.path))
    check_in_force(unit, now.astimezone(zone).date())
    return unit


def own(session: Session, site_id: int, expected_revision: int, actor: Actor) -> Site:
    """The declaration, locked after its edition, of a unit that the actor plans for.

    Raises: NotFound, Conflict("site.changed_meanwhile").
    """
    lock_both(queries.site(actor, site_id).edition)
    lock(Site, site_id)
    row = queries.site(actor, site_id)
    access.require(actor, Action.PLAN, queries.place_of_site(row))
    expect_revision(row.revision, expected_revision, "site.changed_meanwhile", names=[row.name])
    return row


def change(
    site_id: int,
    declared: Declaration,
    *,
    reason: str = "",
    expected_revision: int,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Site:
    """Locks series, edition and declaration. A draft or returned one is written anew. Of one that was passed small
    things are corrected at once (``rules.CORRECTABLE``); everything else is a proposal that is checked like a new
    declaration, and until then the public sees what was passed.

    Raises: Conflict, RuleBroken("site.state" | "site.twice" | "site.reason" …).
    """
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        terms = queries.terms_of(row.edition)
        rules.check_state(row.state, SiteState.DRAFT, SiteState.RETURNED, SiteState.PASSED)
        kept = rules.sound(declared, terms, zone)
        kept = replace(kept, region_id=kept.region_id or row.unit.region_id)
        different = rules.differing(vars(row.declared), vars(kept))
        if not different:
            return row
        if row.state is not SiteState.PASSED:
            with refused(session, TAKEN, name=kept.name):
                write(row, kept, row.unit, now, zone)
                locate([row], session)
                session.flush()
            step(session, row, Step.CORRECTED, actor, now, details={"fields": sorted(different)})
        else:
            _change_passed(session, row, different, reason, terms, actor=actor, now=now)
        audit.record(
            f"site:{row.id}", "site.changed", actor=actor, now=now, fields=sorted(different), state=row.state.value
        )
    return row


def _change_passed(
    session: Session,
    row: Site,
    different: dict[str, Any],
    reason: str,
    terms: CampaignTerms,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    small = {name: value for name, value in different.items() if name in rules.CORRECTABLE}
    large = {name: value for name, value in different.items() if name not in rules.CORRECTABLE}
    chain = rules.chain_of(row.unit.path, row.edition.series.unit.path, queries.checkers([row.unit.path]))
    for name, value in small.items():
        setattr(row, name, value)
    if small:
        step(session, row, Step.CORRECTED, actor, now, details={"fields": sorted(small)})
        occurrence = one(Occurrence, row.occurrence_id or 0)
        events.change_occurrence(
            occurrence.id, title=occurrence.title, summary=row.summary, expected_revision=occurrence.revision,
            keeper=KEY, actor=actor, now=now,
        )  # fmt: skip
    if large:
        event_rules.check_ahead(row.ends_at, now)
        row.reason, row.proposal = rules.check_reason(reason), rules.storable(large)
        row.waits_unit_id = chain[0].unit_id if chain else row.edition.series.unit_id
        fields = {"fields": sorted(large)}
        step(session, row, Step.CHANGE_DECLARED, actor, now, reason=row.reason, details=fields)
        if not chain:
            apply_proposal(session, row, row.edition, row.edition.series.unit_id, actor=actor, now=now)
    touch(row, now)


def declare(site_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> Site:
    """Locks series, edition and declaration. Hand it in: it now waits for the first unit of its chain.

    Raises: Conflict, RuleBroken("site.state" | "site.closed").
    """
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        rules.check_state(row.state, SiteState.DRAFT, SiteState.RETURNED)
        chain = rules.chain_of(row.unit.path, row.edition.series.unit.path, queries.checkers([row.unit.path]))
        send_up(session, row.edition, [row], {row.unit_id: chain}, queries.terms_of(row.edition), actor=actor, now=now)
        touch(row, now)
        audit.record(f"site:{row.id}", "site.declared", actor=actor, now=now, edition=row.edition_id)
    return row


def take_back(site_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> Site:
    """Locks series, edition and declaration. Take it out of the queue, to change it; of one that was passed, the
    proposed change.

    Raises: Conflict, RuleBroken("site.state").
    """
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        rules.check_waits(row.state, waits=row.waits_unit_id is not None)
        if row.state is SiteState.DECLARED:
            row.state = SiteState.DRAFT
        row.waits_unit_id, row.proposal, row.reason = None, {}, ""
        step(session, row, Step.TAKEN_BACK, actor, now)
        touch(row, now)
        audit.record(f"site:{row.id}", "site.taken_back", actor=actor, now=now)
    return row


def withdraw(site_id: int, *, reason: str, expected_revision: int, actor: Actor, now: datetime) -> Site:
    """Locks series, edition and declaration. It will not be held. One that was public is cancelled, and says so
    on every page.

    Raises: Conflict, RuleBroken("site.state" | "site.reason" | "event.over").
    """
    why = rules.check_reason(reason)
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        rules.check_state(row.state, *rules.WITHDRAWABLE)
        if row.occurrence_id is not None:
            events.cancel(row.occurrence_id, reason=why, keeper=KEY, actor=actor, now=now)
        row.state, row.waits_unit_id, row.proposal, row.reason = SiteState.WITHDRAWN, None, {}, why
        step(session, row, Step.WITHDRAWN, actor, now, reason=why)
        touch(row, now)
        audit.record(f"site:{row.id}", "site.withdrawn", actor=actor, now=now, reason=why)
    return row


def reopen(site_id: int, *, expected_revision: int, actor: Actor, now: datetime) -> Site:
    """Locks series, edition and declaration. Undo its withdrawal: one that was passed takes place again, another
    is a draft again.

    Raises: Conflict, RuleBroken("site.state" | "site.twice" | "event.begun").
    """
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        rules.check_state(row.state, SiteState.WITHDRAWN)
        with refused(session, TAKEN, name=row.name):
            row.state = SiteState.DRAFT if row.occurrence_id is None else SiteState.PASSED
            session.flush()
        if row.occurrence_id is not None:
            events.restore(row.occurrence_id, keeper=KEY, actor=actor, now=now)
        row.reason = ""
        step(session, row, Step.REOPENED, actor, now)
        touch(row, now)
        audit.record(f"site:{row.id}", "site.reopened", actor=actor, now=now)
    return row
