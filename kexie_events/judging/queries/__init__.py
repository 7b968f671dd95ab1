"""Reading rounds, judges, sheets and rankings. Every list is the same number of queries for one row and for many."""

from .desk import JudgeRow, RecusalRow, editions_with_rules, judges_of, recusals_of, rounds, rounds_of, visible_round
from .own import (
    Duty,
    OwnSheet,
    Task,
    duties_of,
    has_stepped_back,
    own_assignment,
    own_seats,
    own_sheet,
    tasks,
)
from .rankings import GroupRanking, Ranked, ranking_of, rankings
from .setup import (
    accounts_with_grant,
    all_seats,
    filled,
    judge_rows,
    recused_pairs,
    scored_seats,
    submitted_entries,
)
from .sheets import broken_sheets, heads, newest_and_known, newest_sheet, version

__all__ = [
    "Duty",
    "GroupRanking",
    "JudgeRow",
    "OwnSheet",
    "Ranked",
    "RecusalRow",
    "Task",
    "accounts_with_grant",
    "all_seats",
    "broken_sheets",
    "duties_of",
    "editions_with_rules",
    "filled",
    "has_stepped_back",
    "heads",
    "judge_rows",
    "judges_of",
    "newest_and_known",
    "newest_sheet",
    "own_assignment",
    "own_seats",
    "own_sheet",
    "ranking_of",
    "rankings",
    "recusals_of",
    "recused_pairs",
    "rounds",
    "rounds_of",
    "scored_seats",
    "submitted_entries",
    "tasks",
    "version",
    "visible_round",
]  # fmt: skip
