"""Seen first, done then: one contract for everything that is previewed.

A preview is the outcome of a pure function over what was typed and what stands. The form carries two digests of it: of
what was typed, and of the outcome (``forms.SeenMixin``). Whoever typed something else since sees another preview. The
service works the outcome out again, under its lock, and refuses (``check_seen``) when it would be another one by now.
"""

import hashlib

from .errors import Conflict

LENGTH = 16


def digest_of(*outcome: object) -> str:
    """Sixteen hexadecimal digits over values whose ``repr`` says all that matters: texts, numbers, instants, tuples."""
    return hashlib.sha256(repr(outcome).encode()).hexdigest()[:LENGTH]


def check_seen(seen: str, outcome: str, code: str = "core.preview_changed", **named: object) -> None:
    """Raises: Conflict(code) when what would be done is not what the preview showed."""
    if seen != outcome:
        raise Conflict(code, **named)
