"""Whatever is planned, moved, cancelled and taken back, in whatever order: published calendars say just that.

A state machine over the real services on a real database. KEXIE_DEEP=20 walks twenty times as far.
"""

import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update
from werkzeug.test import Client, TestResponse

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import DomainError
from kexie_events.events import services
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.patterns import queries
from kexie_events.events.patterns.models import Pattern, Skip
from kexie_events.events.patterns.services import bring_back
from kexie_events.events.rules import Publication
from kexie_events.feeds.library import Library
from kexie_events.feeds.middleware import Feeds
from kexie_events.feeds.models import Feed, FeedBlock
from kexie_events.feeds.services import forget_increments, publish_stale, subscribe
from kexie_events.feeds.shelf import Shelf
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import DAY, HOUR, NOON, make_account, make_region
from tests.conftest import _empty

from . import planning
from .calendars import personal_path, register
from .clients.readers import Shown, by_icalendar
from .planning import BEIJING
from .truth import Standing, differences, standing

DEEP = int(os.environ.get("KEXIE_DEEP", "1"))
STAMPS = re.compile(rb"^(SEQUENCE|DTSTAMP|LAST-MODIFIED):.*\r\n", re.MULTILINE)
PICK = st.integers(0, 1000)
LOOK_EVERY = 3  # steps
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\n"
HEAD += b"DTSTART:19700101T000000\r\nTZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
SINCE, UNTIL = NOON - 1000 * DAY, NOON + 5000 * DAY

SHAPES = (
    "", "", "FREQ=WEEKLY;BYDAY=TH;COUNT=6", "FREQ=DAILY;COUNT=5", "FREQ=MONTHLY;BYDAY=3FR;COUNT=5",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;UNTIL=20260801", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=5",
    "FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=3", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=2",
)  # fmt: skip
PLANS = st.fixed_dictionaries({
    "shape": st.sampled_from(SHAPES), "ahead": st.integers(-40, 120), "clock": st.sampled_from((0, 9, 19)),
    "lasts": st.sampled_from((HOUR, 5 * HOUR, 26 * HOUR)), "days": st.sampled_from((0, 0, 0, 1, 2)),
    "issues": st.sampled_from((False, False, True)), "room": st.sampled_from((0, 0, 1, 2)),
    "public": st.sampled_from((True, True, False)),
})  # fmt: skip


def units(body: bytes) -> dict[str, bytes]:
    """The VEVENTs of a calendar by UID, a master with its overrides in one."""
    found: dict[str, bytes] = {}
    for part in body.split(b"BEGIN:VEVENT\r\n")[1:]:
        event = part.removesuffix(b"END:VCALENDAR\r\n")
        uid = line(event, "UID")
        assert found.get(uid) is None or b"\r\nRECURRENCE-ID" in event, f"{uid} stands twice"
        found[uid] = found.get(uid, b"") + event
    return found


def line(event: bytes, name: str) -> str:
    (value,) = re.findall(rb"^%s[;:](.*)\r\n" % name.encode(), event, re.MULTILINE)
    return value.decode()


@lru_cache(maxsize=2000)
def shown_of(unit: bytes) -> tuple[Shown, ...]:
    events = b"".join(b"BEGIN:VEVENT\r\n" + event for event in re.split(rb"(?<=END:VEVENT\r\n)", unit) if event)
    return tuple(by_icalendar(HEAD + events + b"END:VCALENDAR\r\n", SINCE, UNTIL))


@lru_cache(maxsize=2000)
def stamps_of(unit: bytes) -> list[tuple[str, int, str]]:
    """(which instance, "" for the master; SEQUENCE; LAST-MODIFIED) of each VEVENT."""
    found = []
    for event in re.split(rb"(?<=END:VEVENT\r\n)", unit):
        if event:
            which = line(event, "RECURRENCE-ID") if b"\r\nRECURRENCE-ID" in event else ""
            assert line(event, "DTSTAMP") == line(event, "LAST-MODIFIED")
            found.append((which, int(line(event, "SEQUENCE")), line(event, "LAST-MODIFIED")))
    return found


@dataclass
class Follower:
    """A client that asks only for what changed, and sometimes sleeps."""

    path: str
    token: str = ""
    held: dict[str, bytes] = field(default_factory=dict)

    def ask(self, server: Client) -> None:
        known = {"Sync-Token": self.token} if self.token else {}
        answer = server.get(f"/feeds/{self.path}.ics", headers={"Prefer": "subscribe-enhanced-get", **known})
        if answer.status_code == 304:
            return
        assert answer.status_code == 200, (self.path, answer.status)
        if "Preference-Applied" not in answer.headers or not self.token:
            self.held = {}
        for uid, unit in units(answer.data).items():
            if b"\r\nSTATUS:DELETED\r\n" in unit:
                self.held.pop(uid, None)
            else:
                self.held[uid] = unit
        self.token = answer.headers["Sync-Token"]


