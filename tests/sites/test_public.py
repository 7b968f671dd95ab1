import re
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events import services as events
from kexie_events.events.models import Series
from kexie_events.sites import services
from kexie_events.sites.rules import Category
from tests.build import DAY, NOON, make_edition
from tests.queries import counted

from .ground import Ground, add, build, passed
from .many import grow


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(clock, "now", lambda: NOON + DAY)
    return build()


def page(client: FlaskClient, ground: Ground, tail: str = "", status: int = 200, **query: str) -> str:
    answer = client.get(f"/editions/{ground.edition.id}/sites{tail}", query_string=query)
    assert answer.status_code == status
    return answer.text


def test_the_public_sees_what_was_passed_and_nothing_else(ground: Ground, client: FlaskClient) -> None:
    passed(ground, name="通过的")
    add(ground, name="待审的")
    add(ground, name="草稿", declare=False)
    for tail in ("", "/map"):
        text = page(client, ground, tail)
        assert "通过的" in text
        assert not re.search("待审的|草稿", text)


def test_organisers_too_see_on_the_public_page_what_everybody_sees(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    add(ground, name="待审的")
    assert "待审的" not in page(as_user(ground.accounts["city"].id), ground)


def test_an_edition_that_is_taken_back_takes_its_activities_with_it(ground: Ground, client: FlaskClient) -> None:
    passed(ground)
    events.unpublish(ground.edition.id, reason="发错了", actor=ground.actor("city"), now=NOON + DAY)
    for tail in ("", "/map"):
        page(client, ground, tail, 404)


def test_a_contact_is_shown_only_when_the_unit_has_ticked_it(ground: Ground, client: FlaskClient) -> None:
    passed(ground, name="甲", contact_phone="023-63659900", contact_name="李老师")
    assert "63659900" not in page(client, ground)
    passed(ground, name="乙", contact_phone="023-63659901", contact_name="王老师", contact_public=True)
    assert "王老师" in page(client, ground)


def test_a_withdrawn_one_stays_and_says_that_it_is_cancelled_nowhere_as_held(
    ground: Ground, client: FlaskClient
) -> None:
    site = passed(ground)
    services.withdraw(
        site.id, reason="停电", expected_revision=site.revision, actor=ground.actor("school"), now=NOON + DAY
    )
    assert "已取消" in page(client, ground)


def test_filters_are_links_with_counts_and_narrow_by_day_district_kind_words_and_box(
    ground: Ground, client: FlaskClient
) -> None:
    passed(ground, name="北区讲座")
    passed(ground, "south", name="南区展览", category="exhibition", starts_at=NOON + 200 * DAY)
    text = page(client, ground)
    for words in ("北区 1", "南区 1", "讲座报告 1", "科普展览 1", "9月19日（周六） 1"):
        assert words in text
    for query in (
        {"region": "500101"}, {"category": "lecture"}, {"day": "2026-09-19"}, {"q": "北区"},
        {"box": "29,106,29.8,107"},
    ):  # fmt: skip
        narrowed = page(client, ground, **query)
        assert "北区讲座" in narrowed, query
        assert "南区展览" not in narrowed, query


@pytest.mark.parametrize(
    "query",
    [
        {"box": "1,2,3"}, {"box": "nan,nan,nan,nan"}, {"box": "inf,0,1,1"}, {"day": "2026-13-40"}, {"day": "x"},
        {"page": "x"}, {"region": "\x00"}, {"category": "'"}, {"q": "%_\\"},
    ],
)  # fmt: skip
def test_nonsense_in_the_address_narrows_to_nothing_or_not_at_all(
    ground: Ground, client: FlaskClient, query: dict[str, str]
) -> None:
    passed(ground)
    for tail in ("", "/map"):
        page(client, ground, tail, **query)


def test_kinds_of_activity_have_the_names_that_the_desk_uses_those_of_the_edition_before_too(
    ground: Ground, client: FlaskClient
) -> None:
    before = make_edition(series=db.session.get(Series, ground.edition.series_id), year=2025)
    services.set_terms(
        before.id, (Category("c1", "科学市集"),), declares_until=None, reports_until=None, expected_revision=0,
        actor=ground.actor("city"), now=NOON,
    )  # fmt: skip
    passed(ground, category="c1")
    text = page(client, ground)
    assert "科学市集 1" in text
    assert not re.search(r">\s*c1\b", text)


def test_a_page_after_the_last_does_not_exist(ground: Ground, client: FlaskClient) -> None:
    passed(ground)
    page(client, ground, "", 404, page="2")


def test_an_edition_without_sites_has_no_such_pages(app: Flask, client: FlaskClient) -> None:
    from tests.build import make_edition

    assert client.get(f"/editions/{make_edition().id}/sites").status_code == 404


def test_the_editions_page_leads_to_its_activities(ground: Ground, client: FlaskClient) -> None:
    passed(ground)
    text = client.get(f"/editions/{ground.edition.id}").text
    assert f'href="/editions/{ground.edition.id}/sites"' in text
    assert "全市共 1 项活动" in text


def test_the_map_is_drawn_by_the_server_with_links_labels_and_a_table(ground: Ground, client: FlaskClient) -> None:
    one = passed(ground, name="甲", latitude=29.56, longitude=106.55)
    for n in range(3):
        passed(ground, "south", name=f"乙{n}", latitude=29.8 + n / 10000, longitude=107.4)
    text = page(client, ground, "/map")
    assert f'href="/occurrences/{one.occurrence_id}" aria-label="甲"' in text
    assert 'aria-label="南区 3 项"' in text
    assert text.count('<text class="place"') == 2
    assert re.search(r'<th scope="row"><a href="[^"]*region=500102">南区</a></th><td class="n">3</td>', text)
    assert "http" not in re.sub(
        r"https?://(kexie\.test|www\.w3\.org|localhost)", "", text.split("<svg viewBox", 1)[1].split("</svg>")[0]
    )


def test_a_campaign_of_two_thousand_is_listed_drawn_and_summed_up_in_six_queries(
    ground: Ground, client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    grow(ground, 2000)
    city, id = as_user(ground.accounts["city"].id), ground.edition.id
    for who, path, most in (
        (client, f"/editions/{id}/sites", 6),
        (client, f"/editions/{id}/sites/map", 6),
        (city, f"/manage/editions/{id}/sites/figures", 6),
        (city, f"/manage/editions/{id}/sites", 6),
    ):
        who.get(path)
        started = time.process_time()
        with counted() as statements:
            answer = who.get(path)
        took = (time.process_time() - started) * 1000
        assert answer.status_code == 200
        assert len(statements) <= most, statements
        assert took < 200, f"{path}: {took:.0f} ms"  # of this process alone; ``make bench`` measures the whole
    text = page(client, ground, "/map")
    assert len(re.findall(r"<circle", text)) <= 160
    db.session.rollback()
