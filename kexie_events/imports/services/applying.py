"""Acting on a preview: exactly what was ticked in it, all of it or nothing; or nothing at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Action, Actor
from ...core.db import lock, one, refused, transaction
from ...core.errors import Conflict, RuleBroken
from ...core.previews import check_seen
from ...core.text import one_line
from ...events import services as events
from ...events.models import Edition, Occurrence
from ...events.plans import OccurrencePlan, Sitting
from ...events.queries.places import require
from ...events.rules import check_reason
from ...events.services import NewOccurrence, Rewritten, discard_drafts, make_occurrences, rewrite_drafts
from .. import queries
from ..comparing import Facts, Outcome, digest, written_after
from ..models import CalendarImport, ImportedDate
from ..rules import MOST_ONE_BY_ONE, Change, ImportState
from ..storing import facts_values, item_values
from .asking import with_series

_TAKEN = {"uq_imported_date_edition_id_uid_recurrence": "import.taken_meanwhile"}
BY_ITSELF = "来源日历已取消"  # why a draft is cancelled when nobody wrote it down: it stands in the record


@dataclass(frozen=True)
class Choice:
    """What somebody decided on a preview. ``seen``: its digest; ``keys``: of the outcomes that were ticked."""

    keys: frozenset[str]
    seen: str
    reason: str = ""
    uses_rooms: bool = True


def apply(import_id: int, choice: Choice, *, actor: Actor, now: datetime, zone: ZoneInfo) -> CalendarImport:
    """Locks the edition, the import, then the occurrences that came from calendars. Do what was ticked, all or nothing.

    New dates become drafts. Drafts change all at once; what is public is moved and cancelled as anywhere else, with the
    reason, and whoever is registered is told. The same press again finds it done.
    Raises: Conflict("core.preview_changed" | "import.decided"), RuleBroken("import.none_ticked" | "import.choice" |
    "event.reason" | "event.room_taken" | "event.draft_in_use" | …).
    """
    with transaction() as session:
        edition = lock(Edition, one(CalendarImport, import_id).edition_id)
        require(actor, Action.PLAN, edition)
        edition = with_series(edition)
        run = lock(CalendarImport, import_id)
        if run.state is ImportState.APPLIED and run.seen == choice.seen:
            return run
        if run.state is not ImportState.READ:
            raise Conflict("import.decided")
        run.edition = edition
        outcomes = queries.outlook(run, now=now, zone=zone, for_update=True)
        check_seen(choice.seen, digest(outcomes))
        ticked = _ticked(outcomes, choice)
        why = one_line(choice.reason)
        if any(outcome.tells for outcome in ticked):
            check_reason(why)
        made = _Doing(session, run, choice.uses_rooms, why, actor, now, zone).do(ticked)
        done = Counter(outcome.change.value for outcome in ticked)
        run.state, run.seen, run.done, run.found = ImportState.APPLIED, choice.seen, dict(done), {}
        run.decided_at, run.decided_by_id = now, actor.account_id
        audit.record(
            f"edition:{edition.id}", "calendar.imported", actor=actor, now=now, calendar_import=run.id,
            source=run.source_id, reason=why, occurrences=made, **done,
        )  # fmt: skip
    return run


def _ticked(outcomes: Sequence[Outcome], choice: Choice) -> list[Outcome]:
    """Raises: RuleBroken("import.none_ticked" | "import.choice" | "import.too_many_at_once")."""
    ticked = [outcome for outcome in outcomes if outcome.choosable and outcome.key in choice.keys]
    if not ticked:
        raise RuleBroken("import.none_ticked")
    if len(ticked) != len(choice.keys):
        raise RuleBroken("import.choice")
    if sum(outcome.one_by_one for outcome in ticked) > MOST_ONE_BY_ONE:
        raise RuleBroken("import.too_many_at_once", most=MOST_ONE_BY_ONE)
    return ticked


class _Doing:
    """One press: who, when, why, and in whose transaction."""

    def __init__(
        self,
        session: Session,
        run: CalendarImport,
        uses_rooms: bool,
        reason: str,
        actor: Actor,
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        self.session, self.run, self.reason = session, run, reason
        self.actor, self.now, self.zone = actor, now, zone
        self.uses_rooms = uses_rooms

    def do(self, ticked: Sequence[Outcome]) -> list[int]:
        """The ids of the occurrences that were made."""
        ids = [outcome.known.line_id for outcome in ticked if outcome.known is not None]
        rows = self.session.scalars(select(ImportedDate).where(ImportedDate.id.in_(ids))).all() if ids else []
        lines = {row.id: row for row in rows}
        self._throw_away([each for each in ticked if each.change is Change.GONE and not each.is_public])
        standing = [each for each in ticked if each.change is not Change.NEW and self._stays(each)]
        self._rewrite([each for each in standing if not each.one_by_one])
        for outcome in sorted((each for each in standing if each.one_by_one), key=_occurrence_id):
            self._follow(outcome)
        made = self._make([each for each in ticked if each.change is Change.NEW], lines)
        for outcome in standing:
            if outcome.item is not None and outcome.known is not None:
                self._take_note(lines[outcome.known.line_id], outcome)
        self.session.flush()
        return made

    def _stays(self, outcome: Outcome) -> bool:
        return outcome.change is not Change.GONE or outcome.is_public

    # ---- new

    def _make(self, new: Sequence[Outcome], lines: dict[int, ImportedDate]) -> list[int]:
        wanted = [NewOccurrence(self.run.edition, self._plan(each)) for each in new]
        made = make_occurrences(self.session, wanted, actor=self.actor, now=self.now, zone=self.zone)
        with refused(self.session, _TAKEN):
            for outcome, row in zip(new, made, strict=True):
                line = lines[outcome.known.line_id] if outcome.known else ImportedDate(edition_id=self.run.edition_id)
                line.occurrence_id = row.id
                self._take_note(line, outcome)
                self.session.add(line)
        return [row.id for row in made]

    def _plan(self, outcome: Outcome) -> OccurrencePlan:
        facts = self._wanted(outcome)
        return OccurrencePlan(
            facts.starts_at, facts.ends_at, facts.all_day, facts.room_id, facts.place, title=facts.title,
            summary=facts.summary,
        )  # fmt: skip

    def _wanted(self, outcome: Outcome) -> Facts:
        """As the preview shows it; the place in words alone when the organiser does not want rooms to be taken."""
        assert outcome.wanted is not None
        assert outcome.item is not None
        if self.uses_rooms or outcome.wanted.room_id is None:
            return outcome.wanted
        return replace(outcome.wanted, room_id=None, place=outcome.item.place)

    def _take_note(self, line: ImportedDate, outcome: Outcome) -> None:
        """So that the next import knows what this one knew."""
        assert outcome.item is not None
        line.uid, line.recurrence = outcome.item.uid, outcome.item.recurrence
        line.source_id, line.calendar, line.taken_at = self.run.source_id, self.run.name, self.now
        line.said = item_values(outcome.item)
        line.written = facts_values(written_after(replace(outcome, wanted=self._wanted(outcome))))

    # ---- what stands

    def _rewrite(self, drafts: Sequence[Outcome]) -> None:
        """All at once: nobody is told of a draft."""
        query = select(Occurrence).where(Occurrence.id.in_([_occurrence_id(each) for each in drafts]))
        rows = {row.id: row for row in self.session.scalars(query)} if drafts else {}
        wanted = [
            Rewritten(rows[_occurrence_id(each)], *self._said(each, rows[_occurrence_id(each)])) for each in drafts
        ]
        rewrite_drafts(self.session, self.run.edition, wanted, actor=self.actor, now=self.now, zone=self.zone)

    def _said(self, outcome: Outcome, row: Occurrence) -> tuple[Sitting, str, str]:
        """What an occurrence says afterwards: the source's of the parts that it changed, ours of the others."""
        wanted, parts = self._wanted(outcome), outcome.parts
        time = wanted.time if "time" in parts else (row.starts_at, row.ends_at, row.all_day)
        where = wanted.where if "where" in parts else (row.room_id, row.place)
        title = wanted.title if "title" in parts else row.title
        return Sitting(*time, *where), title, wanted.summary if "summary" in parts else row.summary

    def _follow(self, outcome: Outcome) -> None:
        id = _occurrence_id(outcome)
        if outcome.change in (Change.CANCELLED, Change.GONE):
            why = self.reason or BY_ITSELF
            events.cancel(id, reason=why, actor=self.actor, now=self.now)
            return
        if outcome.change is Change.RESTORED:
            events.restore(id, actor=self.actor, now=self.now)
        row = one(Occurrence, id)
        to, title, summary = self._said(outcome, row)
        if {"time", "where"} & set(outcome.parts):
            events.move(
                id, to, reason=self.reason, expected_revision=row.revision, actor=self.actor, now=self.now,
                zone=self.zone,
            )  # fmt: skip
        if {"title", "summary"} & set(outcome.parts):
            events.change_occurrence(
                id, title=title, summary=summary, expected_revision=row.revision, actor=self.actor, now=self.now
            )

    def _throw_away(self, gone: Sequence[Outcome]) -> None:
        """Drafts that the source has no more. Raises: RuleBroken("event.draft_in_use")."""
        if not gone:
            return
        lines = [each.known.line_id for each in gone if each.known is not None]
        doomed = delete(ImportedDate).where(ImportedDate.id.in_(lines))
        self.session.execute(doomed.execution_options(synchronize_session=False))
        query = select(Occurrence).where(Occurrence.id.in_([_occurrence_id(each) for each in gone]))
        rows = self.session.scalars(query.order_by(Occurrence.id)).all()
        discard_drafts(self.session, self.run.edition, rows, actor=self.actor, now=self.now)


def _occurrence_id(outcome: Outcome) -> int:
    assert outcome.known is not None
    assert outcome.known.occurrence_id is not None
    return outcome.known.occurrence_id


def drop(import_id: int, *, actor: Actor, now: datetime) -> CalendarImport:
    """Locks the import. Nothing of it is taken over; reading the same calendar again shows the same preview.

    Raises: Conflict("import.decided").
    """
    with transaction():
        run = lock(CalendarImport, import_id)
        require(actor, Action.PLAN, one(Edition, run.edition_id))
        if run.state is ImportState.DROPPED:
            return run
        if run.state not in (ImportState.READ, ImportState.WAITING):
            raise Conflict("import.decided")
        run.state, run.found, run.content = ImportState.DROPPED, {}, None
        run.decided_at, run.decided_by_id = now, actor.account_id
        audit.record(
            f"edition:{run.edition_id}", "calendar.dropped", actor=actor, now=now, calendar_import=run.id
        )  # fmt: skip
    return run
