"""Reading units, accounts, roles and what was done to them, along what the reader may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from flask_babel import lazy_gettext as _
from sqlalchemy import ARRAY, Integer, Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from ..accounts.models import Account, Grant, Person
from ..accounts.rules import NO_PASSWORD, AccountState
from ..audit.models import AuditRecord
from ..core import access
from ..core.access import Action, Actor, Place, Role
from ..core.db import db
from ..core.errors import NotFound
from ..units.models import Region, Unit
from ..units.rules import UnitKind, in_force
from .models import PasswordLink
from .rules import UNIT_ROLES, Deed
from .subjects import KINDS, Subject, SubjectKind

SCOPES = {"unit": "unit_id", "series": "series_id", "edition": "edition_id", "round": "round_id"}
LONGEST_SEARCH = 60


# ---- units


def unit_rows(
    actor: Actor, *, text: str = "", kind: UnitKind | None = None, closed: bool | None = False, today: date
) -> Select[Any]:
    """The units that one keeps, in the order of the tree. ``closed``: None shows both."""
    query = select(Unit).outerjoin(Region, Region.id == Unit.region_id).options(contains_eager(Unit.region))
    query = query.where(access.visible(Unit, actor))
    if text:
        query = query.where(Unit.name.icontains(text[:LONGEST_SEARCH], autoescape=True))
    if kind is not None:
        query = query.where(Unit.kind == kind)
    if closed is not None:
        query = query.where(Unit.over(today) if closed else ~Unit.over(today))
    # As text "/1/10/" comes before "/1/2/"; as numbers, whoever was added first stands first.
    ids = func.string_to_array(func.trim(Unit.path, "/"), "/").cast(ARRAY(Integer))
    return cast(Select[Any], query.order_by(ids))


def unit(actor: Actor, unit_id: int) -> Unit:
    """With its region. Raises: NotFound."""
    query = select(Unit).where(Unit.id == unit_id, access.visible(Unit, actor)).options(joinedload(Unit.region))
    row = db.session.scalar(query)
    if row is None:
        raise NotFound()
    return row


def ancestors(row: Unit) -> list[Unit]:
    """The units above, from the root down."""
    ids = [int(part) for part in row.path.strip("/").split("/")[:-1]]
    found = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))} if ids else {}
    return [found[id] for id in ids if id in found]


def units_below(row: Unit, today: date) -> int:
    """How many units below it are not closed."""
    inside = Unit.path.startswith(row.path, autoescape=True)
    return db.session.scalar(select(func.count()).where(inside, ~Unit.over(today), Unit.id != row.id)) or 0


def accounts_in(unit_ids: Collection[int]) -> dict[int, int]:
    """How many open accounts the people of each unit have; units without any are left out."""
    query = select(Person.unit_id, func.count()).join(Account, Account.person_id == Person.id)
    rows = db.session.execute(query.where(Person.unit_id.in_(unit_ids), Account.active).group_by(Person.unit_id))
    return {id: count for id, count in rows if id is not None}


def describe_units(ids: Collection[int]) -> dict[int, Subject]:
    rows = db.session.scalars(select(Unit).where(Unit.id.in_(ids)))
    return {row.id: subject_of(row) for row in rows}


def subject_of(row: Unit) -> Subject:
    return Subject("unit", row.id, row.name, Place(row.path), f"/manage/units/{row.id}", row.valid_to)


UNIT = SubjectKind(_("单位"), UNIT_ROLES, describe_units)


# ---- accounts


def account_rows(
    actor: Actor, *, text: str = "", state: AccountState | None = None, unit: Unit | None = None
) -> Select[Any]:
    """(Account with its person, name of the person's unit), in order of names."""
    query = (
        select(Account, Unit.name)
        .join(Account.person)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .options(contains_eager(Account.person))
        .where(access.visible(Account, actor))
    )
    if text:
        some = text[:LONGEST_SEARCH]
        query = query.where(
            or_(
                Person.name.icontains(some, autoescape=True),
                Account.identifier.icontains(some.lower(), autoescape=True),
                Unit.name.icontains(some, autoescape=True),
            )
        )
    if state is AccountState.CLOSED:
        query = query.where(~Account.active)
    elif state is not None:
        has = Account.password_hash != NO_PASSWORD
        query = query.where(Account.active, has if state is AccountState.ACTIVE else ~has)
    if unit is not None:
        query = query.where(Person.unit_id == unit.id)
    return cast(Select[Any], query.order_by(Person.name, Account.id))


def account(actor: Actor, account_id: int) -> Account:
    """With its person. Raises: NotFound."""
    query = select(Account).where(Account.id == account_id, access.visible(Account, actor))
    row = db.session.scalar(query.options(joinedload(Account.person)))
    if row is None:
        raise NotFound()
    return row


def roles_of(account_ids: Collection[int], actor: Actor, today: date) -> dict[int, list[Role | None]]:
    """The roles that accounts hold today where the actor gives roles, each once; None, at the end, for any elsewhere.

    One query, and one for each kind of thing that they are for.
    """
    query = select(Grant).where(Grant.account_id.in_(account_ids), Grant.in_force(today)).order_by(Grant.id)
    rows = list(db.session.scalars(query))
    subjects = subjects_of(rows)
    found: dict[int, dict[Role | None, None]] = {}
    for row in rows:
        known = access.allows(actor, Action.GRANT, place_of(row, subjects))
        if known or access.GRANTS[row.role]:
            found.setdefault(row.account_id, {})[row.role if known else None] = None
    return {id: sorted(roles, key=lambda role: role is None) for id, roles in found.items()}


def live_link(account_id: int, now: datetime) -> PasswordLink | None:
    """The one-time link that would still open."""
    query = select(PasswordLink).where(PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None))
    return db.session.scalar(query.where(PasswordLink.expires_at > now).order_by(PasswordLink.id.desc()).limit(1))


