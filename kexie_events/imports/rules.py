"""The life of an import and of a source, what is read at most, and when an address is asked again. Pure."""

import enum
from datetime import datetime, timedelta

from ..core.errors import RuleBroken
from ..core.text import one_line

MOST_BYTES = 1 << 20  # of a calendar, unpacked
MOST_EVENTS = 1000  # VEVENTs in it
MOST_ITEMS = 1000  # dates that they come to; a preview is one page
MOST_ONE_BY_ONE = 100  # public ones moved or cancelled by one press: each writes to people; seconds, measured
MOST_INSTANCES = 400  # dates of one rule, as of the house's own
IN_A_REQUEST = 200_000  # bytes that are read while somebody waits: a tenth of a second, measured; more is the worker's
LONGEST_LABEL = 60
MOST_SOURCES = 20  # of one edition
PERIOD = timedelta(days=1)
FIRST_RETRY = timedelta(hours=1)
GIVES_UP_AFTER = timedelta(days=7)  # of failures on end: nobody reads a calendar that has been away for a week
LEASE = timedelta(seconds=90)  # longer than fetching and reading may take
MOST_ATTEMPTS = 3  # at reading one calendar: what ends the worker each time is not tried for ever
KEPT = timedelta(days=30)  # what nobody decided on, and what was decided: then its text is forgotten


class ImportState(enum.Enum):
    """Where an import stands (导入状态)."""

    WAITING = "waiting"  # for the worker: to be fetched and read
    READ = "read"  # its preview waits for somebody
    APPLIED = "applied"
    FAILED = "failed"
    DROPPED = "dropped"  # nobody wanted it, or the same source was read anew


class SourceState(enum.Enum):
    """Whether an address is asked by itself (日历来源状态)."""

    ACTIVE = "active"
    STOPPED = "stopped"  # it failed for days; a press that succeeds starts it again
    REMOVED = "removed"


class Change(enum.Enum):
    """What an import would do about one date of a calendar (日历变化)."""

    NEW = "new"
    CHANGED = "changed"
    BOTH = "both"  # it changed there and was changed by hand here: both versions are shown
    CANCELLED = "cancelled"  # called off there
    RESTORED = "restored"  # no longer called off there
    GONE = "gone"  # the source does not have it any more
    SAME = "same"
    KEPT = "kept"  # it differs, and is left as it is: why stands beside it


class Why(enum.Enum):
    """Why something is left as it is (不改的原因)."""

    NEVER_HELD = "never_held"  # called off before it was ever taken over
    OVER = "over"  # what took place stays as it was
    CANCELLED_HERE = "cancelled_here"
    KEPT_ELSEWHERE = "kept_elsewhere"  # another room keeps its facts
    THROWN_AWAY = "thrown_away"  # it was taken over once, and thrown away here
    WAS_PUBLIC = "was_public"  # it was public and is withdrawn: no draft any more that may be thrown away


class Note(enum.Enum):
    """What a reader of a calendar had to assume or leave out (读取说明)."""

    FLOATING = "floating"
    NO_END = "no_end"
    NO_UID = "no_uid"
    ENDLESS = "endless"
    PAST_OF_RULE = "past_of_rule"
    CUT = "cut"
    THIS_AND_FUTURE = "this_and_future"
    POINTS = "points"
    WITHDRAWN = "withdrawn"
    OLD_TEXT = "old_text"


def next_fetch(failures: int, now: datetime, failing_since: datetime | None) -> datetime | None:
    """When a daily address is asked again: a day after a success; after failures 1, 2, 4 … hours, at most a day.

    None: it has failed for ``GIVES_UP_AFTER`` and is asked no more.
    """
    if failures == 0:
        return now + PERIOD
    if failing_since is not None and now - failing_since >= GIVES_UP_AFTER:
        return None
    wait: timedelta = FIRST_RETRY * (1 << min(failures - 1, 10))
    return now + min(wait, PERIOD)


def label_of(text: str, fallback: str) -> str:
    """What people call a source. Raises: RuleBroken("import.label")."""
    clean = one_line(text) or one_line(fallback)[:LONGEST_LABEL]
    if not 1 <= len(clean) <= LONGEST_LABEL:
        raise RuleBroken("import.label", most=LONGEST_LABEL)
    return clean
