"""Who reaches an issue that one unit runs for another: its owner always, its host until its time is over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.accounts.queries import actor_for
from kexie_events.core import access
from kexie_events.core.access import ANYBODY, HOSTING, Action, Actor, Granted, Place, Role, allows, visible
from kexie_events.core.db import db
from kexie_events.entries.models import Entry
from kexie_events.events.models import Edition, Milestone, Occurrence, Series
from kexie_events.events.queries.manage import planned_by
from kexie_events.events.queries.places import place_of
from kexie_events.events.rules import Publication
from kexie_events.judging.models import Round
from kexie_events.registrations.models import Registration
from kexie_events.results.models import Notice
from kexie_events.units.models import Unit
from kexie_events.units.rules import UnitKind
from tests.build import (
    NOON,
    make_account,
    make_edition,
    make_entry,
    make_grant,
    make_milestone,
    make_occurrence,
    make_round,
    make_rule_pack,
    make_series,
    make_told_registration,
    make_unit,
)

NOBODY = 987_654  # an account that owns nothing
LAST = date(2026, 4, 20)  # the host's last day
AFTER = LAST + timedelta(days=1)
DRAFT = Publication.DRAFT


def organizer(unit: Unit, on: date) -> Actor:
    return Actor(NOBODY, grants=(Granted(Role.ORGANIZER, unit.path, on=on),))


class Hosted:
    """An issue of a learned society's series, run by a district until ``LAST``, with all that hangs on it."""

    def __init__(self) -> None:
        city = make_unit()
        self.city, self.owner, self.host = (
            city,
            make_unit(parent=city, name="学会"),
            make_unit(parent=city, name="区科协"),
        )
        self.below, self.other = make_unit(parent=self.host), make_unit(parent=city)
        self.series = make_series(unit=self.owner, publication=DRAFT)
        draft = {"publication": DRAFT}
        self.edition = make_edition(series=self.series, unit_id=self.host.id, hosted_until=AFTER, **draft)
        self.occurrence = make_occurrence(edition=self.edition, **draft)
        self.milestone = make_milestone(edition=self.edition, **draft)
        self.part = make_occurrence(edition=self.edition, unit_id=self.below.id, **draft)  # declared below the host
        self.site = make_occurrence(edition=self.edition, unit_id=self.other.id, **draft)  # declared by somebody else
        make_rule_pack(self.edition)
        self.registration = make_told_registration(self.occurrence)
        self.entry = make_entry(edition=self.edition, unit=make_unit(parent=self.other, kind=UnitKind.SCHOOL))
        self.round = make_round(edition=self.edition)
        self.notice = Notice(
            edition_id=self.edition.id, unit_id=self.host.id, title="公示", body="", columns=[], rows=[],
            starts_at=NOON, ends_at=NOON + timedelta(days=5), days=5, publication=DRAFT, changed_at=NOON,
        )  # fmt: skip
        db.session.add(self.notice)
        db.session.commit()

    @property
    def issue(self) -> set[str]:
        return {"edition", "occurrence", "milestone", "part", "site", "registration", "entry", "round", "notice"}

    def seen(self, actor: Actor) -> set[str]:
        """What this actor finds of it, by the clause that every list passes."""
        names = {
            "series": Series, "edition": Edition, "occurrence": Occurrence, "milestone": Milestone, "part": Occurrence,
            "site": Occurrence, "registration": Registration, "entry": Entry, "round": Round, "notice": Notice,
        }  # fmt: skip
        return {
            name
            for name, model in names.items()
            if db.session.scalar(select(model.id).where(model.id == getattr(self, name).id, visible(model, actor)))
        }


@pytest.fixture
def hosted(app: Flask) -> Hosted:
    return Hosted()


def test_the_owner_reaches_its_issue_always_though_it_does_not_stand_above_the_host(hosted: Hosted) -> None:
    for day in (LAST, AFTER, AFTER + timedelta(days=4000)):
        assert hosted.seen(organizer(hosted.owner, day)) == hosted.issue | {"series"}


def test_the_host_reaches_all_that_hangs_on_its_issue_until_its_last_day(hosted: Hosted) -> None:
    assert hosted.seen(organizer(hosted.host, LAST)) == hosted.issue
    assert hosted.seen(organizer(hosted.host, AFTER)) == set()


def test_somebody_else_reaches_only_what_is_its_own_and_that_without_end(hosted: Hosted) -> None:
    for day in (LAST, AFTER):
        assert hosted.seen(organizer(hosted.other, day)) == {"site", "entry"}  # its site, the work of its school


