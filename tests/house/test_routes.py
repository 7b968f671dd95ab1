"""Every route of the URL map × every role: who comes in, who is sent to sign in, for whom there is nothing.

I in: an answer, or a form that says what to mend. D door: to the sign-in page, or 403 for what is not a GET.
N nothing: 404, as if it did not exist. R refused: 403. A route that is missing here fails the build.
Roles in order: visitor, participant, coach, judge, organizer of the owning district, of another one, administrator.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from kexie_events.audit.queries import records_written
from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.events.models import Edition, Milestone, Occurrence
from tests.build import NOON, make_organizer, make_unit

from .world import World, build

ROLES = ("visitor", "participant", "coach", "judge", "own", "foreign", "admin")
EVERYBODY, SIGNED_IN, DESK, OWN_DESK, JUDGE = "IIIIIII", "DIIIIII", "DNNNIII", "DNNNINI", "DNNINNN"
# An organiser of the unit sees the account, and may not make it an administrator's.
# What every organiser knows of and an administrator alone changes.
SET_BY_ADMIN = "DNNNRRI"
ADMIN_DESK, ONLY_ADMIN = "DNNNRNI", "DNNNNNI"
OWN_ENTRY, SEEN_ENTRY, OWN_SUBSCRIPTION = "DNINNNN", "DNINI" + "N" + "I", "DINNNNN"

TABLE = {
    "GET events.home": EVERYBODY,
    "GET events.series": EVERYBODY,
    "GET events.edition": EVERYBODY,
    "GET events.occurrence": EVERYBODY,
    "GET events.robots": EVERYBODY,
    "GET results.notice": EVERYBODY,
    "GET results.all_notices": EVERYBODY,
    "GET results.series_notices": EVERYBODY,
    "GET results.edition_notices": EVERYBODY,
    "GET feeds.subscribe_page": EVERYBODY,
    "GET api_pages.about": EVERYBODY,
    "GET api.occurrences": EVERYBODY,
    "GET api.occurrence": EVERYBODY,
    "GET api.milestones": EVERYBODY,
    "GET api.milestone": EVERYBODY,
    "GET api.openapi": EVERYBODY,
    "GET operations.alive": EVERYBODY,
    "GET operations.ready": EVERYBODY,
    "GET operations.metrics": EVERYBODY,
    "GET accounts.sign_in": EVERYBODY,
    "POST accounts.sign_in": EVERYBODY,
    "POST accounts.sign_out": EVERYBODY,
    "GET accounts.own": SIGNED_IN,
    "POST accounts.own_password": SIGNED_IN,
    "POST accounts.own_sessions": SIGNED_IN,
    "GET people.forgotten": EVERYBODY,
    "POST people.forgotten": EVERYBODY,
    "GET people.forgotten_sent": EVERYBODY,
    "GET people.set_password": EVERYBODY,
    "POST people.set_password": EVERYBODY,
    "GET days.year": DESK,
    "GET days.change": SET_BY_ADMIN,
    "POST days.change": SET_BY_ADMIN,
    "POST days.day": SET_BY_ADMIN,
    "GET days.named_day": SET_BY_ADMIN,
    "POST days.named_day": SET_BY_ADMIN,
    "POST days.undo": SET_BY_ADMIN,
    "GET people.units": DESK,
    "GET people.unit": OWN_DESK,
    "GET people.unit_new": OWN_DESK,
    "POST people.unit_new": OWN_DESK,
    "POST people.unit_change": OWN_DESK,
    "POST people.unit_close": OWN_DESK,
    "POST people.unit_reopen": OWN_DESK,
    "GET people.accounts": DESK,
    "GET people.account": OWN_DESK,
    "GET people.account_new": OWN_DESK,
    "POST people.account_new": OWN_DESK,
    "GET people.account_change": OWN_DESK,
    "POST people.account_change": OWN_DESK,
    "POST people.account_link": OWN_DESK,
    "POST people.account_close": OWN_DESK,
    "POST people.account_reopen": OWN_DESK,
    "POST people.account_rule": ADMIN_DESK,
    "GET people.roles": OWN_DESK,
    "POST people.roles": OWN_DESK,
    "POST people.role_withdraw": OWN_DESK,
    "GET people.audit": ONLY_ADMIN,
    "GET sites.of_edition": EVERYBODY,
    "GET sites.map_of_edition": EVERYBODY,
    "GET sites_manage.campaigns": DESK,
    "GET sites_manage.board": OWN_DESK,
    "POST sites_manage.check": OWN_DESK,
    "GET sites_manage.terms": OWN_DESK,
    "POST sites_manage.terms": OWN_DESK,
    "GET sites_manage.site_new": OWN_DESK,
    "POST sites_manage.site_new": OWN_DESK,
    "GET sites_manage.import_sheet": OWN_DESK,
    "POST sites_manage.import_sheet": OWN_DESK,
    "GET sites_manage.template": OWN_DESK,
    "GET sites_manage.copy": OWN_DESK,
    "POST sites_manage.copy": OWN_DESK,
    "GET sites_manage.figures": OWN_DESK,
    "GET sites_manage.table": OWN_DESK,
    "GET sites_manage.site": OWN_DESK,
    "GET sites_manage.site_change": OWN_DESK,
    "POST sites_manage.site_change": OWN_DESK,
    "POST sites_manage.declare": OWN_DESK,
    "POST sites_manage.take_back": OWN_DESK,
    "POST sites_manage.withdraw": OWN_DESK,
    "POST sites_manage.reopen": OWN_DESK,
    "GET sites_manage.report": OWN_DESK,
    "POST sites_manage.report": OWN_DESK,
    "POST sites_manage.photo_add": OWN_DESK,
    "GET sites_manage.photo": OWN_DESK,
    "POST sites_manage.photo_remove": OWN_DESK,
    "GET imports.start": OWN_DESK,
    "POST imports.upload": OWN_DESK,
    "POST imports.add_source": OWN_DESK,
    "GET imports.show": OWN_DESK,
    "POST imports.apply": OWN_DESK,
    "POST imports.drop": OWN_DESK,
    "GET imports.source": OWN_DESK,
    "POST imports.source": OWN_DESK,
    "POST imports.fetch": OWN_DESK,
    "POST imports.remove": OWN_DESK,
    "GET registrations.register": EVERYBODY,
    "POST registrations.register": EVERYBODY,
    # Made without an account: who holds the code holds the registration.
    "GET registrations.show": EVERYBODY,
    "GET registrations.withdraw": EVERYBODY,
    "POST registrations.withdraw": EVERYBODY,
    "GET mine.home": SIGNED_IN,
    "GET feeds.personal": SIGNED_IN,
    "POST feeds.add_personal": SIGNED_IN,
    "GET feeds.own": OWN_SUBSCRIPTION,
    "POST feeds.change_personal": OWN_SUBSCRIPTION,
    "GET feeds.ended": OWN_SUBSCRIPTION,
    "POST feeds.revoke_personal": OWN_SUBSCRIPTION,
    "POST feeds.rotate_personal": OWN_SUBSCRIPTION,
    "GET entries.start": SIGNED_IN,
    "POST entries.start": SIGNED_IN,
    "GET entries.show": SEEN_ENTRY,
    "GET entries.receipt": SEEN_ENTRY,
    "GET entries.download": SEEN_ENTRY,
    "GET entries.edit": OWN_ENTRY,
    "POST entries.edit": OWN_ENTRY,
    "POST entries.add_file": OWN_ENTRY,
    "POST entries.remove_file": OWN_ENTRY,
    "POST entries.submit": OWN_ENTRY,
    "POST entries.take_back": OWN_ENTRY,
    "GET entries_manage.of_edition": DESK,
    "GET contests_manage.rules_of": OWN_DESK,
    "POST contests_manage.preview": OWN_DESK,
    "POST contests_manage.save": OWN_DESK,
    "GET contests_manage.download": OWN_DESK,
    "GET judging.queue": JUDGE,
    "GET judging.sheet": JUDGE,
    "POST judging.sheet": JUDGE,
    "PUT judging.draft": JUDGE,
    "GET judging.file": JUDGE,
    "GET judging.recuse": JUDGE,
    "POST judging.recuse": JUDGE,
    "GET judging_manage.rounds": DESK,
    "GET judging_manage.new": DESK,
    "POST judging_manage.new": DESK,
    "GET judging_manage.show": OWN_DESK,
    "POST judging_manage.add_judge": OWN_DESK,
    "POST judging_manage.assign": OWN_DESK,
    "POST judging_manage.open_": OWN_DESK,
    "POST judging_manage.close": OWN_DESK,
    "GET judging_manage.ranking": OWN_DESK,
    "GET judging_manage.export": OWN_DESK,
    "GET manage.home": DESK,
    "GET manage.series_list": DESK,
    "GET manage.series_new": DESK,
    "POST manage.series_new": DESK,
    "GET manage.venues": DESK,
    "POST manage.venue_add": DESK,
    "POST manage.room_add": DESK,
    "GET manage.series": OWN_DESK,
    "GET manage.hosts": OWN_DESK,
    "POST manage.host_join": OWN_DESK,
    "POST manage.host_move": OWN_DESK,
    "GET manage.host_months": OWN_DESK,
    "POST manage.host_months": OWN_DESK,
    "POST manage.host_leave": OWN_DESK,
    "POST manage.host_handover": OWN_DESK,
    "POST manage.hosts_give_out": OWN_DESK,
    "GET manage.hosts_swap": OWN_DESK,
    "POST manage.hosts_swap": OWN_DESK,
    "GET manage.host_swap": OWN_DESK,
    "POST manage.host_swap": OWN_DESK,
    "GET manage.edition_approval": OWN_DESK,
    "POST manage.edition_approval": OWN_DESK,
    "POST manage.edition_approval_return": OWN_DESK,
    "GET manage.edition_swap": OWN_DESK,
    "POST manage.edition_swap": OWN_DESK,
    "GET manage.series_dates": OWN_DESK,
    "GET manage.series_change": OWN_DESK,
    "POST manage.series_change": OWN_DESK,
    "GET manage.series_rule": OWN_DESK,
    "POST manage.series_rule": OWN_DESK,
    "POST manage.skip_back": OWN_DESK,
    "GET manage.venue": DESK,
    "POST manage.venue": DESK,
    "POST manage.occurrence_skip": OWN_DESK,
    "GET manage.edition_clone": OWN_DESK,
    "POST manage.edition_clone": OWN_DESK,
    "GET manage.edition_dates": OWN_DESK,
    "POST manage.edition_dates": OWN_DESK,
    "GET manage.edition_checklist": OWN_DESK,
    "GET manage.edition_difference": OWN_DESK,
    "GET manage.edition_discard": OWN_DESK,
    "POST manage.edition_discard": OWN_DESK,
    "GET manage.edition_new": OWN_DESK,
    "POST manage.edition_new": OWN_DESK,
    "GET manage.edition": OWN_DESK,
    "POST manage.edition_approve": OWN_DESK,
    "GET manage.edition_facts": OWN_DESK,
    "POST manage.edition_facts": OWN_DESK,
    "GET manage.edition_publish": OWN_DESK,
    "POST manage.edition_publish": OWN_DESK,
    "GET manage.edition_unpublish": OWN_DESK,
    "POST manage.edition_unpublish": OWN_DESK,
    "GET manage.milestone": OWN_DESK,
    "POST manage.milestone": OWN_DESK,
    "GET manage.milestone_new": OWN_DESK,
    "POST manage.milestone_new": OWN_DESK,
    "GET manage.occurrence": OWN_DESK,
    "POST manage.occurrence_move": OWN_DESK,
    "POST manage.occurrence_cancel": OWN_DESK,
    "POST manage.occurrence_restore": OWN_DESK,
    "POST manage.occurrence_change": OWN_DESK,
    "POST manage.occurrence_window": OWN_DESK,
    "GET manage.occurrence_new": OWN_DESK,
    "POST manage.occurrence_new": OWN_DESK,
    "GET registrations_manage.of_occurrence": OWN_DESK,
    "GET registrations_manage.capacity": OWN_DESK,
    "POST registrations_manage.capacity": OWN_DESK,
    "POST registrations_manage.withdraw": OWN_DESK,
    "GET registrations_manage.export": OWN_DESK,
    "POST registrations_manage.export_whole": OWN_DESK,
    "GET agenda_manage.forum": OWN_DESK,
    "GET agenda_manage.session_new": OWN_DESK,
    "POST agenda_manage.session_new": OWN_DESK,
    "GET agenda_manage.session": OWN_DESK,
    "POST agenda_manage.session": OWN_DESK,
    "POST agenda_manage.session_cancel": OWN_DESK,
    "POST agenda_manage.session_remove": OWN_DESK,
    "GET agenda_manage.talk_new": OWN_DESK,
    "POST agenda_manage.talk_new": OWN_DESK,
    "GET agenda_manage.talk": OWN_DESK,
    "POST agenda_manage.talk": OWN_DESK,
    "POST agenda_manage.talk_move": OWN_DESK,
    "POST agenda_manage.talk_cancel": OWN_DESK,
    "POST agenda_manage.talk_remove": OWN_DESK,
    "GET agenda_manage.copy": OWN_DESK,
    "POST agenda_manage.copy": OWN_DESK,
    "GET agenda_manage.speakers": OWN_DESK,
    "GET agenda_manage.speaker": OWN_DESK,
    "POST agenda_manage.speaker": OWN_DESK,
    "GET agenda_manage.board": OWN_DESK,
    "GET agenda_manage.shift": OWN_DESK,
    "POST agenda_manage.shift": OWN_DESK,
    "GET agenda_manage.checks": OWN_DESK,
    "GET agenda_manage.releases": OWN_DESK,
    "GET agenda_manage.release": OWN_DESK,
    "POST agenda_manage.release": OWN_DESK,
    "POST agenda_manage.release_withdraw": OWN_DESK,
    "GET agenda_manage.sheets": OWN_DESK,
    "GET agenda_manage.proposals": OWN_DESK,
    "GET agenda_manage.proposals_export": OWN_DESK,
    "POST agenda_manage.proposals_accept": OWN_DESK,
    "GET agenda_manage.call": OWN_DESK,
    "POST agenda_manage.call": OWN_DESK,
    "GET agenda_manage.own_proposals": DESK,
    "GET agenda_manage.proposal_new": DESK,
    "POST agenda_manage.proposal_new": DESK,
    "GET agenda_manage.proposal": OWN_DESK,
    "GET agenda_manage.proposal_edit": OWN_DESK,
    "POST agenda_manage.proposal_edit": OWN_DESK,
    "POST agenda_manage.proposal_submit": OWN_DESK,
    "POST agenda_manage.proposal_withdraw": OWN_DESK,
    "POST agenda_manage.proposal_accept": OWN_DESK,
    "POST agenda_manage.proposal_answer": OWN_DESK,
    "GET agenda_manage.guests": OWN_DESK,
    "GET agenda_manage.guests_export": OWN_DESK,
    "GET agenda_manage.guest_new": OWN_DESK,
    "POST agenda_manage.guest_new": OWN_DESK,
    "GET agenda_manage.guest": OWN_DESK,
    "POST agenda_manage.guest": OWN_DESK,
    "POST agenda_manage.guest_remove": OWN_DESK,
    "GET agenda_manage.guest_groups": OWN_DESK,
    "POST agenda_manage.guest_groups": OWN_DESK,
    "POST agenda_manage.letters_number": OWN_DESK,
    "GET agenda_manage.letters": OWN_DESK,
    "GET agenda_manage.seats": OWN_DESK,
    "GET agenda.show": EVERYBODY,
    "GET agenda.booklet": EVERYBODY,
    "GET agenda.changes": EVERYBODY,
    "GET worklist.board": DESK,
    "GET worklist.import_list": DESK,
    "POST worklist.import_list": DESK,
    "GET worklist.export": DESK,
    "GET worklist.export_official": DESK,
    "GET worklist.report": OWN_DESK,
    "POST worklist.report": OWN_DESK,
    "GET worklist.settings": OWN_DESK,
    "POST worklist.settings_change": OWN_DESK,
    "POST worklist.alias_add": OWN_DESK,
    "POST worklist.alias_remove": OWN_DESK,
    "POST worklist.department_add": OWN_DESK,
    "GET worklist.item": OWN_DESK,
    "POST worklist.item_change": OWN_DESK,
    "GET worklist.item_new": OWN_DESK,
    "POST worklist.item_new": OWN_DESK,
    "POST worklist.item_state": OWN_DESK,
    "POST worklist.item_remove": OWN_DESK,
    "POST worklist.item_restore": OWN_DESK,
    "POST worklist.item_link": OWN_DESK,
    "POST worklist.item_unlink": OWN_DESK,
}
# The same routes over other things: drafts, there for those who plan them; a registration that belongs to an account.
OTHERS = {
    "GET registrations.show": "DINNINI",
    "GET registrations.withdraw": "DINNNNN",
    "POST registrations.withdraw": "DINNNNN",
    # The unit itself, which its own organisers do not change; an account that has roles beyond their reach.
    "POST people.unit_change": "DNNNRNI",
    "POST people.unit_close": "DNNNRNI",
    "POST people.unit_reopen": "DNNNRNI",
    "POST people.account_close": "DNNNRNI",
    "GET people.roles": OWN_DESK,
    "GET results.edition_notices": "NNNNNNN",
    "GET api.occurrence": "NNNNNNN",
    "GET api.milestone": "NNNNNNN",
    "GET events.edition": "NNNNINI",
    "GET events.occurrence": "NNNNINI",
    "GET registrations.register": "NNNNINI",
    "POST registrations.register": "NNNNINI",
    "GET entries_manage.of_edition": "DNNNINI",
    "GET manage.edition": OWN_DESK,
    "GET manage.occurrence": OWN_DESK,
    "POST manage.occurrence_cancel": OWN_DESK,
    "GET manage.edition_dates": OWN_DESK,
    "POST manage.edition_dates": OWN_DESK,
    "GET manage.edition_checklist": OWN_DESK,
    "GET manage.edition_difference": OWN_DESK,
}


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return build(app)


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }


def test_every_route_stands_in_the_table(whole_app: Flask) -> None:
    assert routes(whole_app) - set(TABLE) == set()
    assert set(TABLE) - routes(whole_app) == set()


def path_of(app: Flask, route: str, world: World, *, other: bool) -> str:
    method, endpoint = route.split()
    rule = next(r for r in app.url_map.iter_rules(endpoint) if method in (r.methods or set()))
    values = {name: world.value_for(endpoint, name, other=other) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(endpoint, **values)


def outcome(client: FlaskClient, method: str, path: str) -> str:
    answer = client.open(path, method=method)
    answer.close()
    if answer.status_code == 404:
        return "N"
    if answer.status_code == 403:
        return "D" if client.get_cookie("sign-in") is None else "R"
    if answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next="):
        return "D"
    # Nothing but readiness, which has no beat here, may say that it is out of order.
    good = (503,) if path == "/readyz" else (200, 303, 400, 409, 422)
    assert answer.status_code in good, f"{method} {path}: {answer.status_code}"
    return "I"


def walk(
    app: Flask, as_user: Callable[[int], FlaskClient], world: World, route: str, wanted: str, *, other: bool
) -> None:
    path = path_of(app, route, world, other=other)
    found = {}
    # Those who must not come in go first: what they leave behind is what everybody would notice.
    order = sorted(zip(ROLES, wanted, strict=True), key=lambda pair: pair[1] == "I")
    before = records_written()
    for role, letter in order:
        account = world.accounts[role]
        client = as_user(account.id) if account else app.test_client()
        found[role] = outcome(client, route.split()[0], path)
        if letter != "I":
            assert records_written() == before, f"{role} changed something"
    assert found == dict(zip(ROLES, wanted, strict=True))


@pytest.mark.parametrize("route", sorted(TABLE))
def test_who_comes_in(app: Flask, as_user, world: World, route: str) -> None:
    walk(app, as_user, world, route, TABLE[route], other=False)


@pytest.mark.parametrize("route", sorted(OTHERS))
def test_who_comes_in_to_other_things(app: Flask, as_user, world: World, route: str) -> None:
    walk(app, as_user, world, route, OTHERS[route], other=True)


# The desk's routes over an issue that the north lends to another unit, for that unit's organiser: before it was given,
# while it is, and after its time. What stands here as "NNN" is the owner's alone; R: seen, and refused.
LENT, OWNERS, ONLY_OWNERS_ACT = "NIN", "NNN", "NRN"
HOST = {
    **{route: OWNERS for route, letters in TABLE.items() if letters in (OWN_DESK, SEEN_ENTRY)},
    # Rooms in which everything hangs on an edition.
    **{
        route: LENT
        for route, letters in TABLE.items()
        if letters == OWN_DESK and route.split()[1].startswith(("agenda_manage.", "sites_manage.", "imports."))
    },
    # What a unit proposed is its own to send in and to take back.
    "POST agenda_manage.proposal_submit": ONLY_OWNERS_ACT, "POST agenda_manage.proposal_withdraw": ONLY_OWNERS_ACT,
    **dict.fromkeys(
        [
            "GET manage.edition", "GET manage.edition_publish", "POST manage.edition_publish",
            "GET manage.edition_unpublish", "POST manage.edition_unpublish", "GET manage.milestone",
            "POST manage.milestone", "GET manage.milestone_new", "POST manage.milestone_new", "GET manage.occurrence",
            "POST manage.occurrence_move", "POST manage.occurrence_cancel", "POST manage.occurrence_restore",
            "POST manage.occurrence_change", "POST manage.occurrence_window",
            "GET manage.occurrence_new", "POST manage.occurrence_new",
            "GET manage.edition_approval", "POST manage.edition_approval", "GET manage.edition_swap",
            "GET manage.edition_checklist", "GET manage.edition_dates", "POST manage.edition_dates",
            "GET manage.edition_difference", "GET manage.edition_discard", "GET manage.edition_facts",
            "POST manage.edition_facts", "POST manage.occurrence_skip", "POST manage.occurrence_window",
            "POST manage.edition_swap", "GET manage.host_swap", "POST manage.host_swap",
            "GET contests_manage.rules_of", "POST contests_manage.preview", "POST contests_manage.save",
            "GET contests_manage.download", "GET judging_manage.show", "POST judging_manage.add_judge",
            "POST judging_manage.assign", "POST judging_manage.open_", "POST judging_manage.close",
            "GET judging_manage.ranking", "GET judging_manage.export", "GET registrations_manage.of_occurrence",
            "GET registrations_manage.capacity", "POST registrations_manage.capacity",
            "POST registrations_manage.withdraw", "GET registrations_manage.export",
            "POST registrations_manage.export_whole", "GET entries.show", "GET entries.receipt", "GET entries.download",
        ],
        LENT,
    ),
    "POST manage.edition_discard": ONLY_OWNERS_ACT,
    # What units declare for an edition is its host's to check, as long as it is lent.
    **{route: LENT for route, letters in TABLE.items() if " sites_manage." in route and letters == OWN_DESK},
    "POST manage.edition_approve": ONLY_OWNERS_ACT, "POST manage.edition_approval_return": ONLY_OWNERS_ACT,
    "POST manage.occurrence_skip": ONLY_OWNERS_ACT,
}  # fmt: skip


@pytest.mark.parametrize("route", sorted(HOST))
def test_a_host_comes_in_while_the_issue_is_its_own_and_not_after(
    app: Flask, as_user: Callable[[int], FlaskClient], world: World, route: str
) -> None:
    host = make_unit(name="东区科协")
    client = as_user(make_organizer(host).id)
    path, before = path_of(app, route, world, other=False), records_written()

    def outcome_when(until: date | None) -> str:
        for model in (Edition, Occurrence, Milestone) if until else ():
            db.session.execute(update(model).values(unit_id=host.id))
        db.session.execute(update(Edition).values(hosted_until=until))
        db.session.commit()
        return outcome(client, route.split()[0], path)

    today = NOON.date()
    found = [outcome_when(None), outcome_when(today)]
    assert records_written() == before
    found.insert(1, outcome_when(today + timedelta(days=1)))
    assert "".join(found) == HOST[route]
