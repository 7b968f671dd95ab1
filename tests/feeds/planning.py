"""What organisers do, in one line each, through the real services: for calendars that are compared as a whole.

Everything is counted from NOON, Wednesday 11 March 2026, 12:00 in Beijing.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.events import services
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.patterns import queries
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.patterns.revising import Revised
from kexie_events.events.patterns.rules import Terms
from kexie_events.events.patterns.services import change_rule, skip_slot
from kexie_events.events.plans import OccurrencePlan, Plan, Sitting
from kexie_events.judging.models import Round
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_unit

BEIJING = ZoneInfo("Asia/Shanghai")
# Orders in which UIDs are given; their words say what they are of.
IDENTIFIED = ((Pattern, "rule"), (Occurrence, "date"), (Milestone, "point"), (Round, "round"))


def at(month: int, day: int, hour: int = 14, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


def fix_uids() -> None:
    """UIDs that a reader of the expected text can follow: rule-1, date-2, point-3; given once, kept for ever."""
    for model, word in IDENTIFIED:
        if not hasattr(model, "uid"):
            continue
        for row in db.session.scalars(select(model).where(~model.uid.startswith(f"{word}-"))):
            row.uid = f"{word}-{row.id}"
    db.session.commit()


def association() -> Unit:
    found = db.session.scalar(select(Unit).where(Unit.slug == "association"))
    return found or make_unit(slug="association", name="重庆市科学技术协会")


def series(now: datetime = NOON - 9 * DAY, **values: Any) -> Series:
    """A series with its edition and its dates, still a draft: one afternoon on 20 March unless said otherwise."""
    plan = {
        "name": "科普沙龙", "slug": "salon", "kind": Kind.MEETING, "unit_id": association().id, "rule": "",
        "first_on": date(2026, 3, 20), "starts": time(14), "duration": 2 * HOUR, "style": Style.ORDINAL,
        "first_number": 3, "year": 2026, **values,
    }  # fmt: skip
    return services.schedule(Plan(**plan), actor=SYSTEM, now=now, zone=BEIJING)


def publish(of: Series, now: datetime = NOON - 8 * DAY) -> Series:
    for edition_id in db.session.scalars(select(Edition.id).where(Edition.series_id == of.id).order_by(Edition.id)):
        services.publish(edition_id, actor=SYSTEM, now=now)
    return of


def dates(of: Series) -> list[Occurrence]:
    """Its occurrences as they stand, in the order of their slots."""
    query = select(Occurrence).where(Occurrence.series_id == of.id).order_by(Occurrence.planned_at, Occurrence.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def edition_of(of: Series) -> Edition:
    return db.session.scalars(select(Edition).where(Edition.series_id == of.id).order_by(Edition.id)).first()  # type: ignore[return-value]


def add_date(of: Series, starts_at: datetime, lasts: timedelta = 2 * HOUR, **values: Any) -> Occurrence:
    plan = OccurrencePlan(starts_at, starts_at + lasts, **values)
    return services.add_occurrence(edition_of(of).id, plan, actor=SYSTEM, now=NOON - 8 * DAY, zone=BEIJING)


def move(row: Occurrence, to: datetime, *, reason: str = "场馆检修", now: datetime = NOON, **values: Any) -> Occurrence:
    sitting = Sitting(
        to, to + (row.ends_at - row.starts_at), values.pop("all_day", row.all_day), values.pop("room_id", row.room_id),
        values.pop("place", row.place),
    )  # fmt: skip
    return services.move(
        row.id, sitting, reason=reason, expected_revision=row.revision, actor=SYSTEM, now=now, zone=BEIJING
    )


def cancel(row: Occurrence, *, reason: str = "主讲人因故不能到场", now: datetime = NOON) -> Occurrence:
    return services.cancel(row.id, reason=reason, actor=SYSTEM, now=now)


def restore(row: Occurrence, *, now: datetime = NOON) -> Occurrence:
    return services.restore(row.id, actor=SYSTEM, now=now)


def rename(row: Occurrence, title: str, summary: str = "", *, now: datetime = NOON) -> Occurrence:
    return services.change_occurrence(
        row.id, title=title, summary=summary, expected_revision=row.revision, actor=SYSTEM, now=now
    )


def skip(row: Occurrence, *, reason: str = "国庆放假", now: datetime = NOON - 8 * DAY) -> None:
    skip_slot(row.id, reason=reason, expected_revision=row.revision, actor=SYSTEM, now=now)


def terms(of: Series, since: datetime | None = None, *, now: datetime = NOON, **changed: Any) -> Terms:
    """The rule as it goes on, with what is to be otherwise."""
    found = queries.going_on(of.id, since=since, now=now, zone=BEIJING)
    assert found is not None
    return replace(found[0], **changed)


def new_rule(
    of: Series, wanted: Terms | None, since: datetime | None = None, *, reason: str = "改期", now: datetime = NOON
) -> Revised:
    """Preview and press, as the page does; ``wanted`` None: nothing takes place from there on."""
    seen = queries.revised(of.id, wanted, since=since, now=now, zone=BEIJING).digest
    db.session.rollback()
    revision = db.session.scalar(select(Series.revision).where(Series.id == of.id))
    assert revision is not None
    return change_rule(
        of.id, wanted, since=since, reason=reason, expected_revision=revision, seen=seen, actor=SYSTEM, now=now,
        zone=BEIJING,
    )  # fmt: skip


def add_point(of: Series, name: str, starts_at: datetime, **values: Any) -> Milestone:
    known = {"code": "shown", "is_deadline": False, **values}
    return services.add_milestone(
        edition_of(of).id, name=name, starts_at=starts_at, actor=SYSTEM, now=NOON - 8 * DAY, zone=BEIJING, **known
    )
