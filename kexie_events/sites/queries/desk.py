"""What declaring units and those who check see of a campaign. Every list passes ``access.visible``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, defer, joinedload

from ...accounts.models import Account, Person
from ...core import access
from ...core.access import GRANTS, Action, Actor, Place, Scope, visible
from ...core.db import db
from ...core.errors import NotFound
from ...events.kinds import KINDS, Capability
from ...events.models import Edition, Series, Venue
from ...events.queries.manage import planned_by
from ...events.queries.places import loaded_place
from ...units.models import Region, Unit
from ...units.queries import regions_in_force, units_for
from ...units.rules import UnitKind
from ..models import Campaign, Site, SitePhoto, SiteStep
from ..rules import REPORT_WITHIN, CampaignTerms, Checker, SiteState

WITH_SITES = [kind for kind, spec in KINDS.items() if Capability.SITES in spec.capabilities]


def edition_for_desk(actor: Actor, edition_id: int) -> Edition:
    """A campaign that the actor may see and in which they have a unit that declares, or that they run; with series and
    unit. Raises: NotFound."""
    query = (
        select(Edition)
        .join(Edition.series)
        .join(Series.unit)
        .options(contains_eager(Edition.series).contains_eager(Series.unit), joinedload(Edition.unit))
        .where(Edition.id == edition_id, _has_part(actor))
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


class _Own:
    """The units for which somebody plans."""

    @classmethod
    def scope(cls) -> Scope:
        return Scope(Action.PLAN, public=false(), unit_path=Unit.path)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The declarations that this actor sees on the desk: of campaigns that they run, and of their own units. What a
    unit has declared stays its own, also when its time as a host is over: it still owes the report.

    Which campaigns and units those are is asked once for a statement, not for each of thousands of rows.
    """
    run = select(Edition.id).where(planned_by(actor, Edition))
    own = select(Unit.id).where(visible(_Own, actor))
    return or_(Site.edition_id.in_(run), Site.unit_id.in_(own))


def seen_in(actor: Actor, edition: Edition) -> ColumnElement[bool]:
    """``seen_by`` of one campaign: whether they run it is asked once."""
    runs = exists().where(Edition.id == edition.id, planned_by(actor, Edition)).correlate(None)
    own = select(Unit.id).where(visible(_Own, actor))
    return and_(Site.edition_id == edition.id, or_(runs, Site.unit_id.in_(own)))


def _has_part(actor: Actor) -> ColumnElement[bool]:
    """Campaigns that the actor runs, or sees and plans for a unit below."""
    paths = [g.unit_path for g in actor.grants if Action.PLAN in GRANTS[g.role] and g.unit_path]
    below = [func.starts_with(path, Unit.path) for path in paths]
    return and_(Series.kind.in_(WITH_SITES), visible(Edition, actor), or_(planned_by(actor, Edition), *below))


@dataclass(frozen=True)
class Board:
    """A campaign and what of it waits for this reader."""

    edition: Edition
    own: int  # declarations that the actor sees
    waiting: int
    returned: int


