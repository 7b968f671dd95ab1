from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from kexie_events.core.errors import RuleBroken
from kexie_events.feeds import ical
from kexie_events.imports.reading import Item, Read, read
from kexie_events.imports.rules import MOST_EVENTS, Note

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 11)


def calendar(*events: str, head: str = "") -> bytes:
    """A calendar of events given as their inner lines, parted by spaces in tests' own short form: one line each."""
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def reading(*events: str, head: str = "") -> Read:
    return read(calendar(*events, head=head), zone=ZONE, today=TODAY)


def one(*lines: str, head: str = "") -> Item:
    found = reading("\n".join(("UID:a", *lines)), head=head)
    assert found.faults == ()
    (item,) = found.items
    return item


def refusal(*lines: str) -> tuple[str, int]:
    found = reading("\n".join(("UID:a", "SUMMARY:例会", *lines)))
    assert found.items == ()
    (fault,) = found.faults
    assert (fault.uid, fault.name) == ("a", "例会")
    return fault.code, fault.line


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE).astimezone(UTC)


def test_an_event_is_read_with_its_words_place_and_times() -> None:
    item = one(
        "SUMMARY:院士讲座\\, 第一讲", "LOCATION:重庆科技馆 报告厅", "DESCRIPTION:第一行\\n第二行",
        "DTSTART;TZID=Asia/Shanghai:20260401T140000", "DTEND;TZID=Asia/Shanghai:20260401T160000",
    )  # fmt: skip
    assert item == Item(
        "a", "", 3, "院士讲座, 第一讲", "第一行\n第二行", "重庆科技馆 报告厅", at(2026, 4, 1, 14), at(2026, 4, 1, 16),
        all_day=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        (("DTSTART:20260401T060000Z", "DTEND:20260401T080000Z"), at(2026, 4, 1, 14), at(2026, 4, 1, 16)),
        (("DTSTART:20260401T140000", "DURATION:PT90M"), at(2026, 4, 1, 14), at(2026, 4, 1, 15, 30)),
        (("DTSTART;TZID=China Standard Time:20260401T140000",), at(2026, 4, 1, 14), at(2026, 4, 1, 15)),
        (('DTSTART;TZID="Tokyo Standard Time":20260401T150000',), at(2026, 4, 1, 14), at(2026, 4, 1, 15)),
        (("DTSTART;TZID=/citadel.org/20210210_1/Asia/Tokyo:20260401T150000",), at(2026, 4, 1, 14), at(2026, 4, 1, 15)),
        (('DTSTART;TZID="(UTC+08:00) Beijing":20260401T140000',), at(2026, 4, 1, 14), at(2026, 4, 1, 15)),
        (("DTSTART;TZID=Europe/Berlin:20260701T080000",), at(2026, 7, 1, 14), at(2026, 7, 1, 15)),
        (("DTSTART;TZID=Asia/Shanghai:19900701T140000",), at(1990, 7, 1, 14), at(1990, 7, 1, 15)),
    ],
)
def test_times_of_every_kind_are_the_same_instant(lines: tuple[str, ...], starts: datetime, ends: datetime) -> None:
    item = one(*lines)
    assert (item.starts_at, item.ends_at, item.all_day) == (starts, ends, False)


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        (("DTSTART;VALUE=DATE:20260401",), date(2026, 4, 2)),
        (("DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260401"), date(2026, 4, 2)),
        (("DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260404"), date(2026, 4, 4)),
        (("DTSTART;VALUE=DATE:20260401", "DURATION:P3D"), date(2026, 4, 4)),
        (("DTSTART:20260401", "DURATION:P1W"), date(2026, 4, 8)),
    ],
)
def test_days_are_whole_days_of_our_zone(lines: tuple[str, ...], last: date) -> None:
    item = one(*lines)
    assert item.all_day
    assert (item.starts_at, item.ends_at) == (at(2026, 4, 1), at(last.year, last.month, last.day))


def test_a_zone_that_only_its_vtimezone_explains_is_read_from_there() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Customized\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0900\n"
    zone += "TZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\n"
    assert one("DTSTART;TZID=Customized:20260401T150000", head=zone).starts_at == at(2026, 4, 1, 14)
    named = zone.replace("TZID:Customized", "TZID:x\nX-LIC-LOCATION:Europe/Berlin")
    assert one("DTSTART;TZID=x:20260701T080000", head=named).starts_at == at(2026, 7, 1, 14)


