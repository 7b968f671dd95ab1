"""Whatever the bytes are, reading ends with dates, faults or one refusal in words; and what was read can be kept."""

import json
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events import rules as event_rules
from kexie_events.imports.reading import Read, read
from kexie_events.imports.rules import MOST_ITEMS
from kexie_events.imports.storing import read_from, read_values
from kexie_events.sentences import SENTENCES

ZONE = ZoneInfo("Asia/Shanghai")
NAMES = (
    "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "RRULE", "RDATE", "EXDATE",
    "RECURRENCE-ID", "SEQUENCE", "CATEGORIES", "URL", "METHOD", "TZID", "TZOFFSETTO", "BEGIN", "END",
)  # fmt: skip
VALUES = (
    "a", "", "20260401", "20260401T060000Z", "20260401T140000", "19000101", "99991231T235959Z", "00010101T000000Z",
    "20260401T060000Z,20260402", "PT1H", "-P1D", "P99999999D", "20260401T060000Z/PT1H", "FREQ=DAILY", "CANCELLED",
    "FREQ=WEEKLY;COUNT=3", "FREQ=YEARLY;UNTIL=99991231T235959Z", "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=-1;COUNT=400",
    "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=XX", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", "+9900",
    "+0800", "VEVENT", "VCALENDAR", "VTIMEZONE", "STANDARD", "VALARM", "\\\\\\n\\,", "<p>甲</p>", "x" * 300,
    "\u2028\x00\x0b",
)  # fmt: skip
PARAMETERS = (
    "",
    ";VALUE=DATE",
    ";TZID=Asia/Shanghai",
    ";TZID=Europe/Berlin",
    ";TZID=../../etc",
    ';TZID="',
    ";RANGE=THISANDFUTURE",
)

lines = st.builds(lambda name, more, value: f"{name}{more}:{value}", *map(st.sampled_from, (NAMES, PARAMETERS, VALUES)))
events = st.lists(lines, max_size=9).map(lambda found: "\r\n".join(["BEGIN:VEVENT", *found, "END:VEVENT"]))
calendars = st.lists(events, max_size=5).map(lambda found: "\r\n".join(["BEGIN:VCALENDAR", *found, "END:VCALENDAR"]))
noise = st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))


def sound(content: bytes) -> Read | None:
    try:
        found = read(content, zone=ZONE, today=date(2026, 3, 11))
    except RuleBroken as refused:
        str(SENTENCES[refused.code])  # there are words for it
        return None
    assert len(found.items) <= MOST_ITEMS
    for item in found.items:
        assert item.starts_at < item.ends_at
        assert item.ends_at - item.starts_at <= event_rules.LONGEST_OCCURRENCE
        assert len(item.title) <= event_rules.LONGEST_NAME
    for fault in found.faults:
        assert str(SENTENCES[fault.code]) % {name: str(value) for name, value in fault.details.items()}
    assert len({(item.uid, item.recurrence) for item in found.items}) == len(found.items)
    return found


@settings(max_examples=300, deadline=None)
@given(calendars)
def test_a_calendar_of_any_lines_is_read_or_refused_in_words(text: str) -> None:
    found = sound(text.encode())
    if found is not None:
        kept = json.loads(json.dumps(read_values(found)))
        assert read_from(found.name, kept) == found


@settings(max_examples=300, deadline=None)
@given(noise)
def test_noise_is_refused_in_words(content: bytes) -> None:
    assert sound(content) is None or b"BEGIN" in content.upper()


@settings(max_examples=100, deadline=None)
@given(calendars, st.data())
def test_a_calendar_that_was_cut_or_hit_anywhere_is_read_or_refused_in_words(text: str, data: st.DataObject) -> None:
    content = text.encode()
    at = data.draw(st.integers(0, len(content)))
    sound(content[:at] + data.draw(st.binary(max_size=6)) + content[at + data.draw(st.integers(0, 9)) :])
