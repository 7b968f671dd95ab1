"""From where people are, the calendar is one step away; what is not public leads to none."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Edition, Venue
from kexie_events.events.rules import Publication
from kexie_events.feeds.services import publish_stale
from kexie_events.judging.rules import RoundState
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    NOON,
    make_account,
    make_assignment,
    make_edition,
    make_entry,
    make_judge,
    make_occurrence,
    make_organizer,
    make_region,
    make_room,
    make_round,
    make_series,
    make_unit,
)

AsUser = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def forum(app: Flask) -> Edition:
    unit = make_unit(slug="yuzhong", name="渝中区科协", region_id=make_region(slug="500103", name="渝中区").id)
    return make_edition(series=make_series(slug="forum", name="双月论坛", unit=unit), number=3, unit_id=unit.id)


def alternate(page: str) -> tuple[str, str] | None:
    """Name and address of the calendar that programs find in the head."""
    head = page.partition("</head>")[0]
    found = re.search(r'<link rel="alternate" type="text/calendar" title="([^"]*)" href="([^"]*)">', head)
    return (unescape(found[1]), found[2]) if found else None


def ways(page: str) -> list[str]:
    """The links to the page of subscriptions with something chosen."""
    return [unescape(link) for link in re.findall(r'href="(/subscribe\?[^"]*)"', page) if "lang=" not in link]


def test_a_series_an_edition_and_an_occurrence_lead_to_calendars_around_them(
    client: FlaskClient, forum: Edition
) -> None:
    room = make_room()
    occurrence = make_occurrence(edition=forum, room_id=room.id, unit_id=forum.unit_id)
    series, edition, unit = "/subscribe?series=forum", f"/subscribe?edition={forum.id}", "/subscribe?unit=yuzhong"
    whole = ("双月论坛", "http://kexie.test/feeds/series/forum.ics")
    pages = {
        "/series/forum": {series, unit},
        f"/editions/{forum.id}": {series, edition, unit},
        f"/occurrences/{occurrence.id}": {series, edition, unit, f"/subscribe?venue={room.venue_id}"},
    }
    publish_stale(now=NOON)
    for path, expected in pages.items():
        page = client.get(path).text
        assert alternate(page) == whole
        assert set(ways(page)) == expected
        assert all(client.get(way).status_code == 200 for way in ways(page))


def test_what_is_not_published_leads_to_no_calendar(as_user: AsUser, forum: Edition) -> None:
    draft = make_edition(series=make_series(slug="draft", publication=Publication.DRAFT), publication=Publication.DRAFT)
    own = make_edition(series=make_series(slug="own"), publication=Publication.DRAFT)
    occurrence = make_occurrence(edition=own, publication=Publication.DRAFT)
    for edition, paths in (
        (draft, ["/series/draft", f"/editions/{draft.id}"]),
        (own, [f"/editions/{own.id}", f"/occurrences/{occurrence.id}"]),
    ):
        desk = as_user(make_organizer(_unit_of(edition)).id)
        for path in paths:
            page = desk.get(path)
            assert page.status_code == 200
            assert all(desk.get(way).status_code == 200 for way in ways(page.text))
            assert f"/subscribe?edition={edition.id}" not in page.text
            assert (alternate(page.text) is None) == (edition is draft)


def _unit_of(edition: Edition) -> Unit:
    unit = db.session.get(Unit, edition.unit_id)
    assert unit is not None
    return unit


@pytest.mark.parametrize(
    ("query", "name", "path", "way"),
    [
        ("", "全部活动", "all", "/subscribe"),
        ("kind=academic", "学术会议", "topics/academic", "/subscribe?topic=academic"),
        ("region=500103", "渝中区", "regions/500103", "/subscribe?region=500103"),
        ("kind=academic&region=500103", "学术会议", "topics/academic", "/subscribe?topic=academic"),
        ("region=nowhere", "全部活动", "all", "/subscribe"),
        ("list=month", "全部活动", "all", "/subscribe"),
        ("list=soon&kind=academic", "学术会议", "topics/academic", "/subscribe?topic=academic"),
    ],
)
def test_the_filters_of_the_front_page_go_along(
    client: FlaskClient, forum: Edition, query: str, name: str, path: str, way: str
) -> None:
    make_occurrence(edition=forum, unit_id=forum.unit_id, starts_at=NOON + DAY)
    page = client.get(f"/?{query}").text
    assert alternate(page) == (name, f"http://kexie.test/feeds/{path}.ics")
    assert f'href="{way}"' in page


def test_the_desk_gives_the_address_of_a_series_that_is_public(as_user: AsUser, forum: Edition) -> None:
    desk = as_user(make_organizer(_unit_of(forum)).id)
    page = desk.get(f"/manage/series/{forum.series_id}").text
    assert 'value="http://kexie.test/feeds/series/forum.ics"' in page
    assert 'value="http://kexie.test/subscribe?series=forum"' in page
    draft = make_series(slug="draft", unit=_unit_of(forum), publication=Publication.DRAFT)
    page = desk.get(f"/manage/series/{draft.id}").text
    assert "系列发布以后才有日历" in page
    assert "feeds/series/draft" not in page


def test_ones_own_page_and_that_of_judges_lead_to_the_personal_calendar(as_user: AsUser, app: Flask) -> None:
    assert 'href="/subscribe/personal"' in as_user(make_account().id).get("/me").text
    round_ = make_round(state=RoundState.OPEN)
    judge = make_judge(round_)
    make_assignment(judge, make_entry())
    db.session.commit()
    page = as_user(judge.account_id).get("/judge")
    assert page.status_code == 200
    assert 'href="/subscribe/personal"' in page.text


def test_names_of_units_and_venues_are_escaped(client: FlaskClient, app: Flask) -> None:
    venue = Venue(name='<b>"馆"</b>')
    db.session.add(venue)
    db.session.flush()
    unit = make_unit(slug="evil", name="<script>alert(1)</script>")
    edition = make_edition(series=make_series(slug="forum", unit=unit, name='"><img src=x>'), unit_id=unit.id)
    occurrence = make_occurrence(edition=edition, unit_id=unit.id, room_id=make_room(venue=venue).id)
    publish_stale(now=NOON)
    for path in (
        f"/occurrences/{occurrence.id}", "/subscribe?unit=evil", "/subscribe?series=forum", "/subscribe?by=venue",
        f"/subscribe?venue={venue.id}", "/subscribe?by=unit", "/subscribe?by=series&q=<script>alert(1)</script>",
    ):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200
        for raw in ("<script>alert", '<b>"馆"', "<img src=x>"):
            assert raw not in page.text
