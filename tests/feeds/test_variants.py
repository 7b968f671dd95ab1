"""What a subscriber chooses, on the bytes of a calendar: what goes, what stays as it was, what is added."""

import time as clock
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import icalendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kexie_events.events.patterns.recurrence import expand
from kexie_events.events.wording import POINT
from kexie_events.feeds import ical, pieces, variants
from kexie_events.feeds.choices import CHOICES, PLAIN, Alarm, Cancelled, Choice, Contents
from kexie_events.feeds.ical import TAIL, Happening, content, head
from kexie_events.feeds.recurring import Ruled, recurring
from tests.feeds.clients.readers import by_icalendar, by_recurring_ical_events
from tests.feeds.test_ical import CALENDARS, DAY_19, DAY_20, NASTY, SHANGHAI, START, thing

DATES, DEADLINES = Choice(contents=Contents.DATES), Choice(contents=Contents.DEADLINES)
REMOVED = Choice(cancelled=Cancelled.REMOVED)
HALF_HOUR, DAY = Choice(alarm=Alarm.HALF_HOUR), Choice(alarm=Alarm.DAY)
NIGHTS = """\
BEGIN:VEVENT
UID:nights
DTSTAMP:20260311T040000Z
SEQUENCE:4
DTSTART;TZID=Asia/Shanghai:20260306T190000
DTEND;TZID=Asia/Shanghai:20260306T210000
RRULE:FREQ=WEEKLY;UNTIL=20260424T110000Z
EXDATE;TZID=Asia/Shanghai:20260403T190000
SUMMARY:科普之夜
STATUS:CONFIRMED
CATEGORIES:讲座
END:VEVENT
BEGIN:VEVENT
UID:nights
DTSTAMP:20260311T040000Z
SEQUENCE:4
RECURRENCE-ID;TZID=Asia/Shanghai:20260313T190000
DTSTART;TZID=Asia/Shanghai:20260313T190000
DTEND;TZID=Asia/Shanghai:20260313T210000
SUMMARY:【已取消】科普之夜
STATUS:CANCELLED
CATEGORIES:讲座
END:VEVENT
BEGIN:VEVENT
UID:nights
DTSTAMP:20260311T040000Z
SEQUENCE:4
RECURRENCE-ID;TZID=Asia/Shanghai:20260320T190000
DTSTART;TZID=Asia/Shanghai:20260321T190000
DTEND;TZID=Asia/Shanghai:20260321T210000
SUMMARY:科普之夜
STATUS:CONFIRMED
CATEGORIES:讲座
END:VEVENT
"""


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def calendar(*blocks: bytes, name: str = "双月论坛") -> bytes:
    return ical.whole(name, blocks, SHANGHAI)


def deadline(**changed: object) -> bytes:
    return content(thing(uid="deadline", ends_at=START, categories=("系列论坛", POINT), **changed), SHANGHAI)


def meeting(**changed: object) -> bytes:
    return content(thing(**{"uid": "meeting", **changed}), SHANGHAI)


def uids(body: bytes) -> list[str]:
    return [str(event["UID"]) for event in icalendar.Calendar.from_ical(body).walk("VEVENT")]


# ---- taken apart


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_taken_apart_is_the_same_calendar(name: str) -> None:
    body = calendar(*(content(one, SHANGHAI) for one in CALENDARS[name]))
    whole = pieces.apart(body)
    assert whole.head == head("双月论坛", SHANGHAI)
    assert b"".join((whole.head, *(unit.body for unit in whole.units), TAIL)) == body


def test_a_master_and_its_overrides_are_one_unit() -> None:
    first, second = pieces.apart(calendar(meeting(), crlf(NIGHTS))).units
    assert (first.uid, len(first.events), second.uid, len(second.events)) == (b"meeting", 1, b"nights", 3)
    assert second.body == crlf(NIGHTS)


def test_the_words_of_an_event_are_not_taken_for_its_borders() -> None:
    body = calendar(meeting(title="END:VEVENT", text="BEGIN:VEVENT\r\nUID:other\r\nEND:VEVENT", reason="x" * 75))
    (unit,) = pieces.apart(body).units
    assert unit.uid == b"meeting"


@pytest.mark.parametrize(
    "body", [b"", b"BEGIN:VCALENDAR\r\n", b"x" + TAIL[:-2], calendar(b"BEGIN:VEVENT\r\nUID:a\r\n")]
)
def test_what_is_no_calendar_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        pieces.apart(body)


