"""A list itself: its title, how often it is reported."""

from datetime import datetime

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import transaction
from ...core.errors import RuleBroken
from ...core.text import one_line
from ..models import WorkList
from ..progress import Period
from ..reading import LONGEST_TITLE
from .writing import chain, check_revision, locked_list, touch


def change_list(
    list_id: int, *, title: str, period: Period, expected_revision: int, actor: Actor, now: datetime
) -> WorkList:  # fmt: skip
    """What stands above the list, and how often it is reported. Locks the list.

    Raises: RuleBroken("worklist.title"), Conflict("worklist.changed_meanwhile"), NotFound.
    """
    called = one_line(title)
    if len(called) > LONGEST_TITLE:
        raise RuleBroken("worklist.title", most=LONGEST_TITLE)
    with transaction():
        written = locked_list(list_id, actor)
        before = {"title": written.title, "period": written.period.value}
        if (written.title, written.period) == (called, period):
            return written
        check_revision(written, expected_revision)
        written.title, written.period = called, period
        touch(written, now)
        audit.record(
            chain(written.unit_id, written.year), "worklist.changed", actor=actor, now=now, before=before,
            after={"title": called, "period": period.value},
        )  # fmt: skip
    return written
