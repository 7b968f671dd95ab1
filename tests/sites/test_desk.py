import io
import struct
import zlib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.core import clock, sheets
from kexie_events.core.db import db
from kexie_events.sites import services
from kexie_events.sites.models import Site, SitePhoto
from kexie_events.sites.rules import Report, SiteState
from tests.build import DAY, NOON, make_edition, make_region, make_unit

from .ground import SATURDAY, Ground, add, build, declaration, passed

Client = Callable[[str], FlaskClient]


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(clock, "now", lambda: NOON + DAY)
    return build()


@pytest.fixture
def client(ground: Ground, as_user: Callable[[int], FlaskClient]) -> Client:
    return lambda who: as_user(ground.accounts[who].id)


def board(ground: Ground, tail: str = "") -> str:
    return f"/manage/editions/{ground.edition.id}/sites{tail}"


def again(site: Site) -> Site:
    found = db.session.get(Site, site.id, populate_existing=True)
    assert found is not None
    return found


FORM = {
    "name": "走进实验室", "category": "lecture", "starts_on": "2026-09-19", "starts": "09:00", "ends": "11:00",
    "place": "礼堂", "region_id": "", "venue_id": "",
}  # fmt: skip


def test_a_school_declares_in_one_form_and_the_district_finds_it_waiting(ground: Ground, client: Client) -> None:
    school = client("school")
    body = {**FORM, "unit_id": ground.school.id, "do": "declare", "key": "a" * 32}
    answers = [school.post(board(ground, "/new"), data=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    text = client("north").get(board(ground, "?show=district")).text
    assert "走进实验室" in text
    assert 'name="tick"' in text
    assert 'name="tick"' not in school.get(board(ground)).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "请填写活动名称"),
        ({"place": ""}, "请填写地点"),
        ({"starts_on": "2026-02-30"}, "这一天不存在"),
        ({"starts": "", "ends": "11:00"}, "填了结束时间，也请填开始时间"),
        ({"ends": "08:00"}, "走进实验室"),
        ({"latitude": "29"}, "纬度和经度要一起填"),
        ({"latitude": "1e3", "longitude": "9"}, "纬度和经度要一起填"),
        ({"link": "javascript:alert(1)"}, "链接要以 http:// 或 https:// 开头"),
        ({"contact_phone": "打我电话"}, "请填写能打通的电话"),
        ({"category": "nothing"}, "请从列表里选一项"),
        ({"unit_id": "999999"}, "请从列表里选一项"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    ground: Ground, client: Client, changed: dict[str, str], words: str
) -> None:
    body = {**FORM, "unit_id": ground.school.id, "do": "declare", **changed}
    answer = client("school").post(board(ground, "/new"), data=body)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_nobody_declares_for_a_unit_that_is_not_theirs(ground: Ground, client: Client) -> None:
    answer = client("south").post(board(ground, "/new"), data={**FORM, "unit_id": ground.school.id})
    assert answer.status_code == 422


def test_many_are_passed_and_returned_from_the_board(ground: Ground, client: Client) -> None:
    one, two, three = (add(ground, name=name) for name in "甲乙丙")
    north = client("north")
    ticks = [f"{site.id}:{site.revision}" for site in (one, two)]
    assert north.post(board(ground, "/check"), data={"tick": ticks, "do": "pass"}).status_code == 303
    refused = north.post(board(ground, "/check"), data={"tick": f"{three.id}:{three.revision}", "do": "return"})
    assert (refused.status_code, "请写明理由" in refused.text) == (422, True)
    body = {"tick": f"{three.id}:{three.revision}", "do": "return", "reason": "写清楚地点"}
    assert north.post(board(ground, "/check"), data=body).status_code == 303
    assert [again(site).waits_unit_id for site in (one, two)] == [ground.city.id] * 2
    assert again(three).state is SiteState.RETURNED
    assert "写清楚地点" in client("school").get(f"/manage/sites/{three.id}").text


def test_today_says_what_a_campaign_asks_of_each_and_nobody_is_told_of_anothers(ground: Ground, client: Client) -> None:
    def asked(who: str, path: str = "/manage") -> list[str]:
        words = ("申报的活动待审", "申报的活动被退回", "活动总结待填")
        text = client(who).get(path).text
        return [word for word in words if word in text]

    everybody = ("city", "north", "south", "school")
    assert [asked(who) for who in everybody] == [[], [], [], []]
    one, two = (add(ground, name=name) for name in "甲乙")
    assert [asked(who) for who in everybody] == [[], ["申报的活动待审"], [], []]
    north = ground.actor("north")
    services.decide(ground.edition.id, {one.id: one.revision}, passes=True, actor=north, now=NOON + DAY)
    services.decide(
        ground.edition.id, {two.id: two.revision}, passes=False, reason="写清楚地点", actor=north, now=NOON + DAY
    )
    assert [asked(who) for who in everybody] == [["申报的活动待审"], [], [], ["申报的活动被退回"]]
    assert asked("city", f"/manage/editions/{ground.edition.id}") == ["申报的活动待审"]
    other = make_edition(series=ground.edition.series, number=99)
    assert asked("city", f"/manage/editions/{other.id}") == []


def test_today_asks_the_unit_for_the_report_of_what_was_held(
    ground: Ground, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed(ground)
    assert "活动总结待填" not in client("school").get("/manage").text
    monkeypatch.setattr(clock, "now", lambda: SATURDAY + DAY)
    assert "活动总结待填" in client("school").get("/manage").text
    assert "活动总结待填" not in client("north").get("/manage").text


def test_nothing_ticked_is_said(ground: Ground, client: Client) -> None:
    answer = client("north").post(board(ground, "/check"), data={"do": "pass"})
    assert (answer.status_code, "还没有勾选活动" in answer.text) == (422, True)


@pytest.mark.parametrize("tick", ["x", "1", "1:x", ":", "99999999999:1", "-1:1"])
def test_a_tick_that_is_none_decides_nothing(ground: Ground, client: Client, tick: str) -> None:
    add(ground)
    assert client("north").post(board(ground, "/check"), data={"tick": tick, "do": "pass"}).status_code in (404, 409)


def test_an_old_page_decides_nothing_and_says_which(ground: Ground, client: Client) -> None:
    site = add(ground)
    tick = f"{site.id}:{site.revision - 1}"
    answer = client("north").post(board(ground, "/check"), data={"tick": tick, "do": "pass"})
    assert (answer.status_code, "刚才有人改过或审过走进实验室" in answer.text) == (409, True)


def test_a_district_finds_nothing_of_another(ground: Ground, client: Client) -> None:
    site = add(ground)
    south = client("south")
    assert "走进实验室" not in south.get(board(ground)).text
    assert "走进实验室" not in south.get(board(ground, "?q=走进")).text
    for path in ("", "/change", "/report"):
        assert south.get(f"/manage/sites/{site.id}{path}").status_code == 404
    for path in ("/declare", "/take-back", "/withdraw", "/reopen", "/photos"):
        assert south.post(f"/manage/sites/{site.id}{path}", data={"reason": "不", "revision": 1}).status_code == 404
    rows = sheets.read_file(south.get(board(ground, "/table.xlsx?all=1")).data)
    assert "走进实验室" not in str(rows)
    assert (
        ">0<" in south.get(board(ground, "/figures")).text
        or "还没有申报活动" in south.get(board(ground, "/figures")).text
    )


def test_only_whoever_runs_the_campaign_sets_its_terms(ground: Ground, client: Client) -> None:
    assert client("north").get(board(ground, "/terms")).status_code == 404
    assert client("north").post(board(ground, "/terms"), data={"categories": "甲"}).status_code == 404
    body = {
        "categories": "讲座报告\n科学市集",
        "declares_on": "2026-09-01",
        "reports_on": "2026-10-11",
        "revision": "0",
    }
    assert client("city").post(board(ground, "/terms"), data=body).status_code == 303
    late = client("city").post(board(ground, "/terms"), data={**body, "categories": "乙"})
    assert (late.status_code, "两个版本" in late.text) == (409, True)
    assert "科学市集" in client("school").get(board(ground, "/new")).text


def test_two_who_change_the_same_activity_see_both_versions_and_lose_nothing(ground: Ground, client: Client) -> None:
    site = add(ground, declare=False)
    path, seen = f"/manage/sites/{site.id}/change", str(site.revision)
    school = client("school")
    assert school.post(path, data={**FORM, "place": "操场", "revision": seen}).status_code == 303
    late = school.post(path, data={**FORM, "place": "图书馆", "revision": seen})
    assert late.status_code == 409
    for words in ("两个版本", "现在：操场", "你填的：图书馆"):
        assert words in late.text
    assert again(site).place == "操场"


def test_a_venue_fills_in_place_address_and_point(ground: Ground, client: Client) -> None:
    from kexie_events.events.models import Venue

    venue = Venue(name="科技馆", address="文星门街7号", latitude=29.57, longitude=106.57)
    db.session.add(venue)
    db.session.commit()
    body = {**FORM, "place": "", "unit_id": ground.school.id, "venue_id": venue.id}
    assert client("school").post(board(ground, "/new"), data=body).status_code == 303
    site = db.session.scalars(db.select(Site)).one()
    assert (site.place, site.address, site.latitude) == ("科技馆", "文星门街7号", 29.57)


def test_the_report_and_its_photographs(ground: Ground, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    site = passed(ground)
    monkeypatch.setattr(clock, "now", lambda: site.ends_at + 20 * DAY)
    school, path = client("school"), f"/manage/sites/{site.id}"
    assert "总结逾期" in client("north").get(board(ground, "?show=late")).text
    assert school.post(f"{path}/report", data={"on_site": "-1", "revision": site.revision}).status_code == 422
    body = {"on_site": "120", "online": "30", "volunteers": "8", "summary": "很热闹", "revision": site.revision}
    assert school.post(f"{path}/report", data=body).status_code == 303
    assert "很热闹" in school.get(path).text
    assert "走进实验室" not in client("north").get(board(ground, "?show=late")).text

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"Author\x00secret") + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    for _ in range(2):
        sent = {"photos": [(io.BytesIO(png), "a.png"), (io.BytesIO(png), "b.png")]}
        assert school.post(f"{path}/photos", data=sent, content_type="multipart/form-data").status_code == 303
    photo = db.session.scalars(db.select(SitePhoto)).one()
    answer = school.get(f"{path}/photos/{photo.id}")
    assert (answer.status_code, answer.mimetype, b"secret" in answer.data) == (200, "image/png", False)
    answer.close()
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client("south").get(f"{path}/photos/{photo.id}").status_code == 404
    bad = {"photos": (io.BytesIO(b"<svg/>"), "a.png")}
    school.post(f"{path}/photos", data=bad, content_type="multipart/form-data")
    assert "只收 JPEG 或 PNG 照片" in school.get(path).text


def test_figures_stand_in_the_order_of_codes_whatever_their_size(
    ground: Ground, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        add(ground, "south", name=f"南{n}", declare=False)
    site = passed(ground, name="北")
    for n in range(2):
        passed(ground, "south", name=f"南通过{n}")
    services.report(
        site.id, Report(1234, 6, 7, ""), expected_revision=site.revision, actor=ground.actor("school"), now=site.ends_at
    )
    monkeypatch.setattr(clock, "now", lambda: site.ends_at)
    text = client("city").get(board(ground, "/figures")).text
    detail = text.split('id="h-rows"')[1]
    assert detail.index("北区") < detail.index("南区")
    assert "1,240 人次" in text
    own = client("south").get(board(ground, "/figures")).text
    assert "北区" not in own
    for way in ("category", "day", "nonsense"):
        assert client("city").get(board(ground, f"/figures?by={way}")).status_code == 200


def test_the_official_table_has_title_unit_and_columns_and_only_the_readers_own(ground: Ground, client: Client) -> None:
    passed(ground, name="北", contact_phone="013800000126")
    passed(ground, "south", name="南")
    add(ground, name="待审")
    rows = sheets.read_file(client("north").get(board(ground, "/table.xlsx")).data)
    assert rows[0].cells[0].endswith("活动汇总表")
    assert rows[1].cells == ("填报单位：北区科协",)
    assert rows[3].cells[:8] == ("序号", "区县", "活动名称", "主办单位", "时间", "地点", "类别", "面向人群")
    assert [row.cells[2] for row in rows[4:-1]] == ["北"]
    assert rows[4].cells[12] == "013800000126"
    everything = sheets.read_file(client("city").get(board(ground, "/table.xlsx?all=1")).data)
    assert {row.cells[2] for row in everything[4:-1]} == {"北", "南", "待审"}


def test_last_years_are_copied_from_the_page(ground: Ground, client: Client) -> None:
    site = passed(ground)
    coming = make_edition(series=ground.edition.series, year=2027)
    school, path = client("school"), f"/manage/editions/{coming.id}/sites/copy"
    text = school.get(path).text
    assert f'name="site" value="{site.id}" checked' in text
    assert 'value="364"' in text
    assert school.post(path, data={"days": "364"}).status_code == 422
    assert school.post(path, data={"days": "364", "site": [site.id, 999_999]}).status_code == 422
    assert school.post(path, data={"days": "364", "site": site.id}).status_code == 303
    assert db.session.scalar(db.select(db.func.count()).select_from(Site).where(Site.edition_id == coming.id)) == 1


def test_a_campaign_page_of_another_kind_or_of_nobodys_does_not_exist(ground: Ground, client: Client) -> None:
    assert client("city").get(f"/manage/editions/{make_edition().id}/sites").status_code == 404
    assert client("city").get("/manage/editions/999999/sites").status_code == 404


def test_words_of_strangers_are_only_words(ground: Ground, client: Client) -> None:
    site = passed(ground, name="<img src=x onerror=alert(1)>", place="</svg><script>", audience="'\"><b>")
    for page in (
        client("city").get(board(ground)), client("city").get(f"/manage/sites/{site.id}"),
        client("city").get(f"/editions/{ground.edition.id}/sites"),
        client("city").get(f"/editions/{ground.edition.id}/sites/map?region=500101"),
    ):  # fmt: skip
        assert "<img src=x" not in page.text
        assert "<script>" not in page.text.replace("<script type", "")


def test_a_unit_moved_out_of_force_keeps_its_declarations_and_declares_no_more(ground: Ground, client: Client) -> None:
    region = make_region(name="江北区", slug="500105", code="500105")
    closed = make_unit(parent=ground.city, name="江北区科协", region_id=region.id)
    site = add(ground, "city", unit=ground.north)
    assert "江北区科协" in client("city").get(board(ground, "/new")).text
    closed.valid_to = NOON.date()
    db.session.commit()
    assert "江北区科协" not in client("city").get(board(ground, "/new")).text
    assert client("city").get(f"/manage/sites/{site.id}").status_code == 200
    assert declaration().starts_at == SATURDAY
