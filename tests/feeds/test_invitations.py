"""What a mailed calendar object says, read back by icalendar; what strangers type into it stays text."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar.parser import Contentline

from kexie_events.feeds import invitations
from kexie_events.feeds.invitations import Invitation, Method
from kexie_events.messages.rules import Mailbox

from .test_ical import NASTY, unfolded

SHANGHAI = ZoneInfo("Asia/Shanghai")
WRITTEN = datetime(2026, 3, 11, 4, 0, 0, 123456, tzinfo=UTC)
START = datetime(2026, 3, 20, 6, 0, tzinfo=UTC)  # 14:00 in Beijing
MIDNIGHT = datetime(2026, 9, 18, 16, tzinfo=UTC)  # 19 September in Beijing
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UID = "0f8e3c52-6f0f-4b0e-9b57-5f6f6f9c2a11"


def invitation(**changed: object) -> Invitation:
    values: dict[str, object] = {
        "method": Method.REQUEST, "uid": UID, "sequence": 18, "written_at": WRITTEN, "starts_at": START,
        "ends_at": START + 2 * HOUR, "title": "“科创中国”@重庆双月论坛 2026年首期",
        "url": "https://kexie.test/occurrences/1", "place": "重庆科技馆 报告厅, 文星门街7号",
        "organizer": Mailbox("重庆市科学技术协会", "noreply@kexie.test"),
        "attendee": Mailbox("李明", "liming@example.org"),
    }  # fmt: skip
    return Invitation(**{**values, **changed})  # type: ignore[arg-type]


def read(one: Invitation, zone: ZoneInfo = SHANGHAI) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(invitations.calendar(one, zone)).walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


@pytest.mark.parametrize(("method", "status"), [(Method.REQUEST, "CONFIRMED"), (Method.CANCEL, "CANCELLED")])
def test_an_object_has_one_event_of_one_organizer_and_one_attendee_and_says_all_of_it(
    method: Method, status: str
) -> None:
    body = invitations.calendar(invitation(method=method), SHANGHAI)
    assert (
        unfolded(body)
        == f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//kexie-events//feeds//ZH
CALSCALE:GREGORIAN
METHOD:{method.value}
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:{UID}
DTSTAMP:20260311T040000Z
LAST-MODIFIED:20260311T040000Z
SEQUENCE:18
DTSTART;TZID=Asia/Shanghai:20260320T140000
DTEND;TZID=Asia/Shanghai:20260320T160000
SUMMARY:“科创中国”@重庆双月论坛 2026年首期
STATUS:{status}
DESCRIPTION:https://kexie.test/occurrences/1
LOCATION:重庆科技馆 报告厅\\, 文星门街7号
URL:https://kexie.test/occurrences/1
ORGANIZER;CN=重庆市科学技术协会:mailto:noreply@kexie.test
ATTENDEE;CN=李明;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:liming@example.org
END:VEVENT
END:VCALENDAR
"""
    )


def test_the_same_values_are_the_same_bytes() -> None:
    assert invitations.calendar(invitation(), SHANGHAI) == invitations.calendar(invitation(), SHANGHAI)


@pytest.mark.parametrize(
    ("values", "first", "after"),
    [
        ({"all_day": True, "starts_at": MIDNIGHT, "ends_at": MIDNIGHT + DAY}, date(2026, 9, 19), date(2026, 9, 20)),
        ({"all_day": True, "starts_at": MIDNIGHT, "ends_at": MIDNIGHT + 3 * DAY}, date(2026, 9, 19), date(2026, 9, 22)),
        ({"ends_at": START + 2 * DAY}, date(2026, 3, 20), date(2026, 3, 23)),
    ],
)
def test_whole_days_and_many_days_are_dates_and_take_nobodys_time(
    values: dict[str, object], first: date, after: date
) -> None:
    body = invitations.calendar(invitation(**values), SHANGHAI)
    event = read(invitation(**values))
    assert (event.decoded("dtstart"), event.decoded("dtend"), event["transp"]) == (first, after, "TRANSPARENT")
    assert b"VTIMEZONE" not in body


