"""Rounds as what comes along to the next edition."""

import pytest
from flask import Flask

from kexie_events.core.db import db
from kexie_events.events.carrying import Standing
from kexie_events.events.kinds import Kind
from kexie_events.judging.carrying import CARRIER
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_edition,
    make_judge,
    make_organizer,
    make_round,
    make_rule_pack,
    make_series,
    make_unit,
)


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({}, False),
        ({"opens_at": NOON + DAY, "closes_at": NOON + 9 * DAY}, True),
        ({"opens_at": NOON + HOUR}, True),
        ({"judges_per_entry": 5}, True),
    ],
)
def test_a_round_that_only_moves_along_by_weeks_does_not_differ(
    app: Flask, changed: dict[str, object], differs: bool
) -> None:
    series = make_series()
    before, after = make_edition(series=series), make_edition(series=series)
    make_round(edition=before, opens_at=NOON - 364 * DAY, closes_at=NOON - 356 * DAY)
    make_round(edition=after, **{"opens_at": NOON, "closes_at": NOON + 8 * DAY, **changed})
    with app.test_request_context():
        assert bool(CARRIER.differs(before, after)) == differs


def test_a_round_that_is_new_and_one_that_is_gone_are_named(app: Flask) -> None:
    series = make_series()
    before, after = make_edition(series=series), make_edition(series=series)
    make_round(edition=before, name="复评")
    make_round(edition=after, name="终评")
    with app.test_request_context():
        lines = [(line.name, line.before is None, line.after is None) for line in CARRIER.differs(before, after)]
    assert lines == [("复评", False, True), ("终评", True, False)]


def test_the_checklist_asks_for_rounds_where_the_kind_has_them_and_for_judges(app: Flask) -> None:
    unit = make_unit()
    actor = actor_of(make_organizer(unit))
    contest = make_edition(series=make_series(unit=unit, kind=Kind.CONTEST_PROJECT))
    forum = make_edition(series=make_series(unit=unit, kind=Kind.FORUM))
    db.session.refresh(contest, ["series"])
    db.session.refresh(forum, ["series"])
    make_rule_pack(contest)
    with app.test_request_context():
        assert list(CARRIER.items(forum, actor, NOON)) == []
        (none,) = CARRIER.items(contest, actor, NOON)
        assert (none.standing, "初评、终评" in none.detail) == (Standing.LOOK, True)
        round_ = make_round(edition=contest)
        assert [item.standing for item in CARRIER.items(contest, actor, NOON)] == [Standing.DONE, Standing.LOOK]
        make_judge(round_)
        assert [item.standing for item in CARRIER.items(contest, actor, NOON)] == [Standing.DONE, Standing.DONE]
