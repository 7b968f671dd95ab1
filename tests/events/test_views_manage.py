import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from kexie_events.audit.queries import broken_records
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Room, Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.patterns.models import Pattern
from kexie_events.events.rules import Publication, Status
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    NOON,
    make_account,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_room,
    make_series,
    make_unit,
)

As = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="重庆市科协")


@pytest.fixture
def desk(city: Unit, as_user: As) -> FlaskClient:
    """A browser of the city's organiser."""
    return as_user(make_organizer(city).id)


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def words(response: Any) -> str:
    """What can be read, without tags and doubled spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", text(response)).split())


def only(model: type[Any]) -> Any:
    db.session.expire_all()
    return db.session.scalars(select(model)).one()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def again(row: Any) -> Any:
    db.session.refresh(row)
    return row


@contextmanager
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def forum(city: Unit, **values: Any) -> dict[str, Any]:
    """What an organiser types for the 双月论坛."""
    typed = {
        "name": "“科创中国”@重庆双月论坛", "kind": "forum_series", "unit_id": city.id, "summary": "", "slug": "forum",
        "style": "issue", "first_number": "1", "year": "2026", "first_on": "2026-09-17", "starts": "14:00",
        "ends": "17:00", "repeat": "months", "nth": "3", "weekday": "6", "every": "1", "count": "5", "until": "",
        "key": "0a1b2c3d-0d5c-4b2e-9a55-1f2e3d4c5b6a", "do": "save", **values,
    }  # fmt: skip
    return {name: value for name, value in typed.items() if value is not None}


# ---- who comes in


PAGES = [
    "/manage", "/manage/series", "/manage/series/new", "/manage/venues", "/manage/series/{series}",
    "/manage/series/{series}/editions/new", "/manage/editions/{edition}", "/manage/editions/{edition}/publish",
    "/manage/editions/{edition}/unpublish", "/manage/editions/{edition}/occurrences/new",
    "/manage/editions/{edition}/milestones/new", "/manage/milestones/{milestone}", "/manage/occurrences/{occurrence}",
]  # fmt: skip
ACTS = [
    "/manage/series/{series}/editions/new", "/manage/editions/{edition}/approve",
    "/manage/editions/{edition}/publish", "/manage/editions/{edition}/unpublish",
    "/manage/editions/{edition}/occurrences/new", "/manage/editions/{edition}/milestones/new",
    "/manage/milestones/{milestone}", "/manage/occurrences/{occurrence}/move",
    "/manage/occurrences/{occurrence}/words", "/manage/occurrences/{occurrence}/cancel",
    "/manage/occurrences/{occurrence}/restore",
]  # fmt: skip


def whole(unit: Unit, publication: Publication = Publication.PUBLISHED) -> dict[str, int]:
    """One of each, and their ids for an address."""
    series = make_series(unit=unit, publication=publication)
    edition = make_edition(series=series, publication=publication)
    occurrence = make_occurrence(edition=edition, publication=publication)
    milestone = make_milestone(edition=edition, publication=publication)
    return {"series": series.id, "edition": edition.id, "occurrence": occurrence.id, "milestone": milestone.id}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_its_organizer_with_one_heading(desk: FlaskClient, city: Unit, path: str) -> None:
    response = desk.get(path.format(**whole(city)))
    assert (response.status_code, text(response).count("<h1")) == (200, 1)
    assert re.findall(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", text(response)) == []


@pytest.mark.parametrize("publication", list(Publication))
def test_what_belongs_to_another_unit_is_not_there_even_when_it_is_public(
    app: Flask, as_user: As, city: Unit, publication: Publication
) -> None:
    ids = whole(city, publication)
    stranger = as_user(make_organizer(make_unit()).id)
    gets = {stranger.get(path.format(**ids)).status_code for path in PAGES if "{" in path}
    posts = {stranger.post(path.format(**ids), data={"reason": "x"}).status_code for path in ACTS}
    assert (gets, posts) == ({404}, {404})


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_asked_to_sign_in_and_a_participant_finds_nothing(
    app: Flask, as_user: As, city: Unit, path: str
) -> None:
    address = path.format(**whole(city))
    visit = app.test_client().get(address)
    assert (visit.status_code, visit.headers["Location"].split("?")[0]) == (303, "/sign-in")
    assert as_user(make_account().id).get(address).status_code == 404


def test_the_desk_of_a_district_shows_nothing_of_the_city(app: Flask, as_user: As, city: Unit) -> None:
    make_occurrence(edition=make_edition(series=make_series(unit=city, name="市里的年会")), starts_at=NOON + DAY)
    own = make_unit(parent=city)
    make_occurrence(edition=make_edition(series=make_series(unit=own, name="区里的讲座")), starts_at=NOON + DAY)
    district = as_user(make_organizer(own).id)
    for path in ("/manage", "/manage/series"):
        page = words(district.get(path))
        assert ("区里的讲座" in page, "市里的年会" in page) == (True, False)
    assert "没有符合条件的系列" in words(district.get("/manage/series?q=年会"))


# ---- a new series


def test_the_preview_shows_numbers_dates_and_what_to_think_of_and_saves_nothing(desk: FlaskClient, city: Unit) -> None:
    response = desk.post("/manage/series/new", data=forum(city, do="preview"))
    page = words(response)
    assert response.status_code == 200
    remarks = "(?:调休上班，学生有课|当年放假安排未公布|重阳节|全国科普.| )*"
    assert re.findall(rf"(\d+年)?(\d+月\d+日（周日）)14:00至17:00 (\S+期) ?({remarks})", page) == [
        ("", "9月20日（周日）", "2026年首期", "调休上班，学生有课 全国科普月 全国科普日 "),
        ("", "10月18日（周日）", "2026年第2期", "重阳节 "),
        ("", "11月15日（周日）", "2026年第3期", ""),
        ("", "12月20日（周日）", "2026年第4期", ""),
        ("2027年", "1月17日（周日）", "2027年首期", "当年放假安排未公布 "),
    ]
    assert 'value="“科创中国”@重庆双月论坛"' in text(response)
    assert (count(Series), count(Occurrence)) == (0, 0)


def test_the_preview_marks_a_holiday_and_a_room_that_is_taken(desk: FlaskClient, city: Unit) -> None:
    room = make_room()
    make_occurrence(room_id=room.id, starts_at=datetime(2026, 10, 1, 7, tzinfo=UTC))
    typed = forum(city, do="preview", repeat="once", count="", first_on="2026-10-01", room_id=room.id)
    page = words(desk.post("/manage/series/new", data=typed))
    assert "10月1日（周四）14:00至17:00 2026年首期 场地已有安排 国庆节放假" in page


def test_saving_makes_drafts_and_leads_to_the_series(desk: FlaskClient, city: Unit) -> None:
    response = desk.post("/manage/series/new", data=forum(city, registration="y", capacity="200", opens_days="14"))
    series = only(Series)
    assert (response.status_code, response.headers["Location"]) == (303, f"/manage/series/{series.id}")
    assert (series.slug, only(Pattern).rule, series.publication) == (
        "forum", "FREQ=MONTHLY;BYDAY=3SU;COUNT=5", Publication.DRAFT,
    )  # fmt: skip
    first = db.session.scalars(select(Occurrence).order_by(Occurrence.id)).first()
    assert first is not None
    assert (first.starts_at, first.capacity) == (datetime(2026, 9, 20, 6, tzinfo=UTC), 200)
    assert (first.opens_at, first.closes_at) == (first.starts_at - 14 * DAY, first.starts_at)


def test_a_form_sent_twice_makes_one_series(desk: FlaskClient, city: Unit) -> None:
    typed = forum(city, slug="")
    answers = [desk.post("/manage/series/new", data=typed) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (303, f"/manage/series/{only(Series).id}")
    ] * 2
    assert only(Series).slug == "forum-series-0a1b2c3d"


def test_a_form_sent_again_with_other_words_is_not_answered_as_if_they_were_saved(
    desk: FlaskClient, city: Unit
) -> None:
    typed = forum(city, slug="")
    desk.post("/manage/series/new", data=typed)
    name = only(Series).name
    answer = desk.post("/manage/series/new", data={**typed, "name": "另一个论坛"})
    assert (answer.status_code, f"这张表已经保存成“{name}”" in words(answer), "另一个论坛" in text(answer)) == (
        422, True, True,
    )  # fmt: skip
    assert count(Series) == 1
    found = re.search(r'name="key"[^>]*value="([0-9a-f-]{36})"', text(answer))
    assert found is not None
    again_sent = desk.post("/manage/series/new", data={**typed, "name": "另一个论坛", "key": found[1]})
    assert (again_sent.status_code, count(Series)) == (303, 2)


@pytest.mark.parametrize("key", ["", "../x", "z" * 5000])
def test_a_form_whose_key_is_none_of_ours_is_saved_under_a_new_one(desk: FlaskClient, city: Unit, key: str) -> None:
    assert desk.post("/manage/series/new", data=forum(city, slug="", key=key)).status_code == 303
    assert re.fullmatch("forum-series-[0-9a-f]{8}", only(Series).slug)


def test_a_place_is_one_line_without_what_is_unseen(desk: FlaskClient, city: Unit) -> None:
    desk.post("/manage/series/new", data=forum(city, place="\u202e二楼\r\nBCC: x\x00"))
    assert db.session.scalars(select(Occurrence.place)).first() == "二楼 BCC: x"


def test_several_days_and_the_weekday_of_the_first_day(desk: FlaskClient, city: Unit) -> None:
    typed = forum(
        city, style="ordinal", first_number="41", repeat="monthly", weekday="", nth="-1", count="1", lasts_days="3"
    )
    assert desk.post("/manage/series/new", data=typed).status_code == 303
    row = only(Occurrence)
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 9, 24, 6, tzinfo=UTC), datetime(2026, 9, 26, 9, tzinfo=UTC),
    )  # fmt: skip
    assert only(Edition).number_words == "第41届"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"count": "", "until": ""}, "重复规则没有结束。请填写次数或结束日期。"),
        ({"until": "2026-12-31"}, "次数和结束日期只能填一个。"),
        ({"count": "500"}, "次数要在 1 到 400 之间。"),
        ({"count": "许多"}, "请填写整数。"),
        ({"count": "", "until": "2026-09-01"}, "按这条规则一个日期也没有。"),
        ({"count": "", "until": "2099-01-01"}, "一次最多排 10 年。"),
        ({"first_on": "2026-02-30"}, "这一天不存在，请按“年-月-日”填写，例如 2026-03-20。"),
        ({"first_on": "2026-13-01"}, "这一天不存在"),
        ({"first_on": "明天"}, "这一天不存在"),
        ({"first_on": ""}, "请填写从哪天起"),
        ({"first_on": " "}, "请填写从哪天起"),
        ({"starts": "　"}, "请填写开始时间"),
        ({"first_on": "9999-12-31"}, "日期的年份要在 1900 到 2200 之间。"),
        ({"starts": "25:00"}, "请按 24 小时制填写时间，例如 14:00。"),
        ({"ends": "13:00"}, "结束时间（9月17日（周四）13:00）要晚于开始时间（9月17日（周四）14:00）。"),
        ({"ends": "14:00"}, "要晚于开始时间"),
        ({"name": ""}, "请填写系列名称"),
        ({"name": "\u200b"}, "请填写名称，最多 120 个字。"),
        ({"slug": "双月论坛"}, "网址只能用小写字母、数字和连字符"),
        ({"kind": "party"}, "请从列表里选一项。"),
        ({"unit_id": "999"}, "请从列表里选一项。"),
        ({"room_id": "999"}, "请从列表里选一项。"),
        ({"first_number": "0"}, "届次要在 1 到 999 之间。"),
        ({"year": "26"}, "请填写年份，1900 到 2200 之间。"),
        ({"every": "0"}, "间隔的月数要在 1 到 60 之间。"),
        ({"registration": "y", "capacity": "0"}, "名额要在 1 到 1000000 之间；不限名额请留空。"),
        ({"registration": "y", "opens_days": "1", "closes_days": "3"}, "要晚于报名开放"),
        ({"lasts_days": "121"}, "每场持续 1 到 120 天"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "save"])
def test_bad_input_is_answered_with_a_sentence_and_what_was_typed(
    desk: FlaskClient, city: Unit, typed: dict[str, str], said: str, do: str
) -> None:
    response = desk.post("/manage/series/new", data=forum(city, summary="保留我写的", do=do, **typed))
    assert (response.status_code, said in words(response)) == (422, True)
    assert "保留我写的" in text(response)
    assert count(Series) == 0


def test_a_bad_date_stands_in_its_field_as_it_was_typed(desk: FlaskClient, city: Unit) -> None:
    page = text(desk.post("/manage/series/new", data=forum(city, first_on="2026-02-30")))
    assert re.search(r'<input[^>]*id="first_on"[^>]*value="2026-02-30"', page)
    assert 'href="#first_on"' in page


@pytest.mark.parametrize("day", ["2026/9/17", "２０２６－０９－１７", "2026年9月17日", "2026.9.17"])
def test_a_day_is_read_as_people_write_it(desk: FlaskClient, city: Unit, day: str) -> None:
    assert desk.post("/manage/series/new", data=forum(city, first_on=day)).status_code == 303
    assert only(Pattern).first_on == date(2026, 9, 17)


def test_a_room_and_an_address_that_are_taken_are_said_at_their_fields(desk: FlaskClient, city: Unit) -> None:
    room = make_room(venue=_venue("市科技馆"), name="一号厅")
    other = make_edition(series=make_series(unit=city, name="科普讲座", slug="forum"), number=4)
    make_occurrence(edition=other, room_id=room.id, starts_at=datetime(2026, 9, 20, 7, tzinfo=UTC))
    response = desk.post("/manage/series/new", data=forum(city, slug="new", room_id=room.id))
    said = "市科技馆 一号厅在9月20日（周日）15:00到9月20日（周日）17:00已安排“第4届科普讲座”。请换一个场地或时间。"
    assert (response.status_code, said in words(response), 'href="#room_id"' in text(response)) == (422, True, True)
    response = desk.post("/manage/series/new", data=forum(city))
    assert (response.status_code, "网址“forum”已被别的系列使用" in words(response)) == (422, True)
    assert (count(Series), count(Occurrence)) == (1, 1)


def _venue(name: str) -> Venue:
    venue = Venue(name=name)
    db.session.add(venue)
    db.session.commit()
    return venue


def test_a_closed_unit_is_not_on_offer_and_is_refused_when_sent_anyway(desk: FlaskClient, city: Unit) -> None:
    closed = make_unit(parent=city, name="江北区科协", valid_to=date(2026, 1, 25))
    assert "江北区科协" not in text(desk.get("/manage/series/new"))
    assert desk.post("/manage/series/new", data=forum(city, unit_id=closed.id)).status_code == 422


# ---- the list


def test_series_are_found_by_name_kind_and_state(desk: FlaskClient, city: Unit) -> None:
    make_series(unit=city, name="科普讲座", kind=Kind.LECTURE_TOUR)
    make_series(unit=city, name="双月论坛", kind=Kind.FORUM_SERIES, publication=Publication.DRAFT)

    def listed(query: str) -> list[str]:
        return [name for name in ("科普讲座", "双月论坛") if name in text(desk.get(f"/manage/series?{query}"))]

    assert listed("") == ["科普讲座", "双月论坛"]
    assert listed("q=论坛") == ["双月论坛"]
    assert listed("kind=lecture_tour") == ["科普讲座"]
    assert listed("state=draft") == ["双月论坛"]
    assert listed("q=%25") == listed("q=_") == []
    assert listed("kind=nonsense&state=nonsense&page=99999999999") == ["科普讲座", "双月论坛"]


def test_a_page_makes_as_many_queries_for_thirty_rows_as_for_one(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city)
    edition = make_edition(series=series, number=1)
    make_occurrence(edition=edition, room_id=make_room().id, publication=Publication.DRAFT)
    pages = [
        "/manage", "/manage/series", "/manage/venues", f"/manage/series/{series.id}", f"/manage/editions/{edition.id}",
    ]  # fmt: skip

    def counted() -> list[int]:
        found = []
        for page in pages:
            with queries() as seen:
                desk.get(page)
            found.append(len(seen))
        return found

    few = counted()
    for n in range(29):
        make_occurrence(edition=edition, room_id=make_room().id)
        more = make_series(unit=make_unit(parent=city))
        make_occurrence(edition=make_edition(series=more), publication=Publication.DRAFT)
        make_edition(series=series, number=n + 2)
        make_milestone(edition=edition)
    assert counted() == few


# ---- today


def test_today_counts_what_waits(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, name="双月论坛", kind=Kind.FORUM_SERIES, publication=Publication.DRAFT)
    for number in (1, 2):
        edition = make_edition(series=series, number=number, style=Style.ISSUE, publication=Publication.DRAFT)
        make_occurrence(edition=edition, publication=Publication.DRAFT, starts_at=NOON + number * 30 * DAY)
    meeting = make_edition(series=make_series(unit=city, name="工作会"), publication=Publication.DRAFT)
    make_occurrence(edition=meeting, publication=Publication.DRAFT, starts_at=NOON + HOUR)
    public = make_edition(series=make_series(unit=city, name="讲座"))
    make_occurrence(edition=public, publication=Publication.DRAFT, starts_at=NOON + 20 * DAY)
    page = words(desk.get("/manage"))
    assert "待办 3 件，今天 1 场活动" in page
    assert "1 待发布 ：工作会" in page
    assert "2 待备案 ：双月论坛" in page
    assert "1 新增场次待发布 ：讲座" in page


def test_today_without_anything_says_so(desk: FlaskClient) -> None:
    page = words(desk.get("/manage"))
    assert "没有待办，今天没有活动" in page
    assert "今年还没有排日期。" in page


def test_today_names_what_was_cancelled_with_its_reason(desk: FlaskClient, city: Unit) -> None:
    row = make_occurrence(edition=make_edition(series=make_series(unit=city, name="科普讲座")))
    assert desk.post(
        f"/manage/occurrences/{row.id}/cancel", data={"cancel-reason": "暴雨", "cancel-revision": "1"}
    ).status_code == 303  # fmt: skip
    assert "已取消 科普讲座 3月18日（周三）12:00 暴雨" in words(desk.get("/manage"))


# ---- editions


def test_an_edition_is_added_by_the_number_as_it_is_printed(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city)
    address = f"/manage/series/{series.id}/editions/new"
    typed = {"number": "第36届", "year": "2026", "title": "", "unit_id": city.id}
    assert desk.post(address, data=typed).status_code == 303
    edition = only(Edition)
    assert (edition.number_words, edition.year, edition.publication) == ("第36届", 2026, Publication.DRAFT)
    for number, said in (
        ("第三十六届", "这个系列已有第三十六届。"), ("三六", "看不懂届次“三六”"), ("", "请填写届次"),
    ):  # fmt: skip
        response = desk.post(address, data={**typed, "number": number})
        assert (response.status_code, said in words(response)) == (422, True)
    assert count(Edition) == 1


def test_a_forum_is_approved_then_published_and_the_page_says_what_becomes_visible(
    desk: FlaskClient, city: Unit
) -> None:
    desk.post("/manage/series/new", data=forum(city, count="1"))
    edition = only(Edition)
    address = f"/manage/editions/{edition.id}"
    assert "还不能发布" in words(desk.get(f"{address}/publish"))
    refused = desk.post(f"{address}/publish")
    assert (refused.status_code, "这类活动要先备案" in words(refused)) == (422, True)
    assert desk.post(f"{address}/approve", data={"words": " "}).status_code == 422
    assert desk.post(f"{address}/approve", data={"words": "渝科协办〔2026〕7号"}).status_code == 303
    page = words(desk.get(f"{address}/publish"))
    assert "系列页面，第一次公开" in page
    assert "9月20日（周日）14:00至17:00" in page
    assert desk.post(f"{address}/publish").status_code == 303
    assert {only(model).publication for model in (Series, Edition, Occurrence)} == {Publication.PUBLISHED}
    assert desk.post(f"{address}/publish").status_code == 422


def test_a_get_of_the_confirmation_changes_nothing(desk: FlaskClient, city: Unit) -> None:
    ids = whole(city, Publication.DRAFT)
    for page in ("publish", "unpublish"):
        desk.get(f"/manage/editions/{ids['edition']}/{page}")
    assert only(Edition).publication is Publication.DRAFT


def test_unpublishing_warns_of_those_who_have_a_seat_and_needs_a_reason(desk: FlaskClient, city: Unit) -> None:
    ids = whole(city)
    row = db.session.get(Occurrence, ids["occurrence"])
    assert row is not None
    row.taken = 3
    db.session.commit()
    address = f"/manage/editions/{ids['edition']}/unpublish"
    assert "已有 3 人报名" in words(desk.get(address))
    assert desk.post(address, data={"reason": ""}).status_code == 422
    assert desk.post(address, data={"reason": "误发"}).status_code == 303
    assert only(Edition).publication is Publication.WITHDRAWN


def test_an_occurrence_is_added_once_however_often_the_form_is_sent(desk: FlaskClient, city: Unit) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {
        "title": "分论坛一", "starts_on": "2026-04-02", "starts": "9:00", "ends_on": "", "ends": "11:30",
        "place": "线上",
        "registration": "y", "capacity": "40", "opens_on": "2026-03-20", "closes_on": "2026-03-31",
        "key": "6f1c1a52-0d5c-4b2e-9a55-1f2e3d4c5b6a",
    }  # fmt: skip
    address = f"/manage/editions/{edition.id}/occurrences/new"
    places = {desk.post(address, data=typed).headers["Location"] for _ in range(2)}
    row = only(Occurrence)
    assert places == {f"/manage/occurrences/{row.id}"}
    said = desk.post(address, data={**typed, "title": "分论坛二"})
    assert (said.status_code, "内容和这次不同" in words(said), 'value="分论坛二"' in text(said)) == (422, True, True)
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 4, 2, 1, tzinfo=UTC),
        datetime(2026, 4, 2, 3, 30, tzinfo=UTC),
    )
    assert (row.opens_at, row.closes_at) == (
        datetime(2026, 3, 19, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC),
    )  # fmt: skip


def test_an_occurrence_that_ends_before_it_starts_is_refused_with_both_times(desk: FlaskClient, city: Unit) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {"title": "保留", "starts_on": "2026-04-02", "starts": "09:00", "ends_on": "2026-04-01", "ends": "11:00"}
    response = desk.post(f"/manage/editions/{edition.id}/occurrences/new", data=typed)
    said = "结束时间（4月1日（周三）11:00）要晚于开始时间（4月2日（周四）9:00）。"
    assert (response.status_code, said in words(response), 'value="保留"' in text(response)) == (422, True, True)
    assert count(Occurrence) == 0


def test_without_a_time_an_occurrence_lasts_whole_days_on_every_page(
    desk: FlaskClient, client: FlaskClient, city: Unit
) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {"starts_on": "2026-04-02", "starts": "", "ends_on": "2026-04-03", "ends": "", "place": "市科技馆广场"}
    answer = desk.post(f"/manage/editions/{edition.id}/occurrences/new", data=typed, follow_redirects=True)
    row = only(Occurrence)
    assert (row.all_day, row.starts_at, row.ends_at) == (
        True, datetime(2026, 4, 1, 16, tzinfo=UTC), datetime(2026, 4, 3, 16, tzinfo=UTC),
    )  # fmt: skip
    assert "开始 4月2日（周四） 结束 4月3日（周五）" in words(answer)
    for path in (f"/manage/editions/{edition.id}", f"/manage/editions/{edition.id}/publish"):
        assert "4月2日（周四） 至 4月3日（周五）" in words(desk.get(path))
    assert desk.post(f"/manage/editions/{edition.id}/publish").status_code == 303
    assert "4月2日（周四） 至 4月3日（周五）" in words(client.get(f"/occurrences/{row.id}"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"starts": "09:00", "ends": ""}, "请填写结束时间，全天的两个时间都留空"),
        ({"starts": "", "ends": "11:00"}, "请填写开始时间，全天的两个时间都留空"),
        ({"starts": "9点", "ends": ""}, "请按 24 小时制填写时间"),
        (
            {"starts": "", "ends": "", "ends_on": "2026-04-01"},
            "结束时间（4月1日（周三））要晚于开始时间（4月2日（周四））。",
        ),
    ],
)
def test_half_a_time_is_asked_for(desk: FlaskClient, city: Unit, typed: dict[str, str], said: str) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {"starts_on": "2026-04-02", **typed}
    response = desk.post(f"/manage/editions/{edition.id}/occurrences/new", data=typed)
    assert (response.status_code, said in words(response), count(Occurrence)) == (422, True, 0)


def test_a_series_without_times_is_previewed_and_saved_by_day(desk: FlaskClient, city: Unit) -> None:
    typed = forum(city, starts="", ends="", lasts_days="2")
    assert "9月20日（周日） 至 9月21日（周一）" in words(
        desk.post("/manage/series/new", data={**typed, "do": "preview"})
    )
    assert desk.post("/manage/series/new", data=typed).status_code == 303
    assert {row.all_day for row in db.session.scalars(select(Occurrence))} == {True}


def test_milestones_are_added_and_changed(desk: FlaskClient, city: Unit) -> None:
    edition = make_edition(series=make_series(unit=city, kind=Kind.CONTEST_PROJECT))
    typed = {
        "name": "申报截止", "purpose": "entries-close", "starts_on": "2026-04-02", "starts": "12:00",
        "is_deadline": "y",
    }  # fmt: skip
    address = f"/manage/editions/{edition.id}/milestones/new"
    assert desk.post(address, data=typed).status_code == 303
    row = only(Milestone)
    assert (row.code, row.starts_at, row.ends_at, row.is_deadline) == (
        "entries-close", datetime(2026, 4, 2, 4, tzinfo=UTC), datetime(2026, 4, 2, 4, tzinfo=UTC), True,
    )  # fmt: skip
    assert "这一届已有起同样作用的节点" in words(desk.post(address, data=typed))
    changed = {**typed, "starts": "17:00", "revision": "0"}
    assert desk.post(f"/manage/milestones/{row.id}", data=changed).status_code == 303
    assert (again(row).starts_at, row.code, row.revision) == (
        datetime(2026, 4, 2, 9, tzinfo=UTC), "entries-close", 1,
    )  # fmt: skip
    stale = desk.post(f"/manage/milestones/{row.id}", data={**changed, "name": "别的"})
    assert (stale.status_code, "节点名称 现在：申报截止 你填的：别的" in words(stale)) == (409, True)


def test_a_milestone_is_added_once_and_other_words_under_the_same_key_are_not_lost(
    desk: FlaskClient, city: Unit
) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {
        "name": "领队会", "purpose": "shown", "starts_on": "2026-04-02", "starts": "12:00",
        "key": "0a1b2c3d-4e5f-4b2e-9a55-1f2e3d4c5b6a",
    }  # fmt: skip
    address = f"/manage/editions/{edition.id}/milestones/new"
    assert [desk.post(address, data=typed).status_code for _ in range(2)] == [303, 303]
    other = desk.post(address, data={**typed, "name": "抽签会"})
    assert (other.status_code, "这张表已经保存成“领队会”" in words(other), "抽签会" in text(other)) == (
        422,
        True,
        True,
    )
    assert only(Milestone).name == "领队会"
    found = re.search(r'name="key"[^>]*value="([0-9a-f-]{36})"', text(other))
    assert found is not None
    assert desk.post(address, data={**typed, "name": "抽签会", "key": found[1]}).status_code == 303
    assert count(Milestone) == 2


def test_blanks_are_no_date(desk: FlaskClient, city: Unit) -> None:
    edition = make_edition(series=make_series(unit=city))
    for page in ("milestones", "occurrences"):
        typed = {"name": "甲", "purpose": "shown", "starts_on": " ", "starts": "12:00", "ends": "13:00"}
        answer = desk.post(f"/manage/editions/{edition.id}/{page}/new", data=typed)
        assert (answer.status_code, "请填写" in words(answer)) == (422, True)


@pytest.mark.parametrize("opens_on", ["0001-01-01", "9999-12-30"])
def test_registration_opens_in_a_year_that_can_be_meant(desk: FlaskClient, city: Unit, opens_on: str) -> None:
    edition = make_edition(series=make_series(unit=city))
    typed = {
        "title": "甲", "starts_on": "2026-04-02", "starts": "9:00", "ends": "11:30", "registration": "y",
        "opens_on": opens_on,
    }  # fmt: skip
    answer = desk.post(f"/manage/editions/{edition.id}/occurrences/new", data=typed)
    assert (answer.status_code, "日期的年份要在 1900 到 2200 之间。" in words(answer)) == (422, True)
    assert count(Occurrence) == 0


# ---- one occurrence


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_even_a_draft_is_not_moved_into_a_year_that_nobody_can_mean(
    desk: FlaskClient, city: Unit, lecture: Occurrence, day: str
) -> None:
    lecture.publication = Publication.DRAFT
    db.session.commit()
    typed = moved(starts_on=day, starts="00:00", ends_on=day, ends="01:00")
    answer = desk.post(f"/manage/occurrences/{lecture.id}/move", data=typed)
    assert (answer.status_code, "日期的年份要在 1900 到 2200 之间。" in words(answer)) == (422, True)
    assert again(lecture).starts_at == lecture.starts_at


def test_a_zero_byte_in_a_text_is_dropped_from_the_row_and_from_the_record(
    desk: FlaskClient, lecture: Occurrence
) -> None:
    typed = {"words-title": "甲\x00乙", "words-summary": "丙\x00丁", "words-revision": "1"}
    assert desk.post(f"/manage/occurrences/{lecture.id}/words", data=typed).status_code == 303
    row = again(lecture)
    assert (row.title, row.summary) == ("甲乙", "丙丁")
    assert list(broken_records()) == []


def moved(**values: str) -> dict[str, str]:
    typed = {
        "starts_on": "2026-03-19", "starts": "12:00", "ends_on": "", "ends": "14:00", "room_id": "", "place": "线上",
        "reason": "主讲人改期", "revision": "1", **values,
    }  # fmt: skip
    return {f"move-{name}": value for name, value in typed.items()}


@pytest.fixture
def lecture(city: Unit) -> Occurrence:
    series = make_series(unit=city, name="科普讲座")
    row: Occurrence = make_occurrence(edition=make_edition(series=series, number=4), place="渝中区图书馆")
    return row


def test_an_occurrence_moves_to_a_whole_day_and_back(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}"
    page = words(desk.post(f"{address}/move", data=moved(starts="", ends=""), follow_redirects=True))
    assert again(lecture).all_day
    assert ("原定 3月18日（周三）12:00" in page, "开始 3月19日（周四） 结束 3月19日（周四）" in page) == (True, True)
    # The form shows what stands: two empty times, and sending it again changes nothing.
    assert re.findall(r'name="move-(?:starts|ends)"[^>]*value="([^"]*)"', text(desk.get(address))) == ["", ""]
    answer = desk.post(f"{address}/move", data=moved(starts="", ends="", revision="2"), follow_redirects=True)
    assert "没有改动。" in words(answer)
    page = words(desk.post(f"{address}/move", data=moved(revision="2"), follow_redirects=True))
    assert (re.search(r"原定 3月19日（周四） ?。原因", page) is not None, again(lecture).all_day) == (True, False)


def test_two_versions_of_a_move_to_whole_days_stand_side_by_side(desk: FlaskClient, lecture: Occurrence) -> None:
    data = moved(starts="", ends="", revision="0")
    response = desk.post(f"/manage/occurrences/{lecture.id}/move", data=data)
    assert response.status_code == 409
    assert "开始日期 现在：3月18日（周三） 你填的：3月19日（周四）" in words(response)
    assert "开始时间 现在：12:00 你填的：（空）" in words(response)


def test_an_occurrence_is_moved_and_its_page_says_from_when(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}"
    response = desk.post(f"{address}/move", data=moved(), follow_redirects=True)
    assert again(lecture).starts_at == datetime(2026, 3, 19, 4, tzinfo=UTC)
    assert "已改期 原定 3月18日（周三）12:00" in words(response)
    assert "已报名的人会收到通知" in words(response)


def test_a_second_press_of_move_is_harmless(desk: FlaskClient, lecture: Occurrence) -> None:
    answers = [desk.post(f"/manage/occurrences/{lecture.id}/move", data=moved()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert again(lecture).revision == 2


def test_two_organizers_at_once_the_second_sees_both_versions_and_decides(
    desk: FlaskClient, lecture: Occurrence
) -> None:
    address = f"/manage/occurrences/{lecture.id}/move"
    desk.post(address, data=moved(place="市科技馆"))
    response = desk.post(address, data=moved(starts_on="2026-03-20", place="线上直播"))
    assert response.status_code == 409
    page = words(response)
    assert "别人改过它" in page
    assert "开始日期 现在：3月19日（周四） 你填的：3月20日（周五） 不同" in page
    assert "开始时间 现在：12:00 你填的：12:00 相同" in page
    assert "地点说明 现在：市科技馆 你填的：线上直播" in page
    assert again(lecture).place == "市科技馆"
    revision = re.search(r'name="move-revision"[^>]*value="(\d+)"', text(response))
    assert revision is not None
    assert revision[1] == "2"
    decided = moved(starts_on="2026-03-20", place="线上直播", revision=revision[1])
    assert desk.post(address, data=decided).status_code == 303
    assert again(lecture).place == "线上直播"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"starts_on": "2026-02-30"}, "这一天不存在"),
        ({"ends": "11:00"}, "要晚于开始时间"),
        ({"starts_on": "2026-03-01"}, "时间已过（3月1日（周日）14:00）"),
        ({"reason": ""}, "请写明原因，已报名的人会看到。"),
        ({"room_id": "999"}, "请从列表里选一项。"),
        ({"starts": ""}, "请填写开始时间"),
    ],
)
def test_a_move_that_cannot_be_is_refused_at_the_form_and_what_was_typed_stays(
    desk: FlaskClient, lecture: Occurrence, typed: dict[str, str], said: str
) -> None:
    response = desk.post(f"/manage/occurrences/{lecture.id}/move", data=moved(place="保留我写的", **typed))
    assert (response.status_code, said in words(response), "保留我写的" in text(response)) == (422, True, True)
    assert again(lecture).revision == 1


def test_a_move_into_a_room_that_is_taken_names_it(desk: FlaskClient, city: Unit, lecture: Occurrence) -> None:
    room = make_room(venue=_venue("市科技馆"), name="一号厅")
    make_occurrence(
        edition=make_edition(series=make_series(unit=city, name="年会"), number=9), room_id=room.id,
        starts_at=datetime(2026, 3, 19, 5, tzinfo=UTC),
    )  # fmt: skip
    response = desk.post(f"/manage/occurrences/{lecture.id}/move", data=moved(room_id=str(room.id)))
    assert (response.status_code, "市科技馆 一号厅在3月19日（周四）13:00到" in words(response)) == (422, True)
    assert "已安排“第9届年会”" in words(response)


def test_cancelling_needs_a_reason_and_can_be_undone(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}"
    assert desk.post(f"{address}/cancel", data={"cancel-reason": "", "cancel-revision": "1"}).status_code == 422
    assert again(lecture).status is Status.SCHEDULED
    typed = {"cancel-reason": "暴雨红色预警", "cancel-revision": "1"}
    page = desk.post(f"{address}/cancel", data=typed, follow_redirects=True)
    assert "已取消 暴雨红色预警" in words(page)
    twice = desk.post(f"{address}/cancel", data=typed)
    assert (twice.status_code, "这个场次已经取消了" in words(twice)) == (422, True)
    assert desk.post(f"{address}/restore").status_code == 303
    assert again(lecture).status is Status.SCHEDULED
    assert desk.post(f"{address}/restore").status_code == 422


def test_words_are_corrected_and_a_stale_page_shows_both_versions(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}/words"
    typed = {"words-title": "宇宙的颜色", "words-summary": "", "words-revision": "1"}
    assert desk.post(address, data=typed).status_code == 303
    stale = desk.post(address, data={**typed, "words-title": "星系的颜色"})
    assert (stale.status_code, "场次名称 现在：宇宙的颜色 你填的：星系的颜色" in words(stale)) == (409, True)
    assert again(lecture).title == "宇宙的颜色"


def test_what_people_write_is_shown_as_text(desk: FlaskClient, city: Unit) -> None:
    row = make_occurrence(edition=make_edition(series=make_series(unit=city)), title="<script>alert(1)</script>")
    for path in (f"/manage/occurrences/{row.id}", f"/manage/editions/{row.edition_id}", "/manage"):
        assert "<script>alert" not in text(desk.get(path))


def test_the_list_of_registrations_is_linked(desk: FlaskClient, lecture: Occurrence) -> None:
    address = f"/manage/occurrences/{lecture.id}"
    assert f'href="{address}/registrations"' in text(desk.get(address))


# ---- places


def test_venues_and_rooms_are_added_and_what_is_taken_is_said_at_the_field(desk: FlaskClient) -> None:
    typed = {"venue_name": "市科技馆", "address": "江北城西大街7号", "region_id": ""}
    assert [desk.post("/manage/venues", data=typed).status_code for _ in range(2)] == [303, 422]
    venue = only(Venue)
    room = {"venue_id": venue.id, "room_name": "一号厅", "seats": "３００"}
    assert [desk.post("/manage/rooms", data=room).status_code for _ in range(2)] == [303, 422]
    assert only(Room).seats == 300
    page = desk.post("/manage/rooms", data={**room, "room_name": "二号厅", "seats": "很多"})
    assert (page.status_code, "请填写整数。" in words(page), 'value="二号厅"' in text(page)) == (422, True, True)
    assert "市科技馆 没有注明 江北城西大街7号 一号厅（300 座）" in words(desk.get("/manage/venues"))


def test_a_form_without_its_token_changes_nothing(app: Flask, desk: FlaskClient, lecture: Occurrence) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        status = desk.post(f"/manage/occurrences/{lecture.id}/move", data=moved()).status_code
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert (status in (400, 403, 422), again(lecture).revision) == (True, 1)


def test_a_year_of_dates_is_drawn_with_its_words(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, name="双月论坛", kind=Kind.FORUM_SERIES)
    for number, start in ((1, NOON - 20 * DAY), (2, NOON + 40 * DAY)):
        edition = make_edition(series=series, number=number, style=Style.ISSUE)
        make_occurrence(edition=edition, starts_at=start, planned_at=start - 10 * DAY)
    page = text(desk.get("/manage"))
    assert 'aria-label="双月论坛：1 2.19，2 4.20"' in page
    assert "下一场 4月20日（周一）" in page


def test_the_year_leads_to_the_public_page_of_what_one_only_declares_a_date_for(app: Flask, as_user: As) -> None:
    city = make_unit(name="市科协")
    district = make_unit(parent=city, name="北区科协")
    edition = make_edition(series=make_series(unit=city, kind=Kind.CAMPAIGN))
    make_occurrence(edition=edition, unit_id=district.id, starts_at=NOON + 7 * DAY)
    page = as_user(make_organizer(district).id).get("/manage").text
    assert f'href="/editions/{edition.id}"' in page
    assert f'href="/manage/editions/{edition.id}"' not in page
    assert f'href="/manage/series/{edition.series_id}"' in as_user(make_organizer(city).id).get("/manage").text
