from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale

from kexie_events.core.installation import label
from kexie_events.events.kinds import KINDS, Capability, Kind, Point, Topic, can, kinds_of
from kexie_events.events.kinds_table import markdown
from kexie_events.events.rules import Purpose
from kexie_events.events.starting import dated

ZONE = ZoneInfo("Asia/Shanghai")


def test_every_kind_has_its_row_in_one_topic() -> None:
    assert set(KINDS) == set(Kind)
    assert sorted(kind.value for topic in Topic for kind in kinds_of(topic)) == sorted(kind.value for kind in Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_row_hangs_together(kind: Kind) -> None:
    spec = KINDS[kind]
    codes = [point.code for point in spec.points]
    assert len(codes) == len(set(codes))
    seen = {""}
    for point in spec.points:
        assert point.after in seen, "a point is counted from one that stands before it"
        seen.add(point.code)
        assert (point.lasts > 0) == (point.until is not None)
    assert all(start.point in codes for start in spec.rounds)
    # What is judged was submitted; where works are taken there is a time for it.
    assert not spec.rounds or can(kind, Capability.ROUNDS)
    assert not can(kind, Capability.ROUNDS) or can(kind, Capability.ENTRIES)
    assert can(kind, Capability.ENTRIES) == (Purpose.ENTRIES_CLOSE.value in codes)


def test_milestones_are_dated_from_the_first_day_and_from_each_other() -> None:
    points = (
        Point("opens", "开放", -30, time(12)),
        Point("closes", "截止", 10, time(12), deadline=True, after="opens"),
        Point("judged", "初评", 2, time(9), 5, time(17), after="closes"),
        Point("notice", "公示", 3, time(9), 6, time(17)),
    )
    found = dated(points, date(2027, 4, 10), ZONE)
    assert [(one.point.code, str(one.starts_at), str(one.ends_at)) for one in found] == [
        ("opens", "2027-03-11 12:00:00+08:00", "2027-03-11 12:00:00+08:00"),
        ("closes", "2027-03-21 12:00:00+08:00", "2027-03-21 12:00:00+08:00"),
        ("judged", "2027-03-23 09:00:00+08:00", "2027-03-28 17:00:00+08:00"),
        ("notice", "2027-04-13 09:00:00+08:00", "2027-04-19 17:00:00+08:00"),
    ]


def test_what_is_not_chosen_is_not_made_and_still_dates_the_others() -> None:
    points = KINDS[Kind.CONTEST_PROJECT].points
    every = {one.point.code: one for one in dated(points, date(2027, 4, 10), ZONE)}
    some = dated(points, date(2027, 4, 10), ZONE, chosen={"entries-close", "preliminary"})
    assert some == [every["entries-close"], every["preliminary"]]


def test_the_document_shows_the_table_as_it_is(whole_app: Flask) -> None:
    with whole_app.test_request_context(), force_locale("zh_Hans"):
        assert Path("docs/kinds.md").read_text() == markdown(label), "flask kinds > docs/kinds.md"


def test_the_command_prints_the_document(whole_app: Flask) -> None:
    printed = whole_app.test_cli_runner().invoke(args=["kinds"])
    assert (printed.exit_code, printed.output) == (0, Path("docs/kinds.md").read_text())
