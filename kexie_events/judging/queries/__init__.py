"""Reading rounds, judges, sheets and rankings. Every list is the same number of queries for one row and for many."""

from .desk import JudgeRow, RecusalRow, editions_with_rules, judges_of, place_of, recusals_of, rounds, visible_round
from .own import Duty, Task, duties_of, files_of, own_assignment, own_seats, tasks
from .rankings import GroupRanking, Ranked, ranking_of, rankings
from .sheets import broken_sheets, heads, newest_sheet, version, versions_of

__all__ = [
    "Duty", "GroupRanking", "JudgeRow", "Ranked", "RecusalRow", "Task", "broken_sheets", "duties_of",
    "editions_with_rules", "files_of", "heads", "judges_of", "newest_sheet", "own_assignment", "own_seats",
    "place_of", "ranking_of", "rankings", "recusals_of", "rounds", "tasks", "version", "versions_of", "visible_round",
]  # fmt: skip