def test_a_folded_line_is_read_as_one() -> None:
    body = content(thing(uid="u" * 200, title="长" * 60), SHANGHAI)
    assert pieces.value(body, b"UID") == b"u" * 200
    assert pieces.value(body, b"SUMMARY").decode() == "长" * 60
    assert pieces.line(body, b"RRULE") == b""


# ---- what stands in it


def test_whoever_chooses_nothing_gets_the_very_same_bytes() -> None:
    body = calendar(meeting(), deadline(), crlf(NIGHTS))
    assert variants.apply(body, PLAIN) is body


def test_dates_and_deadlines_are_two_halves_of_the_calendar() -> None:
    body = calendar(meeting(), deadline(), crlf(NIGHTS))
    assert uids(variants.apply(body, DATES)) == ["meeting", "nights", "nights", "nights"]
    assert uids(variants.apply(body, DEADLINES)) == ["deadline"]
    assert pieces.apart(variants.apply(body, DEADLINES)).units[0].body == deadline()


def test_a_title_that_speaks_of_points_makes_none() -> None:
    body = calendar(meeting(title=f"CATEGORIES:{POINT}", text=f"\r\nCATEGORIES:{POINT}", categories=(f"a,{POINT}",)))
    assert uids(variants.apply(body, DEADLINES)) == []


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (DATES, "双月论坛（只看活动）"),
        (DEADLINES, "双月论坛（只看截止）"),
        (REMOVED, "双月论坛（不含已取消）"),
        (HALF_HOUR, "双月论坛（提前30分钟提醒）"),
        (Choice(Contents.DEADLINES, Cancelled.REMOVED, Alarm.DAY), "双月论坛（只看截止，不含已取消，提前一天提醒）"),
    ],
)
def test_the_calendar_says_what_it_is(choice: Choice, name: str) -> None:
    read = icalendar.Calendar.from_ical(variants.apply(calendar(), choice))
    assert (read["NAME"], read["X-WR-CALNAME"]) == (name, name)


def test_a_name_with_marks_in_it_stays_escaped_and_is_folded_again() -> None:
    name = r"年度\N计划，A;B,C" + "很长" * 40
    body = variants.apply(calendar(name=name), DAY)
    for line in (b"NAME", b"X-WR-CALNAME"):
        assert pieces.value(body, line) == pieces.value(calendar(name=name), line) + "（提前一天提醒）".encode()
    assert max(map(len, body.split(b"\r\n"))) <= ical.LINE


# ---- what will not take place


def test_what_is_cancelled_goes_when_asked() -> None:
    body = calendar(meeting(cancelled=True), deadline())
    assert uids(variants.apply(body, REMOVED)) == ["deadline"]


def test_a_cancelled_date_of_a_rule_becomes_an_exception_of_it() -> None:
    nights = variants.apply(calendar(crlf(NIGHTS)), REMOVED).removeprefix(
        variants.apply(calendar(), REMOVED).removesuffix(TAIL)
    )
    first, cancelled, moved = (f"BEGIN:VEVENT\n{part}" for part in NIGHTS.split("BEGIN:VEVENT\n")[1:])
    assert "RECURRENCE-ID;TZID=Asia/Shanghai:20260313T190000" in cancelled
    wanted = first.replace("SUMMARY", "EXDATE;TZID=Asia/Shanghai:20260313T190000\nSUMMARY") + moved
    assert nights.decode().replace("\r\n", "\n") == f"{wanted}END:VCALENDAR\n"


def test_an_exception_by_day_is_a_day() -> None:
    days = NIGHTS.replace(";TZID=Asia/Shanghai", ";VALUE=DATE").replace("T190000", "").replace("T210000", "")
    body = variants.apply(calendar(crlf(days.replace("EXDATE;VALUE=DATE:20260403\n", ""))), REMOVED)
    assert b"RRULE:FREQ=WEEKLY;UNTIL=20260424T110000Z\r\nEXDATE;VALUE=DATE:20260313\r\nSUMMARY" in body


DAYS = NIGHTS.replace(";TZID=Asia/Shanghai", ";VALUE=DATE").replace("T190000", "").replace("T210000", "")
IN_UTC = NIGHTS.replace(";TZID=Asia/Shanghai", "").replace("190000\n", "110000Z\n").replace("210000\n", "130000Z\n")


