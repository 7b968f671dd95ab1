from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from kexie_events.audit.models import AuditRecord
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication, Status
from kexie_events.sites import queries, services
from kexie_events.sites.models import Site, SiteStep
from kexie_events.sites.rules import Located, Report, SiteState, Step
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_unit

from .ground import SATURDAY, ZONE, Ground, add, build, declaration, passed


@pytest.fixture
def ground(app: Flask) -> Ground:
    return build()


def decide(ground: Ground, who: str, *sites: Site, passes: bool = True, reason: str = "") -> services.Decided:
    ticked = {site.id: site.revision for site in sites}
    actor = ground.actor(who)
    return services.decide(ground.edition.id, ticked, passes=passes, reason=reason, actor=actor, now=NOON + DAY)


def steps(site: Site) -> list[Step]:
    return list(db.session.scalars(select(SiteStep.step).where(SiteStep.site_id == site.id).order_by(SiteStep.id)))


def test_a_declaration_goes_up_the_tree_and_becomes_an_occurrence_only_at_the_top(ground: Ground) -> None:
    site = add(ground)
    assert (site.state, site.waits_unit_id, site.occurrence_id) == (SiteState.DECLARED, ground.north.id, None)
    assert decide(ground, "north", site) == services.Decided(passed_up=1)
    assert (site.state, site.waits_unit_id, site.occurrence_id) == (SiteState.DECLARED, ground.city.id, None)
    assert decide(ground, "city", site) == services.Decided(passed=1)
    occurrence = db.session.get(Occurrence, site.occurrence_id)
    assert (site.state, site.waits_unit_id) == (SiteState.PASSED, None)
    assert (occurrence.title, occurrence.unit_id, occurrence.publication) == (
        "走进实验室", ground.school.id, Publication.PUBLISHED
    )  # fmt: skip
    assert steps(site) == [Step.ADDED, Step.DECLARED, Step.PASSED_UP, Step.PASSED]


def test_whoever_stands_higher_may_skip_a_step(ground: Ground) -> None:
    site = add(ground)
    assert decide(ground, "city", site) == services.Decided(passed=1)
    assert steps(site) == [Step.ADDED, Step.DECLARED, Step.PASSED]


def test_what_the_campaigns_own_unit_declares_is_passed_at_once(ground: Ground) -> None:
    assert add(ground, "city").state is SiteState.PASSED


def test_a_district_declares_to_the_city(ground: Ground) -> None:
    assert add(ground, "north").waits_unit_id == ground.city.id


def test_nobody_decides_on_their_own_nor_on_what_waits_above_them(ground: Ground) -> None:
    own = add(ground)
    with pytest.raises(Forbidden):
        decide(ground, "school", own)
    above = add(ground, "north")
    with pytest.raises(Forbidden):
        decide(ground, "north", above)
    assert (own.state, above.state) == (SiteState.DECLARED, SiteState.DECLARED)


def test_others_declarations_do_not_exist(ground: Ground) -> None:
    site = add(ground)
    with pytest.raises(NotFound):
        decide(ground, "south", site)
    with pytest.raises(NotFound):
        services.withdraw(
            site.id, reason="不办了", expected_revision=site.revision, actor=ground.actor("south"), now=NOON
        )
    with pytest.raises(Forbidden):
        services.add(
            ground.edition.id, ground.school.id, declaration(), actor=ground.actor("south"), now=NOON, zone=ZONE
        )


def test_one_among_many_that_is_not_theirs_leaves_all_undecided(ground: Ground) -> None:
    mine, foreign = add(ground), add(ground, "south")
    with pytest.raises(NotFound):
        decide(ground, "north", mine, foreign)
    assert db.session.get(Site, mine.id, populate_existing=True).waits_unit_id == ground.north.id


