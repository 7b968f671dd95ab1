"""Who judges what: the assignment, and stepping back from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from ...audit import services as audit
from ...contests.models import RulePack
from ...contests.queries import pack_of
from ...contests.rules import Pack
from ...core import access
from ...core.access import Action, Actor, Place
from ...core.db import transaction
from ...core.errors import NotFound, RuleBroken
from ...core.installation import local
from ...core.seal import seal
from ...entries.models import Entry
from .. import assignment, engine, queries, rules
from ..models import Assignment, Judge, Recusal, Round
from ..rules import Belongs, RecusalSource, RoundState
from .rounds import locked_round


@dataclass(frozen=True)
class Assigned:
    """What a run of the assignment has done: seats in all, and how many are new or gone."""

    seats: int
    added: int
    removed: int
    entries: int
    judges: int
    parts: int  # more than 1: the scores of two parts cannot be compared with each other


def assign(round_id: int, *, actor: Actor, now: datetime) -> Assigned:
    """Give every submitted entry its judges. A pair that has a sheet never moves; others move where a rule asks.

    Work goes to those who have the role of a judge today; naming a judge gives it, this never does. Of the others, what
    they have submitted stays and counts, and their other seats are free.
    Locks the round. Derived recusals are written down first.
    Raises: assignment.Infeasible with the rules to relax; RuleBroken when there is nothing to assign.
    """
    with transaction() as session:
        round_ = locked_round(round_id, actor)
        if round_.state is RoundState.CLOSED:
            raise RuleBroken("judging.round_state", state=round_.state)
        pack = pack_of(round_.edition_id)
        judges, entries = queries.judge_rows(round_id), queries.submitted_entries(round_.edition_id)
        granted = queries.accounts_with_grant(round_id, local(now).date())
        if not any(judge.account_id in granted for judge in judges):
            raise RuleBroken("judging.no_judges")
        if not entries:
            raise RuleBroken("judging.no_entries")
        _write_derived(session, judges, entries, pack, now)
        done = _seat(session, round_, judges, entries, pack, granted, now)
        audit.record(
            f"round:{round_id}", "round.assigned", actor=actor, now=now, seed=round_.seed, seats=done.seats,
            added=done.added, removed=done.removed,
        )  # fmt: skip
    return done


def recuse(assignment_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """A judge steps back from an entry: the seat is free at once; what was scored stays written down, but uncounted.

    Raises: NotFound for what is not the actor's; RuleBroken("judging.reason_missing"), RuleBroken("judging.closed").
    """
    with transaction() as session:
        seat = own_seat(session, assignment_id, actor)
        row, round_ = seat.assignment, seat.round
        rules.check_open(round_.state, round_.opens_at, round_.closes_at, now)
        words = rules.check_note(reason)
        if not words:
            raise RuleBroken("judging.reason_missing")
        row.withdrawn_at = now
        values = {
            "judge_id": row.judge_id, "entry_id": row.entry_id, "source": RecusalSource.DECLARED, "reason": words,
            "created_at": now,
        }  # fmt: skip
        session.execute(insert(Recusal).values(values).on_conflict_do_nothing())
        audit.record(
            f"round:{round_.id}",
            "assignment.recused",
            actor=actor,
            now=now,
            assignment=assignment_id,
            judge=row.judge_id,
        )


@dataclass(frozen=True)
class Seat:
    """A judge's assignment, held, in a round that cannot be closed meanwhile. ``rules``: body of its rule pack."""

    assignment: Assignment
    round: Round
    rules: dict[str, Any] | None


def own_seat(session: Session, assignment_id: int, actor: Actor) -> Seat:
    """The actor's assignment, locked together with its round. One query. Raises: NotFound, Forbidden."""
    found = session.execute(_held_seat(), {"id": assignment_id, "account_id": actor.account_id}).one_or_none()
    if found is None or found[0].withdrawn_at is not None:
        raise NotFound()
    seat = Seat(*found)
    access.require(actor, Action.SCORE, Place(round_id=seat.round.id))
    return seat


@cache  # built once: building it takes longer than running it
def _held_seat() -> Select[Assignment, Round, dict[str, Any] | None]:
    id = bindparam("id", type_=Integer())
    # Parent before child, shared: sheets are saved side by side, and closing the round waits for them. A row of the
    # outer query is there, and is locked, only once the inner one has its lock.
    held = (
        select(Round)
        .join(Assignment, Assignment.round_id == Round.id)
        .join(Judge, Judge.id == Assignment.judge_id)
        .where(Assignment.id == id, Judge.account_id == bindparam("account_id", type_=Integer()))
        .with_for_update(read=True, of=Round)
        .cte("held")
    )
    round_ = aliased(Round, held)
    return (
        select(Assignment, round_, RulePack.body)
        .join(round_, round_.id == Assignment.round_id)
        .outerjoin(RulePack, RulePack.edition_id == round_.edition_id)
        .where(Assignment.id == id)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )


# ---- the parts of ``assign``


def _belongs(row: Judge | Entry) -> Belongs:
    return Belongs(row.unit.path, row.unit.region_id) if row.unit else Belongs()


def _write_derived(session: Session, judges: list[Judge], entries: list[Entry], pack: Pack, now: datetime) -> None:
    """What the tree of units says, anew: a judge who has changed units is free of the old one."""
    derived = (RecusalSource.OWN_UNIT, RecusalSource.OWN_DISTRICT)
    session.execute(
        delete(Recusal).where(Recusal.judge_id.in_([judge.id for judge in judges]), Recusal.source.in_(derived))
    )
    rows = [
        {"judge_id": judge.id, "entry_id": entry.id, "source": source, "created_at": now}
        for judge in judges
        for entry in entries
        if (source := rules.derived_recusal(_belongs(judge), _belongs(entry), pack.own_district))
    ]
    if rows:
        session.execute(insert(Recusal).on_conflict_do_nothing(), rows)


def _seat(
    session: Session,
    round_: Round,
    judges: list[Judge],
    entries: list[Entry],
    pack: Pack,
    granted: Collection[int],
    now: datetime,
) -> Assigned:
    """Solve, and change as few rows as that asks for. ``granted``: the accounts of the judges that work can go to."""
    rows, scored = queries.all_seats(round_.id), queries.scored_seats(round_.id)
    # Who once stepped back does not come back, whatever has become of the reason.
    recused = queries.recused_pairs([judge.id for judge in judges])
    recused |= {(row.entry_id, row.judge_id) for row in rows if row.withdrawn_at}
    standing = {(row.entry_id, row.judge_id): row for row in rows if row.withdrawn_at is None}
    active = {judge.id for judge in judges if judge.account_id in granted}
    for pair, row in standing.items():
        # A sheet that was begun is kept; one that nobody can finish must not hold the seat.
        if row.id in scored and (pair in recused or (row.judge_id not in active and not scored[row.id])):
            row.withdrawn_at = now
    current = {pair: row for pair, row in standing.items() if row.withdrawn_at is None}
    scored_pairs = {pair for pair, row in current.items() if row.id in scored}
    fixed = {pair for pair in scored_pairs if pair[1] in active}
    kept = scored_pairs - fixed  # of those who have lost the role
    able = [judge for judge in judges if judge.id in active]
    asked = _question(round_, able, entries, pack, recused=recused, fixed=fixed, kept=kept)
    start = {pair for pair in current if pair[1] in active} - fixed
    solution = assignment.solve(asked.instance, fixed=asked.named(fixed), start=asked.named(start))
    wanted = asked.ids(solution.pairs) | {pair for pair in kept if pair[0] in asked.entries}
    pairs = {pair for pair in wanted if pair not in current}
    gone = [row for pair, row in current.items() if pair not in wanted and pair not in scored_pairs]
    codes = _codes(round_, entries, rows)
    for row in gone:
        session.delete(row)
    session.flush()
    # In the order of the codes, so that the ids in a judge's addresses say nothing of the entries' numbers either.
    for entry_id, judge_id in sorted(pairs, key=lambda pair: (codes[pair[0]], pair[1])):
        row = Assignment(round_id=round_.id, judge_id=judge_id, entry_id=entry_id, code=codes[entry_id])
        session.add(row)
    session.flush()
    return Assigned(len(wanted), len(pairs), len(gone), len(entries), len(active), solution.parts)


def _question(
    round_: Round,
    judges: list[Judge],
    entries: list[Entry],
    pack: Pack,
    *,
    recused: set[engine.Pair],
    fixed: set[engine.Pair],
    kept: set[engine.Pair],
) -> engine.Question:
    return engine.question(
        [engine.Work(entry.id, entry.number, entry.discipline, _belongs(entry)) for entry in entries],
        [
            engine.Scorer(
                judge.id, judge.account.person.name, _belongs(judge), judge.disciplines, judge.least_load,
                judge.most_load,
            )
            for judge in judges
        ],
        judges_per_entry=round_.judges_per_entry, disciplines=[choice.code for choice in pack.disciplines],
        own_district=pack.own_district, seed=round_.seed, recused=recused, fixed=fixed, kept=kept,
    )  # fmt: skip


def _codes(round_: Round, entries: list[Entry], rows: list[Assignment]) -> dict[int, str]:
    # The round's own seed is published, so the permutation's must be another one.
    seed = seal("blind", f"{round_.id}:{round_.seed}").hex()
    taken = {row.entry_id: row.code for row in rows}
    return rules.blind_codes(rules.round_letter(round_.position), [entry.id for entry in entries], taken, seed)