def campaigns(actor: Actor, limit: int = 50) -> list[Board]:
    """The campaigns in which the actor has a part, the latest first. One query."""
    seen = and_(Site.edition_id == Edition.id, seen_by(actor))
    counted = [
        select(func.count()).select_from(Site).where(seen, more).correlate(Edition).scalar_subquery()
        for more in (Site.id > 0, Site.waits_unit_id.is_not(None), Site.state == SiteState.RETURNED)
    ]
    query = (
        select(Edition, *counted)
        .join(Edition.series)
        .join(Series.unit)
        .options(contains_eager(Edition.series).contains_eager(Series.unit), joinedload(Edition.unit))
        .where(_has_part(actor))
        .order_by(Edition.year.desc(), Edition.id.desc())
        .limit(limit)
    )
    return [Board(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Duties:
    """What a campaign asks of this reader."""

    edition: Edition
    decide: int  # declarations that wait for their unit; of a campaign that they run, the last decision
    mend: int  # of their own unit: returned
    report: int  # of their own unit: held, and not reported yet


def duties(actor: Actor, now: datetime, edition_id: int | None, limit: int) -> list[Duties]:
    """Campaigns in which something waits for the actor, the latest first. What waits further down the tree is the
    business of the units there, though the actor may decide for them. One query."""
    waits = aliased(Unit)
    own = _units_named(actor, Action.PLAN)
    asked = or_(
        waits.id.in_(_units_named(actor, Action.APPROVE)),
        and_(waits.id == Series.unit_id, planned_by(actor, Edition, Action.APPROVE)),
    )
    sums = [
        func.count().filter(each).label(name)
        for name, each in (
            ("decide", asked),
            ("mend", and_(Site.state == SiteState.RETURNED, Site.unit_id.in_(own))),
            ("report", and_(to_report(now), Site.unit_id.in_(own))),
        )
    ]
    counted = (
        select(Site.edition_id, *sums)
        .join(Edition, Edition.id == Site.edition_id)
        .join(Series, Series.id == Edition.series_id)
        .outerjoin(waits, waits.id == Site.waits_unit_id)
        .where(seen_by(actor))
        .group_by(Site.edition_id)
    )
    if edition_id is not None:
        counted = counted.where(Site.edition_id == edition_id)
    found = counted.subquery()
    numbers = (found.c.decide, found.c.mend, found.c.report)
    query = (
        select(Edition, *numbers)
        .join(found, found.c.edition_id == Edition.id)
        .join(Edition.series)
        .join(Series.unit)
        .options(contains_eager(Edition.series).contains_eager(Series.unit), joinedload(Edition.unit))
        .where(or_(*(number > 0 for number in numbers)), _has_part(actor))
        .order_by(Edition.year.desc(), Edition.id.desc())
        .limit(limit)
    )
    return [Duties(*row) for row in db.session.execute(query)]


def _units_named(actor: Actor, action: Action) -> Select[Any]:
    """The units to which a grant of the actor's itself points: not those below."""
    paths = [grant.unit_path for grant in actor.grants if action in GRANTS[grant.role] and grant.unit_path]
    return select(Unit.id).where(Unit.path.in_(paths))


def terms_of(edition: Edition) -> CampaignTerms:
    """What the edition asks: its own terms, else the kinds of activity of the latest one before it, else the usual.

    One query.
    """
    own = (Campaign.edition_id == edition.id).label("own")
    query = (
        select(Campaign, own)
        .join(Edition, Edition.id == Campaign.edition_id)
        .where(Edition.series_id == edition.series_id)
        .order_by(own.desc(), Edition.year.desc(), Edition.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).first()
    if found is None:
        return CampaignTerms()
    return found[0].terms if found[1] else CampaignTerms(found[0].terms.categories)


def checkers(paths: Iterable[str]) -> list[Checker]:
    """The units above these, themselves included. One query."""
    ids = {int(part) for path in paths for part in path.strip("/").split("/") if part}
    query = select(Unit.id, Unit.path, Unit.name, Unit.kind).where(Unit.id.in_(ids))
    return [Checker(id, path, name, kind is UnitKind.ASSOCIATION) for id, path, name, kind in db.session.execute(query)]


def root_of(edition: Edition) -> Checker:
    """The last of every chain: whose campaign it is, whoever runs this edition for them."""
    unit = edition.series.unit
    return Checker(unit.id, unit.path, unit.name, True)


def place_of_site(site: Site) -> Place:
    """Where a declaration lives: with its unit, without end, and with whoever runs the campaign."""
    return replace(loaded_place(site.edition), unit_path=site.unit.path)


def reaches(actor: Actor, edition: Edition) -> Callable[[Checker], bool]:
    """Whether the actor may decide for a unit of the chain; whoever runs the campaign may, for the last one."""

    def may(unit: Checker) -> bool:
        top = unit.unit_id == edition.series.unit_id
        return access.allows(actor, Action.APPROVE, loaded_place(edition) if top else Place(unit.path))

    return may


def site(actor: Actor, site_id: int) -> Site:
    """A declaration with its unit, region, edition, series, and whose decision it waits for. Raises: NotFound."""
    query = (
        select(Site)
        .options(
            joinedload(Site.unit), joinedload(Site.region), joinedload(Site.waits_unit),
            joinedload(Site.edition).joinedload(Edition.series).joinedload(Series.unit),
            joinedload(Site.edition).joinedload(Edition.unit),
        )
        .where(Site.id == site_id, seen_by(actor))
        .execution_options(populate_existing=True)
    )  # fmt: skip
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def units_to_declare_for(actor: Actor, edition: Edition, day: date) -> list[Unit]:
    """The units of the campaign for which the actor may declare, in the order of the tree."""
    return [unit for unit in units_for(actor, Action.PLAN, day) if unit.path.startswith(edition.series.unit.path)]


def regions_for(day: date) -> list[Region]:
    """In the order of their codes; those without one come last."""
    return sorted(regions_in_force(day), key=lambda region: (region.code or "999999", region.id))


WAITING = Site.waits_unit_id.is_not(None)


def late(now: datetime, terms: CampaignTerms) -> ColumnElement[bool]:
    """Held, and the report is not there although its day is over. What is cancelled is withdrawn: ``KEEPER``."""
    due = Site.ends_at < now - REPORT_WITHIN if terms.reports_until is None else _after(terms.reports_until, now)
    return and_(Site.state == SiteState.PASSED, Site.reported_at.is_(None), due)


def _after(due: datetime, now: datetime) -> ColumnElement[bool]:
    return Site.ends_at <= now if now >= due else Site.id < 0


def to_report(now: datetime) -> ColumnElement[bool]:
    """Held, and not reported yet."""
    return and_(Site.state == SiteState.PASSED, Site.reported_at.is_(None), Site.ends_at <= now)


def conditions(edition: Edition, terms: CampaignTerms, now: datetime) -> dict[str, ColumnElement[bool]]:
    """The saved filters of the desk, by their names in the address."""
    return {
        "draft": Site.state == SiteState.DRAFT,
        "district": and_(WAITING, Site.waits_unit_id != edition.series.unit_id),
        "top": Site.waits_unit_id == edition.series.unit_id,
        "returned": Site.state == SiteState.RETURNED,
        "passed": Site.state == SiteState.PASSED,
        "report": to_report(now),
        "late": late(now, terms),
        "withdrawn": Site.state == SiteState.WITHDRAWN,
    }


def counts(actor: Actor, edition: Edition, terms: CampaignTerms, now: datetime) -> dict[str, int]:
    """How many each filter leaves; "" for all. One query."""
    named = conditions(edition, terms, now)
    query = select(func.count(), *(func.count().filter(each) for each in named.values())).where(seen_in(actor, edition))
    found = db.session.execute(query).one()
    return dict(zip(("", *named), found, strict=True))


# What a list does not show, and would have to carry for each of its rows.
_ONLY_ON_ITS_PAGE = (
    Site.key, Site.summary, Site.outcome, Site.address, Site.link, Site.audience, Site.contact_name, Site.contact_phone,
    Site.latitude, Site.longitude, Site.located,
)  # fmt: skip


def rows(
    actor: Actor,
    edition: Edition,
    terms: CampaignTerms,
    now: datetime,
    *,
    chosen: str = "",
    text: str = "",
    region: str = "",
) -> Select[Any]:
    """Declarations that the actor sees, with unit, region and whose decision they wait for: by region, day and name.

    What waits is in the order in which it came, so that nobody is passed over.
    """  # fmt: skip
    waits = aliased(Unit)
    query = (
        select(Site)
        .join(Site.unit)
        .outerjoin(Site.region)
        .outerjoin(Site.waits_unit.of_type(waits))
        .options(
            contains_eager(Site.unit).load_only(Unit.name, Unit.path),
            contains_eager(Site.region).load_only(Region.name),
            contains_eager(Site.waits_unit.of_type(waits)).load_only(waits.name, waits.path),
            *(defer(column, raiseload=True) for column in _ONLY_ON_ITS_PAGE),
        )
        .where(seen_in(actor, edition))
    )
    condition = conditions(edition, terms, now).get(chosen)
    if condition is not None:
        query = query.where(condition)
    if text:
        query = query.where(or_(Site.name.icontains(text, autoescape=True), Unit.name.icontains(text, autoescape=True)))
    if region:
        query = query.where(Region.slug == region)
    if chosen in ("district", "top"):
        return query.order_by(Site.changed_at, Site.id)
    return query.order_by(Region.code.nulls_last(), Site.starts_on, Site.starts_at, Site.id)


def history(site_id: int) -> Sequence[Any]:
    """(SiteStep, name of who did it, name of the unit for which), the newest first."""
    query = (
        select(SiteStep, Person.name, Unit.name)
        .outerjoin(Account, Account.id == SiteStep.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Unit, Unit.id == SiteStep.unit_id)
        .where(SiteStep.site_id == site_id)
        .order_by(SiteStep.id.desc())
    )
    return db.session.execute(query).all()


def photos(site_id: int) -> Sequence[SitePhoto]:
    return db.session.scalars(select(SitePhoto).where(SitePhoto.site_id == site_id).order_by(SitePhoto.id)).all()


def last_edition(edition: Edition, actor: Actor) -> Edition | None:
    """The edition before, for which the actor sees declarations."""
    query = (
        select(Edition)
        .join(Edition.series)
        .options(contains_eager(Edition.series))
        .where(
            Edition.series_id == edition.series_id, Edition.year <= edition.year, Edition.id != edition.id,
            exists().where(Site.edition_id == Edition.id, seen_by(actor), Site.state != SiteState.WITHDRAWN),
        )
        .order_by(Edition.year.desc(), Edition.id.desc())
        .limit(1)
    )  # fmt: skip
    return db.session.scalar(query)


@dataclass(frozen=True)
class Known:
    """What is declared already, found by the sheet's own number or by unit, name and day."""

    by_number: Mapping[tuple[int, str], Site]
    by_name: Mapping[tuple[int, str, date], Site]


def known_sites(edition_id: int, unit_ids: Iterable[int], actor: Actor, *, for_update: bool = False) -> Known:
    """Of these units, without what was withdrawn. One query."""
    query = select(Site).where(
        Site.edition_id == edition_id, Site.unit_id.in_(set(unit_ids)), seen_by(actor),
        Site.state != SiteState.WITHDRAWN,
    ).order_by(Site.id)  # fmt: skip
    if for_update:
        query = query.with_for_update(of=Site).execution_options(populate_existing=True)
    found = db.session.scalars(query).all()
    return Known(
        {(each.unit_id, each.number): each for each in found if each.number},
        {(each.unit_id, each.name, each.starts_on): each for each in found},
    )


MOST_VENUES = 300


def venues() -> Sequence[Venue]:
    """Those to choose from, by name; their names are no secret."""
    return db.session.scalars(select(Venue).order_by(Venue.name).limit(MOST_VENUES)).all()


def venue(venue_id: int) -> Venue | None:
    return db.session.get(Venue, venue_id)


def unit_of(actor: Actor) -> str | None:
    """The name of the highest unit for which somebody reports; None for whoever has no unit of their own."""
    paths = [g.unit_path for g in actor.grants if Action.REPORT in GRANTS[g.role] and g.unit_path]
    if not paths:
        return None
    return db.session.scalar(select(Unit.name).where(Unit.path == min(paths, key=len)))