def test_a_return_needs_a_reason_and_goes_back_to_the_unit(ground: Ground) -> None:
    site = add(ground)
    with pytest.raises(RuleBroken, match="site.reason"):
        decide(ground, "north", site, passes=False, reason=" ")
    assert decide(ground, "north", site, passes=False, reason="请写清楚地点") == services.Decided(returned=1)
    assert (site.state, site.waits_unit_id, site.reason) == (SiteState.RETURNED, None, "请写清楚地点")
    services.change(
        site.id, declaration(place="学校三楼报告厅"), expected_revision=site.revision, actor=ground.actor("school"),
        now=NOON + DAY, zone=ZONE,
    )  # fmt: skip
    services.declare(site.id, expected_revision=site.revision, actor=ground.actor("school"), now=NOON + DAY)
    assert (site.state, site.waits_unit_id, site.reason) == (SiteState.DECLARED, ground.north.id, "")


def test_what_was_changed_after_the_page_was_shown_is_named_and_nothing_is_decided(ground: Ground) -> None:
    first, second = add(ground, name="甲"), add(ground, name="乙")
    stale = {first.id: first.revision, second.id: second.revision - 1}
    with pytest.raises(Conflict) as refused:
        services.decide(ground.edition.id, stale, passes=True, actor=ground.actor("north"), now=NOON + DAY)
    assert refused.value.details == {"names": ["乙"]}
    assert db.session.get(Site, first.id, populate_existing=True).waits_unit_id == ground.north.id


def test_deciding_twice_is_told_and_not_done_twice(ground: Ground) -> None:
    site = add(ground)
    ticked = {site.id: site.revision}
    services.decide(ground.edition.id, ticked, passes=True, actor=ground.actor("city"), now=NOON + DAY)
    with pytest.raises(Conflict, match="site.changed_meanwhile"):
        services.decide(ground.edition.id, ticked, passes=True, actor=ground.actor("city"), now=NOON + DAY)
    assert len(db.session.scalars(select(Occurrence)).all()) == 1


@pytest.mark.race
def test_two_who_decide_at_the_same_instant_make_one_occurrence(ground: Ground, at_once) -> None:
    site = add(ground)
    ticked, edition_id, actor = {site.id: site.revision}, ground.edition.id, ground.actor("city")
    db.session.commit()
    for _ in range(3):
        answers = at_once([lambda: services.decide(edition_id, ticked, passes=True, actor=actor, now=NOON + DAY)] * 4)
        assert sum(isinstance(answer, services.Decided) for answer in answers) <= 1
    assert len(db.session.scalars(select(Occurrence)).all()) == 1


def test_until_the_campaign_is_published_what_is_passed_is_no_more_public_than_it(app: Flask) -> None:
    ground = build(publication=Publication.DRAFT)
    site = add(ground, "city")
    assert db.session.get(Occurrence, site.occurrence_id).publication is Publication.DRAFT
    assert queries.public_count(ground.edition.id) == 0


def test_nothing_that_is_not_passed_becomes_public_with_the_campaign(app: Flask) -> None:
    from kexie_events.events import services as events

    ground = build(publication=Publication.DRAFT)
    add(ground, "city", unit=ground.north)
    add(ground, "city", name="开幕式")
    events.publish(ground.edition.id, actor=ground.actor("city"), now=NOON + DAY)
    assert db.session.scalars(select(Occurrence.title)).all() == ["开幕式"]
    assert queries.public_count(ground.edition.id) == 1


def test_after_the_deadline_only_whoever_runs_the_campaign_declares(ground: Ground) -> None:
    services.set_terms(
        ground.edition.id, queries.terms_of(ground.edition).categories, declares_until=NOON, reports_until=None,
        expected_revision=0, actor=ground.actor("city"), now=NOON,
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="site.closed"):
        add(ground)
    assert add(ground, "city", unit=ground.school).state is SiteState.DECLARED


def test_the_same_form_twice_is_one_activity_and_another_of_that_name_and_day_is_refused(ground: Ground) -> None:
    def send(key: str) -> Site:
        return services.add(
            ground.edition.id, ground.school.id, declaration(), key=key, actor=ground.actor("school"), now=NOON,
            zone=ZONE,
        )  # fmt: skip

    first = send("a")
    assert send("a").id == first.id
    with pytest.raises(RuleBroken, match="site.twice"):
        send("b")


def test_a_unit_outside_the_campaign_cannot_declare(ground: Ground) -> None:
    elsewhere = make_unit(name="别的市科协")
    with pytest.raises((RuleBroken, Forbidden)):
        services.add(ground.edition.id, elsewhere.id, declaration(), actor=ground.actor("city"), now=NOON, zone=ZONE)


