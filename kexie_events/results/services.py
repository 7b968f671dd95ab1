"""Publishing what must hang out before it stands."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from ..audit.services import record
from ..core import dates, workdays
from ..core.access import Action, Actor
from ..core.db import lock, transaction
from ..core.errors import RuleBroken
from ..core.installation import local, zone
from ..core.workdays import Counting
from ..days.queries import overrides
from ..events.models import Edition
from ..events.queries.places import require
from ..events.rules import Publication
from . import rules
from .models import Notice

# Within which the last of the most working days lies, whatever is off in between.
LONGEST = timedelta(days=366)


def publish_notice(
    edition_id: int,
    title: str,
    body: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    working_days: int,
    published_on: date,
    actor: Actor,
    now: datetime,
) -> Notice:
    """Hang out a list for a number of working days; the day of publication counts, the last one counts whole.

    Names in ``rows`` are already masked as the edition's policy says.
    Raises: RuleBroken, also for a year whose holidays are not announced; Forbidden; NotFound.
    Source: docs/sources.md#notice-days
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PUBLISH, edition)
        if edition.publication is not Publication.PUBLISHED:
            raise RuleBroken("notice.edition_not_public")
        _check(title, body, columns, rows, working_days, published_on, now)
        last = workdays.last_day(
            published_on, working_days, counting=Counting.WORKING, published_counts=True,
            overrides=overrides(published_on, published_on + LONGEST),
        )  # fmt: skip
        row = Notice(
            edition_id=edition.id, unit_id=edition.unit_id, title=title.strip(), body=body.strip(),
            columns=list(columns), rows=[list(line) for line in rows], days=working_days,
            starts_at=_beginning(published_on, now), ends_at=dates.at(last + timedelta(days=1), time(), zone()),
            publication=Publication.PUBLISHED, changed_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(
            f"notice:{row.id}", "notice.published", actor=actor, now=now,
            edition_id=edition.id, rows=len(rows), working_days=working_days, last_day=last.isoformat(),
        )  # fmt: skip
    return row


def _check(
    title: str,
    body: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    working_days: int,
    published_on: date,
    now: datetime,
) -> None:
    rules.check_words(title, body)
    rules.check_list(columns, rows)
    rules.check_days(working_days)
    rules.check_publication_day(published_on, local(now).date())


def _beginning(published_on: date, now: datetime) -> datetime:
    """Now, or the first moment of a later day."""
    return now if local(now).date() == published_on else dates.at(published_on, time(), zone())
