"""The list of hosts, giving issues to them, exchanging them, their time, and asking for approval."""

import threading
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from kexie_events.audit.models import AuditRecord
from kexie_events.core.access import SYSTEM, Actor, Granted, Role, visible
from kexie_events.core.dates import at
from kexie_events.core.db import db
from kexie_events.core.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken
from kexie_events.events import services
from kexie_events.events.hosting import queries
from kexie_events.events.hosting import services as hosting
from kexie_events.events.hosting.models import ApprovalRequest, HostSwap, RotationMember
from kexie_events.events.hosting.rules import Exchange, RequestState, SwapState
from kexie_events.events.kinds import Kind
from kexie_events.events.models import Edition, Milestone, Occurrence
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.plans import OccurrencePlan, Plan, Sitting
from kexie_events.events.rules import Publication
from kexie_events.units.models import Unit
from tests.build import DAY, HOUR, NOON, make_edition, make_milestone, make_occurrence, make_series, make_unit

BEIJING = ZoneInfo("Asia/Shanghai")
TODAY = NOON.astimezone(BEIJING).date()
BY: dict[str, Any] = {"actor": SYSTEM, "now": NOON}
HERE: dict[str, Any] = {**BY, "zone": BEIJING}


def refusal(act: Callable[[], Any], kind: type[DomainError] = RuleBroken) -> DomainError:
    with pytest.raises(kind) as refused:
        act()
    db.session.rollback()
    return refused.value


def as_organizer(unit: Unit, on: date = TODAY) -> Actor:
    return Actor(grants=(Granted(Role.ORGANIZER, unit.path, on=on),))


class Forum:
    """A forum of a society, six issues on third Fridays, and three units beside it in the tree."""

    def __init__(self, **values: Any) -> None:
        city = make_unit()
        self.owner = make_unit(parent=city, name="学会")
        self.a, self.b, self.c = (make_unit(parent=city, name=name) for name in ("甲", "乙", "丙"))
        self.series = services.schedule(
            Plan(
                name="双月论坛", slug="forum", kind=Kind.FORUM_SERIES, unit_id=self.owner.id,
                rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", first_on=date(2026, 4, 1), starts=time(14),
                duration=timedelta(hours=3), style=Style.ISSUE, first_number=1, year=2026,
            ),
            **HERE,
        )  # fmt: skip
        for unit in (self.a, self.b, self.c):
            hosting.join_rotation(self.series.id, unit.id, **HERE)

    @property
    def issues(self) -> list[queries.Issue]:
        db.session.expire_all()
        return queries.issues(self.series.id)

    @property
    def hosts(self) -> list[str]:
        return [issue.unit_name for issue in self.issues]

    @property
    def revision(self) -> int:
        return queries.circle(self.series.id).revision

    def proposed(self) -> dict[int, int]:
        return queries.turns_due(self.series.id, self.issues, now=NOON, zone=BEIJING)

    def give_out(self) -> None:
        hosting.give_out_turns(self.series.id, self.proposed(), **HERE)

    def exchange(self, first: int, second: int) -> Exchange:
        one, two = self.issues[first], self.issues[second]
        return Exchange(one.id, two.id, one.unit_id, two.unit_id)


@pytest.fixture
def forum(app: Flask) -> Forum:
    return Forum()


# ---- the list


def test_units_join_at_the_end_and_twice_is_once(forum: Forum) -> None:
    hosting.join_rotation(forum.series.id, forum.b.id, **HERE)
    circle = queries.circle(forum.series.id)
    assert [each.name for each in circle.listed] == ["甲", "乙", "丙"]
    assert (circle.revision, circle.handover_days) == (3, 30)


