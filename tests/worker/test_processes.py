"""Real worker and beat processes, killed, stopped, doubled, with their broker emptied: nothing lost, nothing twice."""

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
import redis
from sqlalchemy import select

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.messages import services as messages
from kexie_events.messages.rules import MessageState, key_of
from kexie_events.messages.services import Owed
from kexie_events.operations.models import Heartbeat
from tests.build import make_occurrence, make_person, make_told_registration

from .conftest import House, StartMail, await_until, group_members

pytestmark = pytest.mark.processes

DAY = timedelta(days=1)


def owe(house: House, count: int) -> list[str]:
    """Owe so many letters; their keys."""
    with house.app.app_context():
        person = make_person()
        owed = [
            Owed(f"promoted:{n}", "promoted", person.id, "occurrence:1", {"event": "论坛", "name": "李明"})
            for n in range(count)
        ]
        assert messages.owe_all(owed, now=clock.now()) == count
    return [key_of(one.dedupe) for one in owed]


def outbox(house: House) -> list[str]:
    folder = house.settings.data / "outbox"
    return sorted(path.stem for path in folder.glob("*.eml"))


def test_a_worker_that_is_killed_in_the_middle_leaves_no_child_loses_nothing_and_repeats_nothing(house: House) -> None:
    keys = owe(house, 200)
    house.beat()
    worker = house.worker()
    await_until(lambda: len(outbox(house)) >= 20)
    children = [pid for pid in group_members(worker) if pid != worker]
    os.kill(worker, signal.SIGKILL)  # the main process alone: its children must notice
    await_until(lambda: group_members(worker) == [])
    assert len(children) == 2
    before = len(outbox(house))
    assert before < 200
    house.end_leases()
    house.worker()
    await_until(lambda: house.count(MessageState.SENT) == 200)
    assert outbox(house) == sorted(keys)
    # One effect each; and only what was in hand at that instant was tried again.
    assert sorted(set(house.attempts())) in ([1], [1, 2])
    assert sum(house.attempts()) - 200 <= len(children)


def test_a_worker_that_is_stopped_is_replaced_and_does_not_repeat_when_it_wakes_up(
    house: House, start_mail: StartMail
) -> None:
    server = start_mail()
    url = f"smtp://127.0.0.1:{server.port}"
    keys = owe(house, 150)
    house.beat()
    sleeper = house.worker(mail_url=url)
    await_until(lambda: len(server.letters) >= 15)
    os.killpg(sleeper, signal.SIGSTOP)
    assert house.count(MessageState.SENT) < 150
    house.end_leases()
    house.worker(mail_url=url)
    await_until(lambda: house.count(MessageState.SENT) >= 148)  # a row that it holds locked stays with it
    os.killpg(sleeper, signal.SIGCONT)
    os.kill(sleeper, signal.SIGTERM)  # finish what you do, and end
    await_until(lambda: group_members(sleeper) == [] and house.count(MessageState.SENT) == 150)
    got = Counter(letter["Message-ID"][1:33] for letter in server.letters)
    assert set(got) == set(keys)
    assert sum(got.values()) - 150 <= 2  # at most what each of its two children had in hand, with the same key


def test_two_beats_and_a_broker_that_forgets_everything_neither_lose_nor_repeat_a_letter(
    house: House, start_mail: StartMail
) -> None:
    server = start_mail()
    moved = _move_something(house, people=20)
    house.beat()
    house.beat()
    worker = house.worker(mail_url=f"smtp://127.0.0.1:{server.port}")
    await_until(lambda: house.count(MessageState.SENT) == 20)
    os.killpg(worker, signal.SIGSTOP)
    promoted = owe(house, 30)
    with redis.Redis.from_url(house.settings.redis_url) as broker:
        broker.delete("messages")
        await_until(lambda: broker.llen("messages") > 0)  # beat says "look", and nobody does
        broker.flushall()
    os.killpg(worker, signal.SIGCONT)
    await_until(lambda: house.count(MessageState.SENT) == 50)
    got = Counter(letter["Message-ID"][1:33] for letter in server.letters)
    assert got == dict.fromkeys([*moved, *promoted], 1)
    assert house.attempts() == [1] * 50
    assert "Traceback" not in house.log("beat") + house.log("worker")
    with house.app.app_context():
        names = db.session.scalars(select(Heartbeat.name).order_by(Heartbeat.name)).all()
    assert names == ["beat", f"worker:{os.uname().nodename}"]


def _move_something(house: House, *, people: int) -> list[str]:
    """An occurrence that was moved, with people who do not know of it yet; the keys of their letters."""
    now = clock.now()
    with house.app.app_context():
        occurrence = make_occurrence(starts_at=now + 3 * DAY, opens_at=now - 9 * DAY)
        registrations = [make_told_registration(occurrence).id for _ in range(people)]
        row = db.session.get_one(Occurrence, occurrence.id)
        row.moved_from_at, row.reason = now + 2 * DAY, "场馆检修"
        row.touch(now)
        row.moved_revision = row.revision
        db.session.commit()
    return [key_of(f"moved:{id}:2") for id in registrations]


def test_beat_ends_with_whoever_started_it(house: House) -> None:
    # The shell stays as the parent, because something comes after the command.
    shell = house.start("beat", "--loglevel", "WARNING", before=("sh", "-c", '"$@"; exit $?', "sh"))
    with redis.Redis.from_url(house.settings.redis_url) as broker:
        await_until(lambda: broker.llen("messages") > 0)
    assert len(group_members(shell)) == 2
    os.kill(shell, signal.SIGKILL)
    await_until(lambda: group_members(shell) == [])
    assert list(house.settings.data.glob("*beat*")) == [house.settings.data / "beat.log"]  # it keeps nothing on disk
