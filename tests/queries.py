"""Counting SQL: a page must ask as often for 1 row as for 30."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from kexie_events.core.db import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database inside the block, in order. Needs an application context."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