def link_was_sent(chain: str, since: datetime) -> bool:
    """Whether a letter with a link to the account of this chain has been owed after an instant."""
    sent = exists().where(AuditRecord.chain == chain, AuditRecord.verb == Deed.LINK_SENT.value, AuditRecord.at > since)
    return bool(db.session.scalar(select(sent)))


# ---- roles


@dataclass(frozen=True)
class Held:
    """A role of an account, as somebody sees it. ``subject`` is None for an administrator."""

    grant: Grant
    subject: Subject | None
    account: Account
    home: str  # the unit that the person belongs to
    in_force: bool
    may_take: bool
    known: bool  # False beyond the reach of who asks: not to be shown, neither the role nor its dates

    def counts(self, today: date) -> bool:
        """Whether it allows anything, today or later; what is over, or allows nothing, shields no account."""
        return not over(self.grant.valid_to, today) and bool(access.GRANTS[self.grant.role])


def subject(kind: str, id: int) -> Subject:
    """Raises: NotFound."""
    found = KINDS[kind].describe([id]).get(id) if kind in KINDS else None
    if found is None:
        raise NotFound()
    return found


def subjects_of(grants: Iterable[Grant]) -> dict[int, Subject]:
    """What each grant is for, by the grant's id; administrators' are for nothing. One query per kind of thing."""
    grants = list(grants)
    found: dict[int, Subject] = {}
    for kind, column in SCOPES.items():
        ids = {getattr(row, column) for row in grants} - {None}
        described: Mapping[int, Subject] = KINDS[kind].describe(ids) if ids and kind in KINDS else {}
        found |= {row.id: described[id] for row in grants if (id := getattr(row, column)) in described}
    return found


def over(valid_to: date | None, today: date) -> bool:
    return valid_to is not None and valid_to <= today


def place_of(row: Grant, subjects: Mapping[int, Subject]) -> Place:
    """Where a grant holds; nowhere for an administrator's, which only administrators cover."""
    return subjects[row.id].place if row.id in subjects else Place()


def held_by(holder: Account, actor: Actor, today: date) -> list[Held]:
    """The roles of one account, those too that the actor may not know of."""
    query = select(Grant).where(Grant.account_id == holder.id).order_by(Grant.id)
    return _held([(row, holder, "") for row in db.session.scalars(query)], actor, today)


def within_reach(held: Iterable[Held], today: date) -> bool:
    """Whether whoever these roles of an account were read for may keep it, as far as its roles go."""
    return all(row.may_take for row in held if row.counts(today))


def held_at(found: Subject, actor: Actor, today: date) -> list[Held]:
    """Who has a role for one thing."""
    query = (
        select(Grant, Account, func.coalesce(Unit.name, ""))
        .join(Account, Account.id == Grant.account_id)
        .join(Account.person)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .options(contains_eager(Account.person))
        .where(getattr(Grant, SCOPES[found.kind]) == found.id)
        .order_by(Grant.role.desc(), Person.name, Grant.id)
    )
    return _held([(row, holder, home) for row, holder, home in db.session.execute(query)], actor, today)


def _held(rows: list[tuple[Grant, Account, str]], actor: Actor, today: date) -> list[Held]:
    subjects = subjects_of(row for row, _holder, _home in rows)
    held = []
    for row, holder, home in rows:
        place = place_of(row, subjects)
        known = access.allows(actor, Action.GRANT, place)
        held.append(
            Held(
                row, subjects.get(row.id) if known else None, holder, home,
                in_force=in_force(row.valid_from, row.valid_to, today),
                may_take=access.may_give(actor, row.role, place), known=known,
            )
        )  # fmt: skip
    return held


# ---- what was done


@dataclass(frozen=True)
class Done:
    """A record of the audit, with who did it; "" is the program itself."""

    record: AuditRecord
    who: str


def with_names(records: Iterable[AuditRecord]) -> list[Done]:
    """One query for all of them."""
    records = list(records)
    names = account_names({row.account_id for row in records if row.account_id is not None})
    return [Done(row, names.get(row.account_id, "") if row.account_id else "") for row in records]


def account_names(ids: Collection[int]) -> dict[int, str]:
    """Whose accounts these are."""
    query = select(Account.id, Person.name).join(Person, Person.id == Account.person_id).where(Account.id.in_(ids))
    return {id: name for id, name in db.session.execute(query)} if ids else {}


def names_of_subjects(records: Iterable[AuditRecord]) -> dict[tuple[str, int], str]:
    """The names of what the grants in some records were for, by kind and id."""
    records = list(records)
    found: dict[tuple[str, int], str] = {}
    for kind, column in SCOPES.items():
        ids = {int(row.details[column]) for row in records if row.details.get(column)}
        described = KINDS[kind].describe(ids) if ids and kind in KINDS else {}
        found |= {(kind, id): one.name for id, one in described.items()}
    return found


def unit_names(ids: Collection[int]) -> dict[int, str]:
    return {id: name for id, name in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))}


def grant(grant_id: int) -> Grant | None:
    return db.session.get(Grant, grant_id)
