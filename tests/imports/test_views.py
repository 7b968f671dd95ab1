import io
import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events import services as events
from kexie_events.events.rules import Publication, Status
from kexie_events.imports import rules, services
from kexie_events.imports.fetching import Fetched
from kexie_events.imports.models import CalendarImport, CalendarSource
from kexie_events.imports.rules import ImportState, SourceState
from kexie_events.imports.views.preview import excerpts
from tests.build import DAY, NOON, make_room
from tests.imports.build import ADDRESS, Ground, calendar, event, make_source


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Ground()


@pytest.fixture
def client(ground: Ground, as_user) -> FlaskClient:  # type: ignore[no-untyped-def]
    found: FlaskClient = as_user(ground.account.id)
    return found


def start(ground: Ground) -> str:
    return f"/manage/editions/{ground.edition.id}/import"


def send_file(client: FlaskClient, ground: Ground, content: bytes, **values: str) -> str:
    """The address of the import's page."""
    form = {"file-file": (io.BytesIO(content), "排期.ics"), "file-key": str(uuid4()), **values}
    answer = client.post(f"{start(ground)}/file", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None
    return found[1]


def ticks(page: str) -> list[str]:
    return re.findall(r'name="take" value="([0-9a-f]+)" checked', page)


def press(client: FlaskClient, address: str, page: str, **values: object):  # type: ignore[no-untyped-def]
    form = {"seen": hidden(page, "seen"), "uses_rooms": "y", "take": ticks(page), **values}
    return client.post(f"{address}/apply", data=form)


def test_a_file_goes_through_its_preview_into_drafts(client: FlaskClient, ground: Ground) -> None:
    address = send_file(client, ground, calendar(event("a"), event("b", DTSTART="soon")))
    page = client.get(address).text
    assert "预览“科技馆排期”" in page
    assert "讲座a" in page
    assert "看不懂时间“soon”" in page.replace("SOON", "soon")
    assert ground.rows() == []
    answer = press(client, address, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/manage/editions/{ground.edition.id}")
    assert "已按勾选的导入：新增 1。" in client.get(answer.headers["Location"]).text
    assert [row.title for row in ground.rows()] == ["讲座a"]
    assert "已导入" in client.get(address).text


def test_pasted_text_is_read_like_a_file(client: FlaskClient, ground: Ground) -> None:
    text = calendar(event("a")).decode()
    answer = client.post(f"{start(ground)}/file", data={"file-text": text, "file-key": str(uuid4())})
    assert answer.status_code == 303
    assert "讲座a" in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"file-text": ""}, "里面是空的"),
        ({"file-text": "<html>登录</html>"}, "这不是日历"),
        ({"file-file": (io.BytesIO(b"x" * 5001), "a.ics")}, "日历文件太大"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(
    client: FlaskClient, ground: Ground, monkeypatch: pytest.MonkeyPatch, form: dict[str, object], words: str
) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 5000)
    answer = client.post(f"{start(ground)}/file", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_address_waits_for_the_worker_on_a_page_that_looks_again(client: FlaskClient, ground: Ground) -> None:
    form = {"web-address": ADDRESS, "web-label": "科技馆", "web-is_daily": "y", "web-key": str(uuid4())}
    answer = client.post(f"{start(ground)}/address", data=form)
    again = client.post(f"{start(ground)}/address", data=form)
    assert answer.headers["Location"] == again.headers["Location"]
    page = client.get(answer.headers["Location"])
    assert "正在读取" in page.text
    assert page.headers["Refresh"] == "3"
    services.work(now=NOON, fetch=lambda *_, **__: Fetched(calendar(event("a")), "", ""))
    read = client.get(answer.headers["Location"])
    assert "Refresh" not in read.headers
    assert "讲座a" in read.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "请填写日历地址"),
        ("file:///etc/passwd", "请填写完整的日历地址"),
        ("https://x.org:8443/", "只能读标准端口"),
        ("https://a:b@x.org/", "地址里不能带用户名和密码"),
    ],
)
def test_an_address_that_cannot_be_read_is_said_at_its_field(
    client: FlaskClient, ground: Ground, address: str, words: str
) -> None:
    answer = client.post(f"{start(ground)}/address", data={"web-address": address, "web-key": str(uuid4())})
    assert answer.status_code == 422
    assert words in answer.text