def test_the_order_is_changed_one_place_at_a_time(forum: Forum) -> None:
    hosting.move_in_rotation(forum.series.id, forum.c.id, up=True, revision=forum.revision, **BY)
    assert [each.name for each in queries.circle(forum.series.id).listed] == ["甲", "丙", "乙"]
    hosting.move_in_rotation(forum.series.id, forum.a.id, up=True, revision=forum.revision, **BY)
    assert [each.name for each in queries.circle(forum.series.id).listed] == ["甲", "丙", "乙"]


def test_two_who_change_the_list_at_once_the_second_is_told(forum: Forum) -> None:
    seen = forum.revision
    hosting.move_in_rotation(forum.series.id, forum.c.id, up=True, revision=seen, **BY)
    for act in (
        lambda: hosting.move_in_rotation(forum.series.id, forum.b.id, up=True, revision=seen, **BY),
        lambda: hosting.leave_rotation(forum.series.id, forum.b.id, revision=seen, **HERE),
        lambda: hosting.set_blackout(forum.series.id, forum.b.id, [1], revision=seen, **BY),
        lambda: hosting.set_handover(forum.series.id, 5, revision=seen, **HERE),
        lambda: hosting.join_rotation(forum.series.id, make_unit().id, revision=seen, **HERE),
    ):
        assert refusal(act, Conflict).code == "rotation.changed_meanwhile"


def test_who_leaves_keeps_its_issues_and_may_come_back(forum: Forum) -> None:
    forum.give_out()
    hosting.leave_rotation(forum.series.id, forum.b.id, revision=forum.revision, **HERE)
    assert forum.hosts == ["甲", "乙", "丙", "甲", "乙", "丙"]
    assert [each.member.position for each in queries.circle(forum.series.id).listed] == [0, 1]
    hosting.join_rotation(forum.series.id, forum.b.id, **HERE)
    assert [each.name for each in queries.circle(forum.series.id).listed] == ["甲", "丙", "乙"]
    assert len(db.session.scalars(select(RotationMember)).all()) == 4


def test_a_month_in_which_nobody_could_is_refused(forum: Forum) -> None:
    for unit in (forum.a, forum.b):
        hosting.set_blackout(forum.series.id, unit.id, [8, 7], revision=forum.revision, **BY)
    error = refusal(lambda: hosting.set_blackout(forum.series.id, forum.c.id, [8], revision=forum.revision, **BY))
    assert (error.code, error.details) == ("rotation.months", {"months": [8]})
    gone = refusal(lambda: hosting.leave_rotation(forum.series.id, forum.c.id, revision=forum.revision, **HERE))
    assert gone.details == {"months": [7, 8]}
    assert [sorted(member.blackout) for member in queries.circle(forum.series.id).members] == [[7, 8], [7, 8], []]
    wrong = lambda: hosting.set_blackout(forum.series.id, forum.c.id, [13], revision=forum.revision, **BY)  # noqa: E731
    assert refusal(wrong).code == "rotation.month"


def test_only_who_plans_the_series_touches_its_list(forum: Forum) -> None:
    stranger = as_organizer(forum.a)
    refused = {"actor": stranger, "now": NOON}
    for act in (
        lambda: hosting.join_rotation(forum.series.id, forum.a.id, zone=BEIJING, **refused),
        lambda: hosting.set_handover(forum.series.id, 3, revision=forum.revision, zone=BEIJING, **refused),
        lambda: hosting.give_out_turns(forum.series.id, forum.proposed(), zone=BEIJING, **refused),
        lambda: hosting.swap_hosts(forum.exchange(0, 1), reason="", zone=BEIJING, **refused),
    ):
        assert refusal(act, Forbidden).code == "access.denied"


