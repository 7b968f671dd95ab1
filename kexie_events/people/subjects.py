"""The kinds of things a role can be given for: units, and the series, editions and rounds of higher rooms.

Those cannot be asked from here (decision 0002): ``wiring`` brings how the things of each are called and where they
live.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from flask_babel.speaklater import LazyString

from ..core.access import Place, Role


@dataclass(frozen=True)
class Subject:
    """One thing that somebody has a role for."""

    kind: str  # "unit", "series", "edition", "round"
    id: int
    name: str
    place: Place
    href: str  # its page on the desk
    valid_to: date | None = None  # from then on no new role can be given for it


@dataclass(frozen=True)
class SubjectKind:
    """How to find things of one kind; ``describe`` leaves out what does not exist, in one query."""

    word: LazyString
    roles: tuple[Role, ...]
    describe: Callable[[Collection[int]], dict[int, Subject]]
    by_slug: Callable[[str], int | None] = lambda _slug: None  # the id behind an address, where there are such


KINDS: dict[str, SubjectKind] = {}  # "unit", "series", "edition", "round"; filled by ``wiring``
