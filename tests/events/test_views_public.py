import json
import re
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication, Status
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_region,
    make_room,
    make_series,
    make_unit,
)
from tests.queries import counted

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are opened on 11 March 2026 at 12:00 in Beijing."""
    at(monkeypatch, NOON)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def text_of(html: str) -> str:
    """What a reader reads, without marks, in one line."""
    main = html[html.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


def structured(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found is not None
    values: dict[str, Any] = json.loads(found[1])
    return values


# ---- the front page


def test_an_empty_front_page_offers_a_next_step(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "现在没有正在报名的活动，可以先看下个月的安排。" in page.text
    assert 'href="/?month=2026-04"' in page.text
    narrowed = client.get("/?kind=award").text
    assert "这个条件下没有正在报名的活动。" in narrowed
    assert "看全部活动" in narrowed


def test_the_front_page_names_what_can_be_joined_and_until_when(client: FlaskClient) -> None:
    series = make_series(name="双月论坛", kind=Kind.FORUM_SERIES)
    edition = make_edition(series=series, style=Style.ISSUE, number=2)
    row = make_occurrence(edition=edition, closes_at=NOON + 2 * DAY, place="永川区会展中心")
    make_occurrence(title="满了", taken=5)
    make_occurrence(title="以后开放", opens_at=NOON + DAY)
    text = text_of(client.get("/").text)
    assert "双月论坛 2026年第2期 全市 3月18日（周三）12:00至14:00 永川区会展中心" in text
    assert "3月13日（周五）12:00 截止 还有 2 天" in text
    assert "可候补" in text
    assert "3月12日（周四）12:00 开放 明天" in text
    assert f'href="/occurrences/{row.id}"' in client.get("/").text


def test_filters_are_links_that_keep_each_other(client: FlaskClient) -> None:
    region = make_region(slug="yuzhong", name="渝中区")
    make_occurrence(edition=make_edition(series=make_series(unit=make_unit(region_id=region.id))))
    page = client.get("/?kind=academic&page=3").text
    assert '<a href="/?kind=academic&amp;region=yuzhong">渝中区</a>' in page
    assert '<a href="/?kind=academic" aria-current=true>学术会议</a>' in page


def test_a_filter_that_is_none_narrows_nothing(client: FlaskClient) -> None:
    make_occurrence(title="讲座")
    for query in ("?kind=nonsense", "?kind=", "?month=2026-13", "?month=0000-00", "?page=0", "?list=nonsense"):
        assert "讲座" in client.get(f"/{query}").text


def test_searching_finds_lists_and_series_and_keeps_the_filter(client: FlaskClient) -> None:
    make_series(name="双月论坛", slug="forum")
    make_occurrence(title="论坛预备会")
    make_occurrence(title="讲座")
    page = client.get("/?q=%E8%AE%BA%E5%9D%9B&kind=academic").text
    assert 'href="/series/forum"' in page
    assert "论坛预备会" in page
    assert "讲座" not in page
    assert '<input type="hidden" name="kind" value="academic">' in page


def test_the_month_grid_shows_each_day_once_and_turns(client: FlaskClient) -> None:
    make_occurrence(title="讲座", closes_at=NOON + 2 * DAY)
    page = client.get("/?month=2026-03").text
    assert page.count("<time datetime=") >= 42 - 7
    assert re.findall(r'<a class="ev( ev-due)?" href="[^"]*"><span>([^<]*)</span>([^<]*)</a>', page) == [
        ("", "开放", "讲座"),
        (" ev-due", "截止", "讲座"),
        ("", "活动", "讲座"),
    ]
    assert 'href="/?month=2026-02"' in page
    assert 'href="/?month=2026-04"' in page
    assert 'href="/?month=2026-03&amp;list=month"' in page


def test_a_crowded_day_leads_to_its_whole_list(client: FlaskClient) -> None:
    edition = make_edition()
    for n in range(5):
        make_occurrence(edition=edition, title=f"第{n}场", opens_at=None)
    assert 'href="/?list=month&amp;day=2026-03-18"><span></span>还有 2 项</a>' in client.get("/").text
    page = client.get("/?list=month&day=2026-03-18").text
    assert [f"第{n}场" in page for n in range(5)] == [True] * 5


def test_at_the_first_and_last_month_one_turns_only_inward(client: FlaskClient) -> None:
    assert "上个月" not in client.get("/?month=1985-01").text
    assert "下个月" not in client.get("/?month=2029-12").text


def test_whole_lists_have_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(sys.modules["kexie_events.events.views.public"]), "PER_PAGE", 2)
    for n in range(5):
        make_occurrence(title=f"第{n}场", closes_at=NOON + DAY + n * HOUR)
        make_occurrence(title=f"以后{n}场", opens_at=NOON + DAY + n * HOUR)
    assert "第4场" in client.get("/?list=open&page=3").text
    assert "以后4场" in client.get("/?list=soon&page=3").text
    assert "第 3 至 4 条，共 25 条" in client.get("/?list=month&month=2026-03&page=2").text
    assert client.get("/?list=open&page=4").status_code == 404


def test_an_organizer_sees_own_drafts_marked_and_visitors_do_not(
    client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    series = make_series(unit=unit, publication=Publication.DRAFT)
    edition = make_edition(series=series, publication=Publication.DRAFT)
    row = make_occurrence(edition=edition, title="筹备中的讲座", publication=Publication.DRAFT)
    organizer, stranger = as_user(make_organizer(unit).id), as_user(make_organizer(make_unit()).id)
    for path in (f"/series/{series.slug}", f"/editions/{edition.id}", f"/occurrences/{row.id}"):
        assert [visitor.get(path).status_code for visitor in (client, stranger, organizer)] == [404, 404, 200]
        assert "草稿" in organizer.get(path).text
    assert "筹备中的讲座" not in client.get("/").text
    assert "筹备中的讲座" not in stranger.get("/").text
    assert "草稿" in organizer.get("/").text


def test_what_was_taken_back_is_gone(client: FlaskClient) -> None:
    row = make_occurrence(publication=Publication.WITHDRAWN)
    assert client.get(f"/occurrences/{row.id}").status_code == 404
    assert client.get(f"/editions/{row.edition_id}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/series/none", "/editions/1", "/occurrences/1", "/occurrences/0", "/occurrences/99999999999"]
)
def test_what_is_not_there_is_not_found(app: Flask, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


# ---- an occurrence


def test_the_button_follows_the_window_to_the_second(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_occurrence(starts_at=NOON + 3 * HOUR, opens_at=NOON, closes_at=NOON + HOUR)
    button = f'href="/occurrences/{row.id}/registration"'
    seen = []
    for moment in (NOON - SECOND, NOON, NOON + HOUR - SECOND, NOON + HOUR, NOON + 5 * HOUR - SECOND, NOON + 5 * HOUR):
        at(monkeypatch, moment)
        page = client.get(f"/occurrences/{row.id}").text
        [state] = re.findall(r'<span class="tag tag-[a-z]+">([^<]*)</span>', page)
        seen.append((state, button in page))
    assert seen == [
        ("未开放", False), ("报名中", True), ("报名中", True), ("报名已截止", False), ("报名已截止", False),
        ("已结束", False),
    ]  # fmt: skip


def test_before_the_opening_the_page_says_when(client: FlaskClient) -> None:
    row = make_occurrence(opens_at=NOON + 2 * DAY)
    assert "报名开放 3月13日（周五）12:00 2 天后" in text_of(client.get(f"/occurrences/{row.id}").text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"taken": 3}, "已报 3 人，还剩 2 个名额"),
        ({"taken": 5}, "5 个名额已满，可以排队候补；有人退出时按顺序递补。"),
        ({"capacity": None, "taken": 7}, "名额不限。 已有 7 人报名。"),
        ({"opens_at": None}, "不需要报名"),
    ],
)
def test_places_are_told_in_words(client: FlaskClient, values: dict[str, Any], words: str) -> None:
    row = make_occurrence(**values)
    assert words.replace(" ", "") in text_of(client.get(f"/occurrences/{row.id}").text).replace(" ", "")


def test_a_full_one_offers_the_waiting_list_at_the_card_and_at_the_bar(client: FlaskClient) -> None:
    page = client.get(f"/occurrences/{make_occurrence(taken=5).id}").text
    assert len(re.findall(r'<a class="btn btn-p" href="[^"]*/registration">候补报名</a>', page)) == 2


def test_a_cancelled_one_says_so_first_with_date_and_reason(client: FlaskClient) -> None:
    row = make_occurrence(status=Status.CANCELLED, cancelled_at=NOON - DAY, reason="强降雨红色预警", moved_from_at=NOON)
    page = client.get(f"/occurrences/{row.id}").text
    text = text_of(page)
    assert "这一场已取消 3月10日（周二）12:00 通知取消。原定 3月18日（周三）12:00至14:00。 原因：强降雨红色预警" in text
    assert text.index("这一场已取消") < text.index("主办")
    assert "时间有变" not in text
    assert "/registration" not in page
    values = structured(page)
    assert values["eventStatus"] == "https://schema.org/EventCancelled"
    assert "previousStartDate" not in values  # search engines take it with EventRescheduled alone
    assert "offers" not in values


def test_a_moved_one_names_the_former_date(client: FlaskClient) -> None:
    row = make_occurrence(moved_from_at=NOON + DAY, reason="场地检修")
    page = client.get(f"/occurrences/{row.id}").text
    expected = "原定 3月12日（周四）12:00，现改为 3月18日（周三）12:00至14:00。 原因：场地检修"
    assert expected in text_of(page)
    values = structured(page)
    assert (values["eventStatus"], values["previousStartDate"], values["startDate"]) == (
        "https://schema.org/EventRescheduled", "2026-03-12T12:00:00+08:00", "2026-03-18T12:00:00+08:00",
    )  # fmt: skip


def test_where_it_is_and_what_machines_are_told(client: FlaskClient) -> None:
    venue = Venue(name="会展中心", address="兴龙大道 2468 号", latitude=29.35, longitude=105.9)
    db.session.add(venue)
    db.session.commit()
    series = make_series(name="双月论坛", unit=make_unit(name="重庆市科协"))
    edition = make_edition(series=series)
    row = make_occurrence(
        edition=edition, title="专场", summary="介绍", taken=2,
        room_id=make_room(venue=venue, name="报告厅").id,
    )  # fmt: skip
    page = client.get(f"/occurrences/{row.id}").text
    assert "会展中心 报告厅 兴龙大道 2468 号" in text_of(page)
    assert structured(page) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"http://kexie.test/occurrences/{row.id}",
        "identifier": row.uid,
        "inLanguage": "zh-CN",
        "name": f"专场（第{edition.number}届双月论坛）",
        "url": f"http://kexie.test/occurrences/{row.id}",
        "startDate": "2026-03-18T12:00:00+08:00",
        "endDate": "2026-03-18T14:00:00+08:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "description": "介绍",
        "isAccessibleForFree": True,
        "location": {
            "@type": "Place",
            "name": "会展中心 报告厅",
            "address": {"@type": "PostalAddress", "streetAddress": "兴龙大道 2468 号", "addressCountry": "CN"},
            "geo": {"@type": "GeoCoordinates", "latitude": 29.35, "longitude": 105.9},
        },
        "organizer": {"@type": "Organization", "name": "重庆市科协"},
        "superEvent": [
            {"@id": f"http://kexie.test/editions/{edition.id}"},
            {
                "@type": "EventSeries", "@id": f"http://kexie.test/series/{series.slug}", "name": "双月论坛",
                "url": f"http://kexie.test/series/{series.slug}",
            },
        ],
        "offers": {
            "@type": "Offer", "url": f"http://kexie.test/occurrences/{row.id}/registration", "price": "0",
            "priceCurrency": "CNY", "availability": "https://schema.org/InStock",
            "validFrom": "2026-03-04T12:00:00+08:00", "validThrough": "2026-03-18T12:00:00+08:00",
        },
        "maximumAttendeeCapacity": 5,
        "remainingAttendeeCapacity": 3,
    }  # fmt: skip


def test_a_whole_day_has_no_clock(client: FlaskClient) -> None:
    midnight = NOON + timedelta(hours=12)
    row = make_occurrence(starts_at=midnight, ends_at=midnight + 2 * DAY, all_day=True, opens_at=None)
    page = client.get(f"/occurrences/{row.id}").text
    assert "3月12日（周四） 至 3月13日（周五）" in text_of(page)
    assert (structured(page)["startDate"], structured(page)["endDate"]) == ("2026-03-12", "2026-03-13")


def test_an_edition_tells_machines_its_occurrences_from_the_first_to_the_last(client: FlaskClient) -> None:
    series = make_series(name="双月论坛", slug="forum", unit=make_unit(name="重庆市科协"))
    edition = make_edition(series=series, number=3, summary="介绍")
    later = make_occurrence(edition=edition, title="专场", starts_at=NOON + 9 * DAY, place="科技馆")
    first = make_occurrence(edition=edition, title="主场", starts_at=NOON + 8 * DAY, moved_from_at=NOON + 7 * DAY)
    make_occurrence(edition=edition, title="还没公布", starts_at=NOON + 2 * DAY, publication=Publication.DRAFT)
    values = structured(client.get(f"/editions/{edition.id}").text)
    assert (values["@type"], values["name"], values["startDate"], values["endDate"]) == (
        "Event", "第3届双月论坛", "2026-03-19T12:00:00+08:00", "2026-03-20T14:00:00+08:00",
    )  # fmt: skip
    assert values["superEvent"]["@id"] == "http://kexie.test/series/forum"
    parts = values["subEvent"]
    assert [part["@id"] for part in parts] == [f"http://kexie.test/occurrences/{row.id}" for row in (first, later)]
    assert parts[0]["previousStartDate"] == "2026-03-18T12:00:00+08:00"
    assert parts[1]["location"]["name"] == "科技馆"
    series_values = structured(client.get("/series/forum").text)
    assert (series_values["@type"], series_values["@id"]) == ("EventSeries", "http://kexie.test/series/forum")
    assert (series_values["startDate"], series_values["subEvent"]) == ("2026-03-19T12:00:00+08:00", parts)


def test_an_edition_without_a_date_is_no_event_for_machines(client: FlaskClient) -> None:
    edition = make_edition()
    assert "application/ld+json" not in client.get(f"/editions/{edition.id}").text
    values = structured(client.get(f"/series/{db.session.get(Series, edition.series_id).slug}").text)
    assert (values["@type"], "startDate" in values, "location" in values) == ("EventSeries", False, False)


def test_machines_are_told_that_an_edition_is_off_only_when_all_of_it_is(client: FlaskClient) -> None:
    edition = make_edition()
    make_occurrence(edition=edition, status=Status.CANCELLED)
    assert structured(client.get(f"/editions/{edition.id}").text)["eventStatus"].endswith("EventCancelled")
    make_occurrence(edition=edition)
    assert structured(client.get(f"/editions/{edition.id}").text)["eventStatus"].endswith("EventScheduled")


def test_whole_days_of_an_edition_have_no_clock_and_drafts_are_told_to_nobody(
    client: FlaskClient, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    midnight = NOON + timedelta(hours=12)
    make_occurrence(edition=edition, starts_at=midnight, ends_at=midnight + 2 * DAY, all_day=True, opens_at=None)
    make_occurrence(edition=edition, title="草稿", publication=Publication.DRAFT)
    own = as_user(make_organizer(unit).id).get(f"/editions/{edition.id}").text
    assert "草稿" in own
    for page in (own, client.get(f"/editions/{edition.id}").text):
        values = structured(page)
        assert (values["startDate"], values["endDate"]) == ("2026-03-12", "2026-03-13")
        assert len(values["subEvent"]) == 1


# ---- an edition, a series


def test_an_edition_shows_its_steps_its_occurrences_and_its_deadline(client: FlaskClient) -> None:
    series = make_series(name="创新大赛", kind=Kind.CONTEST_PROJECT, slug="cxds")
    make_edition(series=series, number=40, year=2025)
    edition = make_edition(series=series, number=41)
    make_milestone(edition=edition, code="entries-open", name="申报开放", starts_at=NOON - DAY, is_deadline=False)
    make_milestone(edition=edition, code="entries-close", name="申报截止", starts_at=NOON + 2 * DAY)
    make_milestone(
        edition=edition, code="first", name="初评", is_deadline=False, starts_at=NOON - HOUR, ends_at=NOON + DAY
    )
    make_occurrence(edition=edition, title="终评问辩", place="科技馆", opens_at=None)
    page = client.get(f"/editions/{edition.id}").text
    text = text_of(page)
    assert "申报截止 3月13日（周五）12:00 还有 2 天" in text
    assert re.search(r"初评 3月11日（周三）至3月12日（周四） 正在进行", text)
    assert "终评问辩 3月18日（周三）12:00至14:00 科技馆 不需报名" in text
    assert re.search(r'<a href="/editions/\d+"><b>第40届</b><span>2025</span></a>', page)
    assert f'href="/editions/{edition.id}/entries/new"' in page
    assert 'role="img" aria-label="第41届"' in page


def test_works_are_not_taken_before_the_opening_or_at_the_deadline(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = make_edition(series=make_series(kind=Kind.AWARD))
    make_milestone(edition=edition, code="entries-open", starts_at=NOON + HOUR, is_deadline=False)
    make_milestone(edition=edition, code="entries-close", starts_at=NOON + 2 * HOUR)
    seen = []
    for moment in (NOON, NOON + HOUR, NOON + 2 * HOUR - SECOND, NOON + 2 * HOUR):
        at(monkeypatch, moment)
        page = client.get(f"/editions/{edition.id}").text
        seen.append(("申报开放" in page, "/entries/new" in page, "已截止" in page))
    assert seen == [
        (True, False, False), (False, True, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


def test_a_series_shows_its_rings_its_editions_and_what_is_next(client: FlaskClient) -> None:
    series = make_series(name="双月论坛", slug="forum", summary="每两个月一期。")
    for number in (1, 2):
        edition = make_edition(series=series, style=Style.ISSUE, number=number)
    make_edition(series=series, style=Style.ISSUE, number=3, publication=Publication.DRAFT)
    row = make_occurrence(edition=edition)
    page = client.get("/series/forum").text
    assert 'role="img" aria-label="已办 2 届"' in page
    assert page.count("<circle") == 5 + 2  # the mark of the house and the seal
    assert f'href="/occurrences/{row.id}"' in page
    assert re.findall(r'href="/editions/\d+"><b>([^<]*)</b></a>', page) == ["2026年第2期", "2026年首期"]


def test_a_series_without_anything_offers_a_next_step(client: FlaskClient) -> None:
    page = client.get(f"/series/{make_series().slug}").text
    assert "还没有公布下一场的日期。" in page
    assert "还没有公布任何一届。" in page


def test_an_old_edition_names_a_district_that_is_gone(client: FlaskClient) -> None:
    region = make_region(name="江北区", valid_to=date(2025, 11, 6))
    edition = make_edition(series=make_series(unit=make_unit(region_id=region.id)), year=2019)
    assert "江北区" in text_of(client.get(f"/editions/{edition.id}").text)


# ---- every page


def test_texts_of_people_are_escaped_on_every_page(client: FlaskClient) -> None:
    bad = '</script><script>alert("1")</script>'
    region = make_region(name=bad, slug="bad")
    series = make_series(name=bad, summary=bad, unit=make_unit(name=bad, region_id=region.id), kind=Kind.AWARD)
    edition = make_edition(series=series, title=bad, summary=bad)
    make_milestone(edition=edition, name=bad, code="entries-close")
    row = make_occurrence(edition=edition, title=bad, summary=bad, place=bad, reason=bad, moved_from_at=NOON)
    off = make_occurrence(edition=edition, reason=bad, status=Status.CANCELLED)
    pages = ["/", f"/?q={bad}", "/?list=open", "/?list=month", f"/series/{series.slug}", f"/editions/{edition.id}"]
    for path in [*pages, f"/occurrences/{row.id}", f"/occurrences/{off.id}"]:
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "alert" in page.text
    assert structured(client.get(f"/occurrences/{row.id}").text)["name"] == f"{edition.number_words}{bad}"


def test_every_page_is_there_in_english(client: FlaskClient) -> None:
    row = make_occurrence()
    series = make_series()
    for path in ("/", f"/series/{series.slug}", f"/editions/{row.edition_id}", f"/occurrences/{row.id}"):
        assert '<html lang="en"' in client.get(f"{path}?lang=en").text
        assert '<html lang="zh-CN"' in client.get(f"{path}?lang=zh").text


def test_robots_may_read_feeds_but_not_desks(client: FlaskClient) -> None:
    """Personal ones too: Google's importer obeys this file. That no engine lists them is said in their headers."""
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.splitlines() == [
        "User-agent: *", "Allow: /feeds/", "Disallow: /manage", "Disallow: /judge",
        "Disallow: /me",
    ]  # fmt: skip


def test_no_page_asks_the_database_more_often_for_thirty_rows_than_for_one(client: FlaskClient) -> None:
    series = make_series(kind=Kind.CONTEST_PROJECT)
    edition = make_edition(series=series, number=900)
    make_milestone(edition=edition, code="entries-close")
    row = make_occurrence(edition=edition, opens_at=NOON)
    pages = ["/", "/?q=1", "/?list=open", "/?list=soon", "/?list=month", f"/series/{series.slug}"]
    pages += [f"/editions/{edition.id}", f"/occurrences/{row.id}"]
    once = {path: queries_of(client, path) for path in pages}
    for n in range(30):
        other = make_edition(series=series, number=n + 1)
        make_milestone(edition=edition)
        make_occurrence(edition=edition)
        make_occurrence(edition=other, opens_at=NOON + DAY)
    assert {path: queries_of(client, path) for path in pages} == once
    assert max(once.values()) <= 6


def queries_of(client: FlaskClient, path: str) -> int:
    with counted() as statements:
        assert client.get(path).status_code == 200
    return len(statements)