@pytest.mark.parametrize(
    ("nights", "begins"),
    [
        (NIGHTS, ["DTSTART;TZID=Asia/Shanghai:20260320T190000", "DTEND;TZID=Asia/Shanghai:20260320T210000"]),
        (DAYS, ["DTSTART;VALUE=DATE:20260320", "DTEND;VALUE=DATE:20260320"]),
        (IN_UTC, ["DTSTART:20260320T110000Z", "DTEND:20260320T130000Z"]),
    ],
)
def test_a_rule_whose_first_dates_are_cancelled_begins_with_the_first_that_takes_place(
    nights: str, begins: list[str]
) -> None:
    master, second, moved = (f"BEGIN:VEVENT\n{part}" for part in nights.split("BEGIN:VEVENT\n")[1:])
    first = second.replace("20260313", "20260306")
    body = variants.apply(calendar(crlf(master + first + second + moved)), REMOVED)
    (unit,) = pieces.apart(body).units
    exceptions = [line for line in master.split("\n") if line.startswith("EXDATE")]  # a later date
    lines = unit.events[0].decode().split("\r\n")
    assert lines[4:8] == [*begins, "RRULE:FREQ=WEEKLY;UNTIL=20260424T110000Z", *exceptions]
    assert unit.events[1:] == (crlf(moved),)


RULES = (
    "FREQ=DAILY;COUNT=10", "FREQ=WEEKLY;COUNT=9", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=12",
    "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,FR;WKST=SU;COUNT=8", "FREQ=MONTHLY;COUNT=6", "FREQ=MONTHLY;BYDAY=3FR;COUNT=6",
    "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=20;COUNT=5", "FREQ=MONTHLY;BYDAY=FR,SA;BYSETPOS=-1;COUNT=6",
    "FREQ=YEARLY;COUNT=4",
)  # fmt: skip


@given(
    st.sampled_from(RULES),
    st.lists(st.sampled_from(["cancelled"] * 3 + ["stays", "moved", "empty"]), min_size=12, max_size=12),
    st.booleans(),
)
def test_without_what_is_cancelled_a_rule_says_just_the_dates_that_take_place(
    rule: str, states: list[str], by_day: bool
) -> None:
    lasts = timedelta(days=1 if by_day else 0, hours=0 if by_day else 2)
    first_on, starts = date(2026, 3, 20), time(0 if by_day else 14)
    planned = expand(rule, first_on=first_on, starts=starts, duration=lasts, zone=SHANGHAI)
    slots = tuple(slot.starts_at for slot in planned)
    like = thing(uid="rule", starts_at=slots[0], ends_at=slots[0] + lasts, all_day=by_day)
    live = {}
    for slot, state in zip(slots, states, strict=False):
        at = slot + timedelta(days=400) if state == "moved" else slot
        if state != "empty":
            live[slot] = replace(like, starts_at=at, ends_at=at + lasts, cancelled=state == "cancelled")
    found = recurring(Ruled(rule, slots, like, live), SHANGHAI)
    assume(found is not None)
    body = calendar(content(found, SHANGHAI))
    left = variants.apply(body, REMOVED)
    span = (slots[0] - timedelta(days=5), slots[-1] + timedelta(days=500))
    wanted = [one for one in by_icalendar(body, *span) if not one.cancelled]
    assert by_icalendar(left, *span) == by_recurring_ical_events(left, *span) == wanted
    assert len(wanted) == sum(not one.cancelled for one in live.values())
    for unit in pieces.apart(left).units:
        begins = pieces.value(unit.events[0], b"DTSTART")
        exceptions = [line for line in unit.events[0].split(b"\r\n") if line.startswith(b"EXDATE")]
        assert not any(line.endswith(b":" + begins) for line in exceptions)


def test_a_rule_that_is_cancelled_as_a_whole_goes_with_all_its_dates() -> None:
    nights = crlf(NIGHTS).replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED", 1)
    assert uids(variants.apply(calendar(nights, meeting()), REMOVED)) == ["meeting"]


def test_dates_without_their_rule_go_one_by_one() -> None:
    alone = crlf("BEGIN:VEVENT\n" + "BEGIN:VEVENT\n".join(NIGHTS.split("BEGIN:VEVENT\n")[2:]))
    (left,) = pieces.apart(variants.apply(calendar(alone), REMOVED)).units[0].events
    assert pieces.value(left, b"RECURRENCE-ID") == b"20260320T190000"


