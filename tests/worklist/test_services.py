from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Forbidden, RuleBroken
from kexie_events.events import services as events
from kexie_events.events.models import Edition, Series
from kexie_events.events.numbering import Style
from kexie_events.events.plans import OccurrencePlan
from kexie_events.events.rules import Publication, Status
from kexie_events.worklist import queries, reading, rules, services
from kexie_events.worklist.models import WorkItem, WorkLink, WorkList
from kexie_events.worklist.queries import Imported
from kexie_events.worklist.rules import Cells, Change, Sheet, Standing
from tests.build import (
    DAY,
    NOON,
    actor_of,
    make_edition,
    make_milestone,
    make_occurrence,
    make_organizer,
    make_series,
    make_unit,
)  # fmt: skip
from tests.worklist.test_rules import LIST

ZONE = ZoneInfo("Asia/Shanghai")


def list_of_2020() -> Sheet:
    return rules.read_rows(reading.read(LIST.read_text(encoding="utf-8")))


def sheet(*names: str) -> Sheet:
    return rules.read_rows(Cells(n, "甲", str(n), name, "办公室") for n, name in enumerate(names, start=1))


def take(unit, rows: Sheet, *, year: int = 2020, drafts=None, actor=SYSTEM) -> Imported:
    return services.import_list(year, rows, unit_id=unit.id, drafts=drafts, actor=actor, now=NOON, zone=ZONE)


def counts(done: Imported) -> tuple[int, int, int, int]:
    """New, changed, unchanged rows; drafts."""
    return (*(done.count(change) for change in Change), len(done.drafted))


def rows_of(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def items() -> dict[str, int | None]:
    """The edition that each row is tied to; of a series for its year, the first."""
    db.session.expire_all()
    rows = db.session.execute(
        select(WorkItem.name, func.coalesce(WorkLink.edition_id, func.min(Edition.id)))
        .outerjoin(WorkLink, WorkLink.item_id == WorkItem.id)
        .outerjoin(WorkList, WorkList.id == WorkItem.list_id)
        .outerjoin(Edition, (Edition.series_id == WorkLink.series_id) & (Edition.year == WorkList.year))
        .group_by(WorkItem.id, WorkItem.number, WorkItem.name, WorkLink.edition_id)
        .order_by(WorkItem.number)
    )
    return {name: edition_id for name, edition_id in rows}


def test_the_list_of_2020_makes_twenty_drafts_and_importing_twice_changes_nothing(app: Flask) -> None:
    unit = make_unit()
    first, second = take(unit, list_of_2020()), take(unit, list_of_2020())
    assert (counts(first), counts(second)) == ((40, 0, 0, 20), (0, 0, 40, 0))
    assert (len(first.left), len(second.left)) == (20, 20)
    assert (rows_of(Series), rows_of(Edition)) == (20, 20)
    assert {each.publication for each in db.session.scalars(select(Edition))} == {Publication.DRAFT}
    imports = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "worklist.imported")).all()
    assert [(row.details["added"], len(row.details["drafted"])) for row in imports] == [(40, 20)]


def test_one_bad_row_and_nothing_is_imported(app: Flask) -> None:
    unit = make_unit()
    with pytest.raises(RuleBroken, match="worklist.row"):
        take(unit, sheet("2020科协年会", ""))
    assert (rows_of(WorkItem), rows_of(Series)) == (0, 0)


def test_a_draft_that_is_refused_takes_the_items_with_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuleBroken("edition.number_taken", number="2020年度")

    monkeypatch.setattr("kexie_events.events.services.drafting.add_edition", refuse)
    with pytest.raises(RuleBroken, match="edition.number_taken"):
        take(make_unit(), sheet("2020科协年会", "学会建设"))
    assert (rows_of(WorkItem), rows_of(Series)) == (0, 0)