def test_a_closed_unit_neither_joins_nor_gets_an_issue_and_the_day_is_named(app: Flask) -> None:
    closed = make_unit(name="江北区科协", valid_to=date(2025, 11, 6))
    series = make_series()
    for act in (
        lambda: hosting.join_rotation(series.id, closed.id, **HERE),
        lambda: services.add_edition(series.id, Numbered(9, Style.ORDINAL, 2026), unit_id=closed.id, **HERE),
        lambda: hosting.set_host(
            make_edition(series=series, publication=Publication.DRAFT).id, closed.id,
            expected_unit_id=series.unit_id, **HERE,
        ),
    ):  # fmt: skip
        error = refusal(act)
        assert (error.code, error.details) == ("unit.ended", {"unit": "江北区科协", "on": date(2025, 11, 6)})
    old = make_edition(series=series, unit_id=closed.id, year=2024)
    assert [issue.unit_name for issue in queries.issues(series.id) if issue.id == old.id] == ["江北区科协"]


def test_a_unit_of_the_list_that_closes_gets_no_more_issues(forum: Forum) -> None:
    forum.b.valid_to = date(2026, 9, 1)
    db.session.commit()
    forum.give_out()
    assert forum.hosts == ["甲", "乙", "丙", "甲", "丙", "甲"]


# ---- giving out


def test_drafts_get_the_hosts_whose_turn_it_is_and_all_that_hangs_on_them_goes_along(forum: Forum) -> None:
    draft = forum.issues[0]
    make_milestone(edition=db.session.get(Edition, draft.id), publication=Publication.DRAFT)
    site = make_occurrence(edition=db.session.get(Edition, draft.id), unit_id=make_unit().id)
    forum.give_out()
    assert forum.hosts == ["甲", "乙", "丙", "甲", "乙", "丙"]
    edition = db.session.get(Edition, draft.id)
    assert edition is not None
    assert (edition.unit_id, edition.hosted_until) == (forum.a.id, date(2026, 5, 18))  # 30 days after 17 April
    assert {row.unit_id for row in db.session.scalars(select(Milestone))} == {forum.a.id}
    mine = select(Occurrence.unit_id).where(Occurrence.edition_id == draft.id, Occurrence.id != site.id)
    assert set(db.session.scalars(mine)) == {forum.a.id}
    assert db.session.get(Occurrence, site.id).unit_id == site.unit_id
    assert as_organizer(forum.a, date(2026, 5, 17)) in _reaching(edition, forum)
    assert as_organizer(forum.a, date(2026, 5, 18)) not in _reaching(edition, forum)
    assert as_organizer(forum.owner, date(2029, 1, 1)) in _reaching(edition, forum)


def _reaching(edition: Edition, forum: Forum) -> list[Actor]:
    actors = [
        as_organizer(unit, day)
        for unit in (forum.owner, forum.a)
        for day in (date(2026, 5, 17), date(2026, 5, 18), date(2029, 1, 1))
    ]
    return [
        actor
        for actor in actors
        if db.session.scalar(select(Edition.id).where(Edition.id == edition.id, visible(Edition, actor)))
    ]


def test_giving_out_twice_is_once_and_what_stood_otherwise_on_the_page_is_not_done(forum: Forum) -> None:
    seen = forum.proposed()
    hosting.give_out_turns(forum.series.id, seen, **HERE)
    records = len(db.session.scalars(select(AuditRecord)).all())
    assert hosting.give_out_turns(forum.series.id, seen, **HERE) == []
    assert len(db.session.scalars(select(AuditRecord)).all()) == records


def test_a_list_that_changed_meanwhile_gives_out_nothing(forum: Forum) -> None:
    seen = forum.proposed()
    hosting.move_in_rotation(forum.series.id, forum.c.id, up=True, revision=forum.revision, **BY)
    error = refusal(lambda: hosting.give_out_turns(forum.series.id, seen, **HERE), Conflict)
    assert error.code == "rotation.changed_meanwhile"
    assert set(forum.hosts) == {"学会"}


def test_months_off_and_cancelled_issues_are_caught_up(forum: Forum) -> None:
    hosting.set_blackout(forum.series.id, forum.a.id, [4], revision=forum.revision, **BY)
    forum.give_out()
    assert forum.hosts == ["乙", "甲", "丙", "甲", "乙", "丙"]
    second = db.session.scalar(select(Occurrence).where(Occurrence.edition_id == forum.issues[1].id))
    services.cancel(second.id, reason="台风", **BY)
    assert queries.next_host(forum.series.id, on=date(2027, 5, 21), today=TODAY, zone=BEIJING) == forum.a.id


