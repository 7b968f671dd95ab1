"""Kinds of activities are data: a set of capabilities and defaults on the same objects, never a fork of the code.

The 26 kinds are those of the field's own list. ``KINDS`` is the only place that knows them; the rest of the program
asks for a capability, or takes a default. docs/kinds.md shows the table.
"""

import enum
from dataclasses import dataclass
from datetime import time

from .numbering import Style


class Kind(enum.Enum):
    """What sort of activity a series is (活动类型)."""

    CONFERENCE = "conference"
    FORUM = "forum"
    FORUM_SERIES = "forum_series"
    MEETING = "meeting"
    CONTEST_PROJECT = "contest_project"
    CONTEST_QUIZ = "contest_quiz"
    CONTEST_EXAM = "contest_exam"
    CONTEST_MATCH = "contest_match"
    CONTEST_DEBATE = "contest_debate"
    CONTEST_SHOWCASE = "contest_showcase"
    AWARD = "award"
    PAPER_SELECTION = "paper_selection"
    TRAINING = "training"
    CAMP = "camp"
    CAMPAIGN = "campaign"
    EXHIBITION = "exhibition"
    LECTURE_TOUR = "lecture_tour"
    MATCHMAKING = "matchmaking"
    SURVEY = "survey"
    DESIGNATION = "designation"
    GRANT = "grant"
    PROGRAMME = "programme"
    VOLUNTEER = "volunteer"
    WORKLIST = "worklist"
    REPORT_DUTY = "report_duty"
    APPROVAL = "approval"


class Topic(enum.Enum):
    """What visitors choose by (类别)."""

    YOUTH_CONTEST = "youth-contest"
    ACADEMIC = "academic"
    POPULAR_SCIENCE = "popular-science"
    TRAINING = "training"
    AWARD = "award"
    SERVICE = "service"


class Capability(enum.Enum):
    """What an edition of a kind can have (能力)."""

    REGISTRATION = "registration"  # people register for its occurrences
    ENTRIES = "entries"  # works or dossiers are submitted
    LEVELS = "levels"  # recommended from school to district to city, within quotas
    ROUNDS = "rounds"  # judged in rounds by score sheets
    MATCHES = "matches"  # decided on the field: robots, quiz, debate
    BALLOTS = "ballots"  # decided by votes
    APPROVAL_FIRST = "approval_first"  # 一会一报: nothing is public before its approval is recorded
    AGENDA = "agenda"  # sub-forums with sessions and talks, a programme, guests in protocol order
    SITES = "sites"  # many activities, declared by units and passed up the tree
    ROTATION = "rotation"  # units take turns as hosts
    HOURS = "hours"  # counts hours of training or service
    REPORTS = "reports"  # owes reports by dates
    PUPILS = "pupils"  # for pupils: it costs nothing, school days are no days for it


@dataclass(frozen=True)
class Point:
    """A milestone that an edition starts with, by days from another one or from the first date of what takes place."""

    code: str  # unique in the edition; of ``rules.Purpose`` where the program acts upon it
    name: str  # Chinese in every language, as all names
    days: int  # from the first date, or from the beginning of ``after``; negative: before
    clock: time
    lasts: int = 0  # days until its end; 0: an instant
    until: time | None = None  # clock time of the end; needed when it lasts
    deadline: bool = False
    after: str = ""  # code of the point that it is counted from; it stands before this one in the table


@dataclass(frozen=True)
class RoundStart:
    """A round of judging that an edition starts with."""

    name: str
    point: str  # code of the milestone whose time it takes
    judges: int  # per entry; the edition's rule pack goes before


@dataclass(frozen=True)
class KindSpec:
    """One row of the table of kinds."""

    topic: Topic
    capabilities: frozenset[Capability]
    style: Style  # how its editions are counted unless somebody chooses otherwise
    points: tuple[Point, ...] = ()
    rounds: tuple[RoundStart, ...] = ()


NINE, NOON, FIVE = time(9, 0), time(12, 0), time(17, 0)


