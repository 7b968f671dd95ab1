"""Calendars and an organiser for the tests of importing."""

from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from kexie_events.core.access import Actor
from kexie_events.core.db import db
from kexie_events.events.models import Edition, Occurrence
from kexie_events.events.rules import Publication
from kexie_events.imports import comparing, queries, services
from kexie_events.imports.comparing import Outcome
from kexie_events.imports.models import CalendarImport, CalendarSource
from kexie_events.imports.services import Choice
from tests.build import DAY, HOUR, NOON, actor_of, make_edition, make_organizer, make_series, make_unit

ZONE = ZoneInfo("Asia/Shanghai")
ADDRESS = "http://calendar.example.org/private-7/basic.ics?key=secret"


def event(uid: str, starts_at: datetime = NOON + 7 * DAY, **values: Any) -> str:
    """One VEVENT of two hours."""
    lines = {
        "UID": uid, "SUMMARY": f"讲座{uid}", "DTSTART": f"{starts_at:%Y%m%dT%H%M%SZ}",
        "DTEND": f"{starts_at + 2 * HOUR:%Y%m%dT%H%M%SZ}", "LOCATION": "礼堂",
        **{name.replace("_", "-"): value for name, value in values.items()},
    }  # fmt: skip
    body = "\r\n".join(f"{name}:{value}" for name, value in lines.items() if value is not None)
    return f"BEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\n"


def calendar(*events: str, name: str = "科技馆排期") -> bytes:
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:{name}\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


class Ground:
    """An edition in draft, whoever plans it, and presses that a test makes."""

    def __init__(self) -> None:
        unit = make_unit(name="市科协")
        self.account = make_organizer(unit)
        self.actor: Actor = actor_of(self.account)
        self.edition: Edition = make_edition(series=make_series(unit=unit), publication=Publication.DRAFT)
        self.now = NOON

    def read(self, *events: str, name: str = "科技馆排期") -> CalendarImport:
        content = calendar(*events, name=name)
        return self.read_bytes(content)

    def read_bytes(self, content: bytes) -> CalendarImport:
        return services.upload(
            self.edition.id, content, key=uuid4(), actor=self.actor, now=self.now, zone=ZONE
        )  # fmt: skip

    def outcomes(self, run: CalendarImport) -> tuple[Outcome, ...]:
        run = db.session.get_one(CalendarImport, run.id)
        run.edition = db.session.get_one(Edition, run.edition_id)
        db.session.refresh(run.edition, ["series"])
        return queries.outlook(run, now=self.now, zone=ZONE)

    def choice(self, run: CalendarImport, keys: set[str] | None = None, **values: Any) -> Choice:
        """What the preview ticks by itself, unless said otherwise."""
        found = self.outcomes(run)
        ticked = {each.key for each in found if each.ticked} if keys is None else keys
        return Choice(frozenset(ticked), comparing.digest(found), **values)

    def apply(self, run: CalendarImport, keys: set[str] | None = None, **values: Any) -> CalendarImport:
        choice = self.choice(run, keys, **values)
        db.session.commit()
        return services.apply(run.id, choice, actor=self.actor, now=self.now, zone=ZONE)

    def take(self, *events: str, **values: Any) -> CalendarImport:
        """Read and apply what is ticked by itself."""
        return self.apply(self.read(*events), **values)

    def changes(self, *events: str) -> list[str]:
        """What an import would say of each date."""
        return [each.change.value for each in self.outcomes(self.read(*events))]

    def rows(self) -> list[Occurrence]:
        query = db.select(Occurrence).where(Occurrence.edition_id == self.edition.id)
        query = query.order_by(Occurrence.starts_at, Occurrence.id)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def publish(self) -> None:
        for row in [self.edition, *self.rows()]:
            row.publication = Publication.PUBLISHED
        db.session.commit()


def make_source(edition: Edition, **values: Any) -> CalendarSource:
    defaults = {"label": "科技馆排期", "address": ADDRESS, "is_daily": True, "next_fetch_at": NOON, "added_at": NOON}
    row = CalendarSource(**{**defaults, **values, "edition_id": edition.id})
    db.session.add(row)
    db.session.commit()
    return row
