"""The command line, grouped as the features are. Heavy imports stand inside the commands: ``flask --help`` is fast."""

import sys

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_babel import force_locale

audit = click.Group("audit", help="留痕 (audit trail)")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Ask every part whether it does its work; exit 1 when one does not."""
    from .core import clock
    from .operations import health

    with force_locale("zh_Hans"):
        parts = health.examine(health.EVERYTHING, now=clock.now())
    for part in parts:
        click.echo(f"{'ok   ' if part.ok else 'WRONG'}  {part.name:<11}{part.says}")
    sys.exit(0 if all(part.ok for part in parts) else 1)


@click.command("check")
@with_appcontext
def check() -> None:
    """Recount what must always be true in the live data; name what is not, repair nothing; exit 1 then."""
    from .operations import invariants

    broken = list(invariants.broken())
    for line in broken:
        click.echo(line)
    click.echo(f"{len(broken)} broken" if broken else "ok")
    sys.exit(1 if broken else 0)


@audit.command("verify")
@with_appcontext
def verify() -> None:
    """Check every chain of the audit trail; name the first broken record of each; exit 1 then."""
    from .operations import invariants

    broken = list(invariants.broken_chains())
    for line in broken:
        click.echo(line)
    click.echo(f"{invariants.records_written()} records, {len(broken)} broken chains")
    sys.exit(1 if broken else 0)


def register(app: Flask) -> None:
    """Add the commands to an app."""
    from .demo.commands import demo
    from .judging.commands import judging
    from .people.commands import accounts, import_regions, import_units, setup
    from .worklist.commands import worklist

    worklist.add_command(import_units)
    worklist.add_command(import_regions)
    for command in (doctor, check, audit, setup, accounts, demo, judging, worklist):
        app.cli.add_command(command)
