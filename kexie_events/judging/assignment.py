"""Who judges what: needs, recusals, loads and caps kept exactly; then as much expertise as can be had.

Pure and repeatable: the same instance and seed give the same pairs, in whatever order the rows come.
``violations`` checks pairs against the rules by counting, without any of the engine in ``matching/``.
Source: docs/sources.md#assignment
"""

import enum
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..core.errors import RuleBroken
from . import matching
from .matching import Board, Stuck

TOPIC_BONUS = 0.25
Pair = tuple[str, str]  # project, judge


class HardRule(enum.Enum):
    """What every assignment keeps, and what one may be asked to relax (分派硬规则)."""

    LEAST_LOAD = "least_load"
    MOST_LOAD = "most_load"
    SAME_DISTRICT = "same_district"
    SAME_INSTITUTION = "same_institution"
    EXPERTS = "experts"
    AFFINITY = "affinity"
    CONFLICTS = "conflicts"
    OWN_DISTRICT = "own_district"
    INSTITUTION = "institution"
    NEED = "need"


@dataclass(frozen=True)
class Project:
    """An entry that needs judges. Empty words match nothing."""

    id: str
    need: int
    discipline: str = ""
    topic: str = ""
    institution: str = ""
    district: str = ""


@dataclass(frozen=True)
class Judge:
    """A judge with loads in entries; ``expertise`` from 0 to 1 by discipline."""

    id: str
    most: int
    least: int = 0
    institution: str = ""
    district: str = ""
    expertise: Mapping[str, float] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()  # institutions that the judge may not score either


@dataclass(frozen=True)
class Rules:
    """The numbers of the hard rules; ``None`` is no cap. An expert has ``expert_level`` in the discipline."""

    min_affinity: float = 0.0
    max_same_institution: int | None = None
    max_same_district: int | None = None
    own_district: str = "allow"
    min_experts: int = 0
    expert_level: float = 1.0


@dataclass(frozen=True)
class Instance:
    """Everything that an assignment is computed from. ``conflicts`` are (judge, project)."""

    projects: tuple[Project, ...]
    judges: tuple[Judge, ...]
    rules: Rules = Rules()
    conflicts: frozenset[tuple[str, str]] = frozenset()
    seed: str = "0"
    name: str = ""


@dataclass(frozen=True)
class Solution:
    """Pairs in the order of their ids; total affinity; how many parts the judge–entry graph falls into."""

    pairs: tuple[Pair, ...]
    affinity: float
    parts: int


class Infeasible(RuleBroken):
    """No assignment keeps all the rules: which entries are short, by how much, and what would help.

    ``relax``: any one of them is enough when ``any_one``, else all of them together are needed.
    ``proved`` is False where caps cross and only a search, however long, has found nothing.
    """

    def __init__(
        self,
        *,
        entries: tuple[str, ...],
        disciplines: tuple[str, ...],
        needed: int,
        available: int,
        relax: tuple[HardRule, ...],
        any_one: bool,
        proved: bool,
        idle: str = "",
    ) -> None:
        """``idle``: the judge whose least load cannot be had, when that is what fails."""
        code = "judging.idle" if idle else "judging.infeasible"
        super().__init__(
            code, disciplines="、".join(disciplines), entries=len(entries), needed=needed, available=available,
            judge=idle,
        )  # fmt: skip
        self.entries = entries
        self.relax = relax
        self.any_one = any_one
        self.proved = proved


def affinity(judge: Judge, project: Project) -> float:
    """How well a judge fits: expertise in the discipline, and a bonus for the topic where there is any."""
    level = judge.expertise.get(project.discipline, 0.0)
    return level + TOPIC_BONUS if level > 0 and project.topic and project.topic in judge.topics else level


def barred(judge: Judge, project: Project, instance: Instance) -> HardRule | None:
    """The rule that keeps this judge from this entry, whatever else is assigned."""
    if (judge.id, project.id) in instance.conflicts:
        return HardRule.CONFLICTS
    if project.institution and (project.institution == judge.institution or project.institution in judge.linked):
        return HardRule.INSTITUTION
    if instance.rules.own_district == "forbid" and project.district and project.district == judge.district:
        return HardRule.OWN_DISTRICT
    if affinity(judge, project) < instance.rules.min_affinity:
        return HardRule.AFFINITY
    return None


def is_expert(judge: Judge, project: Project, rules: Rules) -> bool:
    return judge.expertise.get(project.discipline, 0.0) >= rules.expert_level


