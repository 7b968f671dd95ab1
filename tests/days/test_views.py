import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kexie_events.core import clock
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.days import queries, services
from kexie_events.days.models import DayRuling
from kexie_events.days.rules import ANNOUNCED, Ruled, Ruling, Spanned, Step
from tests.build import NOON, make_administrator, make_edition, make_occurrence, make_organizer, make_series, make_unit
from tests.days.test_reading import NOTICE
from tests.queries import counted

CHANGE = "/manage/days/change"
LINES = "2月5日至11日 放假 春节\n2月13日 上班 春节"
FIFTH = date(2027, 2, 5)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def admin(app: Flask, as_user: Callable[[int], FlaskClient]) -> FlaskClient:
    return as_user(make_administrator().id)


@pytest.fixture
def organizer(app: Flask, as_user: Callable[[int], FlaskClient]) -> FlaskClient:
    return as_user(make_organizer(make_unit()).id)


def words(page: TestResponse) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def send(
    admin: FlaskClient, text: str = LINES, do: str = "preview", year: int | str = 2027, **more: str
) -> TestResponse:
    return admin.post(CHANGE, data={"year": str(year), "text": text, "do": do, **more})


def seen(page: TestResponse) -> str:
    return re.search(r'name="seen"[^>]*value="([^"]*)"', page.text)[1]


def save(admin: FlaskClient, text: str = LINES, **more: str) -> TestResponse:
    return send(admin, text, "save", seen=seen(send(admin, text, **more)), **more)


def entered(year: int = 2027) -> dict[date, Ruled]:
    db.session.rollback()
    return dict(queries.entered_of(year).days)


# ---- the year at a glance


def test_a_year_shows_twelve_months_and_what_the_program_knows(organizer: FlaskClient) -> None:
    page = organizer.get("/manage/days?year=2026")
    said = words(page)
    assert page.text.count('<table class="mon">') == 12
    assert page.text.count('<time datetime="2026-') > 365
    assert "休息 117 天，工作 248 天" in said
    assert "2月15日（周日） 至 2月23日（周一） 春节放假 9 程序自带" in said
    assert "9月20日（周日） 国庆节 上班 1 程序自带" in said
    assert "高考 6月7日（周日） 至 6月9日（周二） 按惯例推算" in said
    assert re.search(r'<td class="kind-make_up" title="调休上班，学生有课，全国科普月，全国科普日">', page.text)


def test_an_organiser_reads_and_is_offered_no_change(organizer: FlaskClient, admin: FlaskClient) -> None:
    services.enter([Step(FIFTH, None, Ruled(Ruling.OFF, "春节"))], actor=SYSTEM, now=NOON)
    shown, own = organizer.get("/manage/days?year=2027"), admin.get("/manage/days?year=2027")
    assert "管理员填写" in words(shown)
    for offer in (CHANGE, "/manage/days/day", "/manage/days/undo/", "/manage/days/2027/gaokao"):
        assert (offer in shown.text, offer in own.text) == (False, True)


def test_a_year_that_is_not_announced_says_so(organizer: FlaskClient) -> None:
    said = words(organizer.get("/manage/days?year=2150"))
    assert "2150年的放假安排还没有公布" in said
    assert "国庆节放假 3 法定，调休待公布" in said


@pytest.mark.parametrize(("asked", "year"), [("", 2026), ("x", 2026), ("1", 1900), ("9999", 2200), ("2200", 2200)])
def test_whatever_year_is_asked_for_there_is_a_page(organizer: FlaskClient, asked: str, year: int) -> None:
    page = organizer.get(f"/manage/days?year={asked}")
    assert (page.status_code, f"{year}年放假安排" in words(page)) == (200, True)


def test_a_year_full_of_entries_asks_no_more_than_an_empty_one(admin: FlaskClient) -> None:
    costs = []
    for count in (1, 300):
        days = [date(2027, 1, 1) + timedelta(days=n) for n in range(count)]
        held = entered()
        steps = [Step(day, held.get(day), Ruled(Ruling.OFF, f"假{n}")) for n, day in enumerate(days)]
        services.enter(steps, actor=SYSTEM, now=NOON)
        admin.get("/manage/days?year=2027")
        with counted() as statements:
            assert admin.get("/manage/days?year=2027").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


