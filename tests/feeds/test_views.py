"""The page of subscriptions."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from kexie_events.core.db import db
from kexie_events.events.models import Room, Venue
from kexie_events.events.rules import Publication
from kexie_events.feeds.asked import Asked, Scope, arguments_of
from kexie_events.feeds.choices import CHOICES, Choice, Contents
from kexie_events.feeds.services import publish_stale
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    NOON,
    make_edition,
    make_milestone,
    make_occurrence,
    make_region,
    make_room,
    make_series,
    make_unit,
)
from tests.queries import counted

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; 2312DRAABC) AppleWebKit/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
WECHAT = f"{IPHONE} MicroMessenger/8.0.47"
FAR = NOON + 3650 * DAY  # the page shows what is coming by the real clock


def links(page: str) -> list[str]:
    found = re.search(r'<ul class="devices">(.*?)</ul>', page, re.DOTALL)
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', found[1])] if found else []


def shown(page: str) -> list[tuple[str, str]]:
    """The lines of the preview."""
    found = re.search(r'<ol class="soonest">(.*?)</ol>', page, re.DOTALL)
    return re.findall(r"<span>(截止|节点|活动|取消)</span><a[^>]*>([^<]*)</a>", found[1]) if found else []


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


def test_inside_wechat_on_a_desk_too_nothing_is_offered_that_does_not_open(client: FlaskClient) -> None:
    assert links(get(client, "/subscribe", f"{WINDOWS} MicroMessenger/7.0 WindowsWechat")) == []


def test_each_way_of_choosing_has_an_address_that_can_be_shared(client: FlaskClient) -> None:
    region = make_region(slug="500103", name="渝中区")
    unit = make_unit(slug="yuzhong", name="渝中区科协", region_id=region.id)
    edition = make_edition(series=make_series(slug="forum", name="双月论坛", unit=unit), number=3)
    venue = Venue(name="重庆科技馆")
    db.session.add(venue)
    db.session.commit()
    for query, path, name in [
        ("series=forum", "series/forum", "双月论坛"),
        (f"edition={edition.id}", f"editions/{edition.id}", "第3届双月论坛"),
        ("unit=yuzhong", "units/yuzhong", "渝中区科协"), ("region=500103", "regions/500103", "渝中区"),
        (f"venue={venue.id}", f"venues/{venue.id}", "重庆科技馆"), ("topic=academic", "topics/academic", "学术会议"),
        ("kind=forum-series", "kinds/forum-series", "系列论坛"), ("", "all", "全部活动"),
    ]:  # fmt: skip
        page = get(client, f"/subscribe?{query}")
        assert f'value="http://kexie.test/feeds/{path}.ics"' in page
        assert f"<b>{name}</b>" in page
        assert (
            f'<link rel="alternate" type="text/calendar" title="{name}" href="http://kexie.test/feeds/{path}.ics">'
            in page
        )


@pytest.mark.parametrize(
    "query",
    [
        "series=nothing", "edition=99", "edition=x", "series=draft", "edition=1", "unit=nothing", "region=nothing",
        "venue=99", "venue=x", "kind=nothing", "topic=nothing", "kind=contest_match", "series=draft&unit=x",
        "contents=some", "cancelled=1", "alarm=5min", "by=series&page=2", "series=%00", "edition=99999999999999999999",
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_public_cannot_be_subscribed_to(client: FlaskClient, query: str) -> None:
    make_edition(series=make_series(slug="draft", publication=Publication.DRAFT))
    assert client.get(f"/subscribe?{query}").status_code == 404


def test_what_is_chosen_stands_in_every_address_of_the_page(client: FlaskClient) -> None:
    make_series(slug="forum", name="双月论坛")
    page = get(client, "/subscribe?series=forum&contents=deadlines&cancelled=removed&alarm=day")
    feed = "kexie.test/feeds/series/forum~deadlines~no-cancelled~alarm-day.ics"
    assert f'value="http://{feed}"' in page
    found = links(page)
    assert found[0] == f"webcal://{feed}"
    assert f"http://{feed}?download=1" in found
    assert f"https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F{quote(feed, safe='')}" in found
    for name, value in (("contents", "deadlines"), ("cancelled", "removed"), ("alarm", "day")):
        assert re.search(rf'<input [^>]*checked id="{name}-\d" name="{name}" type="radio" value="{value}">', page)
    assert "<details open>" in page
    assert "/subscribe?contents=deadlines&amp;cancelled=removed&amp;alarm=day&amp;by=topic" not in page
    assert "series=forum&amp;contents=deadlines&amp;cancelled=removed&amp;alarm=day&amp;by=region" in page


@pytest.mark.parametrize("choice", CHOICES.values(), ids=lambda choice: choice.suffix or "plain")
def test_the_address_that_the_page_gives_is_served(client: FlaskClient, choice: Choice) -> None:
    occurrence = make_occurrence(edition=make_edition(series=make_series(slug="forum")), room_id=make_room().id)
    publish_stale(now=NOON)
    unit = db.session.get(Unit, occurrence.unit_id)
    for one in (
        Asked(), Asked(Scope.SERIES, "forum"), Asked(Scope.EDITION, str(occurrence.edition_id)),
        Asked(Scope.UNIT, unit.slug), Asked(Scope.TOPIC, "academic"), Asked(Scope.KIND, "meeting"),
        Asked(Scope.VENUE, str(db.session.get(Room, occurrence.room_id).venue_id)),
    ):  # fmt: skip
        page = client.get("/subscribe", query_string={**one.arguments, **arguments_of(choice)})
        address = re.search(r'id="feed" value="http://kexie\.test([^"]*)"', page.text)
        answer = client.get(address[1])
        assert (answer.status_code, answer.mimetype) == (200, "text/calendar"), address[1]
        assert answer.text.count("BEGIN:VEVENT") == (choice.contents is not Contents.DEADLINES)


def test_what_nobody_chose_stays_folded_and_out_of_the_address(client: FlaskClient) -> None:
    page = get(client, "/subscribe?contents=all&cancelled=marked&alarm=none")
    assert 'value="http://kexie.test/feeds/all.ics"' in page
    assert "<details open>" not in page


def test_series_are_searched_and_the_chosen_one_is_marked(client: FlaskClient) -> None:
    make_series(slug="forum", name="双月论坛")
    make_series(slug="contest", name="创新大赛")
    page = get(client, "/subscribe?by=series&q=论坛&alarm=day")
    assert 'href="/subscribe?series=forum&amp;alarm=day"' in page
    assert "创新大赛" not in page
    chosen = get(client, "/subscribe?series=contest")
    assert re.search(r'series=contest" aria-current=true>创新大赛</a><span><span class="tag[^>]*>已选', chosen)
    nothing = get(client, "/subscribe?by=series&q=<没有>")
    assert "没有找到名称里有“&lt;没有&gt;”的" in nothing


def test_the_preview_shows_what_the_calendar_will_show(client: FlaskClient) -> None:
    edition = make_edition(series=make_series(name="双月论坛"), number=3)
    make_occurrence(edition=edition, title="量子信息", starts_at=FAR + DAY)
    make_milestone(edition=edition, name="报名截止", starts_at=FAR)
    make_occurrence(edition=edition, title="草稿不出现", publication=Publication.DRAFT, starts_at=FAR)
    publish_stale(now=FAR)
    page = get(client, "/subscribe")
    assert shown(page) == [("截止", "报名截止（第3届双月论坛）"), ("活动", "量子信息（第3届双月论坛）")]
    assert "接下来共 2 项，连同最近 90 天已过的共 2 项。" in page
    assert "草稿不出现" not in page
    assert shown(get(client, "/subscribe?contents=dates")) == [("活动", "量子信息（第3届双月论坛）")]
    assert shown(get(client, f"/subscribe?edition={edition.id}&contents=deadlines")) == [
        ("截止", "报名截止（第3届双月论坛）")
    ]


def test_a_choice_that_leaves_nothing_says_so(client: FlaskClient) -> None:
    make_milestone(edition=make_edition(series=make_series(name="双月论坛")), name="报名截止", starts_at=FAR)
    publish_stale(now=FAR)
    assert "按现在的选项，眼下没有要显示的。" in get(client, "/subscribe?contents=dates")


@pytest.mark.parametrize("by", ["all", "topic", "series", "unit", "region", "venue"])
def test_every_shelf_opens_and_asks_few_questions_whatever_there_is(client: FlaskClient, by: str) -> None:
    def asked() -> int:
        publish_stale(now=NOON)
        client.get(f"/subscribe?by={by}")
        with counted() as statements:
            assert client.get(f"/subscribe?by={by}").status_code == 200
        return len(statements)

    make_occurrence(room_id=make_room().id)
    make_milestone()
    few = asked()
    for _ in range(30):
        make_occurrence(room_id=make_room().id)
    assert asked() == few <= 6


def test_the_page_says_what_peers_leave_out(client: FlaskClient) -> None:
    page = get(client, "/subscribe")
    for words in (
        "几小时到一天，不能调",
        "Google 和 Outlook 不理会订阅日历里的提醒",
        "日历里会出现两次",
        "另外会收到通知",
    ):
        assert words in page


def test_a_visitor_is_asked_to_sign_in_for_a_calendar_of_ones_own(client: FlaskClient) -> None:
    assert 'href="/subscribe/personal"' in get(client, "/subscribe")
    answer = client.get("/subscribe/personal")
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].endswith("/sign-in?next=/subscribe/personal")
    assert client.post("/subscribe/personal", data={"label": "手机"}).status_code == 403
