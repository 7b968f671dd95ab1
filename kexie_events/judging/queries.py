"""Reading rounds, judges, sheets and rankings. Every list is the same number of queries for one row and for many."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from ..accounts.models import Account, Person
from ..contests.bounds import BOUNDS
from ..contests.difference import Bound
from ..contests.models import RulePack
from ..contests.queries import pack_of
from ..contests.rules import Pack
from ..core.access import Actor, Place, visible
from ..core.db import db
from ..core.errors import NotFound
from ..entries.models import Entry, EntryFile
from ..events.models import Edition
from ..events.queries.manage import planned_by
from ..units.models import Unit
from ..units.queries import unit_path
from . import ranking
from .models import Assignment, Judge, Recusal, Round, Scoresheet
from .rules import RoundState, SheetState, Version, first_broken

_WITH_EDITION = joinedload(Round.edition).joinedload(Edition.series)


def place_of(round_: Round) -> Place:
    """Where a round lives; its ``edition`` must be loaded."""
    edition = round_.edition
    return Place(unit_path(edition.unit_id), edition.series_id, edition.id, round_.id)


def bound_by_scores(edition_id: int) -> Bound:
    """What the scores of an edition ask of its rules: how many sheets were saved."""
    query = (
        select(func.count(Scoresheet.assignment_id.distinct()))
        .join(Assignment, Assignment.id == Scoresheet.assignment_id)
        .join(Round, Round.id == Assignment.round_id)
        .where(Round.edition_id == edition_id)
    )
    return Bound({}, {}, {}, sheets=db.session.scalar(query) or 0)


BOUNDS.append(bound_by_scores)


def visible_round(round_id: int, actor: Actor) -> Round:
    """Raises: NotFound, also for what the actor may not know of."""
    found = db.session.scalar(select(Round).where(Round.id == round_id, visible(Round, actor)).options(_WITH_EDITION))
    if found is None:
        raise NotFound()
    return found


# ---- sheets


@dataclass(frozen=True)
class Newest:
    """The newest version of each assignment's sheet, to be joined: ``outerjoin(newest.sheet, newest.on)``."""

    sheet: Any
    on: ColumnElement[bool]


def newest(*states: SheetState) -> Newest:
    """Of these states, all when none is named. One look into an index per assignment, however many sheets there are."""
    sheet, other = aliased(Scoresheet), aliased(Scoresheet)
    last = select(func.max(other.revision)).where(other.assignment_id == Assignment.id)
    if states:
        last = last.where(other.state.in_(states))
    revision = last.correlate(Assignment).scalar_subquery()
    return Newest(sheet, and_(sheet.assignment_id == Assignment.id, sheet.revision == revision))


def newest_sheet(assignment_id: int) -> Scoresheet | None:
    return db.session.scalar(
        select(Scoresheet)
        .where(Scoresheet.assignment_id == assignment_id)
        .order_by(Scoresheet.revision.desc())
        .limit(1)
    )


def versions_of(assignment_id: int) -> list[Scoresheet]:
    query = select(Scoresheet).where(Scoresheet.assignment_id == assignment_id).order_by(Scoresheet.revision)
    return list(db.session.scalars(query))


def version(sheet: Scoresheet) -> Version:
    return Version(sheet.revision, sheet.state, sheet.points, sheet.note, sheet.saved_at, sheet.digest)


def heads(round_id: int) -> dict[int, str]:
    """The last digest of every sheet of a round, by assignment."""
    last = newest()
    rows = db.session.execute(
        select(Assignment.id, last.sheet.digest).join(last.sheet, last.on).where(Assignment.round_id == round_id)
    )
    return {assignment_id: digest for assignment_id, digest in rows}


def broken_sheets() -> Iterator[tuple[int, int]]:
    """(assignment id, revision) of the first version of each sheet that was changed or stands behind a gap."""
    rows = db.session.scalars(
        select(Scoresheet).order_by(Scoresheet.assignment_id, Scoresheet.revision).execution_options(yield_per=1000)
    )
    sheet: list[Scoresheet] = []
    for row in rows:
        if sheet and sheet[0].assignment_id != row.assignment_id:
            yield from _broken(sheet)
            sheet = []
        sheet.append(row)
    if sheet:
        yield from _broken(sheet)


def _broken(sheet: Sequence[Scoresheet]) -> Iterator[tuple[int, int]]:
    n = first_broken(sheet[0].assignment_id, [version(row) for row in sheet])
    if n is not None:
        yield sheet[0].assignment_id, sheet[n].revision


# ---- what a judge sees: no school, no author, no entry number


@dataclass(frozen=True)
class Task:
    """One entry to score, as its judge sees it. ``total``: the submitted one; ``state``: of what is there now."""

    id: int
    code: str
    title: str
    group: str
    state: SheetState | None
    total: Decimal | None

    @property
    def done(self) -> bool:
        return self.total is not None

    @property
    def changed(self) -> bool:
        """Submitted, and typed on since without submitting again."""
        return self.done and self.state is SheetState.DRAFT


