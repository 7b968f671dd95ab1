"""The pages on which a rule is seen and changed."""

import html
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from kexie_events.core import clock
from kexie_events.core.access import SYSTEM, Role
from kexie_events.core.db import db
from kexie_events.events import services
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Occurrence, Series, Venue
from kexie_events.events.numbering import Style
from kexie_events.events.patterns import queries
from kexie_events.events.patterns.models import Pattern, Skip
from kexie_events.events.patterns.rules import Terms
from kexie_events.events.patterns.views.rule_words import rule_words
from kexie_events.events.plans import Plan, Sitting
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    HOUR,
    make_account,
    make_grant,
    make_occurrence,
    make_organizer,
    make_room,
    make_series,
    make_told_registration,
    make_unit,
)

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 4, 1, 12, tzinfo=BEIJING)
As = Callable[[int], FlaskClient]


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="重庆市科协")


@pytest.fixture
def desk(city: Unit, as_user: As) -> FlaskClient:
    return as_user(make_organizer(city).id)


@pytest.fixture
def forum(city: Unit) -> Series:
    """“每两个月的第三个星期五 14:00”, six public issues of 2027, two of them over; the third moved for a holiday."""
    plan = Plan(
        name="双月论坛", slug="forum", kind=Kind.MEETING, unit_id=city.id, first_on=date(2027, 1, 1), starts=time(14),
        rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", duration=3 * HOUR, style=Style.ISSUE, first_number=1,
        year=2027, capacity=200, opens_before=30 * DAY,
    )  # fmt: skip
    series = services.schedule(plan, actor=SYSTEM, now=NOW - 200 * DAY, zone=BEIJING)
    for edition in db.session.scalars(select(Edition).where(Edition.series_id == series.id)).all():
        services.publish(edition.id, actor=SYSTEM, now=NOW - 190 * DAY)
    third = dates(series)[2]
    services.move(
        third.id, Sitting(at(5, 14), at(5, 14, 17), room_id=None), reason="放假", expected_revision=third.revision,
        actor=SYSTEM, now=NOW, zone=BEIJING,
    )  # fmt: skip
    return series


def dates(series: Series) -> list[Occurrence]:
    query = select(Occurrence).where(Occurrence.series_id == series.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query.order_by(Occurrence.planned_at)))


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def words(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text(response))).split())


def fields(response: Any) -> dict[str, str]:
    """What a browser would send back: the inputs and selects as they stand in the page's largest form."""
    form = max(re.findall(r"<form.*?</form>", text(response), re.S), key=len)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            found[given["name"]] = html.unescape(given.get("value", ""))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    return found


def address(series: Series, tail: str = "rule") -> str:
    return f"/manage/series/{series.id}/{tail}"


def test_the_form_begins_with_what_holds_now(desk: FlaskClient, forum: Series) -> None:
    typed = fields(desk.get(address(forum)))
    wanted = {
        "repeat": "months", "nth": "3", "weekday": "4", "every": "2", "count": "4", "until": "",
        "first_on": "2027-05-01", "starts": "14:00", "ends": "17:00", "lasts_days": "1", "capacity": "200",
        "opens_days": "30", "scope": "all",
    }  # fmt: skip
    assert {name: typed[name] for name in wanted} == wanted
    answer = desk.post(address(forum), data={**typed, "do": "preview"})
    assert (answer.status_code, "没有场次变动" in words(answer) or "单独改过，保留 1 场" in words(answer)) == (
        200,
        True,
    )


