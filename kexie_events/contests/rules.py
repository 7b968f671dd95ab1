"""A rule pack: what a contest of one edition asks, as data. Read once into frozen values, then asked by pure functions.

Contest rules change every year; nothing here knows a year or a contest.
Source: docs/sources.md#rule-packs
"""

import enum
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from ..core.errors import RuleBroken

METHODS = ("mean", "trimmed_mean")
TIE_BREAKS = ("main_criterion", "median", "highest_score")
MOST_CHOICES, MOST_CRITERIA, MOST_BANDS = 100, 40, 20
LARGEST_BODY = 256 * 1024  # bytes of JSON; a real pack has 5 to 20 KiB


class Fault(enum.Enum):
    """What is wrong at a place of a rule pack (规则包的错误)."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    NO_OBJECT = "no_object"
    NO_LIST = "no_list"
    TOO_MANY = "too_many"  # every page that shows the rules reads all of them
    NO_TEXT = "no_text"
    TWICE = "twice"
    RANGE = "range"  # a whole number between two bounds
    CHOICE = "choice"  # one of some words
    POINTS = "points"
    STEPS = "steps"  # not a multiple of the smallest difference
    BAND = "band"


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


def parse(text: bytes) -> Mapping[str, Any]:
    """The body in an uploaded file, UTF-8 with or without a mark. Not yet checked: see ``read``.

    Raises: RuleBroken("rule_pack.large", …), RuleBroken("rule_pack.json", line=…, column=…).
    """
    if len(text) > LARGEST_BODY:
        raise RuleBroken("rule_pack.large", most=LARGEST_BODY // 1024)
    try:
        body = json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise RuleBroken("rule_pack.json", line=error.lineno, column=error.colno) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise RuleBroken("rule_pack.json", line=1, column=1) from None
    if not isinstance(body, dict) or not _is_text(body):
        raise RuleBroken("rule_pack.json", line=1, column=1)
    return body


def _is_text(body: Any) -> bool:
    """Whether it could be written down again: an escape may stand for half of a character."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _no_constant(_name: str) -> Any:
    raise ValueError  # NaN and Infinity are no JSON


def read(body: Mapping[str, Any]) -> Pack:
    """The pack in a stored body.

    Raises: RuleBroken("rule_pack.unsound", where=…, fault=…) for the first fault; ``where`` is a path:
    ``rubric.criteria[2].most``, counted from 1 as people count.
    """
    known = {field.name for field in fields(Pack)}
    for name in body:
        if name not in known:
            raise _unsound(str(name), Fault.UNKNOWN)
    return Pack(
        categories=_choices(body, "categories"),
        groups=_choices(body, "groups"),
        disciplines=_choices(body, "disciplines"),
        most_members=_whole(body, "most_members", 1, 50),
        most_megabytes=_whole(body, "most_megabytes", 1, 500),
        judges_per_entry=_whole(body, "judges_per_entry", 1, 15),
        own_district=_one_of(body, "own_district", ("forbid", "allow")),
        method=_one_of(body, "method", METHODS),
        tie_breaks=_tie_breaks(body.get("tie_breaks", [])),
        rubric=_rubric(body.get("rubric")),
        clauses=_clauses(body.get("clauses", {})),
    )


def _unsound(where: str, fault: Fault) -> RuleBroken:
    return RuleBroken("rule_pack.unsound", where=where, fault=fault)


def _list(value: Any, where: str, most: int) -> list[Any]:
    if value is None:
        raise _unsound(where, Fault.MISSING)
    if not isinstance(value, list) or not value:
        raise _unsound(where, Fault.NO_LIST)
    if len(value) > most:
        raise _unsound(where, Fault.TOO_MANY)
    return value


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        raise _unsound(where, Fault.MISSING)
    if not isinstance(value, Mapping):
        raise _unsound(where, Fault.NO_OBJECT)
    return value


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if value is None or value == "":
        raise _unsound(f"{where}.{name}", Fault.MISSING)
    if not isinstance(value, str):
        raise _unsound(f"{where}.{name}", Fault.NO_TEXT)
    return value


