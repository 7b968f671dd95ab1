"""What a visitor without a cookie waits for: an event's page, and a list of 100, over a short table and a long one."""

from collections.abc import Iterator
from dataclasses import replace

from . import seed
from .ground import House, Web, page_ms
from .table import Row

EVENT_MS, LIST_MS, MOST_SQL = 15, 20, 6
FRONT_AIM_MS = 20  # an aim, no floor: what one list may take is what a page made of three should take
SHORT, LONG = 1_000, 10_000
LIST = "/?list=open"  # a page of 100; the longest one that a visitor meets


def rows(house: House, city: seed.City, scale: float) -> Iterator[Row]:
    """Leaves ``LONG`` × scale dates in the table."""
    short, long = max(1, int(SHORT * scale)), max(2, int(LONG * scale))
    with house.app.app_context():
        seed.add_events(city, short)
    house.settle()
    with house.web(target="bench.bare:app") as bare:
        bare.await_page("/1")
        yield Row(
            "bare WSGI answer of 10 kB, same gunicorn", f"{page_ms(bare.port, '/10000', times=house.times(60)):.1f} ms"
        )
    with house.web() as web:
        yield from _pages(house, web, city, short)
    with house.app.app_context():
        seed.add_events(city, long - short)
    house.settle()
    with house.web() as web:
        yield from _pages(house, web, city, long)
        front = _page(house, web, f"front page with its month, {long:,} dates", "/")
        yield replace(front, floor=f"aim {FRONT_AIM_MS} ms, {MOST_SQL} SQL")
        yield _page(house, web, f"list of what comes, 100 a page, {long:,} dates", "/?list=soon", LIST_MS)
        yield _page(house, web, f"page of subscriptions, {long:,} dates", "/subscribe?by=series", LIST_MS)


def _pages(house: House, web: Web, city: seed.City, size: int) -> Iterator[Row]:
    web.await_page()
    event = f"/occurrences/{city.occurrences[len(city.occurrences) * 3 // 4]}"
    yield _page(house, web, f"event page, {size:,} dates in the table", event, EVENT_MS)
    yield _page(house, web, f"list of 100 events, {size:,} dates in the table", LIST, LIST_MS)


def _page(house: House, web: Web, work: str, path: str, most_ms: float | None = None) -> Row:
    took, sql = page_ms(web.port, path, times=house.times(60)), house.statements_of(path)
    if most_ms is None:
        return Row(work, f"{took:.1f} ms", str(sql))
    met = took <= most_ms and sql <= MOST_SQL
    return Row(work, f"{took:.1f} ms", str(sql), f"{most_ms:g} ms, {MOST_SQL} SQL", met)
