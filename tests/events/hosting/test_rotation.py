from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.hosting import rotation
from kexie_events.events.hosting.rotation import Member, Turn, check_swap, lead, next_host, next_hosts

A, B, C, D = 1, 2, 3, 4
NAMES = {A: "甲", B: "乙", C: "丙", D: "丁"}
JANUARY = date(2026, 1, 16)


def every_second_month(count: int, first: date = JANUARY) -> list[date]:
    months = [first.month - 1 + 2 * n for n in range(count)]
    return [date(first.year + month // 12, month % 12 + 1, 16) for month in months]


def listed(*units: int, **blackout: set[int]) -> list[Member]:
    return [Member(unit, n, frozenset(blackout.get(f"u{unit}", ()))) for n, unit in enumerate(units)]


def held_by(members: list[Member], days: list[date], held: list[Turn] | None = None) -> list[Turn]:
    held = list(held or [])
    for on in days:
        held.append(Turn(on, next_host(members, held, on)))
    return held


def test_hosts_take_turns_in_the_order_of_the_list() -> None:
    assert next_hosts(listed(A, B, C), [], every_second_month(7)) == [A, B, C, A, B, C, A]


def test_who_could_not_comes_at_the_next_issue_that_it_can() -> None:
    members = listed(A, B, C, u1={1})  # A never in January
    assert next_hosts(members, [], every_second_month(6)) == [B, A, C, A, B, C]


def test_a_long_blackout_is_caught_up_issue_by_issue() -> None:
    members = listed(A, B, u2={1, 3, 5})
    assert next_hosts(members, [], every_second_month(6)) == [A, A, A, B, B, B]


def test_after_a_swap_the_list_goes_on_and_nobody_has_two_in_a_row_without_need() -> None:
    held = [Turn(on, unit) for on, unit in zip(every_second_month(3), (A, C, B), strict=True)]
    assert next_hosts(listed(A, B, C), held, every_second_month(6)[3:]) == [A, B, C]
    held = [Turn(on, unit) for on, unit in zip(every_second_month(3), (C, B, A), strict=True)]
    assert next_hosts(listed(A, B, C), held, every_second_month(6)[3:]) == [B, A, C]


def test_a_unit_that_joins_owes_nothing_of_the_years_before() -> None:
    days = every_second_month(12)
    held = held_by(listed(A, B), days[:6])
    joined = [*listed(A, B), Member(C, 2, counts_from=days[6])]
    assert next_hosts(joined, held, days[6:]) == [A, B, C, A, B, C]


def test_a_closed_unit_has_no_turn_from_the_day_of_its_closing() -> None:
    closed = Member(A, 0, valid_to=date(2026, 3, 16))
    members = [closed, *listed(B, C)]
    assert next_hosts(members, [], every_second_month(4)) == [A, B, C, B]
    assert not closed.can_host(date(2026, 3, 16))
    assert closed.can_host(date(2026, 3, 15))


def test_where_nobody_can_nobody_is_named() -> None:
    members = listed(A, B, u1={3}, u2={3})
    assert next_hosts(members, [], every_second_month(3)) == [A, None, B]
    with pytest.raises(RuleBroken, match=r"rotation\.nobody"):
        next_host([], [], JANUARY)


def test_a_list_leaves_no_month_without_a_host() -> None:
    assert rotation.months_without_host(listed(A, B, u1={1, 2}, u2={2, 3})) == [2]
    with pytest.raises(RuleBroken) as refused:
        rotation.check_covered(listed(A, u1={7, 8}))
    assert refused.value.details == {"months": [7, 8]}
    rotation.check_covered([])


def test_moving_in_the_list_stops_at_its_ends() -> None:
    assert rotation.moved([A, B, C], B, up=True) == [B, A, C]
    assert rotation.moved([A, B, C], B, up=False) == [A, C, B]
    assert rotation.moved([A, B, C], A, up=True) == [A, B, C]
    assert rotation.moved([A, B, C], C, up=False) == [A, B, C]


def test_a_swap_puts_nobody_into_its_blackout_month_nor_a_closed_unit_anywhere() -> None:
    january, march = (Turn(on, unit) for on, unit in zip(every_second_month(2), (A, B), strict=True))
    by_unit = {member.unit_id: member for member in listed(A, B, u1={3})}
    with pytest.raises(RuleBroken) as refused:
        check_swap(january, march, by_unit, NAMES)
    assert (refused.value.code, refused.value.details) == (
        "rotation.swap_blackout", {"unit": "甲", "on": march.on},
    )  # fmt: skip
    with pytest.raises(RuleBroken, match=r"rotation\.swap_same"):
        check_swap(january, january, by_unit, NAMES)
    check_swap(january, march, {}, NAMES)
    closed = {A: Member(A, 0, valid_to=march.on)}
    with pytest.raises(RuleBroken, match=r"rotation\.swap_blackout"):
        check_swap(january, march, closed, NAMES)


@pytest.mark.parametrize(("days", "end"), [(0, date(2026, 3, 21)), (30, date(2026, 4, 20))])
def test_rights_end_after_the_last_day_of_the_hand_over(days: int, end: date) -> None:
    assert rotation.rights_end(date(2026, 3, 20), days) == end


@pytest.mark.parametrize("days", [None, -1, 366])
def test_a_hand_over_is_bounded(days: int | None) -> None:
    with pytest.raises(RuleBroken, match=r"rotation\.handover"):
        rotation.check_handover(days)


months = st.frozensets(st.integers(1, 12), max_size=3)
NOBODY_ALWAYS = 99  # a unit without blackout months, so that every month has a host


@st.composite
def lists(draw: st.DrawFn, *, blackouts: bool) -> list[Member]:
    count = draw(st.integers(2, 7))
    members = [Member(n + 1, n, draw(months) if blackouts else frozenset()) for n in range(count)]
    return [*members, Member(NOBODY_ALWAYS, count)]


def swap_two(draw: st.DrawFn, held: list[Turn], members: list[Member]) -> list[Turn]:
    """Two of the issues change hosts, when the rule allows it."""
    i, j = (draw(st.integers(0, len(held) - 1)) for _ in range(2))
    try:
        check_swap(
            held[i],
            held[j],
            {member.unit_id: member for member in members},
            {member.unit_id: "甲" for member in members},
        )
    except RuleBroken:
        return held
    after = list(held)
    after[i], after[j] = Turn(held[i].on, held[j].unit_id), Turn(held[j].on, held[i].unit_id)
    return after


@settings(max_examples=200, deadline=None)
@given(lists(blackouts=False), st.integers(3, 20), st.data())
def test_six_months_after_two_swaps_the_turns_differ_by_at_most_one(
    members: list[Member], issues: int, data: st.DataObject
) -> None:
    days = every_second_month(issues + 3)
    held = held_by(members, days[:issues])
    for _ in range(2):
        held = swap_two(data.draw, held, members)
    held = held_by(members, days[issues:], held)
    assert max(abs(lead(one, other, held)) for one, other in combinations(members, 2)) <= 1


@settings(max_examples=200, deadline=None)
@given(lists(blackouts=True), st.integers(3, 20), st.data())
def test_with_blackout_months_who_is_behind_was_kept_from_it_and_comes_next(
    members: list[Member], issues: int, data: st.DataObject
) -> None:
    """Six months after two swaps: a difference of more than one has one cause, the months of whoever is behind."""
    days = every_second_month(issues + 3)
    held = held_by(members, days[:issues])
    for _ in range(2):
        held = swap_two(data.draw, held, members)
    for on in days[issues:]:
        unit_id = next_host(members, held, on)
        chosen = next(member for member in members if member.unit_id == unit_id)
        assert chosen.can_host(on)
        able = [member for member in members if member.can_host(on) and member is not chosen]
        assert all(lead(chosen, other, held) <= 0 for other in able)
        held.append(Turn(on, unit_id))
    by_unit = {member.unit_id: member for member in members}
    assert len(held) == len(days)  # every issue has a host
    assert all(by_unit[turn.unit_id].can_host(turn.on) for turn in held)  # nobody in its blackout month
    # Once everybody can again, as many issues as were missed make all even.
    catch_up = [date(2090 + n, 6, 16) for n in range(sum(_behind(member, members, held) for member in members))]
    even = [Member(member.unit_id, member.position) for member in members]
    held = held_by(even, catch_up, held)
    assert max(abs(lead(one, other, held)) for one, other in combinations(members, 2)) <= 1


def _behind(member: Member, members: list[Member], held: list[Turn]) -> int:
    return max(lead(other, member, held) for other in members)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 4), st.lists(st.integers(0, 12), min_size=1, max_size=3), st.data())
def test_units_that_join_and_leave_keep_it_fair_for_the_time_they_share(
    founders: int, joins: list[int], data: st.DataObject
) -> None:
    days = every_second_month(26)
    members = listed(*range(1, founders + 1))
    held: list[Turn] = []
    for n, on in enumerate(days):
        for _ in range(joins.count(n)):
            members.append(Member(100 + len(members), len(members) + 50, counts_from=on))
        if n == 14 and len(members) > 2:
            members.remove(data.draw(st.sampled_from(members)))
        held.append(Turn(on, next_host(members, held, on)))
        assert max(abs(lead(one, other, held)) for one, other in combinations(members, 2)) <= 1


@given(lists(blackouts=True), st.integers(1, 12))
def test_the_same_list_gives_the_same_hosts_in_whatever_order_it_is_read(members: list[Member], count: int) -> None:
    days = every_second_month(count, JANUARY + timedelta(days=31))
    assert next_hosts(members, [], days) == next_hosts(members[::-1], [], days)
