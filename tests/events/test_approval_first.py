"""一会一报: of what needs an approval nothing is public before it, by any path; and what is added later waits too."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock, installation
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.events import services
from kexie_events.events.kinds import Capability, Kind, kinds_with
from kexie_events.events.models import Edition, Occurrence
from kexie_events.events.plans import OccurrencePlan
from kexie_events.events.rules import Publication
from kexie_events.feeds.services import publish_stale
from kexie_events.messages.models import Message
from kexie_events.reminders.services import plan as plan_reminders
from tests.build import DAY, NOON, make_edition, make_milestone, make_occurrence, make_series

SECRET = "尚未备案的主题"
BY: dict[str, Any] = {"actor": SYSTEM, "now": NOON}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def forum(app: Flask) -> Edition:
    """A forum that was announced to nobody, with a date, a deadline and a registration that would be open."""
    draft = Publication.DRAFT
    series = make_series(kind=Kind.FORUM_SERIES, name=f"{SECRET}论坛", slug="secret-forum", publication=draft)
    edition = make_edition(series=series, title=SECRET, publication=draft)
    make_occurrence(edition=edition, title=f"{SECRET}一场", publication=draft, starts_at=NOON + 3 * DAY)
    make_milestone(edition=edition, name=f"{SECRET}截止", publication=draft, starts_at=NOON + 2 * DAY)
    return edition


def everywhere(client: FlaskClient, edition: Edition) -> dict[str, tuple[int, bool]]:
    """Every public path that could tell of it: status, and whether its words stand there."""
    occurrence = db.session.query(Occurrence).filter_by(edition_id=edition.id).order_by(Occurrence.id).first()
    publish_stale(now=NOON)
    paths = [
        "/", "/?list=open", "/?list=soon", "/?list=month", "/?month=2026-03", "/?q=尚未备案", "/subscribe",
        "/robots.txt",        "/series/secret-forum", f"/editions/{edition.id}", f"/occurrences/{occurrence.id}",
        f"/occurrences/{occurrence.id}/registration", "/feeds/all.ics", "/feeds/series/secret-forum.ics",
        f"/feeds/editions/{edition.id}.ics",
    ]  # fmt: skip
    found = {}
    for path in paths:
        answer = client.get(path)
        # What was asked for stands in the search field.
        said = answer.get_data(as_text=True).replace("\r\n ", "").replace('value="尚未备案"', "")
        found[path] = (answer.status_code, SECRET in said)
    return found


def test_nothing_of_it_is_public_before_its_approval(app: Flask, forum: Edition) -> None:
    found = everywhere(app.test_client(), forum)
    assert [path for path, (_status, told) in found.items() if told] == []
    own = ("/series/secret-forum", f"/editions/{forum.id}")
    assert {path: found[path][0] for path in own} == dict.fromkeys(own, 404)
    assert all(status == 404 for path, (status, _told) in found.items() if "/occurrences/" in path)
    empty = app.test_client().get("/feeds/all.ics").get_data(as_text=True)
    assert "VEVENT" not in empty


def test_searching_for_it_finds_as_many_as_searching_for_nothing(app: Flask, forum: Edition) -> None:
    client = app.test_client()

    def page(text: str) -> str:
        return unquote(client.get("/", query_string={"q": text}).text).replace(text, "…")

    assert page(SECRET) == page("没有这回事儿啊")


def test_no_letter_tells_of_it(app: Flask, forum: Edition) -> None:
    plan_reminders(now=NOON)
    assert db.session.query(Message).count() == 0


@pytest.mark.parametrize("kind", kinds_with(Capability.APPROVAL_FIRST))
def test_each_kind_that_needs_approval_is_refused_without(app: Flask, kind: Kind) -> None:
    edition = make_edition(series=make_series(kind=kind, publication=Publication.DRAFT), publication=Publication.DRAFT)
    with pytest.raises(RuleBroken, match=r"event\.not_approved"):
        services.publish(edition.id, **BY)


def test_after_approval_and_publication_it_is_there_and_what_is_added_later_waits(app: Flask, forum: Edition) -> None:
    services.approve(forum.id, "渝科协审〔2026〕1号", **BY)
    client = app.test_client()
    approved = everywhere(client, forum)
    assert [path for path, (_status, told) in approved.items() if told] == []  # approved is not yet published
    services.publish(forum.id, **BY)
    public = everywhere(client, forum)
    assert {path for path, (status, told) in public.items() if told and status == 200} >= {
        "/?q=尚未备案", "/series/secret-forum", f"/editions/{forum.id}",
    }  # fmt: skip
    starts_at = NOON + 5 * DAY
    later = OccurrencePlan(starts_at, starts_at + timedelta(hours=2), title="加开的一场")
    row = services.add_occurrence(forum.id, later, zone=installation.zone(), **BY)
    publish_stale(now=NOON)
    for path in ("/", "/?month=2026-03", "/?q=加开", f"/editions/{forum.id}", "/feeds/all.ics", "/series/secret-forum"):
        said = client.get(path).get_data(as_text=True)
        assert "加开的一场" not in said, path
    assert client.get(f"/occurrences/{row.id}").status_code == 404
