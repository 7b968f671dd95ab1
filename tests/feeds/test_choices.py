"""What a subscriber chooses, and that each choice has exactly one address."""

import pytest

from kexie_events.feeds.choices import CHOICES, PLAIN, Alarm, Cancelled, Choice, Contents, split_path


def test_every_choice_has_one_address_and_is_read_back_from_it() -> None:
    assert len(CHOICES) == len(Contents) * len(Cancelled) * len(Alarm)
    for suffix, choice in CHOICES.items():
        assert choice.suffix == suffix
        assert split_path(f"series/forum{suffix}") == ("series/forum", choice)


def test_whoever_chooses_nothing_has_the_bare_address() -> None:
    assert PLAIN.suffix == ""
    assert split_path("all") == ("all", PLAIN)


@pytest.mark.parametrize(
    "path",
    ["all~", "all~all", "all~marked", "all~none", "all~Dates", "all~alarm-day~dates", "all~dates~dates", "all~~dates"],
)
def test_another_spelling_is_no_address(path: str) -> None:
    assert split_path(path) is None


def test_the_words_of_an_address_stand_in_one_order() -> None:
    choice = Choice(Contents.DEADLINES, Cancelled.REMOVED, Alarm.HALF_HOUR)
    assert choice.suffix == "~deadlines~no-cancelled~alarm-30min"
    assert not choice.is_plain
