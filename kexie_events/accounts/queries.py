"""Reading people, sign-ins and grants."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, Text, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from ..core.access import Actor, Granted, Role
from ..core.db import Instant, db
from ..units.models import Unit
from .models import Account, Grant, Person, SignIn
from .rules import NO_PASSWORD

# The fields of Granted.
_GRANTED = (Grant.role, Unit.path, Grant.series_id, Grant.edition_id, Grant.round_id, Grant.valid_to)
_TODAY = bindparam("today", type_=Date())


_IN_FORCE = Grant.in_force(_TODAY)


def _granted(row: Sequence[Any], today: date) -> Granted:
    return replace(Granted(*row), on=today)


def account_by_identifier(identifier: str) -> Account | None:
    return db.session.scalar(
        select(Account).where(Account.identifier == identifier).options(joinedload(Account.person))
    )


def signed_in_actor(token_hash: str, now: datetime, today: date) -> Actor | None:
    """Who is behind a cookie, if the account is still active, with the grants in force today. One query."""
    rows = db.session.execute(_signed_in(), {"token_hash": token_hash, "now": now, "today": today}).all()
    if not rows:
        return None
    account_id, person_id, name, *_ = rows[0]
    return Actor(account_id, person_id, name, tuple(_granted(row[3:], today) for row in rows if row.role is not None))


@cache  # every page of whoever is signed in asks it, and building it takes longer than running it
def _signed_in() -> Select[*tuple[Any, ...]]:
    return (
        select(Account.id, Account.person_id, Person.name, *_GRANTED)
        .join(SignIn, SignIn.account_id == Account.id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Grant, and_(Grant.account_id == Account.id, _IN_FORCE))
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .where(SignIn.token_hash == bindparam("token_hash", type_=Text()), Account.active)
        .where(SignIn.expires_at > bindparam("now", type_=Instant()))
        .order_by(Grant.id)
    )


def grants_of(account_id: int, today: date) -> tuple[Granted, ...]:
    """The grants in force today, with the paths of their units. One query."""
    rows = db.session.execute(
        select(*_GRANTED)
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .where(Grant.account_id == account_id, _IN_FORCE)
        .order_by(Grant.id),
        {"today": today},
    )
    return tuple(_granted(row, today) for row in rows)


def actor_for(account: Account, today: date) -> Actor:
    return Actor(account.id, account.person_id, account.person.name, grants_of(account.id, today))


def find_person(person_id: int) -> Person | None:
    return db.session.get(Person, person_id)


def name_of(account_id: int | None) -> str:
    """The name of whose account it is; "" when there is none."""
    query = select(Person.name).join(Account, Account.person_id == Person.id)
    return db.session.scalar(query.where(Account.id == account_id)) or ""


def own_account(actor: Actor) -> Account:
    """The account of whoever is signed in, with its person."""
    return db.session.scalars(
        select(Account).where(Account.id == actor.account_id).options(joinedload(Account.person))
    ).one()


def lasting_administrators(today: date, *, without_account: int = 0, without_grant: int = 0) -> int:
    """How many accounts can sign in as administrator today and for good, leaving out one account or one grant."""
    count = (
        select(func.count(Account.id.distinct()))
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.role == Role.ADMINISTRATOR, Grant.in_force(today), Grant.valid_to.is_(None))
        .where(Account.active, Account.password_hash != NO_PASSWORD)
        .where(Account.id != without_account, Grant.id != without_grant)
    )
    return db.session.scalar(count) or 0


def sign_ins_of(account_id: int, now: datetime) -> list[SignIn]:
    """The browsers that are signed in, newest first."""
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at > now)
    return list(db.session.scalars(query.order_by(SignIn.created_at.desc(), SignIn.id.desc())))
