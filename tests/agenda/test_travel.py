from datetime import timedelta

from kexie_events.agenda.travel import (
    Gathering,
    RemarkKind,
    Spot,
    Stay,
    room_remarks,
    same_names,
    travel_remarks,
    travel_time,
)
from tests.build import HOUR, NOON

MINUTE = timedelta(minutes=1)
HALL, MUSEUM = Spot(1, "科学会堂", 29.56, 106.55), Spot(2, "科技馆", 29.57, 106.57)
WANZHOU, SOMEWHERE = Spot(3, "万州", 30.80, 108.40), Spot(4, "某处")


def stays(gap: int, one: Spot, other: Spot) -> list[Stay]:
    first = Stay(1, "王教授", "报告一", 1, NOON, NOON + HOUR, one)
    start = NOON + HOUR + gap * MINUTE
    return [Stay(1, "王教授", "报告二", 2, start, start + HOUR, other), first]


def test_inside_one_venue_nobody_travels() -> None:
    assert travel_time(HALL, HALL) == timedelta(0)
    assert travel_remarks(stays(0, HALL, HALL)) == []


def test_five_minutes_are_too_few_between_two_venues_and_an_hour_is_enough() -> None:
    remark = travel_remarks(stays(5, HALL, MUSEUM))[0]
    assert (remark.kind, remark.person, remark.what, remark.other, remark.has) == (
        RemarkKind.TRAVEL, "王教授", "报告一", "报告二", 5,
    )  # fmt: skip
    assert remark.needs is not None
    assert 10 < remark.needs < 30
    assert travel_remarks(stays(60, HALL, MUSEUM)) == []


def test_another_city_is_hours_away() -> None:
    assert travel_remarks(stays(120, HALL, WANZHOU))[0].kind is RemarkKind.TRAVEL


def test_without_coordinates_the_way_is_unknown_and_said_to_be() -> None:
    assert travel_remarks(stays(5, HALL, SOMEWHERE))[0].kind is RemarkKind.TRAVEL_UNKNOWN
    assert travel_remarks(stays(7 * 60, HALL, SOMEWHERE)) == []


def test_rooms_that_are_too_small_missing_or_left_behind_are_said() -> None:
    rows = [
        Gathering("大会", 1, "小厅", 40, 60),
        Gathering("合适", 2, "大厅", 60, 60),
        Gathering("未定", 3, "", None, 60, has_place=False),
        Gathering("太晚", 4, "大厅", 60, None, outside=True),
    ]
    assert [(remark.kind, remark.what) for remark in room_remarks(rows)] == [
        (RemarkKind.SEATS, "大会"), (RemarkKind.NO_ROOM, "未定"), (RemarkKind.OUTSIDE, "太晚"),
    ]  # fmt: skip


def test_namesakes_of_different_units_are_said() -> None:
    people = [("王伟", "重庆大学"), ("王伟", "西南大学"), ("李明", "")]
    assert same_names(people) == [("王伟", ["重庆大学", "西南大学"])]
