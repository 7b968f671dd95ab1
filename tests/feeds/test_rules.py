"""Which feeds hold a thing, how long, and what it says there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events.kinds import Kind
from kexie_events.events.numbering import Numbered, Style
from kexie_events.feeds import rules
from kexie_events.feeds.rules import Facts, Source, happening, heading, held_by, is_shown, label
from tests.build import DAY, HOUR, NOON

SECOND = timedelta(seconds=1)
FORUM = Facts(
    source=Source.OCCURRENCE, source_id=7, public=True, uid="u7", revision=2, changed_at=NOON,
    starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR, name="", edition_id=3, series_slug="forum", series_name="双月论坛",
    numbered=Numbered(12, Style.ORDINAL, 2026), edition_title="", kind=Kind.FORUM, path="/occurrences/7",
    text="讲什么。", unit_name="市科协",
)  # fmt: skip


def over(ago: timedelta) -> Facts:
    """The same thing, over since then."""
    return replace(FORUM, starts_at=NOON - ago - HOUR, ends_at=NOON - ago)


def test_a_thing_stands_in_the_feed_of_everything_of_its_series_and_of_its_edition() -> None:
    assert held_by(FORUM, NOON) == ("all", "series/forum", "editions/3")


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
    assert (said.starts_at, said.ends_at, said.revision) == (FORUM.starts_at, FORUM.ends_at, 2)
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
