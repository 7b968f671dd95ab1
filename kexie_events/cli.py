"""The command line, grouped as the features are."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError

from .audit.queries import records_written
from .core import clock
from .core.errors import DatabaseBehind
from .demo.commands import demo
from .events.commands import kinds
from .judging.commands import judging
from .operations import health, invariants
from .people.commands import accounts, import_regions, import_units, setup
from .worklist.commands import import_worklist

audit = click.Group("audit", help="留痕 (audit trail)")
imports = click.Group("import", help="导入 (import)")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Ask every part whether it does its work; exit 1 when one does not."""
    with force_locale("zh_Hans"):
        parts = health.examine(health.EVERYTHING, now=clock.now())
    for part in parts:
        click.echo(f"{'ok   ' if part.ok else 'WRONG'}  {part.name:<11}{part.says}")
    sys.exit(0 if all(part.ok for part in parts) else 1)


@click.command("check")
@with_appcontext
def check() -> None:
    """Recount what must always be true in the live data; name what is not, repair nothing; exit 1 then."""
    broken = list(invariants.broken())
    for line in broken:
        click.echo(line)
    click.echo(f"{len(broken)} broken" if broken else "ok")
    sys.exit(1 if broken else 0)


@audit.command("verify")
@with_appcontext
def verify() -> None:
    """Check every chain of the audit trail; name the first broken record of each; exit 1 then."""
    broken = list(invariants.broken_chains())
    for line in broken:
        click.echo(line)
    click.echo(f"{records_written()} records, {len(broken)} broken chains")
    sys.exit(1 if broken else 0)


def register(app: Flask) -> None:
    """Add the commands to an app."""
    for command in (import_worklist, import_units, import_regions):
        imports.add_command(command)
    for command in (doctor, check, audit, setup, accounts, imports, demo, judging, kinds):
        app.cli.add_command(_in_words(command))


def _in_words(command: click.Command) -> click.Command:
    """The same command, which says in one line when the database is away or behind, and exits 1."""
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            command.commands[name] = _in_words(part)
    elif command.callback is not None:
        command.callback = _guarded(command.callback)
    return command


def _guarded(work: Callable[..., Any]) -> Callable[..., Any]:
    if hasattr(work, "guarded"):  # commands are made once, applications in tests more often
        return work

    @wraps(work)
    def guarded(*arguments: Any, **options: Any) -> Any:
        try:
            return work(*arguments, **options)
        except DatabaseBehind as behind:
            raise click.ClickException(str(behind)) from None
        except OperationalError as away:
            reason = (str(away.orig).strip().splitlines() or ["no answer"])[0]
            raise click.ClickException(f"the database does not answer: {reason} (DATABASE_URL)") from None

    guarded.guarded = True  # type: ignore[attr-defined]
    return guarded
