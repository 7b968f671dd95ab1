from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kexie_events.events.rules import Publication
from kexie_events.imports.comparing import (
    PARTS,
    Facts,
    Ground,
    Hall,
    Halls,
    Known,
    Outcome,
    compared,
    digest,
    matched,
    written_after,
)
from kexie_events.imports.reading import Item
from kexie_events.imports.rules import Change, Why
from tests.build import DAY, HOUR, NOON

ZONE = ZoneInfo("Asia/Shanghai")
HALLS = Halls(
    [Hall(5, "重庆科技馆", "报告厅", "文星门街7号"), Hall(6, "图书馆", "一楼", ""), Hall(7, "文化宫", "一楼", "")]
)
GROUND = Ground(ZONE, NOON, HALLS, "重庆市科协年会 2026年度", "重庆市科协年会")


def item(uid: str = "a", recurrence: str = "", **values: Any) -> Item:
    starts_at = values.pop("starts_at", NOON + 7 * DAY)
    defaults: dict[str, Any] = {
        "line": 3, "title": "讲座", "summary": "说明", "place": "礼堂", "ends_at": starts_at + 2 * HOUR,
        "all_day": False,
    }  # fmt: skip
    return Item(uid, recurrence, starts_at=starts_at, **{**defaults, **values})


def known(said: Item | None = None, stands: Facts | None = None, **values: Any) -> Known:
    said = said or item()
    written = GROUND.wanted(said)
    return Known(1, said, written, 9, stands or written, **values)


def outcome(now: Item | None, before: Known | None) -> Outcome:
    (found,) = compared([now] if now else [], [before] if before else [], GROUND)
    return found


def stands(**changed: Any) -> Facts:
    return replace(GROUND.wanted(item()), **changed)


def test_what_was_never_taken_over_is_new_and_ticked() -> None:
    found = outcome(item(), None)
    assert (found.change, found.ticked, found.parts, found.choosable) == (Change.NEW, True, PARTS, True)
    assert found.wanted == stands()


def test_what_is_over_is_offered_and_not_ticked() -> None:
    found = outcome(item(starts_at=NOON - DAY), None)
    assert (found.change, found.ticked, found.choosable) == (Change.NEW, False, True)


def test_what_was_called_off_before_it_was_known_is_left_out() -> None:
    found = outcome(item(cancelled=True), None)
    assert (found.change, found.why, found.choosable) == (Change.KEPT, Why.NEVER_HELD, False)


def test_what_was_thrown_away_here_is_offered_again_and_not_ticked() -> None:
    found = outcome(item(), replace(known(), stands=None, occurrence_id=None))
    assert (found.change, found.why, found.ticked) == (Change.NEW, Why.THROWN_AWAY, False)


def test_the_same_again_is_the_same() -> None:
    found = outcome(item(), known())
    assert (found.change, found.choosable) == (Change.SAME, False)


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"title": "新题目"}, ("title",)),
        ({"summary": "新说明"}, ("summary",)),
        ({"ends_at": NOON + 7 * DAY + 3 * HOUR}, ("time",)),
        ({"starts_at": NOON + 8 * DAY}, ("time",)),
        ({"place": "体育馆"}, ("where",)),
        ({"title": "新题目", "place": "重庆科技馆 报告厅"}, ("title", "where")),
    ],
)
def test_what_only_the_source_changed_follows_it(changed: dict[str, Any], parts: tuple[str, ...]) -> None:
    found = outcome(item(**changed), known())
    assert (found.change, found.parts, found.ticked) == (Change.CHANGED, parts, True)


def test_what_only_people_changed_here_stays() -> None:
    assert outcome(item(), known(stands=stands(title="改过"))).change is Change.SAME
    found = outcome(item(place="体育馆"), known(stands=stands(title="改过")))
    assert (found.change, found.parts, found.both) == (Change.CHANGED, ("where",), ())


def test_what_both_changed_is_shown_as_both_and_not_ticked() -> None:
    found = outcome(item(title="那边改", place="体育馆"), known(stands=stands(title="这边改")))
    assert (found.change, found.parts, found.both) == (Change.BOTH, ("title", "where"), ("title",))
    assert (found.ticked, found.choosable) == (False, True)


def test_what_both_changed_to_the_same_is_the_same() -> None:
    assert outcome(item(title="一样"), known(stands=stands(title="一样"))).change is Change.SAME


def test_what_is_called_off_there_is_offered_to_be_called_off_here() -> None:
    found = outcome(item(cancelled=True, title="改"), known())
    assert (found.change, found.parts, found.ticked) == (Change.CANCELLED, (), True)
    assert outcome(item(cancelled=True), known(item(cancelled=True), stands(cancelled=True))).change is Change.SAME
    assert outcome(item(cancelled=True), known(stands=stands(cancelled=True))).change is Change.SAME


def test_what_is_no_longer_called_off_there_is_offered_to_be_held_again() -> None:
    before = known(item(cancelled=True), stands(cancelled=True))
    found = outcome(item(title="新题目"), before)
    assert (found.change, found.parts, found.ticked) == (Change.RESTORED, ("title",), True)


def test_what_was_cancelled_here_is_not_brought_back_by_the_source() -> None:
    found = outcome(item(title="新题目"), known(stands=stands(cancelled=True)))
    assert (found.change, found.why) == (Change.KEPT, Why.CANCELLED_HERE)


def test_what_is_public_and_over_stays_as_it_was() -> None:
    past = item(starts_at=NOON - DAY)
    moved = replace(past, starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR)
    found = outcome(moved, known(past, GROUND.wanted(past), publication=Publication.PUBLISHED))
    assert (found.change, found.why) == (Change.KEPT, Why.OVER)
    assert outcome(moved, known(past, GROUND.wanted(past))).change is Change.CHANGED


