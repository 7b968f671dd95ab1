"""Which series and edition somebody means who names an activity and a year, and what must be made for it. Pure.

A name is not unique and 届 cannot be computed, so this decides what is the same thing.
"""

import enum
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .kinds import Kind
from .numbering import Numbered, Style

_MARKS = str.maketrans("", "", " 　“”\"'‘’《》·")
_ORDINALS = (Style.ORDINAL, Style.ORDINAL_CHINESE)


class Step(enum.Enum):
    """What has to be made (建什么)."""

    SERIES = "series"  # a series with its first edition
    EDITION = "edition"  # one more edition of a series that is there
    NOTHING = "nothing"  # the edition is there


@dataclass(frozen=True)
class Wanted:
    """An activity of a year. ``printed``: its number was read, not guessed from the year."""

    name: str
    kind: Kind
    numbered: Numbered  # with its year
    printed: bool


@dataclass(frozen=True)
class HeldEdition:
    """An edition of a known series; ``id`` None: it is made for an earlier one of the same batch."""

    id: int | None
    numbered: Numbered


@dataclass(frozen=True)
class HeldSeries:
    """A series of the unit with its editions; ``id`` None: it is made for an earlier one of the same batch."""

    id: int | None
    name: str
    editions: tuple[HeldEdition, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What becomes of one wanted activity."""

    step: Step
    series_id: int | None  # None: a new one, or the one that ``earlier`` makes
    edition_id: int | None  # None: a new one, or the one that ``earlier`` makes
    name: str  # of the series, as it stands or will stand
    numbered: Numbered  # of the edition, as it stands or will stand
    earlier: int | None = None  # place in the batch of what makes its series


def name_key(name: str) -> str:
    """Names with equal keys name one series: spaces, quotation marks and a closing 活动 do not count."""
    key = unicodedata.normalize("NFKC", name).casefold().translate(_MARKS)
    return key.removesuffix("活动") or key


def decide(wanted: Sequence[Wanted], held: Sequence[HeldSeries]) -> list[Decision]:
    """For each wanted activity, in order, what is there and what is to be made.

    ``held``: of two series with one name the first counts. What one makes, later ones of the batch find.
    """
    known: dict[str, HeldSeries] = {}
    for series in held:
        known.setdefault(name_key(series.name), series)
    made_by: dict[str, int] = {}
    decisions: list[Decision] = []
    for n, want in enumerate(wanted):
        key = name_key(want.name)
        series = known.get(key, HeldSeries(None, want.name))
        found = _edition_of(series.editions, want)
        numbered = found.numbered if found else _count(series.editions, want)
        step = Step.NOTHING if found else Step.EDITION if key in known else Step.SERIES
        edition_id = found.id if found else None
        decisions.append(Decision(step, series.id, edition_id, series.name, numbered, made_by.get(key)))
        if step is Step.SERIES:
            made_by[key] = n
        if found is None:
            known[key] = HeldSeries(series.id, series.name, (*series.editions, HeldEdition(None, numbered)))
    return decisions


def _edition_of(editions: Sequence[HeldEdition], want: Wanted) -> HeldEdition | None:
    """The edition that is meant: the one with the printed number, else one of that year."""
    asked = want.numbered
    of_year = sorted((e for e in editions if e.numbered.year == asked.year), key=lambda e: e.numbered.number)
    same = of_year
    if want.printed and asked.style is Style.ISSUE:
        same = [e for e in of_year if e.numbered.style is Style.ISSUE and e.numbered.number == asked.number]
    elif want.printed and asked.style in _ORDINALS:
        same = [e for e in editions if e.numbered.style in _ORDINALS and e.numbered.number == asked.number]
        # Else one that was drafted before its number was known.
        same += [e for e in of_year if e.numbered.style is Style.YEAR]
    return same[0] if same else None


def _count(editions: Sequence[HeldEdition], want: Wanted) -> Numbered:
    """How a new edition is counted: as printed; else by 期 where the series counts so, else by its year."""
    asked = want.numbered
    if not want.printed and any(edition.numbered.style is Style.ISSUE for edition in editions):
        return Numbered(1, Style.ISSUE, asked.year)
    return asked
