"""Where occurrences come from: sound, in free rooms, run by units that exist, within a host's time; all or none."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.core.access import SYSTEM, Actor, Granted, Role
from kexie_events.core.db import db, transaction
from kexie_events.core.errors import NotFound, RuleBroken
from kexie_events.events.models import Edition, Occurrence
from kexie_events.events.patterns.rules import Terms
from kexie_events.events.plans import OccurrencePlan
from kexie_events.events.rules import Publication
from kexie_events.events.services import NewOccurrence, make_occurrences
from kexie_events.events.services.making import of_slots
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_edition, make_pattern, make_room, make_series, make_unit
from tests.queries import counted

BEIJING = ZoneInfo("Asia/Shanghai")
SOON = NOON + 9 * DAY


def make(*wanted: NewOccurrence, actor: Actor = SYSTEM) -> list[Occurrence]:
    with transaction() as session:
        return make_occurrences(session, wanted, actor=actor, now=NOON, zone=BEIJING)


def plan(n: int = 0, **values: Any) -> OccurrencePlan:
    return OccurrencePlan(SOON + n * DAY, SOON + n * DAY + HOUR, **values)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Occurrence)) or 0


def test_nothing_wanted_makes_nothing(app: Flask) -> None:
    assert make() == []


def test_a_plan_becomes_a_draft_of_its_edition_and_unit(app: Flask) -> None:
    edition, unit = make_edition(), make_unit()
    own, other = make(
        NewOccurrence(edition, plan(title=" 分会场 ", summary="说明\n")),
        NewOccurrence(edition, plan(unit_id=unit.id, places_note="每校 3 人"), key="k", is_public=True),
    )
    assert (own.title, own.summary, own.unit_id) == ("分会场", "说明", edition.unit_id)
    assert (own.publication, own.revision, own.planned_at, own.series_id) == (
        Publication.DRAFT, 0, None, edition.series_id,
    )  # fmt: skip
    assert (other.unit_id, other.uid, other.places_note) == (unit.id, "k", "每校 3 人")
    assert (other.publication, other.revision) == (Publication.PUBLISHED, 1)


def test_what_follows_a_pattern_has_its_slot_and_its_facts(app: Flask) -> None:
    series = make_series()
    edition = make_edition(series=series)
    terms = Terms("", SOON.date(), time(14), timedelta(hours=3), place="礼堂", capacity=40, opens_before=3 * DAY)
    pattern = make_pattern(series, first_on=SOON.date())
    (slot,) = terms.slots(BEIJING)
    (row,) = make(*of_slots(pattern.id, terms, [(edition, slot.starts_at)]))
    assert (row.pattern_id, row.planned_at, row.facts) == (pattern.id, slot.starts_at, terms.facts(slot.starts_at))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"capacity": 0}, "event.capacity"),
        ({"title": "长" * 121}, "event.title"),
        ({"opens_at": SOON, "closes_at": SOON - DAY}, "event.closes_before_open"),
    ],
)
def test_what_is_not_sound_is_refused_with_all_that_is_wanted_beside_it(
    app: Flask, values: dict[str, Any], code: str
) -> None:
    edition = make_edition()
    with pytest.raises(RuleBroken) as refused:
        make(NewOccurrence(edition, plan()), NewOccurrence(edition, plan(1, **values)))
    assert (refused.value.code, count()) == (code, 0)


def test_a_room_that_is_taken_or_is_none_stops_all(app: Flask) -> None:
    edition, room = make_edition(), make_room()
    make(NewOccurrence(edition, plan(room_id=room.id)))
    with pytest.raises(RuleBroken, match=r"event\.room_taken"):
        make(NewOccurrence(edition, plan(1)), NewOccurrence(edition, plan(room_id=room.id)))
    with pytest.raises(NotFound):
        make(NewOccurrence(edition, plan(1)), NewOccurrence(edition, plan(2, room_id=room.id + 1)))
    assert count() == 1


def test_a_unit_that_is_closed_or_not_yet_there_runs_nothing_new(app: Flask) -> None:
    edition = make_edition()
    ended, begins = make_unit(name="甲", valid_to=NOON.date()), make_unit(name="乙", valid_from=SOON.date())
    for unit, code, on in ((ended, "unit.ended", NOON.date()), (begins, "unit.not_begun", SOON.date())):
        with pytest.raises(RuleBroken) as refused:
            make(NewOccurrence(edition, plan(unit_id=unit.id)))
        assert (refused.value.code, refused.value.details) == (code, {"unit": unit.name, "on": on})


def test_a_host_makes_nothing_beyond_its_time_and_the_owner_carries_the_end_along(app: Flask) -> None:
    series, host = make_series(), make_unit(name="甲")
    edition = make_edition(series=series, unit_id=host.id, hosted_until=SOON.date() + 2 * DAY, host_settled=True)
    owner = db.session.get(Unit, series.unit_id)
    organizers = [Actor(grants=(Granted(Role.ORGANIZER, unit.path, on=NOON.date()),)) for unit in (host, owner)]
    act: Callable[[Actor], Any] = lambda actor: make(  # noqa: E731
        NewOccurrence(edition, plan(0)), NewOccurrence(edition, plan(270)), actor=actor
    )
    with pytest.raises(RuleBroken, match=r"event\.after_hosting"):
        act(organizers[0])
    assert count() == 0
    act(organizers[1])
    last_on: date = (SOON + 270 * DAY).astimezone(BEIJING).date()
    assert db.session.get(Edition, edition.id, populate_existing=True).hosted_until == last_on + 31 * DAY


def test_a_hundred_are_made_with_as_many_statements_as_one(app: Flask) -> None:
    edition, unit, room = make_edition(), make_unit(), make_room()
    taken = []
    for first, many in ((0, 1), (1, 100)):
        wanted = [NewOccurrence(edition, plan(n, unit_id=unit.id, room_id=room.id)) for n in range(first, first + many)]
        with counted() as statements:
            make(*wanted)
        taken.append(len(statements))
    assert taken[1] <= taken[0] + 1
    assert count() == 101
