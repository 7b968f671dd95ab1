"""Signing in and out, people, accounts, grants."""

import hashlib
import secrets
import threading
from collections.abc import Iterable
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import request
from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from ..core import web
from ..core.access import ANYBODY, Actor, Role
from ..core.db import db, transaction
from ..core.errors import RuleBroken
from . import queries, rules
from .models import Account, Grant, Person, SignIn

COOKIE = "sign-in"
_hasher = PasswordHasher()
# One hash takes 64 MiB and a core; a flood of sign-ins must not take the machine.
_hashing = threading.BoundedSemaphore(2)
# Verified when there is no such account, so that both answers take as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def token_hash(token: str) -> str:
    """Tokens have 128 random bits or more, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    if len(password) > rules.LONGEST_PASSWORD:
        raise RuleBroken("account.wrong")
    with _hashing:
        return _hasher.hash(password)


def sign_in(identifier: str, password: str, *, now: datetime) -> tuple[Account, str]:
    """The account and a new secret token for its cookie.

    Raises: RuleBroken("account.wrong"), the same for a wrong name and a wrong password, after the same work.
    """
    account = queries.account_by_identifier(rules.identifier(identifier))
    known = _verify(account.password_hash if account else _NOBODY, password)
    if account is None or not known or not account.active:
        raise RuleBroken("account.wrong")
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.add(
            SignIn(
                token_hash=token_hash(token),
                account_id=account.id,
                created_at=now,
                expires_at=now + rules.SESSION_LASTS,
            )
        )
    return account, token


def _verify(password_hash: str, password: str) -> bool:
    if len(password) > rules.LONGEST_PASSWORD:
        return False
    with _hashing:
        try:
            return _hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def sign_out(token: str) -> None:
    """End one browser's session; ending it twice is harmless."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def actor_of_request() -> Actor:
    """Who sends this request: one query with a cookie, none without."""
    token = request.cookies.get(COOKIE)
    if not token:
        return ANYBODY
    return queries.signed_in_actor(token_hash(token), web.arrived_at(), web.today()) or ANYBODY


def find_or_add_person(name: str, *, phone: str = "", email: str = "", now: datetime) -> int:
    """The id of the person of this name and contact, added when new. Safe when two ask at once."""
    clean = rules.person_name(name)
    digits, address = rules.phone(phone), rules.identifier(email)
    key = rules.contact_key(digits, address)
    with transaction() as session:
        if not key:
            person = Person(name=clean, created_at=now)
            session.add(person)
            session.flush()
            return person.id
        values = {"name": clean, "phone": digits, "email": address, "contact_key": key, "created_at": now}
        session.execute(insert(Person).values(values).on_conflict_do_nothing())
        found = session.execute(
            select(Person.id, Person.email).where(Person.contact_key == key, Person.name == clean)
        ).one()
        return int(found.id)


def forget_people(ids: Iterable[int]) -> None:
    """Erase people who were only a name on a form: no contact, no account."""
    with transaction() as session:
        nameless = [
            Person.id.in_(list(ids)),
            Person.contact_key == "",
            ~exists().where(Account.person_id == Person.id),
        ]
        session.execute(delete(Person).where(*nameless))


def add_account(
    identifier: str, password_hash: str, name: str, *, now: datetime, unit_id: int | None = None
) -> Account:
    """A person with an account; the hash comes from ``hash_password``, made before any transaction.

    Raises: RuleBroken("account.taken").
    """
    clean = rules.identifier(identifier)
    with transaction() as session:
        if queries.account_by_identifier(clean):
            raise RuleBroken("account.taken", identifier=clean)
        person = Person(name=rules.person_name(name), email=clean, contact_key=clean, unit_id=unit_id, created_at=now)
        account = Account(identifier=clean, password_hash=password_hash, person=person, created_at=now)
        session.add(account)
    return account


def grant(
    account_id: int,
    role: Role,
    *,
    unit_id: int | None = None,
    series_id: int | None = None,
    edition_id: int | None = None,
    round_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Grant:
    """Give an account a role in one scope. The caller has asked ``access``; the scope's own table checks the key."""
    with transaction() as session:
        row = Grant(
            account_id=account_id, role=role, unit_id=unit_id, series_id=series_id, edition_id=edition_id,
            round_id=round_id, valid_from=valid_from, valid_to=valid_to,
        )  # fmt: skip
        session.add(row)
    return row


def person_name_of(account_id: int) -> str:
    return db.session.scalar(select(Person.name).join(Account).where(Account.id == account_id)) or ""
