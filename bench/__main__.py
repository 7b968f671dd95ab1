"""``python -m bench``: measure everything and print the table. SCALE multiplies the rows in the tables."""

import math
import os
import signal
import sys
import time
from collections.abc import Iterator

from . import feeds, judging, pages, registration, seed, sites, start, table, weight
from .ground import Ground, ground


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended in order
    try:
        scale = asked_scale(os.environ.get("SCALE", ""))
    except ValueError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    began = time.monotonic()
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"SCALE={scale:g}, {os.cpu_count()} cores, Python {python}, PostgreSQL with fsync on\n")
    print(table.line(table.HEAD), table.rule(), sep="\n", flush=True)
    done = []
    with ground(effort=scale) as here:
        for row in measured(here, scale):
            print(table.line(row), flush=True)
            done.append(row)
    asked, missed = [row for row in done if row.met is not None], table.missed(done)
    print(f"{table.rule()}\n{len(asked) - len(missed)} of {len(asked)} floors met, {time.monotonic() - began:.0f} s")
    return 0


def asked_scale(text: str) -> float:
    """Raises: ValueError saying what is expected."""
    try:
        scale = float(text or "1")
    except ValueError:
        scale = math.nan
    if not 0.001 <= scale <= 100:
        raise ValueError(f"SCALE must be a number from 0.001 to 100, not {text!r}")
    return scale


def measured(here: Ground, scale: float) -> Iterator[table.Row]:
    """One house for all pages: the first measurement fills its tables, those after it find them full."""
    city_house = here.house("city")
    with city_house.app.app_context():
        city = seed.found(seed.now())
    yield from pages.rows(city_house, city, scale)
    yield from registration.rows(city_house, city, scale)
    yield from judging.rows(city_house, city, scale)
    yield from sites.rows(city_house, city, scale)
    yield from weight.rows(city_house, city)
    yield from start.rows(city_house, city)
    yield from feeds.rows(here.house("feeds"), scale)


if __name__ == "__main__":
    sys.exit(main())