def test_a_hostile_name_is_shown_as_it_is_written(admin: FlaskClient) -> None:
    name = "\"><script>alert(1)</script>'{{7*7}}"
    held = Step(FIFTH, None, Ruled(Ruling.OFF, name, name))
    services.enter([held], actor=SYSTEM, now=NOON)
    page = admin.get("/manage/days?year=2027")
    assert "<script>alert" not in page.text
    assert name in words(page)
    [title] = re.findall(r'<td class="kind-holiday" title="([^"]*script[^"]*)"', page.text)
    assert html.unescape(title) == f"{name}放假"


# ---- entering days


def test_the_preview_shows_what_changes_and_saves_nothing(admin: FlaskClient) -> None:
    page = send(admin)
    said = words(page)
    assert page.status_code == 200
    assert "改动 8 天，不变 0 天" in said
    assert "2027年2月5日（周五） 至 2027年2月11日（周四） 7 尚未公布 春节 放假" in said
    assert "2027年2月13日（周六） 1 尚未公布 春节 上班" in said
    assert entered() == {}


def test_what_was_previewed_is_saved_and_flags_follow(admin: FlaskClient) -> None:
    answer = save(admin, source="国办发明电〔2026〕1号")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/manage/days?year=2027")
    assert len(entered()) == 8
    assert entered()[FIFTH] == Ruled(Ruling.OFF, "春节", "国办发明电〔2026〕1号")
    said = words(admin.get("/manage/days?year=2027"))
    assert "2027年2月5日（周五） 至 2027年2月11日（周四） 春节放假 7 管理员填写 国办发明电〔2026〕1号" in said
    assert "已保存，按新的安排提示和计算。" in said


def test_a_whole_notice_makes_its_year_announced(admin: FlaskClient) -> None:
    text = NOTICE.replace("2026", "2027").replace("2025", "2026")
    assert save(admin, text, whole="y").status_code == 303
    assert (ANNOUNCED, 2027) in queries.entered_of(2027).years
    assert "还没有公布" not in words(admin.get("/manage/days?year=2027"))


def test_a_whole_year_in_which_holidays_are_missing_is_saved_only_after_a_warning(admin: FlaskClient) -> None:
    said = words(send(admin, whole="y"))
    assert "元旦、清明节、劳动节、端午节、中秋节、国庆节一天也没有放假" in said
    assert "一天也没有放假" not in words(send(admin))  # a part of the year promises nothing


def test_a_notice_that_the_program_knows_has_nothing_to_save(admin: FlaskClient) -> None:
    page = send(admin, NOTICE, year=2026, whole="y")
    assert "和现在的安排一样，没有要保存的。" in words(page)
    assert 'value="save"' not in page.text
    assert "没有日期的行不读：第 1、2、3、4、12、13、14 行。" in words(page)
    assert send(admin, NOTICE, "save", year=2026).status_code == 303
    assert entered(2026) == {}


def test_the_same_form_sent_twice_is_one_thing(admin: FlaskClient) -> None:
    key = seen(send(admin))
    assert [send(admin, do="save", seen=key).status_code for _ in range(2)] == [303, 303]
    assert (len(entered()), len(queries.latest(5))) == (8, 1)


def test_what_was_changed_after_the_preview_is_shown_again_not_saved(admin: FlaskClient) -> None:
    key = seen(send(admin))
    page = send(admin, LINES + "\n3月1日 放假", "save", seen=key)
    assert (page.status_code, "还没有保存" in words(page)) == (409, True)
    assert entered() == {}
    assert send(admin, do="save").status_code == 409  # without a preview at all


def test_what_another_one_has_entered_meanwhile_is_shown_not_overwritten(admin: FlaskClient) -> None:
    key = seen(send(admin))
    services.enter([Step(FIFTH, None, Ruled(Ruling.WORKING, "补课"))], actor=SYSTEM, now=NOON)
    page = send(admin, do="save", seen=key)
    assert page.status_code == 409
    assert "补课 上班 春节 放假" in words(page)
    assert entered() == {FIFTH: Ruled(Ruling.WORKING, "补课")}
    assert send(admin, do="save", seen=seen(page)).status_code == 303
    assert entered()[FIFTH] == Ruled(Ruling.OFF, "春节")


