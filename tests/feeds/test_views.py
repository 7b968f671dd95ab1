"""The page of subscriptions and the addresses of persons."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core.db import db
from kexie_events.events.rules import Publication
from kexie_events.feeds import queries, services
from kexie_events.feeds.services import publish_stale
from tests.build import DAY, NOON, make_account, make_edition, make_milestone, make_occurrence, make_series

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; 2312DRAABC) AppleWebKit/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
WECHAT = f"{IPHONE} MicroMessenger/8.0.47"
FAR = NOON + 3650 * DAY  # the page shows what is coming by the real clock


def links(page: str) -> list[str]:
    found = re.search(r'<ul class="devices">(.*?)</ul>', page, re.DOTALL)
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', found[1])] if found else []


def get(client: FlaskClient, path: str, agent: str = MAC) -> str:
    answer = client.get(path, headers={"User-Agent": agent})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("agent", "first"),
    [
        (IPHONE, "webcal://kexie.test/feeds/all.ics"),
        (MAC, "webcal://kexie.test/feeds/all.ics"),
        (ANDROID, "http://kexie.test/feeds/all.ics?download=1"),
        (WINDOWS, "https://outlook.live.com/calendar/0/addfromweb?url=http%3A%2F%2Fkexie.test%2Ffeeds%2Fall.ics&name="),
        ("", "webcal://kexie.test/feeds/all.ics"),
    ],
)
def test_the_link_for_the_device_in_hand_stands_first_and_the_others_follow(
    client: FlaskClient, agent: str, first: str
) -> None:
    found = links(get(client, "/subscribe", agent))
    assert found[0].startswith(first)
    assert len(found) == 5
    assert "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fkexie.test%2Ffeeds%2Fall.ics" in found
    assert any(link.startswith("https://outlook.office.com/") for link in found)


def test_inside_wechat_the_page_says_what_to_do_instead(client: FlaskClient) -> None:
    page = get(client, "/subscribe", WECHAT)
    assert links(page) == []
    assert "在浏览器打开" in page
    assert 'value="http://kexie.test/feeds/all.ics"' in page


def test_a_series_or_an_edition_is_chosen_by_the_address_of_the_page(client: FlaskClient) -> None:
    series = make_series(slug="forum", name="双月论坛")
    edition = make_edition(series=series, number=3)
    publish_stale(now=NOON)
    assert 'value="http://kexie.test/feeds/series/forum.ics"' in get(client, "/subscribe?series=forum")
    of_edition = get(client, f"/subscribe?edition={edition.id}")
    assert f'value="http://kexie.test/feeds/editions/{edition.id}.ics"' in of_edition
    assert "第3届双月论坛" in of_edition


@pytest.mark.parametrize("query", ["series=nothing", "edition=99", "edition=x", "series=draft", "edition=1"])
def test_what_the_public_may_not_see_cannot_be_subscribed_to(client: FlaskClient, query: str) -> None:
    make_edition(series=make_series(slug="draft", publication=Publication.DRAFT))
    assert client.get(f"/subscribe?{query}").status_code == 404


def test_the_preview_shows_what_the_calendar_will_show(client: FlaskClient) -> None:
    edition = make_edition(series=make_series(name="双月论坛"), number=3)
    make_occurrence(edition=edition, title="量子信息", starts_at=FAR + DAY)
    make_milestone(edition=edition, name="报名截止", starts_at=FAR)
    make_occurrence(edition=edition, title="草稿不出现", publication=Publication.DRAFT, starts_at=FAR)
    publish_stale(now=FAR)
    page = get(client, "/subscribe")
    shown = re.search(r'<ol class="soonest">(.*?)</ol>', page, re.DOTALL)
    assert re.findall(r"<span>(截止|活动)</span><a[^>]*>([^<]*)</a>", shown[1]) == [
        ("截止", "报名截止（第3届双月论坛）"),
        ("活动", "量子信息（第3届双月论坛）"),
    ]
    assert "草稿不出现" not in page


def test_a_visitor_is_asked_to_sign_in_for_a_calendar_of_ones_own(client: FlaskClient) -> None:
    page = get(client, "/subscribe")
    assert "/sign-in?next=" in page
    assert client.post("/subscribe/personal", data={"label": "手机"}).status_code == 403


def test_a_personal_address_is_shown_once_and_works(app: Flask, as_user: Callable[[int], FlaskClient]) -> None:
    account = make_account()
    visitor = as_user(account.id)
    answer = visitor.post("/subscribe/personal", data={"label": " 我的手机 "}, headers={"User-Agent": IPHONE})
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    address = re.search(r'value="(http://kexie\.test(/feeds/p/[^"]*))"', answer.text)
    assert links(answer.text)[0] == address[1].replace("http:", "webcal:")
    assert visitor.get(address[2]).headers["Content-Type"] == "text/calendar; charset=utf-8"
    later = visitor.get("/subscribe").text
    assert "我的手机" in later
    assert address[2] not in later


@pytest.mark.parametrize("label", ["", "  ", "长" * 41])
def test_a_label_that_is_refused_is_kept_in_the_field(
    app: Flask, as_user: Callable[[int], FlaskClient], label: str
) -> None:
    account = make_account()
    answer = as_user(account.id).post("/subscribe/personal", data={"label": label})
    assert answer.status_code == 422
    assert f'value="{label}"' in answer.text
    assert queries.subscriptions(account.id) == []


def test_too_many_addresses_are_refused_with_the_next_step(app: Flask, as_user: Callable[[int], FlaskClient]) -> None:
    account = make_account()
    for n in range(20):
        services.subscribe(account.id, str(n), now=NOON)
    answer = as_user(account.id).post("/subscribe/personal", data={"label": "再一个"})
    assert answer.status_code == 422
    assert "最多有 20 个个人地址。请先停用不再用的。" in answer.text


def test_an_address_is_replaced_and_ended(app: Flask, as_user: Callable[[int], FlaskClient]) -> None:
    account = make_account()
    visitor = as_user(account.id)
    first = services.subscribe(account.id, "手机", now=NOON)
    row = queries.subscriptions(account.id)[0]
    answer = visitor.post(f"/subscribe/personal/{row.id}/rotate")
    second = re.search(r"/feeds/p/([^\"]*)\.ics", answer.text)[1]
    assert [visitor.get(f"/feeds/p/{token}.ics").status_code for token in (first, second)] == [410, 200]
    db.session.expire_all()
    newest = queries.subscriptions(account.id)[0]
    ended = visitor.post(f"/subscribe/personal/{newest.id}/revoke", follow_redirects=True)
    assert "“手机”的地址已停用" in ended.text
    assert queries.subscriptions(account.id) == []


@pytest.mark.parametrize("what", ["rotate", "revoke"])
def test_the_address_of_somebody_else_is_not_found(
    app: Flask, as_user: Callable[[int], FlaskClient], what: str
) -> None:
    owner, other = make_account(), make_account()
    services.subscribe(owner.id, "手机", now=NOON)
    row = queries.subscriptions(owner.id)[0]
    assert as_user(other.id).post(f"/subscribe/personal/{row.id}/{what}").status_code == 404
    assert len(queries.subscriptions(owner.id)) == 1
