"""A rule is written into calendars only in a form that every reader expands to the same dates; the others become
entries of their own.
"""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events.patterns.recurrence import Slot, expand
from kexie_events.feeds import ical
from kexie_events.feeds.ical import Happening, Recurring, Stamp
from kexie_events.feeds.recurring import calendar_rule
from tests.feeds.planning import BEIJING

from .readers import IcalJs, by_icalendar, by_recurring_ical_events, by_vobject, said

pytestmark = [pytest.mark.browser]

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def some(chance: Random, words: list[str], most: int) -> str:
    return ",".join(sorted(chance.sample(words, chance.randint(1, most)), key=words.index))


def any_rule(chance: Random) -> str:
    """Any rule that the house may take, and some that it refuses."""
    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if chance.random() < 0.4:
        parts.append(f"INTERVAL={chance.choice([2, 3, 4])}")
    if chance.random() < 0.2:
        parts.append(f"WKST={chance.choice(['SU', 'MO'])}")
    if frequency == "WEEKLY" and chance.random() < 0.8:
        parts.append(f"BYDAY={some(chance, WEEKDAYS, 4)}")
    if frequency in ("MONTHLY", "YEARLY"):
        if chance.random() < 0.4:
            parts.append(f"BYMONTH={some(chance, [str(n) for n in range(1, 13)], 2)}")
        kind = chance.random()
        if kind < 0.35:
            which = [f"{chance.choice([1, 2, 3, 4, 5, -1, -2])}{day}" for day in WEEKDAYS]
            parts.append(f"BYDAY={some(chance, which, 2)}")
        elif kind < 0.55:
            parts.append(f"BYDAY={some(chance, WEEKDAYS, 5)}")
        elif kind < 0.85:
            parts.append(f"BYMONTHDAY={some(chance, ['1', '5', '15', '28', '29', '30', '31', '-1', '-2'], 2)}")
        if chance.random() < 0.25:
            parts.append(f"BYSETPOS={chance.choice([1, -1, 2])}")
    return ";".join([*parts, chance.choice([f"COUNT={chance.randint(2, 14)}", "UNTIL=20271231"])])


def written(rule: str, slots: list[Slot], *, days: bool) -> bytes | None:
    """A calendar with the rule, when it is one that calendars may have."""
    value = calendar_rule(rule, [slot.starts_at for slot in slots], BEIJING, by_day=days)
    if value is None:
        return None
    first = slots[0]
    master = Happening(
        uid="rule", starts_at=first.starts_at, ends_at=first.ends_at, title="沙龙", url="https://kexie.test/editions/1",
        all_day=days,
    )  # fmt: skip
    content = ical.content(Recurring(master, value, (), {}), BEIJING)
    return ical.whole("沙龙", [ical.stamped(content, Stamp(1, first.starts_at))], BEIJING)


@pytest.mark.parametrize("seed", range(3))
def test_every_reader_expands_a_rule_to_the_dates_that_are_planned(ical_js: IcalJs, seed: int) -> None:
    chance, read = Random(seed), 0
    readers = (by_icalendar, by_recurring_ical_events, by_vobject, ical_js)
    while read < 120:
        rule, days = any_rule(chance), chance.random() < 0.3
        first = date(2026, 1, 1) + timedelta(days=chance.randrange(400))
        starts = time(0) if days else chance.choice([time(0, 30), time(9), time(23, 30)])
        lasts = timedelta(days=1) if days else timedelta(hours=1)
        try:
            slots = expand(rule, first_on=first, starts=starts, duration=lasts, zone=BEIJING)
        except RuleBroken:
            continue
        begin = chance.randrange(len(slots))
        slots = slots[begin : chance.randrange(begin, len(slots)) + 1]  # what is left after a change from a date on
        body = written(rule, slots, days=days)
        if body is None:
            continue
        read += 1
        planned = [said(slot.starts_at.astimezone(BEIJING).date() if days else slot.starts_at) for slot in slots]
        for reader in readers:
            assert [one.starts for one in reader(body, SINCE, UNTIL)] == planned, (rule, slots[0], reader)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=5", "FREQ=MONTHLY;BYMONTH=3,9;BYDAY=2SA;COUNT=4",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1;COUNT=3", "FREQ=YEARLY;BYMONTHDAY=15;COUNT=14",
        "FREQ=YEARLY;BYMONTH=4,5;BYMONTHDAY=5;COUNT=4", "FREQ=YEARLY;BYDAY=1MO;COUNT=3",
        "FREQ=YEARLY;BYMONTH=9;BYDAY=SA,SU;BYSETPOS=1;COUNT=2",
        "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=2",
    ],
)  # fmt: skip
def test_a_rule_that_readers_expand_differently_is_written_date_by_date(rule: str) -> None:
    slots = expand(rule, first_on=date(2026, 1, 1), starts=time(9), duration=timedelta(hours=1), zone=BEIJING)
    assert written(rule, slots, days=False) is None


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=400", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=5", "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6",
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5", "FREQ=YEARLY;COUNT=3",
        "FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=3", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=30;COUNT=3",
    ],
)  # fmt: skip
def test_the_rules_that_people_choose_most_are_written_as_rules(rule: str) -> None:
    slots = expand(rule, first_on=date(2026, 1, 1), starts=time(9), duration=timedelta(hours=1), zone=BEIJING)
    body = written(rule, slots, days=False)
    assert body is not None
    assert len(by_vobject(body, SINCE, UNTIL)) == len(slots)
