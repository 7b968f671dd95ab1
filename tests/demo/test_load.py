"""The demo city is built by the services, so what must always be true is true of it."""

from collections import Counter

from flask import Flask

from kexie_events import demo
from kexie_events.audit.queries import records_written
from kexie_events.core import clock
from kexie_events.core.db import db, transaction
from kexie_events.messages import services as messages
from kexie_events.operations import invariants
from kexie_events.reminders import services as reminders
from tests.feeds.letters import Post, calendar_of, read


def test_the_demo_city_keeps_every_invariant_and_its_outbox_shows_what_letters_do_to_calendars(app: Flask) -> None:
    now = clock.now()
    with transaction():
        demo.load(now)
    db.session.expunge_all()
    assert records_written() > 100
    assert list(invariants.broken()) == []
    reminders.plan(now)
    post = Post()
    messages.send_due(post, now=now)
    done = Counter(
        (read(sent)["subject"][:4], str(calendar["method"]) if (calendar := calendar_of(read(sent))) else "")
        for sent in post.sent
    )
    assert [done[kind] for kind in (("报名成功", "REQUEST"), ("已进入候", ""), ("安排有变", "REQUEST"))] == [30, 6, 3]
    assert done["已退出报", "CANCEL"] == 1
