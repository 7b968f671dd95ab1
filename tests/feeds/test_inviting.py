"""Letters about a seat and what they do to calendars: whole letters, who gets what, and when it is taken back."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select, update

from kexie_events.accounts.models import Person
from kexie_events.core.access import ANYBODY, SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services as events
from kexie_events.events.models import Occurrence, Series, Venue
from kexie_events.events.plans import Sitting
from kexie_events.messages import services as messages
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState, Passing, Permanent
from kexie_events.registrations import codes, services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.reminders import services as reminders
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_account,
    make_edition,
    make_occurrence,
    make_pattern,
    make_person,
    make_room,
    make_series,
)
from tests.conftest import AtOnce

from .letters import Post, calendar_of, read, readable

EXPECTED = Path(__file__).parent / "expected" / "letters"
SHANGHAI = ZoneInfo("Asia/Shanghai")
UID = "0f8e3c52-6f0f-4b0e-9b57-5f6f6f9c2a11"
WEEK = 7 * DAY
_keys = itertools.count(1)


def forum(**values: Any) -> Occurrence:
    """A session in a hall of ours, a week and two hours after NOON."""
    edition = make_edition(series=make_series(name="“科创中国”@重庆双月论坛"), number=3)
    venue = Venue(name="重庆科技馆", address="江北城文星门街7号")
    db.session.add(venue)
    db.session.flush()
    room = make_room(name="报告厅", venue=venue)
    defaults = {"title": "人工智能分论坛", "room_id": room.id, "starts_at": NOON + WEEK + 2 * HOUR, "uid": UID}
    return make_occurrence(edition=edition, **{**defaults, **values})


def come(occurrence: Occurrence, name: str = "李明", *, now: datetime = NOON, **values: Any) -> Registration:
    values = {"email": "liming@example.org", "actor": ANYBODY, "submit_key": f"key-{next(_keys)}", **values}
    return services.register(occurrence.id, name=name, arrived_at=now, **values)


def go(registration: Registration, now: datetime = NOON) -> None:
    services.withdraw(registration.id, actor=ANYBODY, code=codes.code_of(registration.id), now=now)


def move(occurrence: Occurrence, starts_at: datetime, *, now: datetime = NOON, **values: Any) -> None:
    row = db.session.get_one(Occurrence, occurrence.id, populate_existing=True)
    to = {"ends_at": starts_at + 2 * HOUR, "room_id": row.room_id, "place": row.place, **values}
    events.move(
        row.id, Sitting(starts_at=starts_at, all_day=to.pop("all_day", row.all_day), **to), reason="场馆检修",
        expected_revision=row.revision, actor=SYSTEM, now=now, zone=SHANGHAI,
    )  # fmt: skip


def cancel(occurrence: Occurrence, now: datetime = NOON) -> None:
    events.cancel(occurrence.id, reason="报告人生病", actor=SYSTEM, now=now)


def post(now: datetime = NOON, provider: Post | None = None) -> list[bytes]:
    """What goes out now; who must be told of a change is found first."""
    provider = provider or Post()
    reminders.plan(now)
    messages.send_due(provider, now=now)
    return provider.sent


def said(sent: bytes) -> tuple[str, str] | None:
    """The reader and what their calendar is asked to do."""
    letter = read(sent)
    calendar = calendar_of(letter)
    return None if calendar is None else (letter["to"].addresses[0].addr_spec, str(calendar["method"]))


def event_of(sent: bytes) -> icalendar.Event:
    calendar = calendar_of(read(sent))
    assert calendar is not None
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def words_of(sent: bytes) -> list[str]:
    """The lines that a person reads."""
    body = read(sent).get_body()
    assert body is not None
    return str(body.get_content()).splitlines()


# ---- whole letters


def compare(name: str, sent: bytes) -> None:
    assert readable(sent) == (EXPECTED / f"{name}.txt").read_text("utf-8")


def test_the_letters_of_a_whole_story(app: Flask) -> None:
    occurrence = forum()
    come(occurrence)
    (registered,) = post()
    move(occurrence, NOON + 8 * DAY, now=NOON + HOUR)
    (moved,) = post(NOON + HOUR)
    cancel(occurrence, NOON + 2 * HOUR)
    (cancelled,) = post(NOON + 2 * HOUR)
    for name, sent in (("registered", registered), ("moved", moved), ("cancelled", cancelled)):
        compare(name, sent)


@pytest.mark.usefixtures("english_words")
def test_the_letters_of_a_withdrawal_in_english(app: Flask) -> None:
    account = make_account(person=make_person("Li Ming", email="liming@example.org"), language="en")
    occurrence = forum()
    row = come(occurrence, "Li Ming", actor=actor_of(account))
    (registered,) = post()
    services.withdraw_by_organizer(row.id, reason="超出参会范围", actor=SYSTEM, now=NOON + HOUR)
    (withdrawn,) = post(NOON + HOUR)
    compare("registered.en", registered)
    compare("withdrawn.en", withdrawn)


# ---- who gets what


def test_a_place_in_the_queue_is_in_no_calendar_and_a_seat_that_was_won_is(app: Flask) -> None:
    occurrence = forum(capacity=1)
    first = come(occurrence)
    come(occurrence, "王芳", email="wang@example.org")
    assert [said(sent) for sent in post()] == [("liming@example.org", "REQUEST"), None]
    go(first)
    assert [said(sent) for sent in post()] == [("liming@example.org", "CANCEL"), ("wang@example.org", "REQUEST")]


def test_a_reminder_is_a_letter_alone(app: Flask) -> None:
    come(forum())
    post()
    (sent,) = post(NOON + 6 * DAY + 5 * HOUR)
    assert (read(sent)["subject"][:4], said(sent)) == ("活动提醒", None)


def test_of_a_move_and_a_cancellation_only_calendars_of_those_with_a_seat_hear(app: Flask) -> None:
    occurrence = forum(capacity=1)
    come(occurrence)
    come(occurrence, "王芳", email="wang@example.org")
    post()
    move(occurrence, NOON + 9 * DAY)
    assert [said(sent) for sent in post()] == [("liming@example.org", "REQUEST"), None]
    cancel(occurrence)
    assert [said(sent) for sent in post()] == [("liming@example.org", "CANCEL"), None]


def test_whoever_waited_through_a_move_and_never_had_a_seat_is_not_asked_to_take_anything_out(app: Flask) -> None:
    occurrence = forum(capacity=1)
    first = come(occurrence)
    come(occurrence, "王芳", email="wang@example.org")
    move(occurrence, NOON + 9 * DAY)
    post()
    go(first)  # 王芳 has the seat now, and her letter is still here when
    cancel(occurrence)  # everything is off
    assert [said(sent) for sent in post()] == [("liming@example.org", "CANCEL"), None]


def test_what_was_restored_comes_back(app: Flask) -> None:
    occurrence = forum()
    come(occurrence)
    stories = [post()]
    cancel(occurrence)
    stories.append(post())
    events.restore(occurrence.id, actor=SYSTEM, now=NOON)
    stories.append(post())
    assert [said(sent) for (sent,) in stories] == [
        ("liming@example.org", method) for method in ("REQUEST", "CANCEL", "REQUEST")
    ]
    sequences = [event_of(sent)["sequence"] for (sent,) in stories]
    assert sequences == sorted(set(sequences))
    assert {str(event_of(sent)["uid"]) for (sent,) in stories} == {UID}


def test_who_comes_back_after_leaving_is_invited_anew_with_a_higher_sequence(app: Flask) -> None:
    occurrence = forum()
    sent = []
    for _ in range(3):
        row = come(occurrence)
        sent += post()
        go(row)
        sent += post()
    assert [str(event_of(one)["status"]) for one in sent] == ["CONFIRMED", "CANCELLED"] * 3
    sequences = [event_of(one)["sequence"] for one in sent]
    assert sequences == sorted(set(sequences))


def test_what_was_never_sent_is_not_taken_back(app: Flask) -> None:
    occurrence = forum()
    row = come(occurrence)
    go(row)
    assert [said(sent) for sent in post()] == [None]
    come(occurrence, "王芳", email="wang@example.org")
    cancel(occurrence)
    assert [said(sent) for sent in post()] == [None]


def test_nor_is_what_nobody_took(app: Flask) -> None:
    occurrence = forum()
    row = come(occurrence)
    assert post(provider=Post([Permanent("550 no such mailbox")])) == []
    go(row)
    assert [said(sent) for sent in post()] == [None]


def test_nor_what_had_no_address(app: Flask) -> None:
    occurrence = forum()
    row = come(occurrence, email="", phone="13800000000")
    assert post() == []
    db.session.execute(update(Person).where(Person.id == row.person_id).values(email="later@example.org"))
    db.session.commit()
    go(row)
    assert [(read(sent)["to"].addresses[0].addr_spec, said(sent)) for sent in post()] == [("later@example.org", None)]


def test_nor_what_was_out_of_date_before_it_went(app: Flask) -> None:
    occurrence = forum()
    row = come(occurrence)
    move(occurrence, NOON + 9 * DAY)
    assert messages.send_due(Post(), now=NOON) == 0  # the beat that tells of the move has not come yet
    assert db.session.scalars(select(Message.attempts)).all() == [0]
    go(row)
    assert [said(sent) for sent in post()] == [None]


def test_what_was_superseded_while_a_server_had_it_may_have_arrived_and_is_taken_back(app: Flask) -> None:
    row = come(forum())

    class Slow(Post):
        def __call__(self, letter: Any) -> str:
            go(row)
            return super().__call__(letter)

    arrived = post(provider=Slow())
    assert [said(sent) for sent in arrived + post()] == [
        ("liming@example.org", "REQUEST"),
        ("liming@example.org", "CANCEL"),
    ]


def test_a_passing_failure_after_which_it_was_superseded_may_have_been_none(app: Flask) -> None:
    row = come(forum())
    assert len(post(provider=Post(after=[Passing("the line was cut")]))) == 1
    go(row)
    assert [said(sent) for sent in post()] == [("liming@example.org", "CANCEL")]


def test_a_year_later_a_seat_is_still_taken_out(app: Flask) -> None:
    occurrence = forum(starts_at=NOON + 300 * DAY)
    come(occurrence)
    post()
    later = NOON + 200 * DAY
    assert messages.forget_old(now=later) == 1
    cancel(occurrence, later)
    assert [said(sent) for sent in post(later)] == [("liming@example.org", "CANCEL")]


def test_two_who_share_an_address_share_a_calendar(app: Flask) -> None:
    occurrence = forum()
    first, second = come(occurrence, "李明"), come(occurrence, "李亮", email="LiMing@example.org")
    sent = post()
    go(first)
    (kept,) = post()
    assert said(kept) is None  # 李亮 comes, so it stays in their parents' calendar
    go(second)
    sent += post()
    assert [str(event_of(one)["attendee"].params["CN"]) for one in sent] == ["李明", "李亮", "李亮"]
    assert [str(event_of(one)["status"]) for one in sent] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    sequences = [event_of(one)["sequence"] for one in sent]
    assert sequences == sorted(set(sequences))


def test_the_last_of_two_at_one_address_takes_out_what_only_the_first_was_sent(app: Flask) -> None:
    occurrence = forum()
    first = come(occurrence, "李明")
    post()
    second = come(occurrence, "李亮")  # whose letter is still here when both withdraw
    go(first)
    go(second)
    assert [said(sent) for sent in post()] == [None, ("liming@example.org", "CANCEL")]


def test_nobody_reads_of_anybody_else(app: Flask) -> None:
    occurrence = forum()
    people = {f"客{n}": f"guest{n}@example.org" for n in range(5)}
    for name, email in people.items():
        come(occurrence, name, email=email)
    move(occurrence, NOON + 9 * DAY)
    for sent in post():
        letter = read(sent)
        words = readable(sent)
        to = letter["to"].addresses[0]
        others = {name: email for name, email in people.items() if name != to.display_name}
        assert len(others) == 4
        assert not any(word in words for pair in others.items() for word in pair)


@pytest.mark.race
def test_many_at_once_and_two_senders_between_them_leave_every_calendar_right(app: Flask, at_once: AtOnce) -> None:
    occurrence = forum(capacity=5)
    names = [f"客{n}" for n in range(10)]
    provider = Post()

    def enter(name: str) -> Registration:
        return come(occurrence, name, email=f"{names.index(name)}@example.org", submit_key=f"one-key-of-{name}")

    def send() -> int:
        return messages.send_due(provider, now=NOON)

    rows = at_once([*(partial(enter, name) for name in names), send, send])[:10]
    leaving = [row for row in rows if row.line % 2]
    at_once([*(partial(go, row) for row in leaving), send, send])
    db.session.expire_all()
    post(NOON + HOUR, provider)
    shown: dict[str, tuple[int, str]] = {}
    for sent in provider.sent:
        if (found := said(sent)) is not None:
            reader, method = found
            sequence = int(event_of(sent)["sequence"])
            assert shown.get(reader, (0, ""))[0] != sequence
            shown[reader] = max(shown.get(reader, (0, "")), (sequence, method))
    seated = {
        str(row.answers["email"])
        for row in db.session.scalars(select(Registration).where(Registration.state == RegistrationState.CONFIRMED))
    }
    assert len(seated) == 5
    assert {reader for reader, (_, method) in shown.items() if method == "REQUEST"} == seated


# ---- the letter and its calendar are one


def test_what_changes_between_owing_and_sending_divides_them_not(app: Flask) -> None:
    occurrence = forum(place="三楼")
    come(occurrence)
    row = db.session.get_one(Occurrence, occurrence.id, populate_existing=True)
    events.change_occurrence(
        row.id, title="改名以后", summary="", expected_revision=row.revision, actor=SYSTEM, now=NOON
    )
    db.session.execute(update(Venue).values(name="改名以后的馆"))
    db.session.commit()
    (sent,) = post(NOON + HOUR)
    event = event_of(sent)
    assert str(event["location"]) == "重庆科技馆 报告厅, 江北城文星门街7号, 三楼"
    assert str(event["summary"]) == "人工智能分论坛（第3届“科创中国”@重庆双月论坛）"
    words = words_of(sent)
    assert [line for line in words if line[:3] in ("活动：", "时间：", "地点：")] == [
        "活动：人工智能分论坛（第3届“科创中国”@重庆双月论坛）",
        "时间：3月18日（周三）14:00",
        "地点：重庆科技馆 报告厅，三楼",
    ]
    assert event.decoded("dtstart") == occurrence.starts_at


def test_a_repeat_is_the_same_letter_to_the_byte_whatever_happened_meanwhile(app: Flask) -> None:
    occurrence = forum()
    come(occurrence)
    provider = Post(after=[Passing("the line was cut"), Passing("again"), None])
    post(provider=provider)
    row = db.session.get_one(Occurrence, occurrence.id, populate_existing=True)
    events.change_occurrence(
        row.id, title="改名以后", summary="改了", expected_revision=row.revision, actor=SYSTEM, now=NOON
    )
    post(NOON + HOUR, provider)
    post(NOON + 5 * DAY, provider)
    assert len(provider.sent) == 3
    assert len(set(provider.sent)) == 1
    assert b"Date: Wed, 11 Mar 2026 04:00:00 +0000\r\n" in provider.sent[2]


def test_so_is_a_letter_that_killed_its_worker(app: Flask) -> None:
    row = come(forum())
    post()
    go(row)
    provider = Post(after=[SystemExit()])
    with pytest.raises(SystemExit):
        post(provider=provider)
    db.session.rollback()
    db.session.execute(update(Message).values(lease_until=NOON))
    db.session.commit()
    come(db.session.get_one(Occurrence, row.occurrence_id))  # back again, and told of it before the repeat goes out
    post(NOON + HOUR, provider)
    cancelled, again, invited = provider.sent
    assert cancelled == again
    assert event_of(cancelled)["sequence"] < event_of(invited)["sequence"]


@pytest.mark.parametrize(
    ("values", "first", "after", "said_in_words"),
    [
        ({"all_day": True, "ends_at": 8 * DAY}, "2026-03-18", "2026-03-19", "时间：3月18日（周三）"),
        ({"all_day": True, "ends_at": 10 * DAY}, "2026-03-18", "2026-03-21", "时间：3月18日（周三）"),
        ({"ends_at": 9 * DAY}, "2026-03-18", "2026-03-20", "时间：3月18日（周三）0:00"),
    ],
)
def test_whole_days_and_many_days(
    app: Flask, values: dict[str, Any], first: str, after: str, said_in_words: str
) -> None:
    midnight = NOON - 12 * HOUR
    come(forum(**{**values, "starts_at": midnight + WEEK, "ends_at": midnight + values["ends_at"]}))
    (sent,) = post()
    event = event_of(sent)
    assert [event.decoded(name).isoformat() for name in ("dtstart", "dtend")] == [first, after]
    assert said_in_words in words_of(sent)
    hours = "时间：2026年3月18日（周三）0:00至2026年3月20日（周五）0:00\n"
    assert str(event["description"]).startswith(hours) is not values.get("all_day", False)


def test_an_instance_of_a_rule_is_an_event_of_its_own(app: Flask) -> None:
    occurrence = forum()
    pattern = make_pattern(db.session.get_one(Series, occurrence.series_id), rule="FREQ=WEEKLY;COUNT=4")
    db.session.execute(update(Occurrence).values(pattern_id=pattern.id))
    db.session.commit()
    come(occurrence)
    (sent,) = post()
    event = event_of(sent)
    assert str(event["uid"]) == UID
    assert not {"rrule", "exdate", "recurrence-id"} & {name.lower() for name in event}


# ---- strangers and accidents


def test_text_of_strangers_makes_neither_headers_nor_lines_nor_readers(app: Flask) -> None:
    evil = "论坛\r\nBcc: all@example.org\r\nATTENDEE:mailto:all@example.org\n\u2028BEGIN:VALARM\x00"
    occurrence = forum(title=evil, room_id=None, place=evil)
    come(occurrence, '李 "明", <all@example.org>; 👩\u200d🔬', email="o'li+x@example.org")
    move(occurrence, NOON + 9 * DAY, place=evil + "二")
    (sent,) = post()
    letter = read(sent)
    assert "bcc" not in letter
    assert [one.addr_spec for one in letter["to"].addresses] == ["o'li+x@example.org"]
    body = readable(sent)
    assert not any(line.startswith(("ATTENDEE:", "BEGIN:VALARM", "Bcc:")) for line in body.splitlines())
    event = event_of(sent)
    assert str(event["attendee"]) == "mailto:o'li+x@example.org"
    assert event["attendee"].params["CN"].startswith("李 '明', <all@example.org>; 👩")
    names = [part.get_filename() for part in letter.iter_attachments() if part.get_filename()]
    assert names == ["invite.ics"]


def test_who_sends_is_who_invites(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    here = app.extensions["kexie"]
    asked = replace(here.settings, mail_url="smtp://mx.test?from=huodong@cq.test", organization='渝中区 "科协"')
    monkeypatch.setitem(app.extensions, "kexie", replace(here, settings=asked))
    come(forum())
    provider = Post()
    messages.send_due(provider, now=NOON)
    enclosed = provider.letters[0].enclosed
    assert enclosed is not None
    (event,) = icalendar.Calendar.from_ical(enclosed.body).walk("VEVENT")
    assert (str(event["organizer"]), event["organizer"].params["CN"]) == ("mailto:huodong@cq.test", "渝中区 '科协'")


def test_a_calendar_that_cannot_be_written_leaves_the_letter_its_words_and_says_why(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    last = datetime(9999, 12, 31, 12, tzinfo=UTC)
    come(forum(all_day=True, starts_at=last, ends_at=last + HOUR))
    (sent,) = post()
    assert said(sent) is None
    assert "附件" not in read(sent).get_content()
    row = db.session.scalars(select(Message)).one()
    assert (row.state, row.last_error) == (
        MessageState.SENT,
        "without its enclosure: OverflowError: date value out of range",
    )
    assert [record.message for record in caplog.records] == [f"message {row.id} goes without its enclosure"]
