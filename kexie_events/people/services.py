"""Opening accounts, keeping them, giving and taking roles, one-time links, and the first steps of an installation.

Two questions are asked of ``access``. An account is kept (renamed, closed) where its person belongs, and only by
somebody who could have given every role that it has: otherwise a school could shut out the judge of a contest, or an
administrator. A role is given and taken where it holds.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select, text, update

from ..accounts import queries as account_queries
from ..accounts import rules as account_rules
from ..accounts import services as accounts
from ..accounts.models import Account, Grant, Person
from ..accounts.rules import NO_PASSWORD
from ..audit import services as audit
from ..core import access
from ..core.access import SYSTEM, Action, Actor, Place, Role
from ..core.db import db, lock, transaction
from ..core.errors import Forbidden, NotFound, RuleBroken
from ..messages import services as messages
from ..units import services as units
from ..units.models import Unit
from ..units.queries import unit_path
from ..units.rules import UnitKind, in_force
from . import links, queries, rules
from .models import PasswordLink
from .rules import LinkPurpose
from .subjects import KINDS, Subject

LETTERS = {LinkPurpose.OPEN: "account_opened", LinkPurpose.RESET: "password_reset"}
PAUSE = timedelta(minutes=5)  # between two letters with a link to one account, whoever asks


@dataclass(frozen=True)
class Gift:
    """A role for one thing, from–until. Without a subject: the whole installation, which is an administrator's."""

    role: Role
    subject: Subject | None = None
    valid_from: date | None = None
    valid_to: date | None = None  # the first day on which it no longer holds


def set_up(unit_name: str, name: str, email: str, password_hash: str, *, now: datetime, slug: str = "") -> Account:
    """The first unit and the first administrator of an empty installation. One caller at a time.

    Raises: RuleBroken("setup.done") when there is a unit or an account already.
    """
    address = account_rules.email(email)
    with transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('set_up', 0))"))
        if session.scalar(select(exists().where(Unit.id > 0))) or session.scalar(
            select(exists().where(Account.id > 0))
        ):
            raise RuleBroken("setup.done")
        root = units.add_unit(unit_name, UnitKind.ASSOCIATION, slug=slug, actor=SYSTEM, now=now)
        account = accounts.add_account(address, password_hash, name, unit_id=root.id, actor=SYSTEM, now=now)
        accounts.grant(account.id, Role.ADMINISTRATOR, actor=SYSTEM, now=now)
    return account


def open_account(
    name: str, email: str, *, unit_id: int, gift: Gift | None, actor: Actor, now: datetime, today: date
) -> Account:
    """An account for a person of a unit, with one role if any; a letter brings the link that sets its password.

    Locks the unit.
    Raises: RuleBroken("account.email"), ("account.taken"), ("unit.closed"), what ``give`` raises; Forbidden.
    """
    address = account_rules.email(email)
    with transaction():
        home = lock(Unit, unit_id)
        access.require(actor, Action.GRANT, Place(home.path))
        if not in_force(None, home.valid_to, today):
            raise RuleBroken("unit.closed", unit=home.name)
        account = accounts.add_account(address, NO_PASSWORD, name, unit_id=unit_id, actor=actor, now=now)
        if gift is not None:
            _give(account.id, gift, actor=actor, now=now, today=today)
        _send(account, LinkPurpose.OPEN, actor=actor, now=now)
    return account


