"""Reading people, sign-ins and grants."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from ..core.access import Actor, Granted
from ..core.db import db
from ..units.models import Unit
from .models import Account, Grant, Person, SignIn


def account_by_identifier(identifier: str) -> Account | None:
    return db.session.scalar(
        select(Account).where(Account.identifier == identifier).options(joinedload(Account.person))
    )


def signed_in_account(token_hash: str, now: datetime) -> Account | None:
    """The account behind a cookie, if it is still active. One query."""
    return db.session.scalar(
        select(Account)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.token_hash == token_hash, SignIn.expires_at > now, Account.active)
        .options(joinedload(Account.person))
    )


def grants_of(account_id: int, today: date) -> tuple[Granted, ...]:
    """The grants in force today, with the paths of their units. One query."""
    rows = db.session.execute(
        select(Grant, Unit.path)
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .where(Grant.account_id == account_id)
        .where(or_(Grant.valid_from.is_(None), Grant.valid_from <= today))
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to > today))
        .order_by(Grant.id)
    )
    return tuple(Granted(grant.role, path, grant.series_id, grant.edition_id, grant.round_id) for grant, path in rows)


def actor_for(account: Account, today: date) -> Actor:
    return Actor(account.id, account.person_id, account.person.name, grants_of(account.id, today))


def person_by_contact(contact_key: str, name: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.contact_key == contact_key, Person.name == name))


def account_of_person(person_id: int) -> Account | None:
    return db.session.scalar(select(Account).where(Account.person_id == person_id).order_by(Account.id).limit(1))