def _choices(body: Mapping[str, Any], name: str) -> tuple[Choice, ...]:
    choices: dict[str, Choice] = {}
    for n, row in enumerate(_list(body.get(name), name, MOST_CHOICES), start=1):
        where = f"{name}[{n}]"
        choice = Choice(_text(_object(row, where), "code", where), _text(row, "name", where))
        if choice.code in choices:
            raise _unsound(f"{where}.code", Fault.TWICE)
        choices[choice.code] = choice
    return tuple(choices.values())


def _whole(body: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = body.get(name)
    if value is None:
        raise _unsound(name, Fault.MISSING)
    if type(value) is not int or not least <= value <= most:
        raise _unsound(name, Fault.RANGE)
    return value


def _one_of(body: Mapping[str, Any], name: str, words: tuple[str, ...], where: str = "") -> str:
    value = body.get(name)
    if value is None:
        raise _unsound(where or name, Fault.MISSING)
    if value not in words:
        raise _unsound(where or name, Fault.CHOICE)
    return str(value)


def _tie_breaks(rows: Any) -> tuple[str, ...]:
    if not isinstance(rows, list):
        raise _unsound("tie_breaks", Fault.NO_LIST)
    found: list[str] = []
    for n, row in enumerate(rows, start=1):
        word = _one_of({"": row}, "", TIE_BREAKS, f"tie_breaks[{n}]")
        if word in found:
            raise _unsound(f"tie_breaks[{n}]", Fault.TWICE)
        found.append(word)
    return tuple(found)


def _points(row: Mapping[str, Any], name: str, where: str) -> Decimal:
    value, path = row.get(name), f"{where}.{name}"
    if value is None:
        raise _unsound(path, Fault.MISSING)
    # As people write points. An exponent would make a number of nine letters as long as the memory.
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,4})?", value, re.ASCII):
        raise _unsound(path, Fault.POINTS)
    points = Decimal(value)
    if points > 10000:
        raise _unsound(path, Fault.POINTS)
    return points


def _rubric(value: Any) -> Rubric:
    body = _object(value, "rubric")
    step = _points(body, "step", "rubric")
    if not step:
        raise _unsound("rubric.step", Fault.POINTS)
    criteria: dict[str, Criterion] = {}
    for n, row in enumerate(_list(body.get("criteria"), "rubric.criteria", MOST_CRITERIA), start=1):
        criterion = _criterion(row, step, f"rubric.criteria[{n}]")
        if criterion.code in criteria:
            raise _unsound(f"rubric.criteria[{n}].code", Fault.TWICE)
        criteria[criterion.code] = criterion
    return Rubric(tuple(criteria.values()), step, _one_of(body, "main", tuple(criteria), "rubric.main"))


def _criterion(value: Any, step: Decimal, where: str) -> Criterion:
    row = _object(value, where)
    code, name = _text(row, "code", where), _text(row, "name", where)
    most = _points(row, "most", where)
    if not most:
        raise _unsound(f"{where}.most", Fault.POINTS)
    if most % step:
        raise _unsound(f"{where}.most", Fault.STEPS)
    hint = _text(row, "hint", where) if row.get("hint") else ""
    bands = row.get("bands", [])
    if not isinstance(bands, list):
        raise _unsound(f"{where}.bands", Fault.NO_LIST)
    if len(bands) > MOST_BANDS:
        raise _unsound(f"{where}.bands", Fault.TOO_MANY)
    read_bands = tuple(_band(band, most, f"{where}.bands[{n}]") for n, band in enumerate(bands, start=1))
    return Criterion(code, name, most, hint, read_bands)


def _band(value: Any, most: Decimal, where: str) -> Band:
    row = _object(value, where)
    band = Band(_points(row, "low", where), _points(row, "high", where), _text(row, "word", where))
    if band.low > band.high or band.high > most:
        raise _unsound(where, Fault.BAND)
    return band


def _clauses(value: Any) -> Mapping[str, str]:
    body = _object(value, "clauses")
    if len(body) > MOST_CHOICES:
        raise _unsound("clauses", Fault.TOO_MANY)
    return {str(name): _text(body, name, "clauses") for name in body}
