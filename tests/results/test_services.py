from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import ANYBODY, SYSTEM, Actor
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, NotFound, RuleBroken
from kexie_events.days import services as days
from kexie_events.days.rules import ANNOUNCED, Ruled, Ruling, Spanned, Step
from kexie_events.events.models import Edition
from kexie_events.events.rules import Publication
from kexie_events.results.models import Notice
from kexie_events.results.services import publish_notice
from tests.build import actor_of, make_edition, make_organizer, make_series, make_unit

COLUMNS, ROWS = ["编号", "作者"], [["XC-0107", "学生甲*"]]


def publish(edition: Edition, actor: Actor, now: datetime, **changed: Any) -> Notice:
    values = {"title": "获奖作品公示", "body": "现予公示。", "columns": COLUMNS, "rows": ROWS, "working_days": 5}
    values = {**values, "published_on": now.date(), **changed}
    return publish_notice(edition.id, actor=actor, now=now, **values)


def organizer_and_edition(**values: Any) -> tuple[Actor, Edition]:
    unit = make_unit()
    return actor_of(make_organizer(unit)), make_edition(series=make_series(unit=unit), **values)


@pytest.mark.parametrize(
    ("published", "ends"),
    [
        (datetime(2025, 9, 11, 2, tzinfo=UTC), datetime(2025, 9, 17, 16, tzinfo=UTC)),
        (datetime(2026, 2, 12, 2, tzinfo=UTC), datetime(2026, 2, 25, 16, tzinfo=UTC)),
        (datetime(2026, 9, 28, 2, tzinfo=UTC), datetime(2026, 10, 9, 16, tzinfo=UTC)),
    ],
)
def test_the_day_of_publication_counts_and_the_last_day_counts_whole(
    app: Flask, published: datetime, ends: datetime
) -> None:
    actor, edition = organizer_and_edition()
    row = publish(edition, actor, published)
    assert (row.starts_at, row.ends_at, row.days) == (published, ends, 5)
    assert (row.publication, row.unit_id, row.columns, row.rows) == (
        Publication.PUBLISHED, edition.unit_id, COLUMNS, ROWS,
    )  # fmt: skip


def test_it_is_written_down_without_the_names(app: Flask) -> None:
    actor, edition = organizer_and_edition()
    now = datetime(2026, 3, 11, 4, tzinfo=UTC)
    row = publish(edition, actor, now)
    [audited] = db.session.scalars(select(AuditRecord).where(AuditRecord.chain == f"notice:{row.id}"))
    assert (audited.verb, audited.account_id, audited.details) == (
        "notice.published",
        actor.account_id,
        {"edition_id": edition.id, "rows": 1, "working_days": 5, "last_day": "2026-03-17"},
    )


def test_a_later_day_of_publication_begins_at_its_midnight(app: Flask) -> None:
    actor, edition = organizer_and_edition()
    row = publish(edition, actor, datetime(2026, 3, 11, 4, tzinfo=UTC), published_on=date(2026, 3, 12), working_days=1)
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 3, 11, 16, tzinfo=UTC), datetime(2026, 3, 12, 16, tzinfo=UTC),
    )  # fmt: skip


def test_days_that_were_entered_count_as_they_were_entered(app: Flask) -> None:
    actor, edition = organizer_and_edition()
    now = datetime(2026, 3, 11, 4, tzinfo=UTC)
    assert publish(edition, actor, now).ends_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
    entered = {date(2026, 3, 12): Ruling.OFF, date(2026, 3, 13): Ruling.OFF, date(2026, 3, 15): Ruling.WORKING}
    days.enter([Step(day, None, Ruled(kind)) for day, kind in entered.items()], actor=SYSTEM, now=now)
    assert publish(edition, actor, now).ends_at == datetime(2026, 3, 18, 16, tzinfo=UTC)


def test_a_notice_reaches_into_a_year_that_was_entered_whole(app: Flask) -> None:
    actor, edition = organizer_and_edition()
    now = datetime(2026, 12, 30, 2, tzinfo=UTC)
    with pytest.raises(RuleBroken) as refused:
        publish(edition, actor, now)
    assert refused.value.code == "workdays.not_announced"
    whole = Spanned(date(2027, 1, 1), date(2027, 12, 31))
    days.enter(
        [Step((ANNOUNCED, 2027), None, whole), Step(date(2027, 1, 1), None, Ruled(Ruling.OFF, "元旦"))],
        actor=SYSTEM, now=now,
    )  # fmt: skip
    # 30 and 31 December, then 4, 5 and 6 January: the first is off, the second and third are a weekend.
    assert publish(edition, actor, now).ends_at == datetime(2027, 1, 6, 16, tzinfo=UTC)


def test_only_who_may_publish_there_publishes(app: Flask) -> None:
    _, edition = organizer_and_edition()
    for actor in (ANYBODY, actor_of(make_organizer(make_unit()))):
        with pytest.raises(Forbidden):
            publish(edition, actor, datetime(2026, 3, 11, 4, tzinfo=UTC))
    assert db.session.scalars(select(Notice)).all() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"rows": [["XC-0107", "360426199101010071"]]}, "notice.personal_data"),
        ({"rows": [["XC-0107"]]}, "notice.row_length"),
        ({"title": ""}, "notice.no_title"),
        ({"working_days": 0}, "notice.days"),
        ({"published_on": date(2026, 3, 10)}, "notice.backdated"),
        # Holidays of a year that far ahead are never announced yet.
        ({"published_on": date(2090, 3, 10)}, "workdays.not_announced"),
    ],
)
def test_what_breaks_a_rule_is_not_published(app: Flask, changed: dict[str, Any], code: str) -> None:
    actor, edition = organizer_and_edition()
    with pytest.raises(RuleBroken) as refused:
        publish(edition, actor, datetime(2026, 3, 11, 4, tzinfo=UTC), **changed)
    assert refused.value.code == code
    assert db.session.scalars(select(Notice)).all() == []


def test_nothing_of_a_draft_edition_is_published(app: Flask) -> None:
    actor, edition = organizer_and_edition(publication=Publication.DRAFT)
    with pytest.raises(RuleBroken) as refused:
        publish(edition, actor, datetime(2026, 3, 11, 4, tzinfo=UTC))
    assert refused.value.code == "notice.edition_not_public"


def test_an_edition_that_is_not_there_is_not_found(app: Flask) -> None:
    actor, edition = organizer_and_edition()
    edition.id = 999
    db.session.expunge(edition)
    with pytest.raises(NotFound):
        publish(edition, actor, datetime(2026, 3, 11, 4, tzinfo=UTC))
