"""The Atom feeds of notices as they are served."""

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Edition
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from tests.build import DAY, NOON, make_edition, make_organizer, make_series, make_unit
from tests.queries import counted

from .test_atom import A, assert_true
from .test_views import make_notice


def titles(answer: TestResponse) -> list[str | None]:
    assert (answer.status_code, answer.content_type) == (200, "application/atom+xml; charset=utf-8")
    return [entry.findtext(f"{A}title") for entry in assert_true(answer.data).findall(f"{A}entry")]


def change(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def test_all_of_a_series_of_an_edition_each_with_its_own(client: FlaskClient) -> None:
    series = make_series(slug="cxds", name="创新大赛")
    old, new = make_edition(series=series, number=40), make_edition(series=series, number=41)
    make_notice(edition=old, title="去年的", starts_at=NOON - 300 * DAY)
    make_notice(edition=new, title="今年的", starts_at=NOON - DAY)
    make_notice(title="别家的")
    assert titles(client.get("/notices.atom")) == ["别家的", "今年的", "去年的"]
    assert titles(client.get("/series/cxds/notices.atom")) == ["今年的", "去年的"]
    answer = client.get(f"/editions/{new.id}/notices.atom")
    assert titles(answer) == ["今年的"]
    root = ElementTree.fromstring(answer.data)
    assert root.findtext(f"{A}title") == "第41届创新大赛 公示"
    assert [(link.get("rel"), link.get("href")) for link in root.findall(f"{A}link")] == [
        ("self", f"http://kexie.test/editions/{new.id}/notices.atom"),
        ("alternate", f"http://kexie.test/editions/{new.id}"),
    ]


@pytest.mark.parametrize("publication", [Publication.DRAFT, Publication.WITHDRAWN])
def test_what_is_not_public_is_in_no_feed_and_has_none_also_for_its_organizer(
    client: FlaskClient, as_user: Callable[[int], FlaskClient], publication: Publication
) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit, slug="open"))
    make_notice(edition=edition, publication=publication)
    below = make_edition(series=make_series(unit=unit, slug="shut", publication=publication))
    make_notice(edition=below)
    hidden = make_edition(series=make_series(unit=unit), publication=publication)
    make_notice(edition=hidden)
    for visitor in (client, as_user(make_organizer(unit).id)):
        assert titles(visitor.get("/notices.atom")) == []
        assert titles(visitor.get("/series/open/notices.atom")) == []
        for path in ("/series/shut", "/series/none", f"/editions/{below.id}", f"/editions/{hidden.id}", "/editions/99"):
            assert visitor.get(f"{path}/notices.atom").status_code == 404


def test_an_ended_one_stays_with_its_days(client: FlaskClient, later: Callable[[datetime], None]) -> None:
    make_notice()
    before = client.get("/notices.atom")
    later(NOON + 400 * DAY)
    after = client.get("/notices.atom")
    assert (before.data, before.headers["ETag"]) == (after.data, after.headers["ETag"])
    assert "公示期为2026年3月11日至2026年3月17日，共 5 个工作日，含发布当日。" in after.text


def test_who_has_it_gets_a_304_until_something_changes(client: FlaskClient) -> None:
    notice = make_notice()
    first = client.get("/notices.atom")
    assert "Last-Modified" not in first.headers
    has = {"If-None-Match": first.headers["ETag"]}
    for headers in (has, {"If-None-Match": "*"}, {"If-None-Match": f'"x", W/{first.headers["ETag"]}'}):
        answer = client.get("/notices.atom", headers=headers)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])
        assert "Content-Encoding" not in answer.headers
    assert client.get("/notices.atom", headers={"If-None-Match": '"other"'}).status_code == 200
    change(notice, title="更正后的公示", changed_at=NOON + DAY)
    assert titles(client.get("/notices.atom", headers=has)) == ["更正后的公示"]


