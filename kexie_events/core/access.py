"""Who may do and see what, on one page.

A grant gives a role somewhere: in a unit (and everything below it), a series, an edition or a judging round.
``GRANTS`` says what each role may do there. ``require`` asks before doing, ``visible`` filters before showing.
Every list, search, sort, count, export, feed and message passes ``visible``.
"""

import enum
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, false, not_, or_, true

from .errors import Forbidden


class Role(enum.Enum):
    """What somebody is, somewhere (角色)."""

    ADMINISTRATOR = "administrator"  # 系统管理员: everything, everywhere
    ORGANIZER = "organizer"  # 组织者: plans and runs what belongs to a unit, a series or an edition
    JUDGE = "judge"  # 评委: scores in one round
    MENTOR = "mentor"  # 科技辅导员: files entries for a school
    GUARDIAN = "guardian"  # 监护人: acts for a child
    PARTICIPANT = "participant"  # 参与者: everybody with an account


class Action(enum.Enum):
    """What can be done. One word for each thing that is decided separately."""

    PLAN = "plan"  # create and change series, editions, occurrences, venues; sees drafts
    APPROVE = "approve"  # record the approval that must stand before anything is public
    PUBLISH = "publish"
    SEE_REGISTRATIONS = "see_registrations"
    MANAGE_REGISTRATIONS = "manage_registrations"
    SUBMIT_ENTRY = "submit_entry"
    SEE_ENTRIES = "see_entries"
    SET_UP_JUDGING = "set_up_judging"
    SCORE = "score"
    SEE_RANKING = "see_ranking"
    REPORT = "report"  # work list and year figures
    MANAGE_UNITS = "manage_units"  # add units below, rename and close those below
    GRANT = "grant"  # open and keep the accounts of units, give and take roles
    SEE_AUDIT = "see_audit"
    SET_DAYS = "set_days"  # say which days are off, worked, named: for everybody


_ORGANIZER = frozenset(Action) - {Action.SCORE, Action.SEE_AUDIT, Action.SET_DAYS}
# What the people of a host may do on the issue that they run for another: all but deciding that it may be public, which
# its owner does, and giving rights to others, which would outlast their own.
HOSTING = _ORGANIZER - {Action.APPROVE, Action.GRANT}

GRANTS: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action) - {Action.SCORE},
    Role.ORGANIZER: _ORGANIZER,
    Role.JUDGE: frozenset({Action.SCORE}),
    Role.MENTOR: frozenset({Action.SUBMIT_ENTRY}),
    Role.GUARDIAN: frozenset(),
    Role.PARTICIPANT: frozenset(),
}


@dataclass(frozen=True)
class Place:
    """Where a thing lives in the tree of grants.

    ``unit_path`` and ``owner_path`` reach it always; ``host_path``, of the unit that runs its edition for the owner
    (承办), only before ``host_until``, the first day on which it no longer does; None for no end.
    """

    unit_path: str = ""  # "/1/12/" : the ids from the root down
    series_id: int | None = None
    edition_id: int | None = None
    round_id: int | None = None
    owner_path: str = ""
    host_path: str = ""
    host_until: date | None = None


@dataclass(frozen=True)
class Granted:
    """One role of an actor, the one scope that it holds for, and the first day on which it no longer does.

    The end says nothing of what can be seen today: grants that differ in it alone are equal, so that whatever is
    built once for a set of grants is shared. ``on`` does say it: the day for which the grant was read, by which a
    host's time is over or not. Without it, a host's time counts as over.
    """

    role: Role
    unit_path: str | None = None
    series_id: int | None = None
    edition_id: int | None = None
    round_id: int | None = None
    valid_to: date | None = field(default=None, compare=False)
    on: date | None = None

    def covers(self, place: Place) -> bool:
        if self.role is Role.ADMINISTRATOR:
            return True
        if self.unit_path is not None:
            return any(path and path.startswith(self.unit_path) for path in (place.unit_path, place.owner_path))
        return any(
            own is not None and own == theirs
            for own, theirs in (
                (self.series_id, place.series_id),
                (self.edition_id, place.edition_id),
                (self.round_id, place.round_id),
            )
        )

    def hosts(self, place: Place) -> bool:
        """Whether it is a role in the unit that runs this for its owner, or above that unit, and its time not over."""
        if self.unit_path is None or not place.host_path.startswith(self.unit_path or "/"):
            return False
        return place.host_until is None or (self.on is not None and self.on < place.host_until)


@dataclass(frozen=True)
class Actor:
    """Who asks. ``ANYBODY`` is a visitor who has not signed in."""

    account_id: int | None = None
    person_id: int | None = None
    name: str = ""
    grants: tuple[Granted, ...] = ()

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    def has(self, *roles: Role) -> bool:
        """Whether the actor has one of these roles anywhere: opens a door, never a thing."""
        return any(granted.role in roles for granted in self.grants)

    @property
    def organizes(self) -> bool:
        return self.has(Role.ADMINISTRATOR, Role.ORGANIZER)


