"""``flask kinds``: the table of kinds as docs/kinds.md shows it."""

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from ..core.installation import label
from .kinds_table import markdown


@click.command("kinds")
@with_appcontext
def kinds() -> None:
    """Print docs/kinds.md from the table in the code."""
    with force_locale("zh_Hans"):
        click.echo(markdown(label), nl=False)
