import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.core.access import (
    ANYBODY,
    GRANTS,
    SYSTEM,
    Action,
    Actor,
    Granted,
    Place,
    Role,
    allows,
    require,
    visible,
)
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication
from tests.build import actor_of, make_account, make_edition, make_grant, make_occurrence, make_series, make_unit


@pytest.mark.parametrize(
    ("granted", "place", "covered"),
    [
        (Granted(Role.ORGANIZER, unit_path="/1/"), Place("/1/12/"), True),
        (Granted(Role.ORGANIZER, unit_path="/1/12/"), Place("/1/"), False),
        (Granted(Role.ORGANIZER, unit_path="/1/1/"), Place("/1/12/"), False),
        (Granted(Role.ORGANIZER, unit_path="/1/"), Place(""), False),
        (Granted(Role.ORGANIZER, series_id=5), Place("/9/", series_id=5), True),
        (Granted(Role.ORGANIZER, series_id=5), Place("/9/", series_id=6, edition_id=5), False),
        (Granted(Role.ORGANIZER, edition_id=7), Place("/9/", edition_id=7), True),
        (Granted(Role.JUDGE, round_id=3), Place("/9/", round_id=3), True),
        (Granted(Role.JUDGE, round_id=3), Place("/9/"), False),
        (Granted(Role.ADMINISTRATOR), Place(), True),
    ],
)
def test_a_grant_reaches_its_scope_and_what_is_below_it(granted, place, covered) -> None:
    assert granted.covers(place) is covered


def test_nobody_scores_without_being_a_judge_of_that_round() -> None:
    assert [role for role in Role if Action.SCORE in GRANTS[role]] == [Role.JUDGE]
    assert not allows(SYSTEM, Action.SCORE, Place(round_id=1))


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        require(ANYBODY, Action.PLAN, Place("/1/"))
    assert (refused.value.code, refused.value.status) == ("access.denied", 403)


def test_a_visitor_without_an_account_has_no_role() -> None:
    assert (ANYBODY.signed_in, ANYBODY.organizes) == (False, False)
    assert Actor(account_id=1, grants=(Granted(Role.ORGANIZER, unit_path="/1/"),)).organizes


def seen_by(actor: Actor) -> set[int]:
    return set(db.session.scalars(select(Occurrence.id).where(visible(Occurrence, actor))))


def test_drafts_are_seen_along_the_grants_and_nowhere_else(app: Flask) -> None:
    city = make_unit()
    north, south = make_unit(parent=city), make_unit(parent=city)
    draft_north = make_occurrence(edition=make_edition(series=make_series(unit=north)), publication=Publication.DRAFT)
    draft_south = make_occurrence(edition=make_edition(series=make_series(unit=south)), publication=Publication.DRAFT)
    public = make_occurrence(edition=make_edition(series=make_series(unit=south)))
    withdrawn = make_occurrence(edition=make_edition(series=make_series(unit=south)), publication=Publication.WITHDRAWN)

    def granted(role: Role, **scope: int) -> Actor:
        account = make_account()
        make_grant(account, role, **scope)
        return actor_of(account)

    everything = {draft_north.id, draft_south.id, public.id, withdrawn.id}
    assert seen_by(ANYBODY) == {public.id}
    assert seen_by(granted(Role.ORGANIZER, unit_id=city.id)) == everything
    assert seen_by(granted(Role.ORGANIZER, unit_id=north.id)) == {public.id, draft_north.id}
    assert seen_by(granted(Role.ORGANIZER, series_id=draft_south.series_id)) == {public.id, draft_south.id}
    assert seen_by(granted(Role.ORGANIZER, edition_id=draft_south.edition_id)) == {public.id, draft_south.id}
    assert seen_by(granted(Role.MENTOR, unit_id=city.id)) == {public.id}
    assert seen_by(granted(Role.ADMINISTRATOR)) == everything


def test_a_path_of_wildcards_reaches_nothing(app: Flask) -> None:
    make_occurrence(publication=Publication.DRAFT)
    assert seen_by(Actor(1, grants=(Granted(Role.ORGANIZER, unit_path="%"),))) == set()
