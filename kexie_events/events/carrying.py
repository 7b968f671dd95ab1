"""What comes along when an edition is made from an earlier one, and what is still open before it can be public.

Events stand below the rooms that have more to bring: a rule pack, rounds of judging, an agenda. Each describes itself
as a ``Carrier``; ``wiring`` names them, in the order in which they are offered, copied and shown.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.access import Actor
from .models import Edition


class Standing(enum.Enum):
    """How an item of the checklist stands (检查结果)."""

    DONE = "done"
    LOOK = "look"  # worth a look; nothing is in the way
    OPEN = "open"  # it is in the way


@dataclass(frozen=True)
class Item:
    """One line of the checklist, in words; ``href`` leads to where it is done."""

    standing: Standing
    words: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a difference, in words. ``before`` None: added; ``after`` None: removed."""

    part: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Carrier:
    """One thing that an edition has beside its own dates. Never people, registrations, works, scores, files.

    ``told``: what an edition has of it, in words; "" when it has none, and then it is not offered. ``copy``: source,
    new edition, how an instant shifts, who, when; inside the transaction that makes the edition. ``remove``: takes away
    what ``copy`` made, when a draft is thrown away; what people have added since must refuse by a foreign key.
    ``differs``: earlier, later.
    """

    key: str
    words: Any  # a lazy string
    told: Callable[[Edition], str]
    copy: Callable[[Edition, Edition, Callable[[datetime], datetime], Actor, datetime], None]
    remove: Callable[[Edition], None]
    differs: Callable[[Edition, Edition], Sequence[Line]]
    items: Callable[[Edition, Actor, datetime], Sequence[Item]]


CARRIERS: list[Carrier] = []
