"""Which calendar an address of the page names."""

import pytest

from kexie_events.core.errors import NotFound
from kexie_events.events.kinds import KINDS, Kind, Topic
from kexie_events.feeds.asked import (
    FOLDERS,
    Asked,
    Scope,
    arguments_of,
    asked,
    choice,
    kind_of,
    topic_around,
    topic_of,
)
from kexie_events.feeds.choices import CHOICES, PLAIN, Alarm, Cancelled, Choice, Contents
from kexie_events.feeds.rules import kebab


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, "all"), ({"series": ""}, "all"), ({"by": "series", "q": "论坛"}, "all"),
        ({"series": "forum"}, "series/forum"), ({"edition": "12"}, "editions/12"), ({"unit": "cqast"}, "units/cqast"),
        ({"region": "500103"}, "regions/500103"), ({"venue": "3"}, "venues/3"),
        ({"topic": "youth-contest"}, "topics/youth-contest"), ({"kind": "contest-match"}, "kinds/contest-match"),
        ({"series": "论坛"}, "series/论坛"),
    ],
)  # fmt: skip
def test_an_address_names_one_calendar(arguments: dict[str, str], path: str) -> None:
    found = asked(arguments)
    assert found.path == path
    assert asked(found.arguments) == found


@pytest.mark.parametrize(
    "arguments",
    [
        {"series": "forum", "unit": "cqast"}, {"topic": "award", "kind": "award"}, {"series": "a" * 81},
        {"series": "a\x00b"}, {"unit": "a\nb"}, {"edition": "x"}, {"edition": "0"}, {"edition": "-1"},
        {"edition": "012"}, {"edition": "１２"}, {"edition": "2147483648"}, {"venue": "9" * 30}, {"venue": "1.0"},
    ],
)  # fmt: skip
def test_what_names_no_calendar_is_not_found(arguments: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        asked(arguments)


def test_every_scope_but_everything_has_a_folder_of_its_own() -> None:
    assert set(FOLDERS) == set(Scope) - {Scope.ALL}
    assert len(set(FOLDERS.values())) == len(FOLDERS)


def test_every_kind_and_topic_has_one_spelling() -> None:
    assert [kind_of(kebab(kind)) for kind in Kind] == list(Kind)
    assert [topic_of(kebab(topic)) for topic in Topic] == list(Topic)
    for wrong in ("", "contest_match", "nothing", "FORUM"):
        with pytest.raises(NotFound):
            kind_of(wrong)
    with pytest.raises(NotFound):
        topic_of("contest-match")


def test_the_kinds_of_a_topic_stand_beside_it() -> None:
    assert topic_around(Asked(Scope.TOPIC, "academic")) is Topic.ACADEMIC
    assert topic_around(Asked(Scope.KIND, "contest-match")) is KINDS[Kind.CONTEST_MATCH].topic
    assert topic_around(Asked(Scope.SERIES, "forum")) is None
    assert topic_around(Asked()) is None


@pytest.mark.parametrize("chosen", CHOICES.values(), ids=lambda chosen: chosen.suffix or "plain")
def test_a_choice_is_said_in_an_address_and_read_back(chosen: Choice) -> None:
    assert choice(arguments_of(chosen)) == chosen


def test_an_address_says_only_what_is_chosen() -> None:
    assert arguments_of(PLAIN) == {}
    assert choice({"contents": ""}) == PLAIN
    assert arguments_of(Choice(Contents.DEADLINES, Cancelled.REMOVED, Alarm.DAY)) == {
        "contents": "deadlines", "cancelled": "removed", "alarm": "day",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [{"contents": "some"}, {"cancelled": "yes"}, {"alarm": "5min"}])
def test_a_choice_that_is_none_is_not_found(arguments: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        choice(arguments)
