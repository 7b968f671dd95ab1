"""The beat table and the settings that were measured to matter."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from flask import Flask

from kexie_events.core.db import db
from kexie_events.messages.models import Message
from kexie_events.messages.rules import MessageState, key_of
from kexie_events.operations.models import Heartbeat
from tests.build import make_message
from worker import tasks
from worker.schedule import TICKS, Clock, table


@pytest.fixture
def celery(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """The worker's Celery around the tests' app."""
    monkeypatch.setenv("KEXIE_DATA", str(tmp_path))  # the module makes an app of its own when it is imported
    from worker.app import make_celery

    made = make_celery(app)
    made.loader.import_default_modules()
    made.finalize()
    yield made
    made.close()


def test_every_task_is_in_the_table_and_every_line_of_it_is_a_task(celery: Celery) -> None:
    ours = {name for name in celery.tasks if name.startswith("worker.")}
    assert ours == {line["task"] for line in table().values()}
    assert sorted(queue.name for queue in celery.conf.task_queues) == sorted({tick.queue for tick in TICKS})


def test_a_tick_is_void_when_the_next_ones_come(celery: Celery) -> None:
    lives = {name: (line["schedule"].total_seconds(), line["options"]["expires"]) for name, line in table().items()}
    assert lives == {
        "send_due_messages": (5, 30),
        "publish_feeds": (2, 30),
        "plan_reminders": (60, 60),
        "read_calendars": (2, 30),
        "beat": (30, 30),
        "tidy": (86_400, 86_400),
    }


def test_every_tick_comes_at_once_after_a_start(celery: Celery) -> None:
    clock = Clock(app=celery)
    assert sorted(clock.schedule) == sorted(tick.task for tick in TICKS)
    assert {entry.is_due()[0] for entry in clock.schedule.values()} == {True}


def test_the_settings_that_keep_tasks_from_running_twice_or_being_lost(celery: Celery) -> None:
    conf = celery.conf
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit * 2
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.task_serializer, conf.accept_content, conf.task_ignore_result) == ("json", ["json"], True)
    assert conf.result_backend is None
    assert (conf.timezone, conf.enable_utc) == ("UTC", True)


def test_nothing_about_anybody_goes_through_the_broker() -> None:
    assert all("args" not in line and "kwargs" not in line for line in table().values())
    assert json.loads(json.dumps([line["options"] for line in table().values()]))


def test_a_task_runs_in_the_app_and_gives_its_connection_back(celery: Celery, app: Flask, outbox: Path) -> None:
    message = make_message()
    idle = db.engine.pool.checkedout()
    celery.tasks["worker.tasks.send_due_messages"]()
    celery.tasks["worker.tasks.beat"]()
    assert db.engine.pool.checkedout() == idle
    assert [path.stem for path in outbox.glob("*.eml")] == [key_of(message.dedupe)]
    db.session.expire_all()
    assert db.session.get_one(Message, message.id).state is MessageState.SENT
    assert db.session.get(Heartbeat, "beat") is not None


@pytest.mark.usefixtures("app")
def test_every_tick_may_come_twice(celery: Celery, outbox: Path) -> None:
    make_message()
    for _ in range(2):
        for tick in TICKS:
            celery.tasks[f"worker.tasks.{tick.task}"]()
    assert len(list(outbox.glob("*.eml"))) == 1


def test_tasks_are_thin() -> None:
    lines = Path(tasks.__file__).read_text("utf-8").split("@shared_task\n")[1:]
    assert {body.splitlines()[0] for body in lines} == {f"def {tick.task}() -> None:" for tick in TICKS}
    assert max(len(body.strip().splitlines()) for body in lines) <= 6