def test_the_preview_lists_exactly_what_changes_and_saving_does_exactly_that(desk: FlaskClient, forum: Series) -> None:
    make_told_registration(dates(forum)[3])
    typed = {**fields(desk.get(address(forum))), "starts": "15:00", "ends": "18:00"}
    shown = desk.post(address(forum), data={**typed, "do": "preview"})
    page = words(shown)
    assert shown.status_code == 200
    assert re.findall(r"(\d+月\d+日（周五）)(\d+:\d+)至\d+:\d+ (2027年第\d期) (改时间|单独改过，保留)", page) == [
        ("5月14日（周五）", "14:00", "2027年第3期", "单独改过，保留"),
        ("7月16日（周五）", "15:00", "2027年第4期", "改时间"),
        ("9月17日（周五）", "15:00", "2027年第5期", "改时间"), ("11月19日（周五）", "15:00", "2027年第6期", "改时间"),
    ]  # fmt: skip
    assert "改时间 3 场；单独改过，保留 1 场；已开始或办过，不变 2 场" in page
    assert ("1 人会收到通知" in page, "计划档期 5月21日（周五）15:00" in page) == (True, True)
    assert {row.starts_at.astimezone(BEIJING).hour for row in dates(forum)} == {14}
    unexplained = desk.post(address(forum), data={**fields(shown), "do": "save"})
    assert (unexplained.status_code, "请写明原因" in words(unexplained)) == (422, True)
    saved = desk.post(address(forum), data={**fields(shown), "reason": "下午场地更空", "do": "save"})
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/manage/series/{forum.id}")
    assert [row.starts_at.astimezone(BEIJING).hour for row in dates(forum)] == [14, 14, 14, 15, 15, 15]
    again = desk.post(address(forum), data={**fields(shown), "reason": "下午场地更空", "do": "save"})
    assert (again.status_code, {row.revision for row in dates(forum)[3:]}) == (303, {2})
    page = words(desk.get(f"/manage/series/{forum.id}"))
    assert "已保存：改时间 3 场。" in page
    assert "每两个月的第三个星期五，14:00至17:00，共 2 次" in page
    assert "每两个月的第三个星期五，15:00至18:00，共 4 次" in page
    said = "5月14日（周五）14:00至17:00 2027年第3期 · 重庆市科协 改过日期 计划档期 5月21日（周五）15:00 ；单独定：时间"
    assert said in page


def test_what_was_not_previewed_is_not_saved(desk: FlaskClient, forum: Series) -> None:
    typed = {**fields(desk.get(address(forum))), "starts": "15:00", "ends": "18:00", "reason": "改"}
    assert desk.post(address(forum), data={**typed, "do": "save"}).status_code == 200
    shown = fields(desk.post(address(forum), data={**typed, "do": "preview"}))
    other = desk.post(address(forum), data={**shown, "starts": "16:00", "ends": "19:00", "do": "save"})
    assert (other.status_code, "请先看下面新的预览" in words(other)) == (200, True)
    assert {row.starts_at.astimezone(BEIJING).hour for row in dates(forum)} == {14}


def test_the_second_of_two_people_sees_both_versions_and_may_then_save(
    desk: FlaskClient, forum: Series, city: Unit, as_user: As
) -> None:
    typed = {**fields(desk.get(address(forum))), "reason": "改"}
    mine = fields(desk.post(address(forum), data={**typed, "starts": "15:00", "ends": "18:00", "do": "preview"}))
    other = as_user(make_organizer(city, "另一位").id)
    theirs = fields(other.post(address(forum), data={**typed, "starts": "9:00", "ends": "12:00", "do": "preview"}))
    assert other.post(address(forum), data={**theirs, "do": "save"}).status_code == 303
    late = desk.post(address(forum), data={**mine, "do": "save"})
    assert late.status_code == 409
    assert (
        "现在：每两个月的第三个星期五，9:00至12:00，共 4 次 你填的：每两个月的第三个星期五，15:00至18:00，共 4 次"
        in words(late)
    )
    assert [row.starts_at.astimezone(BEIJING).hour for row in dates(forum)[3:]] == [9, 9, 9]
    assert desk.post(address(forum), data={**fields(late), "do": "save"}).status_code == 303
    assert [row.starts_at.astimezone(BEIJING).hour for row in dates(forum)[3:]] == [15, 15, 15]


def test_from_one_date_on(desk: FlaskClient, forum: Series) -> None:
    fifth = dates(forum)[4]
    opened = desk.get(address(forum) + f"?from={fifth.id}")
    typed = fields(opened)
    assert (typed["scope"], typed["count"], typed["first_on"]) == ("following", "2", "2027-09-01")
    assert f"/manage/occurrences/{fifth.id}" in text(opened)  # only this one
    shown = fields(desk.post(address(forum), data={**typed, "weekday": "3", "do": "preview"}))
    assert desk.post(address(forum), data={**shown, "reason": "改到周四", "do": "save"}).status_code == 303
    assert [f"{row.starts_at.astimezone(BEIJING):%m-%d}" for row in dates(forum)[2:]] == [
        "05-14", "07-16", "09-16", "11-18"
    ]  # fmt: skip


