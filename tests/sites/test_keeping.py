"""A passed activity and its occurrence say the same, whoever changes what, and where."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kexie_events.core import clock
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.events import services as events
from kexie_events.events.hosting import services as hosting
from kexie_events.events.models import Edition, Occurrence
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.plans import Sitting
from kexie_events.events.rules import Publication, Status
from kexie_events.events.services import Copy, NewDate
from kexie_events.events.shifting import Shift, Shifting
from kexie_events.operations import invariants
from kexie_events.sites import queries, services
from kexie_events.sites.models import Site
from kexie_events.sites.rules import SiteState
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_occurrence

from .ground import SATURDAY, ZONE, Ground, add, build, declaration, passed

NOW = NOON + DAY


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return build()


def lent() -> Ground:
    """The campaign, run by the south until the end of August."""
    ground = build()
    edition = db.session.get(Edition, ground.edition.id)
    edition.unit_id, edition.hosted_until, edition.host_settled = ground.south.id, date(2026, 9, 1), True
    db.session.commit()
    return ground


def occurrence_of(site: Site) -> Occurrence:
    row = db.session.get(Occurrence, site.occurrence_id, populate_existing=True)
    assert row is not None
    return row


def agree(site: Site) -> bool:
    row, site = occurrence_of(site), db.session.get(Site, site.id, populate_existing=True)
    return (
        (row.title, row.starts_at, row.ends_at, row.all_day, row.place, row.unit_id, row.summary)
        == (site.name, site.starts_at, site.ends_at, site.all_day, site.place, site.unit_id, site.summary)
        and (row.status is Status.CANCELLED) == (site.state is SiteState.WITHDRAWN)
    )  # fmt: skip


@pytest.mark.parametrize("who", ["school", "north", "city"])
def test_nobody_changes_on_the_desk_what_was_passed(ground: Ground, who: str) -> None:
    site = passed(ground)
    row, by = occurrence_of(site), {"actor": ground.actor(who), "now": NOW}
    to = Sitting(SATURDAY + DAY, SATURDAY + DAY + HOUR, place="操场")
    acts: list[Callable[[], Any]] = [
        lambda: events.move(row.id, to, reason="下雨", expected_revision=row.revision, zone=ZONE, **by),
        lambda: events.cancel(row.id, reason="下雨", expected_revision=row.revision, **by),
        lambda: events.restore(row.id, **by),
        lambda: events.change_occurrence(row.id, title="改名", summary="", expected_revision=row.revision, **by),
    ]
    for act in acts:
        with pytest.raises(RuleBroken, match=r"site\.keeps"):
            act()
        db.session.rollback()
    assert agree(site)


def test_its_page_on_the_desk_leads_to_the_declaration_and_offers_nothing_else(
    ground: Ground, as_user: Callable[[int], FlaskClient]
) -> None:
    site = passed(ground)
    other = make_occurrence(edition=ground.edition)
    school, city = (as_user(ground.accounts[who].id) for who in ("school", "city"))
    address = f"/manage/occurrences/{site.occurrence_id}"
    for client in (school, city):
        text = client.get(address).text
        assert f'href="/manage/sites/{site.id}"' in text
        for path in ("move", "words", "cancel", "restore"):
            assert f'action="{address}/{path}"' not in text
    assert f'action="/manage/occurrences/{other.id}/move"' in city.get(f"/manage/occurrences/{other.id}").text
    body = {"move-starts_on": "2026-09-20", "move-starts": "9:00", "move-ends": "10:00", "move-reason": "下雨"}
    answer = school.post(f"{address}/move", data={**body, "move-revision": "1", "move-place": "操场"})
    assert (answer.status_code, "改名称、时间、地点要再审" in answer.text) == (422, True)
    assert agree(site)


def test_a_change_that_is_checked_and_a_withdrawal_reach_the_occurrence(ground: Ground) -> None:
    site = passed(ground)
    school = {"actor": ground.actor("school"), "now": NOW}
    services.change(
        site.id, replace(site.declared, place="操场", name="走进操场"), reason="下雨", expected_revision=site.revision,
        zone=ZONE, **school,
    )  # fmt: skip
    assert agree(site)  # until it is checked, both say what was passed
    services.decide(ground.edition.id, {site.id: site.revision}, passes=True, actor=ground.actor("city"), now=NOW)
    assert (occurrence_of(site).place, occurrence_of(site).title, agree(site)) == ("操场", "走进操场", True)
    services.withdraw(site.id, reason="不办了", expected_revision=site.revision, **school)
    assert agree(site)
    services.reopen(site.id, expected_revision=site.revision, **school)
    assert agree(site)


def test_what_will_not_be_held_owes_no_report_and_counts_as_not_held(ground: Ground) -> None:
    gone, held = passed(ground, name="不办的"), passed(ground, name="办了的")
    services.withdraw(gone.id, reason="不办了", expected_revision=gone.revision, actor=ground.actor("school"), now=NOW)
    later, city = held.ends_at + timedelta(days=30), ground.actor("city")
    terms = queries.terms_of(ground.edition)
    counts = queries.counts(city, queries.edition_for_desk(city, ground.edition.id), terms, later)
    assert (counts["report"], counts["late"], counts["passed"], counts["withdrawn"]) == (1, 1, 1, 1)
    assert queries.figures(city, ground.edition, later).total.held == 1


def test_the_page_of_dates_of_a_draft_does_not_move_it_either(app: Flask) -> None:
    ground = build(publication=Publication.DRAFT)
    site = passed(ground, "city")
    row = occurrence_of(site)
    wanted = NewDate(row.id, row.starts_at + DAY, row.ends_at + DAY, row.revision)
    with pytest.raises(RuleBroken) as refused:
        events.set_dates(
            ground.edition.id, occurrences=[wanted], milestones=[], actor=ground.actor("city"), now=NOW, zone=ZONE
        )
    assert (refused.value.code, refused.value.details["row"]) == ("site.keeps", f"o{row.id}")
    db.session.rollback()
    assert agree(site)


def test_it_stays_with_who_declared_it_when_the_campaign_gets_another_host(ground: Ground) -> None:
    site, own = passed(ground, "city"), make_occurrence(edition=ground.edition)
    hosting.set_host(
        ground.edition.id, ground.north.id, expected_unit_id=ground.city.id, actor=ground.actor("city"), now=NOW,
        zone=ZONE,
    )  # fmt: skip
    assert db.session.get(Occurrence, own.id, populate_existing=True).unit_id == ground.north.id
    assert agree(site)


def test_next_years_copy_takes_the_campaigns_own_dates_and_nothing_that_was_declared(ground: Ground) -> None:
    passed(ground)
    make_occurrence(edition=ground.edition, title="启动仪式")
    copy = Copy(
        Numbered(2027, Style.YEAR, 2027), Shifting(Shift.DAYS, date(2026, 3, 18), days=364), frozenset({"occurrences"})
    )
    made = events.clone_edition(ground.edition.id, copy, key="k", actor=ground.actor("city"), now=NOW, zone=ZONE)
    assert list(db.session.scalars(select(Occurrence.title).where(Occurrence.edition_id == made.id))) == ["启动仪式"]


def test_nothing_is_passed_for_a_unit_that_was_closed_meanwhile(ground: Ground) -> None:
    site = add(ground)
    db.session.get(Unit, ground.school.id).valid_to = NOON.date()
    db.session.commit()
    with pytest.raises(RuleBroken) as refused:
        services.decide(ground.edition.id, {site.id: site.revision}, passes=True, actor=ground.actor("city"), now=NOW)
    assert (refused.value.code, refused.value.details) == ("unit.ended", {"unit": "北区中学", "on": NOON.date()})
    db.session.rollback()
    assert db.session.get(Site, site.id, populate_existing=True).state is SiteState.DECLARED


def test_what_the_owner_passes_carries_a_hosts_time_along(app: Flask) -> None:
    ground = lent()
    site = add(ground)
    services.decide(ground.edition.id, {site.id: site.revision}, passes=True, actor=ground.actor("city"), now=NOW)
    again = db.session.get(Edition, ground.edition.id, populate_existing=True)
    assert again.hosted_until == date(2026, 10, 20)  # 30 days after 19 September, and the day after that
    row = occurrence_of(db.session.get(Site, site.id, populate_existing=True))
    assert (row.planned_at, row.pattern_id, row.edition_id) == (None, None, ground.edition.id)


def test_the_check_of_live_data_names_those_that_do_not_say_the_same(ground: Ground) -> None:
    site, gone = passed(ground, name="甲"), passed(ground, name="乙")
    services.withdraw(gone.id, reason="不办了", expected_revision=gone.revision, actor=ground.actor("school"), now=NOW)
    assert list(invariants.broken()) == []
    occurrence_of(site).place = "别处"
    occurrence_of(gone).status = Status.SCHEDULED
    db.session.commit()
    assert list(invariants.broken()) == [
        f"site {each.id}: its occurrence {each.occurrence_id} says otherwise" for each in (site, gone)
    ]


@pytest.mark.race
def test_several_that_are_passed_at_the_same_instant_wait_for_each_other_and_carry_the_end_along(
    app: Flask, at_once: Callable[..., list[Any]]
) -> None:
    ground = lent()
    waiting = [add(ground, name=f"第{n}项") for n in range(3)]
    edition_id, city_id, actor = ground.edition.id, ground.city.id, ground.actor("city")
    passing = [{site.id: site.revision} for site in waiting]
    decided = [
        lambda one=one: services.decide(edition_id, one, passes=True, actor=actor, now=NOW) for one in passing
    ]  # fmt: skip
    own = [
        lambda n=n: (
            services.add(
                edition_id, city_id, declaration(f"自办{n}"), declare=True, actor=actor, now=NOW, zone=ZONE
            ).state
        )
        for n in range(3)
    ]
    db.session.commit()
    assert at_once([*decided, *own]) == [services.Decided(passed=1)] * 3 + [SiteState.PASSED] * 3
    assert db.session.get(Edition, edition_id, populate_existing=True).hosted_until == date(2026, 10, 20)
