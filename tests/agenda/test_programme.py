"""Reading a programme: by day, by room, by speaker, by a text; the board of a day."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from kexie_events.agenda import programme
from kexie_events.agenda.board import Part, board
from kexie_events.agenda.programme import Forum, SessionLine, Standing, TalkLine, Voice
from tests.build import DAY, HOUR

from .build import DAY_ONE

ZONE = ZoneInfo("Asia/Shanghai")
WANG, LI = Voice(1, "王教授", "重庆大学"), Voice(2, "李明")


def talk(n: int, title: str, *speakers: Voice) -> TalkLine:
    at = DAY_ONE + n * HOUR / 2
    return TalkLine(n, "talk", title, "", at, at + HOUR / 2, False, speakers)


FIRST = SessionLine(
    1, "talks", "上半场", DAY_ONE, DAY_ONE + HOUR, False, 7, "一号厅", (LI,), (talk(0, "物流", WANG), talk(1, "渔业"))
)  # fmt: skip
LATER = SessionLine(2, "talks", "下半场", DAY_ONE + DAY, DAY_ONE + DAY + HOUR, False, 8, "二号厅")
FORUM = Forum(1, "数字经济", "计算机学会", DAY_ONE, DAY_ONE + 2 * DAY, False, False, 7, "一号厅", (FIRST, LATER))
EMPTY = Forum(2, "待定分会场", "医学会", DAY_ONE + 5 * HOUR, DAY_ONE + 7 * HOUR, False, False, None, "")
WHOLE = (FORUM, EMPTY)


def names(found: programme.Programme) -> list[tuple[str, list[str]]]:
    return [(forum.name, [part.name for part in forum.sessions]) for forum in found]


def test_a_day_has_its_own_sessions_and_what_has_none_yet() -> None:
    day = DAY_ONE.astimezone(ZONE).date()
    assert programme.days(WHOLE, ZONE) == [day, day + timedelta(days=1)]
    assert names(programme.on_day(WHOLE, day, ZONE)) == [("数字经济", ["上半场"]), ("待定分会场", [])]
    assert names(programme.on_day(WHOLE, day + DAY, ZONE)) == [("数字经济", ["下半场"])]


def test_the_sheet_of_a_room_and_of_a_speaker_hold_what_is_theirs() -> None:
    assert names(programme.in_room(WHOLE, 8)) == [("数字经济", ["下半场"])]
    of_wang = programme.with_speaker(WHOLE, 1)
    assert [line.title for line in of_wang[0].sessions[0].talks] == ["物流"]
    assert programme.with_speaker(WHOLE, 2)[0].sessions[0].talks == ()  # takes the chair
    assert programme.rooms(WHOLE) == [(7, "一号厅"), (8, "二号厅")]
    assert [(who.name, count) for who, count in programme.speakers(WHOLE)] == [("李明", 1), ("王教授", 1)]


def test_a_text_is_found_in_names_titles_places_and_people() -> None:
    assert names(programme.matching(WHOLE, "重庆大学")) == [("数字经济", ["上半场"])]
    assert [line.title for line in programme.matching(WHOLE, "渔")[0].sessions[0].talks] == ["渔业"]
    assert names(programme.matching(WHOLE, "计算机")) == [("数字经济", ["上半场", "下半场"])]
    assert programme.matching(WHOLE, "没有的词") == ()


def test_what_may_not_be_seen_is_gone_and_what_is_cancelled_is_cancelled() -> None:
    stands = Standing(True, FORUM.starts_at, FORUM.ends_at, 7)
    assert [(forum.id, forum.cancelled) for forum in programme.as_it_stands(WHOLE, {1: stands})] == [(1, True)]
    assert programme.overtaken(WHOLE, {1: stands}) == set()
    assert programme.overtaken(WHOLE, {1: replace(stands, room_id=9)}) == {1}


def test_what_is_cancelled_is_not_counted() -> None:
    assert programme.counts(WHOLE) == (2, 2, 2)
    assert programme.counts((replace(FORUM, cancelled=True), EMPTY)) == (1, 0, 0)


def test_a_board_has_a_line_for_each_room_and_what_has_no_place_stands_first() -> None:
    lines = board(WHOLE, DAY_ONE.astimezone(ZONE).date(), ZONE)
    assert [(line.words, {part: len(chips) for part, chips in line.parts.items()}) for line in lines] == [
        ("", {Part.MORNING: 0, Part.AFTERNOON: 1, Part.EVENING: 0}),
        ("一号厅", {Part.MORNING: 1, Part.AFTERNOON: 0, Part.EVENING: 0}),
    ]


def test_a_programme_is_kept_and_read_back() -> None:
    assert programme.read(programme.written(WHOLE)) == WHOLE
