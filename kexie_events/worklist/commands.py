"""``flask import worklist FILE``: the year's work list of a unit, with drafts of the events that it names."""

from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from ..core import clock, sheets, web
from ..core.access import SYSTEM
from ..core.commands import refusals_in_words, sentence
from ..events.naming import Step
from ..events.numbering import words
from ..units.queries import unit_by_slug
from . import queries, reading, rules, services
from .queries import Line
from .rules import Change, Sheet


@click.command("worklist")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--year", type=click.IntRange(1900, 2200), help="of the list; the four digits in the file's name by default"
)
@click.option("--unit", help="slug of the unit whose list it is; the association at the root by default")
@click.option("--dry-run", is_flag=True, help="say what would be done, write nothing")
@click.option("--no-drafts", is_flag=True, help="items only: no series and editions for what is an event")
@with_appcontext
def import_worklist(file: BinaryIO, year: int | None, unit: str | None, dry_run: bool, no_drafts: bool) -> None:
    """Read a sheet or table of section,no,name,departments; all rows or none. Running it again changes nothing."""
    owner = unit_by_slug(unit)
    if owner is None:
        raise click.ClickException(f"there is no unit {unit!r}" if unit else "there is no unit yet")
    now = clock.now()
    drafts = () if no_drafts else None
    with refusals_in_words():
        text = sheets.text_of(file.read(), reading.BOUNDS)
        listed = year or reading.year_in(Path(file.name).stem, reading.title_of(text)) or now.year
        sheet = _sound(text, listed)
        if dry_run:
            done = queries.outlook(listed, sheet, unit_id=owner.id, drafts=drafts, actor=SYSTEM)
        else:
            done = services.import_list(
                listed, sheet, unit_id=owner.id, title=reading.list_title(text), drafts=drafts, actor=SYSTEM, now=now,
                zone=web.zone(),
            )  # fmt: skip
    head = f"{owner.name} {listed}" + (", nothing is written" if dry_run else "")
    click.echo(
        f"{head}: {done.count(Change.NEW)} added, {done.count(Change.CHANGED)} changed, "
        f"{done.count(Change.SAME)} as before"
    )
    _say("drafted", [_event(line) for line in done.drafted])
    _say("already there", [_event(line) for line in done.found])
    _say("left: no event, or not to be drafted", [line.row.name for line in done.left])


def _sound(text: str, year: int) -> Sheet:
    """The rows of a file; says every cell that cannot be taken. Raises: DomainError."""
    sheet = rules.read_rows(reading.read(text), year)
    if sheet.faults:
        faults = "\n".join(sentence(fault.error()) for fault in sheet.faults)
        raise click.ClickException(f"nothing was imported\n{faults}")
    return sheet


def _say(title: str, rows: list[str]) -> None:
    if rows:
        click.echo(f"{title}: {len(rows)}")
        for row in rows:
            click.echo(f"  {row}")


def _event(line: Line) -> str:
    """第35届 重庆市青少年科技创新大赛 (contest_project), a new series."""
    assert line.decision is not None
    assert line.wanted is not None
    made = {Step.SERIES: ", a new series", Step.EDITION: ", one more edition", Step.NOTHING: ""}
    named = f"{words(line.decision.numbered)} {line.decision.name}"
    return f"{named} ({line.wanted.kind.value}){made[line.decision.step]}"
