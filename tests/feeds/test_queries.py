"""How far calendars are behind, and what the page of subscriptions shows."""

import pytest
from flask import Flask

from kexie_events.core.db import db
from kexie_events.core.errors import NotFound
from kexie_events.events.kinds import Kind, Topic
from kexie_events.events.models import Venue
from kexie_events.events.rules import Publication, Status
from kexie_events.feeds import queries, services
from kexie_events.feeds.asked import Asked, Scope
from kexie_events.feeds.choices import PLAIN, Alarm, Cancelled, Choice, Contents
from kexie_events.feeds.models import FeedDue
from kexie_events.feeds.rules import PersonalPart
from kexie_events.feeds.services import publish_stale
from tests.build import (
    DAY,
    NOON,
    make_account,
    make_edition,
    make_milestone,
    make_occurrence,
    make_region,
    make_series,
    make_unit,
)

from .calendars import change, register


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


def test_a_calendar_is_known_by_its_name(app: Flask) -> None:
    venue = Venue(name="重庆科技馆")
    db.session.add(venue)
    region = make_region(slug="500103", name="渝中区")
    unit = make_unit(slug="yuzhong", name="渝中区科协", region_id=region.id)
    edition = make_edition(series=make_series(slug="forum", name="双月论坛", unit=unit), number=12)
    names = {
        Asked(): "", Asked(Scope.SERIES, "forum"): "双月论坛",
        Asked(Scope.EDITION, str(edition.id)): "第12届双月论坛", Asked(Scope.UNIT, "yuzhong"): "渝中区科协",
        Asked(Scope.REGION, "500103"): "渝中区", Asked(Scope.VENUE, str(venue.id)): "重庆科技馆",
        Asked(Scope.TOPIC, "academic"): Topic.ACADEMIC, Asked(Scope.KIND, "forum-series"): Kind.FORUM_SERIES,
    }  # fmt: skip
    assert {one: queries.chosen(one).name for one in names} == names


