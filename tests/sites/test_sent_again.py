"""Declarations that come twice, at once, or against each other; a sheet that contradicts what stands; a campaign that
is taken back while somebody passes."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.core import clock
from kexie_events.core.access import ANYBODY, SYSTEM, visible
from kexie_events.core.db import db
from kexie_events.core.errors import RuleBroken
from kexie_events.events import services as events
from kexie_events.events.models import Occurrence
from kexie_events.events.rules import Publication
from kexie_events.sites import bulk, queries, services
from kexie_events.sites.bulk import Change, Line
from kexie_events.sites.models import Site
from tests.build import DAY, NOON
from tests.conftest import AtOnce

from .ground import ZONE, Ground, add, build, declaration

SOON = NOON + DAY


@pytest.fixture
def ground(app: Flask) -> Ground:
    return build()


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as broken:
        act()
    return broken.value.code


def names() -> list[tuple[str, str]]:
    return [tuple(row) for row in db.session.execute(select(Site.number, Site.name).order_by(Site.id))]


@pytest.mark.race
def test_the_same_declaration_sent_at_the_same_instant_is_one(ground: Ground, at_once: AtOnce) -> None:
    key, actor, edition_id, unit_id = uuid4().hex, ground.actor("school"), ground.edition.id, ground.school.id

    def send() -> int:
        sent = declaration(summary="Rene\u0301 讲宇宙")
        return services.add(edition_id, unit_id, sent, key=key, declare=True, actor=actor, now=SOON, zone=ZONE).id

    made = at_once([send] * 4)
    assert made == [made[0]] * 4
    assert db.session.scalar(select(func.count()).select_from(Site)) == 1


def test_a_declaration_that_comes_again_with_other_content_is_refused_and_not_dropped(ground: Ground) -> None:
    key, actor = uuid4().hex, ground.actor("north")

    def send(unit_id: int, name: str = "走进实验室") -> Site:
        return services.add(
            ground.edition.id, unit_id, declaration(name), key=key, actor=actor, now=SOON, zone=ZONE
        )  # fmt: skip

    assert send(ground.school.id).id == send(ground.school.id).id
    assert code_of(lambda: send(ground.north.id)) == "core.sent_before"
    assert code_of(lambda: send(ground.school.id, "观星夜")) == "core.sent_before"


def test_another_name_that_is_taken_is_told_in_words_also_where_the_district_is_known(ground: Ground) -> None:
    add(ground, name="甲", declare=False)
    other = add(ground, name="乙", declare=False)
    act = lambda: services.change(  # noqa: E731
        other.id, declaration("甲"), expected_revision=other.revision, actor=ground.actor("school"), now=SOON, zone=ZONE
    )  # fmt: skip
    assert code_of(act) == "site.twice"
    assert [name for _number, name in names()] == ["甲", "乙"]


# ---- a sheet against what stands


def line(ground: Ground, row: int, name: str, number: str = "", **values: object) -> Line:
    declared = declaration(name, region_id=ground.region.id, **values)
    return Line(row, name, number, ground.school.id, declared.starts_at.date(), declared)


def imported(ground: Ground, *lines: Line, skip_bad: bool = False) -> services.Imported:
    return services.import_sheet(
        ground.edition.id, lines, skip_bad=skip_bad, declare=False, actor=ground.actor("school"), now=SOON, zone=ZONE
    )


def wrong(ground: Ground, *lines: Line) -> list[tuple[int, bulk.Column | None, str]]:
    """What the preview says; saving it refuses and changes nothing."""
    edition = queries.edition_for_desk(ground.actor("school"), ground.edition.id)
    found = bulk.faults(services.outlook(edition, lines, actor=ground.actor("school")).outcomes)
    before = names()
    assert code_of(lambda: imported(ground, *lines)) == "site.bad_rows"
    assert names() == before
    return [(each.row, each.column, each.error.code) for each in found]


def test_rows_that_contradict_what_stands_come_back_marked(ground: Ground) -> None:
    imported(ground, line(ground, 2, "甲", "1"), line(ground, 3, "乙", "2"))
    name = bulk.Column.NAME
    assert wrong(ground, line(ground, 2, "乙", "1")) == [(2, name, "site.twice")]
    assert wrong(ground, line(ground, 2, "乙", "1"), line(ground, 3, "甲", "2")) == [
        (2, name, "site.twice"), (3, name, "site.twice"),
    ]  # fmt: skip
    assert wrong(ground, line(ground, 2, "丙", "1"), line(ground, 3, "甲", place="操场")) == [
        (3, name, "site.row_twice")
    ]
    done = imported(ground, line(ground, 2, "丙", "1"), line(ground, 3, "甲", place="操场"), skip_bad=True)
    assert [each.change for each in done.outcomes] == [Change.CHANGED, Change.FAULT]
    assert names() == [("1", "丙"), ("2", "乙")]


def test_what_somebody_wrote_after_the_preview_is_not_overwritten_unseen(
    ground: Ground, as_user, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: SOON)
    site = add(ground, name="观星夜", declare=False, place="操场")
    browser = as_user(ground.accounts["school"].id)
    address = f"/manage/editions/{ground.edition.id}/sites/import"
    sheet = "名称\t日期\t开始时间\t地点\t类别\n观星夜\t2026-09-19\t09:00\t天文台\t讲座报告"
    sent = {"text": sheet, "unit_id": str(ground.school.id)}
    page = browser.post(address, data=sent)
    seen = page.text.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    services.change(
        site.id, declaration("观星夜", place="报告厅"), expected_revision=site.revision, actor=ground.actor("school"),
        now=SOON, zone=ZONE,
    )  # fmt: skip
    save = {**sent, "seen": seen, "do": "save"}
    again = browser.post(address, data=save)
    db.session.expire_all()
    assert (again.status_code, db.session.get_one(Site, site.id).place) == (200, "报告厅")
    seen = again.text.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert [browser.post(address, data={**save, "seen": seen}).status_code for _ in range(2)] == [303, 303]
    db.session.expire_all()
    assert db.session.get_one(Site, site.id).place == "天文台"


# ---- while the campaign is taken back


@pytest.mark.race
def test_what_is_passed_while_the_campaign_is_taken_back_is_not_public(
    app: Flask, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, edition_id, plain = add(ground), ground.edition.id, queries.checkers
    ticked, city = {site.id: site.revision}, ground.actor("city")

    def take_back() -> None:
        with app.app_context():
            events.unpublish(edition_id, reason="误发", actor=SYSTEM, now=SOON)
            db.session.remove()

    other = threading.Thread(target=take_back)

    def in_between(paths):
        """The other has every chance to come before: it either waits for us or has been."""
        if not other.ident:
            other.start()
            other.join(1)
        return plain(paths)

    monkeypatch.setattr(queries, "checkers", in_between)
    services.decide(edition_id, ticked, passes=True, actor=city, now=SOON)
    other.join(20)
    db.session.expire_all()
    assert [row.publication for row in db.session.scalars(select(Occurrence))] == [Publication.WITHDRAWN]
    assert not db.session.scalars(select(Site).where(visible(Site, ANYBODY))).all()
