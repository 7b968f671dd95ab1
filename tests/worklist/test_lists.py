"""Departments, states, reports, moves: what people do with a list after it was imported."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, NotFound, RuleBroken, SentBefore
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Series
from kexie_events.events.numbering import Style
from kexie_events.events.rules import Publication
from kexie_events.units.rules import UnitKind
from kexie_events.worklist import queries, services
from kexie_events.worklist.departments import Alias
from kexie_events.worklist.models import WorkLink, WorkReport
from kexie_events.worklist.progress import Period, Span, State, spans
from kexie_events.worklist.queries.board import board
from kexie_events.worklist.rules import Change
from kexie_events.worklist.services import Entry, Wording
from kexie_events.worklist.services.items import wording_of
from tests.build import DAY, NOON, actor_of, make_edition, make_occurrence, make_organizer, make_series, make_unit
from tests.worklist.lists import TABLE, City, make_city, take

AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]
TODAY = date(2026, 3, 11)
FIRST = spans(2026, Period.QUARTER)[0]
SOCIETIES, MUSEUM, FORUM, TOGETHER = "学会治理建设", "科技馆体系建设", "科技经济融合双月论坛", "推进川渝战略合作"


@pytest.fixture
def city(app: Flask) -> City:
    return make_city()


def line(city: City, name: str, *, today: date = TODAY, actor=SYSTEM):
    db.session.expire_all()
    whole = board(city.chosen(actor), actor, NOON, today)
    return next(line for line in whole.lines if line.item.name == name)


def say(city: City, name: str, words: str, *, span: Span = FIRST, actor=SYSTEM, today=TODAY, **more: Any) -> int:
    numbers = more.pop("numbers", {})
    goals = city.items()[name].goals
    actuals = {goal.id: Decimal(numbers[goal.unit]) for goal in goals if goal.unit in numbers}
    entry = Entry(city.id_of(name), words, actuals, **more)
    return services.report(city.list_id, span, [entry], actor=actor, now=NOON, today=today)


# --- departments ------------------------------------------------------------------------------------------------


def duties(city: City) -> dict[str, list[tuple[str, str | None, bool]]]:
    return {name: [(d.words, d.name, d.everybody) for d in item.duties] for name, item in city.items().items()}


def test_names_are_tied_to_units_and_keep_the_words_as_they_stood(city: City) -> None:
    assert duties(city) == {
        FORUM: [("学会部", "学会学术部", False), ("宣传部", None, False)],
        SOCIETIES: [("学会部", "学会学术部", False)],
        MUSEUM: [("普及部", "科学技术普及部", False), ("课堂内外公司", None, False)],
        TOGETHER: [("相关部室和单位", None, True)],
    }
    assert [(name.words, name.items) for name in queries.unknown_names(city.chosen())] == [
        ("宣传部", 1), ("课堂内外公司", 1),
    ]  # fmt: skip


def test_a_name_that_is_resolved_once_is_resolved_in_all_rows_and_all_years_it_holds_for(city: City) -> None:
    take(city.unit, TABLE.replace("2026", "2025"), year=2025)
    company = make_unit(parent=city.unit, name="课堂内外集团", kind=UnitKind.ENTERPRISE)
    alias = Alias("课堂内外公司", company.id, 2026, None)
    assert services.add_alias(city.unit.id, alias, actor=SYSTEM, now=NOON) == 1
    assert services.add_alias(city.unit.id, alias, actor=SYSTEM, now=NOON) == 0
    assert duties(city)[MUSEUM][1] == ("课堂内外公司", "课堂内外集团", False)
    older = next(each for each in queries.lists(SYSTEM) if each.year == 2025)
    assert [name.words for name in queries.unknown_names(older)] == ["宣传部", "课堂内外公司"]
    (known,) = queries.aliases_of(city.unit.id)
    assert services.drop_alias(known.id, actor=SYSTEM, now=NOON) == 1
    assert duties(city)[MUSEUM][1] == ("课堂内外公司", None, False)


def test_a_department_is_made_of_a_name_once(city: City) -> None:
    make = lambda: services.add_department(city.list_id, "宣传部", actor=SYSTEM, now=NOON)  # noqa: E731
    assert make() == 1
    assert duties(city)[FORUM][1] == ("宣传部", "宣传部", False)
    with pytest.raises(RuleBroken, match="worklist.no_such_name"):
        make()


def test_an_alias_means_a_unit_below_and_one_thing_at_a_time(city: City) -> None:
    stranger = make_unit()
    for alias, code in (
        (Alias("宣传部", stranger.id), "worklist.alias_unit"),
        (Alias("宣传部", city.academic.id, 2026, 2025), "worklist.alias_years"),
    ):
        with pytest.raises(RuleBroken, match=code):
            services.add_alias(city.unit.id, alias, actor=SYSTEM, now=NOON)
    services.add_alias(city.unit.id, Alias("宣传部", None), actor=SYSTEM, now=NOON)
    with pytest.raises(RuleBroken, match="worklist.alias_taken"):
        services.add_alias(city.unit.id, Alias("宣 传部", city.academic.id, 2026), actor=SYSTEM, now=NOON)
    assert duties(city)[FORUM][1] == ("宣传部", None, True)


# --- who sees and does what -------------------------------------------------------------------------------------


def test_a_departments_people_see_the_list_and_report_what_they_lead(city: City) -> None:
    academics = actor_of(city.academics)
    assert {name: item.mine for name, item in city.items(academics).items()} == {
        FORUM: True, SOCIETIES: True, MUSEUM: False, TOGETHER: False,
    }  # fmt: skip
    assert not city.chosen(academics).own
    assert say(city, SOCIETIES, "建了三个", actor=academics) == 1
    with pytest.raises(NotFound):
        say(city, MUSEUM, "不是我的", actor=academics)
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 1


def test_what_a_department_does_not_own_is_not_there_to_be_changed(city: City) -> None:
    academics = actor_of(city.academics)
    id, wording = city.id_of(SOCIETIES), wording_of(city.items()[SOCIETIES])
    for attempt in (
        lambda: services.change_item(id, wording, expected_revision=0, actor=academics, now=NOON),
        lambda: services.remove_item(id, expected_revision=0, actor=academics, now=NOON),
        lambda: services.set_state(id, State.DONE, reason="x", expected_revision=0, actor=academics, now=NOON),
        lambda: services.add_item(city.list_id, wording, actor=academics, now=NOON),
        lambda: services.link(id, 1, None, actor=academics, now=NOON),
        lambda: queries.list_of(academics, city.list_id, own=True),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_neighbour_neither_sees_nor_reports(city: City) -> None:
    district = actor_of(make_organizer(make_unit(parent=city.unit)))
    assert queries.lists(district) == []
    with pytest.raises(NotFound):
        queries.item_of(district, city.id_of(SOCIETIES))
    with pytest.raises(NotFound):
        services.report(city.list_id, FIRST, [], actor=district, now=NOON, today=TODAY)


def test_a_unit_that_the_list_names_reads_it_and_no_longer_when_the_row_is_gone(city: City) -> None:
    company = make_unit(parent=city.unit, name="课堂内外公司", kind=UnitKind.ENTERPRISE)
    services.add_alias(city.unit.id, Alias("课堂内外公司", company.id), actor=SYSTEM, now=NOON)
    people = actor_of(make_organizer(company))
    assert not city.items(people)[MUSEUM].mine  # it supports, and reports nothing
    services.remove_item(city.id_of(MUSEUM), expected_revision=0, actor=SYSTEM, now=NOON)
    assert queries.lists(people) == []


# --- progress ---------------------------------------------------------------------------------------------------


def forum(city: City, held: int, planned: int, drafts: int = 0) -> Series:
    series = make_series(unit=city.unit, name=FORUM, kind=Kind.FORUM_SERIES)
    for n in range(1, held + planned + drafts + 1):
        public = Publication.DRAFT if n > held + planned else Publication.PUBLISHED
        edition = make_edition(series=series, number=n, style=Style.ISSUE, year=2026, publication=public)
        starts_at = NOON - n * 3 * DAY if n <= held else NOON + n * DAY
        make_occurrence(edition=edition, starts_at=starts_at, publication=public)
    return series


def test_a_forum_series_counts_its_issues_by_itself(city: City) -> None:
    series = forum(city, held=3, planned=1)
    take(city.unit, TABLE, drafts=None)
    link = db.session.scalars(select(WorkLink)).one()
    assert (link.series_id, link.edition_id) == (series.id, None)
    found = line(city, FORUM)
    assert (found.outcome.done, found.outcome.wanted, found.outcome.share) == (3, 6, 0.5)
    assert (found.state, found.is_reported) == (State.DOING, False)
    assert [(goal.actual, goal.derived) for goal in found.goals] == [(Decimal(3), True)]
    # An issue that is planned later counts without anybody tying it.
    edition = make_edition(series=series, number=5, style=Style.ISSUE, year=2026)
    make_occurrence(edition=edition, starts_at=NOON - DAY)
    assert line(city, FORUM).outcome.done == 4
    assert len(line(city, FORUM).events.seen) == 5


def test_everybody_who_reads_the_list_sees_the_same_progress_and_only_public_editions(city: City) -> None:
    forum(city, held=3, planned=1, drafts=2)
    take(city.unit, TABLE, drafts=None)
    owner, academics = (line(city, FORUM, actor=actor_of(each)) for each in (city.owner, city.academics))
    assert owner.outcome == academics.outcome
    assert (len(owner.events.seen), len(academics.events.seen)) == (6, 4)
    assert all(held.standing.value != "draft" for held in academics.events.seen)


def test_a_cancelled_issue_is_not_held_and_a_withdrawn_one_not_there(city: City) -> None:
    take(city.unit, TABLE.replace("举办论坛6期", ""), drafts=())
    series = forum(city, held=2, planned=1)
    services.link(city.id_of(FORUM), series.id, None, actor=SYSTEM, now=NOON)
    assert line(city, FORUM).outcome.wanted == 3
    first, second, _third = db.session.scalars(select(Edition).order_by(Edition.number))
    db.session.execute(text("UPDATE occurrence SET status = 'cancelled' WHERE edition_id = :id"), {"id": first.id})
    second.publication = Publication.WITHDRAWN
    db.session.commit()
    found = line(city, FORUM)
    assert (found.outcome.done, found.outcome.wanted, found.events.tied.cancelled) == (0, 1, 1)


def test_numbers_that_are_reported_say_how_far_an_item_is(city: City) -> None:
    assert line(city, SOCIETIES).state is State.PLANNED
    say(city, SOCIETIES, "建了十个", numbers={"个": 10, "人次": 100})
    found = line(city, SOCIETIES)
    assert (found.state, found.outcome.share) == (State.DOING, 0.75)
    assert line(city, SOCIETIES, today=date(2026, 7, 1)).state is State.LATE  # 6月底
    say(city, SOCIETIES, "建成二十个", numbers={"个": 20, "人次": 130}, base=1)
    assert line(city, SOCIETIES, today=date(2026, 7, 1)).state is State.DONE


def test_a_state_is_set_against_what_is_derived_only_with_a_reason(city: City) -> None:
    id = city.id_of(MUSEUM)
    with pytest.raises(RuleBroken, match="worklist.reason"):
        services.set_state(id, State.DONE, reason=" ", expected_revision=0, actor=SYSTEM, now=NOON)
    services.set_state(id, State.DONE, reason="年内不再安排", expected_revision=0, actor=SYSTEM, now=NOON)
    found = line(city, MUSEUM)
    assert (found.state, found.outcome.state, found.item.override_reason) == (State.DONE, State.PLANNED, "年内不再安排")
    services.set_state(id, None, reason="", expected_revision=1, actor=SYSTEM, now=NOON)
    assert line(city, MUSEUM).state is State.PLANNED
    with pytest.raises(Conflict):
        services.set_state(id, State.LATE, reason="x", expected_revision=1, actor=SYSTEM, now=NOON)


# --- reports ----------------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_report_and_a_correction_keeps_both(city: City) -> None:
    assert say(city, MUSEUM, "巡展三站") == 1
    assert say(city, MUSEUM, "巡展三站") == 0
    assert say(city, MUSEUM, "巡展四站", base=1) == 1
    reports = queries.reports_of(city.items()[MUSEUM])
    assert [(report.n, report.words) for report in reports] == [(2, "巡展四站"), (1, "巡展三站")]


def test_two_who_report_the_same_item_are_both_told(city: City) -> None:
    say(city, MUSEUM, "巡展三站")
    with pytest.raises(Conflict) as refused:
        say(city, MUSEUM, "巡展五站", base=0)
    assert refused.value.details == {"items": [MUSEUM]}
    assert [report.words for report in queries.reports_of(city.items()[MUSEUM])] == ["巡展三站"]


def test_a_form_is_saved_whole_or_not_at_all(city: City) -> None:
    entries = [Entry(city.id_of(SOCIETIES), "好", {}), Entry(city.id_of(MUSEUM), "", {}, finished=True)]
    with pytest.raises(RuleBroken, match="worklist.line_needed"):
        services.report(city.list_id, FIRST, entries, actor=SYSTEM, now=NOON, today=TODAY)
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 0


def test_what_was_reported_cannot_be_changed_by_anybody(city: City) -> None:
    say(city, MUSEUM, "巡展三站")
    for statement in ("UPDATE work_report SET words = 'x'", "DELETE FROM work_report"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_a_correction_of_an_earlier_period_leaves_the_latest_numbers(city: City) -> None:
    second = spans(2026, Period.QUARTER)[1]
    say(city, SOCIETIES, "一季度", numbers={"个": 5})
    say(city, SOCIETIES, "二季度", numbers={"个": 12}, span=second, today=date(2026, 4, 2))
    say(city, SOCIETIES, "一季度更正", numbers={"个": 6}, base=1, today=date(2026, 4, 2))
    assert [goal.actual for goal in city.items()[SOCIETIES].goals] == [Decimal(12), None]
    assert city.items()[SOCIETIES].last.words == "二季度"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"words": "长" * 201}, "worklist.line"),
        ({"evidence": "javascript:alert(1)"}, "worklist.evidence"),
        ({"evidence": "https://a.cn/ x"}, "worklist.evidence"),
        ({"evidence": "https://a.cn/" + "x" * 500}, "worklist.evidence"),
        ({"numbers": {"个": "-1"}}, "worklist.actual"),
        ({"numbers": {"个": "100000000000"}}, "worklist.actual"),
        ({"span": spans(2026, Period.QUARTER)[1]}, "worklist.period"),
        ({"span": spans(2026, Period.MONTH)[0]}, "worklist.period"),
        ({"span": spans(2025, Period.QUARTER)[0]}, "worklist.period"),
    ],
)
def test_a_line_that_cannot_be_kept_is_refused(city: City, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        say(city, SOCIETIES, **{"words": "好", **changed})


def test_who_has_not_reported_stands_on_the_board_in_the_order_of_the_list(city: City) -> None:
    april = date(2026, 4, 2)

    def owing() -> dict[str, int]:
        return board(city.chosen(), SYSTEM, NOON, april).owing

    assert owing() == {"学会学术部": 2, "科学技术普及部": 1, "相关部室和单位": 1}
    say(city, MUSEUM, "巡展三站", today=april)
    services.set_state(city.id_of(TOGETHER), State.DONE, reason="已签约", expected_revision=0, actor=SYSTEM, now=NOON)
    assert owing() == {"学会学术部": 2}
    assert board(city.chosen(), SYSTEM, NOON, TODAY).owing == {}  # the quarter still runs


# --- the list itself --------------------------------------------------------------------------------------------


def numbers(city: City) -> list[tuple[str, int, str]]:
    return [(item.section, item.number, item.name) for item in city.items().values()]


NEW = Wording("学会学术", 1, "新的一项", ("学会部",))


def test_a_new_item_takes_its_number_and_the_others_move_down(city: City) -> None:
    services.add_item(city.list_id, NEW, key="k", actor=SYSTEM, now=NOON)
    services.add_item(city.list_id, NEW, key="k", actor=SYSTEM, now=NOON)
    assert numbers(city)[:3] == [("学会学术", 1, "新的一项"), ("学会学术", 2, FORUM), ("学会学术", 3, SOCIETIES)]
    assert len(numbers(city)) == 5
    assert city.items()["新的一项"].lead.name == "学会学术部"


def test_another_item_under_the_same_key_is_said_and_changes_nothing(city: City) -> None:
    services.add_item(city.list_id, NEW, key="k", actor=SYSTEM, now=NOON)
    services.add_item(city.list_id, replace(NEW, name="插在前面的"), key="l", actor=SYSTEM, now=NOON)
    again = services.add_item(city.list_id, NEW, key="k", actor=SYSTEM, now=NOON)  # it stands one lower by now
    assert again.name == "新的一项"
    with pytest.raises(SentBefore):
        services.add_item(city.list_id, replace(NEW, due_on=date(2026, 6, 1)), key="k", actor=SYSTEM, now=NOON)
    assert len(numbers(city)) == 6


def test_an_item_moves_to_another_section_and_place(city: City) -> None:
    moved = wording_of(city.items()[MUSEUM])
    moved = Wording("一、学会学术", 2, moved.name, moved.departments, moved.aims, moved.due_on)
    services.change_item(city.id_of(MUSEUM), moved, expected_revision=0, actor=SYSTEM, now=NOON)
    assert numbers(city) == [
        ("学会学术", 1, FORUM), ("学会学术", 2, MUSEUM), ("学会学术", 3, SOCIETIES), ("阵地", 2, TOGETHER),
    ]  # fmt: skip
    new = Wording("组织力", 1, MUSEUM, moved.departments)
    services.change_item(city.id_of(MUSEUM), new, expected_revision=1, actor=SYSTEM, now=NOON)
    assert numbers(city)[-1] == ("组织力", 1, MUSEUM)


def test_whoever_saves_second_is_told_and_nothing_is_lost(city: City) -> None:
    id, before = city.id_of(MUSEUM), wording_of(city.items()[MUSEUM])
    first = Wording(before.section, 1, "科技馆体系建设（一）", before.departments)
    second = Wording(before.section, 1, "科技馆体系建设（二）", before.departments)
    services.change_item(id, first, expected_revision=0, actor=SYSTEM, now=NOON)
    services.change_item(id, first, expected_revision=0, actor=SYSTEM, now=NOON)  # the same press twice
    with pytest.raises(Conflict):
        services.change_item(id, second, expected_revision=0, actor=SYSTEM, now=NOON)
    assert [item.name for item in city.items().values()][2] == "科技馆体系建设（一）"


def test_what_was_reached_of_a_target_stays_while_its_words_stay(city: City) -> None:
    say(city, SOCIETIES, "建了十个", numbers={"个": 10, "人次": 50})
    table = TABLE.replace("建立党组织20个；服务100人次", "服务100人；建立党组织30个")
    done = take(city.unit, table)
    assert done.count(Change.CHANGED) == 1
    found = [(goal.words, goal.value, goal.unit, goal.actual) for goal in city.items()[SOCIETIES].goals]
    assert found == [
        ("服务", Decimal(100), "人", None), ("建立党组织", Decimal(30), "个", Decimal(10)),
    ]  # fmt: skip


def test_a_removed_item_comes_back_where_it_stood_unless_another_stands_there(city: City) -> None:
    id = city.id_of(MUSEUM)
    say(city, MUSEUM, "巡展三站")
    services.remove_item(id, expected_revision=0, actor=SYSTEM, now=NOON)
    services.remove_item(id, expected_revision=0, actor=SYSTEM, now=NOON)
    assert MUSEUM not in city.items()
    assert [item.name for item in queries.removed_from(city.chosen(), SYSTEM)] == [MUSEUM]
    services.restore_item(id, actor=SYSTEM, now=NOON)
    assert city.items()[MUSEUM].last.words == "巡展三站"
    services.remove_item(id, expected_revision=2, actor=SYSTEM, now=NOON)
    services.add_item(city.list_id, Wording("阵地", 1, "别的", ("普及部",)), actor=SYSTEM, now=NOON)
    with pytest.raises(RuleBroken, match="worklist.place_taken"):
        services.restore_item(id, actor=SYSTEM, now=NOON)
    verbs = db.session.scalars(select(AuditRecord.verb).where(AuditRecord.chain.like("worklist:%"))).all()
    assert verbs.count("worklist.item_removed") == 2


def test_rows_that_vanish_go_only_when_somebody_says_so(city: City) -> None:
    say(city, MUSEUM, "巡展三站")
    shorter = TABLE.replace("1\t科技馆体系建设\t\t普及部\t课堂内外公司\t\n", "")
    done = take(city.unit, shorter)
    assert [item.name for item in done.vanished] == [MUSEUM]
    assert MUSEUM in city.items()
    done = take(city.unit, shorter, remove=[city.id_of(MUSEUM), city.id_of(FORUM)])  # what is in the sheet stays
    assert [item.name for item in done.removed] == [MUSEUM]
    assert set(city.items()) == {FORUM, SOCIETIES, TOGETHER}
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 1
    assert take(city.unit, shorter).vanished == ()


def test_what_stays_although_the_sheet_has_another_row_in_its_place_stands_behind_the_others(city: City) -> None:
    shorter = TABLE.replace("1\t科技经济融合双月论坛\t举办论坛6期\t学会部\t宣传部\t全年\n2\t学会", "1\t学会")
    assert [item.name for item in take(city.unit, shorter).vanished] == [FORUM]
    assert numbers(city)[:2] == [("学会学术", 1, SOCIETIES), ("学会学术", 2, FORUM)]
    again = take(city.unit, shorter)
    assert (again.count(Change.CHANGED), again.count(Change.NEW)) == (0, 0)


def test_what_somebody_says_of_a_row_is_remembered(city: City) -> None:
    sheet_line = 5  # 学会治理建设
    done = take(city.unit, TABLE, drafts=[sheet_line], kinds={sheet_line: Kind.TRAINING})
    assert [(line.row.name, line.wanted.kind) for line in done.drafted] == [(SOCIETIES, Kind.TRAINING)]
    assert db.session.scalars(select(Series)).one().kind is Kind.TRAINING
    take(city.unit, TABLE, kinds={4: None})
    again = take(city.unit, TABLE, drafts=None)
    assert (again.drafted, [line.row.name for line in again.lines if line.wanted]) == ([], [])


def test_links_are_made_and_taken_back_and_twice_is_once(city: City) -> None:
    series = make_series(unit=city.unit, name="科技馆日")
    edition = make_edition(series=series, year=2026)
    id = city.id_of(MUSEUM)
    for _ in range(2):
        services.link(id, series.id, edition.id, actor=SYSTEM, now=NOON)
    (link,) = queries.links_of(city.items()[MUSEUM], SYSTEM)
    assert (link.series_name, line(city, MUSEUM).is_reported) == ("科技馆日", False)
    assert [offer.edition_id for offer in queries.offers("科技馆", city.chosen(), SYSTEM)] == [edition.id]
    stranger = actor_of(make_organizer(make_unit()))
    assert queries.offers("科技馆", city.chosen(), stranger) == []
    take(city.unit, TABLE)  # what was chosen by hand stays
    assert len(queries.links_of(city.items()[MUSEUM], SYSTEM)) == 1
    services.unlink(id, link.id, actor=SYSTEM, now=NOON)
    services.unlink(id, link.id, actor=SYSTEM, now=NOON)
    assert line(city, MUSEUM).is_reported


def test_what_was_untied_by_hand_is_not_tied_again_by_the_next_import(city: City) -> None:
    take(city.unit, TABLE, drafts=None)
    (link,) = queries.links_of(city.items()[FORUM], SYSTEM)
    services.unlink(city.id_of(FORUM), link.id, actor=SYSTEM, now=NOON)
    done = take(city.unit, TABLE, drafts=None)
    assert (done.drafted, done.found) == ([], [])
    assert not city.items()[FORUM].linked


def test_an_item_is_not_tied_to_what_its_owner_does_not_plan(city: City) -> None:
    other = make_edition()
    with pytest.raises(NotFound):
        services.link(city.id_of(MUSEUM), other.series_id, other.id, actor=actor_of(city.owner), now=NOON)
    mine = make_edition(series=make_series(unit=city.unit))
    with pytest.raises(NotFound):
        services.link(city.id_of(MUSEUM), other.series_id, mine.id, actor=SYSTEM, now=NOON)


def test_a_list_has_a_title_and_a_period_of_its_own(city: City) -> None:
    assert city.chosen().title == "2026年市科协工作项目化推进清单"
    services.change_list(
        city.list_id, title=" 重点工作 ", period=Period.MONTH, expected_revision=city.chosen().revision, actor=SYSTEM,
        now=NOON,
    )  # fmt: skip
    assert (city.chosen().title, city.chosen().period) == ("重点工作", Period.MONTH)
    with pytest.raises(Conflict):
        services.change_list(
            city.list_id, title="别的", period=Period.MONTH, expected_revision=0, actor=SYSTEM, now=NOON
        )  # fmt: skip


@pytest.mark.race
def test_two_who_take_the_same_number_at_once_stand_below_one_another(city: City, at_once: AtOnce) -> None:
    list_id = city.list_id

    def add(name: str) -> Callable[[], Any]:
        wording = Wording("学会学术", 1, name, ("学会部",))
        return lambda: services.add_item(list_id, wording, key=name, actor=SYSTEM, now=NOON).id

    answers = at_once([add(f"新{n}") for n in range(6)])
    assert all(isinstance(answer, int) for answer in answers)
    assert [number for section, number, _ in numbers(city) if section == "学会学术"] == list(range(1, 9))


@pytest.mark.race
def test_of_two_who_report_at_once_one_is_kept_and_one_is_told(city: City, at_once: AtOnce) -> None:
    id, list_id = city.id_of(MUSEUM), city.list_id

    def tell(words: str) -> Callable[[], Any]:
        entry = Entry(id, words, {})
        return lambda: services.report(list_id, FIRST, [entry], actor=SYSTEM, now=NOON, today=TODAY)

    answers = at_once([tell("甲"), tell("乙"), tell("丙")])
    assert [answer for answer in answers if answer == 1] == [1]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 2
    assert db.session.scalar(select(func.count()).select_from(WorkReport)) == 1


def test_nothing_is_late_before_its_day_is_over(city: City) -> None:
    last = date(2026, 12, 31)
    assert line(city, MUSEUM, today=last).state is State.PLANNED
    assert line(city, MUSEUM, today=last + timedelta(days=1)).state is State.LATE
