import io
import json
import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.contests.models import RulePack
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition
from tests.build import (
    NOON,
    PACK,
    make_edition,
    make_entry,
    make_organizer,
    make_rule_pack,
    make_series,
    make_unit,
)


@pytest.fixture(autouse=True)
def noon(monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def desk(app: Flask, as_user):
    """A contest with an edition that has rules and one that has none, and its organiser's browser."""
    unit = make_unit()
    series = make_series(unit=unit, kind=Kind.CONTEST_PROJECT)
    last, this = make_edition(series=series, year=2025), make_edition(series=series)
    make_rule_pack(last)
    return as_user(make_organizer(unit).id), last.id, this.id


def stored(edition_id: int) -> RulePack | None:
    db.session.expire_all()
    return db.session.scalar(select(RulePack).where(RulePack.edition_id == edition_id))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the page that asks before it saves."""
    found = re.findall(r'name="(body|revision)" type="hidden" value="([^"]*)"', page)
    assert len(found) == 2
    return {name: unescape(value) for name, value in found}


def file_of(body: object) -> dict[str, object]:
    text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return {"file": (io.BytesIO(text), "rules.json")}


def test_rules_are_taken_over_from_last_year_after_a_look(desk) -> None:
    client, last, this = desk
    assert "还没有规则" in client.get(f"/manage/editions/{this}/rules").text
    page = client.post(f"/manage/editions/{this}/rules/preview", data={"edition_id": str(last)})
    assert (page.status_code, "创新性" in page.text, stored(this)) == (200, True, None)
    answer = client.post(f"/manage/editions/{this}/rules", data=fields_of(page.text))
    assert answer.status_code == 303
    assert stored(this).body == PACK
    assert "初中组" in client.get(f"/manage/editions/{this}").text


def test_a_file_that_is_wrong_is_answered_with_place_and_reason_and_keeps_the_old_rules(desk) -> None:
    client, last, _this = desk
    path = f"/manage/editions/{last}/rules/preview"
    bad = client.post(path, data=file_of({**PACK, "most_members": 0}))
    assert bad.status_code == 422
    assert "规则包的“most_members”要是整数，并且在允许的范围里，没有保存" in bad.text
    no_json = client.post(path, data=file_of(b"{,}"))
    assert (no_json.status_code, "第 1 行第 2 个字附近不合 JSON 的写法" in no_json.text) == (422, True)
    nothing = client.post(path, data={})
    assert (nothing.status_code, "请选一届，或者选一个文件" in nothing.text) == (422, True)
    assert (stored(last).body, stored(last).revision) == (PACK, 1)


def test_a_difference_is_shown_and_the_other_version_of_somebody_else_is_not_overwritten(desk) -> None:
    client, last, _this = desk
    page = client.post(f"/manage/editions/{last}/rules/preview", data=file_of({**PACK, "most_members": 5}))
    assert "作者人数上限" in page.text
    assert "改成：5" in page.text
    fields = fields_of(page.text)
    row = stored(last)
    row.body, row.revision = {**PACK, "most_members": 4}, 2
    db.session.commit()
    conflict = client.post(f"/manage/editions/{last}/rules", data=fields)
    assert (conflict.status_code, "现在：4" in conflict.text) == (409, True)
    assert client.post(f"/manage/editions/{last}/rules", data=fields_of(conflict.text)).status_code == 303
    assert stored(last).body["most_members"] == 5


def test_what_a_work_rests_on_is_refused_with_the_reason(desk) -> None:
    client, last, _this = desk
    make_entry(edition=db.session.get(Edition, last), group="senior")
    body = {**PACK, "groups": PACK["groups"][:2]}
    page = client.post(f"/manage/editions/{last}/rules/preview", data=file_of(body))
    assert page.status_code == 422
    assert "已有 1 件作品（含草稿）选了“高中组”" in page.text
    assert "保存规则" not in page.text
    forced = {"body": json.dumps(body), "revision": "1"}
    assert client.post(f"/manage/editions/{last}/rules", data=forced).status_code == 422
    assert stored(last).body == PACK


def test_a_pack_is_downloaded_and_comes_back_the_same(desk) -> None:
    client, last, _this = desk
    answer = client.get(f"/manage/editions/{last}/rules.json")
    assert (answer.mimetype, json.loads(answer.data)) == ("application/json", PACK)
    page = client.post(f"/manage/editions/{last}/rules/preview", data=file_of(answer.data))
    assert "和现在的规则一样" in page.text


def test_an_edition_that_is_no_contest_has_no_rules(app: Flask, as_user) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    client = as_user(make_organizer(unit).id)
    assert client.get(f"/manage/editions/{edition.id}/rules").status_code == 404
    assert "赛事规则" not in client.get(f"/manage/editions/{edition.id}").text
