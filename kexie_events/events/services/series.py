"""Correcting what a series says of itself; what is written on many dates at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, transaction
from ...core.errors import Conflict
from ...core.text import one_line
from .. import rules
from ..models import Milestone, Occurrence, Series
from ..queries.places import require


def change_series(
    series_id: int, *, name: str, summary: str, expected_revision: int, actor: Actor, now: datetime
) -> Series:
    """Locks the series. Correct its name and description; its address stays.

    A new name is a visible change of each of its dates, in calendars too; nobody is written to.
    Raises: Conflict("series.changed_meanwhile"), RuleBroken("series.name").
    """
    words, text = one_line(name), summary.strip()
    rules.check_name(words)
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        if (series.name, series.summary) == (words, text):
            return series
        check_revision(series, expected_revision)
        before = {"name": series.name, "summary": series.summary}
        if series.name != words:
            for model in (Occurrence, Milestone):
                raise_revisions(session, model, model.series_id == series.id, now=now)
        series.name, series.summary, series.changed_at = words, text, now
        series.revision += 1
        audit.record(
            f"series:{series.id}", "series.changed", actor=actor, now=now, before=before,
            after={"name": words, "summary": text},
        )  # fmt: skip
    return series


def raise_revisions(session: Session, model: type[Any], of: Any, *, now: datetime) -> None:
    """Something that is written on all of these has changed: one statement, however many they are. Locks them, lower
    id first."""
    rows = select(model.id).where(of).order_by(model.id).with_for_update().scalar_subquery()
    session.execute(
        update(model)
        .where(model.id.in_(rows))
        .values(revision=model.revision + 1, changed_at=now)
        .execution_options(synchronize_session=False)
    )


def check_revision(series: Series, expected_revision: int) -> None:
    if series.revision != expected_revision:
        raise Conflict("series.changed_meanwhile", yours=expected_revision, theirs=series.revision)