def test_a_point_in_time_lasts_a_minute_as_it_does_in_feeds() -> None:
    event = read(invitation(ends_at=START))
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=1)


def test_where_the_clock_is_set_twice_a_year_times_are_in_utc() -> None:
    body = invitations.calendar(invitation(), ZoneInfo("Europe/Berlin"))
    assert b"DTSTART:20260320T060000Z\r\n" in body
    assert b"VTIMEZONE" not in body


def test_the_text_comes_first_and_the_address_last() -> None:
    text = "时间：2026年3月20日（周五）14:00至3月22日\n\n \n原因：场馆检修"
    event = read(invitation(text=text))
    assert str(event["description"]).split("\n") == [
        "时间：2026年3月20日（周五）14:00至3月22日",
        "原因：场馆检修",
        "https://kexie.test/occurrences/1",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('李 "小明" 明', "李 '小明' 明"),
        ("Li; Ming, Dr.: PhD", "Li; Ming, Dr.: PhD"),
        ("李\r\nATTENDEE:mailto:all@example.org\n明", "李 ATTENDEE:mailto:all@example.org 明"),
        ("👩\u200d🔬 王芳^n^'", "👩\u200d🔬 王芳n'"),
        ("李\u2028\x00\x85\u202e明", "李 明"),
    ],
)
def test_a_name_is_text_however_it_is_written(name: str, shown: str) -> None:
    event = read(invitation(attendee=Mailbox(name, "a@example.org"), organizer=Mailbox(name, "b@example.org")))
    assert (event["attendee"].params["CN"], event["organizer"].params["CN"]) == (shown, shown)
    assert (str(event["attendee"]), str(event["organizer"])) == ("mailto:a@example.org", "mailto:b@example.org")


def test_who_has_no_name_is_an_address_alone() -> None:
    assert "CN" not in read(invitation(attendee=Mailbox("\x00 \u2028", "a@example.org")))["attendee"].params


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("li.ming+forum@example.org", "mailto:li.ming+forum@example.org"),
        ("o'neill@example.org", "mailto:o'neill@example.org"),
        ("a?cc=b&c%d#e=f@example.org", "mailto:a%3Fcc%3Db%26c%25d%23e%3Df@example.org"),
        ("a@example.org\r\nATTENDEE:mailto:b@example.org", "mailto:a@example.org%20ATTENDEE%3Amailto%3Ab@example.org"),
    ],
)
def test_an_address_is_one_address_however_it_is_written(address: str, written: str) -> None:
    event = read(invitation(attendee=Mailbox("李明", address)))
    assert str(event["attendee"]) == written


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a\r\nb", ""])
def test_what_leads_nowhere_is_left_out(url: str) -> None:
    event = read(invitation(url=url))
    assert ("url" in event, str(event["description"])) == (False, "")


TEXTS = st.text(st.characters(codec=None), max_size=80)
ALLOWED = {
    "VERSION", "PRODID", "CALSCALE", "METHOD", "BEGIN", "END", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART",
    "DTEND", "SUMMARY", "STATUS", "DESCRIPTION", "LOCATION", "URL", "ORGANIZER", "ATTENDEE", "TZID", "TZOFFSETFROM",
    "TZOFFSETTO",
}  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(title=TEXTS, place=TEXTS, text=TEXTS, name=TEXTS, address=TEXTS)
@example(title=NASTY, place=NASTY, text=NASTY, name=NASTY, address=NASTY)
@example(title="科" * 500, place="技" * 500, text="x" * 100_000, name="李" * 500, address="a" * 500)
def test_no_text_becomes_a_line_or_a_second_reader(title: str, place: str, text: str, name: str, address: str) -> None:
    one = invitation(title=title, place=place, text=text, attendee=Mailbox(name, address))
    lines = unfolded(invitations.calendar(one, SHANGHAI)).splitlines()
    assert {Contentline(line).parts()[0] for line in lines} <= ALLOWED
    assert sum(line.startswith(("ATTENDEE", "UID")) for line in lines) == 2
    event = read(one)
    assert str(event["uid"]) == UID
    assert len(str(event["summary"])) <= 200
    assert len(str(event["description"])) <= 1600