def test_a_new_issue_gets_the_next_host_by_itself(forum: Forum) -> None:
    forum.give_out()
    edition = services.add_edition(forum.series.id, Numbered(2, Style.ISSUE, 2027), **HERE)
    assert (edition.unit_id, edition.hosted_until) == (forum.a.id, date(2028, 1, 31))
    other = services.add_edition(forum.series.id, Numbered(3, Style.ISSUE, 2027), unit_id=forum.owner.id, **HERE)
    assert (other.unit_id, other.hosted_until) == (forum.owner.id, None)


def test_a_series_without_a_list_is_run_by_its_own_unit(app: Flask) -> None:
    series = make_series()
    edition = services.add_edition(series.id, Numbered(2, Style.ORDINAL, 2027), **HERE)
    assert (edition.unit_id, edition.hosted_until, edition.host_settled) == (series.unit_id, None, False)
    assert queries.next_host(series.id, today=TODAY, zone=BEIJING) is None


def test_the_owner_names_a_host_of_the_list_though_it_does_not_stand_above_it(forum: Forum) -> None:
    issue = forum.issues[0]
    owner = {"actor": as_organizer(forum.owner), "now": NOON, "zone": BEIJING}
    hosting.set_host(issue.id, forum.c.id, expected_unit_id=forum.owner.id, **owner)
    hosting.set_host(issue.id, forum.c.id, expected_unit_id=forum.owner.id, **owner)  # a second press
    assert forum.hosts[0] == "丙"
    stranger = make_unit()
    foreign = lambda: hosting.set_host(issue.id, stranger.id, expected_unit_id=forum.c.id, **owner)  # noqa: E731
    assert refusal(foreign, Forbidden).code == "access.denied"
    late = lambda: hosting.set_host(issue.id, forum.a.id, expected_unit_id=forum.owner.id, **owner)  # noqa: E731
    assert refusal(late, Conflict).code == "rotation.changed_meanwhile"
    by_host = {**owner, "actor": as_organizer(forum.c)}
    again = lambda: hosting.set_host(issue.id, forum.a.id, expected_unit_id=forum.c.id, **by_host)  # noqa: E731
    assert refusal(again, Forbidden).code == "access.denied"


def test_who_ran_what_is_over_stays(app: Flask) -> None:
    edition = make_edition()
    make_occurrence(edition=edition, starts_at=NOON - 3 * DAY)
    host = make_unit()
    act = lambda: hosting.set_host(edition.id, host.id, expected_unit_id=edition.unit_id, **HERE)  # noqa: E731
    assert refusal(act).code == "event.over"


def test_a_public_issue_that_gets_another_host_says_so_in_calendars(app: Flask) -> None:
    edition = make_edition()
    occurrence = make_occurrence(edition=edition)
    host = make_unit()
    hosting.set_host(edition.id, host.id, expected_unit_id=edition.unit_id, **HERE)
    changed = db.session.get(Occurrence, occurrence.id, populate_existing=True)
    assert (changed.unit_id, changed.revision) == (host.id, 2)


# ---- the host's time


def sitting(day: date, hours: int = 3) -> Sitting:
    starts_at = at(day, time(14), BEIJING)
    return Sitting(starts_at, starts_at + hours * HOUR)


