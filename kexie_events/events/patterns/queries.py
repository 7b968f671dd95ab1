"""The patterns of a series and what stands in their slots. For whoever plans the series; nothing here is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, false, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ...core.access import Actor
from ...core.db import db
from ...core.errors import NotFound
from ...units.models import Unit
from ..models import Edition, Occurrence, Room, Series, Venue
from ..numbering import Numbered, Style
from ..plans import further_numbers
from ..queries.manage import planned_by
from ..rules import Publication
from . import revising
from .models import Pattern, Skip
from .repeating import Choice
from .revising import Fate, Revised
from .rules import Held, Stored, Terms


@dataclass(frozen=True)
class Ground:
    """What a change of the rule starts from."""

    patterns: Sequence[Stored]
    held: Sequence[Held]
    edition_id: int | None  # of what a first pattern would plan; None: issues


def ground(series_id: int, *, locked: bool = False) -> Ground:
    """Three queries; ``locked``: the editions and then the occurrences are held until the transaction ends, lower id
    first."""
    if locked:
        db.session.execute(
            select(Edition.id).where(Edition.series_id == series_id).order_by(Edition.id).with_for_update()
        )
    patterns = db.session.scalars(
        select(Pattern)
        .where(Pattern.series_id == series_id)
        .order_by(Pattern.first_on, Pattern.id)
        .execution_options(populate_existing=True)
    ).all()
    skipped: dict[int, set[datetime]] = {}
    for pattern_id, slot_at in db.session.execute(
        select(Skip.pattern_id, Skip.slot_at).where(Skip.pattern_id.in_([pattern.id for pattern in patterns]))
    ):
        skipped.setdefault(pattern_id, set()).add(slot_at)
    query = select(Occurrence).where(Occurrence.series_id == series_id, Occurrence.pattern_id.is_not(None))
    query = query.order_by(Occurrence.id).execution_options(populate_existing=True)
    rows = db.session.scalars(query.with_for_update() if locked else query)
    stored = [
        Stored(row.id, row.terms, row.edition_id, row.year_shift, frozenset(skipped.get(row.id, set())))
        for row in patterns
    ]
    return Ground(stored, [row.held for row in rows], None if stored else _edition_to_fill(series_id))


def _edition_to_fill(series_id: int) -> int | None:
    """Where the first dates of a series without any go: into its latest edition, unless it counts issues."""
    latest = select(Edition.id, Edition.style).where(Edition.series_id == series_id)
    row = db.session.execute(latest.order_by(Edition.year.desc(), Edition.number.desc()).limit(1)).first()
    return None if row is None or row.style is Style.ISSUE else row.id


def revised(
    series_id: int,
    wanted: Terms | None,
    *,
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    locked: bool = False,
) -> Revised:
    """What a change of the rule comes to now. Raises: RuleBroken."""
    found = ground(series_id, locked=locked)
    made = revising.revise(found.patterns, found.held, wanted, since=since, now=now, zone=zone)
    return made if found.patterns else made.into(found.edition_id)


def going_on(
    series_id: int, *, since: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[Terms, Choice | None] | None:
    """What holds now, to begin a change with. Raises: RuleBroken."""
    found = ground(series_id)
    return revising.going_on(found.patterns, found.held, since=since, now=now, zone=zone)


def numbers_of(series_id: int, made: Revised, zone: ZoneInfo) -> list[Numbered]:
    """The numbers of the issues that a change adds, in order; none when its dates belong to one edition."""
    added = made.of(Fate.ADDED)
    if made.edition_id is not None or not added:
        return []
    gone = [change.held.id for change in made.of(Fate.REMOVED) if change.held and change.held.is_draft]
    return further_numbers(
        [change.after.starts_at.astimezone(zone).date() for change in added if change.after],
        taken_numbers(series_id, without=gone),
        made.year_shift,
    )


def taken_numbers(series_id: int, *, without: Sequence[int] = ()) -> list[tuple[int, int]]:
    """(year, number) of the issues of a series. ``without``: occurrences that vanish, and with each a draft edition
    that has nothing else."""
    query = select(Edition.year, Edition.number).where(Edition.series_id == series_id, Edition.style == Style.ISSUE)
    return [(year, number) for year, number in db.session.execute(query.where(~vanishing(without)))]


def vanishing(occurrence_ids: Sequence[int]) -> Any:
    """The condition on editions that go with the last of their dates: drafts that nobody approved."""
    if not occurrence_ids:
        return false()
    gone = Occurrence.id.in_(occurrence_ids)
    return and_(
        Edition.publication == Publication.DRAFT,
        Edition.approved_at.is_(None),
        Edition.id.in_(select(Occurrence.edition_id).where(gone)),
        ~select(Occurrence.id).where(Occurrence.edition_id == Edition.id, ~gone).exists(),
    )


def numbers_by_occurrence(occurrence_ids: Sequence[int]) -> dict[int, Numbered]:
    """The number of each occurrence's edition. One query."""
    query = (
        select(Occurrence.id, Edition.number, Edition.style, Edition.year)
        .join(Edition, Edition.id == Occurrence.edition_id)
        .where(Occurrence.id.in_(occurrence_ids))
    )
    return {id: Numbered(number, style, year) for id, number, style, year in db.session.execute(query)}


def room_names(room_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(venue, room) by id. One query."""
    query = select(Room.id, Venue.name, Room.name).join(Venue, Venue.id == Room.venue_id).where(Room.id.in_(room_ids))
    return {id: (venue, room) for id, venue, room in db.session.execute(query)}


def patterns_of(series_id: int) -> Sequence[Pattern]:
    """In order of their first dates."""
    query = select(Pattern).where(Pattern.series_id == series_id)
    return db.session.scalars(query.order_by(Pattern.first_on, Pattern.id)).all()


def slot_rows(series_id: int) -> Select[Any]:
    """(Occurrence with edition, room and venue; name of the unit that runs it) of a series, by planned slot."""
    query = (
        select(Occurrence, Unit.name)
        .join(Edition, Edition.id == Occurrence.edition_id)
        .join(Unit, Unit.id == Edition.unit_id)
        .where(Occurrence.series_id == series_id)
        .options(contains_eager(Occurrence.edition), joinedload(Occurrence.room).joinedload(Room.venue))
        .order_by(func.coalesce(Occurrence.planned_at, Occurrence.starts_at), Occurrence.id)
    )
    return cast(Select[Any], query)


def next_slots(series_id: int, now: datetime, *, most: int) -> list[Any]:
    """The coming ones of ``slot_rows``, what is cancelled included."""
    return list(db.session.execute(slot_rows(series_id).where(Occurrence.ends_at > now).limit(most)))


def skips_of(series_id: int) -> Sequence[Skip]:
    """The slots that are skipped, in order."""
    query = select(Skip).join(Pattern, Pattern.id == Skip.pattern_id).where(Pattern.series_id == series_id)
    return db.session.scalars(query.order_by(Skip.slot_at)).all()


def skip(actor: Actor, series_id: int, skip_id: int) -> Skip:
    """Raises: NotFound."""
    row = db.session.scalar(
        select(Skip)
        .join(Pattern, Pattern.id == Skip.pattern_id)
        .join(Series, Series.id == Pattern.series_id)
        .where(Skip.id == skip_id, Series.id == series_id, planned_by(actor, Series))
    )
    if row is None:
        raise NotFound()
    return row
