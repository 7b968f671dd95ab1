"""A real subscription: the feed is served over HTTP, vdirsyncer copies it, khal shows it."""

import http.client
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import icalendar
import pytest
from flask import Flask
from werkzeug.serving import make_server

from kexie_events.core.access import SYSTEM
from kexie_events.events import services
from kexie_events.feeds.services import publish_stale
from tests.build import DAY, HOUR, NOON
from tests.feeds.calendars import feed
from tests.feeds.planning import dates, edition_of, fix_uids, move
from tests.feeds.random_year import plan_a_year
from tests.feeds.stories import SINCE, UNTIL

from .programs import Line, Vdirsyncer, khal_list
from .readers import by_icalendar

pytestmark = [pytest.mark.processes]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(30)
    server.server_close()


@dataclass
class Served:
    """A calendar that is published, and awaited where it is served."""

    address: str

    def publish(self) -> bytes:
        publish_stale(now=NOON + HOUR)
        stored, limit = feed("all").body, time.monotonic() + 20
        while self._fetched() != stored:
            assert time.monotonic() < limit, "the feed is not served"
            time.sleep(0.1)
        return stored

    def _fetched(self) -> bytes:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request("GET", "/feeds/all.ics")
            return connection.getresponse().read()
        finally:
            connection.close()


def pages(items: Iterable[bytes]) -> list[list[str]]:
    """The addresses of the pages that each item leads to: by them it is known, since vdirsyncer gives UIDs anew."""
    return [
        sorted({str(event["URL"]) for event in icalendar.Calendar.from_ical(item).walk("VEVENT")}) for item in items
    ]


def test_a_subscription_is_copied_kept_and_shown_as_it_was_planned(app: Flask, address: str, tmp_path: Path) -> None:
    planned = plan_a_year(7)
    fix_uids()
    served = Served(address)
    body = served.publish()
    subscription = Vdirsyncer(tmp_path, f"http://{address}/feeds/all.ics")

    subscription.sync()
    first = subscription.items()
    assert len(first) == len({str(event["UID"]) for event in icalendar.Calendar.from_ical(body).walk("VEVENT")})

    subscription.sync()
    assert subscription.items() == first

    row = next(row for row in dates(planned[0]) if row.starts_at > NOON + DAY)
    move(row, row.starts_at + 3 * HOUR, now=NOON + HOUR)
    served.publish()
    subscription.sync()
    second = subscription.items()
    gone, come = first.keys() - second.keys(), second.keys() - first.keys()
    assert (len(gone), len(come)) == (1, 1)
    assert pages(second[name][0] for name in come) == pages(first[name][0] for name in gone)
    assert {name: second[name] for name in second.keys() - come} == {name: first[name] for name in first.keys() - gone}

    services.unpublish(edition_of(planned[1]).id, reason="误发", actor=SYSTEM, now=NOON + HOUR)
    body = served.publish()
    subscription.sync()
    third = subscription.items()
    assert third == {name: second[name] for name in third}
    assert len(third) < len(second)

    lines = khal_list(tmp_path, subscription.folder, SINCE, UNTIL)
    copied = [one for content, _at in third.values() for one in by_icalendar(content, SINCE, UNTIL)]
    assert lines == sorted(Line(one.starts, one.ends, one.title, one.uid) for one in copied)
    assert [(line.starts, line.ends, line.title) for line in lines] == sorted(
        (one.starts, one.ends, one.title) for one in by_icalendar(body, SINCE, UNTIL)
    )
    assert len(lines) > 100