def test_a_failure_is_told_and_may_be_tried_again(client: FlaskClient, ground: Ground) -> None:
    source = make_source(ground.edition)
    run = services.ask_source(source.id, actor=ground.actor, now=NOON)

    def gone(*_: object, **__: object) -> Fetched:
        from kexie_events.core.errors import RuleBroken

        raise RuleBroken("import.gone", host="calendar.example.org")

    services.work(now=NOON, fetch=gone)
    page = client.get(f"/manage/imports/{run.id}").text
    assert "calendar.example.org 上没有这个日历了。" in page
    assert "calendar.example.org 上没有这个日历了。" in client.get(f"/manage/calendar-sources/{source.id}").text
    again = client.post(f"/manage/calendar-sources/{source.id}/fetch")
    assert again.headers["Location"] != f"/manage/imports/{run.id}"


def test_both_versions_are_shown_and_nothing_is_ticked(client: FlaskClient, ground: Ground) -> None:
    ground.take(event("a"))
    (row,) = ground.rows()
    events.change_occurrence(
        row.id, title="这里改的", summary="", expected_revision=row.revision, actor=ground.actor, now=NOON
    )
    address = send_file(client, ground, calendar(event("a", SUMMARY="那边改的")))
    page = client.get(address).text
    assert re.search(r"<del>.*这里改的</del><ins>.*那边改的</ins>", page)
    assert ticks(page) == []
    answer = press(client, address, page)
    assert answer.status_code == 422
    assert "还没有勾选任何一项" in answer.text


def test_long_descriptions_are_shown_from_where_they_part() -> None:
    same, tail = "同" * 300, "尾" * 300
    here, there = excerpts(f"{same}这里{tail}", f"{same}那边{tail}")
    assert (here[:1], here[25:27], there[25:27], here[-1:]) == ("…", "这里", "那边", "…")
    assert excerpts("", "短") == ("", "短")
    assert excerpts("甲乙", "甲丙") == ("甲乙", "甲丙")


def test_a_link_ticks_everything_or_nothing(client: FlaskClient, ground: Ground) -> None:
    address = send_file(client, ground, calendar(event("old", NOON - 3 * DAY), event("new")))
    assert [len(ticks(client.get(f"{address}{asked}").text)) for asked in ("", "?tick=all", "?tick=none")] == [1, 2, 0]


def test_people_are_told_only_with_a_reason(client: FlaskClient, ground: Ground) -> None:
    ground.take(event("a"))
    ground.publish()
    address = send_file(client, ground, calendar(event("a", STATUS="CANCELLED")))
    page = client.get(address).text
    assert "会通知已报名的人" in page
    refused = press(client, address, page)
    assert refused.status_code == 422
    assert len(ticks(refused.text)) == 1
    assert press(client, address, refused.text, reason="讲者生病").status_code == 303
    assert ground.rows()[0].status is Status.CANCELLED


def test_whoever_was_faster_is_shown_before_anything_is_done(client: FlaskClient, ground: Ground) -> None:
    ground.take(event("a"))
    address = send_file(client, ground, calendar(event("a", SUMMARY="那边改的")))
    page = client.get(address).text
    (row,) = ground.rows()
    events.change_occurrence(
        row.id, title="这里改的", summary="", expected_revision=row.revision, actor=ground.actor, now=NOON
    )
    answer = press(client, address, page)
    assert answer.status_code == 409
    assert "这里改的" in answer.text
    assert len(ticks(answer.text)) == 1  # what was ticked stays ticked, and is now a decision
    assert press(client, address, answer.text).status_code == 303
    assert ground.rows()[0].title == "那边改的"


def test_a_room_that_is_taken_is_said_and_may_be_left_to_words(client: FlaskClient, ground: Ground) -> None:
    make_room(name="报告厅")
    two = calendar(event("a", LOCATION="报告厅"), event("b", LOCATION="报告厅"))
    address = send_file(client, ground, two)
    page = client.get(address).text
    assert "认出的场地" in page
    refused = press(client, address, page)
    assert refused.status_code == 422
    form = {"seen": hidden(refused.text, "seen"), "take": ticks(refused.text)}
    assert client.post(f"{address}/apply", data=form).status_code == 303
    assert {(row.room_id, row.place) for row in ground.rows()} == {(None, "报告厅")}


def test_a_press_twice_leads_to_the_same_end(client: FlaskClient, ground: Ground) -> None:
    address = send_file(client, ground, calendar(event("a")))
    page = client.get(address).text
    first, second = press(client, address, page), press(client, address, page)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(ground.rows()) == 1