def test_a_zone_that_nobody_knows_is_a_fault_and_not_a_guess() -> None:
    assert refusal("DTSTART;TZID=Mars/Olympus:20260401T140000") == ("import.zone", 3)
    two = "BEGIN:VTIMEZONE\nTZID:DST\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT\n"
    two += "TZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    (fault,) = reading("UID:a\nDTSTART;TZID=DST:20260401T140000", head=two).faults
    assert fault.code == "import.zone"


def test_a_floating_time_is_read_in_our_zone_and_said_so() -> None:
    found = reading("UID:a\nDTSTART:20260401T140000\nDTEND:20260401T150000")
    assert found.items[0].starts_at == at(2026, 4, 1, 14)
    assert found.notes == {Note.FLOATING: 1}


def test_what_has_no_end_lasts_an_hour_and_is_said_so() -> None:
    found = reading("UID:a\nDTSTART:20260401T060000Z", "UID:b\nDTSTART:20260401T060000Z\nDTEND:20260401T060000Z")
    assert [item.ends_at - item.starts_at for item in found.items] == [timedelta(hours=1)] * 2
    assert found.notes == {Note.NO_END: 2}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "import.no_start"),
        (("DTSTART:2026-04-01",), "import.unreadable_time"),
        (("DTSTART:20260230",), "import.unreadable_time"),
        (("DTSTART:20260401T140000Z", "DTEND;VALUE=DATE:20260402"), "import.unreadable_time"),
        (("DTSTART:20260401T140000Z", "DURATION:P1H"), "import.unreadable_time"),
        (("DTSTART:20260401T140000Z", "DTEND:20260401T130000Z"), "event.ends_before_start"),
        (("DTSTART:20260401T140000Z", "DURATION:-PT1H"), "event.ends_before_start"),
        (("DTSTART;VALUE=DATE:18991231",), "event.day"),
        (("DTSTART;VALUE=DATE:99991231",), "event.day"),
        (("DTSTART:99991231T235959Z", "DURATION:P9999D"), "event.day"),
        (("DTSTART;TZID=Pacific/Apia:00010101T000000",), "event.day"),
        (("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20270101"), "event.too_long"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=SECONDLY;COUNT=5"), "recurrence.frequency"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=DAILY;COUNT=10000"), "recurrence.number"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=DAILY;UNTIL=20280401"), "recurrence.too_many"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=YEARLY;UNTIL=99991231"), "recurrence.too_far"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "recurrence.unreadable"),
        (("DTSTART:20260401T060000Z", "RRULE:HELLO"), "recurrence.unreadable"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260501"), "recurrence.two_ends"),
        (("DTSTART:20260401T060000Z", "RRULE:FREQ=DAILY;UNTIL=soon"), "recurrence.until"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line_and_reason(lines: tuple[str, ...], code: str) -> None:
    assert refusal(*lines) == (code, 3)


def test_the_earliest_year_is_read() -> None:
    assert one("DTSTART;VALUE=DATE:19000101").starts_at == at(1900, 1, 1)


# ---- rules


def weekly(*lines: str) -> list[tuple[str, datetime]]:
    master = "UID:a\nSUMMARY:例会\nDTSTART;TZID=Asia/Shanghai:20260402T140000\nDURATION:PT2H\n"
    found = reading(master + "\n".join(lines))
    assert found.faults == ()
    return [(item.recurrence, item.starts_at) for item in found.items]


def test_a_rule_is_its_dates_each_with_the_instant_that_names_it() -> None:
    assert weekly("RRULE:FREQ=WEEKLY;COUNT=2") == [
        ("20260402T060000Z", at(2026, 4, 2, 14)), ("20260409T060000Z", at(2026, 4, 9, 14))
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["20260416T060000Z", "20260416T140000", "20260416", "20260423T055959Z"])
def test_an_end_counts_to_the_second_in_the_zone_of_the_rule(end: str) -> None:
    assert [when for _key, when in weekly(f"RRULE:FREQ=WEEKLY;UNTIL={end}")] == [
        at(2026, 4, 2, 14), at(2026, 4, 9, 14), at(2026, 4, 16, 14)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "left_out", ["EXDATE;TZID=Asia/Shanghai:20260409T140000", "EXDATE:20260409T060000Z", "EXDATE;VALUE=DATE:20260409"]
)
def test_what_is_left_out_of_a_rule_is_left_out_in_whatever_form(left_out: str) -> None:
    found = weekly("RRULE:FREQ=WEEKLY;COUNT=3", left_out)
    assert [when for _key, when in found] == [at(2026, 4, 2, 14), at(2026, 4, 16, 14)]


def test_further_dates_stand_beside_the_rule_or_without_one() -> None:
    extra = "RDATE;TZID=Asia/Shanghai:20260403T140000,20260404T140000"
    assert [when.day for _key, when in weekly(extra)] == [2, 3, 4]
    assert [when.day for _key, when in weekly("RRULE:FREQ=WEEKLY;COUNT=2", extra)] == [2, 3, 4, 9]
    assert [when.day for _key, when in weekly("RDATE;VALUE=PERIOD:20260405T060000Z/PT1H")] == [2, 5]


def test_an_exception_takes_the_place_of_its_date_wherever_it_goes() -> None:
    master = "UID:a\nSUMMARY:例会\nDTSTART;TZID=Asia/Shanghai:20260402T140000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:a\nSUMMARY:例会（改期）\nRECURRENCE-ID:20260409T060000Z\nDTSTART:20260410T010000Z\nDURATION:PT1H"
    off = "UID:a\nSUMMARY:例会\nRECURRENCE-ID;TZID=Asia/Shanghai:20260416T140000\nSTATUS:CANCELLED\n"
    off += "DTSTART;TZID=Asia/Shanghai:20260416T140000\nDURATION:PT2H"
    items = reading(moved, master, off).items
    assert [(item.recurrence, item.starts_at, item.title, item.cancelled) for item in items] == [
        ("20260402T060000Z", at(2026, 4, 2, 14), "例会", False),
        ("20260409T060000Z", at(2026, 4, 10, 9), "例会（改期）", False),
        ("20260416T060000Z", at(2026, 4, 16, 14), "例会", True),
    ]


def test_a_rule_keeps_its_clock_where_the_clock_changes() -> None:
    found = reading("UID:a\nDTSTART;TZID=Europe/Berlin:20260322T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert [item.starts_at.hour for item in found.items] == [9, 8]


def test_a_rule_without_an_end_is_followed_for_a_year_and_said_so() -> None:
    found = reading("UID:a\nDTSTART:20100107T060000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY")
    assert found.items[0].starts_at.date() == date(2025, 12, 11)
    assert found.items[-1].starts_at.date() == date(2027, 3, 11)
    assert found.notes == {Note.ENDLESS: 1, Note.PAST_OF_RULE: 1}


@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYDAY=MO,TU;COUNT=4", "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4"])
def test_daily_on_named_weekdays_is_weekly_on_them(rule: str) -> None:
    found = reading(f"UID:a\nDTSTART:20260330T060000Z\nDURATION:PT1H\nRRULE:{rule}")
    assert [item.starts_at.date().isoformat() for item in found.items] == [
        "2026-03-30", "2026-03-31", "2026-04-06", "2026-04-07"
    ]  # fmt: skip


def test_a_daily_rule_of_1900_costs_no_more_than_one_of_today() -> None:
    began = datetime.now(UTC)
    found = reading("UID:a\nDTSTART:19000101T060000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=2")
    assert len(found.items) == 229
    assert datetime.now(UTC) - began < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("first", "rule"),
    [
        ("19000331", "FREQ=MONTHLY;INTERVAL=5"),
        ("19000115", "FREQ=MONTHLY;INTERVAL=7;BYDAY=3WE"),
        ("19000131", "FREQ=MONTHLY"),
        ("19040229", "FREQ=YEARLY"),
        ("19010501", "FREQ=YEARLY;INTERVAL=5"),
        ("19020501", "FREQ=YEARLY;INTERVAL=5"),
        ("19000101", "FREQ=WEEKLY;INTERVAL=30;BYDAY=MO"),
        ("19000102", "FREQ=DAILY;INTERVAL=11"),
    ],
)
def test_a_rule_of_1900_keeps_its_step_however_far_it_is_skipped(first: str, rule: str) -> None:
    """The same dates as when they are walked one by one."""
    items = reading(f"UID:a\nDTSTART;VALUE=DATE:{first}\nRRULE:{rule}").items
    walked = rrulestr(rule, dtstart=datetime.strptime(first, "%Y%m%d"))  # noqa: DTZ007
    since, until = (datetime.combine(day, time()) for day in (date(2025, 12, 11), date(2027, 3, 12)))
    expected = [moment.date() for moment in walked.between(since, until, inc=True)]
    assert [item.starts_at.astimezone(ZONE).date() for item in items] == expected


# ---- identities


def test_of_two_with_one_uid_the_later_revision_counts_and_the_other_is_told() -> None:
    first = "UID:a\nSEQUENCE:2\nSUMMARY:新\nDTSTART:20260401T060000Z"
    found = reading(first, "UID:a\nSEQUENCE:1\nSUMMARY:旧\nDTSTART:20260402T060000Z")
    assert [item.title for item in found.items] == ["新"]
    assert [(fault.code, fault.name, fault.line) for fault in found.faults] == [("import.uid_twice", "旧", 9)]


def test_what_has_no_uid_is_known_by_name_and_start() -> None:
    event = "SUMMARY:讲座\nDTSTART:20260401T060000Z"
    first, again = reading(event), reading("SUMMARY:另一场\nDTSTART:20260301T060000Z", event)
    assert first.items[0].uid == again.items[1].uid
    assert first.notes[Note.NO_UID] == 1


def test_a_uid_of_any_length_is_kept_as_one_that_fits() -> None:
    long = reading(f"UID:{'x' * 5000}\nDTSTART:20260401T060000Z").items[0].uid
    assert long.startswith("sha256:")
    assert len(long) < 100


def test_deadlines_of_our_own_calendars_are_no_occurrences() -> None:
    found = reading("UID:a\nCATEGORIES:科技竞赛,节点\nDTSTART:20260401T060000Z")
    assert (found.items, found.notes) == ((), {Note.POINTS: 1})


def test_the_mark_of_what_our_own_calendars_call_off_is_no_part_of_its_name() -> None:
    written = ical.content(
        ical.Happening("a", at(2026, 4, 1, 14), at(2026, 4, 1, 15), "例会", "", cancelled=True, reason="停电"), ZONE
    )
    assert "【已取消】例会" in written.decode()
    (item,) = read(b"BEGIN:VCALENDAR\r\n" + written + b"END:VCALENDAR\r\n", zone=ZONE, today=TODAY).items
    assert (item.title, item.cancelled) == ("例会", True)


def test_a_calendar_that_calls_off_calls_off_everything_in_it() -> None:
    found = reading("UID:a\nDTSTART:20260401T060000Z\nDURATION:PT1H", head="METHOD:CANCEL\n")
    assert [item.cancelled for item in found.items] == [True]
    assert found.notes == {Note.WITHDRAWN: 1}


# ---- bytes


def whole(text: str) -> bytes:
    return text.encode()


EVENT = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:科技馆\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:院士讲座\r\n"
EVENT += "DTSTART:20260401T060000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    "content",
    [
        EVENT.encode(),
        b"\xef\xbb\xbf" + EVENT.encode(),
        EVENT.replace("\r\n", "\n").encode(),
        EVENT.replace("\r\n", "\r").encode(),
        EVENT.encode("utf-16"),
        EVENT.encode("gb18030"),
        EVENT.lower().replace("讲座", "讲座").encode().replace(b"pt1h", b"PT1H"),
        EVENT.replace("SUMMARY:", "SUMMARY;LANGUAGE=zh;X-A=\"b;c:d\":").encode(),
        EVENT.encode().replace("院士".encode(), "院士".encode()[:4] + b"\r\n " + "院士".encode()[4:]),
        EVENT.replace("END:VEVENT", "BEGIN:VALARM\r\nSUMMARY:闹钟\r\nEND:VALARM\r\nEND:VEVENT").encode(),
        EVENT.replace("\r\nBEGIN:VEVENT", "\r\n\r\n一段没有冒号的话\r\nBEGIN:VEVENT").encode(),
    ],
)  # fmt: skip
def test_whatever_wrote_the_bytes_the_event_is_the_same(content: bytes) -> None:
    found = read(content, zone=ZONE, today=TODAY)
    assert [(item.title, item.starts_at) for item in found.items] == [("院士讲座", at(2026, 4, 1, 14))]
    assert found.name == "科技馆"
    assert found.faults == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\xef\xbb\xbf \r\n", "import.empty"),
        (b"<!DOCTYPE html><html>" + b"\n<p>login</p>" * 100, "import.not_calendar"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "import.not_calendar"),
        (b"x" * (1 << 20), "import.not_calendar"),
        (b"x" * ((1 << 20) + 1), "import.too_big"),
        (calendar(*(f"UID:{n}\nDTSTART:20260401T060000Z" for n in range(MOST_EVENTS + 1))), "import.too_many_events"),
        (
            calendar(*(f"UID:{n}\nDTSTART:20260401T060000Z\nRRULE:FREQ=DAILY;COUNT=400" for n in range(3))),
            "import.too_many_items",
        ),
    ],
)
def test_what_is_no_calendar_or_too_much_of_one_is_refused_whole(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        read(content, zone=ZONE, today=TODAY)
    assert refused.value.code == code


def test_a_calendar_with_nothing_in_it_is_one() -> None:
    found = reading()
    assert (found.items, found.faults, found.notes) == ((), (), {})


def test_a_calendar_that_was_cut_off_says_which_event_is_not_whole() -> None:
    found = read(EVENT.partition("DURATION")[0].encode(), zone=ZONE, today=TODAY)
    assert [(fault.code, fault.name) for fault in found.faults] == [("import.cut_off", "院士讲座")]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("甲\\n乙\\, 丙\\; 丁\\\\n", "甲\n乙, 丙; 丁\\n"),
        ("<p>第一段</p><p>第二段<br/>下一行</p>&amp;", "第一段\n第二段\n下一行\n&"),
        ("a < b 和 c > d", "a < b 和 c > d"),
        ("看不见\u200b的\u202e字\u0007", "看不见的字"),
        ("行\u2028行\x0b行", "行\n行\n行"),
    ],
)
def test_a_description_becomes_plain_text(written: str, said: str) -> None:
    assert one(f"DESCRIPTION:{written}", "DTSTART:20260401T060000Z").summary == said