def test_the_next_years_list_adds_editions_to_the_same_series(app: Flask) -> None:
    unit = make_unit()
    take(unit, sheet("第35届青少年科技创新大赛", "2020科协年会", "双月论坛"))
    done = take(unit, sheet("第36届青少年科技创新大赛", "2021科协年会", "双月论坛"), year=2021)
    assert counts(done) == (3, 0, 0, 3)
    assert (rows_of(Series), rows_of(Edition)) == (3, 6)
    words = sorted(each.number_words for each in db.session.scalars(select(Edition)))
    assert words == ["2020年度", "2020年首期", "2021年度", "2021年首期", "第35届", "第36届"]


def test_a_published_edition_is_found_and_left_as_it_is(app: Flask) -> None:
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit, name="科协年会"), number=8, style=Style.ORDINAL, year=2020)
    done = take(unit, sheet("2020科协年会"))
    assert (counts(done), [line.row.name for line in done.found]) == ((1, 0, 0, 0), ["2020科协年会"])
    assert items() == {"2020科协年会": edition.id}
    assert (edition.publication, edition.number) == (Publication.PUBLISHED, 8)


def test_only_the_rows_that_were_ticked_get_drafts_and_the_others_may_get_them_later(app: Flask) -> None:
    unit, rows = make_unit(), sheet("2020科协年会", "2020青年论坛", "学会建设")
    assert counts(take(unit, rows, drafts={2, 3})) == (3, 0, 0, 1)
    assert {name for name, edition in items().items() if edition} == {"2020青年论坛"}
    assert counts(take(unit, rows, drafts=())) == (0, 0, 3, 0)
    assert counts(take(unit, rows)) == (0, 0, 3, 1)
    assert {name for name, edition in items().items() if edition} == {"2020科协年会", "2020青年论坛"}
    verbs = db.session.scalars(select(AuditRecord.details).where(AuditRecord.verb == "worklist.imported")).all()
    assert [details["linked"] for details in verbs] == [0, 1]


def test_rows_that_change_places_keep_their_editions_even_when_a_series_got_another_name(app: Flask) -> None:
    unit = make_unit()
    take(unit, sheet("2020科协年会", "2020青年论坛"))
    before = items()
    db.session.scalars(select(Series).where(Series.name == "青年论坛")).one().name = "青年科学家论坛"
    db.session.commit()
    done = take(unit, sheet("2020青年论坛", "2020科协年会"))
    assert (counts(done), items()) == ((0, 2, 0, 0), before)


def test_a_corrected_name_keeps_its_edition_when_no_other_is_asked_for(app: Flask) -> None:
    unit = make_unit()
    take(unit, sheet("2020科协年合会议论坛"))
    (edition,) = items().values()
    take(unit, sheet("2020科协年会"), drafts=())
    assert items() == {"2020科协年会": edition}


def test_a_row_that_names_no_event_any_more_lets_its_edition_go(app: Flask) -> None:
    unit = make_unit()
    take(unit, sheet("2020科协年会"))
    take(unit, sheet("科协年会基地建设"))
    assert items() == {"科协年会基地建设": None}
    assert rows_of(Edition) == 1  # what was drafted stays: it may have become more


def test_an_outlook_says_the_same_and_writes_nothing(app: Flask) -> None:
    unit = make_unit()
    foreseen = queries.outlook(2020, list_of_2020(), unit_id=unit.id, actor=SYSTEM)
    assert rows_of(WorkItem) + rows_of(Series) + rows_of(AuditRecord) == 0
    done = take(unit, list_of_2020())
    assert counts(foreseen) == counts(done)
    assert [line.decision for line in foreseen.lines] == [line.decision for line in done.lines]


