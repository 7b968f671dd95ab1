"""``flask judging …``: the pure engine from files, without database or broker, so that anybody can repeat a result."""

import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from ..core import web
from ..core.errors import RuleBroken
from . import assignment, files, ranking
from .wording import infeasible_words

IN = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("judging")
def judging() -> None:
    """评审：用文件复算分派与排名。"""


@judging.command("assign")
@click.argument("instance", type=IN)
@click.argument("out", type=OUT)
@with_appcontext
def assign(instance: Path, out: Path) -> None:
    """按 INSTANCE.json 分派，写入 OUT.csv；无解时退出码为 2，并说出可放宽的规则。"""
    try:
        solution = assignment.solve(files.read_instance(instance))
        files.write_pairs(out, solution.pairs)
    except RuleBroken as broken:
        _refuse(broken)
    click.echo(f"{len(solution.pairs)} pairs, affinity {solution.affinity:.2f}, {solution.parts} part(s)")


@judging.command("rank")
@click.argument("scores", type=IN)
@click.argument("out", type=OUT)
@with_appcontext
def rank(scores: Path, out: Path) -> None:
    """把 judge,item,score 排成名次，写入 OUT.csv；每件作品一行。"""
    try:
        standings = ranking.rank(files.read_scores(scores), unit=files.MILLIONTH)
        files.write_standings(out, standings)
    except RuleBroken as broken:
        _refuse(broken)
    click.echo(f"{len(standings)} items")


def _refuse(error: RuleBroken) -> NoReturn:
    """Say why, in Chinese as on the pages; exit 2 when there is no solution, 1 for a file that cannot be read."""
    with force_locale("zh_Hans"):
        if isinstance(error, assignment.Infeasible):
            click.echo(infeasible_words(error), err=True)
            sys.exit(2)
        click.echo(web.sentence(error), err=True)
    sys.exit(1)
