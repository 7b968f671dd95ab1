from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kexie_events.core.access import ANYBODY, Actor
from kexie_events.core.db import db
from kexie_events.core.errors import NotFound
from kexie_events.events import numbering
from kexie_events.events.kinds import Kind, Topic
from kexie_events.events.models import Venue
from kexie_events.events.numbering import Style
from kexie_events.events.queries import lists
from kexie_events.events.queries import public as queries
from kexie_events.events.queries.picking import Wanted
from kexie_events.events.rules import Publication, Status, Window, window
from tests.build import (
    DAY,
    HOUR,
    NOON,
    actor_of,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_region,
    make_room,
    make_series,
    make_unit,
)

ALL = Wanted()
SECOND = timedelta(seconds=1)
CITY = ZoneInfo("Asia/Shanghai")


def open_now(now: datetime = NOON, wanted: Wanted = ALL, actor: Actor = ANYBODY) -> list[str]:
    return [line.name for line in lists.open_lines(actor, wanted, now, per_page=50)]


def soon(now: datetime = NOON, wanted: Wanted = ALL, actor: Actor = ANYBODY) -> list[str]:
    return [line.name for line in lists.soon_lines(actor, wanted, now, per_page=50)]


def in_march(actor: Actor = ANYBODY, wanted: Wanted = ALL, per_day: int = 9) -> dict[int, list[tuple[str, str]]]:
    days = lists.month(actor, wanted, date(2026, 3, 1), date(2026, 4, 1), zone=CITY, per_day=per_day)
    return {day.day: [(line.what, line.step or line.name) for line in here.lines] for day, here in days.items()}


def test_what_can_be_joined_stands_in_the_order_of_its_deadlines(app: Flask) -> None:
    make_occurrence(title="后截止", closes_at=NOON + 3 * DAY)
    make_occurrence(title="先截止", closes_at=NOON + DAY)
    make_occurrence(title="到开始为止", starts_at=NOON + 2 * DAY)
    assert open_now() == ["先截止", "到开始为止", "后截止"]


def test_an_edition_that_takes_works_stands_among_them(app: Flask) -> None:
    contest = make_edition(series=make_series(name="创新大赛", kind=Kind.CONTEST_PROJECT))
    make_milestone(edition=contest, code="entries-open", starts_at=NOON - DAY, is_deadline=False)
    make_milestone(edition=contest, code="entries-close", starts_at=NOON + 2 * DAY)
    make_occurrence(title="讲座", closes_at=NOON + 3 * DAY)
    # A series of a kind without works is not opened by a milestone of that name.
    make_milestone(edition=make_edition(), code="entries-close", starts_at=NOON + DAY)
    found = lists.open_lines(ANYBODY, ALL, NOON, per_page=50)
    assert [(line.what, line.name, line.at) for line in found] == [
        ("entries", "创新大赛", NOON + 2 * DAY),
        ("event", "讲座", NOON + 3 * DAY),
    ]
    assert open_now(NOON + 2 * DAY) == ["讲座"]


def test_works_that_can_be_submitted_later_are_announced(app: Flask) -> None:
    contest = make_edition(series=make_series(name="创新大赛", kind=Kind.AWARD))
    make_milestone(edition=contest, code="entries-open", starts_at=NOON + DAY, is_deadline=False)
    make_milestone(edition=contest, code="entries-close", starts_at=NOON + 2 * DAY)
    assert (open_now(), soon()) == ([], ["创新大赛"])
    assert (open_now(NOON + DAY), soon(NOON + DAY)) == (["创新大赛"], [])


@pytest.mark.parametrize(
    "moment",
    [NOON - SECOND, NOON, NOON + HOUR - SECOND, NOON + HOUR, NOON + 2 * HOUR - SECOND, NOON + 2 * HOUR, NOON + 3 * DAY],
)
def test_the_list_and_the_rule_agree_at_every_second(app: Flask, moment: datetime) -> None:
    row = make_occurrence(starts_at=NOON + 2 * HOUR, opens_at=NOON, closes_at=NOON + HOUR, title="讲座")
    expected = ["讲座"] if window(row, moment) in (Window.OPEN, Window.FULL) else []
    assert open_now(moment) == expected
    assert soon(moment) == (["讲座"] if not expected and moment < row.ends_at else [])


def test_a_full_one_stays_in_the_list_and_a_cancelled_one_is_only_announced(app: Flask) -> None:
    make_occurrence(title="满", capacity=5, taken=5)
    make_occurrence(title="取消", status=Status.CANCELLED, cancelled_at=NOON)
    make_occurrence(title="不报名", opens_at=None)
    assert open_now() == ["满"]
    assert soon() == ["取消", "不报名"]


def test_drafts_and_what_was_taken_back_are_in_no_list_of_a_visitor(app: Flask) -> None:
    for publication in (Publication.DRAFT, Publication.WITHDRAWN):
        edition = make_edition(series=make_series(kind=Kind.AWARD))
        make_occurrence(publication=publication, opens_at=NOON - DAY)
        make_occurrence(publication=publication, opens_at=NOON + DAY)
        make_milestone(edition=edition, code="entries-close", publication=publication)
    assert (open_now(), soon(), in_march()) == ([], [], {})
    assert lists.regions_with_something(ANYBODY, NOON, NOON.date(), "") == []


