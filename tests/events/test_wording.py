"""What things are called, where and when: one table for every page, letter and calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kexie_events.events import wording
from kexie_events.events.numbering import Numbered, Style

BEIJING = ZoneInfo("Asia/Shanghai")
CONTEST, FORUM, MEETING = "重庆市青少年科技创新大赛", "“科创中国”@重庆双月论坛", "重庆市科协年会"


@pytest.mark.parametrize(
    ("series", "numbered", "own", "whole"),
    [
        (CONTEST, Numbered(42, Style.ORDINAL, 2027), "", "第42届重庆市青少年科技创新大赛"),
        (CONTEST, Numbered(12, Style.ORDINAL_CHINESE, 2020), "", "第十二届重庆市青少年科技创新大赛"),
        (CONTEST, Numbered(1, Style.ORDINAL, 1986), "", "首届重庆市青少年科技创新大赛"),
        (FORUM, Numbered(1, Style.ISSUE, 2027), "", "“科创中国”@重庆双月论坛 2027年首期"),
        (FORUM, Numbered(2, Style.ISSUE, 2026), "", "“科创中国”@重庆双月论坛 2026年第2期"),
        (MEETING, Numbered(2026, Style.YEAR, 2026), "", "重庆市科协年会 2026年度"),
        (CONTEST, Numbered(42, Style.ORDINAL, 2027), "申报截止", "申报截止（第42届重庆市青少年科技创新大赛）"),
        (CONTEST, Numbered(12, Style.ORDINAL_CHINESE), "终评", "终评（第十二届重庆市青少年科技创新大赛）"),
        (
            FORUM,
            Numbered(2, Style.ISSUE, 2026),
            "人工智能分论坛",
            "人工智能分论坛（“科创中国”@重庆双月论坛 2026年第2期）",
        ),
        (MEETING, Numbered(2026, Style.YEAR, 2026), "数字经济分会场", "数字经济分会场（重庆市科协年会 2026年度）"),
        # What the own name says already is not said again.
        (MEETING, Numbered(2026, Style.YEAR, 2026), "重庆市科协年会开幕式", "重庆市科协年会开幕式（2026年度）"),
        (MEETING, Numbered(2026, Style.YEAR, 2026), "2026年度重庆市科协年会", "2026年度重庆市科协年会"),
        (MEETING, Numbered(2026, Style.YEAR, 2026), MEETING, "重庆市科协年会 2026年度"),
    ],
)
def test_the_style_decides_the_place_of_the_number_and_the_own_name_stands_first(
    series: str, numbered: Numbered, own: str, whole: str
) -> None:
    assert wording.whole_name(numbered, series, own) == whole


def test_the_own_name_is_the_title_the_theme_or_the_series() -> None:
    assert [wording.own_name(*names) for names in (("甲", "乙", "丙"), ("", "乙", "丙"), ("", "", "丙"))] == [*"甲乙丙"]


@pytest.mark.parametrize(
    ("venue", "room", "place", "said", "for_programs"),
    [
        ("重庆科技馆", "报告厅", "", "重庆科技馆 报告厅", "重庆科技馆 报告厅, 江北城文星门街7号"),
        ("重庆科技馆", "报告厅", "二楼", "重庆科技馆 报告厅，二楼", "重庆科技馆 报告厅, 江北城文星门街7号, 二楼"),
        ("", "", "线上", "线上", "江北城文星门街7号, 线上"),
        ("", "", "", "", "江北城文星门街7号"),
    ],
)
def test_a_place_is_the_hall_then_the_words(venue: str, room: str, place: str, said: str, for_programs: str) -> None:
    assert wording.place_words(venue, room, place) == said
    assert wording.place_with_address(venue, room, "江北城文星门街7号", place) == for_programs


MIDNIGHT = datetime(2026, 3, 19, 16, tzinfo=UTC)  # of 20 March in Beijing


def test_a_time_is_said_on_the_wall_clock() -> None:
    starts_at, ends_at = datetime(2026, 3, 20, 6, tzinfo=UTC), datetime(2026, 3, 20, 9, tzinfo=UTC)
    first, last = wording.said_at(starts_at, ends_at, False, BEIJING)
    assert (first.isoformat(), last.isoformat()) == ("2026-03-20T14:00:00+08:00", "2026-03-20T17:00:00+08:00")


@pytest.mark.parametrize(
    ("ends_at", "last"),
    [
        (datetime(2026, 3, 20, 16, tzinfo=UTC), date(2026, 3, 20)),
        (datetime(2026, 3, 20, 16, 1, tzinfo=UTC), date(2026, 3, 21)),
        (datetime(2026, 3, 22, 16, tzinfo=UTC), date(2026, 3, 22)),
    ],
)
def test_whole_days_are_said_as_days_and_the_midnight_at_the_end_is_none_of_them(ends_at: datetime, last: date) -> None:
    said = wording.said_at(MIDNIGHT, ends_at, True, BEIJING)
    assert said == (date(2026, 3, 20), last)
    assert [type(day) for day in said] == [date, date]


def test_the_start_before_a_move_has_a_clock_unless_it_was_midnight() -> None:
    assert wording.said_before(MIDNIGHT, BEIJING) == date(2026, 3, 20)
    before = wording.said_before(datetime(2026, 3, 20, 6, tzinfo=UTC), BEIJING)
    assert before.isoformat() == "2026-03-20T14:00:00+08:00"
