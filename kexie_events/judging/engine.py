"""A round as an instance of the assignment, and the answer back as ids. Pure.

The instance calls things what people call them, because its refusals name them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from . import assignment
from .assignment import Instance
from .rules import Belongs

ANY_DISCIPLINE = 0.5  # expertise of a judge who named none: below one who named it, above one who named others
Pair = tuple[int, int]  # ids of an entry and a judge


@dataclass(frozen=True)
class Work:
    """An entry, as far as the assignment asks."""

    id: int
    number: int
    discipline: str
    belongs: Belongs


@dataclass(frozen=True)
class Scorer:
    """A judge, as far as the assignment asks. ``disciplines``: codes, none for any; loads in entries."""

    id: int
    name: str
    belongs: Belongs
    disciplines: Sequence[str]
    least_load: int
    most_load: int


@dataclass(frozen=True)
class Question:
    """An instance, and who is who in it."""

    instance: Instance
    entries: dict[int, str]
    judges: dict[int, str]

    def named(self, pairs: Iterable[Pair]) -> list[assignment.Pair]:
        """Pairs of ids in the words of the instance; those of entries that are not in it are left out."""
        return [(self.entries[entry], self.judges[judge]) for entry, judge in pairs if entry in self.entries]

    def ids(self, pairs: Iterable[assignment.Pair]) -> frozenset[Pair]:
        """Pairs of the instance as ids."""
        entry_of = {name: id for id, name in self.entries.items()}
        judge_of = {name: id for id, name in self.judges.items()}
        return frozenset((entry_of[entry], judge_of[judge]) for entry, judge in pairs)


def question(
    works: Sequence[Work],
    scorers: Sequence[Scorer],
    *,
    judges_per_entry: int,
    disciplines: Sequence[str],
    own_district: str,
    seed: int,
    recused: Collection[Pair],
    fixed: Collection[Pair],
    kept: Collection[Pair] = (),
) -> Question:
    """What is asked of the engine. ``disciplines``: all codes of the rule pack; ``own_district``: its word.

    ``fixed``: pairs that have been scored. Whoever has scored more than the load that was set later keeps them.
    ``kept``: pairs of judges who are not asked for any more; each fills a seat of its entry.
    """
    entries = {work.id: f"{work.number:04d}" for work in works}
    judges = {scorer.id: f"{scorer.name}（{scorer.id}）" for scorer in scorers}
    scored = Counter(judge_id for _, judge_id in fixed)
    filled = Counter(entry_id for entry_id, _ in kept)
    schools = {work.belongs.unit_path for work in works}
    instance = Instance(
        projects=tuple(
            assignment.Project(
                entries[work.id], max(0, judges_per_entry - filled[work.id]), work.discipline,
                institution=work.belongs.unit_path, district=_district(work.belongs),
            )
            for work in works
        ),
        judges=tuple(
            assignment.Judge(
                judges[scorer.id], max(scorer.most_load, scored[scorer.id]), scorer.least_load,
                district=_district(scorer.belongs),
                expertise=_expertise(scorer, disciplines),
                linked=frozenset(school for school in schools if scorer.belongs.unit_path.startswith(school)),
            )
            for scorer in scorers
        ),
        rules=assignment.Rules(own_district=own_district),
        conflicts=frozenset(
            (judges[judge], entries[entry]) for entry, judge in recused if entry in entries and judge in judges
        ),
        seed=str(seed),
    )  # fmt: skip
    return Question(instance, entries, judges)


def _district(belongs: Belongs) -> str:
    return str(belongs.region_id or "")


def _expertise(scorer: Scorer, disciplines: Sequence[str]) -> dict[str, float]:
    if scorer.disciplines:
        return dict.fromkeys(scorer.disciplines, 1.0)
    return dict.fromkeys(disciplines, ANY_DISCIPLINE)
