"""Which feeds hold a thing, how long, and what it says there."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events.kinds import Kind
from kexie_events.events.numbering import Numbered, Style
from kexie_events.feeds import ical, rules
from kexie_events.feeds.ical import Stamp
from kexie_events.feeds.rules import Facts, Published, Source, happening, heading, held_by, is_shown, label, stamped
from tests.build import DAY, HOUR, NOON

SECOND = timedelta(seconds=1)
FORUM = Facts(
    source=Source.OCCURRENCE, source_id=7, public=True, uid="u7", revision=2, changed_at=NOON,
    starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR, name="", edition_id=3, series_slug="forum", series_name="双月论坛",
    numbered=Numbered(12, Style.ORDINAL, 2026), edition_title="", kind=Kind.FORUM, path="/occurrences/7",
    text="讲什么。", unit_name="市科协", units=("kexie", "xuehui"), region="500103", venue_id=9,
)  # fmt: skip


def over(ago: timedelta) -> Facts:
    """The same thing, over since then."""
    return replace(FORUM, starts_at=NOON - ago - HOUR, ends_at=NOON - ago)


def test_a_thing_stands_in_the_feeds_of_everything_that_it_belongs_to() -> None:
    assert held_by(FORUM, NOON) == (
        "all", "kinds/forum", "topics/academic", "series/forum", "editions/3", "units/kexie", "units/xuehui",
        "regions/500103", "venues/9",
    )  # fmt: skip


def test_a_thing_without_a_place_stands_in_no_feed_of_places() -> None:
    bare = replace(FORUM, units=(), region="", venue_id=None, kind=Kind.FORUM_SERIES)
    assert held_by(bare, NOON) == ("all", "kinds/forum-series", "topics/academic", "series/forum", "editions/3")


def test_who_judges_what_stands_in_no_public_feed() -> None:
    assert held_by(replace(FORUM, source=Source.ROUND), NOON) == ()


CONTENT = ical.content(happening(FORUM, "https://kexie.test", "论坛"), ZoneInfo("Asia/Shanghai"))
OTHER = CONTENT.replace("讲什么".encode(), "讲别的".encode())


def test_the_first_stamp_is_that_of_the_thing() -> None:
    assert stamped(CONTENT, FORUM, None, NOON + DAY).stamp == Stamp(2, NOON)


def test_equal_content_keeps_its_stamp_whatever_became_of_the_row() -> None:
    first = stamped(CONTENT, FORUM, None, NOON)
    assert stamped(CONTENT, replace(FORUM, revision=9, changed_at=NOON + DAY), first, NOON + DAY) is first


@pytest.mark.parametrize(
    ("revision", "changed_at", "now", "expected"),
    [
        (3, NOON + HOUR, NOON + DAY, Stamp(3, NOON + HOUR)),
        (7, NOON + HOUR, NOON + DAY, Stamp(7, NOON + HOUR)),  # three changes before anybody published
        (2, NOON, NOON + DAY, Stamp(3, NOON + DAY)),  # what changed is not its own: its host has another name
        (2, NOON, NOON - DAY, Stamp(3, NOON)),  # a clock that was put back
    ],
)
def test_other_content_raises_the_stamp(revision: int, changed_at: datetime, now: datetime, expected: Stamp) -> None:
    first = stamped(CONTENT, FORUM, None, NOON)
    second = stamped(OTHER, replace(FORUM, revision=revision, changed_at=changed_at), first, now)
    assert second.stamp == expected
    assert f"SEQUENCE:{expected.sequence}\r\n".encode() in second.body


def test_what_comes_back_goes_on_from_its_last_stamp_and_what_cannot_be_said_is_nothing() -> None:
    gone = Published(b"", Stamp(5, NOON))
    assert stamped(CONTENT, FORUM, gone, NOON + DAY).stamp == Stamp(6, NOON + DAY)
    assert stamped(b"", FORUM, stamped(CONTENT, FORUM, None, NOON), NOON) == Published(b"", Stamp(2, NOON))


def test_a_point_of_a_timeline_is_told_from_a_date_by_its_second_category() -> None:
    point = replace(FORUM, source=Source.MILESTONE)
    assert happening(point, "https://kexie.test", "论坛").categories == ("论坛", "节点")


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (FORUM, True),
        (replace(FORUM, public=False), False),
        (over(rules.KEPT_AFTER - SECOND), True),
        (over(rules.KEPT_AFTER), False),
        (replace(over(rules.GRACE - SECOND), cancelled=True), True),
        (replace(over(rules.GRACE), cancelled=True), False),
        (over(rules.GRACE), True),
        (replace(FORUM, starts_at=NOON + rules.SHOWN_AHEAD - SECOND, ends_at=NOON + rules.SHOWN_AHEAD), True),
        (replace(FORUM, starts_at=NOON + rules.SHOWN_AHEAD, ends_at=NOON + rules.SHOWN_AHEAD + HOUR), False),
    ],
)
def test_how_long_a_thing_stands_in_calendars(thing: Facts, shown: bool) -> None:
    assert is_shown(thing, NOON) is shown
    assert bool(held_by(thing, NOON)) is shown


@pytest.mark.parametrize(
    ("name", "theme", "said"),
    [
        ("", "", "第12届双月论坛"), ("", "量子信息", "量子信息（第12届双月论坛）"),
        ("分会场", "量子信息", "分会场（第12届双月论坛）"),
    ],
)  # fmt: skip
def test_a_thing_is_called_so_that_one_knows_what_it_belongs_to(name: str, theme: str, said: str) -> None:
    assert heading(replace(FORUM, name=name, edition_title=theme)) == said


def test_an_entry_says_who_holds_it_what_it_is_and_where_to_read_more() -> None:
    said = happening(FORUM, "https://kexie.test", "论坛")
    assert (said.title, said.url) == ("第12届双月论坛", "https://kexie.test/occurrences/7")
    assert (said.text, said.categories) == ("主办：市科协\n讲什么。", ("论坛",))
    assert (said.starts_at, said.ends_at) == (FORUM.starts_at, FORUM.ends_at)
    bare = happening(replace(FORUM, unit_name="", text=""), "https://kexie.test", "")
    assert (bare.text, bare.categories) == ("", ())


def test_a_deadline_is_a_point() -> None:
    said = happening(replace(FORUM, is_deadline=True), "https://kexie.test", "")
    assert said.starts_at == said.ends_at == FORUM.starts_at


@pytest.mark.parametrize("text", ["", "   ", "长" * 41, "\x00", "\u202e\u200b"])
def test_a_label_that_is_too_long_or_cannot_be_seen_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        label(text)
    assert refused.value.code == "feed.label"


def test_a_label_is_kept_as_one_line() -> None:
    assert label("  我的\n手机 ") == "我的 手机"
    assert label("长" * rules.LONGEST_LABEL) == "长" * rules.LONGEST_LABEL
