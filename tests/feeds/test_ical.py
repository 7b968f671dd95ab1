"""Whole calendars against readable text. ``expected/*.ics`` is unfolded and has plain line ends; that the real bytes
are folded and end in CRLF is asserted beside it. Each is read back by icalendar.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar.parser import Contentline

from kexie_events.feeds import ical
from kexie_events.feeds.ical import Happening, Stamp

EXPECTED = Path(__file__).parent / "expected"
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHANGED = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
START = datetime(2026, 3, 20, 6, 0, tzinfo=UTC)  # 14:00 in Beijing
KNOWN = {
    "BEGIN", "END", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS", "DESCRIPTION", "LOCATION", "GEO", "CATEGORIES", "URL",
}  # fmt: skip


def thing(**changed: object) -> Happening:
    values: dict[str, object] = {
        "uid": "0f8e3c52-6f0f-4b0e-9b57-5f6f6f9c2a11", "starts_at": START,
        "ends_at": START + timedelta(hours=2), "title": "2026年首期“科创中国”@重庆双月论坛",
        "url": "https://kexie.test/occurrences/1", "text": "主办：重庆市科学技术协会",
        "place": "重庆科技馆 报告厅, 文星门街7号", "categories": ("系列论坛",), "geo": (29.57, 106.57),
    }  # fmt: skip
    return Happening(**{**values, **changed})  # type: ignore[arg-type]


NASTY = (
    '一行\r二行\r\n三行\n四行\x00\x0b五\x85六\u2028七\u2029八\x1b[31m\u202e逗,分;号:“引”"q" 反\\斜\\N '
    "BEGIN:VALARM\r\nATTACH:x 👩\u200d🔬🎈"
)

# Midnight in Beijing is 16:00 in UTC.
DAY_19 = datetime(2026, 9, 18, 16, tzinfo=UTC)
DAY_20 = DAY_19 + timedelta(days=1)
WEEK = timedelta(days=7)
NOWHERE = {"place": "", "geo": None}
NEXT_MIDNIGHT = datetime(2026, 3, 20, 16, tzinfo=UTC)

CALENDARS: dict[str, list[Happening]] = {
    "empty": [],
    "single": [thing()],
    "all_day": [thing(all_day=True, starts_at=DAY_19, ends_at=DAY_20, title="全国科普日")],
    "multi_day": [
        thing(ends_at=START + timedelta(days=2, hours=3), title="第35届创新大赛终评"),
        thing(all_day=True, starts_at=DAY_19, ends_at=datetime(2026, 9, 30, 9, tzinfo=UTC), title="科普月"),
    ],
    "moved": [
        thing(
            starts_at=START + WEEK, ends_at=START + WEEK + timedelta(hours=2), moved_from_at=START,
            reason="场馆检修",
        ),
    ],
    "cancelled": [thing(cancelled=True, reason="主讲人因故不能到场")],
    "deadline": [
        thing(ends_at=START, title="申报截止（第35届创新大赛）", url="https://kexie.test/editions/7", **NOWHERE),
        thing(starts_at=NEXT_MIDNIGHT, ends_at=NEXT_MIDNIGHT, title="到3月20日24时截止", **NOWHERE),
    ],
    "nasty": [
        thing(
            title=NASTY, text=NASTY, place=NASTY, reason=NASTY, cancelled=True, categories=("甲,乙", NASTY),
            url="javascript:alert(1)",
        ),
        thing(title="长" * 300, text="述" * 50_000, place="址" * 300, url="https://kexie.test/a\r\nATTENDEE:mailto:x@y.z"),
        thing(title="👩\u200d🔬" * 40, text="\\" * 200, place=""),
    ],
}  # fmt: skip
SEQUENCES = {"moved": 2, "cancelled": 3}  # the others are as they were first


def written(name: str, things: list[Happening], zone: ZoneInfo = SHANGHAI, sequence: int = 1) -> bytes:
    return ical.whole(name, [ical.block(one, zone, Stamp(sequence, CHANGED)) for one in things], zone)


def unfolded(body: bytes) -> str:
    """A calendar as people read it, after checking what only machines see."""
    assert body.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # never split inside a character
        assert not any(octet < 32 or octet == 127 for octet in line)
    text = body.decode()
    assert text.splitlines() == text.split("\r\n")[:-1]  # nothing else breaks a line for anybody
    return text.replace("\r\n ", "").replace("\r\n", "\n")


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_is_written_as_expected(name: str) -> None:
    things = CALENDARS[name]
    body = written("重庆市科学技术协会活动", things, sequence=SEQUENCES.get(name, 1))
    assert unfolded(body) == (EXPECTED / f"{name}.ics").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_is_read_back_with_the_same_times_and_no_foreign_property(name: str) -> None:
    things = CALENDARS[name]
    body = written("活动", things, sequence=SEQUENCES.get(name, 1))
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    sequence = SEQUENCES.get(name, 1)
    assert [(str(event["UID"]), event["SEQUENCE"]) for event in events] == [(one.uid, sequence) for one in things]
    for one, event in zip(things, events, strict=True):
        assert {key for key, _ in event.property_items()} <= KNOWN
        assert event.decoded("DTSTAMP") == event.decoded("LAST-MODIFIED") == CHANGED
        if not one.by_day and not one.is_point:
            assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (one.starts_at, one.ends_at)


def only_event(one: Happening, zone: ZoneInfo = SHANGHAI) -> icalendar.Event:
    return icalendar.Calendar.from_ical(written("活动", [one], zone)).walk("VEVENT")[0]


def test_typed_text_comes_back_as_it_was_typed() -> None:
    event = only_event(thing(title="C:\\New, 甲;乙"))
    assert str(event["SUMMARY"]) == "C:\\New, 甲;乙"


def test_a_day_ends_where_the_next_begins_and_touches_only_its_own() -> None:
    midnight = datetime(2026, 9, 18, 16, tzinfo=UTC)  # 19 September in Beijing
    until_midnight = only_event(thing(all_day=True, starts_at=midnight, ends_at=midnight + timedelta(days=1)))
    until_evening = only_event(thing(all_day=True, starts_at=midnight, ends_at=midnight + timedelta(hours=18)))
    for event in (until_midnight, until_evening):
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2026, 9, 19), date(2026, 9, 20))


def test_where_the_clock_is_set_twice_a_year_times_are_in_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    body = written("活动", [thing()], berlin)
    assert b"DTSTART:20260320T060000Z\r\n" in body
    assert b"VTIMEZONE" not in body


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://kexie.test/a?b=c", "https://kexie.test/a?b=c"),
        ("http://kexie.test", "http://kexie.test"),
        ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("//kexie.test/a", ""), ("https://", ""),
        ("https://kexie.test/a\nX-EVIL:1", ""), ("https://[bad", ""), ("", ""), ("https://kexie.test/a b", ""),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_written(url: str, kept: str) -> None:
    assert ical.web_address(url) == kept


def test_a_description_of_100_kb_is_cut_to_its_beginning() -> None:
    text = str(only_event(thing(text="述" * 100_000))["DESCRIPTION"])
    assert text == "述" * (ical.LONGEST_TEXT - 1) + "…\nhttps://kexie.test/occurrences/1"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\\^"), max_size=300))
@example("长" * 100)
@example("a" * 74)
@example("a" * 75)
@example("a" + "👩" * 60)
def test_a_line_is_folded_as_the_library_folds_it(text: str) -> None:
    assert ical.fold(text.encode()) == Contentline(text).to_ical() + b"\r\n"


@given(st.lists(st.sampled_from(["\\", "\\\\", "长", "a", "^", "\\n", "👩"]), max_size=200).map("".join))
@example("\\" * 300)
@example("x" + "\\" * 300)
def test_a_fold_never_parts_an_escape(text: str) -> None:
    # What the escaping makes of a text: every backslash is one half of a pair.
    value = text.replace("\\", "\\\\").encode()
    folded = ical.fold(value)
    assert folded.removesuffix(b"\r\n").replace(b"\r\n ", b"") == value
    for piece in folded.removesuffix(b"\r\n").split(b"\r\n "):
        assert len(piece) <= 74
        piece.decode()
        assert (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 0


@given(st.text(max_size=400))
@settings(deadline=None)  # the first call imports what icalendar loads late
def test_whatever_is_typed_the_calendar_stays_whole(text: str) -> None:
    one = thing(title=text, text=text, place=text, reason=text, cancelled=True, categories=(text,), url=text)
    body = written(text, [one])
    unfolded(body)
    event = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert {key for key, _ in event.property_items()} <= KNOWN


def test_equal_values_are_equal_bytes() -> None:
    assert written("活动", [thing()]) == written("活动", [thing()])
