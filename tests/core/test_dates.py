from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from kexie_events.core import dates

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 11)


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        (lambda e: dates.day(date(2026, 3, 20), today=TODAY, english=e), "3月20日（周五）", "Fri 20 Mar"),
        (lambda e: dates.day(date(2027, 1, 3), today=TODAY, english=e), "2027年1月3日（周日）", "Sun 3 Jan 2027"),
        (lambda e: dates.moment(at(3, 20, 9, 5), today=TODAY, english=e), "3月20日（周五）9:05", "Fri 20 Mar 9:05"),
        (
            lambda e: dates.span(at(3, 20, 14), at(3, 20, 17), today=TODAY, english=e),
            "3月20日（周五）14:00至17:00",
            "Fri 20 Mar 14:00–17:00",
        ),
        (
            lambda e: dates.span(at(3, 1, 9), at(3, 20, 17), today=TODAY, english=e),
            "3月1日（周日）至3月20日（周五）",
            "Sun 1 Mar – Fri 20 Mar",
        ),
        (
            lambda e: dates.span(at(3, 1, 9), at(3, 1, 9), today=TODAY, english=e),
            "3月1日（周日）9:00",
            "Sun 1 Mar 9:00",
        ),
        (lambda e: dates.month(2026, 12, english=e), "2026年12月", "December 2026"),
        (lambda e: dates.month_name(9, english=e), "9月", "Sep"),
    ],
)
def test_dates_in_words(words, chinese, english) -> None:
    assert (words(False), words(True)) == (chinese, english)


def test_a_month_is_shown_in_whole_weeks() -> None:
    days = dates.month_days(2026, 3)
    assert (days[0], days[-1], len(days)) == (date(2026, 2, 23), date(2026, 4, 5), 42)
    february = dates.month_days(2027, 2)
    assert (february[0], len(february)) == (date(2027, 2, 1), 28)


def test_a_wall_clock_time_becomes_an_instant() -> None:
    assert dates.at(TODAY, time(12, 0), ZONE).utctimetuple()[3] == 4


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (at(3, 1, 14), at(3, 1, 17), [1]),
        (at(3, 1), at(3, 3), [1, 2]),  # two whole days
        (at(3, 1, 22), at(3, 2, 1), [1, 2]),
        (at(3, 1), at(3, 1), [1]),
    ],
)
def test_the_days_that_a_span_touches(start: datetime, end: datetime, days: list[int]) -> None:
    assert dates.days_touched(start, end) == [date(2026, 3, day) for day in days]