def test_a_closed_unit_declares_nothing_new(ground: Ground) -> None:
    unit = db.session.get(Unit, ground.school.id)
    unit.valid_to = NOON.date()
    db.session.commit()
    with pytest.raises(RuleBroken, match="unit.ended"):
        add(ground)


def test_a_place_is_its_own_or_its_districts_point(ground: Ground) -> None:
    exact = add(ground, name="甲", latitude=29.56789012, longitude=106.5)
    district = add(ground, name="乙")
    assert (exact.located, exact.latitude) == (Located.EXACT, 29.56789)
    assert (district.located, district.latitude, district.longitude) == (Located.DISTRICT, 29.5, 106.5)
    assert district.declared.latitude is None


def test_small_things_of_a_passed_one_are_corrected_at_once_and_the_rest_is_checked_again(ground: Ground) -> None:
    site = passed(ground)
    actor, moved = ground.actor("school"), SATURDAY + DAY
    services.change(
        site.id, declaration(starts_at=moved, audience="小学生"), reason="场地检修", expected_revision=site.revision,
        actor=actor, now=NOON + DAY, zone=ZONE,
    )  # fmt: skip
    occurrence = db.session.get(Occurrence, site.occurrence_id)
    assert (site.audience, site.starts_at, occurrence.starts_at) == ("小学生", SATURDAY, SATURDAY)
    assert (site.state, site.waits_unit_id) == (SiteState.PASSED, ground.north.id)
    decide(ground, "north", site)
    decide(ground, "city", site)
    occurrence = db.session.get(Occurrence, site.occurrence_id)
    assert (site.starts_at, site.proposal, site.waits_unit_id) == (moved, {}, None)
    assert (occurrence.starts_at, occurrence.moved_from_at, occurrence.reason) == (moved, SATURDAY, "场地检修")
    assert steps(site)[-4:] == [Step.CORRECTED, Step.CHANGE_DECLARED, Step.PASSED_UP, Step.CHANGED]


def test_a_returned_change_leaves_what_was_passed(ground: Ground) -> None:
    site = passed(ground)
    services.change(
        site.id, declaration("改名"), reason="更准确", expected_revision=site.revision, actor=ground.actor("school"),
        now=NOON + DAY, zone=ZONE,
    )  # fmt: skip
    decide(ground, "north", site, passes=False, reason="不改名")
    assert (site.state, site.name, site.proposal, site.waits_unit_id) == (SiteState.PASSED, "走进实验室", {}, None)


def test_a_change_of_something_passed_needs_a_reason(ground: Ground) -> None:
    site = passed(ground)
    with pytest.raises(RuleBroken, match="site.reason"):
        services.change(
            site.id, declaration("改名"), expected_revision=site.revision, actor=ground.actor("school"),
            now=NOON + DAY, zone=ZONE,
        )  # fmt: skip


def test_what_is_being_checked_is_taken_back_before_it_is_changed(ground: Ground) -> None:
    site = add(ground)
    actor = ground.actor("school")
    with pytest.raises(RuleBroken, match="site.state"):
        services.change(site.id, declaration("改名"), expected_revision=site.revision, actor=actor, now=NOON, zone=ZONE)
    services.take_back(site.id, expected_revision=site.revision, actor=actor, now=NOON)
    assert (site.state, site.waits_unit_id) == (SiteState.DRAFT, None)
    services.change(site.id, declaration("改名"), expected_revision=site.revision, actor=actor, now=NOON, zone=ZONE)
    assert site.name == "改名"


def test_withdrawing_a_public_one_cancels_it_and_reopening_brings_it_back(ground: Ground) -> None:
    site = passed(ground)
    actor = ground.actor("school")
    services.withdraw(site.id, reason="场地停电", expected_revision=site.revision, actor=actor, now=NOON + DAY)
    occurrence = db.session.get(Occurrence, site.occurrence_id)
    assert (site.state, occurrence.status, occurrence.reason) == (SiteState.WITHDRAWN, Status.CANCELLED, "场地停电")
    services.reopen(site.id, expected_revision=site.revision, actor=actor, now=NOON + DAY)
    occurrence = db.session.get(Occurrence, site.occurrence_id)
    assert (site.state, occurrence.status) == (SiteState.PASSED, Status.SCHEDULED)


