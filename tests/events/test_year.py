from datetime import date

from kexie_events.events.year import Mark, issue, lane, milestone, share, spans, state

TODAY = date(2026, 3, 11)
WHEN = {"year": 2026, "today": TODAY}


def test_the_share_of_the_year_that_has_passed() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 2), date(2027, 1, 1), date(2028, 12, 31)]
    assert [share(day, 2026) for day in days] == [0.0, 0.0, 49.86, 100.0, 100.0]
    assert share(date(2028, 12, 31), 2028) == 99.73


def test_past_now_and_next() -> None:
    assert state(date(2026, 3, 1), date(2026, 3, 10), TODAY) == "past"
    assert state(date(2026, 3, 11), date(2026, 3, 11), TODAY) == "now"
    assert state(date(2026, 3, 12), date(2026, 3, 14), TODAY) == "next"


def test_a_weekly_course_is_one_bar_and_a_monthly_one_is_not() -> None:
    weekly = [(date(2026, 3, day), date(2026, 3, day)) for day in (2, 9, 16, 23)]
    later = [(date(2026, 5, 4), date(2026, 5, 6))]
    assert [(mark.label, mark.x, mark.x2, mark.state) for mark in spans(weekly + later, **WHEN)] == [
        ("3.2–3.23", 16.44, 22.19, "now"),
        ("5.4–5.6", 33.7, 34.25, "next"),
    ]


def test_an_issue_that_moved_shows_the_slot_that_it_left() -> None:
    assert issue(2, date(2026, 4, 28), date(2026, 4, 16), **WHEN) == Mark(
        "issue", "2", "4.28", 32.05, 32.05, "next", 28.77
    )
    assert issue(2, date(2026, 4, 28), date(2026, 4, 28), **WHEN).slot is None
    assert issue(1, date(2026, 1, 8), date(2025, 12, 18), **WHEN).slot is None


def test_a_milestone_is_a_point_or_a_bar() -> None:
    assert milestone("申报截止", TODAY, TODAY, **WHEN).kind == "point"
    assert milestone("申报", TODAY, date(2026, 4, 1), **WHEN).kind == "span"


def test_a_label_that_would_lie_on_the_one_before_is_spoken_but_not_drawn() -> None:
    first = milestone("申报开放", date(2026, 3, 1), date(2026, 3, 1), **WHEN)
    close = milestone("形式审查", date(2026, 3, 9), date(2026, 3, 9), **WHEN)
    far = milestone("公示", date(2026, 9, 1), date(2026, 9, 1), **WHEN)
    assert [(mark.label, mark.day) for mark in lane([far, close, first])] == [
        ("申报开放", "3.1"), ("", "形式审查 3.9"), ("公示", "9.1"),
    ]  # fmt: skip
