"""The only module that reads the clock. Everything else takes the time as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def running_from(start: datetime) -> Callable[[], datetime]:
    """A clock that shows ``start`` now and goes on from there: for work that lasts longer than its "now" stays true."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)
