"""Changing the rule of a series from a date on: exactly what the preview said, or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ....audit import services as audit
from ....core.access import Action, Actor
from ....core.db import lock, one, transaction
from ....core.previews import check_seen
from ....core.text import one_line
from ... import holders, rules
from ...hosting.services.hosts import follow_series, give_turns
from ...models import Edition, Occurrence, Room, Series
from ...numbering import Numbered, words
from ...queries.places import require
from ...rules import Publication, Status
from ...services.changing import tell
from ...services.clashes import Wanted, refused_in_words
from ...services.making import make_occurrences, of_slots
from ...services.planning import new_edition
from ...services.series import check_revision
from .. import queries
from ..models import Pattern, Skip
from ..revising import Change, Fate, Revised
from ..rules import Facts, Terms
from .vanishing import vanish

WRITTEN = (Fate.RETIMED, Fate.MOVED, Fate.CHANGED)


def change_rule(
    series_id: int,
    wanted: Terms | None,
    *,
    since: datetime | None,
    reason: str,
    expected_revision: int,
    seen: str,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> Revised:
    """Locks the series, its occurrences and the rooms' times. Exactly what the preview said, or nothing.

    ``wanted`` holds from the slot ``since`` on, None: from the first that has not begun; ``wanted`` None: nothing takes
    place from there on. ``seen``: digest of the preview. The same form sent again changes nothing more.
    Raises: Conflict("series.changed_meanwhile") when the preview would be another one now; RuleBroken.
    """
    why, sent = one_line(reason), f"{expected_revision}:{seen}"
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        if series.last_change == sent:
            return _nothing(wanted)
        check_revision(series, expected_revision)
        made = queries.revised(series.id, wanted, since=since, now=now, zone=zone, locked=True)
        check_seen(seen, made.digest, "series.changed_meanwhile", yours=expected_revision, theirs=series.revision)
        if made.told:
            rules.check_reason(why)
        if wanted is not None and wanted.room_id is not None:
            one(Room, wanted.room_id)
        before = [_said(pattern.terms) for pattern in queries.patterns_of(series.id)]
        numbers = queries.numbers_of(series.id, made, zone)
        with refused_in_words(
            session, actor=actor, rooms=_rooms(made.changes), number=[words(numbered) for numbered in numbers]
        ):
            _apply(session, series, made, numbers, why, actor=actor, now=now, zone=zone)
        if numbers:
            give_turns(series, now=now, zone=zone, session=session)
        follow_series(session, series, _editions_of(session, made), zone=zone)
        series.revision, series.last_change, series.changed_at = series.revision + 1, sent, now
        session.flush()
        holders.seats_added(_with_more_places(made.changes), now)
        audit.record(
            f"series:{series.id}", "series.rule_changed", actor=actor, now=now, reason=why, before=before,
            after=[_said(pattern.terms) for pattern in queries.patterns_of(series.id)],
            changes=[_line(change) for change in made.of(Fate.ADDED, Fate.REMOVED, *WRITTEN)],
        )  # fmt: skip
    return made


def _editions_of(session: Session, made: Revised) -> list[int]:
    """The editions whose dates were written."""
    ids = [change.held.id for change in made.of(*WRITTEN) if change.held]
    return list(session.scalars(select(Occurrence.edition_id).where(Occurrence.id.in_(ids)).distinct()))


def _nothing(terms: Terms | None) -> Revised:
    return Revised((), {}, (), None, terms, None, 0)


def _rooms(changes: Iterable[Change]) -> list[Wanted]:
    written = [change.after for change in changes if change.after and change.fate in (Fate.ADDED, *WRITTEN)]
    return [Wanted(facts.room_id, facts.starts_at, facts.ends_at) for facts in written if facts.room_id is not None]


def _with_more_places(changes: Iterable[Change]) -> list[int]:
    return [
        change.held.id
        for change in changes
        if change.held and change.before and change.after and change.held.is_public
        and change.before.capacity is not None
        and (change.after.capacity is None or change.after.capacity > change.before.capacity)
    ]  # fmt: skip


def _apply(
    session: Session,
    series: Series,
    made: Revised,
    numbers: Sequence[Numbered],
    why: str,
    *,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    rows = {
        row.id: row
        for row in session.scalars(select(Occurrence).where(Occurrence.id.in_(_ids(made.changes))))
    }  # fmt: skip
    open_ = [change for change in made.changes if change.is_open and not _stays(change, made)]
    skips = _lift_skips(session, made, open_)
    for change in open_:  # first everything lets go of its slot and room, so that dates may change places
        if change.held is not None:
            row = rows[change.held.id]
            row.pattern_id = None
            if change.fate in (*WRITTEN, Fate.REMOVED):
                row.room_id = None
    session.flush()
    _remove(session, [rows[change.held.id] for change in made.of(Fate.REMOVED) if change.held], made, why, now)
    pattern = _write_patterns(session, series, made, now)
    for change in open_:
        if change.held is not None and change.slot_after is not None and pattern is not None:
            _write(rows[change.held.id], change, pattern, why, now)
    if pattern is not None:
        _add(session, series, made, pattern, numbers, actor=actor, now=now, zone=zone)
        for before, after in skips:
            session.add(
                Skip(pattern_id=pattern.id, slot_at=after, reason=before.reason, skipped_at=before.skipped_at,
                     skipped_by_id=before.skipped_by_id)
            )  # fmt: skip
    session.flush()


def _ids(changes: Iterable[Change]) -> list[int]:
    return [change.held.id for change in changes if change.held is not None]


def _stays(change: Change, made: Revised) -> bool:
    """Whether a date keeps slot and pattern and nothing of it is written."""
    return (
        change.held is not None
        and change.held.pattern_id == made.extended
        and change.slot_before == change.slot_after
        and change.fate not in WRITTEN
    )


def _remove(session: Session, rows: Sequence[Occurrence], made: Revised, why: str, now: datetime) -> None:
    """What people know of is cancelled and says why; drafts vanish, with an issue that has nothing else."""
    drafts = [row for row in rows if row.publication is Publication.DRAFT]
    for row in rows:
        if row.publication is not Publication.DRAFT:
            row.status, row.reason, row.cancelled_at = Status.CANCELLED, why, now
            tell(row, now)
    session.flush()
    vanish(session, drafts, with_editions=made.edition_id is None)


def _write_patterns(session: Session, series: Series, made: Revised, now: datetime) -> Pattern | None:
    """The patterns as they are from now on; the one that the changed dates follow."""
    for pattern_id, rule in made.shortened.items():
        shortened = one(Pattern, pattern_id)
        shortened.rule, shortened.changed_at = rule, now
    session.execute(delete(Skip).where(Skip.pattern_id.in_(made.dropped)))
    session.execute(update(Occurrence).where(Occurrence.pattern_id.in_(made.dropped)).values(pattern_id=None))
    session.execute(delete(Pattern).where(Pattern.id.in_(made.dropped)))
    if made.terms is None:
        return None
    if made.extended is not None:
        pattern = one(Pattern, made.extended)
        pattern.terms, pattern.changed_at = made.terms, now
    else:
        pattern = Pattern(
            series_id=series.id, edition_id=made.edition_id, year_shift=made.year_shift, terms=made.terms,
            changed_at=now, follows_id=max(made.shortened, default=None),
        )  # fmt: skip
        session.add(pattern)
    session.flush()
    return pattern


def _lift_skips(session: Session, made: Revised, open_: Iterable[Change]) -> list[tuple[Skip, datetime]]:
    """The skips of the changed slots, taken out; with the slots that they stand for from now on."""
    moved = {change.slot_before: change.slot_after for change in open_ if change.fate is Fate.SKIPPED}
    patterns = [*made.shortened, *made.dropped, *([made.extended] if made.extended is not None else [])]
    query = select(Skip).where(Skip.slot_at.in_(list(moved)), Skip.pattern_id.in_(patterns))
    found = list(session.scalars(query))
    for row in found:
        session.delete(row)
    session.flush()
    return [(row, after) for row in found if (after := moved[row.slot_at]) is not None]


def _write(row: Occurrence, change: Change, pattern: Pattern, why: str, now: datetime) -> None:
    row.pattern_id, row.planned_at = pattern.id, change.slot_after
    after = change.after
    if after is None or change.fate not in WRITTEN:
        return
    if row.publication is Publication.PUBLISHED and row.starts_at != after.starts_at:
        row.moved_from_at = row.starts_at
    set_facts(row, after)
    if change.fate is Fate.CHANGED:
        row.touch(now)
    else:
        row.reason = why
        tell(row, now)


def set_facts(row: Occurrence, facts: Facts) -> None:
    row.starts_at, row.ends_at, row.all_day = facts.starts_at, facts.ends_at, facts.all_day
    row.room_id, row.place, row.capacity = facts.room_id, facts.place, facts.capacity
    row.opens_at, row.closes_at = facts.opens_at, facts.closes_at


def _add(
    session: Session,
    series: Series,
    made: Revised,
    pattern: Pattern,
    numbers: Sequence[Numbered],
    *,
    actor: Actor,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    added = [change.slot_after for change in made.of(Fate.ADDED) if change.slot_after is not None]
    if numbers:
        editions = [new_edition(series, numbered, series.unit_id, now) for numbered in numbers]
        session.add_all(editions)
        session.flush()
    else:
        editions = [one(Edition, made.edition_id)] * len(added) if made.edition_id is not None else []
    slots = of_slots(pattern.id, pattern.terms, zip(editions, added, strict=True))
    make_occurrences(session, slots, actor=actor, now=now, zone=zone)


def _said(terms: Terms) -> dict[str, object]:
    return {
        "rule": terms.rule, "first_on": terms.first_on.isoformat(), "starts": terms.starts.isoformat(),
        "minutes": int(terms.duration.total_seconds()) // 60, "all_day": terms.all_day, "room": terms.room_id,
        "place": terms.place, "capacity": terms.capacity,
        "opens_before_minutes": int(terms.opens_before.total_seconds()) // 60 if terms.opens_before else None,
        "closes_before_minutes": int(terms.closes_before.total_seconds()) // 60,
    }  # fmt: skip


def _line(change: Change) -> dict[str, object]:
    return {
        "what": change.fate.value, "occurrence": change.held.id if change.held else None,
        "from": change.before.starts_at.isoformat() if change.before else None,
        "to": change.after.starts_at.isoformat() if change.after else None,
    }  # fmt: skip