def test_bad_lines_are_named_all_at_once_and_nothing_is_saved(admin: FlaskClient) -> None:
    text = f"{LINES}\n胡说\n2027-01-01至2037-01-01 放假\n2月5日 上班\n<script>alert(1)</script>"
    page = send(admin, text, "save")
    said = words(page)
    assert page.status_code == 422
    assert "有 4 处要改" in said
    assert "第 3 行没有日期。" in said
    assert "第 4 行的时段太长，最多 31 天。" in said
    assert "第 5 行的2027年2月5日（周五）在第 1 行已经写过。" in said
    assert "<script>alert" not in page.text
    assert entered() == {}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": ""}, "请填写或粘贴放假安排"),
        ({"year": ""}, "请填写年份"),
        ({"year": "3000"}, "年份要在 1900 到 2200 之间"),
        ({"text": "国务院办公厅"}, "没有读到日期"),
        ({"text": "1月1日 放假\n" * 401}, "一次最多 400 行"),
        ({"source": "字" * 201}, "最多 200 个字"),
    ],
)
def test_a_form_that_cannot_be_read_says_what_to_mend(admin: FlaskClient, fields: dict[str, str], reason: str) -> None:
    page = send(admin, **{"text": LINES, **fields})
    assert (page.status_code, reason in words(page)) == (422, True)


@pytest.mark.parametrize("year", [1900, 2200])
def test_the_first_and_the_last_year_are_years_like_others(admin: FlaskClient, year: int) -> None:
    assert save(admin, f"{year}-06-01 放假", year=str(year)).status_code == 303
    assert list(entered(year)) == [date(year, 6, 1)]


# ---- single days


def test_a_span_typed_in_the_form_goes_through_the_same_preview(admin: FlaskClient) -> None:
    typed = {"first": "2027-03-01", "last": "2027-03-02", "kind": "off", "words": "校庆"}
    page = admin.post("/manage/days/day", data=typed)
    assert "2027-03-01至2027-03-02 放假 校庆" in page.text
    assert "改动 2 天" in words(page)
    assert save(admin, "2027-03-01至2027-03-02 放假 校庆").status_code == 303
    back = admin.post("/manage/days/day", data={"first": "2027-03-01", "kind": "back"})
    assert "校庆 放假 尚未公布" in words(back)
    assert save(admin, "2027-03-01 恢复").status_code == 303
    assert list(entered()) == [date(2027, 3, 2)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"first": ""}, "请填写日期"),
        ({"first": "2027-02-30"}, "这一天不存在"),
        ({"last": "2027-02-01"}, "最后一天要在"),
        ({"last": "2037-03-01"}, "最多 31 天"),
        ({"first": "1066-03-01"}, "年份要在 1900 到 2200 之间"),
        ({"kind": "party"}, "请从列表里选一项"),
        ({"words": "字" * 41}, "最多 40 个字"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_at_its_field(
    admin: FlaskClient, fields: dict[str, str], reason: str
) -> None:
    page = admin.post("/manage/days/day", data={"first": "2027-03-01", "kind": "off", **fields})
    assert (page.status_code, reason in words(page)) == (422, True)
    assert entered() == {}


# ---- named days


def test_a_named_day_is_set_for_one_year_and_given_back_to_its_rule(admin: FlaskClient) -> None:
    path = "/manage/days/2027/gaokao"
    page = admin.get(path)
    assert "不填写时 2027年6月7日（周一） 至 2027年6月9日（周三） ，按惯例推算" in words(page)
    typed = {"first": "2027-07-07", "last": "2027-07-09", "source": "招考日程", "seen": seen(page)}
    assert admin.post(path, data=typed).status_code == 303
    held = queries.entered_of(2027).years
    assert held == {("gaokao", 2027): Spanned(date(2027, 7, 7), date(2027, 7, 9), "招考日程")}
    assert admin.post(path, data=typed).status_code == 303  # sent twice
    assert len(queries.latest(5)) == 1
    assert admin.post(path, data={"do": "back", "seen": seen(admin.get(path))}).status_code == 303
    assert queries.entered_of(2027).years == {}


def test_of_two_who_set_a_named_day_the_second_sees_what_the_first_has_set(admin: FlaskClient) -> None:
    path = "/manage/days/2027/gaokao"
    key = seen(admin.get(path))
    services.enter([Step(("gaokao", 2027), None, Spanned(date(2027, 7, 7), date(2027, 7, 8)))], actor=SYSTEM, now=NOON)
    page = admin.post(path, data={"first": "2027-06-17", "seen": key})
    assert page.status_code == 409
    assert "日期 2027年7月7日（周三） 至 2027年7月8日（周四） 依据 管理员填写" in words(page)
    assert 'value="2027-06-17"' in page.text
    assert admin.post(path, data={"first": "2027-06-17", "seen": seen(page)}).status_code == 303


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"first": ""}, "请填写日期"),
        ({"last": "2027-06-01"}, "最后一天要在"),
        ({"first": "2026-06-07"}, "日期要在2027年里"),
        ({"last": "2027-12-31"}, "最多 62 天"),
    ],
)
def test_a_named_day_that_cannot_be_meant_is_refused(admin: FlaskClient, fields: dict[str, str], reason: str) -> None:
    path = "/manage/days/2027/gaokao"
    page = admin.post(path, data={"first": "2027-06-07", "seen": seen(admin.get(path)), **fields})
    assert (page.status_code, reason in words(page)) == (422, True)