def test_what_nobody_wants_is_left(client: FlaskClient, ground: Ground) -> None:
    address = send_file(client, ground, calendar(event("a")))
    answer = client.post(f"{address}/drop")
    assert answer.headers["Location"] == start(ground)
    assert "没有导入，什么都没有改。" in client.get(answer.headers["Location"]).text
    assert "没有导入任何内容" in client.get(address).text
    assert client.post(f"{address}/apply", data={"take": "x"}).status_code == 303
    assert ground.rows() == []


def test_an_empty_calendar_says_so(client: FlaskClient, ground: Ground) -> None:
    assert "这个日历里没有日程。" in client.get(send_file(client, ground, calendar())).text


def test_nothing_new_says_so(client: FlaskClient, ground: Ground) -> None:
    ground.take(event("a"))
    page = client.get(send_file(client, ground, calendar(event("a")))).text
    assert "没有要改的" in page
    assert "不变的 1 场" in page


def test_hostile_words_are_words(client: FlaskClient, ground: Ground) -> None:
    bad = event("<script>", SUMMARY="<script>alert(1)</script>", LOCATION='"><img src=x onerror=alert(1)>')
    page = client.get(send_file(client, ground, calendar(bad, name="<b>x</b>"))).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>x</b>" not in page


def test_lists_show_the_host_and_only_the_source_s_own_page_the_whole_address(
    client: FlaskClient, ground: Ground
) -> None:
    source = make_source(ground.edition)
    listed = client.get(start(ground)).text
    assert "http://calendar.example.org/…" in listed
    assert "secret" not in listed
    assert "private-7" not in listed
    assert "key=secret" in client.get(f"/manage/calendar-sources/{source.id}").text


def test_a_source_is_renamed_by_two_people_and_nothing_is_lost(client: FlaskClient, ground: Ground) -> None:
    source = make_source(ground.edition)
    address = f"/manage/calendar-sources/{source.id}"
    first = client.post(address, data={"label": "甲", "is_daily": "y", "revision": "0"})
    assert first.status_code == 303
    second = client.post(address, data={"label": "乙", "revision": "0"})
    assert second.status_code == 409
    assert "你填的：乙" in second.text
    assert client.post(address, data={"label": "乙", "revision": hidden(second.text, "revision")}).status_code == 303
    db.session.expire_all()
    row = db.session.get_one(CalendarSource, source.id)
    assert (row.label, row.is_daily, row.next_fetch_at) == ("乙", False, None)


def test_a_source_is_removed_and_a_second_press_finds_it_done(client: FlaskClient, ground: Ground) -> None:
    source = make_source(ground.edition)
    for _ in range(2):
        answer = client.post(f"/manage/calendar-sources/{source.id}/remove")
        assert answer.headers["Location"] == start(ground)
    assert client.get(f"/manage/calendar-sources/{source.id}").status_code == 404


def test_what_changed_by_itself_waits_on_the_first_page_and_on_the_edition_s(
    client: FlaskClient, ground: Ground
) -> None:
    make_source(ground.edition)
    services.work(now=NOON, fetch=lambda *_, **__: Fetched(calendar(event("a")), "", ""))
    make_source(ground.edition, address="http://x.org/", state=SourceState.STOPPED, next_fetch_at=None)
    for page in ("/manage", f"/manage/editions/{ground.edition.id}"):
        shown = client.get(page).text
        assert "日历来源有改动" in shown
        assert "日历来源读不到，已停止" in shown
    run = db.session.scalars(db.select(CalendarImport)).one()
    assert run.state is ImportState.READ
    ground.apply(run)
    assert "日历来源有改动" not in client.get("/manage").text


def test_past_dates_are_offered_and_not_ticked(client: FlaskClient, ground: Ground) -> None:
    page = client.get(send_file(client, ground, calendar(event("old", NOON - 3 * DAY), event("new")))).text
    assert page.count('name="take"') == 2
    assert len(ticks(page)) == 1


def test_a_gone_draft_is_said_to_be_deleted_when_ticked(client: FlaskClient, ground: Ground) -> None:
    ground.take(event("a"))
    address = send_file(client, ground, calendar(event("b")))
    page = client.get(address).text
    assert "草稿会删除" in page
    both = re.findall(r'name="take" value="([0-9a-f]+)"', page)
    assert press(client, address, page, take=both).status_code == 303
    assert [row.title for row in ground.rows()] == ["讲座b"]
    assert ground.rows()[0].publication is Publication.DRAFT
