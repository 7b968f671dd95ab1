"""The three pages of a new edition, its difference from the last one, and throwing a draft away: over HTTP."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kexie_events.contests.models import RulePack
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.kinds import KINDS, Kind
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication, Status
from kexie_events.units.models import Unit
from tests.build import (
    DAY,
    NOON,
    PACK,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_pattern,
    make_room,
    make_round,
    make_rule_pack,
    make_series,
    make_unit,
)
from tests.queries import counted

YEAR = timedelta(days=364)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def city(app: Flask) -> Unit:
    return make_unit(name="重庆市科协")


@pytest.fixture
def desk(city: Unit, as_user: Callable[[int], FlaskClient]) -> FlaskClient:
    return as_user(make_organizer(city).id)


@pytest.fixture
def contest(city: Unit) -> Series:
    row: Series = make_series(unit=city, name="重庆市青少年科技创新大赛", kind=Kind.CONTEST_PROJECT)
    return row


@pytest.fixture
def last(contest: Series) -> Edition:
    """第35届, held last spring: deadline, judging, final in a hall, rules, a round."""
    edition = make_edition(series=contest, number=35, year=2025, summary="第35届大赛面向全市中小学生。")
    start = NOON - YEAR + 30 * DAY  # 2025-04-11, a Friday
    make_milestone(edition=edition, code="entries-close", starts_at=start, ends_at=start)
    make_milestone(edition=edition, code="shown-1", name="初评", starts_at=start + DAY, ends_at=start + 9 * DAY)
    make_occurrence(
        edition=edition,
        title="终评问辩",
        starts_at=start + 15 * DAY,
        room_id=make_room().id,
        opens_at=None,
        capacity=None,
    )
    make_rule_pack(edition)
    make_round(edition=edition, opens_at=start + DAY, closes_at=start + 9 * DAY)
    return edition  # type: ignore[no-any-return]


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)).split())


def first_page(desk: FlaskClient, contest: Series, source: Edition, **changed: Any) -> Any:
    page = desk.get(f"/manage/series/{contest.id}/editions/clone")
    key = re.search(r'name="key"[^>]*value="([0-9a-f-]{36})"', page.text)
    assert key is not None
    data = {
        "source": str(source.id), "take": ["milestones", "occurrences", "rules", "rounds"], "number": "第36届",
        "year": "2026", "title": "", "key": key[1], **changed,
    }  # fmt: skip
    return desk.post(f"/manage/series/{contest.id}/editions/clone", data=data)


def edition_36() -> Edition:
    db.session.expire_all()
    return db.session.scalars(select(Edition).where(Edition.number == 36)).one()


def dates_of(page: str) -> dict[str, str]:
    """What the page of dates would send."""
    return dict(re.findall(r'name="([mo]\d+-\w+)"[^>]*value="([^"]*)"', page))


# ---- the first page


def test_the_first_page_suggests_the_number_and_offers_what_last_year_has(
    desk: FlaskClient, contest: Series, last: Edition
) -> None:
    page = desk.get(f"/manage/series/{contest.id}/editions/clone")
    assert 'value="第36届"' in page.text
    assert "赛事规则 2 个类别、3 个组别、3 个学科，5 项指标" in words(page)
    assert ("评审轮 初评" in words(page), "时间线 2 个节点" in words(page)) == (True, True)
    assert page.text.count('name="take"') == page.text.count('name="take" value="') == 4
    assert len(re.findall(r'name="take" value="\w+" checked', page.text)) == 4


def test_three_pages_make_an_edition_that_only_organisers_see(
    app: Flask, desk: FlaskClient, contest: Series, last: Edition
) -> None:
    answer = first_page(desk, contest, last)
    edition = edition_36()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/manage/editions/{edition.id}/dates")
    second = desk.get(answer.headers["Location"])
    assert "2025年4月11日（周五）12:00" in words(second)
    answer = desk.post(f"/manage/editions/{edition.id}/dates", data={**dates_of(second.text), "do": "save"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/manage/editions/{edition.id}/checklist")
    third = words(desk.get(answer.headers["Location"]))
    assert "日期整体移动 52 周，星期不变" in third
    assert "看会公开什么" in third
    visitor = app.test_client()
    assert visitor.get(f"/editions/{edition.id}").status_code == 404
    assert "第36届" not in visitor.get(f"/series/{contest.slug}").text
    assert desk.post(f"/manage/editions/{edition.id}/publish").status_code == 303
    assert visitor.get(f"/editions/{edition.id}").status_code == 200


def test_the_first_page_sent_twice_is_one_edition(desk: FlaskClient, contest: Series, last: Edition) -> None:
    places = {
        first_page(desk, contest, last, key="0a1b2c3d-0d5c-4b2e-9a55-1f2e3d4c5b6a").headers["Location"]
        for _ in range(2)
    }
    assert places == {f"/manage/editions/{edition_36().id}/dates"}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"number": "第35届"}, "number", "这个系列已有第35届"),
        ({"number": "三十六"}, "number", "看不懂届次"),
        ({"number": ""}, "number", "请填写届次"),
        ({"year": ""}, "year", "请填写年份"),
        ({"year": "3026"}, "year", "请填写年份，1900 到 2200 之间"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_made(
    desk: FlaskClient, contest: Series, last: Edition, changed: dict[str, str], field: str, said: str
) -> None:
    answer = first_page(desk, contest, last, **changed)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-e">[^<]*{said}', answer.text)
    assert db.session.scalars(select(Edition.number)).all() == [35]


def test_a_source_of_another_series_is_none(desk: FlaskClient, contest: Series, last: Edition, city: Unit) -> None:
    other = make_edition(series=make_series(unit=city))
    make_milestone(edition=other)
    answer = first_page(desk, contest, other)
    assert (answer.status_code, "请选一届" in words(answer) or "Not a valid choice" in words(answer)) == (422, True)


def test_a_cancelled_edition_may_be_the_model_and_the_page_warns(
    desk: FlaskClient, contest: Series, last: Edition
) -> None:
    for row in db.session.scalars(select(Occurrence)):
        row.status = Status.CANCELLED
    db.session.commit()
    page = words(desk.get(f"/manage/series/{contest.id}/editions/clone"))
    assert "这一届全部取消" in page
    assert "第35届的场次全部取消了：日期只是当时的计划" in page
    assert first_page(desk, contest, last).status_code == 303
    assert db.session.scalar(select(Occurrence.status).where(Occurrence.edition_id == edition_36().id)) is (
        Status.SCHEDULED
    )


def test_a_withdrawn_edition_and_a_draft_without_a_date_are_not_offered(
    desk: FlaskClient, contest: Series, last: Edition
) -> None:
    make_edition(series=contest, number=34, year=2024, publication=Publication.WITHDRAWN)
    make_edition(series=contest, number=33, year=2024, publication=Publication.DRAFT)
    page = desk.get(f"/manage/series/{contest.id}/editions/clone")
    assert re.findall(r'name="source" value="(\d+)"', page.text) == [str(last.id)]
    assert "看不懂" not in words(page)
    # Their numbers are taken all the same.
    answer = first_page(desk, contest, last, number="第34届")
    assert (answer.status_code, "这个系列已有第34届" in words(answer)) == (422, True)


def test_without_an_earlier_edition_one_starts_from_the_kinds_defaults(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, kind=Kind.CONTEST_PROJECT)
    answer = desk.get(f"/manage/series/{series.id}/editions/clone")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/manage/series/{series.id}/editions/new")
    page = words(desk.get(answer.headers["Location"]))
    assert "申报截止（申报开放后 25 天）" in page
    assert "终评（活动开始当天）" in page


def test_the_kinds_milestones_are_made_where_they_are_ticked(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, kind=Kind.CONTEST_PROJECT)
    data = {
        "number": "首届", "year": "2026", "title": "", "summary": "", "unit_id": str(city.id),
        "first_on": "2026-10-17", "points": ["entries-open", "entries-close"],
    }  # fmt: skip
    assert desk.post(f"/manage/series/{series.id}/editions/new", data=data).status_code == 303
    rows = db.session.scalars(select(Milestone).order_by(Milestone.starts_at)).all()
    assert [(row.code, row.starts_at.date(), row.is_deadline, row.publication) for row in rows] == [
        ("entries-open", date(2026, 7, 19), False, Publication.DRAFT),
        ("entries-close", date(2026, 8, 13), True, Publication.DRAFT),
    ]


@pytest.mark.parametrize("first_on", ["", "0201-10-17"])
def test_without_a_first_day_nothing_is_dated_and_an_impossible_one_is_refused(
    desk: FlaskClient, city: Unit, first_on: str
) -> None:
    series = make_series(unit=city, kind=Kind.CAMP)
    data = {
        "number": "2026年度", "year": "2026", "unit_id": str(city.id), "first_on": first_on,
        "points": [point.code for point in KINDS[Kind.CAMP].points],
    }  # fmt: skip
    answer = desk.post(f"/manage/series/{series.id}/editions/new", data=data)
    assert answer.status_code == (422 if first_on else 303)
    assert db.session.scalars(select(Milestone)).all() == []


def test_an_issue_of_the_same_year_follows_at_the_usual_distance(desk: FlaskClient, city: Unit) -> None:
    series = make_series(unit=city, name="双月论坛", kind=Kind.FORUM_SERIES)
    for number, starts_at in ((1, NOON - 60 * DAY), (2, NOON - 4 * DAY)):
        edition = make_edition(series=series, number=number, style=Style.ISSUE, year=2026)
        make_occurrence(edition=edition, starts_at=starts_at)
    answer = first_page(desk, series, edition, number="2026年第3期", year="2026", take=["occurrences"])
    assert answer.status_code == 303
    third = db.session.scalars(select(Edition).where(Edition.number == 3)).one()
    assert db.session.scalar(select(Occurrence.starts_at).where(Occurrence.edition_id == third.id)) == NOON + 52 * DAY


def test_a_series_with_a_rule_shifts_by_its_rule(desk: FlaskClient, city: Unit) -> None:
    """全国科普日: the third Saturday of September, not the same week."""
    series = make_series(unit=city, name="全国科普日", kind=Kind.MEETING)
    make_pattern(
        series, rule="FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=3", first_on=date(2024, 9, 1), duration_minutes=120
    )
    edition = make_edition(series=series, number=2025, style=Style.YEAR, year=2025)
    make_occurrence(edition=edition, starts_at=NOON.replace(year=2025, month=9, day=20))
    assert first_page(desk, series, edition, number="2028年度", year="2028", take=["occurrences"]).status_code == 303
    made = db.session.scalars(select(Edition).where(Edition.number == 2028)).one()
    starts_at = db.session.scalar(select(Occurrence.starts_at).where(Occurrence.edition_id == made.id))
    assert starts_at == NOON.replace(year=2028, month=9, day=16)


# ---- the second page


@pytest.fixture
def draft(desk: FlaskClient, contest: Series, last: Edition) -> Edition:
    assert first_page(desk, contest, last).status_code == 303
    return edition_36()


def row_of(model: type[Any], edition: Edition, **values: Any) -> Any:
    db.session.expire_all()
    query = select(model).where(model.edition_id == edition.id)
    return db.session.scalars(query.filter_by(**values)).one()


def test_dates_are_shown_beside_last_years_and_nothing_counts_before_it_is_saved(
    desk: FlaskClient, draft: Edition
) -> None:
    address = f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text)
    closes = row_of(Milestone, draft, code="entries-close")
    assert typed[f"m{closes.id}-starts_on"] == "2026-04-10"
    page = desk.post(address, data={**typed, "do": "shift", "how": "days", "days": "371"})
    assert (page.status_code, "已重新推算，还没有保存" in words(page)) == (200, True)
    shown = dates_of(page.text)
    assert shown[f"m{closes.id}-starts_on"] == "2026-04-17"
    assert row_of(Milestone, draft, code="entries-close").starts_at == closes.starts_at
    assert desk.post(address, data={**shown, "do": "save"}).status_code == 303
    assert row_of(Milestone, draft, code="entries-close").starts_at == NOON + 37 * DAY
    assert row_of(Occurrence, draft).starts_at == NOON + 52 * DAY


@pytest.mark.parametrize(
    ("how", "days", "first"),
    [("same_date", "", "2026-04-11"), ("same_week", "", "2026-04-10"), ("days", "0", "2025-04-11")],
)
def test_each_rule_shifts_from_last_years_dates(
    desk: FlaskClient, draft: Edition, how: str, days: str, first: str
) -> None:
    address = f"/manage/editions/{draft.id}/dates"
    page = desk.post(address, data={**dates_of(desk.get(address).text), "do": "shift", "how": how, "days": days})
    closes = row_of(Milestone, draft, code="entries-close")
    assert dates_of(page.text)[f"m{closes.id}-starts_on"] == first


@pytest.mark.parametrize(
    ("days", "said"), [("", "请填写推迟几天"), ("99999", "一次最多移动 3660 天"), ("多", "请填写推迟几天")]
)
def test_a_shift_by_nonsense_is_refused(desk: FlaskClient, draft: Edition, days: str, said: str) -> None:
    address = f"/manage/editions/{draft.id}/dates"
    page = desk.post(address, data={**dates_of(desk.get(address).text), "do": "shift", "how": "days", "days": days})
    assert (page.status_code, said in words(page)) == (422, True)


def test_clashes_stand_at_their_date(desk: FlaskClient, draft: Edition) -> None:
    """清明: 2026-04-06 is off; a deadline after the final; a hall that others have by then."""
    final = row_of(Occurrence, draft)
    make_occurrence(room_id=final.room_id, starts_at=NOON + 26 * DAY)
    address = f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text)
    typed |= {f"o{final.id}-starts_on": "2026-04-06", f"o{final.id}-ends_on": "", "do": "fix:o0"}
    page = words(desk.post(address, data=typed))
    assert page.startswith("排日期")
    typed["do"] = "shift"
    page = words(desk.post(address, data={**typed, "how": "days", "days": "345"}))
    assert "4月6日（周一）：清明节放假" in page
    assert "场地已被占用" in page
    closes = row_of(Milestone, draft, code="entries-close")
    late = {**dates_of(desk.get(address).text), f"m{closes.id}-starts_on": "2026-05-10", "do": "save"}
    assert desk.post(address, data=late).status_code == 303
    page = words(desk.get(address))
    assert ("开始时申报还没有截止" in page, "和上一届的先后次序不同" in page) == (True, True)


def test_a_year_whose_holidays_nobody_knows_is_said_to_be_one(desk: FlaskClient, draft: Edition) -> None:
    """No clash, and no promise that there is none."""
    address = f"/manage/editions/{draft.id}/dates"
    page = desk.post(address, data={**dates_of(desk.get(address).text), "do": "shift", "how": "days", "days": "3500"})
    assert "3 个日期所在的年份还没有公布放假安排" in words(page)
    assert desk.post(address, data={**dates_of(page.text), "do": "save"}).status_code == 303
    checked = words(desk.get(f"/manage/editions/{draft.id}/checklist"))
    assert "放假安排未公布 3 个日期，公布后请再看一眼" in checked


def test_another_day_is_offered_and_shown_before_anything_is_saved(desk: FlaskClient, draft: Edition) -> None:
    final, address = row_of(Occurrence, draft), f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text) | {f"o{final.id}-starts_on": "2026-04-06", f"o{final.id}-ends_on": ""}
    page = desk.post(address, data={**typed, "do": f"fix:o{final.id}"})
    assert (page.status_code, dates_of(page.text)[f"o{final.id}-starts_on"]) == (200, "2026-04-13")
    assert row_of(Occurrence, draft).revision == 0


def test_a_room_that_is_taken_refuses_at_its_date_and_keeps_what_was_typed(desk: FlaskClient, draft: Edition) -> None:
    final, address = row_of(Occurrence, draft), f"/manage/editions/{draft.id}/dates"
    make_occurrence(room_id=final.room_id, starts_at=NOON + 60 * DAY)
    typed = dates_of(desk.get(address).text) | {f"o{final.id}-starts_on": "2026-05-10", f"o{final.id}-ends_on": ""}
    page = desk.post(address, data={**typed, "do": "save"})
    assert page.status_code == 422
    assert re.search(rf'id="o{final.id}-starts_on-e">[^<]*已', page.text)
    assert dates_of(page.text)[f"o{final.id}-starts_on"] == "2026-05-10"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_on": ""}, "请填写开始日期"), ({"starts_on": "2026-02-30"}, "这一天不存在"),
        ({"ends": "25:00"}, "请按 24 小时制填写时间"), ({"ends": "01:00"}, "要晚于开始时间"),
        ({"starts_on": "2301-05-10"}, "日期的年份要在 1900 到 2200 之间"),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused(
    desk: FlaskClient, draft: Edition, changed: dict[str, str], said: str
) -> None:
    final, address = row_of(Occurrence, draft), f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text) | {f"o{final.id}-{name}": value for name, value in changed.items()}
    page = desk.post(address, data={**typed, f"o{final.id}-ends_on": "", "do": "save"})
    assert (page.status_code, said in words(page)) == (422, True)
    assert row_of(Occurrence, draft).starts_at == final.starts_at


def test_the_second_of_two_sees_both_dates_and_decides(desk: FlaskClient, draft: Edition) -> None:
    final, address = row_of(Occurrence, draft), f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text)
    on = f"o{final.id}-starts_on"
    ends = {f"o{final.id}-ends_on": ""}
    assert desk.post(address, data={**typed, **ends, on: "2026-05-05", "do": "save"}).status_code == 303
    late = desk.post(address, data={**typed, **ends, on: "2026-05-12", "do": "save"})
    assert late.status_code == 409
    assert "终评问辩 现在：5月5日（周二）12:00至14:00 你填的：5月12日（周二）12:00至14:00 不同" in words(late)
    mine = dates_of(late.text)
    assert mine[on] == "2026-05-12"
    assert desk.post(address, data={**mine, "do": "save"}).status_code == 303
    assert str(row_of(Occurrence, draft).starts_at.date()) == "2026-05-12"


def test_a_date_that_somebody_added_meanwhile_is_left_alone_and_one_that_is_gone_is_not_missed(
    desk: FlaskClient, draft: Edition
) -> None:
    address = f"/manage/editions/{draft.id}/dates"
    typed = dates_of(desk.get(address).text)
    new = make_milestone(edition=draft, publication=Publication.DRAFT)
    gone = row_of(Milestone, draft, code="shown-1")
    db.session.delete(gone)
    db.session.commit()
    final = row_of(Occurrence, draft)
    typed |= {f"o{final.id}-starts_on": "2026-05-12", f"o{final.id}-ends_on": "", "do": "save"}
    assert desk.post(address, data=typed).status_code == 303
    assert str(row_of(Occurrence, draft).starts_at.date()) == "2026-05-12"
    db.session.refresh(new)
    assert new.revision == 1


def test_what_is_public_is_not_moved_there(desk: FlaskClient, last: Edition) -> None:
    address = f"/manage/editions/{last.id}/dates"
    page = words(desk.get(address))
    assert "没有要排的日期" in page
    row = row_of(Occurrence, last)
    typed = {f"o{row.id}-starts_on": "2026-05-12", f"o{row.id}-revision": str(row.revision), "do": "save"}
    assert desk.post(address, data=typed).status_code == 303
    assert row_of(Occurrence, last).starts_at == row.starts_at


# ---- the third page, the difference


def test_the_checklist_says_what_is_open_and_where_it_is_done(desk: FlaskClient, draft: Edition) -> None:
    page = desk.get(f"/manage/editions/{draft.id}/checklist")
    assert "还写着上一届 简介：第35届" in words(page)
    assert "初评的评委 还没有评委" in words(page)
    assert f'href="/manage/editions/{draft.id}/facts"' in page.text
    assert "赛事规则 2 个类别" in words(page)
    body = db.session.scalars(select(RulePack).where(RulePack.edition_id == draft.id)).one()
    for row in db.session.scalars(select(Milestone).where(Milestone.edition_id == draft.id)):
        db.session.delete(row)
    db.session.delete(body)
    db.session.commit()
    page = words(desk.get(f"/manage/editions/{draft.id}/checklist"))
    assert "还差 2 项就能发布" in page
    assert ("没有规则就不能申报" in page, "没有这个节点，就不能申报" in page) == (True, True)


def test_a_forum_waits_for_its_approval(desk: FlaskClient, city: Unit) -> None:
    edition = make_edition(series=make_series(unit=city, kind=Kind.FORUM), publication=Publication.DRAFT)
    make_occurrence(edition=edition, publication=Publication.DRAFT, place="会堂")
    page = words(desk.get(f"/manage/editions/{edition.id}/checklist"))
    assert ("还差 1 项就能发布" in page, "备案 备案以后才能发布" in page) == (True, True)


def test_money_in_a_pupils_contest_is_pointed_at(desk: FlaskClient, draft: Edition) -> None:
    draft.summary = "每队报名费 200 元"
    db.session.commit()
    page = words(desk.get(f"/manage/editions/{draft.id}/checklist"))
    assert "面向学生的活动不收费，请核对：“报名费”" in page


def test_the_difference_lists_each_changed_rule_date_and_fact(desk: FlaskClient, draft: Edition) -> None:
    pack = db.session.scalars(select(RulePack).where(RulePack.edition_id == draft.id)).one()
    pack.body = {
        **PACK, "most_members": 2, "judges_per_entry": 5, "method": "trimmed_mean",
        "categories": [*PACK["categories"], {"code": "paper", "name": "科技辅导员优秀论文"}],
        "clauses": {**PACK["clauses"], "one": "章程第五条：每人限报一项。"},
    }  # fmt: skip
    db.session.commit()
    final = db.session.scalars(select(Occurrence).where(Occurrence.edition_id == draft.id)).one()
    final.starts_at, final.ends_at, final.title = final.starts_at + 7 * DAY, final.ends_at + 7 * DAY, "现场终评"
    draft.title = "科技点亮山城"
    db.session.commit()
    page = words(desk.get(f"/manage/editions/{draft.id}/difference"))
    for line in (
        "届次 第35届 第36届 届次", "主题 没有 科技点亮山城 届次", "作者人数上限 3 2 规则", "每件作品的评委数 3 5 规则",
        "类别 没有 科技辅导员优秀论文 规则", "引用的条款 没有 章程第五条：每人限报一项。 规则",
        "算分方法 全部评委的平均分 去掉一个最高分和一个最低分后的平均分 规则",
        "现场终评 2025年4月26日（周六）12:00至14:00 5月2日（周六）12:00至14:00 日期",
        "现场终评 终评问辩 现场终评 名称",
    ):  # fmt: skip
        assert line in page
    assert "日期整体移动 52 周，星期不变 ：申报截止、初评" in page


def test_without_an_earlier_edition_there_is_nothing_to_compare(desk: FlaskClient, last: Edition) -> None:
    assert "没有往届可比" in words(desk.get(f"/manage/editions/{last.id}/difference"))
    assert desk.get(f"/manage/editions/{last.id}/difference?with={last.id}").status_code == 404


def test_an_edition_that_was_not_copied_is_compared_by_codes_and_with_any_earlier_one(
    desk: FlaskClient, contest: Series, last: Edition
) -> None:
    make_edition(series=contest, number=34, year=2024)
    newest = make_edition(series=contest, number=36, year=2026)
    make_milestone(edition=newest, code="entries-close", starts_at=NOON + 30 * DAY, ends_at=NOON + 30 * DAY)
    page = words(desk.get(f"/manage/editions/{newest.id}/difference"))
    assert ("与第35届的差别" in page, "赛事规则 有 删去 规则" in page) == (True, True)
    other = db.session.scalars(select(Edition).where(Edition.number == 34)).one()
    assert "与第34届的差别" in words(desk.get(f"/manage/editions/{newest.id}/difference?with={other.id}"))


@pytest.mark.parametrize("page", ["dates", "checklist", "difference"])
def test_a_page_asks_as_many_questions_for_two_dates_as_for_fifty(desk: FlaskClient, draft: Edition, page: str) -> None:
    address = f"/manage/editions/{draft.id}/{page}"

    def asked() -> int:
        desk.get(address)
        with counted() as statements:
            assert desk.get(address).status_code == 200
        return len(statements)

    few = asked()
    for n in range(25):
        make_milestone(edition=draft, publication=Publication.DRAFT, starts_at=NOON + n * DAY)
        make_occurrence(
            edition=draft, publication=Publication.DRAFT, starts_at=NOON + (n + 1) * DAY, title=f"分会场{n}",
            room_id=make_room().id,
        )  # fmt: skip
    assert asked() == few


# ---- throwing it away


def test_a_draft_is_thrown_away_after_its_page_said_what_goes(
    desk: FlaskClient, contest: Series, draft: Edition
) -> None:
    address = f"/manage/editions/{draft.id}/discard"
    page = words(desk.get(address))
    assert ("场次 1 场 节点 2 个 赛事规则 2 个类别" in page, "评审轮 初评" in page) == (True, True)
    answer = desk.post(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/manage/series/{contest.id}")
    assert db.session.scalars(select(Edition.number)).all() == [35]
    assert desk.get(address).status_code == 404


def test_what_was_public_cannot_be_thrown_away(desk: FlaskClient, last: Edition) -> None:
    answer = desk.post(f"/manage/editions/{last.id}/discard")
    assert (answer.status_code, "这一届发布过，不能丢弃" in words(answer)) == (422, True)


def test_the_host_of_one_edition_reads_nothing_of_an_earlier_draft(
    city: Unit, contest: Series, last: Edition, as_user: Callable[[int], FlaskClient], draft: Edition
) -> None:
    """What it was copied from is not public: no date, no word and no number of it stands on the host's pages."""
    north = make_unit(parent=city, name="北区科协")
    draft.unit_id, draft.hosted_until = north.id, (NOON + 90 * DAY).date()
    last.publication = Publication.DRAFT
    db.session.commit()
    host = as_user(make_organizer(north).id)
    for page in ("dates", "checklist", "difference"):
        answer = host.get(f"/manage/editions/{draft.id}/{page}")
        text = words(answer).replace("第35届大赛面向全市中小学生。", "")  # its own text, as it was copied
        assert (answer.status_code, "第35届" in text, "2025年" in text) == (200, False, False)
    assert host.get(f"/manage/editions/{draft.id}/difference?with={last.id}").status_code == 404
    assert host.get(f"/manage/series/{contest.id}/editions/clone").status_code == 404
    assert host.post(f"/manage/editions/{draft.id}/discard").status_code == 403
    assert "丢弃这个草稿" not in host.get(f"/manage/editions/{draft.id}/checklist").text
