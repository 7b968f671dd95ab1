"""Setting up, opening and closing a round."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from ...accounts import queries as accounts
from ...accounts import rules as account_rules
from ...accounts import services as account_services
from ...audit import services as audit
from ...contests.queries import find_pack
from ...core.access import Action, Actor, Role
from ...core.db import db, lock, transaction
from ...core.errors import RuleBroken
from ...core.installation import local
from ...core.text import one_line
from ...events.models import Edition
from ...events.queries.places import require
from ...events.rules import check_day
from .. import queries, rules
from ..models import Judge, Round
from ..rules import RoundState


def set_up_round(
    edition_id: int,
    *,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    judges_per_entry: int,
    actor: Actor,
    now: datetime,
    seed: int | None = None,
) -> Round:
    """The next round of an edition. ``seed`` of the assignment's draw; drawn here when none is given.

    A name stands for one round of its edition, so the same form sent twice makes no second round.
    Raises: RuleBroken("judging.round_name" | "judging.round_name_taken" | "event.day" | "judging.window" |
    "judging.judges_per_entry" | "judging.no_rule_pack").
    """
    called = one_line(name)
    if not 1 <= len(called) <= rules.LONGEST_ROUND_NAME:
        raise RuleBroken("judging.round_name", most=rules.LONGEST_ROUND_NAME)
    check_day(opens_at.date(), closes_at.date())
    with transaction() as session:
        edition = lock(Edition, edition_id)  # two rounds that are added at once take different positions
        require(actor, Action.SET_UP_JUDGING, edition)
        if closes_at <= opens_at:
            raise RuleBroken("judging.window", opens_at=opens_at, closes_at=closes_at)
        if not 1 <= judges_per_entry <= rules.MOST_JUDGES:
            raise RuleBroken("judging.judges_per_entry", most=rules.MOST_JUDGES)
        if find_pack(edition_id) is None:
            raise RuleBroken("judging.no_rule_pack")
        if session.scalar(select(Round.id).where(Round.edition_id == edition_id, Round.name == called)):
            raise RuleBroken("judging.round_name_taken", name=called)
        last = session.scalar(select(func.max(Round.position)).where(Round.edition_id == edition_id)) or 0
        row = Round(
            edition_id=edition_id, position=last + 1, name=called, opens_at=opens_at, closes_at=closes_at,
            state=RoundState.SETTING_UP, judges_per_entry=judges_per_entry,
            seed=secrets.randbelow(2**31) if seed is None else seed,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(f"round:{row.id}", "round.set_up", actor=actor, now=now, name=row.name, seed=row.seed)
    return row


def copy_rounds(
    source_id: int, edition_id: int, shift: Callable[[datetime], datetime], *, actor: Actor, now: datetime
) -> None:
    """Locks the edition. The rounds of another edition, in order, at shifted times: without judges, with seeds of their
    own, to be set up. Raises: RuleBroken("judging.no_rule_pack") when the edition has no rules."""
    with transaction() as session:
        for row in session.scalars(select(Round).where(Round.edition_id == source_id).order_by(Round.position)).all():
            set_up_round(
                edition_id, name=row.name, opens_at=shift(row.opens_at), closes_at=shift(row.closes_at),
                judges_per_entry=row.judges_per_entry, actor=actor, now=now,
            )  # fmt: skip


def remove_rounds(edition_id: int) -> None:
    """Inside the transaction that throws a draft away. A round with judges refuses by its foreign key."""
    with transaction() as session:
        session.execute(delete(Round).where(Round.edition_id == edition_id))


def add_judge(
    round_id: int,
    identifier: str,
    *,
    most_load: int,
    actor: Actor,
    now: datetime,
    least_load: int = 0,
    disciplines: Sequence[str] = (),
    unit_id: int | None = None,
) -> Judge:
    """Make an account a judge of a round, with the role. ``disciplines``: codes of the rule pack, none for any.

    Who was a judge of it and has lost the role is named anew: the role comes back, and what is said now counts.
    ``unit_id`` is what the judge is recused from; the unit of the person when none is given.
    Raises: RuleBroken("judging.unknown_account"), RuleBroken("judging.judge_twice"), RuleBroken("judging.load").
    """
    with transaction() as session:
        round_ = locked_round(round_id, actor)
        account = accounts.account_by_identifier(account_rules.identifier(identifier))
        if account is None or not account.active:
            raise RuleBroken("judging.unknown_account", identifier=identifier.strip())
        if not 0 <= least_load <= most_load or most_load < 1:
            raise RuleBroken("judging.load")
        row = session.scalar(select(Judge).where(Judge.round_id == round_id, Judge.account_id == account.id))
        granted = account.id in queries.accounts_with_grant(round_id, local(now).date())
        if row is not None and granted:
            raise RuleBroken("judging.judge_twice", name=account.person.name)
        if row is None:
            row = Judge(round_id=round_.id, account_id=account.id)
            session.add(row)
        row.unit_id, row.disciplines = unit_id or account.person.unit_id, sorted(disciplines)
        row.least_load, row.most_load = least_load, most_load
        session.flush()
        if not granted:
            account_services.grant(account.id, Role.JUDGE, round_id=round_id, actor=actor, now=now)
        audit.record(f"round:{round_id}", "judge.added", actor=actor, now=now, judge=row.id, account=account.id)
    return row


def open_round(round_id: int, *, actor: Actor, now: datetime) -> Round:
    """Let the judges in, from ``opens_at`` on. Raises: RuleBroken when an entry has too few judges."""
    with transaction():
        round_ = locked_round(round_id, actor)
        _expect(round_, RoundState.SETTING_UP)
        filled = queries.filled(round_)
        if not filled.seats:
            raise RuleBroken("judging.nothing_assigned")
        if filled.short:
            raise RuleBroken("judging.incomplete_assignment", entries=filled.short)
        round_.state = RoundState.OPEN
        audit.record(f"round:{round_id}", "round.opened", actor=actor, now=now, seats=filled.seats)
    return round_


def close_round(round_id: int, *, actor: Actor, now: datetime) -> Round:
    """Take no more scores, and write down one digest over all of them: what is printed on the notice."""
    with transaction():
        round_ = locked_round(round_id, actor)  # waits for the sheets that are being saved, and stops new ones
        _expect(round_, RoundState.OPEN)
        round_.state = RoundState.CLOSED
        heads = queries.heads(round_id)
        audit.record(
            f"round:{round_id}",
            "round.closed",
            actor=actor,
            now=now,
            sheets=len(heads),
            digest=rules.round_digest(heads),
        )
    return round_


def locked_round(round_id: int, actor: Actor) -> Round:
    """The round, locked, with its edition, once the actor may set it up. Raises: NotFound, Forbidden."""
    round_ = lock(Round, round_id)
    round_.edition = db.session.get_one(Edition, round_.edition_id)
    require(actor, Action.SET_UP_JUDGING, round_.edition, round_.id)
    return round_


def _expect(round_: Round, state: RoundState) -> None:
    if round_.state is not state:
        raise RuleBroken("judging.round_state", state=round_.state)
