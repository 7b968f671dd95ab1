"""The figures that Prometheus reads, computed from the tables at each scrape: right whichever process answers."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..core.version import VERSION
from ..feeds import queries as feeds
from ..messages import queries as messages
from ..registrations import queries as registrations
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
        yield _by("kexie_messages", "Messages by state", messages.messages_by_state())
        wait = messages.oldest_due(self.now).total_seconds()
        yield GaugeMetricFamily("kexie_message_oldest_due_seconds", "Wait of the oldest due message", value=wait)
        yield _by("kexie_registrations", "Registrations by state", registrations.by_state())
        stale = feeds.behind(self.now)
        yield GaugeMetricFamily("kexie_feed_things_stale", "Dated things not yet right in calendars", value=stale)
        waiting = feeds.due_count()
        yield GaugeMetricFamily("kexie_feeds_due", "Feeds that wait to be put together again", value=waiting)
        if (last := queries.heartbeat("beat")) is not None:
            age = (self.now - last.beaten_at).total_seconds()
            yield GaugeMetricFamily("kexie_beat_age_seconds", "Since the last heartbeat", value=age)


def _by(name: str, words: str, counts: Mapping[Any, int]) -> Metric:
    """``counts``: by state, an enum."""
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state.value], count)
    return family


def exposition(*, now: datetime) -> bytes:
    """The whole page in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)