def test_six_more_are_shown_with_their_numbers(desk: FlaskClient, forum: Series) -> None:
    typed = fields(desk.get(address(forum)))
    page = words(desk.post(address(forum), data={**typed, "count": "10", "do": "preview"}))
    assert re.findall(r"(2028年\d+月\d+日（周五）)14:00至17:00 (2028年(?:首期|第\d期)) 新增", page) == [
        ("2028年1月21日（周五）", "2028年首期"), ("2028年3月17日（周五）", "2028年第2期"),
        ("2028年5月19日（周五）", "2028年第3期"), ("2028年7月21日（周五）", "2028年第4期"),
        ("2028年9月15日（周五）", "2028年第5期"), ("2028年11月17日（周五）", "2028年第6期"),
    ]  # fmt: skip


def test_nothing_more_from_here_on(desk: FlaskClient, forum: Series) -> None:
    fifth = dates(forum)[4]
    typed = fields(desk.get(address(forum) + f"?from={fifth.id}"))
    shown = desk.post(address(forum), data={**typed, "stop": "y", "do": "preview"})
    assert "去掉 2 场" in words(shown)
    assert desk.post(address(forum), data={**fields(shown), "reason": "停办", "do": "save"}).status_code == 303
    assert [row.status.value for row in dates(forum)] == ["scheduled"] * 4 + ["cancelled"] * 2


def test_a_room_that_is_taken_is_marked_and_refused(desk: FlaskClient, forum: Series) -> None:
    room = make_room()
    make_occurrence(room_id=room.id, starts_at=at(9, 17, 15))
    typed = fields(desk.get(address(forum)))
    shown = desk.post(address(forum), data={**typed, "room_id": room.id, "do": "preview"})
    assert words(shown).count("场地已有安排") == 1
    refused = desk.post(address(forum), data={**fields(shown), "reason": "换场地", "do": "save"})
    assert (refused.status_code, "请换一个场地或时间" in words(refused)) == (422, True)
    assert {row.room_id for row in dates(forum)} == {None}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"first_on": "2027-02-01"}, "新规则的第一天要晚于3月19日（周五）"),
        ({"count": "", "until": ""}, "重复规则没有结束"),
        ({"count": "", "until": "2027-05-02"}, "按这条规则一个日期也没有"),
        ({"repeat": "yearly", "month": "2", "day": "30"}, "没有这一天"),
        ({"repeat": "lunar", "lunar_month": "8", "lunar_day": "32"}, "请从列表里选一项"),
        ({"capacity": "0"}, "名额要在"),
        ({"ends": "13:00"}, "要晚于开始时间"),
        ({"first_on": "明天"}, "这一天不存在"),
        ({"scope": "following"}, "请从列表里选一项"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "save"])
def test_bad_input_is_answered_with_a_sentence(
    desk: FlaskClient, forum: Series, changed: dict[str, str], said: str, do: str
) -> None:
    typed = fields(desk.get(address(forum)))
    answer = desk.post(address(forum), data={**typed, **changed, "do": do})
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert len(db.session.scalars(select(Pattern)).all()) == 1


def test_a_change_cannot_begin_with_what_is_over_or_of_another_series(
    desk: FlaskClient, forum: Series, city: Unit
) -> None:
    over = desk.get(address(forum) + f"?from={dates(forum)[0].id}")
    assert (over.status_code, "已经开始或办过" in words(over)) == (200, True)
    elsewhere = make_series(unit=city)
    assert desk.get(address(elsewhere) + f"?from={dates(forum)[3].id}").status_code == 404
    assert desk.get(address(forum) + "?from=999999").status_code == 404


def test_another_unit_finds_nothing(forum: Series, as_user: As) -> None:
    stranger = as_user(make_organizer(make_unit()).id)
    for path in (address(forum), address(forum, "dates"), address(forum, "change")):
        assert stranger.get(path).status_code == 404
    assert stranger.post(address(forum), data={"do": "save"}).status_code == 404
    assert stranger.post(f"/manage/occurrences/{dates(forum)[3].id}/skip", data={}).status_code == 404