@pytest.mark.parametrize(
    "one",
    [
        Asked(Scope.SERIES, "no-such"), Asked(Scope.SERIES, "draft"), Asked(Scope.EDITION, "1000000"),
        Asked(Scope.UNIT, "no-such"), Asked(Scope.REGION, "no-such"), Asked(Scope.VENUE, "1000000"),
        Asked(Scope.TOPIC, "no-such"), Asked(Scope.KIND, "forum_series"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_there_or_not_public_is_not_found(app: Flask, one: Asked) -> None:
    make_series(slug="draft", publication=Publication.DRAFT)
    with pytest.raises(NotFound):
        queries.chosen(one)


def test_an_edition_of_a_series_that_is_not_public_is_not_found(app: Flask) -> None:
    edition = make_edition(series=make_series(publication=Publication.DRAFT))
    with pytest.raises(NotFound):
        queries.chosen(Asked(Scope.EDITION, str(edition.id)))


def test_series_are_found_by_a_part_of_their_name_those_with_dates_first(app: Flask) -> None:
    make_series(slug="a-empty", name="论坛甲")
    make_occurrence(edition=make_edition(series=make_series(slug="b-full", name="论坛乙")))
    make_series(slug="other", name="大赛")
    make_series(slug="draft", name="论坛草稿", publication=Publication.DRAFT)
    publish_stale(now=NOON)
    found = queries.offered(Scope.SERIES, "论坛", 1)
    assert [(one.asked.value, bool(one.entries)) for one in found] == [("b-full", True), ("a-empty", False)]
    assert found.total == 2
    assert queries.offered(Scope.SERIES, "", 1).total == 3
    assert queries.offered(Scope.SERIES, "%", 1).total == 0


def test_hundreds_of_series_come_page_by_page(app: Flask) -> None:
    for number in range(30):
        make_series(name=f"系列{number:02}")
    pages = [queries.offered(Scope.SERIES, "", page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [12, 12, 6]
    assert [one.name for page in pages for one in page] == [f"系列{number:02}" for number in range(30)]
    with pytest.raises(NotFound):
        queries.offered(Scope.SERIES, "", 4)


def test_the_preview_shows_what_comes_next_in_the_order_of_the_calendar(app: Flask) -> None:
    edition = make_edition(series=make_series(name="双月论坛"), number=3)
    later = make_occurrence(edition=edition, starts_at=NOON + 3 * DAY, status=Status.CANCELLED)
    make_milestone(edition=edition, name="报名截止", starts_at=NOON + DAY, is_deadline=True)
    make_occurrence(edition=edition, starts_at=NOON - 2 * DAY)
    publish_stale(now=NOON)
    preview = queries.coming(f"editions/{edition.id}", PLAIN, NOON, 4)
    assert [(line.name, line.is_deadline, line.cancelled) for line in preview.lines] == [
        ("报名截止（第3届双月论坛）", True, False), ("第3届双月论坛", False, True),
    ]  # fmt: skip
    assert preview.lines[1].path == f"/occurrences/{later.id}"
    assert (preview.ahead, preview.entries) == (2, 3)
    short = queries.coming(f"editions/{edition.id}", PLAIN, NOON, 1)
    assert (len(short.lines), short.ahead, short.entries) == (1, 2, 3)


@pytest.mark.parametrize(
    ("choice", "names", "counts"),
    [
        (PLAIN, ["截止", "公示", "取消的", "照常"], (4, 5)),
        (Choice(Contents.DATES), ["取消的", "照常"], (2, 3)),
        (Choice(Contents.DEADLINES), ["截止", "公示"], (2, 2)),
        (Choice(cancelled=Cancelled.REMOVED), ["截止", "公示", "照常"], (3, 4)),
        (Choice(Contents.DATES, Cancelled.REMOVED, Alarm.DAY), ["照常"], (1, 2)),
    ],
)  # fmt: skip
def test_the_preview_follows_the_choice(app: Flask, choice: Choice, names: list[str], counts: tuple[int, int]) -> None:
    edition = make_edition(series=make_series(name="双月论坛"), number=3)
    make_milestone(edition=edition, name="截止", starts_at=NOON + DAY, is_deadline=True)
    make_milestone(edition=edition, name="公示", starts_at=NOON + 2 * DAY, is_deadline=False)
    make_occurrence(edition=edition, title="取消的", starts_at=NOON + 3 * DAY, status=Status.CANCELLED)
    make_occurrence(edition=edition, title="照常", starts_at=NOON + 4 * DAY)
    make_occurrence(edition=edition, title="已过", starts_at=NOON - 4 * DAY)
    publish_stale(now=NOON)
    preview = queries.coming(f"editions/{edition.id}", choice, NOON, 9)
    assert [line.name.partition("（")[0] for line in preview.lines] == names
    assert (preview.ahead, preview.entries) == counts


def test_the_preview_of_an_empty_calendar_is_empty(app: Flask) -> None:
    preview = queries.coming("all", PLAIN, NOON, 4)
    assert (list(preview.lines), preview.ahead, preview.entries) == ([], 0, 0)


def test_own_calendars_say_how_much_they_hold(app: Flask) -> None:
    account = make_account()
    register(account, make_occurrence())
    publish_stale(now=NOON)
    services.subscribe(account.id, "手机", parts=[PersonalPart.JUDGING, PersonalPart.REGISTRATIONS], now=NOON)
    services.subscribe(account.id, "只看截止", choice=Choice(Contents.DEADLINES), now=NOON)
    narrow, own = queries.own_calendars(account.id)
    assert narrow.entries == 0  # as it was chosen, not what there would be
    assert (own.entries, own.parts) == (1, [PersonalPart.REGISTRATIONS, PersonalPart.JUDGING])
    assert queries.own_calendars(make_account().id) == []


def test_nobody_has_the_subscriptions_of_another(app: Flask) -> None:
    assert queries.subscriptions(make_account().id) == []
