"""A rule pack: what a contest of one edition asks, as data. Read once into frozen values, then asked by pure functions.

Contest rules change every year; nothing here knows a year or a contest.
Source: docs/sources.md#rule-packs
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ..core.errors import RuleBroken

METHODS = ("mean", "trimmed_mean")
TIE_BREAKS = ("main_criterion", "median", "highest_score")


@dataclass(frozen=True)
class Choice:
    """A category, group or discipline: a code scoped to the edition, and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Band:
    """A worded range of a criterion (参考档位): points from ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal
    word: str


@dataclass(frozen=True)
class Criterion:
    """One weighted line of the rubric (指标). ``most``: its full mark in points; its share of the sum is the weight."""

    code: str
    name: str
    most: Decimal
    hint: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Rubric:
    """The score sheet of a round (评分表)."""

    criteria: tuple[Criterion, ...]
    step: Decimal  # smallest difference in points
    main: str  # code of the criterion that breaks ties

    @property
    def most(self) -> Decimal:
        return sum((criterion.most for criterion in self.criteria), Decimal(0))


@dataclass(frozen=True)
class Pack:
    """All rules of one edition that the program reads."""

    categories: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    disciplines: tuple[Choice, ...]
    most_members: int
    most_megabytes: int  # per file
    judges_per_entry: int
    own_district: str  # "forbid" | "allow": may a judge score entries of the own district
    method: str  # one of METHODS
    tie_breaks: tuple[str, ...]  # of TIE_BREAKS, in order; what is equal after them shares a place
    rubric: Rubric
    clauses: Mapping[str, str]  # refusal → the clause that it quotes: {"team_size": "章程第七条：…"}

    def name_of(self, list_name: str, code: str) -> str:
        """The name behind a code of ``categories``, ``groups`` or ``disciplines``; the code when unknown."""
        choices: tuple[Choice, ...] = getattr(self, list_name)
        return next((choice.name for choice in choices if choice.code == code), code)


def read(body: Mapping[str, Any]) -> Pack:
    """The pack in a stored body. Raises: RuleBroken("rule_pack.unsound", where=…) for the first fault."""
    return Pack(
        categories=_choices(body, "categories"),
        groups=_choices(body, "groups"),
        disciplines=_choices(body, "disciplines"),
        most_members=_whole(body, "most_members", 1, 50),
        most_megabytes=_whole(body, "most_megabytes", 1, 500),
        judges_per_entry=_whole(body, "judges_per_entry", 1, 15),
        own_district=_one_of(body, "own_district", ("forbid", "allow")),
        method=_one_of(body, "method", METHODS),
        tie_breaks=tuple(
            _one_of({"tie_breaks": word}, "tie_breaks", TIE_BREAKS) for word in body.get("tie_breaks", [])
        ),
        rubric=_rubric(body.get("rubric")),
        clauses=_clauses(body.get("clauses", {})),
    )


def _unsound(where: str) -> RuleBroken:
    return RuleBroken("rule_pack.unsound", where=where)


def _choices(body: Mapping[str, Any], name: str) -> tuple[Choice, ...]:
    rows = body.get(name)
    if not isinstance(rows, list) or not rows:
        raise _unsound(name)
    try:
        choices = tuple(Choice(row["code"], row["name"]) for row in rows)
    except (TypeError, KeyError):
        raise _unsound(name) from None
    codes = {choice.code for choice in choices}
    if len(codes) != len(choices) or not all(isinstance(c.code, str) and c.code and c.name for c in choices):
        raise _unsound(name)
    return choices


def _whole(body: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = body.get(name)
    if type(value) is not int or not least <= value <= most:
        raise _unsound(name)
    return value


def _one_of(body: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    value = body.get(name)
    if value not in words:
        raise _unsound(name)
    return str(value)


def _points(value: object, where: str) -> Decimal:
    try:
        points = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        raise _unsound(where) from None
    if not points.is_finite() or points < 0:
        raise _unsound(where)
    return points


def _rubric(body: Any) -> Rubric:
    if not isinstance(body, Mapping) or not isinstance(body.get("criteria"), list) or not body["criteria"]:
        raise _unsound("rubric")
    step = _points(body.get("step"), "rubric.step")
    criteria = tuple(_criterion(row, step) for row in body["criteria"])
    codes = [criterion.code for criterion in criteria]
    if not step or len(set(codes)) != len(codes):
        raise _unsound("rubric")
    return Rubric(criteria, step, _one_of(body, "main", tuple(codes)))


def _criterion(row: Any, step: Decimal) -> Criterion:
    if not isinstance(row, Mapping) or not row.get("code") or not row.get("name"):
        raise _unsound("rubric.criteria")
    where = f"rubric.criteria.{row['code']}"
    most = _points(row.get("most"), where)
    if not most or not step or most % step:
        raise _unsound(where)
    bands = tuple(
        Band(_points(band.get("low"), where), _points(band.get("high"), where), str(band.get("word", "")))
        for band in row.get("bands", [])
    )
    if any(band.low > band.high or band.high > most or not band.word for band in bands):
        raise _unsound(where)
    return Criterion(row["code"], row["name"], most, str(row.get("hint", "")), bands)


def _clauses(body: Any) -> Mapping[str, str]:
    if not isinstance(body, Mapping) or not all(isinstance(text, str) for text in body.values()):
        raise _unsound("clauses")
    return dict(body)