def test_a_draft_is_skipped_and_brought_back(desk: FlaskClient, city: Unit) -> None:
    plan = Plan(
        name="论坛", slug="", kind=Kind.MEETING, unit_id=city.id, first_on=date(2027, 5, 1), starts=time(14),
        rule="FREQ=MONTHLY;BYDAY=3FR;COUNT=3", duration=3 * HOUR, style=Style.ISSUE, first_number=1, year=2027,
    )  # fmt: skip
    series = services.schedule(plan, actor=SYSTEM, now=NOW, zone=BEIJING)
    second = dates(series)[1]
    page = desk.get(f"/manage/occurrences/{second.id}")
    assert "跳过这个档期" in words(page)
    blank = desk.post(f"/manage/occurrences/{second.id}/skip", data={"skip-revision": "0", "skip-reason": ""})
    assert (blank.status_code, "请写明原因" in words(blank)) == (422, True)
    answer = desk.post(f"/manage/occurrences/{second.id}/skip", data={"skip-revision": "0", "skip-reason": "暑期"})
    assert (answer.status_code, len(dates(series))) == (303, 2)
    page = words(desk.get(f"/manage/series/{series.id}"))
    assert "跳过的档期 6月18日（周五）14:00 暑期 恢复" in page
    (skipped,) = db.session.scalars(select(Skip)).all()
    for _ in range(2):
        assert desk.post(f"/manage/series/{series.id}/skips/{skipped.id}/back").status_code == 303
    assert [row.edition_id is not None for row in dates(series)] == [True] * 3


def test_the_host_of_one_issue_changes_no_rule_and_skips_nothing(
    app: Flask, city: Unit, forum: Series, as_user: As
) -> None:
    guest = make_account("承办人")
    sixth = dates(forum)[5]
    make_grant(guest, Role.ORGANIZER, edition_id=sixth.edition_id)
    sixth.publication = Publication.DRAFT
    db.session.commit()
    host = as_user(guest.id)
    page = host.get(f"/manage/occurrences/{sixth.id}")
    assert (page.status_code, "跳过这个档期" in words(page), "从这一场起改规则" in words(page)) == (200, False, False)
    typed = {"skip-revision": str(sixth.revision), "skip-reason": "不办"}
    assert host.post(f"/manage/occurrences/{sixth.id}/skip", data=typed).status_code == 403
    assert (host.get(address(forum)).status_code, len(dates(forum))) == (404, 6)


def test_an_occurrence_says_what_is_its_own(desk: FlaskClient, forum: Series) -> None:
    page = words(desk.get(f"/manage/occurrences/{dates(forum)[2].id}"))
    assert "计划档期 5月21日（周五）14:00 单独定的 时间" in page
    assert "从这一场起改规则" in page


def test_all_dates_of_a_series_with_slot_date_and_number(desk: FlaskClient, forum: Series) -> None:
    page = words(desk.get(address(forum, "dates")))
    assert "1月15日（周五）14:00 1月15日（周五）14:00至17:00 2027年首期" in page
    assert "5月21日（周五）14:00 5月14日（周五）14:00至17:00 改过日期 2027年第3期" in page


def test_a_series_without_dates_is_planned_here(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, publication=Publication.DRAFT)
    typed = fields(desk.get(address(series)))
    asked = {
        **typed, "first_on": "2027-05-01", "repeat": "year_weekend", "nth": "3", "month": "9", "starts": "", "ends": "",
        "lasts_days": "1", "count": "2", "do": "preview",
    }  # fmt: skip
    shown = desk.post(address(series), data=asked)
    assert "2027年首期 新增" in words(shown)
    assert desk.post(address(series), data={**fields(shown), "do": "save"}).status_code == 303
    first = dates(series)[0]
    assert (first.starts_at, first.ends_at, first.all_day) == (at(9, 18, 0), at(9, 20, 0), True)


# ---- names


def test_the_name_of_a_series_changes_and_two_people_see_both(desk: FlaskClient, forum: Series) -> None:
    typed = fields(desk.get(address(forum, "change")))
    assert (typed["name"], typed["revision"]) == ("双月论坛", "0")
    assert (
        desk.post(address(forum, "change"), data={**typed, "name": "科创中国双月论坛", "summary": ""}).status_code
        == 303
    )
    late = desk.post(address(forum, "change"), data={**typed, "name": "月度论坛", "summary": ""})
    assert (late.status_code, "现在：科创中国双月论坛 你填的：月度论坛" in words(late)) == (409, True)
    assert desk.post(address(forum, "change"), data={**fields(late), "summary": ""}).status_code == 303
    assert db.session.get(Series, forum.id, populate_existing=True).name == "月度论坛"  # type: ignore[union-attr]
    blank = desk.post(address(forum, "change"), data={**typed, "name": " "})
    assert (blank.status_code, "请填写名称，最多 120 个字。" in words(blank)) == (422, True)


