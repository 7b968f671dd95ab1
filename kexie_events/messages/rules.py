"""The life of a message, and when a failed one is tried again."""

import enum
import random
from datetime import datetime, timedelta

MOST_ATTEMPTS = 8
LEASE = timedelta(seconds=60)


class MessageState(enum.Enum):
    """Where a message stands (消息状态)."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"  # gave up; an organiser sees it
    CANCELLED = "cancelled"  # superseded before it was sent


def next_try(attempts: int, now: datetime, dice: random.Random) -> datetime | None:
    """When to try again after ``attempts`` failures: 30 s, 1, 2, 4 … min with a tenth of jitter; None: never."""
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = min(30 * 2 ** (attempts - 1), 3600)
    return now + timedelta(seconds=wait * dice.uniform(0.9, 1.1))
