from datetime import date

import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.results.rules import (
    Phase,
    check_days,
    check_list,
    check_publication_day,
    check_words,
    clock,
    looks_personal,
)


@pytest.mark.parametrize(
    "text",
    [
        "360426199101010071",
        "11010519491231002x",
        "身份证 360426 19910101 0071",
        "３６０４２６１９９１０１０１００７１",
        "360426910101007",
        "13800138000",
        "+8613800138000",
        "电话138-0013-8000。",
        "023-63659952",
        "（023）63659952",
    ],
)
def test_numbers_of_a_person_are_seen_however_they_are_written(text: str) -> None:
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    ["XC-0107", "CQCX-40-XS-B-0123", "李*轩", "2026年3月11日", "20260311", "渝科协发〔2018〕72号", "95.50", "1394", ""],
)
def test_numbers_of_works_dates_and_scores_are_left_alone(text: str) -> None:
    assert not looks_personal(text)


def test_the_refusal_names_row_and_column() -> None:
    with pytest.raises(RuleBroken) as refused:
        check_list(["编号", "联系方式"], [["XC-0107", ""], ["XC-0112", "13800138000"]])
    assert (refused.value.code, refused.value.details) == ("notice.personal_data", {"row": 2, "column": "联系方式"})


def test_a_row_has_a_cell_for_every_column() -> None:
    with pytest.raises(RuleBroken) as refused:
        check_list(["编号", "作者"], [["XC-0107"]])
    assert (refused.value.code, refused.value.details) == ("notice.row_length", {"row": 1, "cells": 1, "columns": 2})


def test_a_list_is_not_endless() -> None:
    with pytest.raises(RuleBroken) as refused:
        check_list(["编号"], [["A"]] * 2001)
    assert refused.value.code == "notice.too_many_rows"


@pytest.mark.parametrize(
    ("title", "body", "code"), [(" ", "正文", "notice.no_title"), ("标题", "\n", "notice.no_body")]
)
def test_a_notice_says_something(title: str, body: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_words(title, body)
    assert refused.value.code == code


@pytest.mark.parametrize("days", [0, -1, 61])
def test_the_number_of_days_can_be_meant(days: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        check_days(days)
    assert refused.value.details == {"least": 1, "most": 60}


def test_a_day_that_is_over_cannot_be_the_day_of_publication() -> None:
    check_publication_day(date(2026, 3, 11), date(2026, 3, 11))
    with pytest.raises(RuleBroken) as refused:
        check_publication_day(date(2026, 3, 10), date(2026, 3, 11))
    assert refused.value.code == "notice.backdated"


@pytest.mark.parametrize(
    ("today", "phase", "nth"),
    [
        (date(2026, 9, 27), Phase.COMING, 0),
        (date(2026, 9, 28), Phase.RUNNING, 1),
        (date(2026, 10, 1), Phase.RUNNING, 0),
        (date(2026, 10, 9), Phase.RUNNING, 5),
        (date(2026, 10, 10), Phase.OVER, 0),
    ],
)
def test_the_clock_shows_working_days_only(today: date, phase: Phase, nth: int) -> None:
    # Over the National Day holiday of 2026.
    shown = clock(date(2026, 9, 28), date(2026, 10, 9), today)
    assert (shown.phase, shown.nth) == (phase, nth)
    assert [day.day for day in shown.days] == [28, 29, 30, 8, 9]
