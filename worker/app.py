"""The Celery app around ``create_app``: ``celery --app worker.app:celery worker`` and ``… beat``.

The database is the schedule, Celery the legs. What is set here is what was measured to go wrong without it
(docs/decisions): late acknowledgement, so that a killed child's task comes back; one task at a time, so that none waits
behind a long one; a visibility timeout far above the time limit, so that no task runs twice because it is slow.
"""

import os
import signal
from typing import Any

from celery import Celery, Task, signals
from flask import Flask
from kombu import Queue

import config
from kexie_events import create_app
from kexie_events.core.db import db
from kexie_events.standalone.leash import end_with_parent

from .schedule import TICKS, table

TIME_LIMIT = 600  # seconds
VISIBILITY = 3600


def make_celery(app: Flask) -> "Celery[Any]":
    """Celery with the app's settings; every task runs in an application context."""

    class AppTask(Task):  # type: ignore[type-arg]
        """A task inside an application context, which gives its database connection back at the end."""

        abstract = True

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    made: Celery[Any] = Celery("kexie", task_cls=AppTask, include=["worker.tasks"])
    made.conf.update(
        broker_url=app.extensions["kexie"].settings.redis_url,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # the broker may be away for a night; then go on
        broker_transport_options={
            "visibility_timeout": VISIBILITY,
            "socket_timeout": 20,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_prefetch_multiplier=1,
        task_time_limit=TIME_LIMIT,
        task_queues=[Queue(name) for name in sorted({tick.queue for tick in TICKS})],
        task_default_queue="heartbeat",
        worker_max_tasks_per_child=10_000,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,  # health is work done, not an answer to a ping
        enable_utc=True,
        timezone="UTC",
        beat_schedule=table(),
        beat_scheduler="worker.schedule:Clock",
    )
    made.set_default()
    return made


flask_app = create_app(config.read())
celery = make_celery(flask_app)
_main: int = os.getpid()


@signals.worker_init.connect
def _remember_main(**_: Any) -> None:
    global _main
    _main = os.getpid()


@signals.worker_process_init.connect
def _child_begins(**_: Any) -> None:
    """A pool child ends with its main process, also when that is killed, and opens connections of its own."""
    end_with_parent(signal.SIGKILL)
    if os.getppid() != _main:  # it was gone before the kernel was asked
        os._exit(1)
    with flask_app.app_context():
        db.engine.dispose(close=False)


@signals.beat_init.connect
def _beat_begins(**_: Any) -> None:
    """Beat ends with whoever started it: a second beat left over would be harmless, but nobody would stop it."""
    end_with_parent(signal.SIGTERM)
