"""A rule of ours as one entry of a calendar: its master, the dates that do not take place, those that differ. Pure.

Source: docs/sources.md#icalendar, docs/decisions/0017-one-entry-for-a-rule.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from ..core.errors import RuleBroken
from ..events.patterns import recurrence
from .ical import Happening, Recurring, has_one_offset

A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Ruled:
    """A rule with what stands at its slots. ``live``: what the public sees there; other slots are empty."""

    rule: str  # as it is stored
    slots: tuple[datetime, ...]  # planned starts, in order
    like: Happening  # a date that follows the rule in everything, at whichever slot; its UID is the rule's
    live: Mapping[datetime, Happening]
    follows: str = ""  # UID of the rule that it goes on from


def recurring(ruled: Ruled, zone: ZoneInfo) -> Recurring | None:
    """The rule as one entry; None when nothing of it takes place, or when no calendar would read the same dates from
    it: then each date is an entry of its own.

    It begins with the first slot at which something takes place and ends with the last, because some clients show
    DTSTART whatever EXDATE says. All dates cancelled for the same reason: the whole rule is.
    """
    used = [slot for slot in ruled.slots if slot in ruled.live]
    if not used or len(used) < len(ruled.live):
        return None
    span = [slot for slot in ruled.slots if used[0] <= slot <= used[-1]]
    by_day = ruled.like.by_day
    said = calendar_rule(ruled.rule, span, zone, by_day=by_day)
    if said is None:
        return None
    like = _all_alike(ruled)
    master = _at(like, used[0])
    instead = {
        slot: replace(ruled.live[slot], uid=master.uid)
        for slot in used
        if not _follows(ruled.live[slot], _at(like, slot))
    }
    return Recurring(master, said, tuple(slot for slot in span if slot not in ruled.live), instead, ruled.follows)


def _all_alike(ruled: Ruled) -> Happening:
    """The master's words: cancelled when all is, with the reason that all have."""
    reasons = {one.reason for one in ruled.live.values()}
    if not all(one.cancelled for one in ruled.live.values()):
        return ruled.like
    return replace(ruled.like, cancelled=True, reason=reasons.pop() if len(reasons) == 1 else "")


def _at(like: Happening, slot: datetime) -> Happening:
    return replace(like, starts_at=slot, ends_at=slot + (like.ends_at - like.starts_at))


def _follows(one: Happening, expected: Happening) -> bool:
    """Whether it is what the rule says there; that it has an address of its own needs no entry of its own."""
    return replace(one, uid=expected.uid, url=expected.url) == expected


def calendar_rule(rule: str, slots: Sequence[datetime], zone: ZoneInfo, *, by_day: bool) -> str | None:
    """The value of RRULE from the first of these slots to the last, or None when it would not say just them.

    None: in a zone whose clock changes (times are then written in UTC), for rules that clients read differently, and
    whenever an expansion of what we would write gives other dates.
    """
    if not rule or not has_one_offset(zone):
        return None
    try:
        parts = recurrence.parts(rule)
    except RuleBroken:
        return None
    if not _is_read_alike(parts):
        return None
    bare = ";".join(f"{name}={value}" for name, value in parts.items() if name not in ("COUNT", "UNTIL"))
    wall = [slot.astimezone(zone).replace(tzinfo=None) for slot in slots]
    if rrulestr(bare, dtstart=wall[0]).between(wall[0] - A_SECOND, wall[-1] + A_SECOND, inc=True) != wall:
        return None
    # In the form of DTSTART: a day for days, otherwise an instant in UTC (RFC 5545 3.3.10).
    until = f"{wall[-1]:%Y%m%d}" if by_day else f"{slots[-1].astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{bare};UNTIL={until}"


def _is_read_alike(parts: Mapping[str, str]) -> bool:
    """Whether clients agree on such a rule.

    None knows RSCALE. ical.js (Thunderbird, Nextcloud) leaves BYSETPOS out beside BYMONTHDAY, shows the first date of a
    monthly rule with BYMONTH twice, and of yearly ones reads only those of one day in one month.
    Source: docs/sources.md#rules-read-alike
    """
    if "RSCALE" in parts:
        return False
    if parts["FREQ"] == "MONTHLY":
        return "BYMONTH" not in parts and not {"BYSETPOS", "BYMONTHDAY"} <= parts.keys()
    if parts["FREQ"] == "YEARLY":
        by = {name: value for name, value in parts.items() if name.startswith("BY")}
        one_day_in_a_month = len(by) == 2 and "BYMONTH" in by and not any("," in value for value in by.values())
        return not by or one_day_in_a_month
    return True
