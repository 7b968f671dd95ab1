"""``flask import worklist FILE.csv``: the year's work list of a unit."""

import csv
from datetime import datetime
from pathlib import Path
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

worklist = click.Group("import", help="导入 (import)")


@worklist.command("worklist")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option(
    "--year", type=click.IntRange(1900, 2200), help="of the list; the four digits in the file's name by default"
)
@click.option("--unit", help="slug of the unit whose list it is; the association at the root by default")
@with_appcontext
def import_worklist(file: IO[str], year: int | None, unit: str | None) -> None:
    """Read section,no,name,departments; all rows or none. Running it again changes nothing."""
    from ..core import clock, web
    from ..core.access import SYSTEM
    from ..core.errors import DomainError
    from ..units.queries import unit_by_slug
    from . import services

    owner = unit_by_slug(unit)
    if owner is None:
        raise click.ClickException(f"there is no unit {unit!r}" if unit else "there is no unit yet")
    now = clock.now()
    listed = year or _year_in(file.name, now)
    try:
        done = services.import_list(listed, csv.DictReader(file), unit_id=owner.id, actor=SYSTEM, now=now)
    except DomainError as refused:
        with current_app.test_request_context():  # sentences are written for a reader, who comes with a request
            raise click.ClickException(web.sentence(refused)) from None
    click.echo(f"{owner.name} {listed}: {done.added} added, {done.changed} changed, {done.same} as before")


def _year_in(name: str, now: datetime) -> int:
    """worklist_2020.csv → 2020; this year when the name says none."""
    digits = "".join(c if c.isdigit() else " " for c in Path(name).stem).split()
    years = [int(text) for text in digits if len(text) == 4 and 1900 <= int(text) <= 2200]
    return years[0] if years else now.year
