"""From the rules that others write to dates, within the bounds that our own rules have. Pure.

A foreign rule is said in the house's form (``events.patterns.recurrence.parts``), which refuses whatever could run
away; then its dates are walked, those that are long over left out before counting. A rule without an end is followed
for a year.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from dateutil.rrule import rrulestr

from ..core.errors import RuleBroken
from ..events.patterns import recurrence
from .rules import MOST_INSTANCES

SINCE = timedelta(days=90)  # before today: older dates of a rule are history
AHEAD = timedelta(days=366)  # of a rule that never ends
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?")
_STEPS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}
_WORKED_OFF = 3000  # dates walked to come to today; most are skipped without walking
# The calendar is the same again after 400 years, weekdays too. dateutil looks for a date that never comes up to the
# year 9999, so rules are walked close to it: what may be planned, up to 2200 and ten years on, still comes before.
_CYCLES = 19
_LATER = _CYCLES * timedelta(days=146_097)


@dataclass(frozen=True)
class Repeated:
    """The dates of a rule: moments on the wall clock of its zone, in order."""

    moments: tuple[datetime, ...]
    endless: bool = False  # it goes on; only a year of it is here
    left_out: bool = False  # some are older than ``SINCE``


def repeated(rule: str, first: datetime, *, is_day: bool, zone: tzinfo, today: date) -> Repeated:
    """``first``: DTSTART on the wall clock, naive; of a day its midnight. ``zone``: in which an UNTIL in UTC is read.

    Raises: RuleBroken("recurrence.…") for a rule that we do not take: several ends, finer than a day, too many dates.
    """
    table = _table(rule)
    endless = "COUNT" not in table and "UNTIL" not in table
    until = None if endless else _until(table.pop("UNTIL", ""), first.time(), is_day=is_day, zone=zone)
    last = until or (today + AHEAD if endless else None)
    if last is not None:
        table["UNTIL"] = f"{last:%Y%m%d}"
    recurrence.parts(_said(table))
    if last is not None and last > max(today, first.date()) + recurrence.FARTHEST:
        raise RuleBroken("recurrence.too_far", years=recurrence.YEARS_AHEAD)
    table.pop("UNTIL", None)
    since = datetime.combine(today - SINCE, time())
    return _walked(table, _near(table, first, since), last, since, endless=endless, begun=first < since)


def _walked(
    table: dict[str, str], first: datetime, last: date | None, since: datetime, *, endless: bool, begun: bool
) -> Repeated:
    try:
        dates = rrulestr(_said(table), dtstart=first + _LATER)
    except ValueError as error:
        raise RuleBroken("recurrence.unreadable", rule=_said(table)[:80]) from error
    found: list[datetime] = []
    left_out = False
    for later in islice(dates.xafter(first + _LATER, inc=True), _WORKED_OFF):
        moment = later - _LATER
        if last is not None and moment.date() > last:
            break
        if moment < since:
            left_out = True
            continue
        if len(found) == MOST_INSTANCES:
            raise RuleBroken("recurrence.too_many", most=MOST_INSTANCES)
        found.append(moment)
    return Repeated(tuple(found), endless=endless, left_out=left_out or (begun and not found))


def _table(rule: str) -> dict[str, str]:
    """The rule's parts. ``FREQ=DAILY`` on named weekdays, as some write, is the same as weekly on them."""
    pairs = [part.split("=", 1) for part in rule.strip().strip(";").upper().split(";")]
    if len(rule) > 300 or any(len(pair) != 2 for pair in pairs) or len(dict(pairs)) != len(pairs):
        raise RuleBroken("recurrence.unreadable", rule=rule[:80])
    table = {name: value for name, value in pairs}
    if table.get("FREQ") == "DAILY" and "BYDAY" in table and table.get("INTERVAL", "1") == "1":
        table["FREQ"] = "WEEKLY"
    return table


def _until(text: str, clock: time, *, is_day: bool, zone: tzinfo) -> date | None:
    """The last day on which the rule may still give a date; None without an UNTIL."""
    if not text:
        return None
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        day = datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 -- a day has no zone
        if match[2] is None or is_day:
            return day
        moment = datetime.combine(day, datetime.strptime(match[2], "%H%M%S").time())  # noqa: DTZ007
        if match[3]:
            moment = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise RuleBroken("recurrence.until") from None
    return moment.date() if moment.time() >= clock else moment.date() - timedelta(days=1)


def _near(table: dict[str, str], first: datetime, since: datetime) -> datetime:
    """A later first date of the same dates, close before ``since``: whole periods are skipped without walking them."""
    if "COUNT" in table or first >= since:
        return first
    interval = int(table.get("INTERVAL", "1"))
    step = _STEPS.get(table["FREQ"])
    if step is not None:
        period = step * interval
        return first + max(0, (since - first) // period - 1) * period
    # As many years as there are months or years in an interval: every second month stays every second month.
    years = max(0, (since.year - first.year) // interval - 1) * interval
    try:
        return first.replace(year=first.year + years)
    except ValueError:  # 29 February
        return first


def _said(table: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in table.items())