@dataclass(frozen=True)
class Duty:
    """A round that an account judges: how much is done, and until when."""

    round_id: int
    round_name: str
    edition_id: int
    title: str  # series and number of the edition
    state: RoundState
    opens_at: datetime
    closes_at: datetime
    done: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.done


def duties_of(account_id: int) -> list[Duty]:
    """The rounds that this account judges and that have begun, the next deadline first. One query."""
    sent = newest(SheetState.SUBMITTED)
    rows = db.session.execute(
        select(Round, func.count(sent.sheet.id), func.count(Assignment.id))
        .join(Judge, Judge.round_id == Round.id)
        .join(Assignment, Assignment.judge_id == Judge.id)
        .outerjoin(sent.sheet, sent.on)
        .where(Judge.account_id == account_id, Assignment.withdrawn_at.is_(None))
        .where(Round.state != RoundState.SETTING_UP)
        .group_by(Round.id)
        .options(_WITH_EDITION)
        .order_by(Round.state.desc(), Round.closes_at, Round.id)
    )
    return [
        Duty(
            row.id, row.name, row.edition_id, f"{row.edition.number_words}{row.edition.series.name}", row.state,
            row.opens_at, row.closes_at, done, total,
        )
        for row, done, total in rows
    ]  # fmt: skip


def own_assignment(assignment_id: int, account_id: int | None) -> Assignment:
    """An assignment of this account in a round that has begun, with what its sheet page needs.

    Raises: NotFound for everything else: others' assignments, withdrawn ones, rounds that are being set up.
    """
    found = db.session.scalar(
        select(Assignment)
        .join(Judge, Judge.id == Assignment.judge_id)
        .join(Round, Round.id == Assignment.round_id)
        .where(Assignment.id == assignment_id, Judge.account_id == account_id)
        .where(Assignment.withdrawn_at.is_(None), Round.state != RoundState.SETTING_UP)
        .options(joinedload(Assignment.entry))
    )
    if found is None:
        raise NotFound()
    return found


def tasks(round_id: int, account_id: int) -> list[Task]:
    """All that this account scores in a round, by code. One query."""
    now, sent = newest(), newest(SheetState.SUBMITTED)
    rows = db.session.execute(
        select(Assignment.id, Assignment.code, Entry.title, Entry.group, now.sheet.state, sent.sheet.total)
        .join(Judge, Judge.id == Assignment.judge_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .outerjoin(now.sheet, now.on)
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.round_id == round_id, Judge.account_id == account_id, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.code)
    )
    return [Task(*row) for row in rows]


def own_seats(round_id: int, account_id: int) -> list[Assignment]:
    """The assignments of an account in a round, by code."""
    query = select(Assignment).join(Judge).where(Assignment.round_id == round_id, Judge.account_id == account_id)
    return list(db.session.scalars(query.where(Assignment.withdrawn_at.is_(None)).order_by(Assignment.code)))


def files_of(entry_id: int) -> list[EntryFile]:
    """The files of an entry in the order in which judges see them: 材料1, 材料2 …"""
    return list(db.session.scalars(select(EntryFile).where(EntryFile.entry_id == entry_id).order_by(EntryFile.id)))


# ---- what an organiser sees


def rounds(actor: Actor) -> Select[Any]:
    """Rounds with their progress, open ones first, for ``web.page``: (round, judges, works, done, seats)."""
    sent = newest(SheetState.SUBMITTED)
    active = (
        select(
            Assignment.round_id,
            func.count().label("seats"),
            func.count(Assignment.entry_id.distinct()).label("works"),
            func.count(sent.sheet.id).label("done"),
        )
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.withdrawn_at.is_(None))
        .group_by(Assignment.round_id)
        .subquery()
    )
    judges = select(func.count()).where(Judge.round_id == Round.id).correlate(Round).scalar_subquery()
    return (
        select(
            Round,
            judges.label("judges"),
            func.coalesce(active.c.works, 0).label("works"),
            func.coalesce(active.c.done, 0).label("done"),
            func.coalesce(active.c.seats, 0).label("seats"),
        )
        .outerjoin(active, active.c.round_id == Round.id)
        .where(visible(Round, actor))
        .options(_WITH_EDITION)
        .order_by(Round.state == RoundState.CLOSED, Round.closes_at.desc(), Round.id)
    )


def editions_with_rules(actor: Actor) -> list[Edition]:
    """The editions that this actor runs and that have a rule pack, the newest first: a round can be set up for them."""
    query = select(Edition).join(RulePack, RulePack.edition_id == Edition.id).where(planned_by(actor, Edition))
    options = (joinedload(Edition.series), joinedload(Edition.unit))
    return list(db.session.scalars(query.options(*options).order_by(Edition.year.desc(), Edition.id.desc()).limit(200)))


@dataclass(frozen=True)
class JudgeRow:
    """A judge of a round with load and progress."""

    id: int
    name: str
    unit: str
    disciplines: list[str]
    least: int
    most: int
    seats: int
    done: int
    recusals: int