def first_occurrence(forum: Forum) -> Occurrence:
    query = select(Occurrence).where(Occurrence.edition_id == forum.issues[0].id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def move(forum: Forum, to: date, actor: Actor) -> date | None:
    row = first_occurrence(forum)
    services.move(row.id, sitting(to), reason="", expected_revision=row.revision, actor=actor, now=NOON, zone=BEIJING)
    edition = db.session.get(Edition, row.edition_id, populate_existing=True)
    return edition.hosted_until


def test_the_end_follows_the_dates_that_the_owner_sets(forum: Forum) -> None:
    forum.give_out()
    assert move(forum, date(2026, 9, 10), as_organizer(forum.owner)) == date(2026, 10, 11)
    assert move(forum, date(2026, 4, 10), as_organizer(forum.owner)) == date(2026, 5, 11)


def test_a_host_plans_within_its_time_and_never_lengthens_it(forum: Forum) -> None:
    forum.give_out()
    host = as_organizer(forum.a)
    assert move(forum, date(2026, 5, 17), host) == date(2026, 5, 18)  # its last day
    assert move(forum, date(2026, 4, 10), host) == date(2026, 5, 11)  # earlier: the time is over earlier
    error = refusal(lambda: move(forum, date(2026, 5, 11), host))
    assert (error.code, error.details) == ("event.after_hosting", {"until": date(2026, 5, 11)})
    edition_id = forum.issues[0].id
    later = OccurrencePlan(sitting(date(2036, 1, 1)).starts_at, sitting(date(2036, 1, 1)).ends_at)
    add = lambda actor: services.add_occurrence(edition_id, later, actor=actor, now=NOON, zone=BEIJING)  # noqa: E731
    assert refusal(lambda: add(host)).code == "event.after_hosting"
    add(as_organizer(forum.owner))
    assert db.session.get(Edition, edition_id, populate_existing=True).hosted_until == date(2036, 2, 1)


def test_what_a_host_declares_for_a_unit_below_it_ends_with_it(forum: Forum) -> None:
    forum.give_out()
    below = make_unit(parent=forum.a)
    day = date(2026, 4, 20)
    row = services.add_occurrence(
        forum.issues[0].id, OccurrencePlan(sitting(day).starts_at, sitting(day).ends_at, unit_id=below.id),
        actor=as_organizer(forum.a), now=NOON, zone=BEIJING,
    )  # fmt: skip
    seen = [
        db.session.scalar(
            select(Occurrence.id).where(Occurrence.id == row.id, visible(Occurrence, as_organizer(forum.a, on)))
        )
        for on in (date(2026, 5, 1), date(2026, 6, 1))
    ]
    assert seen == [row.id, None]


def test_the_days_of_hand_over_count_for_every_issue(forum: Forum) -> None:
    forum.give_out()
    hosting.set_handover(forum.series.id, 0, revision=forum.revision, **HERE)
    assert [issue.hosted_until for issue in forum.issues][:2] == [date(2026, 4, 18), date(2026, 6, 20)]
    bad = lambda: hosting.set_handover(forum.series.id, 400, revision=forum.revision, **HERE)  # noqa: E731
    assert refusal(bad).code == "rotation.handover"


def test_a_removed_right_is_gone_at_the_next_request(forum: Forum) -> None:
    forum.give_out()
    issue = forum.issues[0]
    host = as_organizer(forum.a)
    assert db.session.scalar(select(Edition.id).where(Edition.id == issue.id, visible(Edition, host)))
    hosting.set_host(issue.id, forum.b.id, expected_unit_id=forum.a.id, **HERE)
    assert not db.session.scalar(select(Edition.id).where(Edition.id == issue.id, visible(Edition, host)))


# ---- swaps


def test_two_issues_change_hosts_and_the_swap_is_kept(forum: Forum) -> None:
    forum.give_out()
    exchange = forum.exchange(0, 2)
    hosting.swap_hosts(exchange, reason="丙要先办", **HERE)
    hosting.swap_hosts(exchange, reason="丙要先办", **HERE)  # a second press
    assert forum.hosts == ["丙", "乙", "甲", "甲", "乙", "丙"]
    (kept,) = queries.swaps(forum.series.id)
    assert (kept.state, kept.first_unit, kept.second_unit, kept.reason) == (SwapState.DONE, "甲", "丙", "丙要先办")
    hosting.swap_hosts(forum.exchange(0, 2), reason="又换回来", **HERE)
    assert forum.hosts == ["甲", "乙", "丙", "甲", "乙", "丙"]


def test_after_two_swaps_and_months_off_the_year_after_is_still_fair(forum: Forum) -> None:
    hosting.set_blackout(forum.series.id, forum.b.id, [6], revision=forum.revision, **BY)
    forum.give_out()
    hosting.swap_hosts(forum.exchange(0, 1), reason="", **HERE)
    hosting.swap_hosts(forum.exchange(3, 5), reason="", **HERE)
    hosts = []
    for n, month in enumerate((4, 6, 8)):  # six months more
        number = Numbered(n + 2, Style.ISSUE, 2027)
        on = date(2027, month, 16)
        unit_id = queries.next_host(forum.series.id, on=on, today=TODAY, zone=BEIJING)
        edition = services.add_edition(forum.series.id, number, unit_id=unit_id, **HERE)
        day = sitting(on)
        services.add_occurrence(edition.id, OccurrencePlan(day.starts_at, day.ends_at), **HERE)
        hosts.append(unit_id)
    turns = [issue.unit_id for issue in forum.issues]
    assert {turns.count(unit.id) for unit in (forum.a, forum.b, forum.c)} == {3}
    assert hosts[1] != forum.b.id


def test_a_swap_that_puts_somebody_into_its_month_off_is_refused_with_its_name(forum: Forum) -> None:
    forum.give_out()
    hosting.set_blackout(forum.series.id, forum.a.id, [6], revision=forum.revision, **BY)
    error = refusal(lambda: hosting.swap_hosts(forum.exchange(0, 1), reason="", **HERE))
    assert (error.code, error.details) == ("rotation.swap_blackout", {"unit": "甲", "on": date(2026, 6, 19)})
    same = forum.exchange(0, 3)
    assert refusal(lambda: hosting.swap_hosts(same, reason="", **HERE)).code == "rotation.swap_same"


def test_a_swap_of_hosts_that_are_no_longer_so_is_refused(forum: Forum) -> None:
    forum.give_out()
    seen = forum.exchange(0, 1)
    hosting.set_host(seen.first_edition_id, forum.c.id, expected_unit_id=forum.a.id, **HERE)
    assert refusal(lambda: hosting.swap_hosts(seen, reason="", **HERE), Conflict).code == "rotation.changed_meanwhile"
    foreign = make_edition()
    strange = Exchange(seen.first_edition_id, foreign.id, forum.c.id, foreign.unit_id)
    refusal(lambda: hosting.swap_hosts(strange, reason="", **HERE), NotFound)


def test_a_host_asks_and_the_other_agrees(forum: Forum) -> None:
    forum.give_out()
    ours, theirs = ({"actor": as_organizer(unit), "now": NOON, "zone": BEIJING} for unit in (forum.a, forum.b))
    exchange = forum.exchange(0, 1)
    assert refusal(lambda: hosting.ask_swap(exchange, reason="", **theirs), Forbidden).code == "access.denied"
    asked = hosting.ask_swap(exchange, reason="年会撞期", **ours)
    assert refusal(lambda: hosting.ask_swap(exchange, reason="", **ours)).code == "rotation.swap_asked"
    assert refusal(lambda: hosting.answer_swap(asked.id, agree=True, **ours), Forbidden).code == "access.denied"
    third = {**ours, "actor": as_organizer(forum.c)}
    refusal(lambda: hosting.answer_swap(asked.id, agree=True, **third), NotFound)
    hosting.answer_swap(asked.id, agree=True, **theirs)
    hosting.answer_swap(asked.id, agree=True, **HERE)  # a second press, whoever presses
    assert forum.hosts[:2] == ["乙", "甲"]
    no_more = lambda: hosting.answer_swap(asked.id, agree=False, **HERE)  # noqa: E731
    assert refusal(no_more).code == "rotation.swap_answered"


@pytest.mark.parametrize(("who", "state"), [("a", SwapState.TAKEN_BACK), ("b", SwapState.DECLINED)])
def test_who_asked_takes_it_back_and_who_was_asked_declines(forum: Forum, who: str, state: SwapState) -> None:
    forum.give_out()
    ours = {"actor": as_organizer(forum.a), "now": NOON, "zone": BEIJING}
    asked = hosting.ask_swap(forum.exchange(0, 1), reason="", **ours)
    hosting.answer_swap(asked.id, agree=False, **{**ours, "actor": as_organizer(getattr(forum, who))})
    assert db.session.get(HostSwap, asked.id, populate_existing=True).state is state
    assert forum.hosts[:2] == ["甲", "乙"]


def test_what_the_owner_decides_ends_the_questions_about_it(forum: Forum) -> None:
    forum.give_out()
    ours = {"actor": as_organizer(forum.a), "now": NOON, "zone": BEIJING}
    asked = hosting.ask_swap(forum.exchange(0, 1), reason="", **ours)
    hosting.swap_hosts(forum.exchange(1, 2), reason="", **HERE)
    assert db.session.get(HostSwap, asked.id, populate_existing=True).state is SwapState.TAKEN_BACK


def test_two_swaps_of_one_issue_at_once_one_is_done_and_one_is_refused(app: Flask, forum: Forum) -> None:
    """Two real connections: each saw the hosts as they were."""
    forum.give_out()
    wanted = [forum.exchange(0, 1), forum.exchange(0, 2)]
    start, outcomes = threading.Barrier(2), list[str]()

    def press(exchange: Exchange) -> None:
        with app.app_context():
            start.wait()
            try:
                hosting.swap_hosts(exchange, reason="", **HERE)
                outcomes.append("done")
            except Conflict as conflict:
                outcomes.append(conflict.code)

    threads = [threading.Thread(target=press, args=(exchange,)) for exchange in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "rotation.changed_meanwhile"]
    assert sorted(forum.hosts[:3]) == sorted(["甲", "乙", "丙"])


# ---- approval


ASKED: dict[str, Any] = {"theme": "智能网联汽车", "guests": "院士 1 人，企业代表 40 人"}


def test_the_host_asks_the_owner_approves_and_only_then_it_is_public(forum: Forum) -> None:
    forum.give_out()
    edition_id = forum.issues[0].id
    host, owner = ({"actor": as_organizer(unit), "now": NOON} for unit in (forum.a, forum.owner))
    asked = hosting.request_approval(edition_id, **ASKED, **host)
    assert hosting.request_approval(edition_id, **ASKED, **host).id == asked.id
    assert refusal(lambda: services.publish(edition_id, **host)).code == "event.not_approved"
    own = lambda: services.approve(edition_id, "自己批的", **host)  # noqa: E731
    assert refusal(own, Forbidden).code == "access.denied"
    mine = lambda: hosting.return_request(edition_id, reason="不行", **host)  # noqa: E731
    assert refusal(mine, Forbidden).code == "access.denied"
    services.approve(edition_id, "渝科协审〔2026〕1号", **owner)
    kept = db.session.get(ApprovalRequest, asked.id, populate_existing=True)
    assert (kept.state, kept.answer) == (RequestState.APPROVED, "渝科协审〔2026〕1号")
    assert refusal(lambda: hosting.request_approval(edition_id, **ASKED, **host)).code == "event.approved_already"
    services.publish(edition_id, **host)


def test_what_goes_back_has_a_reason_and_is_asked_again(forum: Forum) -> None:
    forum.give_out()
    edition_id = forum.issues[0].id
    host, owner = ({"actor": as_organizer(unit), "now": NOON} for unit in (forum.a, forum.owner))
    nothing = lambda: hosting.return_request(edition_id, reason="缺嘉宾名单", **owner)  # noqa: E731
    assert refusal(nothing).code == "event.nothing_asked"
    hosting.request_approval(edition_id, **ASKED, **host)
    assert refusal(lambda: hosting.return_request(edition_id, reason=" ", **owner)).code == "event.return_reason"
    hosting.return_request(edition_id, reason="缺嘉宾名单", **owner)
    hosting.request_approval(edition_id, theme="智能网联汽车", guests="院士李某", **host)
    states = list(db.session.scalars(select(ApprovalRequest.state).order_by(ApprovalRequest.id)))
    assert states == [RequestState.RETURNED, RequestState.ASKED]
    assert queries.latest_request(edition_id).guests == "院士李某"


def test_words_are_corrected_while_it_waits(forum: Forum) -> None:
    edition_id = forum.issues[0].id
    hosting.request_approval(edition_id, **ASKED, **BY)
    hosting.request_approval(edition_id, theme="低空经济", guests="无", **BY)
    (row,) = db.session.scalars(select(ApprovalRequest))
    assert (row.theme, row.guests) == ("低空经济", "无")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"theme": "\u200b", "guests": "有"}, "event.theme"), ({"theme": "字" * 121, "guests": "有"}, "event.theme"),
        ({"theme": "有", "guests": "  "}, "event.guests"), ({"theme": "有", "guests": "字" * 2001}, "event.guests"),
    ],
)  # fmt: skip
def test_a_request_says_what_and_who(app: Flask, values: dict[str, str], code: str) -> None:
    edition = make_edition(series=make_series(kind=Kind.FORUM))
    assert refusal(lambda: hosting.request_approval(edition.id, **values, **BY)).code == code


