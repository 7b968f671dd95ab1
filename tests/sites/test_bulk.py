from datetime import date, datetime
from typing import Any

import pytest

from kexie_events.core import sheets
from kexie_events.core.errors import RuleBroken
from kexie_events.sites import bulk
from kexie_events.sites.bulk import Change, Column, Ground, Line
from kexie_events.sites.rules import CampaignTerms, SiteState

from .ground import ZONE

GROUND = Ground(CampaignTerms(), {"北区中学": 7, "南区中学": 8}, {"北区": 1}, {7: 1, 8: 2}, 2026, ZONE, 7)
HEADS = "编号\t活动名称\t主办单位\t日期\t开始时间\t结束时间\t地点\t类别\t区县\t纬度\t经度\t公开联系方式\t联系电话\t链接"


def read(*rows: str, head: str = HEADS) -> list[Line]:
    grid = sheets.read_text("\n".join([head, *rows]), bulk.BOUNDS)
    return bulk.read(grid, bulk.head_of(grid), GROUND)


def one(**cells: str) -> Line:
    values = {"活动名称": "走进实验室", "日期": "2026-09-19", "地点": "礼堂", "类别": "讲座报告", **cells}
    names = HEADS.split("\t")
    return read("\t".join(values.get(name, "") for name in names))[0]


def faults(line: Line) -> list[tuple[Any, str]]:
    return [(wrong.column, wrong.error.code) for wrong in line.wrong]


def at(hour: int, minute: int = 0, day: int = 19) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("cells", "span"),
    [
        ({"日期": "2026-09-19"}, (at(0), at(0, day=20), True)),
        ({"日期": "2026/9/19", "开始时间": "9:00", "结束时间": "11:30"}, (at(9), at(11, 30), False)),
        ({"日期": "9月19日", "开始时间": "14:00"}, (at(14), at(16), False)),
        ({"日期": "9月19日至20日"}, (at(0), at(0, day=21), True)),
        ({"日期": "2026年9月19日-9月20日"}, (at(0), at(0, day=21), True)),
        ({"日期": "2026-09-19 09:00"}, (at(9), at(11), False)),
        ({"日期": "２０２６．９．１９", "开始时间": "9：00－11：30"}, (at(9), at(11, 30), False)),
        ({"日期": "9.19", "开始时间": "09:00:00"}, (at(9), at(11), False)),
    ],
)
def test_days_and_times_are_read_as_people_write_them(cells: dict[str, str], span: tuple[Any, ...]) -> None:
    declared = one(**cells).declared
    assert declared is not None
    assert (declared.starts_at, declared.ends_at, declared.all_day) == span


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"活动名称": ""}, (Column.NAME, "site.empty")),
        ({"日期": ""}, (Column.DAY, "site.empty")),
        ({"日期": "2026-13-01"}, (Column.DAY, "site.day_unreadable")),
        ({"日期": "2026-02-29"}, (Column.DAY, "site.day_unreadable")),
        ({"日期": "国庆期间"}, (Column.DAY, "site.day_unreadable")),
        ({"日期": "0019-09-19"}, (Column.DAY, "event.day")),
        ({"日期": "9月20日至9月19日"}, (Column.DAY, "event.ends_before_start")),
        ({"开始时间": "下午"}, (Column.STARTS, "site.clock_unreadable")),
        ({"开始时间": "25:00"}, (Column.STARTS, "site.clock_unreadable")),
        ({"结束时间": "11:00"}, (Column.STARTS, "site.end_only")),
        ({"开始时间": "11:00", "结束时间": "10:00"}, (Column.DAY, "event.ends_before_start")),
        ({"地点": ""}, (Column.PLACE, "site.empty")),
        ({"类别": "演唱会"}, (Column.CATEGORY, "site.category")),
        ({"区县": "西区"}, (Column.REGION, "site.unknown_region")),
        ({"主办单位": "别的学校"}, (Column.UNIT, "site.unknown_unit")),
        ({"纬度": "北纬"}, (Column.LATITUDE, "site.coordinates")),
        ({"纬度": "29.5"}, (Column.LATITUDE, "site.coordinates")),
        ({"纬度": "99", "经度": "106"}, (Column.LATITUDE, "site.coordinates")),
        ({"公开联系方式": "也许"}, (Column.CONTACT_PUBLIC, "site.yes_or_no")),
        ({"联系电话": "找我"}, (Column.PHONE, "site.phone")),
        ({"链接": "javascript:alert(1)"}, (Column.LINK, "site.link")),
    ],
)
def test_a_fault_names_its_column_and_its_reason(cells: dict[str, str], fault: tuple[Column, str]) -> None:
    assert faults(one(**cells)) == [fault]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    line = one(日期="国庆", 类别="演唱会", 地点="")
    assert {wrong.column for wrong in line.wrong} == {Column.DAY, Column.CATEGORY, Column.PLACE}


def test_an_activity_is_its_units_and_in_its_units_district_unless_the_row_says_otherwise() -> None:
    own, other = one(), one(主办单位="南区中学", 区县="北区")
    assert own.declared is not None
    assert other.declared is not None
    assert (own.unit_id, own.declared.region_id) == (7, 1)
    assert (other.unit_id, other.declared.region_id) == (8, 1)


def test_the_same_activity_twice_in_a_sheet_is_a_fault_of_the_later_row() -> None:
    row = "\t走进实验室\t\t2026-09-19\t\t\t礼堂\t讲座报告"
    first, second = read(row, row)
    assert first.declared is not None
    assert [(w.row, w.error.code, w.error.details) for w in second.wrong] == [(3, "site.row_twice", {"row": 2})]


def test_the_row_of_the_template_is_no_activity() -> None:
    columns = [sheets.Column(bulk.HEADS[column][0] + "*") for column in Column]
    rows = sheets.read_file(sheets.written("活动", columns, bulk.example(CampaignTerms(), 2026)), bulk.BOUNDS)
    head = bulk.head_of(rows)
    assert set(head.columns) == set(Column)
    with pytest.raises(RuleBroken, match="sheets.empty"):
        bulk.read(rows, head, GROUND)


def test_a_sheet_without_its_head_says_which_columns_it_needs() -> None:
    with pytest.raises(RuleBroken) as refused:
        read("展览\t礼堂", head="名称\t地点")
    assert (refused.value.code, refused.value.details) == ("site.head", {"columns": list(bulk.NEEDED)})


def test_more_rows_than_are_taken_are_refused_before_work() -> None:
    with pytest.raises(RuleBroken, match="sheets.too_many"):
        read(*[f"\t活动{n}\t\t2026-09-19\t\t\t礼堂\t讲座报告" for n in range(bulk.MOST_ROWS + 1)])


def test_what_would_become_of_a_row() -> None:
    line = one()
    changed = one(地点="操场").declared
    assert bulk.outcome(line, None, None, None).change is Change.NEW
    assert bulk.outcome(line, 1, SiteState.PASSED, line.declared).change is Change.SAME
    draft = bulk.outcome(line, 1, SiteState.DRAFT, changed)
    assert (draft.change, draft.site_id, draft.before) == (Change.CHANGED, 1, {"place": "操场"})
    locked = bulk.outcome(line, 1, SiteState.DECLARED, changed)
    assert (locked.change, locked.wrong[0].error.code) == (Change.FAULT, "site.locked")


def test_a_date_without_a_year_is_of_the_campaigns_year() -> None:
    assert one(日期="9月19日").day == date(2026, 9, 19)