# ---- alarms


def alarms(body: bytes) -> list[tuple[str, timedelta, str]]:
    found = icalendar.Calendar.from_ical(body).walk("VALARM")
    return [(str(one["ACTION"]), one["TRIGGER"].dt, str(one["DESCRIPTION"])) for one in found]


@pytest.mark.parametrize(("choice", "before"), [(HALF_HOUR, timedelta(minutes=30)), (DAY, timedelta(days=1))])
def test_an_alarm_stands_at_what_has_an_hour(choice: Choice, before: timedelta) -> None:
    body = variants.apply(calendar(meeting(title="论坛；A,B\\N" + "长" * 50), deadline(title="截止")), choice)
    assert alarms(body) == [("DISPLAY", -before, "论坛；A,B\\N" + "长" * 50), ("DISPLAY", -before, "截止")]


@pytest.mark.parametrize("choice", [HALF_HOUR, DAY])
def test_an_alarm_of_a_whole_day_rings_at_nine_on_the_day_before(choice: Choice) -> None:
    body = variants.apply(calendar(meeting(all_day=True, starts_at=DAY_19, ends_at=DAY_20)), choice)
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    rings = datetime.combine(event["DTSTART"].dt, datetime.min.time()) + alarms(body)[0][1]
    assert (rings.hour, rings.date()) == (9, event["DTSTART"].dt - timedelta(days=1))


def test_nothing_rings_for_what_will_not_take_place() -> None:
    body = variants.apply(calendar(meeting(cancelled=True), crlf(NIGHTS)), DAY)
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert [bool(event.walk("VALARM")) for event in events] == [False, True, False, True]


def test_the_whole_of_an_event_with_an_alarm() -> None:
    event = (
        "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Asia/Shanghai:20260306T190000\nSUMMARY:夜\nSTATUS:CONFIRMED\nEND:VEVENT\n"
    )
    body = variants.apply(calendar(crlf(event)), HALF_HOUR)
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT30M\nDESCRIPTION:夜\nEND:VALARM\n"
    assert body.endswith(crlf(event.replace("END:VEVENT", f"{alarm}END:VEVENT")) + TAIL)


# ---- all of them

words = st.text(max_size=60) | st.just(NASTY)
happenings = st.builds(
    Happening,
    uid=st.uuids().map(str),
    starts_at=st.just(START),
    ends_at=st.sampled_from([START, START + timedelta(hours=1), START + timedelta(days=3)]),
    title=words,
    url=st.just("https://kexie.test/occurrences/1"),
    text=words,
    place=words,
    categories=st.sampled_from([(), ("讲座",), ("讲座", POINT)]),
    cancelled=st.booleans(),
)


@given(st.lists(happenings, max_size=5, unique_by=lambda one: one.uid), st.sampled_from(list(CHOICES.values())))
def test_every_variant_of_every_calendar_holds_what_was_chosen(things: list[Happening], choice: Choice) -> None:
    body = variants.apply(calendar(*(content(one, SHANGHAI) for one in things)), choice)
    wanted = [
        one
        for one in things
        if (choice.contents is Contents.ALL or (POINT in one.categories) == (choice.contents is Contents.DEADLINES))
        and not (one.cancelled and choice.cancelled is Cancelled.REMOVED)
    ]
    assert uids(body) == [one.uid for one in wanted]
    ringing = [one for one in wanted if choice.alarm is not Alarm.NONE and not one.cancelled]
    assert len(alarms(body)) == len(ringing)
    assert all(len(line) <= ical.LINE for line in body.split(b"\r\n"))
    for unit, one in zip(pieces.apart(body).units, wanted, strict=True):
        # Nothing of the entry itself is touched.
        assert unit.body.startswith(content(one, SHANGHAI).removesuffix(b"END:VEVENT\r\n"))


def test_a_thousand_events_are_done_in_a_moment() -> None:
    body = calendar(*(meeting(uid=f"meeting-{n}", text="论坛" * 300) for n in range(1000)))
    choice = Choice(Contents.DATES, Cancelled.REMOVED, Alarm.DAY)
    taken = []
    for _ in range(5):
        begin = clock.process_time()
        variants.apply(body, choice)
        taken.append(clock.process_time() - begin)
    assert min(taken) < 0.03
