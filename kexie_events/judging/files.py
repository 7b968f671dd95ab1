"""The files of the engine: an assignment instance in JSON, pairs, scores and standings in CSV.

The formats are promised in docs/formats.md; what is missing or of the wrong kind is named, never guessed.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ..core.errors import RuleBroken
from .assignment import Instance, Judge, Pair, Project, Rules
from .ranking import Score, Standing

# Scores of a file have a scale of their own, so they are compared to a millionth and not to a hundredth.
MILLIONTH = Decimal("0.000001")


def read_instance(path: Path) -> Instance:
    """Raises: RuleBroken("judging.file", where=…) for the first fault."""
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RuleBroken("judging.file", where=f"{path.name}: {error}") from None
    except RecursionError:
        raise RuleBroken("judging.file", where=f"{path.name}: too deep") from None
    if not isinstance(body, dict) or body.get("version") != 1:
        raise RuleBroken("judging.file", where="version")
    projects = tuple(_project(row, f"projects[{n}]") for n, row in enumerate(_list(body, "projects", "projects")))
    judges = tuple(_judge(row, f"judges[{n}]") for n, row in enumerate(_list(body, "judges", "judges")))
    for name, ids in (("projects", [p.id for p in projects]), ("judges", [j.id for j in judges])):
        if len(set(ids)) != len(ids):
            raise RuleBroken("judging.file", where=f"{name}: id")
    return Instance(
        projects=projects,
        judges=judges,
        rules=_rules(body.get("rules") or {}),
        conflicts=frozenset(_conflict(row, n) for n, row in enumerate(body.get("conflicts") or [])),
        seed=str(body.get("seed", 0)),
        name=str(body.get("name") or ""),
    )


def _list(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RuleBroken("judging.file", where=where)
    return value


def _word(row: Any, name: str, where: str, *, needed: bool = False) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    if value is None and not needed and isinstance(row, dict):
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool) or (needed and value == ""):
        raise RuleBroken("judging.file", where=f"{where}.{name}")
    return str(value)


def _count(row: Mapping[str, Any], name: str, where: str, default: int | None = None) -> int:
    value = row.get(name, default)
    if type(value) is not int or value < 0:
        raise RuleBroken("judging.file", where=f"{where}.{name}")
    return value


def _cap(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if type(value) is not int or value < 1:
        raise RuleBroken("judging.file", where=f"rules.{name}")
    return value


def _number(row: Mapping[str, Any], name: str, where: str, default: float) -> float:
    value = row.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise RuleBroken("judging.file", where=f"{where}.{name}")
    return float(value)


def _project(row: Any, where: str) -> Project:
    return Project(
        id=_word(row, "id", where, needed=True),
        need=_count(row, "need", where),
        discipline=_word(row, "discipline", where),
        topic=_word(row, "topic", where),
        institution=_word(row, "institution", where),
        district=_word(row, "district", where),
    )


def _judge(row: Any, where: str) -> Judge:
    name = _word(row, "id", where, needed=True)
    expertise = row.get("expertise") or {}
    if not isinstance(expertise, dict):
        raise RuleBroken("judging.file", where=f"{where}.expertise")
    least, most = _count(row, "min", where, 0), _count(row, "max", where)
    if least > most:
        raise RuleBroken("judging.file", where=f"{where}.min > max")
    return Judge(
        id=name,
        most=most,
        least=least,
        institution=_word(row, "institution", where),
        district=_word(row, "district", where),
        expertise={str(key): _number(expertise, key, f"{where}.expertise", 0.0) for key in expertise},
        topics=frozenset(str(word) for word in _list(row, "topics", f"{where}.topics")),
        linked=frozenset(str(word) for word in _list(row, "linked", f"{where}.linked")),
    )


def _rules(row: Any) -> Rules:
    if not isinstance(row, dict) or row.get("own_district", "allow") not in ("forbid", "allow"):
        raise RuleBroken("judging.file", where="rules.own_district")
    return Rules(
        min_affinity=_number(row, "min_affinity", "rules", 0.0),
        max_same_institution=_cap(row, "max_same_institution"),
        max_same_district=_cap(row, "max_same_district"),
        own_district=row.get("own_district", "allow"),
        min_experts=_count(row, "min_experts", "rules", 0),
        expert_level=_number(row, "expert_level", "rules", 1.0),
    )


def _conflict(row: Any, n: int) -> tuple[str, str]:
    if not isinstance(row, list) or len(row) != 2:
        raise RuleBroken("judging.file", where=f"conflicts[{n}]")
    return str(row[0]), str(row[1])


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    _write(path, ("project", "judge"), pairs)


def read_scores(path: Path) -> list[Score]:
    """Rows ``judge,item,score`` in any order. Raises: RuleBroken("judging.file", where=…)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"judge", "item", "score"} <= set(rows.fieldnames or ()):
                raise RuleBroken("judging.file", where="judge,item,score")
            return [_score(row, rows.line_num) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RuleBroken("judging.file", where=f"{path.name}: {error}") from None


def _score(row: Mapping[str, str | None], line: int) -> Score:
    judge, item, text = row["judge"], row["item"], row["score"]
    try:
        total = Decimal((text or "").strip())
    except InvalidOperation:
        total = Decimal("NaN")
    if not judge or not item or not total.is_finite() or abs(total) > 10**12:
        raise RuleBroken("judging.file", where=f"line {line}")
    return Score(judge, item, total)


def write_standings(path: Path, standings: Iterable[Standing]) -> None:
    """``item,score,mean,n,stderr,rank,low,high``, best first; one row per item, higher is better.

    ``score`` is the mean. ``low`` and ``high`` are its normal 90 % interval (``ranking.Standing``).
    """
    _write(
        path,
        ("item", "score", "mean", "n", "stderr", "rank", "low", "high"),
        (
            (row.item, row.score, row.mean, row.n, f"{row.stderr:.6f}", row.place, f"{row.low:.6f}", f"{row.high:.6f}")
            for row in standings
        ),
    )  # fmt: skip


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(rows)
    except OSError as error:
        raise RuleBroken("judging.file_unwritten", where=f"{path}（{error.strerror}）") from None
