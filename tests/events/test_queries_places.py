from dataclasses import replace

import pytest
from flask import Flask

from kexie_events.core.access import Action, Place
from kexie_events.core.errors import Forbidden
from kexie_events.events.queries.places import edition_places, place_of, require
from tests.build import actor_of, make_edition, make_milestone, make_occurrence, make_organizer, make_series, make_unit


def test_a_thing_lives_in_its_unit_its_series_and_its_edition(app: Flask) -> None:
    unit = make_unit()
    series = make_series(unit=unit)
    edition = make_edition(series=series)
    here = Place(unit.path, series.id, edition.id, owner_path=unit.path, host_path=unit.path)
    assert place_of(series) == Place(unit.path, series_id=series.id)
    assert [place_of(row) for row in (edition, make_occurrence(edition=edition), make_milestone(edition=edition))] == [
        here, here, here,
    ]  # fmt: skip
    assert place_of(edition, 7) == replace(here, round_id=7)
    assert edition_places([edition.id]) == {edition.id: here}


def test_who_organizes_elsewhere_is_refused(app: Flask) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit))
    require(actor_of(make_organizer(unit)), Action.PLAN, edition)
    with pytest.raises(Forbidden):
        require(actor_of(make_organizer(make_unit())), Action.PLAN, edition)