def test_a_withdrawn_name_may_be_used_again_and_then_does_not_come_back(ground: Ground) -> None:
    site = add(ground)
    actor = ground.actor("school")
    services.withdraw(site.id, reason="重复了", expected_revision=site.revision, actor=actor, now=NOON)
    add(ground)
    with pytest.raises(RuleBroken, match="site.twice"):
        services.reopen(site.id, expected_revision=site.revision, actor=actor, now=NOON)


def test_the_report_is_filled_in_after_the_end_and_corrected_later(ground: Ground) -> None:
    site = passed(ground)
    actor, given = ground.actor("school"), Report(120, 30, 8, "很热闹")
    with pytest.raises(RuleBroken, match="site.not_over"):
        services.report(site.id, given, expected_revision=site.revision, actor=actor, now=site.ends_at - HOUR)
    services.report(site.id, given, expected_revision=site.revision, actor=actor, now=site.ends_at)
    first = site.reported_at
    services.report(
        site.id, Report(125, 30, 8, "很热闹"), expected_revision=site.revision, actor=actor, now=site.ends_at + DAY
    )
    assert (site.on_site, site.online, site.volunteers, site.reported_at) == (125, 30, 8, first)


def test_a_second_writer_with_an_old_page_is_told(ground: Ground) -> None:
    site = add(ground, declare=False)
    actor, seen = ground.actor("school"), site.revision
    services.change(site.id, declaration("甲"), expected_revision=seen, actor=actor, now=NOON, zone=ZONE)
    with pytest.raises(Conflict):
        services.change(site.id, declaration("乙"), expected_revision=seen, actor=actor, now=NOON, zone=ZONE)
    assert db.session.get(Site, site.id, populate_existing=True).name == "甲"


def test_the_history_cannot_be_changed(ground: Ground) -> None:
    add(ground)
    for statement in ("UPDATE site_step SET reason = 'x'", "DELETE FROM site_step"):
        with pytest.raises(ProgrammingError, match="append-only"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_every_decision_stands_in_the_audit_and_no_telephone_does(ground: Ground) -> None:
    site = add(ground, contact_phone="13800000126", contact_name="李老师")
    decide(ground, "city", site)
    records = db.session.scalars(select(AuditRecord)).all()
    assert [record.verb for record in records] == ["site.added", "sites.passed"]
    assert "13800000126" not in str([record.details for record in records])


def test_two_organisers_who_set_the_terms_at_once_do_not_undo_each_other(ground: Ground) -> None:
    terms, actor = queries.terms_of(ground.edition), ground.actor("city")

    def set_terms() -> None:
        services.set_terms(
            ground.edition.id, terms.categories[:3], declares_until=None, reports_until=None, expected_revision=0,
            actor=actor, now=NOON,
        )  # fmt: skip

    set_terms()
    with pytest.raises(Conflict, match="site.terms_changed"):
        set_terms()
    assert len(queries.terms_of(ground.edition).categories) == 3


def test_last_years_activities_are_copied_as_drafts_once(ground: Ground) -> None:
    from tests.build import make_edition

    site = passed(ground)
    services.report(
        site.id, Report(9, 9, 9, ""), expected_revision=site.revision, actor=ground.actor("school"), now=site.ends_at
    )
    coming = make_edition(series=ground.edition.series, year=2027)

    def copy() -> int:
        return services.copy_last(
            coming.id, [site.id], days=364, actor=ground.actor("school"), now=NOON + 300 * DAY, zone=ZONE
        )

    assert [copy(), copy()] == [1, 0]
    copied = db.session.scalars(select(Site).where(Site.edition_id == coming.id)).one()
    assert (copied.name, copied.state, copied.starts_at, copied.on_site, copied.reported_at) == (
        site.name, SiteState.DRAFT, site.starts_at + timedelta(days=364), 0, None
    )  # fmt: skip