def _due(code: str, name: str, days: int, clock: time = FIVE, after: str = "") -> Point:
    return Point(code, name, days, clock, deadline=True, after=after)


def _span(code: str, name: str, days: int, lasts: int, after: str = "") -> Point:
    return Point(code, name, days, NINE, lasts, FIVE, after=after)


# How long things take. Source: docs/sources.md#timelines
_NOTICE = Point("announced", "发布通知", -120, NINE)
_OPENS = Point("entries-open", "申报开放", -90, NOON)
_CLOSES = Point("entries-close", "申报截止", 25, NOON, deadline=True, after="entries-open")
_WORKS = (
    _NOTICE, _OPENS, _CLOSES,
    _span("checked", "形式审查", 1, 5, "entries-close"),
    _span("preliminary", "初评", 8, 14, "entries-close"),
    _span("finalists", "入围公示", 20, 6, "preliminary"),
    _span("final", "终评", 0, 1),
    _span("results", "获奖公示", 10, 6, "final"),
)  # fmt: skip
_DOSSIERS = (
    _NOTICE, _OPENS, _CLOSES,
    _span("checked", "资格审查", 1, 7, "entries-close"),
    _span("panel", "评审", 14, 3, "entries-close"),
    _span("results", "公示", 7, 6, "panel"),
)  # fmt: skip
_TEAMS = (
    Point("announced", "发布通知", -60, NINE),
    _due("teams-close", "队伍报名截止", -21, NOON),
    Point("draw", "抽签", -3, NINE),
    _span("results", "获奖公示", 3, 6),
)
_PROGRAMME = (
    _due("proposals-close", "分会场申报截止", -60),
    Point("programme", "日程发布", -14, NINE),
    _due("replies-close", "回执截止", -10),
)
_CAMPAIGN = (
    _due("plans-close", "活动申报截止", -14),
    _due("reports-close", "总结报送截止", 23),
)
_GROUPS = (
    _due("names-close", "名单报送截止", -20),
    _due("reports-close", "总结报送截止", 30),
)
_JUDGED = (RoundStart("初评", "preliminary", 3), RoundStart("终评", "final", 5))
_PANEL = (RoundStart("评审", "panel", 7),)
_YEARLY_REPORT = (_due("reports-close", "总结报送截止", 30),)

C, S, T = Capability, Style, Topic


def _spec(
    topic: Topic,
    style: Style,
    *capabilities: Capability,
    points: tuple[Point, ...] = (),
    rounds: tuple[RoundStart, ...] = (),
) -> KindSpec:
    return KindSpec(topic, frozenset(capabilities), style, points, rounds)


