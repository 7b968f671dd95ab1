import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kexie_events.core import clock, sheets
from kexie_events.core.db import db
from kexie_events.sites import queries, services
from kexie_events.sites.models import Site
from kexie_events.sites.rules import SiteState
from tests.build import DAY, NOON, make_unit

from .ground import Ground, build
from .test_bulk import HEADS


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(clock, "now", lambda: NOON + DAY)
    return build()


def sheet(count: int = 300, bad: dict[int, tuple[str, str]] | None = None) -> str:
    """``bad``: row's number in the sheet → column and what stands there."""
    names = HEADS.split("\t")
    lines = [HEADS]
    for n in range(2, count + 2):
        cells = {
            "活动名称": f"科普活动{n}", "日期": "2026-09-19", "开始时间": "09:00", "结束时间": "11:00",
            "地点": f"{n}号教室", "类别": "讲座报告",
        }  # fmt: skip
        if bad and n in bad:
            cells[bad[n][0]] = bad[n][1]
        lines.append("\t".join(cells.get(name, "") for name in names))
    return "\n".join(lines)


THREE_BAD = {17: ("日期", "国庆"), 120: ("类别", "演唱会"), 301: ("地点", "")}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Site)) or 0


def send(client: FlaskClient, ground: Ground, do: str, text: str, seen: str = "", **values: object):
    path = f"/manage/editions/{ground.edition.id}/sites/import"
    body = {"unit_id": ground.school.id, "text": text, "do": do, "seen": seen, "declare": "y", **values}
    return client.post(path, data=body, content_type="multipart/form-data")


def seen_in(answer) -> str:
    import re

    found = re.search(r'name="seen" type="hidden" value="([0-9a-f ]*)"', answer.text)
    assert found is not None
    return found[1]


