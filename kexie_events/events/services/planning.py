"""Setting up: a series with its dates, further editions, occurrences and milestones. All of it as drafts."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor, Place
from ...core.db import lock, one, transaction
from ...core.text import one_line
from .. import numbering, plans, rules
from ..hosting import queries
from ..hosting.queries import next_host
from ..hosting.services.hosts import require_host, write_host
from ..models import Edition, Milestone, Occurrence, Room, Series
from ..numbering import Numbered, Style
from ..patterns.models import Pattern
from ..patterns.recurrence import Slot
from ..plans import OccurrencePlan, Plan
from ..queries.places import place_of, require
from .clashes import refused_in_words
from .making import NewOccurrence, make_occurrences, of_slots


def schedule(plan: Plan, *, actor: Actor, now: datetime, zone: ZoneInfo) -> Series:
    """Locks nothing: all rows are new. A series with its editions and dates, as drafts, from the stored rule.

    期 get one edition per date, the other styles one edition with all dates.
    """
    name, slots = one_line(plan.name), plans.check_plan(plan, zone)
    slug = plan.slug or plans.fallback_slug(plan.kind, secrets.token_hex(4))
    rules.check_slug(slug)
    with transaction() as session:
        if plan.room_id is not None:
            one(Room, plan.room_id)
        require_host(actor, plan.unit_id, Place(), now=now, zone=zone)
        series = Series(
            slug=slug, name=name, kind=plan.kind, summary=plan.summary.strip(), unit_id=plan.unit_id, changed_at=now,
        )  # fmt: skip
        with refused_in_words(session, actor=actor, slug=slug):
            session.add(series)
        editions = _editions(session, series, plan, slots, actor=actor, now=now, zone=zone)
        audit.record(
            f"series:{series.id}", "series.scheduled", actor=actor, now=now, slug=slug, name=name,
            kind=plan.kind.value, rule=plan.rule, editions=[edition.id for edition in editions],
            dates=[slot.starts_at.isoformat() for slot in slots],
        )  # fmt: skip
    return series


def _editions(
    session: Session, series: Series, plan: Plan, slots: Sequence[Slot], *, actor: Actor, now: datetime, zone: ZoneInfo
) -> list[Edition]:
    """The editions of a plan, its pattern, and an occurrence for each slot."""
    days = [slot.starts_at.astimezone(zone).date() for slot in slots]
    editions = [new_edition(series, numbered, plan.unit_id, now) for numbered in plans.numbers(plan, days)]
    session.add_all(editions)
    session.flush()
    terms, issues = plans.terms_of(plan), plan.style is Style.ISSUE
    pattern = Pattern(
        series_id=series.id, edition_id=None if issues else editions[0].id,
        year_shift=plan.year - days[0].year if issues else 0, terms=terms, changed_at=now,
    )  # fmt: skip
    session.add(pattern)
    session.flush()
    starts = [(editions[min(n, len(editions) - 1)], slot.starts_at) for n, slot in enumerate(slots)]
    make_occurrences(session, of_slots(pattern.id, terms, starts), actor=actor, now=now, zone=zone)
    return editions


def new_edition(series: Series, numbered: Numbered, unit_id: int, now: datetime, title: str = "") -> Edition:
    return Edition(
        series_id=series.id, number=numbered.number, style=numbered.style, year=numbered.year, title=title,
        unit_id=unit_id, changed_at=now,
    )  # fmt: skip


def add_edition(
    series_id: int,
    numbered: Numbered,
    *,
    title: str = "",
    summary: str = "",
    unit_id: int | None = None,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Edition:
    """Locks the series. One more holding of it, as a draft; ``unit_id`` None: run by the unit whose turn it is.

    Without a list of hosts that is the series' own unit.

    ``numbered.year`` None is read as the year of today. Raises: RuleBroken("edition.number_taken").
    """
    if numbered.year is None:
        numbered = Numbered(numbered.number, numbered.style, now.astimezone(zone).year)
    numbering.check(numbered)
    rules.check_title(one_line(title))
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        turn = next_host(series_id, today=now.astimezone(zone).date(), zone=zone) if unit_id is None else None
        host = unit_id or turn or series.unit_id
        known = {series.unit_id, *(member.unit_id for member in queries.circle(series_id).members)}
        require_host(actor, host, place_of(series), known=known, now=now, zone=zone)
        edition = new_edition(series, numbered, series.unit_id, now, one_line(title))
        edition.summary = summary.strip()
        with refused_in_words(session, actor=actor, number=numbering.words(numbered)):
            session.add(edition)
        if unit_id is not None or turn is not None:
            write_host(session, edition, series, host, now=now, zone=zone)
        audit.record(
            f"edition:{edition.id}", "edition.added", actor=actor, now=now, series=series.id,
            number=numbered.number, style=numbered.style.value, year=numbered.year, host=host,
        )  # fmt: skip
    return edition


def add_occurrence(
    edition_id: int, plan: OccurrencePlan, *, key: UUID | None = None, actor: Actor, now: datetime, zone: ZoneInfo
) -> Occurrence:
    """Locks the edition. One more date of it (a sub-forum, a site, a session), as a draft.

    ``key``: of the form that was sent; the same form sent twice is refused with "event.added_already".
    """
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        host = plan.unit_id or edition.unit_id
        require_host(actor, host, place_of(edition), known={edition.unit_id}, now=now, zone=zone)
        wanted = NewOccurrence(edition, plan, key=str(key or ""))
        (row,) = make_occurrences(session, [wanted], actor=actor, now=now, zone=zone)
        audit.record(
            f"occurrence:{row.id}", "occurrence.added", actor=actor, now=now, edition=edition.id,
            starts_at=row.starts_at.isoformat(), ends_at=row.ends_at.isoformat(), all_day=row.all_day,
            room=row.room_id,
        )  # fmt: skip
    return row


def add_milestone(
    edition_id: int,
    *,
    code: str,
    name: str,
    starts_at: datetime,
    ends_at: datetime | None = None,
    is_deadline: bool = False,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Milestone:
    """Locks the edition. One dated point of its timeline, as a draft; without an end it is an instant.

    Raises: RuleBroken("milestone.code_taken") when the edition has one with this code.
    """
    until = rules.milestone_end(code, starts_at, ends_at)
    rules.check_day(starts_at.astimezone(zone).date(), until.astimezone(zone).date())
    rules.check_milestone(one_line(name), starts_at, until)
    with transaction() as session:
        edition = lock(Edition, edition_id)
        require(actor, Action.PLAN, edition)
        row = Milestone(
            edition_id=edition.id, series_id=edition.series_id, unit_id=edition.unit_id, code=code,
            name=one_line(name), starts_at=starts_at, ends_at=until, is_deadline=is_deadline,
            revision=0, changed_at=now,
        )  # fmt: skip
        with refused_in_words(session, actor=actor):
            session.add(row)
        audit.record(
            f"milestone:{row.id}", "milestone.added", actor=actor, now=now, edition=edition.id, code=code,
            name=row.name, starts_at=starts_at.isoformat(), ends_at=until.isoformat(),
        )  # fmt: skip
    return row