# Which need an approval first. Source: docs/sources.md#approval-first
KINDS: dict[Kind, KindSpec] = {
    Kind.CONFERENCE: _spec(
        T.ACADEMIC, S.YEAR, C.REGISTRATION, C.APPROVAL_FIRST, C.AGENDA, C.ROTATION, points=_PROGRAMME
    ),
    Kind.FORUM: _spec(
        T.ACADEMIC, S.ORDINAL_CHINESE, C.REGISTRATION, C.APPROVAL_FIRST, C.AGENDA, points=_PROGRAMME[1:]
    ),
    Kind.FORUM_SERIES: _spec(
        T.ACADEMIC, S.ISSUE, C.REGISTRATION, C.APPROVAL_FIRST, C.AGENDA, C.ROTATION, points=_PROGRAMME[1:]
    ),
    Kind.MEETING: _spec(T.ACADEMIC, S.YEAR, C.REGISTRATION, points=_PROGRAMME[2:]),
    Kind.CONTEST_PROJECT: _spec(
        T.YOUTH_CONTEST, S.ORDINAL, C.REGISTRATION, C.ENTRIES, C.LEVELS, C.ROUNDS, C.PUPILS,
        points=_WORKS, rounds=_JUDGED,
    ),
    Kind.CONTEST_QUIZ: _spec(T.YOUTH_CONTEST, S.ORDINAL, C.REGISTRATION, C.LEVELS, C.MATCHES, points=_TEAMS),
    Kind.CONTEST_EXAM: _spec(T.YOUTH_CONTEST, S.YEAR, C.REGISTRATION, C.LEVELS, C.PUPILS, points=_GROUPS[:1]),
    Kind.CONTEST_MATCH: _spec(
        T.YOUTH_CONTEST, S.ORDINAL, C.REGISTRATION, C.LEVELS, C.MATCHES, C.PUPILS, points=_TEAMS
    ),
    Kind.CONTEST_DEBATE: _spec(
        T.YOUTH_CONTEST, S.ORDINAL_CHINESE, C.REGISTRATION, C.MATCHES, points=_TEAMS
    ),
    Kind.CONTEST_SHOWCASE: _spec(
        T.YOUTH_CONTEST, S.ORDINAL, C.REGISTRATION, C.ENTRIES, C.ROUNDS, C.PUPILS, points=_WORKS, rounds=_JUDGED
    ),
    Kind.AWARD: _spec(
        T.AWARD, S.ORDINAL_CHINESE, C.ENTRIES, C.LEVELS, C.ROUNDS, C.BALLOTS, points=_DOSSIERS, rounds=_PANEL
    ),
    Kind.PAPER_SELECTION: _spec(T.AWARD, S.ORDINAL_CHINESE, C.ENTRIES, C.ROUNDS, points=_DOSSIERS, rounds=_PANEL),
    Kind.TRAINING: _spec(T.TRAINING, S.YEAR, C.REGISTRATION, C.HOURS, points=_GROUPS[:1]),
    Kind.CAMP: _spec(T.TRAINING, S.YEAR, C.REGISTRATION, C.LEVELS, C.PUPILS, points=_GROUPS),
    Kind.CAMPAIGN: _spec(T.POPULAR_SCIENCE, S.YEAR, C.REGISTRATION, C.SITES, C.REPORTS, points=_CAMPAIGN),
    Kind.EXHIBITION: _spec(T.POPULAR_SCIENCE, S.YEAR, C.REGISTRATION, C.REPORTS, points=_YEARLY_REPORT),
    Kind.LECTURE_TOUR: _spec(T.POPULAR_SCIENCE, S.YEAR, C.REGISTRATION, C.REPORTS, points=_YEARLY_REPORT),
    Kind.MATCHMAKING: _spec(T.SERVICE, S.YEAR, C.REGISTRATION, C.REPORTS, points=_YEARLY_REPORT),
    Kind.SURVEY: _spec(T.SERVICE, S.YEAR, C.REPORTS, points=_YEARLY_REPORT),
    Kind.DESIGNATION: _spec(T.AWARD, S.YEAR, C.ENTRIES, C.LEVELS, C.ROUNDS, points=_DOSSIERS, rounds=_PANEL),
    Kind.GRANT: _spec(T.SERVICE, S.YEAR, C.ENTRIES, C.ROUNDS, C.REPORTS, points=_DOSSIERS, rounds=_PANEL),
    Kind.PROGRAMME: _spec(T.SERVICE, S.YEAR, C.REGISTRATION, C.REPORTS, points=_YEARLY_REPORT),
    Kind.VOLUNTEER: _spec(T.POPULAR_SCIENCE, S.YEAR, C.REGISTRATION, C.HOURS, C.REPORTS, points=_YEARLY_REPORT),
    Kind.WORKLIST: _spec(T.SERVICE, S.YEAR, C.REPORTS, points=_YEARLY_REPORT),
    Kind.REPORT_DUTY: _spec(T.SERVICE, S.YEAR, C.REPORTS, points=_YEARLY_REPORT),
    Kind.APPROVAL: _spec(T.SERVICE, S.YEAR),
}  # fmt: skip


def can(kind: Kind, capability: Capability) -> bool:
    return capability in KINDS[kind].capabilities


def kinds_of(topic: Topic) -> list[Kind]:
    return [kind for kind, spec in KINDS.items() if spec.topic is topic]


def kinds_with(capability: Capability) -> list[Kind]:
    return [kind for kind in KINDS if can(kind, capability)]
