"""How long a start takes once everything is installed and the servers are up, and what a web worker holds."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import seed
from .ground import House, Visitor
from .table import Row

START_SECONDS, RSS_MIB = 3, 130
WORKERS = 2


def rows(house: House, city: seed.City) -> Iterator[Row]:
    took = statistics.median(_start(house) for _ in range(house.times(3)))
    yield Row("start to the first page, 2 workers", f"{took:.2f} s", "", f"{START_SECONDS} s", took <= START_SECONDS)
    held = _resident(house, city)
    work = "RSS of a web worker, every page served (the larger of 2)"
    yield Row(work, f"{held:.0f} MiB", "", f"{RSS_MIB} MiB", held <= RSS_MIB)


def _start(house: House) -> float:
    start = time.perf_counter()
    with house.web(workers=WORKERS) as web:
        web.await_page()
        return time.perf_counter() - start


def _resident(house: House, city: seed.City) -> float:
    """MiB, once all the pages have been through both workers."""
    event = city.occurrences[len(city.occurrences) * 3 // 4]
    paths = (
        "/",
        "/?list=open",
        "/?list=soon",
        f"/occurrences/{event}",
        f"/occurrences/{event}/registration",
        "/sign-in",
    )
    with house.web(workers=WORKERS) as web:
        web.await_page()

        def look_round(_number: int) -> None:
            visitor = Visitor(web.port)  # a new connection each time: both workers get some
            for path in paths:
                assert visitor.get(path).status == 200, f"{path} was not served"
            visitor.leave()

        with ThreadPoolExecutor(WORKERS) as visitors:
            list(visitors.map(look_round, range(house.times(100))))
        return max(_rss(pid) for pid in web.workers())


def _rss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
