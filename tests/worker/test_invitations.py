"""From a registration to a server's mailbox: real services, the real channel, a real SMTP server."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import ANYBODY, SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services as events
from kexie_events.events.plans import Sitting
from kexie_events.messages import services as messages
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState
from kexie_events.registrations import codes, services
from kexie_events.reminders import services as reminders
from tests.build import HOUR, NOON, make_occurrence
from tests.feeds.letters import calendar_of
from worker import tasks
from worker.channels import mail

from .conftest import StartMail

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
OURS = {"base_url": "http://kexie.test", "organization": "重庆市科学技术协会"}


def test_an_event_enters_a_calendar_moves_in_it_and_leaves_it(app: Flask, start_mail: StartMail) -> None:
    server = start_mail()
    occurrence = make_occurrence(place="一厅")
    row = services.register(
        occurrence.id, name='李 "明"', email="li.ming+x@example.org", submit_key="k" * 16, actor=ANYBODY,
        arrived_at=NOON,
    )  # fmt: skip
    later = occurrence.starts_at + HOUR
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        messages.send_due(send, now=NOON)
        to = Sitting(later, later + HOUR, all_day=False, room_id=None, place="二厅")
        events.move(
            occurrence.id,
            to,
            reason="场馆检修",
            expected_revision=1,
            actor=SYSTEM,
            now=NOON,
            zone=SHANGHAI,
        )
        reminders.plan(NOON)
        messages.send_due(send, now=NOON)
        services.withdraw(row.id, actor=ANYBODY, code=codes.code_of(row.id), now=NOON)
        messages.send_due(send, now=NOON)
    calendars = [calendar_of(letter) for letter in server.letters]
    assert [str(one["method"]) for one in calendars if one is not None] == ["REQUEST", "REQUEST", "CANCEL"]
    events_in = [one.walk("VEVENT")[0] for one in calendars if one is not None]
    assert {str(one["uid"]) for one in events_in} == {occurrence.uid}
    assert [one.decoded("dtstart") for one in events_in] == [later - HOUR, later, later]
    assert [str(one["location"]) for one in events_in] == ["一厅", "二厅", "二厅"]
    sequences = [one["sequence"] for one in events_in]
    assert sequences == sorted(set(sequences))
    assert server.recipients == [["li.ming+x@example.org"]] * 3
    assert server.senders == ["noreply@kexie.test"] * 3


def test_what_was_refused_for_now_comes_again_as_the_same_letter(app: Flask, start_mail: StartMail) -> None:
    server = start_mail()
    server.data.append("451 4.7.1 greylisted, come back")
    services.register(
        make_occurrence().id, name="李明", email="li@example.org", submit_key="k" * 16, actor=ANYBODY, arrived_at=NOON
    )
    with mail.channel(f"smtp://127.0.0.1:{server.port}", **OURS) as send:
        assert messages.send_due(send, now=NOON) == 0
        assert messages.send_due(send, now=NOON + 10 * MINUTE) == 1
    (letter,) = server.letters
    calendar = calendar_of(letter)
    assert calendar is not None
    stamp = calendar.walk("VEVENT")[0].decoded("dtstamp")
    assert stamp == letter["date"].datetime
    assert timedelta(0) <= stamp - NOON < MINUTE  # of the first attempt


def test_the_sender_of_the_letter_is_the_organizer_of_the_event(
    app: Flask, start_mail: StartMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_mail()
    here = app.extensions["kexie"]
    url = f"smtp://127.0.0.1:{server.port}?from=huodong@cq.test"
    monkeypatch.setitem(app.extensions, "kexie", replace(here, settings=replace(here.settings, mail_url=url)))
    services.register(
        make_occurrence(starts_at=NOON + timedelta(days=36500), closes_at=NOON + HOUR).id, name="李明",
        email="li@example.org", submit_key="k" * 16, actor=ANYBODY, arrived_at=NOON,
    )  # fmt: skip
    tasks.send_due_messages()
    (letter,) = server.letters
    calendar = calendar_of(letter)
    assert calendar is not None
    assert letter["from"].addresses[0].addr_spec == "huodong@cq.test"
    assert str(calendar.walk("VEVENT")[0]["organizer"]) == "mailto:huodong@cq.test"
    row = db.session.scalars(select(Message).execution_options(populate_existing=True)).one()
    assert (row.state, row.last_error) == (MessageState.SENT, None)