def test_an_organizer_sees_own_drafts_but_not_those_of_another_unit(app: Flask) -> None:
    own, other = make_unit(), make_unit()
    for unit, name in ((own, "自己的"), (other, "别人的")):
        make_occurrence(edition=make_edition(series=make_series(unit=unit)), title=name, publication=Publication.DRAFT)
    organizer = actor_of(make_organizer(own))
    assert open_now(actor=organizer) == ["自己的"]
    assert [names for names in in_march(actor=organizer).values()] == [[("opens", "自己的")], [("event", "自己的")]]


def test_filters_narrow_by_topic_region_and_name(app: Flask) -> None:
    east, west = make_region(slug="east"), make_region(slug="west")
    here = make_unit(region_id=east.id)
    lecture = make_edition(series=make_series(unit=here, kind=Kind.CAMPAIGN, name="科普 100% 日"))
    quiz = make_edition(series=make_series(kind=Kind.CONTEST_QUIZ, name="素养大赛"))
    make_occurrence(edition=lecture)
    make_occurrence(edition=quiz)
    assert open_now() == ["科普 100% 日", "素养大赛"]
    assert open_now(wanted=Wanted(topic=Topic.POPULAR_SCIENCE)) == ["科普 100% 日"]
    # What has no region is for the whole city.
    assert open_now(wanted=Wanted(region="east")) == ["科普 100% 日", "素养大赛"]
    assert open_now(wanted=Wanted(region="west")) == ["素养大赛"]
    assert open_now(wanted=Wanted(text="100%")) == ["科普 100% 日"]
    assert open_now(wanted=Wanted(text="1%0")) == []
    assert open_now(wanted=Wanted(text="素养", region="west", topic=Topic.YOUTH_CONTEST)) == ["素养大赛"]
    assert in_march(wanted=Wanted(text="素养", region="east")) == {
        4: [("opens", "素养大赛")],
        18: [("event", "素养大赛")],
    }
    assert west.slug == "west"


def test_the_place_decides_the_region_before_the_unit_does(app: Flask) -> None:
    east, west = make_region(slug="east", name="东区"), make_region(slug="west", name="西区")
    venue = Venue(name="会展中心", region_id=west.id)
    db.session.add(venue)
    db.session.commit()
    edition = make_edition(series=make_series(unit=make_unit(region_id=east.id)))
    room = make_room(venue=venue, name="报告厅")
    make_occurrence(edition=edition, room_id=room.id, title="在西区", place="二楼")
    [line] = lists.open_lines(ANYBODY, ALL, NOON, per_page=5)
    assert (line.region, line.place) == ("西区", "会展中心 报告厅，二楼")
    assert lists.regions_with_something(ANYBODY, NOON, NOON.date(), "") == [("west", "西区")]


def test_only_regions_in_force_with_something_to_come_are_offered_and_the_chosen_one(app: Flask) -> None:
    busy = make_region(slug="busy", name="渝中区")
    closed = make_region(slug="closed", name="江北区", valid_to=date(2025, 11, 6))
    past, quiet = make_region(slug="past", name="璧山区"), make_region(slug="quiet", name="城口县")
    for region, starts_at in ((busy, NOON + DAY), (closed, NOON + DAY), (past, NOON - DAY)):
        unit = make_unit(region_id=region.id)
        make_occurrence(edition=make_edition(series=make_series(unit=unit)), starts_at=starts_at)
    assert lists.regions_with_something(ANYBODY, NOON, NOON.date(), "") == [("busy", "渝中区")]
    assert lists.regions_with_something(ANYBODY, NOON, NOON.date(), "closed") == [
        ("busy", "渝中区"),
        ("closed", "江北区"),
    ]
    assert quiet.slug == "quiet"


def test_an_old_edition_still_names_a_region_that_is_closed(app: Flask) -> None:
    closed = make_region(slug="jiangbei", name="江北区", valid_to=date(2025, 11, 6))
    edition = make_edition(series=make_series(unit=make_unit(region_id=closed.id)))
    assert queries.edition_page(edition.id, ANYBODY).region == "江北区"


def test_a_month_holds_starts_deadlines_openings_and_milestones_by_their_day_in_beijing(app: Flask) -> None:
    edition = make_edition()
    # 00:30 on the 18th in Beijing is still the 17th in UTC.
    start = datetime(2026, 3, 17, 16, 30, tzinfo=UTC)
    make_occurrence(edition=edition, title="讲座", starts_at=start, opens_at=NOON, closes_at=NOON + 2 * DAY)
    make_milestone(edition=edition, name="初评", is_deadline=False, starts_at=NOON, ends_at=NOON + DAY)
    make_milestone(edition=edition, name="申报截止", starts_at=NOON)
    make_occurrence(title="四月", starts_at=datetime(2026, 3, 31, 16, tzinfo=UTC), opens_at=None)
    assert in_march() == {
        11: [("due", "申报截止"), ("opens", "讲座"), ("step", "初评")],
        13: [("due", "讲座")],
        18: [("event", "讲座")],
    }


