"""The figures that Prometheus reads, computed from the tables at each scrape: right whichever process answers."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from ..core.db import db
from ..core.version import VERSION
from ..feeds import queries as feeds
from ..feeds.models import FeedDue
from ..messages import queries as messages
from ..messages.rules import MessageState
from ..registrations.models import Registration
from ..registrations.rules import RegistrationState
from . import queries

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Figures(Collector):
    """One scrape."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("kexie_build", "The version that answers", labels=["version"])
        build.add_metric([VERSION], 1)
        yield build
        states = messages.messages_by_state()
        yield _by("kexie_messages", "Messages by state", ((s.value, states[s]) for s in MessageState))
        wait = messages.oldest_due(self.now).total_seconds()
        yield GaugeMetricFamily("kexie_message_oldest_due_seconds", "Wait of the oldest due message", value=wait)
        yield _by("kexie_registrations", "Registrations by state", _registrations())
        stale = feeds.behind(self.now)
        yield GaugeMetricFamily("kexie_feed_things_stale", "Dated things not yet right in calendars", value=stale)
        waiting = db.session.scalar(select(func.count()).select_from(FeedDue)) or 0
        yield GaugeMetricFamily("kexie_feeds_due", "Feeds that wait to be put together again", value=waiting)
        if (last := queries.heartbeat("beat")) is not None:
            age = (self.now - last.beaten_at).total_seconds()
            yield GaugeMetricFamily("kexie_beat_age_seconds", "Since the last heartbeat", value=age)


def _by(name: str, words: str, counts: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in counts:
        family.add_metric([state], count)
    return family


def _registrations() -> Iterator[tuple[str, int]]:
    found = {
        state: count
        for state, count in db.session.execute(select(Registration.state, func.count()).group_by(Registration.state))
    }
    return ((state.value, found.get(state, 0)) for state in RegistrationState)


def exposition(*, now: datetime) -> bytes:
    """The whole page in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)