def test_a_change_that_moves_no_date_of_a_notice_is_sent_too(client: FlaskClient) -> None:
    notice = make_notice()
    first = client.get("/notices.atom")
    db.session.get_one(Unit, db.session.get_one(Edition, notice.edition_id).unit_id).name = "更名后的学会"
    db.session.commit()
    dated = {"If-Modified-Since": "Thu, 12 Mar 2026 04:00:00 GMT"}
    for headers in (dated, {"If-None-Match": first.headers["ETag"], **dated}):
        assert "更名后的学会" in client.get("/notices.atom", headers=headers).text


def test_the_date_rises_when_one_is_taken_back(client: FlaskClient) -> None:
    make_notice()
    gone = make_notice(title="发错的")
    before = client.get("/notices.atom").text
    change(gone, publication=Publication.WITHDRAWN, changed_at=NOON + DAY)
    answer = client.get("/notices.atom")
    assert titles(answer) == ["获奖作品公示"]
    assert ["<updated>2026-03-12T04:00:00Z</updated>" in text for text in (before, answer.text)] == [False, True]


def test_each_form_has_its_own_tag_and_head_has_no_body(client: FlaskClient) -> None:
    make_notice()
    plain, squeezed = client.get("/notices.atom"), client.get("/notices.atom", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(squeezed.data) == plain.data
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert squeezed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    crossed = client.get("/notices.atom", headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]})
    assert crossed.status_code == 200
    refused = client.get("/notices.atom", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data
    head = client.head("/notices.atom")
    assert (head.status_code, head.data, head.headers["ETag"], head.headers["Content-Length"]) == (
        200, b"", plain.headers["ETag"], str(len(plain.data)),
    )  # fmt: skip
    assert client.post("/notices.atom").status_code == 405


def test_it_is_the_same_for_everybody_and_keeps_nothing_about_who_asks(
    app: Flask, client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    make_notice(edition=make_edition(series=make_series(unit=unit)))
    visitor, organizer = client.get("/notices.atom?lang=en"), as_user(make_organizer(unit).id).get("/notices.atom")
    assert visitor.data == organizer.data
    for answer in (visitor, organizer):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Cookie" not in answer.headers["Vary"]


def test_as_many_questions_for_one_as_for_hundreds(client: FlaskClient) -> None:
    edition = make_edition(series=make_series(slug="cxds"))
    paths = ["/notices.atom", "/series/cxds/notices.atom", f"/editions/{edition.id}/notices.atom"]
    make_notice(edition=edition)

    def asked() -> list[int]:
        costs = []
        for path in paths:
            with counted() as statements:
                assert client.get(path).status_code == 200
            costs.append(len(statements))
        return costs

    once = asked()
    for n in range(120):
        make_notice(edition=edition, title=f"公示{n}", starts_at=NOON - n * DAY)
    assert asked() == once == [2, 3, 3]
    assert len(titles(client.get("/notices.atom"))) == 100


def test_pages_lead_to_it(client: FlaskClient) -> None:
    notice = make_notice()
    page = client.get(f"/notices/{notice.id}").text
    own = f"/editions/{notice.edition_id}/notices.atom"
    assert page.count('<link rel="alternate" type="application/atom+xml"') == 2
    assert f'href="{own}"' in page
    assert '<a href="/notices.atom">用阅读器订阅全部公示（Atom）</a>' in page
    edition = client.get(f"/editions/{notice.edition_id}").text
    assert f'href="{own}">订阅（Atom）</a>' in edition
    assert '<link rel="alternate" type="application/atom+xml"' in edition


def test_a_draft_leads_to_no_feed(client: FlaskClient, as_user: Callable[[int], FlaskClient]) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit), publication=Publication.DRAFT)
    make_notice(edition=edition, starts_at=NOON - timedelta(hours=1))
    page = as_user(make_organizer(unit).id).get(f"/editions/{edition.id}").text
    assert "获奖作品公示" in page
    assert "notices.atom" not in page