ANYBODY = Actor()
# The program itself: the worker's planned work and the demo city.
SYSTEM = Actor(name="system", grants=(Granted(Role.ADMINISTRATOR),))


def allows(actor: Actor, action: Action, place: Place) -> bool:
    return any(
        action in GRANTS[granted.role] and (granted.covers(place) or (action in HOSTING and granted.hosts(place)))
        for granted in actor.grants
    )


def require(actor: Actor, action: Action, place: Place) -> None:
    """Raises: Forbidden("access.denied")."""
    if not allows(actor, action, place):
        raise Forbidden("access.denied", action=action.value)


def may_give(actor: Actor, role: Role, place: Place, valid_to: date | None = date.min) -> bool:
    """Whether the actor may give this role there, or take it: nobody gives what they do not hold, nor for longer.

    A role is held with all that it allows. Scoring is the exception: nobody gives it away as their own, and judges
    are named by whoever sets up judging. ``valid_to``: the first day on which what is given no longer holds, None for
    no end; left out, the answer is whether the role may be given for any time at all, which is also who may take it.
    """
    return any(end >= (valid_to or date.max) for end in _ends_of_giving(actor, role, place))


def gives_until(actor: Actor, role: Role, place: Place) -> date | None:
    """The latest ``valid_to`` with which the actor may give a role that they may give there; None for no end."""
    latest = max(_ends_of_giving(actor, role, place))
    return None if latest == date.max else latest


def _ends_of_giving(actor: Actor, role: Role, place: Place) -> list[date]:
    return [
        granted.valid_to or date.max
        for granted in actor.grants
        if Action.GRANT in GRANTS[granted.role]
        and GRANTS[role] - {Action.SCORE} <= GRANTS[granted.role]
        and granted.covers(place)
    ]


@dataclass(frozen=True)
class Scope:
    """How a table says who may see its rows; every part is an SQL expression over one row.

    A path that stands in another table is the SELECT that finds it for the row, not its value: ``visible`` asks whether
    there is one below a grant, which the database can answer once for a whole list instead of once for each row.
    """

    action: Action  # what one must be allowed to do where the row lives in order to see it unpublished
    public: ColumnElement[bool]
    unit_path: SQLColumnExpression[str] | Select[Any] | None = None
    unit_hosts: ColumnElement[bool] | None = None  # it is the host's, or below: then it reaches as the host does
    series_id: SQLColumnExpression[int] | None = None
    edition_id: SQLColumnExpression[int] | None = None
    round_id: SQLColumnExpression[int] | None = None
    account_id: SQLColumnExpression[int | None] | None = None  # whose own row it is
    person_id: SQLColumnExpression[int | None] | None = None
    owner_path: Select[Any] | None = None  # as in ``Place``
    host: Select[Any] | None = None  # its path, and the first day on which it no longer reaches this


class Scoped(Protocol):
    @classmethod
    def scope(cls) -> Scope: ...


@lru_cache(maxsize=512)
def visible(model: type[Scoped], actor: Actor) -> ColumnElement[bool]:
    """The WHERE clause that leaves what this actor may see. The only one; there is no second path.

    Built once for an actor with the same grants: it says what they are, never what the database holds.
    """
    scope = model.scope()
    ways: list[ColumnElement[bool]] = [scope.public]
    for granted in actor.grants:
        if scope.action not in GRANTS[granted.role]:
            continue
        if granted.role is Role.ADMINISTRATOR:
            return true()
        ways += _reach(granted, scope)
    if actor.account_id is not None and scope.account_id is not None:
        ways.append(scope.account_id == actor.account_id)
    if actor.person_id is not None and scope.person_id is not None:
        ways.append(scope.person_id == actor.person_id)
    return or_(false(), *ways)


def _reach(granted: Granted, scope: Scope) -> list[ColumnElement[bool]]:
    if granted.unit_path is not None:
        ways = [] if scope.owner_path is None else [_below(scope.owner_path, granted.unit_path)]
        if scope.unit_path is not None:
            own = _below(scope.unit_path, granted.unit_path)
            ways.append(own if scope.unit_hosts is None else and_(own, not_(scope.unit_hosts)))
        return [*ways, *_reach_as_host(granted.unit_path, granted.on, scope)]
    return [
        column == own
        for own, column in (
            (granted.series_id, scope.series_id),
            (granted.edition_id, scope.edition_id),
            (granted.round_id, scope.round_id),
        )
        if own is not None and column is not None
    ]


def _reach_as_host(unit_path: str, on: date | None, scope: Scope) -> list[ColumnElement[bool]]:
    if scope.action not in HOSTING or scope.host is None:
        return []
    _path, until = scope.host.selected_columns
    no_end = until.is_(None)
    return [_below(scope.host, unit_path, no_end if on is None else or_(no_end, until > on))]


def _below(
    path: SQLColumnExpression[str] | Select[Any], unit_path: str, *more: ColumnElement[bool]
) -> ColumnElement[bool]:
    if isinstance(path, Select):
        found = path.selected_columns[0]
        return path.where(found.startswith(unit_path, autoescape=True), *more).exists()
    return path.startswith(unit_path, autoescape=True)
