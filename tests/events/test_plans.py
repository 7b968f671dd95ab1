from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events import plans
from kexie_events.events.kinds import Kind
from kexie_events.events.numbering import Numbered, Style
from kexie_events.events.patterns.recurrence import Slot
from kexie_events.events.patterns.rules import check_apart
from kexie_events.events.plans import OccurrencePlan, Plan, Sitting

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN = Plan(
    name="双月论坛", slug="", kind=Kind.FORUM_SERIES, unit_id=1, rule="", first_on=date(2026, 2, 19), starts=time(14),
    duration=3 * HOUR, style=Style.ISSUE, first_number=1, year=2026,
)  # fmt: skip


def test_issues_are_counted_within_the_year_and_start_anew_with_the_next() -> None:
    days = [date(2026, 10, 15), date(2026, 12, 17), date(2027, 2, 18), date(2027, 4, 15)]
    assert plans.numbers(replace(PLAN, first_number=5), days) == [
        Numbered(5, Style.ISSUE, 2026), Numbered(6, Style.ISSUE, 2026),
        Numbered(1, Style.ISSUE, 2027), Numbered(2, Style.ISSUE, 2027),
    ]  # fmt: skip


def test_an_issue_may_be_counted_under_the_year_before_it_is_held() -> None:
    assert plans.numbers(replace(PLAN, first_number=6, year=2025), [date(2026, 1, 8)]) == [
        Numbered(6, Style.ISSUE, 2025)
    ]


@pytest.mark.parametrize(
    ("style", "numbered"),
    [(Style.ORDINAL, Numbered(41, Style.ORDINAL, 2026)), (Style.YEAR, Numbered(2026, Style.YEAR, 2026))],
)
def test_other_styles_have_one_edition_for_all_dates(style: Style, numbered: Numbered) -> None:
    days = [date(2026, 4, 1), date(2026, 4, 2)]
    assert plans.numbers(replace(PLAN, style=style, first_number=41), days) == [numbered]


def test_dates_of_one_plan_that_overlap_cannot_share_a_room() -> None:
    slots = [Slot(NOON, NOON + 30 * HOUR), Slot(NOON + DAY, NOON + DAY + 30 * HOUR)]
    with pytest.raises(RuleBroken) as refused:
        check_apart(slots)
    assert refused.value.code == "event.overlaps_itself"
    assert check_apart([Slot(NOON, NOON + HOUR), Slot(NOON + HOUR, NOON + 2 * HOUR)]) is None


def test_a_sound_plan_gives_its_dates_and_when_registration_is_open() -> None:
    plan = replace(PLAN, rule="FREQ=WEEKLY;COUNT=2", opens_before=10 * DAY, closes_before=DAY)
    slots = plans.check_plan(plan, ZoneInfo("Asia/Shanghai"))
    first = datetime(2026, 2, 19, 6, tzinfo=UTC)
    assert slots == [Slot(first, first + 3 * HOUR), Slot(first + 7 * DAY, first + 7 * DAY + 3 * HOUR)]
    assert plans.terms_of(plan).window(slots[0].starts_at) == (first - 10 * DAY, first - DAY)
    assert plans.terms_of(PLAN).window(slots[0].starts_at) == (None, None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " "}, "series.name"),
        ({"slug": "A"}, "series.slug"),
        ({"first_on": date(1800, 1, 1)}, "event.day"),
        ({"capacity": 0}, "event.capacity"),
        ({"duration": 121 * DAY}, "event.too_long"),
        ({"opens_before": DAY, "closes_before": 2 * DAY}, "event.closes_before_open"),
        ({"rule": "FREQ=DAILY;COUNT=2", "duration": 25 * HOUR, "room_id": 1}, "event.overlaps_itself"),
    ],
)
def test_a_plan_that_is_not_sound_is_refused(changed: dict[str, object], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        plans.check_plan(replace(PLAN, **changed), ZoneInfo("Asia/Shanghai"))
    assert refused.value.code == code


def test_a_sitting_of_whole_days_fills_the_days_that_it_touches() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    made = plans.sound(Sitting(NOON, NOON + DAY, all_day=True, place=" 科技馆\n广场 "), zone)
    first = datetime(2026, 3, 10, 16, tzinfo=UTC)
    assert made == Sitting(first, first + 2 * DAY, all_day=True, place="科技馆 广场")


def test_who_takes_no_registrations_closes_none() -> None:
    planned = OccurrencePlan(NOON, NOON + HOUR, title=" 分论坛 ", summary=" 一 ", closes_at=NOON)
    assert plans.sound_occurrence(planned, ZoneInfo("Asia/Shanghai")) == OccurrencePlan(
        NOON, NOON + HOUR, title="分论坛", summary="一"
    )