class Calendars(RuleBasedStateMachine):
    """An association at work, and what its calendars say after it."""

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        db.session.remove()
        _empty()
        self.now = NOON
        self.number = self.steps = 0
        self.units: dict[str, bytes] = {}  # as they were published last, also of those that are gone
        self.shown: Collection[str] = ()
        self.bodies: dict[str, bytes] = {}
        region = make_region(slug="yuzhong", name="渝中区")
        venue = Venue(name="科技馆", region_id=region.id)
        db.session.add(venue)
        db.session.flush()
        db.session.add_all([Room(venue_id=venue.id, name="报告厅"), Room(venue_id=venue.id, name="二楼")])
        db.session.commit()
        self.account = make_account()
        token = subscribe(self.account.id, "手机", now=self.now)
        self.personal = personal_path(token)
        self.followed = [
            Follower(path)
            for path in (
                "all",
                "all~no-cancelled",
                "all~deadlines~alarm-day",
                "venues/1",
                "units/association",
                f"p/{token}",
            )
        ]

    # ---- what people do; what the house refuses changes nothing

    def attempt(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except DomainError:
            db.session.rollback()

    def one_of(self, model: type[Any], n: int, *conditions: Any) -> Any:
        rows = db.session.scalars(
            select(model).where(*conditions).order_by(model.id).execution_options(populate_existing=True)
        ).all()
        return rows[n % len(rows)] if rows else None

    @initialize(plans=st.lists(PLANS, min_size=2, max_size=4))
    def begin(self, plans: list[dict[str, Any]]) -> None:
        for one in plans:
            self.plan_one(**one)

    @rule(plan=PLANS)
    def plan(self, plan: dict[str, Any]) -> None:
        self.plan_one(**plan)

    def plan_one(
        self, *, shape: str, ahead: int, clock: int, lasts: timedelta, days: int, issues: bool, room: int, public: bool
    ) -> None:
        self.number += 1
        values: dict[str, Any] = {"starts": time(clock), "duration": lasts}
        if days:
            values = {"starts": time(0), "duration": days * DAY, "all_day": True}

        def act() -> None:
            made = planning.series(
                self.now, slug=f"series-{self.number}", name=f"活动{self.number}", rule=shape, first_number=1,
                first_on=(self.now + ahead * DAY).date(), style=Style.ISSUE if issues else Style.ORDINAL,
                room_id=room or None, **values,
            )  # fmt: skip
            if public:
                planning.publish(made, self.now)

        self.attempt(act)

    @rule(n=PICK, what=st.sampled_from(("date", "deadline", "hours", "days")), hours=st.integers(-100, 2000))
    def add(self, n: int, what: str, hours: int) -> None:
        """A date beside the rule, or a point of the timeline."""
        if not (edition := self.one_of(Edition, n)):
            return
        of, at = db.session.get(Series, edition.series_id), self.now + hours * HOUR
        lasts = {"deadline": None, "hours": 2 * HOUR, "days": 70 * HOUR}
        if what == "date":
            self.attempt(lambda: planning.add_date(of, at, title="分会场"))
        else:
            ends = at + lasts[what] if lasts[what] else None
            self.attempt(lambda: planning.add_point(of, "截止", at, ends_at=ends, is_deadline=what == "deadline"))

    @rule(n=PICK, back=st.sampled_from((False, False, True)))
    def publish_or_take_back(self, n: int, back: bool) -> None:
        if back:
            if row := self.one_of(Edition, n, Edition.publication == Publication.PUBLISHED):
                self.attempt(lambda: services.unpublish(row.id, reason="误发", actor=SYSTEM, now=self.now))
        elif row := self.one_of(Edition, n, Edition.publication != Publication.PUBLISHED):
            self.attempt(lambda: services.publish(row.id, actor=SYSTEM, now=self.now))

    @rule(
        n=PICK, hours=st.sampled_from((-24 * 7, -24, -1, 1, 24, 24 * 7, 24 * 200, 24 * 500)),
        how=st.sampled_from(({}, {}, {"room_id": None, "place": "线上"}, {"room_id": 2}, {"all_day": True})),
    )  # fmt: skip
    def move(self, n: int, hours: int, how: dict[str, Any]) -> None:
        if row := self.one_of(Occurrence, n, Occurrence.ends_at > self.now):
            self.attempt(lambda: planning.move(row, row.starts_at + hours * HOUR, now=self.now, **how))

    @rule(n=PICK, back=st.sampled_from((False, False, True)))
    def cancel_or_restore(self, n: int, back: bool) -> None:
        ahead, cancelled = Occurrence.ends_at > self.now, Occurrence.cancelled_at.is_not(None)
        if row := self.one_of(Occurrence, n, ahead, cancelled if back else ~cancelled):
            self.attempt(lambda: (planning.restore if back else planning.cancel)(row, now=self.now))

    @rule(n=PICK, word=st.sampled_from(("", "人工智能", "量子, 信息；\\N", "长\n" * 50)))
    def rename(self, n: int, word: str) -> None:
        if row := self.one_of(Occurrence, n):
            self.attempt(lambda: planning.rename(row, word[:20], word, now=self.now))

    @rule(n=PICK, what=st.sampled_from(("series", "edition", "venue", "point")), turn=st.integers(0, 3))
    def correct(self, n: int, what: str, turn: int) -> None:
        """Words and numbers that stand on many entries at once, and dates of the timeline."""
        by = {"actor": SYSTEM, "now": self.now}
        if what == "series" and (one := self.one_of(Series, n)):
            self.attempt(lambda: services.change_series(
                one.id, name=f"沙龙{turn}", summary="", expected_revision=one.revision, **by
            ))  # fmt: skip
        elif what == "edition" and (edition := self.one_of(Edition, n)):
            self.attempt(lambda: services.change_edition(
                edition.id, Numbered(turn + 1, edition.style, edition.year), title="主题" * (turn % 2), summary="",
                unit_id=edition.unit_id, expected_revision=edition.revision, zone=BEIJING, **by,
            ))  # fmt: skip
        elif what == "venue" and (venue := self.one_of(Venue, 0)):
            self.attempt(lambda: services.change_venue(
                venue.id, f"科技馆{turn}", region_id=venue.region_id, expected_revision=venue.revision, **by
            ))  # fmt: skip
        elif what == "point" and (row := self.one_of(Milestone, n)):
            by_hours = (turn - 1) * 25 * HOUR
            self.attempt(lambda: services.change_milestone(
                row.id, name=row.name, starts_at=row.starts_at + by_hours, ends_at=row.ends_at + by_hours,
                is_deadline=row.is_deadline, expected_revision=row.revision, zone=BEIJING, **by,
            ))  # fmt: skip

    @rule(n=PICK)
    def skip(self, n: int) -> None:
        drafts = (Occurrence.publication == Publication.DRAFT, Occurrence.pattern_id.is_not(None))
        if row := self.one_of(Occurrence, n, *drafts):
            self.attempt(lambda: planning.skip(row, now=self.now))

    @rule(n=PICK, published=st.booleans())
    def bring_back(self, n: int, published: bool) -> None:
        if row := self.one_of(Skip, n):

            def bring() -> None:
                pattern = db.session.get(Pattern, row.pattern_id)
                back = bring_back(pattern.series_id, row.id, actor=SYSTEM, now=self.now, zone=BEIJING)
                if published:
                    services.publish(back.edition_id, actor=SYSTEM, now=self.now)

            self.attempt(bring)

    @rule(
        n=PICK, since=st.one_of(st.none(), PICK),
        how=st.sampled_from(("later", "later", "weekday", "end", "longer", "days", "room")),
    )  # fmt: skip
    def change_the_rule(self, n: int, since: int | None, how: str) -> None:
        if not (of := self.one_of(Series, n)):
            return
        slots = [row.planned_at for row in planning.dates(of) if row.planned_at and row.pattern_id]
        begin = slots[since % len(slots)] if slots and since is not None else None

        def change() -> None:
            if queries.going_on(of.id, since=begin, now=self.now, zone=BEIJING) is None:
                return  # it has ended before
            wanted = None if how == "end" else self.changed(of, begin, how)
            planning.new_rule(of, wanted, begin, now=self.now)

        self.attempt(change)

    def changed(self, of: Series, begin: datetime | None, how: str) -> Any:
        wanted = planning.terms(of, begin, now=self.now)
        if how == "later" and not wanted.all_day:
            return replace(wanted, starts=time((wanted.starts.hour + 1) % 23))
        if how == "days":
            return replace(wanted, starts=time(0), duration=DAY, all_day=True)
        if how == "room":
            return replace(wanted, room_id=2 if wanted.room_id is None else None)
        if how == "weekday":
            return replace(wanted, rule="FREQ=WEEKLY;BYDAY=SA;COUNT=4")
        return replace(wanted, rule=re.sub(r"COUNT=\d+", "COUNT=9", wanted.rule))

    @rule(n=PICK, back=st.sampled_from((False, False, True)))
    def take_a_seat_or_give_it_back(self, n: int, back: bool) -> None:
        if back:
            if row := self.one_of(Registration, n):
                row.state = RegistrationState.WITHDRAWN
                db.session.commit()
            return
        taken = select(Registration.occurrence_id).where(Registration.person_id == self.account.person_id)
        free = (Occurrence.publication == Publication.PUBLISHED, Occurrence.id.not_in(taken))
        if row := self.one_of(Occurrence, n, *free):
            register(self.account, row)

    @rule(hours=st.sampled_from((1, 1, 24, 24 * 7, 24 * 7, 24 * 31, 24 * 200)))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR
        forget_increments(now=self.now)

    # ---- what must hold

    @invariant()
    def now_and_then(self) -> None:
        self.steps += 1
        if self.steps % LOOK_EVERY == 0:
            self.look(awake=self.steps // LOOK_EVERY * 37)

    def look(self, awake: int = 63) -> None:
        """``awake``: which of those who follow ask now."""
        planning.fix_uids()
        publish_stale(now=self.now)
        bodies = self.published()
        truth = standing(self.now)
        self.every_calendar_says_what_is_planned(bodies, truth)
        self.stamps_only_rise(bodies)
        again = publish_stale(now=self.now)
        assert (again.blocks, again.rebuilt, again.removed) == (0, [], [])
        self.whoever_follows_holds_the_same(awake)
        self.bodies = bodies

    def published(self) -> dict[str, bytes]:
        return {path: body for path, body in db.session.execute(select(Feed.path, Feed.body))}

    def every_calendar_says_what_is_planned(self, bodies: dict[str, bytes], truth: list[Standing]) -> None:
        mine = set(
            db.session.scalars(
                select(Occurrence.uid).join(Registration).where(
                    Registration.person_id == self.account.person_id,
                    Registration.state == RegistrationState.CONFIRMED,
                )
            )
        )  # fmt: skip
        assert {path for one in truth if one.must for path in one.paths} <= bodies.keys()
        for path, body in bodies.items():
            shown = [one for unit in units(body).values() for one in shown_of(unit)]
            held = [one for one in truth if path in one.paths or (path == self.personal and one.shown.uid in mine)]
            assert differences(shown, held) == [], path

    def stamps_only_rise(self, bodies: dict[str, bytes]) -> None:
        now: dict[str, bytes] = {}
        for body in bodies.values():
            for uid, unit in units(body).items():
                assert now.setdefault(uid, unit) == unit, f"{uid} is not the same in every calendar"
        for uid, unit in now.items():
            stamps = stamps_of(unit)
            assert all(sequence >= stamps[0][1] for _which, sequence, _at in stamps)
            before = self.units.get(uid)
            if before is not None and before != unit:
                old = {which: (sequence, changed) for which, sequence, changed in stamps_of(before)}
                for which, sequence, changed in stamps:
                    assert (sequence, changed) >= old.get(which, (0, ""))
                assert max(stamps, key=lambda s: s[1])[1] > max(sequence for sequence, _at in old.values()), uid
                if uid in self.shown:
                    assert STAMPS.sub(b"", before) != STAMPS.sub(b"", unit), f"{uid} changed in nothing but its stamps"
        self.units |= now
        self.shown = now.keys()

    def everything_rendered_anew_is_the_same(self, bodies: dict[str, bytes]) -> None:
        """As if every fingerprint had been another one: all is rendered again, and nothing changes."""
        db.session.execute(update(FeedBlock).where(FeedBlock.made_from != "").values(made_from="?"))
        db.session.execute(update(Feed).values(made_from="?"))
        db.session.commit()
        assert publish_stale(now=self.now).rebuilt == []
        assert self.published() == bodies

    def whoever_follows_holds_the_same(self, awake: int) -> None:
        """Each bit of ``awake`` is a client that looks now; the others come later, over several changes."""
        server = Client(
            Feeds(lambda *_: [], Library(lambda: db.engine, Shelf(""), BEIJING), secure=False), TestResponse
        )
        for number, follower in enumerate(self.followed):
            if awake >> number & 1:
                follower.ask(server)
                assert follower.held == units(server.get(f"/feeds/{follower.path}.ics").data), follower.path

    def teardown(self) -> None:
        """Rendered anew it is the same; published from nothing at all it is the same calendar, but for its stamps."""
        if not self.number:
            return
        self.look()
        self.everything_rendered_anew_is_the_same(self.bodies)
        for model in (FeedBlock, Feed):
            db.session.execute(delete(model))
        db.session.commit()
        publish_stale(now=self.now)
        anew = self.published()
        assert {path: STAMPS.sub(b"", body) for path, body in anew.items()} == {
            path: STAMPS.sub(b"", body) for path, body in self.bodies.items()
        }


def test_whatever_happens_calendars_say_what_is_planned(app: Flask) -> None:
    run_state_machine_as_test(
        Calendars,
        settings=settings(
            max_examples=6 * DEEP, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate], derandomize=DEEP == 1,
        ),
    )  # fmt: skip