def violations(instance: Instance, pairs: Iterable[Pair]) -> list[tuple[HardRule, str]]:
    """Every broken rule with the id of the entry or judge that it is broken at; empty when all are kept."""
    judges = {judge.id: judge for judge in instance.judges}
    projects = {project.id: project for project in instance.projects}
    panels: dict[str, list[Judge]] = defaultdict(list)
    found: list[tuple[HardRule, str]] = []
    loads: Counter[str] = Counter()
    for project_id, judge_id in pairs:
        panels[project_id].append(judges[judge_id])
        loads[judge_id] += 1
        if rule := barred(judges[judge_id], projects[project_id], instance):
            found.append((rule, project_id))
    for project in instance.projects:
        found += [(rule, project.id) for rule in _panel_faults(project, panels[project.id], instance.rules)]
    for judge in instance.judges:
        if loads[judge.id] > judge.most:
            found.append((HardRule.MOST_LOAD, judge.id))
        if loads[judge.id] < judge.least:
            found.append((HardRule.LEAST_LOAD, judge.id))
    return found


def _panel_faults(project: Project, panel: list[Judge], rules: Rules) -> Iterable[HardRule]:
    if len({judge.id for judge in panel}) != project.need or len(panel) != project.need:
        yield HardRule.NEED
    if _most_alike(judge.institution for judge in panel) > _cap(rules.max_same_institution):
        yield HardRule.SAME_INSTITUTION
    if _most_alike(judge.district for judge in panel) > _cap(rules.max_same_district):
        yield HardRule.SAME_DISTRICT
    if sum(is_expert(judge, project, rules) for judge in panel) < rules.min_experts:
        yield HardRule.EXPERTS


def _most_alike(words: Iterable[str]) -> int:
    return max(Counter(word for word in words if word).values(), default=0)


def _cap(most: int | None) -> int:
    return 10**9 if most is None else most


def solve(
    instance: Instance, *, fixed: Collection[Pair] = frozenset(), start: Collection[Pair] = frozenset()
) -> Solution:
    """Pairs that keep every hard rule.

    ``fixed`` pairs stay whatever happens. ``start``: the pairs of an earlier run; they move only where a rule
    asks for it, so that a second run disturbs few judges. Without it total affinity is improved.
    Raises: Infeasible with the rules to relax.
    """
    plain = replace(
        instance,
        projects=tuple(sorted(instance.projects, key=lambda project: project.id)),
        judges=tuple(sorted(instance.judges, key=lambda judge: judge.id)),
    )
    board = _board(plain, fixed)
    try:
        matching.solve(board, _indices(plain, start), improve=not start)
    except Stuck as stuck:
        raise _explained(plain, fixed, stuck) from None
    pairs = _pairs(plain, board)
    return Solution(pairs, round(board.total_worth(), 6), matching.parts.count(board))


def _board(instance: Instance, fixed: Collection[Pair]) -> Board:
    """The instance as numbers and bit masks: bit j of a mask is the j-th judge."""
    profiles: dict[tuple[str, str], list[float]] = {}
    laymen: dict[str, int] = {}
    for project in instance.projects:
        key = (project.discipline, project.topic)
        if key not in profiles:
            profiles[key] = [affinity(judge, project) for judge in instance.judges]
        if project.discipline not in laymen:
            laymen[project.discipline] = _laymen(instance, project)
    experts = instance.rules.min_experts
    return Board(
        need=[project.need for project in instance.projects],
        most=[judge.most for judge in instance.judges],
        least=[judge.least for judge in instance.judges],
        allowed=_allowed(instance),
        worth=[profiles[project.discipline, project.topic] for project in instance.projects],
        families=[
            (_alike(instance, lambda judge: judge.institution), instance.rules.max_same_institution),
            (_alike(instance, lambda judge: judge.district), instance.rules.max_same_district),
        ],
        laymen=[(laymen[p.discipline], p.need - experts) if experts else (0, 0) for p in instance.projects],
        fixed=_indices(instance, fixed),
        seed=instance.seed,
    )


def _laymen(instance: Instance, project: Project) -> int:
    """The mask of the judges who are no experts in the project's discipline."""
    return sum(1 << j for j, judge in enumerate(instance.judges) if not is_expert(judge, project, instance.rules))


def _able(instance: Instance, project: Project) -> int:
    least = instance.rules.min_affinity
    return sum(1 << j for j, judge in enumerate(instance.judges) if affinity(judge, project) >= least)


def _alike(instance: Instance, word: Callable[[Judge], str]) -> list[int]:
    """For each judge the mask of all judges with the same word; 0 for no word."""
    masks: dict[str, int] = defaultdict(int)
    for j, judge in enumerate(instance.judges):
        masks[word(judge)] |= 1 << j
    masks[""] = 0
    return [masks[word(judge)] for judge in instance.judges]


