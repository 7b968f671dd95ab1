"""``flask setup``, ``flask accounts …``, ``flask import units|regions``: the same services, for the first day and for
scripts. Whoever may run a command on the server is taken for the program itself.
"""

import csv
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import IO, Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from ..accounts import rules as account_rules
from ..accounts import services as account_services
from ..accounts.queries import account_by_identifier
from ..accounts.rules import identifier
from ..core import clock, installation
from ..core.access import SYSTEM, Role
from ..core.commands import refusals_in_words
from ..core.db import db
from ..core.errors import NotFound
from ..units import services as unit_services
from ..units.queries import unit_by_slug
from . import queries, services
from .services import Gift
from .subjects import KINDS

accounts = click.Group("accounts", help="账号 (accounts)")
# Roles and scopes by name; the services say no to pairs that make no sense.
ROLES = click.Choice(["administrator", "organizer", "mentor", "guardian"])
DAY = click.DateTime(["%Y-%m-%d"])


def _scoped(command: Callable[..., Any]) -> Callable[..., Any]:
    """What ``grant`` and ``withdraw`` share: whose role, which one, where."""

    @click.argument("email")
    @click.argument("role", type=ROLES)
    @click.option("--unit", help="slug of the unit")
    @click.option("--series", help="slug of the series")
    @click.option("--edition", type=int, help="number of the edition, as in its address")
    @click.option("--round", "round_", type=int, help="number of the judging round, as in its address")
    @with_appcontext
    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        return command(*arguments, **options)

    return run


@click.command("setup")
@click.option("--unit", required=True, help="the association at the root of the tree, with its full name")
@click.option("--slug", default="", help="what the calendar address of that unit ends with, such as cqast")
@click.option("--name", required=True, help="of the first administrator")
@click.option("--email", required=True, help="that they sign in with")
@with_appcontext
def setup(unit: str, slug: str, name: str, email: str) -> None:
    """The first unit and the first administrator of an empty installation. The password is asked for, or piped in."""
    password = _password()
    with refusals_in_words():
        account_rules.check_password(password, account_rules.email(email))
        hashed = account_services.hash_password(password)
        services.set_up(unit, name, email, hashed, slug=slug, now=clock.now())
    click.echo(f"{unit}: {account_rules.email(email)} signs in at {installation.external('/sign-in')}")
    shown = installation.settings().organization
    if shown != unit:
        click.echo(f"Pages are headed {shown}: set KEXIE_ORGANIZATION={unit}")
    click.echo("Units below it: flask import units FILE.csv, or on the desk under 单位与人员")


def _password() -> str:
    if sys.stdin.isatty():
        prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return prompted
    return sys.stdin.readline().rstrip("\r\n")


@accounts.command("list")
@click.option("--search", default="", help="part of a name, an address or a unit's name")
@with_appcontext
def list_accounts(search: str) -> None:
    """One line per account: address, name, unit, state, roles."""
    rows = list(db.session.execute(queries.account_rows(SYSTEM, text=search)))
    roles = queries.roles_of([row.id for row, _unit in rows], SYSTEM, _today(clock.now()))
    with force_locale("zh_Hans"):
        for row, unit in rows:
            held = ",".join(role.value for role in roles.get(row.id, []) if role) or "-"
            click.echo("\t".join((row.identifier, row.person.name, unit or "-", row.state.value, held)))


def _today(now: datetime) -> date:
    return installation.local(now).date()


@accounts.command("add")
@click.argument("email")
@click.option("--name", required=True, help="of the person")
@click.option("--unit", required=True, help="slug of the unit that the person belongs to")
@click.option("--role", type=ROLES, help="in that unit; administrator: everywhere")
@with_appcontext
def add(email: str, name: str, unit: str, role: str | None) -> None:
    """Open an account; a letter brings the link that sets its password."""
    home, now = _unit(unit), clock.now()
    gift = None
    if role is not None:
        given = Role(role)
        gift = Gift(given, None if given is Role.ADMINISTRATOR else _subject(unit=unit))
    with refusals_in_words():
        row = services.open_account(
            name, email, unit_id=home, gift=gift, actor=SYSTEM, now=now, today=_today(now)
        )  # fmt: skip
    click.echo(f"{row.identifier}: a letter with the link is on its way")


