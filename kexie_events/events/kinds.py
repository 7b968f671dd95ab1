"""Kinds of activities are data: a set of capabilities and defaults on the same objects, never a fork of the code.

The 24 kinds are those of the field's own list. ``KINDS`` is the only place that knows them; the rest of the program
asks for a capability.
"""

import enum
from dataclasses import dataclass


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
    """What an edition of a kind can have."""

    REGISTRATION = "registration"  # people register for its occurrences
    ENTRIES = "entries"  # works are submitted and judged
    APPROVAL_FIRST = "approval_first"  # 一会一报: nothing is public before its approval is recorded
    AGENDA = "agenda"  # sub-forums with sessions and talks, a programme, guests in protocol order


@dataclass(frozen=True)
class KindSpec:
    """One row of the table of kinds."""

    topic: Topic
    capabilities: frozenset[Capability]


def _spec(topic: Topic, *capabilities: Capability) -> KindSpec:
    return KindSpec(topic, frozenset(capabilities))


_REG, _ENT, _APP = Capability.REGISTRATION, Capability.ENTRIES, Capability.APPROVAL_FIRST
_AGE = Capability.AGENDA

# Which need an approval first. Source: docs/sources.md#approval-first
KINDS: dict[Kind, KindSpec] = {
    Kind.CONFERENCE: _spec(Topic.ACADEMIC, _REG, _APP, _AGE),
    Kind.FORUM: _spec(Topic.ACADEMIC, _REG, _APP),
    Kind.FORUM_SERIES: _spec(Topic.ACADEMIC, _REG, _APP),
    Kind.MEETING: _spec(Topic.ACADEMIC, _REG),
    Kind.CONTEST_PROJECT: _spec(Topic.YOUTH_CONTEST, _REG, _ENT),
    Kind.CONTEST_QUIZ: _spec(Topic.YOUTH_CONTEST, _REG),
    Kind.CONTEST_EXAM: _spec(Topic.YOUTH_CONTEST, _REG),
    Kind.CONTEST_MATCH: _spec(Topic.YOUTH_CONTEST, _REG),
    Kind.CONTEST_DEBATE: _spec(Topic.YOUTH_CONTEST, _REG),
    Kind.CONTEST_SHOWCASE: _spec(Topic.YOUTH_CONTEST, _REG, _ENT),
    Kind.AWARD: _spec(Topic.AWARD, _ENT),
    Kind.PAPER_SELECTION: _spec(Topic.AWARD, _ENT),
    Kind.TRAINING: _spec(Topic.TRAINING, _REG),
    Kind.CAMP: _spec(Topic.TRAINING, _REG),
    Kind.CAMPAIGN: _spec(Topic.POPULAR_SCIENCE, _REG),
    Kind.EXHIBITION: _spec(Topic.POPULAR_SCIENCE, _REG),
    Kind.LECTURE_TOUR: _spec(Topic.POPULAR_SCIENCE, _REG),
    Kind.MATCHMAKING: _spec(Topic.SERVICE, _REG),
    Kind.SURVEY: _spec(Topic.SERVICE),
    Kind.DESIGNATION: _spec(Topic.AWARD, _ENT),
    Kind.GRANT: _spec(Topic.SERVICE, _ENT),
    Kind.PROGRAMME: _spec(Topic.SERVICE, _REG),
    Kind.VOLUNTEER: _spec(Topic.POPULAR_SCIENCE, _REG),
    Kind.WORKLIST: _spec(Topic.SERVICE),
    Kind.REPORT_DUTY: _spec(Topic.SERVICE),
    Kind.APPROVAL: _spec(Topic.SERVICE),
}


def can(kind: Kind, capability: Capability) -> bool:
    return capability in KINDS[kind].capabilities


def kinds_of(topic: Topic) -> list[Kind]:
    return [kind for kind, spec in KINDS.items() if spec.topic is topic]