def _allowed(instance: Instance) -> list[int]:
    """For each project the judges whom no single rule bars, from a few shared masks: 5 million pairs in a second."""
    own: dict[str, int] = defaultdict(int)
    district: dict[str, int] = defaultdict(int)
    for j, judge in enumerate(instance.judges):
        for word in {judge.institution, *judge.linked} - {""}:
            own[word] |= 1 << j
        if judge.district and instance.rules.own_district == "forbid":
            district[judge.district] |= 1 << j
    number = {judge.id: j for j, judge in enumerate(instance.judges)}
    declared: dict[str, int] = defaultdict(int)
    for judge_id, project_id in instance.conflicts:
        if judge_id in number:
            declared[project_id] |= 1 << number[judge_id]
    able: dict[tuple[str, str], int] = {}
    masks = []
    for project in instance.projects:
        key = (project.discipline, project.topic)
        if key not in able:
            able[key] = _able(instance, project)
        barred_ones = own.get(project.institution, 0) | district.get(project.district, 0) | declared.get(project.id, 0)
        masks.append(able[key] & ~barred_ones)
    return masks


def _indices(instance: Instance, pairs: Collection[Pair]) -> list[tuple[int, int]]:
    project = {row.id: n for n, row in enumerate(instance.projects)}
    judge = {row.id: n for n, row in enumerate(instance.judges)}
    return sorted((project[p], judge[j]) for p, j in pairs if p in project and j in judge)


def _pairs(instance: Instance, board: Board) -> tuple[Pair, ...]:
    return tuple((instance.projects[p].id, instance.judges[j].id) for p, j in board.pairs())


# ---- when it cannot be done


def relaxed(instance: Instance, *rules: HardRule) -> Instance:
    """The same instance without some of its rules."""
    for rule in rules:
        instance = _RELAX[rule](instance)
    return instance


def _with_rules(**changes: object) -> Callable[[Instance], Instance]:
    return lambda instance: replace(instance, rules=replace(instance.rules, **changes))  # type: ignore[arg-type]


_RELAX: dict[HardRule, Callable[[Instance], Instance]] = {
    HardRule.LEAST_LOAD: lambda i: replace(i, judges=tuple(replace(j, least=0) for j in i.judges)),
    HardRule.MOST_LOAD: lambda i: replace(
        i, judges=tuple(replace(j, most=max(j.most, len(i.projects))) for j in i.judges)
    ),
    HardRule.SAME_DISTRICT: _with_rules(max_same_district=None),
    HardRule.SAME_INSTITUTION: _with_rules(max_same_institution=None),
    HardRule.EXPERTS: _with_rules(min_experts=0),
    HardRule.AFFINITY: _with_rules(min_affinity=0.0),
    HardRule.CONFLICTS: lambda i: replace(i, conflicts=frozenset()),
    HardRule.OWN_DISTRICT: _with_rules(own_district="allow"),
    HardRule.INSTITUTION: lambda i: replace(i, projects=tuple(replace(p, institution="") for p in i.projects)),
    HardRule.NEED: lambda i: replace(i, projects=tuple(replace(p, need=0) for p in i.projects)),
}


def _explained(instance: Instance, fixed: Collection[Pair], stuck: Stuck) -> Infeasible:
    def feasible(*rules: HardRule) -> bool:
        easier = relaxed(instance, *rules)
        if easier == instance:
            return False
        try:
            matching.solve(_board(easier, fixed), [], improve=False)
        except Stuck:
            return False
        return True

    candidates = [rule for rule in HardRule if rule is not HardRule.NEED]
    single = tuple(rule for rule in candidates if feasible(rule))
    relax = single or _smallest(candidates, feasible)
    short = [instance.projects[p] for p in stuck.projects]
    return Infeasible(
        entries=tuple(project.id for project in short),
        disciplines=tuple(sorted({project.discipline for project in short if project.discipline})),
        needed=stuck.needed,
        available=stuck.available,
        relax=relax,
        any_one=bool(single),
        proved=stuck.proved,
        idle=instance.judges[stuck.judges[0]].id if stuck.least else "",
    )


def _smallest(candidates: Sequence[HardRule], feasible: Callable[..., bool]) -> tuple[HardRule, ...]:
    """A set from which no rule can be taken back; every judge on every entry is not enough: the need itself."""
    kept = list(candidates)
    if not feasible(*kept):
        return (HardRule.NEED,)
    for rule in candidates:
        rest = [other for other in kept if other is not rule]
        if feasible(*rest):
            kept = rest
    return tuple(kept)