def test_the_name_of_a_venue_changes_and_two_people_see_both(desk: FlaskClient, city: Unit) -> None:
    venue_id = make_room().venue_id
    typed = fields(desk.get(f"/manage/venues/{venue_id}"))
    path = f"/manage/venues/{venue_id}"
    assert desk.post(path, data={**typed, "venue_name": "重庆科技馆"}).status_code == 303
    late = desk.post(path, data={**typed, "venue_name": "科技宫"})
    assert (late.status_code, "现在：重庆科技馆 你填的：科技宫" in words(late)) == (409, True)
    assert db.session.get(Venue, venue_id, populate_existing=True).name == "重庆科技馆"  # type: ignore[union-attr]
    assert desk.get("/manage/venues/999999").status_code == 404


# ---- in words


@pytest.mark.parametrize(
    ("rule", "chinese", "english"),
    [
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", "每两个月的第三个星期五，14:00至17:00，共 6 次",
         "every 2 months on the third Friday, 14:00–17:00, 6 times"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=1", "每周的星期一，14:00至17:00，共 1 次",
         "every week on Monday, 14:00–17:00, once"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=30;COUNT=3", "每年5月30日，14:00至17:00，共 3 次",
         "every year on 30 May, 14:00–17:00, 3 times"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", "每年2月29日，没有这一天时跳过，14:00至17:00，共 2 次",
         "every year on 29 Feb, skipped where there is no such day, 14:00–17:00, 2 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "每个月的最后一天，14:00至17:00，共 3 次",
         "every month on the last day, 14:00–17:00, 3 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=3",
         "每个月的30日，没有这一天时改在最后一天，14:00至17:00，共 3 次",
         "every month on day 30, the last day where there is no such day, 14:00–17:00, 3 times"),
        ("RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15;COUNT=3", "每年农历八月十五，14:00至17:00，共 3 次",
         "every Chinese year on day 15 of month 8, 14:00–17:00, 3 times"),
        ("FREQ=DAILY;COUNT=3", "按规则 FREQ=DAILY;COUNT=3，14:00至17:00",
         "by the rule FREQ=DAILY;COUNT=3, 14:00–17:00"),
        ("FREQ=MONTHLY;BYDAY=-1TU;UNTIL=20271231", "每个月的最后一个星期二，14:00至17:00，到12月31日（周五）为止",
         "every month on the last Tuesday, 14:00–17:00, until Fri 31 Dec"),
        ("", "只有一次，5月1日（周六），14:00至17:00", "once, Sat 1 May, 14:00–17:00"),
    ],
)  # fmt: skip
def test_a_rule_in_words(app: Flask, rule: str, chinese: str, english: str) -> None:
    terms = Terms(rule, date(2027, 5, 1), time(14), 3 * HOUR)
    with app.test_request_context("/"):
        assert rule_words(terms) == chinese
        with force_locale("en"):
            assert rule_words(terms) == english


def test_whole_days_and_weekends_in_words(app: Flask) -> None:
    weekend = Terms("FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=2", date(2027, 1, 1), time(), 2 * DAY, all_day=True)
    long = Terms("", date(2027, 5, 1), time(9), timedelta(days=2, hours=8))
    with app.test_request_context("/"):
        assert rule_words(weekend) == "每年9月的第三个双休日，全天，每场 2 天，共 2 次"
        assert rule_words(long) == "只有一次，5月1日（周六），9:00开始，到第 3 天 17:00"


def test_the_rule_of_the_calendar_can_be_told_from_what_is_stored(app: Flask, forum: Series) -> None:
    """One master for each pattern, its EXDATE and the RECURRENCE-ID of what is its own: all of it is there."""
    found = queries.ground(forum.id)
    (pattern,) = found.patterns
    assert (pattern.terms.rule, pattern.skipped) == ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", frozenset())
    assert [(one.slot_at, sorted(own.value for own in one.own)) for one in found.held if one.own] == [
        (at(5, 21), ["time"])
    ]  # fmt: skip
