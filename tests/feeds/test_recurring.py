"""A rule becomes one entry that says exactly the dates that take place."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.patterns import recurrence
from kexie_events.feeds.ical import Happening
from kexie_events.feeds.recurring import Ruled, calendar_rule, recurring

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = date(2026, 3, 20)


def slots_of(rule: str, first_on: date = FRIDAY, starts: time = time(14)) -> tuple[datetime, ...]:
    found = recurrence.expand(rule, first_on=first_on, starts=starts, duration=2 * HOUR, zone=SHANGHAI)
    return tuple(slot.starts_at for slot in found)


WEEKLY = "FREQ=WEEKLY;BYDAY=FR;COUNT=6"
SLOTS = slots_of(WEEKLY)
LIKE = Happening("rule", SLOTS[0], SLOTS[0] + 2 * HOUR, "周五讲座", "https://kexie.test/editions/1", place="报告厅")


def at(slot: datetime, **changed: Any) -> Happening:
    """The date of a slot, as a thing of its own."""
    values = {
        "uid": f"{slot:%m%d}", "url": f"https://kexie.test/occurrences/{slot:%m%d}", "starts_at": slot,
        "ends_at": slot + 2 * HOUR, **changed,
    }  # fmt: skip
    return replace(LIKE, **values)


def ruled(live: dict[datetime, Happening], **changed: Any) -> Ruled:
    return Ruled(**{"rule": WEEKLY, "slots": SLOTS, "like": LIKE, "live": live, **changed})


def test_dates_that_follow_the_rule_are_one_entry() -> None:
    found = recurring(ruled({slot: at(slot) for slot in SLOTS}), SHANGHAI)
    assert found is not None
    assert (found.rule, found.excluded, found.instead) == (
        "FREQ=WEEKLY;BYDAY=FR;UNTIL=20260424T060000Z", (), {},
    )  # fmt: skip
    assert found.master == LIKE


def test_an_empty_slot_is_excluded_and_what_differs_stands_instead() -> None:
    live = {slot: at(slot) for slot in SLOTS if slot != SLOTS[2]}
    live[SLOTS[1]] = at(SLOTS[1], starts_at=SLOTS[1] + DAY, ends_at=SLOTS[1] + DAY + HOUR, moved_from_at=SLOTS[1])
    live[SLOTS[3]] = at(SLOTS[3], title="专场")
    found = recurring(ruled(live, follows="before"), SHANGHAI)
    assert found is not None
    assert found.excluded == (SLOTS[2],)
    assert found.instead == {slot: replace(live[slot], uid="rule") for slot in (SLOTS[1], SLOTS[3])}
    assert found.follows == "before"


def test_it_begins_and_ends_where_something_takes_place() -> None:
    found = recurring(ruled({slot: at(slot) for slot in SLOTS[2:5]}), SHANGHAI)
    assert found is not None
    assert found.master.starts_at == SLOTS[2]
    assert (found.rule, found.excluded) == ("FREQ=WEEKLY;BYDAY=FR;UNTIL=20260417T060000Z", ())


def test_cancelled_dates_differ_until_all_are_cancelled() -> None:
    some = {slot: at(slot, cancelled=slot == SLOTS[0], reason="天气" if slot == SLOTS[0] else "") for slot in SLOTS}
    found = recurring(ruled(some), SHANGHAI)
    assert found is not None
    assert not found.master.cancelled
    assert [slot for slot, one in found.instead.items() if one.cancelled] == [SLOTS[0]]
    every = {slot: at(slot, cancelled=True, reason="场馆关闭") for slot in SLOTS}
    found = recurring(ruled(every), SHANGHAI)
    assert found is not None
    assert (found.master.cancelled, found.master.reason, found.instead) == (True, "场馆关闭", {})
    mixed = {**every, SLOTS[1]: at(SLOTS[1], cancelled=True, reason="天气")}
    found = recurring(ruled(mixed), SHANGHAI)
    assert found is not None
    assert (found.master.cancelled, found.master.reason, len(found.instead)) == (True, "", len(SLOTS))


def test_whole_days_end_with_a_day() -> None:
    slots = slots_of("FREQ=MONTHLY;BYDAY=1SA;COUNT=3", starts=time(0))
    like = replace(LIKE, starts_at=slots[0], ends_at=slots[0] + DAY, all_day=True)
    live = {slot: replace(like, uid="x", starts_at=slot, ends_at=slot + DAY) for slot in slots}
    found = recurring(Ruled("FREQ=MONTHLY;BYDAY=1SA;COUNT=3", slots, like, live), SHANGHAI)
    assert found is not None
    assert found.rule == "FREQ=MONTHLY;BYDAY=1SA;UNTIL=20260606"


def test_nothing_at_all_is_no_entry() -> None:
    assert recurring(ruled({}), SHANGHAI) is None


def test_a_date_that_stands_at_no_slot_leaves_each_date_to_itself() -> None:
    live = {slot: at(slot) for slot in (*SLOTS, SLOTS[0] + DAY)}
    assert recurring(ruled(live), SHANGHAI) is None


@pytest.mark.parametrize(
    ("rule", "zone"),
    [
        ("", SHANGHAI), (WEEKLY, ZoneInfo("Europe/Berlin")), ("FREQ=SECONDLY;COUNT=3", SHANGHAI),
        ("RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=6", SHANGHAI),
        ("FREQ=WEEKLY;BYDAY=TH;COUNT=6", SHANGHAI), ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=6", SHANGHAI),
    ],
)  # fmt: skip
def test_what_calendars_would_read_otherwise_is_not_written_as_a_rule(rule: str, zone: ZoneInfo) -> None:
    assert calendar_rule(rule, SLOTS, zone, by_day=False) is None


WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True)
NUMBERED = st.tuples(st.sampled_from([-1, 1, 2, 3, 4, 5]), st.sampled_from(["MO", "WE", "SA"]))
RULES = st.one_of(
    st.builds(lambda n: f"FREQ=DAILY;INTERVAL={n}", st.integers(1, 9)),
    st.builds(lambda n, days: f"FREQ=WEEKLY;INTERVAL={n};BYDAY={','.join(days)}", st.integers(1, 4), WEEKDAYS),
    st.builds(lambda n: f"FREQ=WEEKLY;INTERVAL={n}", st.integers(1, 4)),
    st.builds(lambda n, by: f"FREQ=MONTHLY;INTERVAL={n};BYDAY={by[0]}{by[1]}", st.integers(1, 4), NUMBERED),
    st.builds(lambda n, day: f"FREQ=MONTHLY;INTERVAL={n};BYMONTHDAY={day}", st.integers(1, 4), st.integers(1, 31)),
    st.builds(lambda n: f"FREQ=MONTHLY;INTERVAL={n}", st.integers(1, 4)),
    st.builds(lambda n, by: f"FREQ=YEARLY;BYMONTH={n};BYDAY={by[0]}{by[1]}", st.integers(1, 12), NUMBERED),
    st.builds(lambda days, n: f"FREQ=MONTHLY;BYDAY={','.join(days)};BYSETPOS={n}", WEEKDAYS, st.sampled_from([1, -1])),
)


@settings(max_examples=300, deadline=None)
@given(
    rule=RULES, count=st.integers(1, 30), first_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    dead=st.lists(st.integers(0, 29), max_size=12), hour=st.integers(0, 23),
)  # fmt: skip
def test_what_a_calendar_reads_is_what_takes_place(
    rule: str, count: int, first_on: date, dead: list[int], hour: int
) -> None:
    """Expanded by the book from DTSTART, RRULE and EXDATE alone."""
    stored = f"{rule};COUNT={count}"
    try:
        slots = slots_of(stored, first_on, time(hour))
    except RuleBroken:
        return
    live = {slot: at(slot) for n, slot in enumerate(slots) if n not in dead}
    found = recurring(Ruled(stored, slots, LIKE, live), SHANGHAI)
    assert (found is None) == (not live)
    if found is None:
        return
    assert found.master.starts_at in live
    wall = found.master.starts_at.astimezone(SHANGHAI)
    said = {one.astimezone(UTC) for one in rrulestr(found.rule, dtstart=wall)}
    assert said - set(found.excluded) == set(live)
