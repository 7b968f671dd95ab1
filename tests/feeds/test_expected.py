"""Whole calendars as they are published by the real services, against readable text in ``expected/published``.

The text is unfolded and has plain line ends. KEXIE_WRITE_EXPECTED=1 writes it anew; what changed is then read in the
difference, by a person.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.feeds.services import publish_stale
from tests.build import NOON

from .calendars import feed
from .planning import fix_uids, series
from .stories import STORIES
from .test_ical import unfolded

PUBLISHED = Path(__file__).parent / "expected/published"


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_published_as_expected_at_each_of_its_moments(app: Flask, name: str) -> None:
    told = []
    for moment in STORIES[name]():
        fix_uids()
        publish_stale(now=moment.now)
        text, kept = unfolded(feed(moment.path).body), PUBLISHED / f"{moment.text}.ics"
        if os.environ.get("KEXIE_WRITE_EXPECTED"):
            kept.write_text(text, encoding="utf-8")
        assert text == kept.read_text(encoding="utf-8")
        assert publish_stale(now=moment.now).rebuilt == []
        told.append(moment.text)
    assert sorted(told) == [text for text in TEXTS if story_of(text) == name]


@pytest.mark.parametrize(
    ("planned", "code"),
    [
        ({"rule": "FREQ=DAILY;COUNT=401"}, "recurrence.number"),
        ({"rule": "FREQ=DAILY;COUNT=10000"}, "recurrence.number"),
        ({"rule": "FREQ=DAILY;UNTIL=20350101"}, "recurrence.too_many"),
        ({"rule": "FREQ=DAILY"}, "recurrence.no_end"),
        ({"rule": "FREQ=SECONDLY;COUNT=5"}, "recurrence.frequency"),
        ({"first_on": date(1899, 12, 31)}, "event.day"),
        ({"first_on": date(9999, 12, 31)}, "event.day"),
    ],
)
def test_what_no_calendar_should_hold_is_refused_and_leaves_nothing(
    app: Flask, planned: dict[str, Any], code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        series(**planned)
    assert refused.value.code == code
    db.session.rollback()
    publish_stale(now=NOON)
    assert unfolded(feed("all").body) == (PUBLISHED / "nothing.ics").read_text(encoding="utf-8")


def test_every_expected_text_belongs_to_a_story() -> None:
    assert [text for text in TEXTS if story_of(text) is None] == []


TEXTS = sorted(path.stem for path in PUBLISHED.glob("*.ics"))


def story_of(text: str) -> str | None:
    """A text is called like its story, with more words behind it."""
    return next((name for name in STORIES if f"{text}_".startswith(f"{name}_")), None)
