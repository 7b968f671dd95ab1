"""Which unit a name in the list means: full names, short ones that people write, words that mean everybody. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import RuleBroken
from ..core.text import one_line

LONGEST_ALIAS = 60
# Usual short forms, as docs/sources.md#department-names has them; each holds where a department of the full name
# stands below the list's unit.
USUAL = {
    "学会部": "学会学术部",
    "企事业部": "企事业工作部",
    "普及部": "科学技术普及部",
    "科普部": "科学技术普及部",
    "国际部": "国际工作部",
    "组人部": "组织人事部",
}
EVERYBODY = ("相关部室和单位", "相关部室", "相关部室（单位）", "各部室", "各部室、各单位", "机关各部室")


@dataclass(frozen=True)
class Alias:
    """A name and what it means in some years (简称). ``unit_id`` None: everybody, no department of its own."""

    words: str
    unit_id: int | None
    year_from: int | None = None
    year_to: int | None = None  # inclusive

    def holds(self, year: int) -> bool:
        return (self.year_from or year) <= year <= (self.year_to or year)

    def overlaps(self, other: "Alias") -> bool:
        """Whether both would answer for one name in one year."""
        least, most = 0, 9999
        return (
            name_key(self.words) == name_key(other.words)
            and (self.year_from or least) <= (other.year_to or most)
            and (other.year_from or least) <= (self.year_to or most)
        )


@dataclass(frozen=True)
class Meaning:
    """What a name means. Neither: nobody knows yet."""

    unit_id: int | None = None
    everybody: bool = False


def name_key(words: str) -> str:
    """Names with equal keys are one: spaces, brackets' width and case do not count."""
    return unicodedata.normalize("NFKC", words).casefold().replace(" ", "")


_USUAL = {name_key(short): name_key(full) for short, full in USUAL.items()}
_EVERYBODY = {name_key(words) for words in EVERYBODY}


def meaning(words: str, year: int, units: Mapping[str, int], aliases: Iterable[Alias]) -> Meaning:
    """What a name means in a year. ``units``: ids by ``name_key`` of those below the list's unit.

    What the list's owner has laid down comes first, then full names, then usual short forms.
    """
    key = name_key(words)
    for alias in aliases:
        if name_key(alias.words) == key and alias.holds(year):
            return Meaning(alias.unit_id, everybody=alias.unit_id is None)
    if key in units:
        return Meaning(units[key])
    if key in _EVERYBODY:
        return Meaning(everybody=True)
    return Meaning(units.get(_USUAL.get(key, "")))


def check_alias(alias: Alias, others: Sequence[Alias]) -> Alias:
    """As it is kept. Raises: RuleBroken("worklist.alias" | "worklist.alias_years" | "worklist.alias_taken")."""
    words = one_line(alias.words)
    if not 1 <= len(words) <= LONGEST_ALIAS:
        raise RuleBroken("worklist.alias", most=LONGEST_ALIAS)
    years = [year for year in (alias.year_from, alias.year_to) if year is not None]
    if years != sorted(years) or any(not 1900 <= year <= 2200 for year in years):
        raise RuleBroken("worklist.alias_years")
    kept = Alias(words, alias.unit_id, alias.year_from, alias.year_to)
    if any(kept.overlaps(other) for other in others):
        raise RuleBroken("worklist.alias_taken", words=words)
    return kept
