"""How far calendars are behind, and what the page of subscriptions shows."""

import pytest
from flask import Flask

from kexie_events.core.db import db
from kexie_events.core.errors import NotFound
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import queries
from kexie_events.feeds.models import FeedDue
from kexie_events.feeds.queries import Chosen
from kexie_events.feeds.services import publish_stale
from tests.build import DAY, NOON, make_account, make_edition, make_milestone, make_occurrence, make_series

from .calendars import change


def test_calendars_are_behind_by_what_changed_since(app: Flask) -> None:
    first, _ = make_occurrence(), make_milestone()
    assert queries.behind(NOON) == 2
    publish_stale(now=NOON)
    assert queries.behind(NOON) == 0
    change(first, title="改了名")
    assert queries.behind(NOON) == 1


def test_the_feeds_that_wait_are_counted(app: Flask) -> None:
    assert queries.due_count() == 0
    db.session.add_all([FeedDue(path="all"), FeedDue(path="series/forum")])
    db.session.commit()
    assert queries.due_count() == 2
    assert queries.due_paths(1) == ["all"]


def test_a_calendar_is_chosen_by_its_edition_its_series_or_not_at_all(app: Flask) -> None:
    edition = make_edition(series=make_series(slug="forum", name="双月论坛"), number=12)
    assert queries.chosen("", None) == Chosen("all", "")
    assert queries.chosen("forum", None) == Chosen("series/forum", "双月论坛", "forum")
    assert queries.chosen("forum", edition.id) == Chosen(f"editions/{edition.id}", "第12届双月论坛", "forum")


@pytest.mark.parametrize(("slug", "edition_id"), [("no-such", None), ("", 10**6), ("draft", None)])
def test_what_the_public_may_not_see_is_not_found(app: Flask, slug: str, edition_id: int | None) -> None:
    make_series(slug="draft", publication=Publication.DRAFT)
    with pytest.raises(NotFound):
        queries.chosen(slug, edition_id)
    assert "draft" not in dict(queries.series_to_choose())


def test_the_preview_shows_what_comes_next_in_the_order_of_the_calendar(app: Flask) -> None:
    edition = make_edition(series=make_series(name="双月论坛"), number=3)
    later = make_occurrence(edition=edition, starts_at=NOON + 3 * DAY, status=Status.CANCELLED)
    make_milestone(edition=edition, name="报名截止", starts_at=NOON + DAY, is_deadline=True)
    make_occurrence(edition=edition, starts_at=NOON - 2 * DAY)
    publish_stale(now=NOON)
    shown = queries.coming(f"editions/{edition.id}", NOON, 4)
    assert [(line.name, line.is_deadline, line.cancelled) for line in shown] == [
        ("报名截止（第3届双月论坛）", True, False), ("第3届双月论坛", False, True),
    ]  # fmt: skip
    assert shown[1].path == f"/occurrences/{later.id}"
    assert len(queries.coming(f"editions/{edition.id}", NOON, 1)) == 1


def test_nobody_has_the_subscriptions_of_another(app: Flask) -> None:
    assert queries.subscriptions(make_account().id) == []
