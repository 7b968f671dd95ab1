"""Signing in and out, one's own password and sessions, people, accounts, grants.

Whoever calls ``add_account``, ``grant`` and the other services about somebody else's account has asked ``access``.
"""

import secrets
import threading
from collections.abc import Iterable
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from ..audit import services as audit
from ..core.access import Actor, Role
from ..core.db import db, lock, refused, transaction
from ..core.errors import RuleBroken
from . import queries, rules
from .models import Account, Grant, Person, SignIn

_hasher = PasswordHasher()
# One hash takes 64 MiB and a core; a flood of sign-ins must not take the machine.
_hashing = threading.BoundedSemaphore(2)
# Verified when there is no such account, so that both answers take as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


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
    verified = (account and account.password_hash) or _NOBODY
    known = _verify(verified, password)
    if account is None or not known:
        raise RuleBroken("account.wrong")
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        # Verifying takes a while: a password that was changed meanwhile, or a closed account, opens nothing any more.
        account = lock(Account, account.id)
        if not account.active or account.password_hash != verified:
            raise RuleBroken("account.wrong")
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.add(
            SignIn(
                token_hash=rules.token_hash(token),
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
        session.execute(delete(SignIn).where(SignIn.token_hash == rules.token_hash(token)))


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
    identifier: str,
    password_hash: str,
    name: str,
    *,
    now: datetime,
    actor: Actor,
    unit_id: int | None = None,
    language: str = "zh",
) -> Account:
    """A person with an account; the hash comes from ``hash_password``, made before any transaction.

    Somebody of this name and address who has registered before is the same person.
    Raises: RuleBroken("account.taken").
    """
    clean = rules.identifier(identifier)
    with transaction() as session:
        person = session.get_one(Person, find_or_add_person(name, email=clean, now=now))
        person.unit_id = unit_id
        account = Account(
            identifier=clean, password_hash=password_hash, person=person, language=language, created_at=now
        )
        with refused(session, {"uq_account_identifier": "account.taken"}, identifier=clean):
            session.add(account)
        audit.record(chain(account.id), "account.added", actor=actor, now=now, unit=unit_id)
    return account


def chain(account_id: int) -> str:
    """The audit chain of an account."""
    return f"account:{account_id}"


def change_person(account_id: int, *, name: str, unit_id: int | None, actor: Actor, now: datetime) -> None:
    """Correct somebody's name, or the unit that they belong to. Locks the account."""
    called = rules.person_name(name)
    with transaction() as session:
        account = lock(Account, account_id)
        person = session.get_one(Person, account.person_id)
        before = {"name": person.name, "unit": person.unit_id}
        after = {"name": called, "unit": unit_id}
        if before == after:
            return
        with refused(session, {"uq_person_contact_name": "account.same_person"}, name=called):
            person.name, person.unit_id = called, unit_id
        audit.record(chain(account_id), "account.changed", actor=actor, now=now, before=before, after=after)


def grant(
    account_id: int,
    role: Role,
    *,
    actor: Actor,
    now: datetime,
    unit_id: int | None = None,
    series_id: int | None = None,
    edition_id: int | None = None,
    round_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Grant:
    """Give an account a role in one scope. The scope's own table checks the key. It holds at the next request.

    Raises: RuleBroken("grant.ends_before_start"), RuleBroken("grant.given") when the account has the role there.
    """
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise RuleBroken("grant.ends_before_start")
    scope = {"unit_id": unit_id, "series_id": series_id, "edition_id": edition_id, "round_id": round_id}
    with transaction() as session:
        # Two grants at once: the second one sees the first. The row itself stays as its caller has loaded it.
        session.execute(select(Account.id).where(Account.id == account_id).with_for_update()).one()
        same = [getattr(Grant, name).is_not_distinct_from(id) for name, id in scope.items()]
        if session.scalar(select(Grant.id).where(Grant.account_id == account_id, Grant.role == role, *same)):
            raise RuleBroken("grant.given", role=role)
        row = Grant(account_id=account_id, role=role, valid_from=valid_from, valid_to=valid_to, **scope)
        session.add(row)
        session.flush()
        audit.record(chain(account_id), "grant.given", actor=actor, now=now, **_words(row))
    return row


def _words(row: Grant) -> dict[str, object]:
    """A grant as the audit keeps it."""
    scope = {name: getattr(row, name) for name in ("unit_id", "series_id", "edition_id", "round_id")}
    return {
        "role": row.role.value,
        **{name: id for name, id in scope.items() if id is not None},
        **{name: day.isoformat() for name in ("valid_from", "valid_to") if (day := getattr(row, name)) is not None},
    }


def withdraw_grant(grant_id: int, *, actor: Actor, now: datetime, today: date) -> None:
    """Take a role away: gone at the next request, kept in the audit. Locks the grant.

    Raises: NotFound; RuleBroken("account.last_administrator").
    """
    with transaction() as session:
        row = lock(Grant, grant_id)
        if row.role is Role.ADMINISTRATOR:
            _one_at_a_time()
            rules.check_administrators(queries.lasting_administrators(today, without_grant=grant_id))
        audit.record(chain(row.account_id), "grant.withdrawn", actor=actor, now=now, **_words(row))
        session.delete(row)


def close_account(account_id: int, *, actor: Actor, now: datetime, today: date) -> None:
    """Nobody signs in with it any more, and whoever is signed in is not at the next request. Locks the account.

    Raises: RuleBroken("account.last_administrator").
    """
    with transaction():
        account = lock(Account, account_id)
        if not account.active:
            return
        if any(held.role is Role.ADMINISTRATOR for held in queries.grants_of(account_id, today)):
            _one_at_a_time()
            rules.check_administrators(queries.lasting_administrators(today, without_account=account_id))
        account.active = False
        ended = _end_sessions(account_id)
        audit.record(chain(account_id), "account.closed", actor=actor, now=now, sessions=ended)


def reopen_account(account_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a closed account sign in again, with the password and the roles that it had. Locks the account."""
    with transaction():
        account = lock(Account, account_id)
        if account.active:
            return
        account.active = True
        audit.record(chain(account_id), "account.reopened", actor=actor, now=now)


def _one_at_a_time() -> None:
    """Two administrators who take each other's role at once would both see the other one left."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('administrators', 0))"))


def change_password(current: str, new: str, *, keep: str, actor: Actor, now: datetime) -> None:
    """Set one's own password; every other browser is signed out. ``keep``: the token of this one.

    Raises: RuleBroken("account.password_wrong") when ``current`` is not the password; what ``check_password`` raises.
    """
    account = db.session.get_one(Account, actor.account_id)
    verified = account.password_hash or _NOBODY
    if not _verify(verified, current):
        raise RuleBroken("account.password_wrong")
    rules.check_password(new, account.identifier)
    set_password(account.id, hash_password(new), instead_of=verified, keep=keep, actor=actor, now=now)


def set_password(
    account_id: int, password_hash: str, *, actor: Actor, now: datetime, instead_of: str | None = None, keep: str = ""
) -> None:
    """A new password ends the sessions that were opened with the old one. Locks the account.

    ``instead_of``: the hash that was verified a moment ago. Raises: RuleBroken("account.password_wrong") when another
    one stands there by now.
    """
    with transaction():
        account = lock(Account, account_id)
        if instead_of is not None and account.password_hash != instead_of:
            raise RuleBroken("account.password_wrong")
        account.password_hash = password_hash
        ended = _end_sessions(account_id, keep=keep)
        audit.record(chain(account_id), "password.set", actor=actor, now=now, sessions=ended)


def end_sessions(*, keep: str, actor: Actor, now: datetime) -> int:
    """Sign oneself out everywhere else; how many browsers that were. ``keep``: the token of this one."""
    assert actor.account_id is not None
    with transaction():
        account = lock(Account, actor.account_id)
        ended = _end_sessions(account.id, keep=keep)
        if ended:
            audit.record(chain(account.id), "sessions.ended", actor=actor, now=now, sessions=ended)
    return ended


def _end_sessions(account_id: int, *, keep: str = "") -> int:
    gone = delete(SignIn).where(SignIn.account_id == account_id, SignIn.token_hash != rules.token_hash(keep))
    return len(db.session.execute(gone.returning(SignIn.id)).all())
