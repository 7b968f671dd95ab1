import re

from flask import Flask

from kexie_events.core.db import db
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication
from tests.build import make_edition, make_series


def test_an_occurrence_for_a_load_test_is_open_and_has_its_places(app: Flask) -> None:
    make_edition(series=make_series(slug="campus-lectures"))
    answer = app.test_cli_runner().invoke(args=["demo", "occurrence", "--capacity", "200"])
    path = re.fullmatch(r"/occurrences/(\d+)\n", answer.output)
    assert path is not None, answer.output
    row = db.session.get(Occurrence, int(path[1]))
    assert (row.capacity, row.taken, row.publication) == (200, 0, Publication.PUBLISHED)
    assert "报名" in app.test_client().get(f"/occurrences/{row.id}/registration").text


def test_without_the_demo_city_the_reason_is_said(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["demo", "occurrence", "--capacity", "5"])
    assert answer.exit_code == 1
    assert "the demo city is not loaded" in answer.output
