"""An edition's own facts, and when an occurrence takes registrations.

``expected_revision`` is the revision that the person had on the screen; see ``changing``.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, one, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import one_line
from .. import numbering, rules
from ..hosting.services.hosts import set_host
from ..models import Edition, Milestone, Occurrence, Series
from ..numbering import Numbered
from ..patterns.rules import Own
from ..queries.places import require
from ..rules import Publication
from .changing import say_own
from .clashes import refused_in_words


def change_edition(
    edition_id: int,
    numbered: Numbered,
    *,
    title: str,
    summary: str,
    unit_id: int,
    expected_revision: int,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Edition:
    """Locks the series, the edition, then its dates. Correct its number, theme, host or description.

    ``numbered.year`` None leaves the year. What calendars show of it changes with every published date of it: their
    revision rises, nobody is written to. The host is given by whoever plans the series (``set_host``).
    Raises: Conflict("event.changed_meanwhile"), RuleBroken("edition.number_taken" | "edition.number" | "edition.year" |
    "event.title" | …), Forbidden, and what refuses a host.
    """
    theme, text = one_line(title), summary.strip()
    rules.check_title(theme)
    with transaction() as session:
        lock(Series, one(Edition, edition_id).series_id)
        row = lock(Edition, edition_id)
        require(actor, Action.PLAN, row)
        counted = Numbered(numbered.number, numbered.style, numbered.year or row.year)
        numbering.check(counted)
        before = _facts(row)
        wanted = {**_shown(counted, theme), "summary": text}
        if wanted == before and unit_id == row.unit_id:
            return row
        if row.revision != expected_revision:
            raise Conflict("event.changed_meanwhile", yours=expected_revision, theirs=row.revision)
        if unit_id != row.unit_id:
            set_host(edition_id, unit_id, expected_unit_id=row.unit_id, actor=actor, now=now, zone=zone)
        seen = _shown(row.numbered, row.title)
        with refused_in_words(session, actor=actor, number=numbering.words(counted)):
            row.number, row.style, row.year = counted.number, counted.style, counted.year or row.year
            row.title, row.summary = theme, text
            row.revision, row.changed_at = row.revision + 1, now
        if seen != _shown(counted, theme):
            touch_dates(session, row.id, now)
        if wanted != before:
            audit.record(f"edition:{row.id}", "edition.changed", actor=actor, now=now, before=before, after=wanted)
    return row


def _shown(numbered: Numbered, title: str) -> dict[str, object]:
    """What stands in calendars of each of its dates."""
    return {"number": numbered.number, "style": numbered.style.value, "year": numbered.year, "title": title}


def _facts(row: Edition) -> dict[str, object]:
    return {**_shown(row.numbered, row.title), "summary": row.summary}


def touch_dates(session: Session, edition_id: int, now: datetime) -> None:
    """A visible change of the edition is one of each published date of it. Locks them, lower id first."""
    for model in (Occurrence, Milestone):
        shown = (model.edition_id == edition_id, model.publication == Publication.PUBLISHED)
        session.execute(select(model.id).where(*shown).order_by(model.id).with_for_update())
        session.execute(update(model).where(*shown).values(revision=model.revision + 1, changed_at=now))


def change_window(
    occurrence_id: int,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    places_note: str = "",
    expected_revision: int,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Occurrence:
    """Locks the occurrence. When it takes registrations, and what is said about its places (名额说明).

    ``opens_at`` None: it takes none, which is refused once people have places. How many places there are is changed
    with the registrations, because it moves people up. Calendars show the new times; nobody is written to.
    Raises: RuleBroken("event.over" | "event.is_cancelled" | "event.window_in_use" | "event.closes_before_open" |
    "event.closes_after_end" | "event.places_note"), Conflict.
    """
    note, ends = one_line(places_note), closes_at if opens_at is not None else None
    if len(note) > rules.LONGEST_NOTE:
        raise RuleBroken("event.places_note", most=rules.LONGEST_NOTE)
    with transaction():
        row = lock(Occurrence, occurrence_id)
        require(actor, Action.PLAN, row)
        before = _window(row)
        if (row.opens_at, row.closes_at, row.places_note) == (opens_at, ends, note):
            return row
        if row.revision != expected_revision:
            raise Conflict("event.changed_meanwhile", yours=expected_revision, theirs=row.revision)
        rules.check_ahead(row.ends_at, now)
        if opens_at is None and row.taken:
            raise RuleBroken("event.window_in_use", taken=row.taken)
        for moment in (opens_at, ends):
            if moment is not None:
                rules.check_day(moment.astimezone(zone).date())
        rules.check_window(opens_at, ends, row.ends_at)
        row.opens_at, row.closes_at, row.places_note = opens_at, ends, note
        say_own(row, Own.WINDOW)
        row.touch(now)
        audit.record(
            f"occurrence:{row.id}", "occurrence.window_changed", actor=actor, now=now, before=before,
            after=_window(row),
        )  # fmt: skip
    return row


def _window(row: Occurrence) -> dict[str, object]:
    return {
        "opens_at": row.opens_at.isoformat() if row.opens_at else None,
        "closes_at": row.closes_at.isoformat() if row.closes_at else None, "places_note": row.places_note,
    }  # fmt: skip