def test_texts_of_any_length_are_cut_and_said_so() -> None:
    lines = f"UID:a\nDTSTART:20260401T060000Z\nDTEND:20260401T070000Z\nSUMMARY:{'字' * 200}\nDESCRIPTION:{'长' * 30000}"
    found = reading(lines + f"\nLOCATION:{'远' * 300}")
    (item,) = found.items
    assert [len(text) for text in (item.title, item.summary, item.place)] == [120, 5000, 200]
    assert all(text.endswith("…") for text in (item.title, item.summary, item.place))
    assert found.notes == {Note.CUT: 3}


def test_the_words_of_a_rule_are_read_once_for_all_its_dates() -> None:
    found = reading(f"UID:a\nDTSTART;VALUE=DATE:20260401\nRRULE:FREQ=DAILY;COUNT=400\nDESCRIPTION:{'长' * 30000}")
    assert {len(item.summary) for item in found.items} == {5000}
    assert (len(found.items), found.notes) == (400, {Note.CUT: 1})


def test_of_more_dates_than_are_taken_the_rest_is_not_looked_at() -> None:
    days = ",".join(f"{date(2026, 4, 1) + timedelta(days=n):%Y%m%d}" for n in range(400))
    lines = f"RDATE;VALUE=DATE:{days}\n" * 3 + "RDATE:nothing"
    with pytest.raises(RuleBroken) as refused:
        reading(f"UID:a\nDTSTART;VALUE=DATE:20260401\n{lines}")
    assert refused.value.code == "import.too_many_items"


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + b"\r\n x" * 250_000,
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 100_000,
        b"BEGIN:VCALENDAR\r\n" + b"END:X\r\n" * 140_000,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART" + b";A=B" * 200_000 + b":x",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101\r\nEXDATE:" + b"20260101," * 100_000,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDESCRIPTION:" + b"<a " * 300_000,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDESCRIPTION:" + b"\\" * 1_000_000,
        calendar(*(f"UID:{n}\nDTSTART:19000101T060000Z\nRRULE:FREQ=MONTHLY;UNTIL=20251001" for n in range(900))),
        calendar(
            *(f"UID:{n}\nDTSTART:20260201\nRRULE:FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=2" for n in range(900))
        ),
    ],
)
def test_hostile_bytes_are_read_in_little_time(content: bytes) -> None:
    began = datetime.now(UTC)
    found = read(content, zone=ZONE, today=TODAY)
    assert found.items == ()
    assert datetime.now(UTC) - began < timedelta(seconds=30)
