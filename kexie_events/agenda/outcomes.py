"""What a press on the desk would do, for its preview and for the service alike: a part of a day moved, a day copied, a
version released. Pure; ``core.previews`` says how the two are held together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from ..core.errors import RuleBroken
from ..core.previews import digest_of
from . import difference, programme, rules
from .difference import Change
from .programme import Forum, Programme, SessionLine


@dataclass(frozen=True)
class Shift:
    """Everything of an edition that begins from ``from_at`` until ``until_at``, moved by so many minutes.

    ``occurrence_id``: of one sub-forum alone.
    """

    from_at: datetime
    until_at: datetime
    minutes: int
    occurrence_id: int | None = None


@dataclass(frozen=True)
class Shifted:
    """One session: from when to when it is, and would be."""

    id: int
    name: str
    forum: Forum
    starts_at: datetime
    ends_at: datetime
    starts_after: datetime
    ends_after: datetime

    @property
    def outside(self) -> bool:
        """Whether it would reach out of its sub-forum."""
        return self.starts_after < self.forum.starts_at or self.ends_after > self.forum.ends_at


@dataclass(frozen=True)
class Shifting:
    """Of a whole part of a day."""

    sessions: tuple[Shifted, ...]

    @cached_property
    def digest(self) -> str:
        return digest_of(
            *((each.id, each.name, each.starts_at, each.ends_at, each.ends_after) for each in self.sessions)
        )

    def check(self) -> None:
        """Raises: RuleBroken("agenda.shift_nothing" | "agenda.shift_outside")."""
        if not self.sessions:
            raise RuleBroken("agenda.shift_nothing")
        for each in self.sessions:
            if each.outside:
                forum = each.forum
                raise RuleBroken(
                    "agenda.shift_outside", name=each.name, starts_at=forum.starts_at, ends_at=forum.ends_at
                )


def shifting(planned: Iterable[Forum], by: Shift) -> Shifting:
    """The sessions that move, also those that were cancelled, in order."""
    span = timedelta(minutes=by.minutes)
    found = [
        Shifted(part.id, part.name, forum, part.starts_at, part.ends_at, part.starts_at + span, part.ends_at + span)
        for forum in planned
        if by.occurrence_id in (None, forum.id)
        for part in forum.sessions
        if by.from_at <= part.starts_at < by.until_at
    ]
    return Shifting(tuple(sorted(found, key=lambda each: (each.starts_at, each.id))))


@dataclass(frozen=True)
class Copying:
    """The sessions of a day, without people, that would stand on another one too."""

    sessions: tuple[SessionLine, ...]

    @cached_property
    def digest(self) -> str:
        return digest_of(*(_order(part) for part in self.sessions))

    def check(self, by: timedelta, target: tuple[datetime, datetime], held: int) -> None:
        """``target``: from when to when the other sub-forum is; ``held``: how many sessions it has already.

        Raises: RuleBroken("agenda.copy_nothing" | "agenda.too_many" | "agenda.outside").
        """
        if not self.sessions:
            raise RuleBroken("agenda.copy_nothing")
        rules.check_count(len(self.sessions) + held, rules.MOST_SESSIONS)
        for part in self.sessions:
            rules.check_inside(part.starts_at + by, part.ends_at + by, *target)


def _order(part: SessionLine) -> tuple[object, ...]:
    talks = tuple((talk.kind, talk.title, talk.starts_at, talk.ends_at) for talk in part.talks)
    return part.kind, part.name, part.starts_at, part.ends_at, part.room_id, part.place, talks


def copying(source: Iterable[Forum], day: date, zone: ZoneInfo) -> Copying:
    """What was cancelled does not come along."""
    found = [
        programme.without_people(part)
        for forum in source
        for part in forum.sessions
        if not part.cancelled and part.starts_at.astimezone(zone).date() == day
    ]
    return Copying(tuple(found))


@dataclass(frozen=True)
class Releasing:
    """The version that would be released, and what would be new in it. ``before`` None: the first one."""

    before: Programme | None
    after: Programme
    changes: tuple[Change, ...]
    told: tuple[Forum, ...]  # in which something moved that people came for: those who registered may be written to

    @cached_property
    def digest(self) -> str:
        return digest_of(programme.written(self.after), difference.written(self.changes))

    @property
    def same(self) -> bool:
        return self.before == self.after

    def check(self) -> None:
        """Raises: RuleBroken("programme.empty" | "programme.same")."""
        if programme.counts(self.after)[1] == 0:
            raise RuleBroken("programme.empty")
        if self.same:
            raise RuleBroken("programme.same")


def releasing(before: Programme | None, after: Programme, now: datetime) -> Releasing:
    """``after``: the published sub-forums as they are planned. Those that are over or cancelled are told nothing."""
    changes = tuple(difference.difference(before, after)) if before is not None else ()
    felt = difference.felt_in(changes)
    told = tuple(forum for forum in after if forum.id in felt and not forum.cancelled and forum.ends_at > now)
    return Releasing(before, after, changes, told)