@pytest.mark.parametrize("path", ["2027/announced", "2027/nothing", "1800/gaokao", "2201/gaokao"])
def test_there_is_no_page_for_what_is_no_named_day(admin: FlaskClient, path: str) -> None:
    assert admin.get(f"/manage/days/{path}").status_code == 404


# ---- undo


def test_a_change_is_undone_from_the_history(admin: FlaskClient) -> None:
    save(admin)
    page = admin.get("/manage/days?year=2027")
    path = re.search(r'action="(/manage/days/undo/\d+)"', page.text)[1]
    assert "管理员" in words(page)
    answer = admin.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/manage/days?year=2027")
    assert entered() == {}


def test_a_change_over_which_others_have_written_is_not_undone_and_says_why(admin: FlaskClient) -> None:
    save(admin)
    save(admin, "2月5日 上班")
    page = admin.post(f"/manage/days/undo/{queries.latest(2)[1].record.id}")
    assert (page.status_code, "这些日子后来又改过，不能撤销" in words(page)) == (409, True)
    assert len(entered()) == 8


def test_only_changes_of_days_can_be_undone(admin: FlaskClient) -> None:
    assert admin.post("/manage/days/undo/4711").status_code == 404


# ---- where something is planned


def test_an_occurrence_shows_what_to_think_of_beside_its_date(
    app: Flask, as_user: Callable[[int], FlaskClient]
) -> None:
    unit = make_unit()
    desk = as_user(make_organizer(unit).id)
    day = NOON.date() + timedelta(days=7)
    row = make_occurrence(edition=make_edition(series=make_series(unit=unit)))
    assert "提示" not in words(desk.get(f"/manage/occurrences/{row.id}"))
    services.enter([Step(day, None, Ruled(Ruling.OFF, "校庆"))], actor=SYSTEM, now=NOON)
    assert "提示 校庆放假" in words(desk.get(f"/manage/occurrences/{row.id}"))
    assert db.session.query(DayRuling).count() == 1


def test_a_move_that_is_refused_says_what_the_typed_days_are(app: Flask, as_user: Callable[[int], FlaskClient]) -> None:
    unit = make_unit()
    desk = as_user(make_organizer(unit).id)
    row = make_occurrence(edition=make_edition(series=make_series(unit=unit)))
    typed = {
        "move-starts_on": "2026-09-30", "move-ends_on": "2026-10-01", "move-starts": "14:00", "move-ends": "9:00",
        "move-reason": "场地维修", "move-revision": "99",
    }  # fmt: skip
    page = desk.post(f"/manage/occurrences/{row.id}/move", data=typed)
    assert page.status_code == 409
    assert "你填的日期 国庆节放假 全国科普月" in words(page)
    for ends_on, first in (("3026-01-01", "2026-10-01"), ("2026-01-01", "2026-10-01"), ("", "0001-01-01")):
        page = desk.post(
            f"/manage/occurrences/{row.id}/move",
            data={**typed, "move-starts_on": first, "move-ends_on": ends_on},
        )
        assert page.status_code in (409, 422)
        assert ("国庆节放假" in words(page)) is (first == "2026-10-01")
