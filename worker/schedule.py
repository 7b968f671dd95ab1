"""The beat table: what is done again and again, how often, and why that often.

Beat only says "look"; what is due stands in the database. So a missed tick loses nothing, a double one does nothing,
and the clock needs no memory on disk. Intervals only, in seconds.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.beat import Scheduler

STALE_AFTER = 30.0


@dataclass(frozen=True)
class Tick:
    """One line of the table (节拍)."""

    task: str  # a function of worker/tasks.py
    period: float  # seconds
    queue: str  # by kind, so that one kind can be given workers of its own
    why: str  # this period


TICKS = (
    Tick("send_due_messages", 5, "messages", "a letter is on its way before its reader has left the page"),
    Tick("publish_feeds", 2, "feeds", "a moved session is right in the calendar while it is still being talked about"),
    Tick("plan_reminders", 60, "reminders", "nobody notices a minute, and each run looks at every coming occurrence"),
    Tick("read_calendars", 2, "imports", "somebody looks at the page that says: being read"),
    Tick("beat", 30, "heartbeat", "readiness wants a sign younger than 90 s: one may be lost"),
    Tick("tidy", 86_400, "heartbeat", "what is kept for 90 days may stay a day longer"),
)
PERIODS = {tick.task: timedelta(seconds=tick.period) for tick in TICKS}


def table() -> dict[str, dict[str, Any]]:
    """TICKS as Celery's beat reads them.

    A tick that nobody took is void when the next one comes: a stopped worker does not find a thousand of them. Short
    periods live 30 s instead, so that the clocks of two machines may differ by that much before ticks are lost.
    """
    return {
        tick.task: {
            "task": f"worker.tasks.{tick.task}",
            "schedule": PERIODS[tick.task],
            "options": {"queue": tick.queue, "expires": max(tick.period, STALE_AFTER)},
        }
        for tick in TICKS
    }


class Clock(Scheduler):
    """A beat that remembers nothing and begins with every tick at once, so that a new start is ready in seconds."""

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        for name, entry in self.schedule.items():
            entry.last_run_at = self.app.now() - PERIODS[name]
