"""What the tests of calendars do to rows, and how they read what is published."""

from datetime import datetime
from typing import Any

import icalendar
from sqlalchemy import select

from kexie_events.accounts.rules import token_hash
from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.feeds.models import Feed
from kexie_events.registrations.models import Registration
from kexie_events.registrations.rules import RegistrationState
from tests.build import NOON


def change(row: Any, now: datetime = NOON, **values: Any) -> None:
    """What a service does to a published thing."""
    for name, value in values.items():
        setattr(row, name, value)
    row.touch(now)
    db.session.commit()


def register(account: Any, occurrence: Occurrence, **values: Any) -> Registration:
    line = occurrence.arrivals = occurrence.arrivals + 1
    row = Registration(
        **{
            "occurrence_id": occurrence.id, "person_id": account.person_id, "state": RegistrationState.CONFIRMED,
            "line": line, "submit_key": f"key{line}", "submit_digest": "", "told_revision": occurrence.revision,
            "created_at": NOON, "changed_at": NOON, **values,
        }
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def feed(path: str) -> Feed:
    db.session.expire_all()
    row = db.session.get(Feed, path)
    assert row is not None, path
    return row


def events(path: str) -> dict[str, icalendar.Event]:
    return {str(found["UID"]): found for found in icalendar.Calendar.from_ical(feed(path).body).walk("VEVENT")}


def paths() -> list[str]:
    """Of everything, of series, editions and people; those of kinds and places are there from the beginning."""
    every = sorted(db.session.scalars(select(Feed.path)))
    return [path for path in every if path.split("/")[0] in ("all", "series", "editions", "p")]


def personal_path(token: str) -> str:
    return f"p/{token_hash(token)}"