def test_a_crowded_day_shows_the_first_few_and_counts_all(app: Flask) -> None:
    edition = make_edition()
    for n in range(5):
        make_occurrence(edition=edition, title=f"第{n}场", starts_at=NOON + n * HOUR, opens_at=None)
    first, after = (NOON - DAY).date(), (NOON + DAY).date()
    days = lists.month(ANYBODY, ALL, first, after, zone=CITY, per_day=2)
    assert {day: ([line.name for line in here.lines], here.total) for day, here in days.items()} == {
        NOON.date(): (["第0场", "第1场"], 5)
    }


def test_a_list_is_cut_into_pages_and_a_page_after_the_last_is_not_found(app: Flask) -> None:
    for n in range(5):
        make_occurrence(title=f"第{n}场", closes_at=NOON + DAY + n * HOUR)
    page = lists.open_lines(ANYBODY, ALL, NOON, per_page=2, number=3)
    assert ([line.name for line in page], page.total, page.pages) == (["第4场"], 5, 3)
    with pytest.raises(NotFound):
        lists.open_lines(ANYBODY, ALL, NOON, per_page=2, number=4)


def test_occurrences_of_an_edition_show_what_comes_before_what_is_over(app: Flask) -> None:
    edition = make_edition()
    for name, days in (("昨天", -1), ("后天", 2), ("明天", 1), ("前天", -2)):
        make_occurrence(edition=edition, title=name, starts_at=NOON + days * DAY)
    page = lists.occurrences_of_edition(edition.id, ANYBODY, NOON, per_page=9)
    assert [line.name for line in page] == ["明天", "后天", "前天", "昨天"]
    upcoming = lists.next_of_series(edition.series_id, ANYBODY, NOON, 1)
    assert ([line.name for line in upcoming], upcoming.total) == (["明天"], 2)


@pytest.mark.parametrize(
    ("style", "number", "rings", "inside"),
    [
        (Style.ORDINAL, 41, 41, 41),
        (Style.ORDINAL_CHINESE, 12, 12, 12),
        (Style.ISSUE, 2, 3, 2),
        (Style.YEAR, 2026, 3, None),
    ],
)
def test_rings_are_editions_held(app: Flask, style: Style, number: int, rings: int, inside: int | None) -> None:
    series = make_series()
    for year in (2024, 2025):
        make_edition(series=series, style=Style.YEAR, number=year, year=year)
    make_edition(series=series, style=Style.YEAR, number=2023, year=2023, publication=Publication.DRAFT)
    edition = make_edition(series=series, style=style, number=number)
    make_occurrence(edition=edition)
    [line] = lists.open_lines(ANYBODY, ALL, NOON, per_page=5)
    page = queries.edition_page(edition.id, ANYBODY)
    assert (line.rings, line.ring_number) == (rings, inside)
    assert numbering.rings(page.edition.numbered, page.held) == queries.rings_of(edition, ANYBODY) == rings


@pytest.mark.parametrize("publication", [Publication.DRAFT, Publication.WITHDRAWN])
def test_a_page_of_what_the_actor_may_not_see_is_not_found(app: Flask, publication: Publication) -> None:
    own = make_unit()
    series = make_series(unit=own, publication=publication)
    edition = make_edition(series=series, publication=publication)
    occurrence = make_occurrence(edition=edition, publication=publication)
    looks: list[Callable[[Actor], Any]] = [
        lambda actor: queries.series_page(series.slug, actor)[0],
        lambda actor: queries.edition_page(edition.id, actor).edition,
        lambda actor: queries.occurrence_page(occurrence.id, actor).occurrence,
    ]
    for look in looks:
        for actor in (ANYBODY, actor_of(make_organizer(make_unit()))):
            with pytest.raises(NotFound):
                look(actor)
    organizer = actor_of(make_organizer(own))
    assert [look(organizer) for look in looks] == [series, edition, occurrence]


def test_a_page_says_whether_what_it_belongs_to_can_be_seen(app: Flask) -> None:
    hidden = make_series(publication=Publication.DRAFT)
    occurrence = make_occurrence(edition=make_edition(series=hidden))
    page = queries.occurrence_page(occurrence.id, ANYBODY)
    assert (page.edition_visible, page.series_visible) == (True, False)


def test_editions_of_a_series_are_the_newest_first(app: Flask) -> None:
    series = make_series()
    for number in (39, 41, 40):
        make_edition(series=series, number=number, year=1985 + number)
    make_edition(series=series, number=42, year=2027, publication=Publication.DRAFT)
    editions, total = queries.editions_of_series(series.id, ANYBODY, 2)
    assert ([edition.number for edition in editions], total) == ([41, 40], 3)


def test_series_are_found_by_a_part_of_their_name(app: Flask) -> None:
    make_series(name="重庆双月论坛")
    make_series(name="论坛草稿", publication=Publication.DRAFT)
    assert [series.name for series in queries.series_containing(ANYBODY, "论坛", 9)] == ["重庆双月论坛"]
