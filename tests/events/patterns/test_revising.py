from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.patterns.revising import Change, Fate, Revised, going_on, pair, revise
from kexie_events.events.patterns.rules import Facts, Held, Own, Stored, Terms

BEIJING = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Every second month, third Friday, 14:00: 15 January, 19 March, 21 May, 16 July, 17 September, 19 November 2027.
FORUM = Terms(
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=6", date(2027, 1, 1), time(14), 3 * HOUR, room_id=7, capacity=200,
    opens_before=30 * DAY,
)  # fmt: skip
NOW = datetime(2027, 4, 1, 12, tzinfo=BEIJING)


def at(month: int, day: int, hour: int = 14, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def held(pattern: Stored, **own: Facts) -> list[Held]:
    """A public occurrence for each slot that is not skipped; ``own``: what number n has instead, "n3"."""
    found = []
    for n, slot in enumerate(pattern.terms.slots(BEIJING), start=1):
        if slot.starts_at not in pattern.skipped:
            facts = own.get(f"n{n}", pattern.terms.facts(slot.starts_at))
            mine = frozenset({Own.TIME} if facts.times != pattern.terms.facts(slot.starts_at).times else set())
            found.append(Held(n, pattern.id, slot.starts_at, facts, mine, 3, is_draft=False, is_public=True))
    return found


def moved(to: datetime, terms: Terms = FORUM) -> Facts:
    return terms.facts(to)


PATTERN = Stored(1, FORUM)
# The third is moved a week earlier, for a holiday.
HELD = held(PATTERN, n3=moved(at(5, 14)))


def lines(made: Revised) -> list[tuple[Fate, int | None, str | None]]:
    """What, which occurrence, and when it is afterwards on the wall clock."""
    return [
        (
            change.fate,
            change.held.id if change.held else None,
            f"{change.after.starts_at.astimezone(BEIJING):%m-%d %H:%M}" if change.after else None,
        )
        for change in made.changes
    ]


def change(wanted: Terms | None, *, since: datetime | None = None, now: datetime = NOW) -> Revised:
    return revise([PATTERN], HELD, wanted, since=since, now=now, zone=BEIJING)


LATER = replace(FORUM, rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4", first_on=date(2027, 5, 1), starts=time(15))


def test_an_hour_later_from_now_on_leaves_the_moved_issue_and_what_is_over() -> None:
    made = change(LATER)
    assert lines(made) == [
        (Fate.KEPT_OVER, 1, "01-15 14:00"),
        (Fate.KEPT_OVER, 2, "03-19 14:00"),
        (Fate.KEPT_OWN, 3, "05-14 14:00"),
        (Fate.RETIMED, 4, "07-16 15:00"),
        (Fate.RETIMED, 5, "09-17 15:00"),
        (Fate.RETIMED, 6, "11-19 15:00"),
    ]
    # The exception stands for the slot of the new rule from now on.
    assert [one.slot_after for one in made.of(Fate.KEPT_OWN)] == [at(5, 21, 15)]
    assert (made.shortened, made.dropped, made.extended, made.terms) == (
        {1: "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=2"}, (), None, LATER,
    )  # fmt: skip
    assert [one.held.id for one in made.told if one.held] == [4, 5, 6]


def test_from_a_slot_on_leaves_what_lies_before_it() -> None:
    wanted = replace(LATER, rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=2", first_on=date(2027, 9, 1))
    made = change(wanted, since=at(9, 17))
    assert lines(made) == [
        (Fate.KEPT_OVER, 1, "01-15 14:00"), (Fate.KEPT_OVER, 2, "03-19 14:00"),
        (Fate.RETIMED, 5, "09-17 15:00"), (Fate.RETIMED, 6, "11-19 15:00"),
    ]  # fmt: skip
    assert made.shortened == {1: "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4"}


def test_another_room_moves_an_exception_too_and_keeps_its_time() -> None:
    made = change(replace(LATER, starts=time(14), room_id=8))
    assert lines(made)[2] == (Fate.MOVED, 3, "05-14 14:00")
    assert made.changes[2].after is not None
    assert (made.changes[2].after.room_id, made.changes[2].own) == (8, frozenset({Own.TIME}))


def test_six_issues_more_go_on_under_the_same_pattern() -> None:
    made = change(replace(LATER, rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=10", starts=time(14)))
    assert [line for line in lines(made) if line[0] is not Fate.KEPT_OVER] == [
        (Fate.KEPT_OWN, 3, "05-14 14:00"), (Fate.SAME, 4, "07-16 14:00"), (Fate.SAME, 5, "09-17 14:00"),
        (Fate.SAME, 6, "11-19 14:00"), (Fate.ADDED, None, "01-21 14:00"), (Fate.ADDED, None, "03-17 14:00"),
        (Fate.ADDED, None, "05-19 14:00"), (Fate.ADDED, None, "07-21 14:00"), (Fate.ADDED, None, "09-15 14:00"),
        (Fate.ADDED, None, "11-17 14:00"),
    ]  # fmt: skip
    assert (made.shortened, made.extended, made.terms) == (
        {}, 1, replace(FORUM, rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=12"),
    )  # fmt: skip


def test_ending_early_removes_the_last_ones_and_ending_at_once_all_that_are_left() -> None:
    made = change(replace(LATER, rule="FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=2", starts=time(14)))
    assert [line[:2] for line in lines(made)[2:]] == [
        (Fate.KEPT_OWN, 3), (Fate.SAME, 4), (Fate.REMOVED, 5), (Fate.REMOVED, 6)
    ]  # fmt: skip
    assert (made.extended, made.terms and made.terms.rule) == (1, "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=4")
    none_left = change(None)
    assert [line[:2] for line in lines(none_left)[2:]] == [(Fate.REMOVED, n) for n in (3, 4, 5, 6)]
    assert (none_left.terms, none_left.shortened) == (None, {1: "FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR;COUNT=2"})


def test_a_skipped_slot_stays_skipped_where_the_rule_puts_it() -> None:
    pattern = replace(PATTERN, skipped=frozenset({at(9, 17)}))
    made = revise([pattern], held(pattern), LATER, since=None, now=NOW, zone=BEIJING)
    (skipped,) = made.of(Fate.SKIPPED)
    assert (skipped.slot_before, skipped.slot_after, skipped.held) == (at(9, 17), at(9, 17, 15), None)


def test_what_is_cancelled_stays_so_and_stands_for_its_slot() -> None:
    rows = [replace(one, is_cancelled=one.id == 5) for one in HELD]
    made = revise([PATTERN], rows, LATER, since=None, now=NOW, zone=BEIJING)
    (cancelled,) = made.of(Fate.KEPT_CANCELLED)
    assert (cancelled.slot_after, cancelled.after, cancelled.is_told) == (at(9, 17, 15), FORUM.facts(at(9, 17)), False)


def test_nothing_begun_means_that_the_pattern_itself_is_rewritten() -> None:
    wanted = replace(FORUM, starts=time(15))
    made = change(wanted, now=datetime(2026, 12, 1, tzinfo=BEIJING))
    assert (made.extended, made.dropped, dict(made.shortened), made.terms) == (1, (), {}, wanted)
    assert [one.fate for one in made.changes] == [Fate.RETIMED] * 2 + [Fate.KEPT_OWN] + [Fate.RETIMED] * 3


def test_a_registration_that_has_opened_stays_open() -> None:
    now = at(7, 1)
    made = revise(
        [PATTERN], HELD, replace(LATER, first_on=date(2027, 7, 1), opens_before=5 * DAY), since=at(7, 16), now=now,
        zone=BEIJING,
    )  # fmt: skip
    after = made.of(Fate.RETIMED)[0].after
    assert after is not None
    assert (after.opens_at, after.closes_at) == (at(7, 16) - 30 * DAY, at(7, 16, 15))


@pytest.mark.parametrize(
    ("wanted", "since", "code"),
    [
        (LATER, at(5, 20), "pattern.no_slot"),
        (LATER, at(3, 19), "pattern.begun"),
        (replace(LATER, first_on=date(2027, 2, 1)), None, "pattern.before_kept"),
        (replace(LATER, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=5", first_on=date(2027, 3, 22)), None, "pattern.past"),
        (replace(LATER, capacity=2), None, "event.capacity_below_taken"),
        (replace(LATER, opens_before=DAY, closes_before=2 * DAY), None, "event.closes_before_open"),
        (replace(LATER, rule="FREQ=DAILY;UNTIL=20270501", first_on=date(2027, 5, 2)), None, "recurrence.nothing"),
        (replace(LATER, duration=36 * HOUR, rule="FREQ=DAILY;COUNT=3"), None, "event.overlaps_itself"),
        # The moved one, on 14 May, has the room that the new first date would need.
        (replace(LATER, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=9", first_on=date(2027, 5, 10)), None,
         "event.overlaps_itself"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused(wanted: Terms, since: datetime | None, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        change(wanted, since=since)
    assert refused.value.code == code


def test_what_holds_now_wanted_again_changes_nothing() -> None:
    for since in (None, at(7, 16)):
        found = going_on([PATTERN], HELD, since=since, now=NOW, zone=BEIJING)
        assert found is not None
        made = change(found[0], since=since)
        assert {one.fate for one in made.changes} <= {Fate.KEPT_OVER, Fate.KEPT_OWN, Fate.SAME}
        assert (made.extended, made.terms, dict(made.shortened)) == (1, FORUM, {})


def test_the_same_again_after_the_last_one() -> None:
    found = going_on([PATTERN], HELD, since=None, now=at(12, 1), zone=BEIJING)
    assert found is not None
    assert (found[0].first_on, found[1] and found[1].count) == (date(2027, 11, 20), None)
    assert going_on([], [], since=None, now=NOW, zone=BEIJING) is None


# ---- pairing


def test_third_fridays_become_the_thursdays_before_them() -> None:
    fridays = [date(2027, 1, 15), date(2027, 2, 19), date(2027, 3, 19)]
    assert pair(fridays, [day - DAY for day in fridays]) == [(0, 0), (1, 1), (2, 2)]


def test_every_month_instead_of_every_second_adds_those_between() -> None:
    old = [date(2027, month, 1) for month in (1, 3, 5)]
    assert pair(old, [date(2027, month, 1) for month in range(1, 7)]) == [
        (0, 0), (None, 1), (1, 2), (None, 3), (2, 4), (None, 5)
    ]  # fmt: skip
    assert pair([date(2027, month, 1) for month in range(1, 7)], old) == [
        (0, 0), (1, None), (2, 1), (3, None), (4, 2), (5, None)
    ]  # fmt: skip


def test_a_yearly_day_in_may_becomes_the_weekend_in_september_of_its_year() -> None:
    assert pair([date(2027, 5, 30), date(2028, 5, 30)], [date(2027, 9, 18), date(2028, 9, 16)]) == [(0, 0), (1, 1)]


days_lists = st.lists(st.integers(730_000, 730_120), unique=True, max_size=14).map(
    lambda days: [date.fromordinal(day) for day in sorted(days)]
)


@given(days_lists, days_lists)
def test_pairs_are_in_order_whole_and_keep_equal_days_together(old: list[date], new: list[date]) -> None:
    pairs = pair(old, new)
    assert [i for i, _ in pairs if i is not None] == list(range(len(old)))
    assert [j for _, j in pairs if j is not None] == list(range(len(new)))
    assert {old[i] for i, j in pairs if i is not None and j is not None and old[i] == new[j]} == set(old) & set(new)


def between(pairs: Iterable[tuple[int | None, int | None]], old: list[date], new: list[date]) -> int:
    return sum(abs((old[i] - new[j]).days) for i, j in pairs if i is not None and j is not None)


short_lists = st.lists(st.integers(730_000, 730_040), unique=True, max_size=5).map(
    lambda days: [date.fromordinal(day) for day in sorted(days)]
)


@given(short_lists, short_lists)
def test_without_a_common_day_as_many_as_can_be_are_paired_with_the_fewest_days_between(
    old: list[date], new: list[date]
) -> None:
    new = [day for day in new if day not in old]
    pairs = pair(old, new)
    most = min(len(old), len(new))
    assert sum(i is not None and j is not None for i, j in pairs) == most
    few, many = (old, new) if len(old) <= len(new) else (new, old)

    def best(i: int, j: int) -> int:
        if i == len(few):
            return 0
        return min(abs((few[i] - many[k]).days) + best(i + 1, k + 1) for k in range(j, len(many) - len(few) + i + 1))

    assert between(pairs, old, new) == best(0, 0)


def test_a_change_of_what_nobody_knows_of_tells_nobody() -> None:
    draft = replace(HELD[3], is_draft=True, is_public=False)
    assert not Change(Fate.RETIMED, at(7, 16), at(7, 16, 15), draft.facts, draft.facts, draft).is_told
