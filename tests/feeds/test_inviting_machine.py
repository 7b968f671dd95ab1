"""Whatever people, organisers, servers and workers do, the calendars of those who registered end up right."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, update

from kexie_events.core import dates
from kexie_events.core.access import ANYBODY, SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import DomainError
from kexie_events.events import services as events
from kexie_events.events.models import Occurrence
from kexie_events.events.plans import Sitting
from kexie_events.events.rules import Status
from kexie_events.messages import services as messages
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState, Passing
from kexie_events.registrations import services
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from kexie_events.reminders import services as reminders
from tests.build import DAY, HOUR, NOON, make_edition, make_occurrence

from .letters import Post, calendar_of, read

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
PEOPLE = {  # 甲 and 乙 share an address, and so a calendar
    "甲": "parent@example.org",
    "乙": "parent@example.org",
    "丙": "bing@example.org",
    "丁": "ding@example.org",
}
FAILURES = st.lists(
    st.sampled_from([(None, None), (Passing("busy"), None), (None, Passing("cut")), (None, SystemExit())]), max_size=3
)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except DomainError:
        db.session.rollback()
        return None


@dataclass
class Calendar:
    """A calendar program: takes what is newer, ignores what is older."""

    sequence: int = -1
    event: icalendar.Event | None = None
    invited: bool = False
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # letters: SEQUENCE and bytes

    def take(self, letter: EmailMessage, sent: bytes) -> None:
        calendar = calendar_of(letter)
        if calendar is None:
            return
        (event,) = calendar.walk("VEVENT")
        assert isinstance(event, icalendar.Event)
        key, sequence = str(letter["message-id"]), int(event["sequence"])
        if key in self.seen:
            assert self.seen[key] == (sequence, sent), "a repeat is the same letter"
            return
        assert sequence not in {other for other, _ in self.seen.values()}, "two contents, two numbers"
        assert_agree(letter, event)
        self.seen[key] = (sequence, sent)
        invites = str(calendar["method"]) == "REQUEST"
        assert invites or self.invited, "nobody takes back what was never sent"
        self.invited = self.invited or invites
        if sequence > self.sequence:
            self.sequence, self.event = sequence, event if invites else None


def assert_agree(letter: EmailMessage, event: icalendar.Event) -> None:
    """The time and the place that a person reads are those that the calendar enters."""
    body = letter.get_body()
    assert body is not None
    lines = str(body.get_content()).splitlines()
    start, today = event.decoded("dtstart"), letter["date"].datetime.astimezone(SHANGHAI).date()
    said = dates.moment(start, today=today) if isinstance(start, datetime) else dates.day(start, today=today)
    times = [line.removeprefix("现定").removeprefix("原定") for line in lines if "时间：" in line[:5]]
    assert times[0].startswith(f"时间：{said}"), (said, times)  # what lasts for days is entered by day and said by hour
    places = [line.removeprefix("地点：") for line in lines if line.startswith("地点：")]
    assert not places or places == [str(event["location"])]


class Story(RuleBasedStateMachine):
    """One occurrence, four people, three calendars, and a mail server with moods."""

    edition_id: int

    @initialize(capacity=st.sampled_from([None, 1, 2]))
    def open(self, capacity: int | None) -> None:
        edition = db.session.get(type(self).edition_class, type(self).edition_id)
        starts_at = NOON + 30 * DAY
        self.occurrence_id = make_occurrence(edition=edition, capacity=capacity, starts_at=starts_at, place="一厅").id
        self.uid = self.row.uid
        self.now = NOON
        self.calendars = {address: Calendar() for address in PEOPLE.values()}
        self.keys = 0
        self.failed = 0

    @property
    def row(self) -> Occurrence:
        return db.session.get_one(Occurrence, self.occurrence_id, populate_existing=True)

    def registration(self, name: str) -> Registration | None:
        return db.session.scalar(
            select(Registration)
            .where(
                Registration.occurrence_id == self.occurrence_id,
                Registration.answers["email"].astext == PEOPLE[name],
                Registration.state != RegistrationState.WITHDRAWN,
                Registration.submit_key.startswith(name),
            )
            .execution_options(populate_existing=True)
        )

    @rule(name=st.sampled_from(sorted(PEOPLE)))
    def register(self, name: str) -> None:
        self.keys += 1
        _outcome(
            lambda: services.register(
                self.occurrence_id, name=name, email=PEOPLE[name], submit_key=f"{name}-{self.keys}", actor=ANYBODY,
                arrived_at=self.now,
            )
        )  # fmt: skip

    @rule(name=st.sampled_from(sorted(PEOPLE)))
    def withdraw(self, name: str) -> None:
        found = self.registration(name)
        if found is not None:
            services.withdraw_by_organizer(found.id, reason="人数有限", actor=SYSTEM, now=self.now)

    @rule(capacity=st.sampled_from([None, 1, 2, 4]))
    def set_capacity(self, capacity: int | None) -> None:
        _outcome(lambda: services.set_capacity(self.occurrence_id, capacity, actor=SYSTEM, now=self.now))

    @rule(days=st.integers(20, 40), hours=st.integers(1, 30), all_day=st.booleans(), place=st.sampled_from("一二"))
    def move(self, days: int, hours: int, all_day: bool, place: str) -> None:
        row = self.row
        starts_at = NOON + days * DAY - (12 * HOUR if all_day else timedelta(0))
        ends_at = starts_at + (DAY if all_day else hours * HOUR)
        to = Sitting(starts_at, ends_at, all_day=all_day, room_id=None, place=f"{place}厅")
        _outcome(
            lambda: events.move(
                row.id, to, reason="场馆检修", expected_revision=row.revision, actor=SYSTEM, now=self.now, zone=SHANGHAI
            )
        )

    @rule()
    def cancel(self) -> None:
        _outcome(lambda: events.cancel(self.occurrence_id, reason="报告人生病", actor=SYSTEM, now=self.now))

    @rule()
    def restore(self) -> None:
        _outcome(lambda: events.restore(self.occurrence_id, actor=SYSTEM, now=self.now))

    @rule(title=st.sampled_from(["", "分论坛", "专场"]))
    def rename(self, title: str) -> None:
        row = self.row
        _outcome(
            lambda: events.change_occurrence(
                row.id, title=title, summary="", expected_revision=row.revision, actor=SYSTEM, now=self.now
            )
        )

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule()
    def beat(self) -> None:
        reminders.plan(self.now)

    @rule(failures=FAILURES)
    def send(self, failures: list[tuple[BaseException | None, BaseException | None]]) -> None:
        if self.failed >= 5:  # a letter is given up after eight attempts, and then a calendar may stay wrong
            failures = []
        self.failed += bool(failures)
        provider = Post([before for before, _ in failures], [after for _, after in failures])
        try:
            messages.send_due(provider, now=self.now)
        except SystemExit:
            db.session.rollback()
            ended = func.clock_timestamp() - timedelta(seconds=1)
            db.session.execute(update(Message).where(Message.lease_until.is_not(None)).values(lease_until=ended))
            db.session.commit()
        for sent in provider.sent:
            letter = read(sent)
            self.calendars[letter["to"].addresses[0].addr_spec].take(letter, sent)

    @rule()
    def settle(self) -> None:
        """Two quiet hours: what is owed goes out, and every calendar shows what is so."""
        for _ in range(3):
            self.now += HOUR
            self.beat()
            self.send([])
        waiting = db.session.scalars(select(Message).where(Message.state.in_([MessageState.DUE, MessageState.SENDING])))
        assert waiting.all() == []
        row = self.row
        seated = set(
            db.session.scalars(
                select(Registration.answers["email"].astext).where(
                    Registration.occurrence_id == self.occurrence_id,
                    Registration.state == RegistrationState.CONFIRMED,
                )
            )
        )
        for address, calendar in self.calendars.items():
            comes = address in seated and row.status is Status.SCHEDULED
            assert (calendar.event is not None) is comes, address
            if calendar.event is not None:
                assert_shows(calendar.event, row)

    @invariant()
    def the_uid_is_one(self) -> None:
        if hasattr(self, "calendars"):
            events = [calendar.event for calendar in self.calendars.values() if calendar.event is not None]
            assert {str(event["uid"]) for event in events} <= {self.uid}

    def teardown(self) -> None:
        if hasattr(self, "calendars"):
            self.settle()


def assert_shows(event: icalendar.Event, row: Occurrence) -> None:
    start: date = event.decoded("dtstart")
    begins = row.starts_at.astimezone(SHANGHAI)
    assert start == (begins if isinstance(start, datetime) else begins.date())
    if isinstance(start, datetime):
        assert event.decoded("dtend") == row.ends_at
    assert str(event["location"]) == row.place


def test_whatever_happens_calendars_end_up_right(app: Flask) -> None:
    edition = make_edition()

    class Bound(Story):
        edition_class = type(edition)
        edition_id = edition.id

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Bound,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
