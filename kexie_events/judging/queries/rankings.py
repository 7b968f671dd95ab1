"""Rankings of a round, from the newest submitted version of every sheet."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ...contests.queries import pack_of
from ...contests.rules import Pack
from ...core.db import db
from ...entries.models import Entry
from .. import ranking
from ..models import Assignment, Round
from ..rules import SheetState
from .sheets import newest


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
