"""What a person may put into a calendar of their own."""

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.feeds.personal import EVERY_PART, checked_parts, chosen_parts, offered_parts
from kexie_events.feeds.rules import PersonalPart

REGISTRATIONS, ENTRIES, JUDGING = PersonalPart.REGISTRATIONS, PersonalPart.ENTRIES, PersonalPart.JUDGING


def test_only_judges_are_offered_their_duties() -> None:
    assert offered_parts(judges=False) == (REGISTRATIONS, ENTRIES)
    assert offered_parts(judges=True) == (REGISTRATIONS, ENTRIES, JUDGING)


@pytest.mark.parametrize(
    ("ticked", "stands", "means"),
    [
        ({ENTRIES}, EVERY_PART, {ENTRIES, JUDGING}),  # nobody could untick what was not on offer
        ({ENTRIES}, {REGISTRATIONS}, {ENTRIES}),
        ({REGISTRATIONS, JUDGING}, (), {REGISTRATIONS}),  # nor tick it
        (set(), {REGISTRATIONS}, set()),
    ],
)
def test_a_form_means_what_was_ticked_of_what_was_offered(
    ticked: set[PersonalPart], stands: set[PersonalPart], means: set[PersonalPart]
) -> None:
    assert chosen_parts(ticked, offered_parts(judges=False), stands) == means


def test_a_calendar_of_nothing_is_refused() -> None:
    assert checked_parts([ENTRIES, ENTRIES]) == {ENTRIES}
    with pytest.raises(RuleBroken) as refused:
        checked_parts([])
    assert refused.value.code == "feed.parts"
