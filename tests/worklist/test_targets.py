from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.worklist.targets import Aim, aims, aims_words, due, due_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("举办论坛6期", (Aim("举办论坛", Decimal(6), "期"),)),
        ("服务 1,200 人次；论文100篇", (Aim("服务", Decimal(1200), "人次"), Aim("论文", Decimal(100), "篇"))),
        ("覆盖率 92.5%", (Aim("覆盖率", Decimal("92.5"), "%"),)),
        ("200场", (Aim("", Decimal(200), "场"),)),
        ("完成章程修订", (Aim("完成章程修订"),)),
        ("办好第5届大赛", (Aim("办好第5届大赛"),)),  # an ordinal counts nothing
        ("新建20-30个", (Aim("新建20-30个"),)),  # a span is not one number
        ("2020年底前完成", (Aim("2020年底前完成"),)),  # a date
        ("", ()),
        (" ；\n", ()),
    ],
)
def test_a_target_is_read_as_people_write_it(text: str, expected: tuple[Aim, ...]) -> None:
    assert aims(text) == expected


@given(st.text(st.sampled_from("举办论坛服务0123456789.,第-年期人次 ；;\n％"), max_size=60))
def test_what_was_read_is_written_and_read_again_as_the_same(text: str) -> None:
    try:
        found = aims(text)
    except RuleBroken:
        return
    assert aims(aims_words(found)) == found


def test_too_many_and_too_long_ones_are_refused() -> None:
    with pytest.raises(RuleBroken, match="too_many_targets"):
        aims("；".join("一二三四五六七八九"))
    with pytest.raises(RuleBroken, match="target_too_long"):
        aims("长" * 61)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-12-31", date(2020, 12, 31)),
        ("2020年6月30日", date(2020, 6, 30)),
        ("2020/6/3", date(2020, 6, 3)),
        ("2020-06-03 00:00", date(2020, 6, 3)),
        ("2021年6月", date(2021, 6, 30)),
        ("6月底", date(2020, 6, 30)),
        ("2月", date(2020, 2, 29)),
        ("11月中旬", date(2020, 11, 20)),
        ("9月20日前", date(2020, 9, 20)),
        ("第三季度", date(2020, 9, 30)),
        ("4季度末", date(2020, 12, 31)),
        ("上半年", date(2020, 6, 30)),
        ("全年", date(2020, 12, 31)),
        ("年底前完成", date(2020, 12, 31)),
        ("2022", date(2022, 12, 31)),
        ("１２月３１日", date(2020, 12, 31)),
        ("", None),
    ],
)
def test_a_last_day_is_read_as_people_write_it(text: str, expected: date | None) -> None:
    assert due(text, 2020) == expected


@pytest.mark.parametrize("text", ["适时", "2月30日", "13月", "0年", "9999999999", "第五季度", "1月1日1月"])
def test_what_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="worklist.due"):
        due(text, 2020)


def test_without_a_year_a_month_names_no_day() -> None:
    with pytest.raises(RuleBroken, match="worklist.due"):
        due("6月底", 0)
    assert due("2020年6月底", 0) == date(2020, 6, 30)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_a_day_that_is_written_is_read_again(day: date) -> None:
    assert due(due_words(day), 2020) == day