@accounts.command("grant")
@_scoped
@click.option("--from", "first_on", type=DAY, help="first day, 2026-03-01")
@click.option("--until", "last_on", type=DAY, help="last day")
def grant(
    email: str, role: str, unit: str | None, series: str | None, edition: int | None, round_: int | None,
    first_on: Any, last_on: Any,
) -> None:  # fmt: skip
    """Give EMAIL a ROLE for one thing; an administrator has none."""
    subject = _subject(unit=unit, series=series, edition=edition, round_=round_)
    now = clock.now()
    gift = Gift(
        Role(role), subject, first_on.date() if first_on else None,
        last_on.date() + timedelta(days=1) if last_on else None,
    )  # fmt: skip
    with refusals_in_words():
        services.give(email, gift, actor=SYSTEM, now=now, today=_today(now))
    click.echo(f"{email}: {role} {subject.name if subject else 'everywhere'}")


@accounts.command("withdraw")
@_scoped
def withdraw(
    email: str, role: str, unit: str | None, series: str | None, edition: int | None, round_: int | None
) -> None:
    """Take a ROLE from EMAIL; it is gone at the next request."""
    subject = _subject(unit=unit, series=series, edition=edition, round_=round_)
    now = clock.now()
    account = account_by_identifier(identifier(email))
    held = queries.held_by(account, SYSTEM, _today(now)) if account else []
    wanted = subject and (subject.kind, subject.id)
    rows = [row for row in held if row.grant.role is Role(role) and _key(row.subject) == wanted]
    if not rows:
        raise click.ClickException(f"{email} is not {role} there")
    with refusals_in_words():
        services.take(rows[0].grant.id, actor=SYSTEM, now=now, today=_today(now))
    click.echo(f"{email}: no longer {role} {subject.name if subject else 'everywhere'}")


def _key(subject: Any) -> tuple[str, int] | None:
    return (subject.kind, subject.id) if subject else None


def _unit(slug: str) -> int:
    found = unit_by_slug(slug)
    if found is None:
        raise click.ClickException(f"there is no unit {slug!r}")
    return found.id


def _subject(
    *, unit: str | None = None, series: str | None = None, edition: int | None = None, round_: int | None = None
) -> Any:
    """The one thing that is named; None when none is."""
    named = [
        (kind, key)
        for kind, key in (("unit", unit), ("series", series), ("edition", edition), ("round", round_))
        if key is not None
    ]
    if not named:
        return None
    if len(named) > 1:
        raise click.ClickException("name one of --unit, --series, --edition, --round")
    kind, key = named[0]
    id = _unit(str(key)) if kind == "unit" else KINDS[kind].by_slug(str(key)) if kind == "series" else int(str(key))
    try:
        return queries.subject(kind, id or 0)
    except NotFound:
        raise click.ClickException(f"there is no {kind} {key!r}") from None


@click.command("units")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@with_appcontext
def import_units(file: IO[str]) -> None:
    """Read slug,name,kind,parent,region,valid_from,valid_to; all rows or none. Again changes nothing."""
    with refusals_in_words():
        done = unit_services.import_units(csv.DictReader(file), actor=SYSTEM, now=clock.now())
    click.echo(f"units: {done.added} added, {done.changed} changed, {done.same} as before")


@click.command("regions")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@with_appcontext
def import_regions(file: IO[str]) -> None:
    """Read slug,gb2260,name,kind,zone,valid_from,valid_to,note; all rows or none. Again changes nothing."""
    with refusals_in_words():
        done = unit_services.import_regions(csv.DictReader(file), actor=SYSTEM, now=clock.now())
    click.echo(f"regions: {len(done)} known")