def judges_of(round_id: int) -> list[JudgeRow]:
    """One query."""
    sent = newest(SheetState.SUBMITTED)
    seats = (
        select(Assignment.judge_id, func.count().label("seats"), func.count(sent.sheet.id).label("done"))
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.withdrawn_at.is_(None), Assignment.round_id == round_id)
        .group_by(Assignment.judge_id)
        .subquery()
    )
    recused = select(func.count()).where(Recusal.judge_id == Judge.id).correlate(Judge).scalar_subquery()
    rows = db.session.execute(
        select(
            Judge.id, Person.name, func.coalesce(Unit.name, ""), Judge.disciplines, Judge.least_load, Judge.most_load,
            func.coalesce(seats.c.seats, 0), func.coalesce(seats.c.done, 0), recused,
        )
        .join(Account, Account.id == Judge.account_id)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Unit, Unit.id == Judge.unit_id)
        .outerjoin(seats, seats.c.judge_id == Judge.id)
        .where(Judge.round_id == round_id)
        .order_by(Judge.id)
    )  # fmt: skip
    return [JudgeRow(*row) for row in rows]


@dataclass(frozen=True)
class RecusalRow:
    """A declared recusal, and whether another judge has taken the seat."""

    judge: str
    entry: str
    source: Any
    reason: str
    created_at: datetime
    panel: int  # how many judges the entry has now


def recusals_of(round_id: int, sources: Sequence[Any]) -> list[RecusalRow]:
    """Recusals of these sources, the newest first. One query."""
    panel = (
        select(func.count())
        .where(Assignment.entry_id == Recusal.entry_id, Assignment.round_id == round_id)
        .where(Assignment.withdrawn_at.is_(None))
        .correlate(Recusal)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Person.name, Entry.title, Recusal.source, Recusal.reason, Recusal.created_at, panel)
        .join(Judge, Judge.id == Recusal.judge_id)
        .join(Account, Account.id == Judge.account_id)
        .join(Person, Person.id == Account.person_id)
        .join(Entry, Entry.id == Recusal.entry_id)
        .where(Judge.round_id == round_id, Recusal.source.in_(sources))
        .order_by(Recusal.created_at.desc(), Recusal.id.desc())
        .limit(100)
    )
    return [RecusalRow(*row) for row in rows]


# ---- ranking


@dataclass(frozen=True)
class Ranked:
    """A standing with what people call the work."""

    entry_id: int
    code: str
    title: str
    standing: ranking.Standing
    due: int  # scores that are still to come


@dataclass(frozen=True)
class GroupRanking:
    """The ranking of one group (组别); ``waiting``: works that have too few scores to be placed."""

    code: str
    name: str
    rows: list[Ranked]
    waiting: list[tuple[str, str]] = field(default_factory=list)  # code, title


def rankings(round_id: int, pack: Pack) -> list[GroupRanking]:
    """One ranking per group of the rule pack, from the newest submitted version of every sheet. One query."""
    sent = newest(SheetState.SUBMITTED)
    rows = db.session.execute(
        select(
            Assignment.entry_id, Assignment.code, Entry.title, Entry.group.label("group"), Assignment.judge_id,
            sent.sheet.total, sent.sheet.points,
        )
        .join(Entry, Entry.id == Assignment.entry_id)
        .outerjoin(sent.sheet, sent.on)
        .where(Assignment.round_id == round_id, Assignment.withdrawn_at.is_(None))
    )  # fmt: skip
    by_group: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_group[row.group].append(row)
    return [
        _group(choice.code, choice.name, by_group[choice.code], pack)
        for choice in pack.groups
        if choice.code in by_group
    ]


def _group(code: str, name: str, rows: list[Any], pack: Pack) -> GroupRanking:
    works: dict[str, Any] = {}
    scores: dict[str, list[ranking.Score]] = defaultdict(list)
    seats: dict[str, int] = defaultdict(int)
    for row in rows:
        works[row.code] = row
        seats[row.code] += 1
        if row.total is not None:
            main = Decimal(row.points[pack.rubric.main])
            scores[row.code].append(ranking.Score(str(row.judge_id), row.code, row.total, main))
    least = ranking.LEAST_FOR_TRIM if pack.method == "trimmed_mean" else 1
    enough = [score for given in scores.values() if len(given) >= least for score in given]
    standings = ranking.rank(enough, method=pack.method, tie_breaks=pack.tie_breaks)
    placed = {standing.item for standing in standings}
    return GroupRanking(
        code,
        name,
        [Ranked(works[s.item].entry_id, s.item, works[s.item].title, s, seats[s.item] - s.n) for s in standings],
        sorted((code, row.title) for code, row in works.items() if code not in placed),
    )


def ranking_of(round_: Round) -> list[GroupRanking]:
    """The rankings of a round under the rule pack of its edition."""
    return rankings(round_.id, pack_of(round_.edition_id))