def send_link(account_id: int, *, actor: Actor, now: datetime) -> None:
    """A new link by letter; earlier ones do not open any more. Locks the account.

    Raises: RuleBroken("account.is_closed"), RuleBroken("account.link_recent") so soon after the last letter; NotFound.
    """
    with transaction():
        account = _locked(account_id)
        _require_home(account, actor)
        if not account.active:
            raise RuleBroken("account.is_closed")
        if _written_to(account, now):
            raise RuleBroken("account.link_recent", minutes=PAUSE // timedelta(minutes=1))
        _send(account, _purpose(account), actor=actor, now=now)


def ask_for_link(identifier: str, *, now: datetime) -> bool:
    """Somebody says that they have forgotten their password. Whether a letter is owed: not for the page to tell.

    Nothing happens for an unknown or closed account, nor so soon after the last letter. A link that still opens long
    enough is written once more: whoever knows an address could otherwise end the one that its owner has just got.
    """
    with transaction():
        found = account_queries.account_by_identifier(account_rules.identifier(identifier))
        if found is None or not found.active:
            return False
        account = _locked(found.id)
        if _written_to(account, now):
            return False
        purpose, link = _purpose(account), queries.live_link(account.id, now)
        if link is not None and link.purpose is purpose and rules.worth_another_letter(link.expires_at, now):
            _write(account, link, actor=Actor(account.id), now=now)
        else:
            _send(account, purpose, actor=Actor(account.id), now=now)
    return True


def _purpose(account: Account) -> LinkPurpose:
    return LinkPurpose.OPEN if account.password_hash == NO_PASSWORD else LinkPurpose.RESET


def _written_to(account: Account, now: datetime) -> bool:
    return queries.link_was_sent(accounts.chain(account.id), since=now - PAUSE)


def _send(account: Account, purpose: LinkPurpose, *, actor: Actor, now: datetime) -> None:
    with transaction() as session:
        unused = update(PasswordLink).where(PasswordLink.account_id == account.id, PasswordLink.expires_at > now)
        session.execute(unused.values(expires_at=now))
        until = rules.expires_at(purpose, now)
        link = PasswordLink(
            account_id=account.id, purpose=purpose, token_hash=f"new:{account.id}", created_at=now, expires_at=until
        )
        session.add(link)
        session.flush()  # the id is part of the token
        link.token_hash = account_rules.token_hash(links.token_of(link.id, account.id, now))
        _write(account, link, actor=actor, now=now)


def _write(account: Account, link: PasswordLink, *, actor: Actor, now: datetime) -> None:
    """Owe the letter with a link, in place of an earlier one that has not gone out."""
    with transaction() as session:
        about = accounts.chain(account.id)
        messages.supersede(about, LETTERS.values(), now=now)
        purpose, until = link.purpose, link.expires_at
        context = {
            "name": session.get_one(Person, account.person_id).name, "identifier": account.identifier,
            "link_id": link.id, "until": until.isoformat(), "by": actor.name if actor is not SYSTEM else "",
        }  # fmt: skip
        messages.owe(
            f"password-link:{link.id}:{now.isoformat()}", LETTERS[purpose], account.person_id, about=about,
            context=context, now=now, expires_at=until, address=account.identifier,
        )  # fmt: skip
        audit.record(about, "link.sent", actor=actor, now=now, purpose=purpose.value)


def link_of(token: str, *, now: datetime) -> PasswordLink:
    """The link that a token opens. Raises: NotFound("account.link_over") when there is none, or it opens no more."""
    row = db.session.scalar(select(PasswordLink).where(PasswordLink.token_hash == account_rules.token_hash(token)))
    account = db.session.get(Account, row.account_id) if row else None
    open_ = row and rules.usable(used_at=row.used_at, expires_at=row.expires_at, now=now)
    if row is None or account is None or not open_ or not account.active:
        raise NotFound("account.link_over")
    return row


def use_link(token: str, password: str, *, now: datetime) -> Account:
    """Set a password with a link, once. Locks the account, then the link: of two at the same time one comes in.

    Raises: NotFound("account.link_over"); RuleBroken when the password is too weak, and then the link still opens.
    """
    found = link_of(token, now=now)
    account_rules.check_password(password, db.session.get_one(Account, found.account_id).identifier)
    hashed = accounts.hash_password(password)
    with transaction():
        account = lock(Account, found.account_id)
        row = lock(PasswordLink, found.id)
        if not account.active or not rules.usable(used_at=row.used_at, expires_at=row.expires_at, now=now):
            raise NotFound("account.link_over")
        row.used_at = now
        accounts.set_password(account.id, hashed, actor=Actor(account.id), now=now)
    return account


def change_account(
    account_id: int, *, name: str, unit_id: int | None, actor: Actor, now: datetime, today: date
) -> None:
    """Correct a name, or move somebody to another unit that one keeps. Locks the account.

    Raises: RuleBroken("unit.closed"), ("person.name"); Forbidden.
    """
    with transaction() as session:
        account = _locked(account_id)
        _require_keeping(account, actor, today)
        person = session.get_one(Person, account.person_id)
        if unit_id is not None and unit_id != person.unit_id:
            home = lock(Unit, unit_id)
            access.require(actor, Action.GRANT, Place(home.path))
            if not in_force(None, home.valid_to, today):
                raise RuleBroken("unit.closed", unit=home.name)
        accounts.change_person(account_id, name=name, unit_id=unit_id, actor=actor, now=now)


def close_account(account_id: int, *, actor: Actor, now: datetime, today: date) -> None:
    """Sign somebody out for good. Locks the account.

    Raises: RuleBroken("account.own"), ("account.last_administrator"); Forbidden.
    """
    with transaction() as session:
        account = _locked(account_id)
        _require_keeping(account, actor, today)
        if account.id == actor.account_id:
            raise RuleBroken("account.own")
        accounts.close_account(account_id, actor=actor, now=now, today=today)
        stale = update(PasswordLink).where(PasswordLink.account_id == account_id, PasswordLink.expires_at > now)
        session.execute(stale.values(expires_at=now))
        messages.supersede(accounts.chain(account_id), LETTERS.values(), now=now)


def reopen_account(account_id: int, *, actor: Actor, now: datetime, today: date) -> None:
    """Let somebody sign in again. Locks the account. Raises: Forbidden."""
    with transaction():
        account = _locked(account_id)
        _require_keeping(account, actor, today)
        accounts.reopen_account(account_id, actor=actor, now=now)


def give(identifier: str, gift: Gift, *, actor: Actor, now: datetime, today: date) -> None:
    """Give a role to whoever signs in with this address; it holds at the next request. Locks the account.

    Raises: RuleBroken("account.unknown"), the same for a closed account, which is for its own unit to know;
    RuleBroken("grant.role"), ("grant.own"), ("grant.outlasts"), ("unit.closed"), ("grant.given"),
    ("grant.ends_before_start"); Forbidden when the actor could not have the role there.
    """
    with transaction():
        place = gift.subject.place if gift.subject else Place()
        access.require(actor, Action.GRANT, place)
        address = account_rules.identifier(identifier)
        found = account_queries.account_by_identifier(address)
        account = _locked(found.id) if found else None
        if account is None or not account.active:
            raise RuleBroken("account.unknown", identifier=address)
        _give(account.id, gift, actor=actor, now=now, today=today)


def _give(account_id: int, gift: Gift, *, actor: Actor, now: datetime, today: date) -> Grant:
    subject = gift.subject
    if (subject is None) != (gift.role is Role.ADMINISTRATOR) or (
        subject and gift.role not in KINDS[subject.kind].roles
    ):
        raise RuleBroken("grant.role", role=gift.role)
    place = subject.place if subject else Place()
    if not access.may_give(actor, gift.role, place):
        raise Forbidden("grant.not_held", role=gift.role)
    if account_id == actor.account_id:
        raise RuleBroken("grant.own")
    if not access.may_give(actor, gift.role, place, gift.valid_to):
        end = access.gives_until(actor, gift.role, place)
        assert end is not None  # who holds it without an end gives it without one
        raise RuleBroken("grant.outlasts", until=end - timedelta(days=1))
    if subject is not None and not in_force(None, subject.valid_to, today):
        raise RuleBroken("unit.closed", unit=subject.name)
    scope = {queries.SCOPES[subject.kind]: subject.id} if subject else {}
    return accounts.grant(
        account_id, gift.role, valid_from=gift.valid_from, valid_to=gift.valid_to, actor=actor, now=now, **scope
    )


def take(grant_id: int, *, actor: Actor, now: datetime, today: date) -> None:
    """Take a role away, at the next request. Locks the grant.

    Raises: NotFound, also for a role where the actor gives none; Forbidden; RuleBroken("account.last_administrator").
    """
    with transaction():
        row = lock(Grant, grant_id)
        place = queries.place_of(row, queries.subjects_of([row]))
        if not access.allows(actor, Action.GRANT, place):
            raise NotFound()
        if not access.may_give(actor, row.role, place):
            raise Forbidden("grant.not_held", role=row.role)
        accounts.withdraw_grant(grant_id, actor=actor, now=now, today=today)


def may_keep(account: Account, actor: Actor, today: date) -> bool:
    """Whether the actor could close this account: it is theirs to keep, and it holds nothing beyond their reach.

    What is over, and what allows nothing, does not count: anybody's unit can give a guardian's role to an account.
    """
    home = db.session.scalar(select(Person.unit_id).where(Person.id == account.person_id))
    if not access.allows(actor, Action.GRANT, Place(unit_path(home) if home else "")):
        return False
    return queries.within_reach(queries.held_by(account, actor, today), today)


def _locked(account_id: int) -> Account:
    return lock(Account, account_id)


def _require_home(account: Account, actor: Actor) -> None:
    home = db.session.scalar(select(Person.unit_id).where(Person.id == account.person_id))
    if not access.allows(actor, Action.GRANT, Place(unit_path(home) if home else "")):
        raise NotFound()


def _require_keeping(account: Account, actor: Actor, today: date) -> None:
    _require_home(account, actor)
    if not may_keep(account, actor, today):
        raise Forbidden("account.above")
