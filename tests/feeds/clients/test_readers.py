"""Programs that share no code show the same calendar, and it is what was planned."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.db import db
from kexie_events.events.models import Milestone
from kexie_events.feeds import variants
from kexie_events.feeds.choices import CHOICES, Cancelled, Contents
from kexie_events.feeds.services import publish_stale
from tests.build import NOON
from tests.feeds.calendars import feed
from tests.feeds.planning import fix_uids
from tests.feeds.random_year import plan_a_year
from tests.feeds.stories import SINCE, STORIES, UNTIL
from tests.feeds.truth import differences, of_path

from .readers import IcalJs, Shown, by_icalendar, by_recurring_ical_events, by_vobject

pytestmark = [pytest.mark.browser]


def readings(body: bytes, ical_js: IcalJs, since: datetime, until: datetime) -> dict[str, list[Shown]]:
    readers = {
        "icalendar": by_icalendar, "recurring-ical-events": by_recurring_ical_events, "vobject": by_vobject,
        "ical.js": ical_js,
    }  # fmt: skip
    return {name: read(body, since, until) for name, read in readers.items()}


@pytest.mark.parametrize("name", STORIES)
def test_every_reader_shows_over_two_years_what_is_planned(app: Flask, ical_js: IcalJs, name: str) -> None:
    for moment in STORIES[name]():
        fix_uids()
        publish_stale(now=moment.now)
        found = readings(feed(moment.path).body, ical_js, SINCE, UNTIL)
        # Whose seats and duties stand in a personal calendar, its text tells.
        held = of_path(moment.now, moment.path)
        assert moment.path.startswith("p/") or differences(found["icalendar"], held) == []
        for reader, shown in found.items():
            assert shown == found["icalendar"], reader


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_reader_shows_a_whole_year_with_all_that_happens_in_it(app: Flask, ical_js: IcalJs, seed: int) -> None:
    plan_a_year(seed)
    publish_stale(now=NOON)
    for path in ("all", "series/series-2"):
        found = readings(feed(path).body, ical_js, SINCE, UNTIL)
        assert differences(found["icalendar"], of_path(NOON, path)) == []
        for reader, shown in found.items():
            assert shown == found["icalendar"], reader


def test_every_reader_shows_of_a_variant_what_was_chosen(app: Flask, ical_js: IcalJs) -> None:
    plan_a_year(5)
    publish_stale(now=NOON)
    body = feed("all").body
    everything = by_icalendar(body, SINCE, UNTIL)
    points = set(db.session.scalars(select(Milestone.uid)))
    assert points
    assert {one.cancelled for one in everything} == {True, False}
    for choice in CHOICES.values():
        wanted = [
            one
            for one in everything
            if not (one.cancelled and choice.cancelled is Cancelled.REMOVED)
            and not (one.uid in points and choice.contents is Contents.DATES)
            and not (one.uid not in points and choice.contents is Contents.DEADLINES)
        ]
        for reader, shown in readings(variants.apply(body, choice), ical_js, SINCE, UNTIL).items():
            assert shown == wanted, (reader, choice)