def test_a_sheet_of_three_hundred_is_previewed_imported_and_imported_again(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    preview = send(client, ground, "preview", sheet())
    assert preview.status_code == 200
    assert "新增 300，改动 0，不变 0，有错 0" in preview.text
    assert count() == 0
    assert send(client, ground, "save", sheet(), seen_in(preview)).status_code == 303
    states = db.session.execute(select(Site.state, func.count()).group_by(Site.state)).all()
    assert [tuple(row) for row in states] == [(SiteState.DECLARED, 300)]
    again = send(client, ground, "preview", sheet())
    assert "新增 0，改动 0，不变 300，有错 0" in again.text
    assert send(client, ground, "save", sheet(), seen_in(again)).status_code == 303
    assert count() == 300


def test_three_bad_rows_of_three_hundred_stop_all_and_are_named_by_row_column_and_reason(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    preview = send(client, ground, "preview", sheet(bad=THREE_BAD))
    assert preview.status_code == 422
    for words in (
        "有 3 处要改", "第 17 行“日期”：看不懂“国庆”，请写成 2026-09-19",
        "第 120 行“类别”：没有这个类别，请用本届列出的类别。", "第 301 行“地点”：是空的",
    ):  # fmt: skip
        assert words in preview.text
    refused = send(client, ground, "save", sheet(bad=THREE_BAD), seen_in(preview))
    assert refused.status_code == 422
    assert "有 3 行要改，整张表都没有导入。" in refused.text
    assert count() == 0


def test_bad_rows_are_left_out_only_when_the_organiser_says_so(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    preview = send(client, ground, "preview", sheet(bad=THREE_BAD))
    answer = send(client, ground, "save", sheet(bad=THREE_BAD), seen_in(preview), skip_bad="y")
    assert answer.status_code == 303
    assert count() == 297


def test_the_same_sheet_comes_back_with_the_bad_rows_marked(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    answer = send(client, ground, "faults", sheet(bad=THREE_BAD))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = {row.number: row for row in sheets.read_file(answer.data)}
    assert len(rows) == 301
    assert rows[1].cells[-1] == "问题"
    said = {number: row.cells[14] for number, row in rows.items() if number > 1 and len(row.cells) > 14}
    assert said == {
        17: "日期：看不懂“国庆”，请写成 2026-09-19", 120: "类别：没有这个类别，请用本届列出的类别。",
        301: "地点：是空的",
    }  # fmt: skip
    assert count() == 0


def test_what_was_mended_after_the_preview_is_shown_again_not_saved(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    preview = send(client, ground, "preview", sheet(3))
    answer = send(client, ground, "save", sheet(4), seen_in(preview))
    assert "内容和上次预览的不一样" in answer.text
    assert count() == 0


def test_an_uploaded_workbook_is_read_like_pasted_text(ground: Ground, as_user: Callable[[int], FlaskClient]) -> None:
    client = as_user(ground.accounts["school"].id)
    heads = [sheets.Column(name) for name in ("活动名称", "日期", "地点", "类别")]
    book = sheets.written("活动", heads, [["开放日", NOON.date(), "大门", "开放日"]])
    preview = send(client, ground, "preview", "", file=(io.BytesIO(book), "活动.xlsx"))
    assert "新增 1，改动 0，不变 0，有错 0" in preview.text
    assert "开放日\t2026-03-11\t大门\t开放日" in preview.text


def test_what_is_no_sheet_is_refused_at_its_field(ground: Ground, as_user: Callable[[int], FlaskClient]) -> None:
    client = as_user(ground.accounts["school"].id)
    answer = send(client, ground, "preview", "", file=(io.BytesIO(b"%PDF-1.7"), "活动.pdf"))
    assert answer.status_code == 422
    assert "这个文件不是表格" in answer.text


def test_a_district_imports_for_its_schools_and_not_for_others(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    make_unit(parent=ground.south, name="南区中学")
    client = as_user(ground.accounts["north"].id)
    text = "活动名称\t日期\t地点\t类别\t主办单位\n甲\t2026-09-19\t礼堂\t开放日\t{}"
    assert "新增 1" in send(client, ground, "preview", text.format("北区中学")).text
    refused = send(client, ground, "preview", text.format("南区中学"))
    assert (refused.status_code, "不是你能申报的单位" in refused.text) == (422, True)


def test_a_changed_row_changes_a_returned_declaration_and_never_one_that_is_being_checked(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    client = as_user(ground.accounts["school"].id)
    send(client, ground, "save", sheet(2), seen_in(send(client, ground, "preview", sheet(2))))
    moved = sheet(2).replace("2号教室", "操场")
    assert "已经是“待审”" in send(client, ground, "preview", moved).text
    site = db.session.scalars(select(Site).where(Site.name == "科普活动2")).one()
    services.decide(
        ground.edition.id, {site.id: site.revision}, passes=False, reason="换个地方", actor=ground.actor("north"),
        now=NOON + DAY,
    )  # fmt: skip
    preview = send(client, ground, "preview", moved)
    assert "新增 0，改动 1，不变 1，有错 0" in preview.text
    assert send(client, ground, "save", moved, seen_in(preview)).status_code == 303
    site = db.session.get(Site, site.id, populate_existing=True)
    assert (site.place, site.state, site.waits_unit_id) == ("操场", SiteState.DECLARED, ground.north.id)


@pytest.mark.race
def test_the_same_sheet_sent_twice_at_the_same_instant_is_imported_once(ground: Ground, at_once) -> None:
    from kexie_events.sites import bulk
    from kexie_events.sites.bulk import Ground as Words

    from .ground import ZONE

    grid = sheets.read_text(sheet(20), bulk.BOUNDS)
    words = Words(
        queries.terms_of(ground.edition), {}, {}, {ground.school.id: ground.region.id}, 2026, ZONE, ground.school.id
    )
    lines = bulk.read(grid, bulk.head_of(grid), words)
    edition_id, actor = ground.edition.id, ground.actor("school")
    db.session.commit()
    answers = at_once([lambda: services.import_sheet(edition_id, lines, actor=actor, now=NOON + DAY, zone=ZONE)] * 3)
    assert all(isinstance(answer, services.Imported) for answer in answers), answers
    assert count() == 20