def test_what_needs_no_approval_is_not_asked_for(app: Flask) -> None:
    edition = make_edition(series=make_series(kind=Kind.CONTEST_PROJECT), publication=Publication.DRAFT)
    assert refusal(lambda: hosting.request_approval(edition.id, **ASKED, **BY)).code == "event.no_approval"


def test_what_a_host_runs_stands_on_its_desk_with_what_is_open(forum: Forum) -> None:
    forum.give_out()
    edition_id = forum.issues[0].id
    host = as_organizer(forum.a)
    hosting.request_approval(edition_id, **ASKED, actor=host, now=NOON)
    hosting.return_request(edition_id, reason="缺名单", **BY)
    first, fourth = queries.hosted_by(host, NOON, TODAY)
    assert (first.edition.id, first.owner, first.drafts, first.request, first.answer) == (
        edition_id, "学会", 1, RequestState.RETURNED, "缺名单",
    )  # fmt: skip
    assert (fourth.edition.id, fourth.request) == (forum.issues[3].id, None)
    assert queries.hosted_by(as_organizer(forum.owner), NOON, TODAY) == []
    assert queries.hosted_by(SYSTEM, NOON, TODAY) == []
    assert queries.hosted_by(as_organizer(forum.a, date(2030, 1, 1)), NOON, date(2030, 1, 1)) == []


def test_who_asks_for_a_list_of_units_finds_those_in_force_that_are_not_in_it(forum: Forum) -> None:
    make_unit(name="丁区科协")
    make_unit(name="戊区科协", valid_to=date(2025, 11, 6))
    found = queries.units_to_list(forum.series.id, "科协", TODAY, limit=5)
    assert [unit.name for unit in found] == ["丁区科协"]
    assert [unit.name for unit in queries.units_to_list(forum.series.id, "甲", TODAY, limit=5)] == []


def test_everything_is_written_down(forum: Forum) -> None:
    forum.give_out()
    hosting.swap_hosts(forum.exchange(0, 1), reason="", **HERE)
    verbs = set(db.session.scalars(select(AuditRecord.verb)))
    assert {"series.host_joined", "edition.host_set", "swap.done"} <= verbs
