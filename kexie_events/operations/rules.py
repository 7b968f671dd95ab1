"""What is healthy: limits, and the answer of one part."""

from dataclasses import dataclass
from datetime import timedelta

BEAT_AGE = timedelta(seconds=90)
MESSAGE_WAIT = timedelta(minutes=5)
CLOCK_DIFFERENCE = timedelta(seconds=2)
FREE_BYTES = 500_000_000


@dataclass(frozen=True)
class Part:
    """What one part of the program says of itself."""

    name: str
    ok: bool
    says: str


def seconds(length: timedelta) -> int:
    return round(length.total_seconds())