def test_a_district_neither_imports_into_nor_sees_the_citys_list(app: Flask) -> None:
    city = make_unit()
    organizer = actor_of(make_organizer(make_unit(parent=city)))
    for attempt in (
        lambda: take(city, list_of_2020(), actor=organizer),
        lambda: queries.outlook(2020, list_of_2020(), unit_id=city.id, actor=organizer),
    ):
        with pytest.raises(Forbidden):
            attempt()
    take(city, list_of_2020())
    assert queries.lists(organizer) == []
    own = actor_of(make_organizer(city))
    (chosen,) = queries.lists(own)
    assert list(dict.fromkeys(item.section for item in queries.items_of(chosen, own))) == [
        "学会学术10个重大活动",
        "科学普及10个重要事项",
        "阵地建设10个重头项目",
        "提升科协组织力10个重点举措",
    ]


def test_lists_of_two_units_do_not_run_into_each_other(app: Flask) -> None:
    city = make_unit()
    district = make_unit(parent=city)
    take(city, sheet("市的工作建设"))
    take(district, sheet("区的工作建设"))
    own = actor_of(make_organizer(city))
    assert [each.unit_id for each in queries.lists(own)] == [city.id, district.id]
    assert [
        [item.name for item in queries.items_of(chosen, own)] for chosen in queries.lists(own)
    ] == [["市的工作建设"], ["区的工作建设"]]  # fmt: skip


@pytest.fixture
def item(app: Flask) -> WorkItem:
    """A row whose published edition has no dates yet."""
    unit = make_unit()
    edition = make_edition(series=make_series(unit=unit, name="科协年会"), year=2020)
    take(unit, sheet("2020科协年会"))
    found = db.session.scalars(select(WorkItem)).one()
    assert items() == {"2020科协年会": edition.id}
    return found


def edition_of(item: WorkItem) -> Edition:
    return db.session.get(Edition, items()[item.name])


def stands(item: WorkItem, actor=SYSTEM) -> queries.Held:
    (held,) = queries.events_of_item(item.id, 2020, actor, NOON).seen
    return held


def test_an_item_shows_where_its_edition_stands(item: WorkItem) -> None:
    edition = edition_of(item)
    assert (stands(item).standing, stands(item).next_at) == (Standing.PUBLISHED, None)
    past = make_occurrence(edition=edition, starts_at=NOON - 3 * DAY)
    assert (stands(item).standing, stands(item).next_at) == (Standing.HELD, None)
    point = make_milestone(edition=edition, starts_at=NOON + 9 * DAY)
    coming = make_occurrence(edition=edition, starts_at=NOON + 2 * DAY)
    assert (stands(item).standing, stands(item).next_at) == (Standing.PUBLISHED, coming.starts_at)
    coming.status = past.status = Status.CANCELLED
    db.session.commit()
    assert (stands(item).standing, stands(item).next_at) == (Standing.CANCELLED, point.starts_at)
    edition.publication = Publication.WITHDRAWN
    db.session.commit()
    assert stands(item).standing is Standing.WITHDRAWN


def test_one_who_sees_only_the_public_is_led_to_the_public_page(item: WorkItem) -> None:
    stranger = actor_of(make_organizer(make_unit()))
    assert stands(item).planned
    assert not stands(item, stranger).planned
    edition_of(item).publication = Publication.DRAFT
    db.session.commit()
    assert queries.events_of_item(item.id, 2020, stranger, NOON).seen == ()


def test_what_was_drafted_is_planned_and_published_like_any_other(app: Flask) -> None:
    unit = make_unit()
    take(unit, sheet("第5届讲解大赛"), year=2026)
    (id,) = items().values()
    plan = OccurrencePlan(NOON + DAY, NOON + 2 * DAY, place="科技馆")
    events.add_occurrence(id, plan, actor=SYSTEM, now=NOON, zone=ZONE)
    events.publish(id, actor=SYSTEM, now=NOON)
    found = stands(db.session.scalars(select(WorkItem)).one())
    assert (found.number_words, found.standing, found.next_at) == ("第5届", Standing.PUBLISHED, NOON + DAY)


def test_a_bad_sheet_never_reaches_the_database(app: Flask) -> None:
    rows = sheet("2020科协年会", "")
    with pytest.raises(RuleBroken):
        take(make_unit(), replace(rows, rows=()))
