from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.events import rules
from kexie_events.events.rules import Progress, Status, Window

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Planned:
    starts_at: datetime = NOON + 7 * DAY
    ends_at: datetime = NOON + 7 * DAY + 2 * HOUR
    opens_at: datetime | None = NOON
    closes_at: datetime | None = None
    capacity: int | None = 5
    taken: int = 0
    status: Status = Status.SCHEDULED


def test_the_registration_window_moves_with_the_start() -> None:
    moved = rules.shifted_window(NOON + DAY, NOON + 6 * DAY, by=3 * DAY, now=NOON)
    assert moved == (NOON + 4 * DAY, NOON + 9 * DAY)


def test_a_window_that_has_opened_stays_open_and_only_its_end_moves() -> None:
    assert rules.shifted_window(NOON, NOON + 6 * DAY, by=-DAY, now=NOON) == (NOON, NOON + 5 * DAY)
    assert rules.shifted_window(None, None, by=DAY, now=NOON) == (None, None)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "a--b", "A", "论坛", "a b", "a/b", "x" * 61, "a\n"])
def test_an_address_that_cannot_be_is_refused(slug: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_slug(slug)
    assert refused.value.code == "series.slug"


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (lambda: rules.check_times(NOON, NOON), "event.ends_before_start"),
        (lambda: rules.check_times(NOON, NOON + 121 * DAY), "event.too_long"),
        (lambda: rules.check_capacity(0), "event.capacity"),
        (lambda: rules.check_capacity(3, taken=4), "event.capacity_below_taken"),
        (lambda: rules.check_window(NOON, NOON, NOON + DAY), "event.closes_before_open"),
        (lambda: rules.check_window(NOON, NOON + 2 * DAY, NOON + DAY), "event.closes_after_end"),
        (lambda: rules.check_name(""), "series.name"),
        (lambda: rules.check_name("名" * 121), "series.name"),
        (lambda: rules.check_title("名" * 121), "event.title"),
        (lambda: rules.check_day(date(1899, 12, 31)), "event.day"),
        (lambda: rules.check_day(date(2026, 1, 1), date(9999, 12, 31)), "event.day"),
        (lambda: rules.check_reason(""), "event.reason"),
        (lambda: rules.check_ahead(NOON, NOON), "event.over"),
        (lambda: rules.check_milestone("", NOON, NOON), "milestone.name"),
        (lambda: rules.check_milestone("截止", NOON, NOON - HOUR), "event.ends_before_start"),
    ],
)
def test_each_refusal_has_its_code(check: object, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check()  # type: ignore[operator]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changed", "window"),
    [
        ({}, Window.OPEN),
        ({"opens_at": None}, Window.NONE),
        ({"opens_at": NOON + timedelta(seconds=1)}, Window.LATER),
        ({"opens_at": NOON - HOUR, "closes_at": NOON}, Window.CLOSED),
        ({"opens_at": NOON - HOUR, "closes_at": NOON + timedelta(seconds=1)}, Window.OPEN),
        ({"starts_at": NOON}, Window.CLOSED),
        ({"taken": 5}, Window.FULL),
        ({"taken": 5, "capacity": None}, Window.OPEN),
        ({"ends_at": NOON}, Window.OVER),
        ({"status": Status.CANCELLED, "ends_at": NOON}, Window.CANCELLED),
    ],
)
def test_where_registration_stands(changed: dict[str, object], window: Window) -> None:
    assert rules.window(Planned(**changed), NOON) is window  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "end"), [("entries-open", NOON), ("entries-close", NOON), ("preliminary", NOON + HOUR), ("x", NOON + HOUR)]
)
def test_the_deadline_of_applications_is_one_instant(code, end) -> None:
    assert rules.milestone_end(code, NOON, NOON + HOUR) == end
    assert rules.milestone_end(code, NOON, None) == NOON


@pytest.mark.parametrize(
    ("minutes", "state"), [(-1, Progress.NEXT), (0, Progress.NOW), (59, Progress.NOW), (60, Progress.PAST)]
)
def test_a_milestone_begins_with_its_beginning_and_is_over_at_its_end(minutes: int, state: Progress) -> None:
    start = datetime(2026, 3, 11, 4, tzinfo=UTC)
    now = start + timedelta(minutes=minutes)
    assert rules.milestone_state(start, start + timedelta(hours=1), now) is state


def test_a_deadline_is_over_when_it_has_come() -> None:
    start = datetime(2026, 3, 11, 4, tzinfo=UTC)
    assert rules.milestone_state(start, start, start) is Progress.PAST


def test_whole_days_begin_and_end_at_midnight_and_stay_what_they_are() -> None:
    beijing = ZoneInfo("Asia/Shanghai")
    span = rules.whole_days(datetime(2026, 3, 20, 6, tzinfo=UTC), datetime(2026, 3, 21, 9, tzinfo=UTC), beijing)
    assert [value.isoformat() for value in span] == ["2026-03-20T00:00:00+08:00", "2026-03-22T00:00:00+08:00"]
    assert rules.whole_days(*span, beijing) == span


def test_a_last_day_before_the_first_is_refused_with_both_days() -> None:
    midnight = datetime(2026, 3, 19, 16, tzinfo=UTC)
    with pytest.raises(RuleBroken) as refused:
        rules.whole_days(midnight, midnight, ZoneInfo("Asia/Shanghai"))
    assert (refused.value.code, refused.value.details) == (
        "event.ends_before_start", {"starts_at": date(2026, 3, 20), "ends_at": date(2026, 3, 19)},
    )  # fmt: skip