def test_what_another_room_keeps_is_changed_there() -> None:
    found = outcome(item(title="新题目"), known(kept_elsewhere=True))
    assert (found.change, found.why) == (Change.KEPT, Why.KEPT_ELSEWHERE)


def test_what_the_source_has_no_more_is_said_and_not_ticked() -> None:
    found = outcome(None, known())
    assert (found.change, found.ticked, found.choosable) == (Change.GONE, False, True)
    for nobody_misses in (
        known(is_ours=False), known(stands=stands(cancelled=True)),
        known(item(starts_at=NOON - DAY), GROUND.wanted(item(starts_at=NOON - DAY))),
        replace(known(), stands=None, occurrence_id=None),
    ):  # fmt: skip
        assert compared([], [nobody_misses], GROUND) == ()


def test_people_are_told_of_time_and_place_of_what_is_public_and_of_nothing_else() -> None:
    public = known(publication=Publication.PUBLISHED)
    assert outcome(item(place="体育馆"), public).tells
    assert outcome(item(cancelled=True), public).tells
    assert not outcome(item(title="新题目"), public).tells
    assert not outcome(item(place="体育馆"), known()).tells


# ---- which is which


def dates(count: int, *, by: timedelta = timedelta(0)) -> list[Item]:
    found = [item(starts_at=NOON + (7 * n + 7) * DAY + by) for n in range(count)]
    return [replace(each, recurrence=f"{each.starts_at:%Y%m%dT%H%M%SZ}") for each in found]


@pytest.mark.parametrize("by", [HOUR, -2 * HOUR, DAY, 2 * DAY])
def test_a_rule_that_was_given_another_time_moves_its_dates_and_makes_none(by: timedelta) -> None:
    before = [known(each) for each in dates(3)]
    found = compared(dates(3, by=by), before, GROUND)
    assert [(each.change, each.parts) for each in found] == [(Change.CHANGED, ("time",))] * 3


def test_a_single_event_that_now_repeats_is_its_own_first_date() -> None:
    before = known(item(starts_at=NOON + 7 * DAY))
    assert [each.change for each in compared(dates(3), [before], GROUND)] == [Change.SAME, Change.NEW, Change.NEW]


def test_a_series_that_no_longer_repeats_keeps_its_first_date() -> None:
    before = [known(each) for each in dates(3)]
    found = compared([item(starts_at=NOON + 7 * DAY)], before, GROUND)
    assert [each.change for each in found] == [Change.SAME, Change.GONE, Change.GONE]


def test_nothing_is_paired_across_uids_nor_where_there_is_a_choice() -> None:
    one, other = item("a"), item("b")
    pairs, rest = matched([other], [known(one)], ZONE)
    assert (pairs, len(rest)) == ([(other, None)], 1)
    twice_a_week = [replace(item(starts_at=NOON + n * DAY), recurrence=str(n)) for n in (5, 7)]
    now = [replace(item(starts_at=NOON + n * DAY), recurrence=f"x{n}") for n in (6, 8)]
    pairs, rest = matched(now, [known(each) for each in twice_a_week], ZONE)
    assert [earlier for _item, earlier in pairs] == [None, None]
    assert len(rest) == 2


# ---- words and places


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("重庆科技馆 报告厅", (5, "")),
        ("重庆科技馆，报告厅", (5, "")),
        ("重庆科技馆 报告厅, 文星门街7号", (5, "")),
        ("重庆科技馆 报告厅, 文星门街7号, 从北门进", (5, "从北门进")),
        ("重庆科技馆 报告厅, 从北门进", (5, "从北门进")),
        ("报告厅", (5, "")),
        ("一楼", (None, "一楼")),
        ("重庆科技馆 报告厅旁边", (None, "重庆科技馆 报告厅旁边")),
        ("重庆科技馆", (None, "重庆科技馆")),
        ("", (None, "")),
    ],
)
def test_a_place_is_a_room_of_ours_when_it_names_one_exactly(place: str, found: tuple[int | None, str]) -> None:
    assert HALLS.placed(place) == found


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("重庆市科协年会 2026年度", ""),
        ("重庆市科协年会", ""),
        ("人工智能分论坛（重庆市科协年会 2026年度）", "人工智能分论坛"),
        ("人工智能分论坛", "人工智能分论坛"),
    ],
)
def test_the_name_of_the_edition_is_not_said_twice(title: str, kept: str) -> None:
    assert GROUND.wanted(item(title=title)).title == kept


def test_after_an_import_what_only_people_changed_still_counts_as_theirs() -> None:
    before = known(stands=stands(title="这边改"))
    found = outcome(item(place="体育馆"), before)
    after = written_after(found)
    assert (after.title, after.place) == ("讲座", "体育馆")
    assert found.item is not None
    assert found.wanted is not None
    again = replace(before, said=found.item, written=after, stands=replace(found.wanted, title="这边改"))
    assert outcome(item(place="体育馆"), again).change is Change.SAME
    assert outcome(item(place="体育馆", title="那边改"), again).change is Change.BOTH


def test_the_digest_says_what_would_be_done_and_over_what() -> None:
    seen = {
        digest(compared([now], [before], GROUND))
        for now, before in (
            (item(), known()),
            (item(title="新题目"), known()),
            (item(title="新题目"), known(stands=stands(place="体育馆"))),
            (item(title="新题目"), known(publication=Publication.PUBLISHED)),
            (item(title="新题目", starts_at=datetime(2026, 4, 1, tzinfo=ZONE)), known()),
        )
    }
    assert len(seen) == 5
    assert digest(compared([item()], [known()], GROUND)) == digest(compared([item(line=9)], [known()], GROUND))
