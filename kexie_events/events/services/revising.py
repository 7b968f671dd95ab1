"""Changing what a series is and when it takes place: its words, its rule from a date on, a slot skipped or back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, one, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.text import one_line
from .. import holders, plans, rules
from ..models import Edition, Milestone, Occurrence, Pattern, Room, Series, Skip
from ..numbering import Numbered, words
from ..patterns import Facts, Terms
from ..queries import patterns as queries
from ..queries.places import require
from ..revising import Change, Fate, Revised
from ..rules import Publication, Status
from .changing import tell
from .clashes import Wanted, refused_in_words
from .hosts import follow_series, give_turns
from .making import make_occurrences, of_slots
from .planning import new_edition

WRITTEN = (Fate.RETIMED, Fate.MOVED, Fate.CHANGED)


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
        _check_revision(series, expected_revision)
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


def _check_revision(series: Series, expected_revision: int) -> None:
    if series.revision != expected_revision:
        raise Conflict("series.changed_meanwhile", yours=expected_revision, theirs=series.revision)


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
        _check_revision(series, expected_revision)
        made = queries.revised(series.id, wanted, since=since, now=now, zone=zone, locked=True)
        if made.digest != seen:
            raise Conflict("series.changed_meanwhile", yours=expected_revision, theirs=series.revision)
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


def vanish(session: Session, drafts: Sequence[Occurrence], *, with_editions: bool) -> None:
    """Raises: RuleBroken("pattern.in_use") when something else hangs on one of them."""
    if not drafts:
        return
    ids = [row.id for row in drafts]
    editions = list(session.scalars(select(Edition.id).where(queries.vanishing(ids)))) if with_editions else []
    starts_at = drafts[0].starts_at
    try:
        with session.begin_nested():
            session.execute(
                delete(Occurrence).where(Occurrence.id.in_(ids)).execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise RuleBroken("pattern.in_use", starts_at=starts_at) from error
    for row in drafts:
        session.expunge(row)
    for id in editions:
        try:
            with session.begin_nested():
                session.execute(delete(Edition).where(Edition.id == id, Edition.publication == Publication.DRAFT))
        except IntegrityError:
            continue  # it has a timeline or rules: it stays, without a date


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
            changed_at=now,
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


def skip_slot(occurrence_id: int, *, reason: str, expected_revision: int, actor: Actor, now: datetime) -> Skip:
    """Locks the series, the edition and the occurrence. Nothing takes place at this slot; the others stay as they are.

    Only a draft can be skipped: it vanishes, so whoever plans the series decides. What people know of is cancelled.
    Raises: RuleBroken("pattern.no_slot" | "pattern.is_known" | "event.reason" | "pattern.in_use"), Conflict.
    """
    why = one_line(reason)
    rules.check_reason(why)
    with transaction() as session:
        found = one(Occurrence, occurrence_id)
        series = lock(Series, found.series_id)
        require(actor, Action.PLAN, series)
        lock(Edition, found.edition_id)
        row = lock(Occurrence, occurrence_id)
        if row.pattern_id is None or row.planned_at is None:
            raise RuleBroken("pattern.no_slot")
        if row.publication is not Publication.DRAFT:
            raise RuleBroken("pattern.is_known")
        if row.revision != expected_revision:
            raise Conflict("event.changed_meanwhile", yours=expected_revision, theirs=row.revision)
        pattern, slot_at = one(Pattern, row.pattern_id), row.planned_at
        vanish(session, [row], with_editions=pattern.edition_id is None)
        skipped = Skip(
            pattern_id=pattern.id, slot_at=slot_at, reason=why, skipped_at=now, skipped_by_id=actor.account_id
        )
        session.add(skipped)
        _changed(series, now)
        audit.record(
            f"series:{series.id}", "series.slot_skipped", actor=actor, now=now, reason=why, occurrence=occurrence_id,
            slot=slot_at.isoformat(),
        )  # fmt: skip
    return skipped


def bring_back(series_id: int, skip_id: int, *, actor: Actor, now: datetime, zone: ZoneInfo) -> Occurrence:
    """Locks the series. The skipped slot takes place after all, as a draft that follows the rule.

    Raises: RuleBroken("event.begun" | "event.room_taken"), NotFound when it was brought back already.
    """
    with transaction() as session:
        series = lock(Series, series_id)
        require(actor, Action.PLAN, series)
        skipped = queries.skip(actor, series.id, skip_id)
        pattern, slot_at = one(Pattern, skipped.pattern_id), skipped.slot_at
        if slot_at <= now:
            raise RuleBroken("event.begun", starts_at=slot_at)
        session.delete(skipped)
        if pattern.edition_id is not None:
            edition = one(Edition, pattern.edition_id)
        else:
            day = slot_at.astimezone(zone).date()
            (numbered,) = plans.further_numbers([day], queries.taken_numbers(series.id), pattern.year_shift)
            edition = new_edition(series, numbered, series.unit_id, now)
            session.add(edition)
            session.flush()
        wanted = of_slots(pattern.id, pattern.terms, [(edition, slot_at)])
        (row,) = make_occurrences(session, wanted, actor=actor, now=now, zone=zone)
        if pattern.edition_id is None:
            give_turns(series, now=now, zone=zone, session=session)
        _changed(series, now)
        audit.record(
            f"series:{series.id}", "series.slot_brought_back", actor=actor, now=now, occurrence=row.id,
            slot=slot_at.isoformat(), reason=skipped.reason,
        )  # fmt: skip
    return row


def leave_patterns(session: Session, edition: Edition, *, actor: Actor, now: datetime) -> None:
    """The dates of an edition are about to be thrown away: a pattern of its own goes with it, of another one their
    slots are skipped, so that the rule still tells the truth. Inside the transaction of whoever throws it away."""
    mine = list(session.scalars(select(Pattern.id).where(Pattern.edition_id == edition.id)))
    session.execute(update(Occurrence).where(Occurrence.pattern_id.in_(mine)).values(pattern_id=None))
    session.execute(delete(Skip).where(Skip.pattern_id.in_(mine)))
    session.execute(delete(Pattern).where(Pattern.id.in_(mine)))
    query = select(Occurrence.pattern_id, Occurrence.planned_at).where(
        Occurrence.edition_id == edition.id, Occurrence.pattern_id.is_not(None)
    )
    for pattern_id, slot_at in session.execute(query).all():
        session.add(
            Skip(pattern_id=pattern_id, slot_at=slot_at, reason="", skipped_at=now, skipped_by_id=actor.account_id)
        )
    _changed(one(Series, edition.series_id), now)


def _changed(series: Series, now: datetime) -> None:
    series.revision, series.changed_at = series.revision + 1, now