def test_what_is_declared_below_the_host_is_a_part_of_what_is_hosted(hosted: Hosted) -> None:
    assert hosted.seen(organizer(hosted.below, LAST)) == set()  # the issue is not its own: the host runs it
    assert hosted.seen(organizer(hosted.city, AFTER)) == hosted.issue | {"series"}


def test_who_stands_above_the_host_but_not_above_the_owner_ends_with_the_host(app: Flask, hosted: Hosted) -> None:
    hosted.series.unit_id = make_unit().id  # a tree of its own
    db.session.commit()
    assert hosted.seen(organizer(hosted.city, LAST)) == hosted.issue
    assert hosted.seen(organizer(hosted.city, AFTER)) == {"site", "entry"}


def test_a_host_without_an_end_reaches_it_without_end(hosted: Hosted) -> None:
    hosted.edition.hosted_until = None
    db.session.commit()
    assert hosted.seen(organizer(hosted.host, AFTER)) == hosted.issue


def test_a_grant_read_for_no_day_is_no_host(hosted: Hosted) -> None:
    nobody = Actor(NOBODY, grants=(Granted(Role.ORGANIZER, hosted.host.path),))
    assert hosted.seen(nobody) == set()
    assert not allows(nobody, Action.PLAN, place_of(hosted.edition))


def test_asking_for_one_thing_and_finding_it_in_a_list_are_the_same(hosted: Hosted) -> None:
    for unit in (hosted.city, hosted.owner, hosted.host, hosted.below, hosted.other):
        for day in (LAST, AFTER):
            actor = organizer(unit, day)
            for name in ("series", "edition", "occurrence", "milestone", "part", "site"):
                asked = allows(actor, Action.PLAN, place_of(getattr(hosted, name)))
                assert asked == (name in hosted.seen(actor)), (unit.name, day, name)


def test_the_owner_approves_and_gives_roles_the_host_does_the_rest(hosted: Hosted) -> None:
    place = place_of(hosted.edition)
    host, owner = organizer(hosted.host, LAST), organizer(hosted.owner, LAST)
    allowed = {action for action in Action if allows(host, action, place)}
    assert allowed == HOSTING
    assert {action for action in Action if allows(owner, action, place)} == HOSTING | {Action.APPROVE, Action.GRANT}
    assert not access.may_give(host, Role.ORGANIZER, place)
    assert access.may_give(owner, Role.ORGANIZER, place)


def test_a_role_in_the_series_or_the_issue_itself_does_not_end_with_the_host(hosted: Hosted) -> None:
    for scope in ({"series_id": hosted.series.id}, {"edition_id": hosted.edition.id}):
        actor = Actor(NOBODY, grants=(Granted(Role.ORGANIZER, **scope, on=AFTER),))
        assert "occurrence" in hosted.seen(actor)


def test_a_mentor_of_the_host_hosts_nothing(hosted: Hosted) -> None:
    assert hosted.seen(Actor(NOBODY, grants=(Granted(Role.MENTOR, hosted.host.path, on=LAST),))) == set()


def test_what_is_published_is_there_for_everybody_after_the_host_too(hosted: Hosted) -> None:
    hosted.edition.publication = Publication.PUBLISHED
    db.session.commit()
    gone = organizer(hosted.host, AFTER)
    assert hosted.seen(gone) == hosted.seen(ANYBODY) == {"edition"}
    assert db.session.scalar(select(Edition.id).where(planned_by(gone, Edition))) is None


def test_rights_are_read_for_the_day_of_the_request(hosted: Hosted) -> None:
    account = make_account()
    make_grant(account, Role.ORGANIZER, unit_id=hosted.host.id)
    assert [hosted.seen(actor_for(account, day)) != set() for day in (LAST, AFTER)] == [True, False]


def test_grants_of_one_day_share_what_is_built_for_them_and_those_of_another_do_not() -> None:
    granted = Granted(Role.ORGANIZER, "/1/", on=LAST)
    assert granted == replace(granted, valid_to=AFTER)
    assert granted != replace(granted, on=AFTER)


@pytest.mark.parametrize("path", ["", "/1/"])
def test_a_place_without_a_host_has_none(path: str) -> None:
    assert not Granted(Role.ORGANIZER, "/1/2/", on=LAST).hosts(Place(host_path=path))
