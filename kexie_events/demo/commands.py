"""``flask demo …``: additions to a loaded demo city, for load tests."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from ..core import clock, installation
from ..core.access import SYSTEM
from ..events import services
from ..events.plans import OccurrencePlan
from . import lectures
from .ground import OPEN_AIR

demo = click.Group("demo", help="演示城市 (the demo city)")


@demo.command("occurrence")
@click.option("--capacity", type=click.IntRange(1, 1_000_000), required=True, help="places")
@with_appcontext
def occurrence(capacity: int) -> None:
    """Add an open occurrence with N places and print its path."""
    edition = lectures()
    if edition is None:
        raise click.ClickException("the demo city is not loaded: start `make run` on an empty database first")
    now = clock.now()
    starts_at = now + timedelta(days=30)
    plan = OccurrencePlan(
        starts_at, starts_at + timedelta(hours=2), place=OPEN_AIR, title="加开一场", capacity=capacity,
        opens_at=now - timedelta(minutes=1),
    )  # fmt: skip
    row = services.add_occurrence(edition.id, plan, actor=SYSTEM, now=now, zone=installation.zone())
    services.publish(edition.id, actor=SYSTEM, now=now)
    click.echo(f"/occurrences/{row.id}")
