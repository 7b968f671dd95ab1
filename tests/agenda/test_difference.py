"""What is said of the difference between two versions, and what is not said again."""

from dataclasses import replace
from datetime import timedelta

from kexie_events.agenda.difference import Change, ChangeKind, difference, felt_in, read, written
from kexie_events.agenda.programme import Forum, SessionLine, TalkLine, Voice
from tests.build import HOUR, NOON

TALK = TalkLine(1, "talk", "山区物流", "", NOON, NOON + HOUR / 2, False, (Voice(1, "王教授"),))
SESSION = SessionLine(1, "talks", "主旨报告", NOON, NOON + HOUR, False, 1, "一号厅", (), (TALK,))
FORUM = Forum(1, "数字经济", "计算机学会", NOON, NOON + 3 * HOUR, False, False, 1, "一号厅", (SESSION,))


def kinds(before: Forum | None, after: Forum | None) -> list[tuple[ChangeKind, str]]:
    found = difference((before,) if before else (), (after,) if after else ())
    return [(change.kind, change.what) for change in found]


def later(row, by: timedelta = HOUR):
    return replace(row, starts_at=row.starts_at + by, ends_at=row.ends_at + by)


def with_session(session: SessionLine) -> Forum:
    return replace(FORUM, sessions=(session,))


def with_talk(talk: TalkLine) -> Forum:
    return with_session(replace(SESSION, talks=(talk,)))


def test_nothing_is_said_of_what_is_the_same() -> None:
    assert kinds(FORUM, FORUM) == []


def test_what_is_new_or_gone_is_said_once_for_all_that_it_holds() -> None:
    assert kinds(None, FORUM) == [(ChangeKind.NEW, "数字经济")]
    assert kinds(FORUM, None) == [(ChangeKind.GONE, "数字经济")]
    assert kinds(replace(FORUM, sessions=()), FORUM) == [(ChangeKind.NEW, "主旨报告")]
    assert kinds(FORUM, replace(FORUM, sessions=())) == [(ChangeKind.GONE, "主旨报告")]


def test_sessions_and_talks_that_go_with_their_sub_forum_are_not_said_again() -> None:
    talk = later(TALK)
    moved = replace(later(FORUM), sessions=(replace(later(SESSION), talks=(talk,)),))
    assert kinds(FORUM, moved) == [(ChangeKind.MOVED, "数字经济")]
    assert kinds(FORUM, with_session(replace(later(SESSION), talks=(talk,)))) == [(ChangeKind.MOVED, "主旨报告")]


def test_another_hall_of_the_sub_forum_is_said_once() -> None:
    elsewhere = replace(SESSION, room_id=2, place="二号厅")
    assert kinds(FORUM, replace(FORUM, room_id=2, place="二号厅", sessions=(elsewhere,))) == [
        (ChangeKind.ROOM, "数字经济")
    ]
    assert kinds(FORUM, with_session(elsewhere)) == [(ChangeKind.ROOM, "主旨报告")]


def test_a_talk_may_move_change_its_name_its_people_or_not_be_given() -> None:
    assert kinds(FORUM, with_talk(later(TALK))) == [(ChangeKind.MOVED, "山区物流")]
    assert kinds(FORUM, with_talk(replace(TALK, title="新题"))) == [(ChangeKind.RENAMED, "新题")]
    assert kinds(FORUM, with_talk(replace(TALK, speakers=(Voice(2, "李教授"),)))) == [(ChangeKind.PEOPLE, "山区物流")]
    assert kinds(FORUM, with_talk(replace(TALK, cancelled=True))) == [(ChangeKind.CANCELLED, "山区物流")]
    assert kinds(with_talk(replace(TALK, cancelled=True)), FORUM) == [(ChangeKind.RESTORED, "山区物流")]


def test_a_corrected_name_of_the_same_person_is_no_other_person() -> None:
    assert kinds(FORUM, with_talk(replace(TALK, speakers=(Voice(1, "王一教授"),)))) == []


def test_of_a_cancelled_sub_forum_nothing_else_is_said() -> None:
    gone = replace(later(FORUM), cancelled=True, sessions=())
    assert kinds(FORUM, gone) == [(ChangeKind.CANCELLED, "数字经济")]


def test_those_who_come_must_know_of_hours_rooms_and_what_falls_out_inside_a_sub_forum() -> None:
    moved = difference((FORUM,), (with_session(later(SESSION)),))
    assert list(felt_in(moved)) == [1]
    whole = replace(later(FORUM), sessions=(replace(later(SESSION), talks=(later(TALK),)),))
    assert felt_in(difference((FORUM,), (whole,))) == {}  # told by its own move
    assert felt_in(difference((FORUM,), (with_talk(replace(TALK, title="新题")),))) == {}


def test_changes_are_kept_and_read_back() -> None:
    changes = [Change(ChangeKind.MOVED, 1, "主旨报告", "数字经济", ("a", "b"), ("c", "d"))]
    assert read(written(changes)) == changes
