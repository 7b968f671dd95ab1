import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.core.errors import RuleBroken
from kexie_events.events.numbering import (
    MOST,
    Numbered,
    Style,
    check,
    chinese,
    following,
    parse,
    parse_chinese,
    ring_number,
    rings,
    words,
)

years = st.integers(1900, 2200)
numbers = st.integers(1, MOST)
of_a_year = st.one_of(
    st.builds(Numbered, numbers, st.just(Style.ISSUE), years),
    years.map(lambda year: Numbered(year, Style.YEAR, year)),
)
over_all_years = st.builds(Numbered, st.integers(2, MOST), st.sampled_from([Style.ORDINAL, Style.ORDINAL_CHINESE]))


@given(st.one_of(of_a_year, over_all_years))
def test_what_is_written_is_read_back(numbered: Numbered) -> None:
    assert parse(words(numbered)) == numbered


@given(st.sampled_from([Style.ORDINAL, Style.ORDINAL_CHINESE]))
def test_the_first_is_printed_in_one_way_and_read_back_as_the_first(style: Style) -> None:
    read = parse(words(Numbered(1, style)))
    assert (words(Numbered(1, style)), read.number, read.style in (Style.ORDINAL, Style.ORDINAL_CHINESE)) == (
        "首届", 1, True,
    )  # fmt: skip


@given(
    st.one_of(of_a_year, over_all_years),
    st.sampled_from(["", "重庆市", "“科创中国”@重庆"]),
    st.sampled_from(["", "大赛", "论坛"]),
)
def test_a_number_is_read_anywhere_in_a_name(numbered: Numbered, before: str, after: str) -> None:
    assert parse(f"{before}{words(numbered)}{after}") == numbered


@given(numbers)
def test_chinese_numbers_are_read_back(number: int) -> None:
    assert parse_chinese(chinese(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (29, "二十九"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (999, "九百九十九"),
    ],
)
def test_chinese_numbers_as_they_are_printed(number: int, text: str) -> None:
    assert chinese(number) == text


@pytest.mark.parametrize(
    ("text", "numbered"),
    [
        ("第35届重庆市青少年科技创新大赛", Numbered(35, Style.ORDINAL)),
        ("第十二届重庆市青少年科技创新市长奖", Numbered(12, Style.ORDINAL_CHINESE)),
        ("首届科普讲解大赛", Numbered(1, Style.ORDINAL_CHINESE)),
        ("2020年度科普工作", Numbered(2020, Style.YEAR, 2020)),
        ("“科创中国”@重庆双月论坛2023年首期", Numbered(1, Style.ISSUE, 2023)),
        ("2023年第2期", Numbered(2, Style.ISSUE, 2023)),
        ("第21届", Numbered(21, Style.ORDINAL)),
        ("第二十一届", Numbered(21, Style.ORDINAL_CHINESE)),
        ("第廿一届", Numbered(21, Style.ORDINAL_CHINESE)),
        ("第卅届", Numbered(30, Style.ORDINAL_CHINESE)),
        ("第两百零二届", Numbered(202, Style.ORDINAL_CHINESE)),
        ("第一百〇五届", Numbered(105, Style.ORDINAL_CHINESE)),
        ("第３５届", Numbered(35, Style.ORDINAL)),
        ("第 35 届", Numbered(35, Style.ORDINAL)),
        ("第\u300035\u3000届", Numbered(35, Style.ORDINAL)),
        ("科普大赛（第八届）", Numbered(8, Style.ORDINAL_CHINESE)),
        ("第1届", Numbered(1, Style.ORDINAL)),
        ("2023年第1期", Numbered(1, Style.ISSUE, 2023)),
        ("２０２３年第一期", Numbered(1, Style.ISSUE, 2023)),
        ("2023年度第3期", Numbered(3, Style.ISSUE, 2023)),
        ("二〇二三年第十二期", Numbered(12, Style.ISSUE, 2023)),
        ("二○二〇年度", Numbered(2020, Style.YEAR, 2020)),
    ],
)
def test_numbers_as_the_documents_of_the_field_write_them(text: str, numbered: Numbered) -> None:
    assert parse(text) == numbered


@pytest.mark.parametrize(
    "text", ["", "科普日", "2020重庆市科协年会", "第届", "第零届", "第十百届", "第廿卅届", "2023年第零期"]
)
def test_what_is_no_number_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        parse(text)
    assert refused.value.code == "edition.unreadable"


@pytest.mark.parametrize(
    ("numbered", "code"),
    [
        (Numbered(0, Style.ORDINAL, 2026), "edition.number"),
        (Numbered(1000, Style.ISSUE, 2026), "edition.number"),
        (Numbered(1, Style.ISSUE, None), "edition.year"),
        (Numbered(1, Style.ISSUE, 1800), "edition.year"),
        (Numbered(2300, Style.YEAR, 2300), "edition.year"),
    ],
)
def test_a_number_that_cannot_be_is_refused(numbered: Numbered, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        check(numbered)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("held", "year", "next_one"),
    [
        ([], 2026, None),
        ([Numbered(35, Style.ORDINAL, 2020)], 2021, Numbered(36, Style.ORDINAL, 2021)),
        # Held in the same year twice, once postponed: the next one is counted under another year.
        ([Numbered(35, Style.ORDINAL, 2021)], 2021, Numbered(36, Style.ORDINAL, 2022)),
        # A gap: 第6届 in 2011, 第12届 in 2020. What lies between is not filled.
        (
            [Numbered(6, Style.ORDINAL_CHINESE, 2011), Numbered(12, Style.ORDINAL_CHINESE, 2020)],
            2022, Numbered(13, Style.ORDINAL_CHINESE, 2022),
        ),
        # Two series were merged: the latest counts by 届 again, the highest number goes on.
        ([Numbered(9, Style.ORDINAL, 2024), Numbered(4, Style.ORDINAL, 2025)], 2026, Numbered(10, Style.ORDINAL, 2026)),
        # Counted by years at first, by 届 since.
        ([Numbered(2018, Style.YEAR, 2018), Numbered(2, Style.ORDINAL, 2019)], 2020, Numbered(3, Style.ORDINAL, 2020)),
        ([Numbered(2025, Style.YEAR, 2025)], 2026, Numbered(2026, Style.YEAR, 2026)),
        ([Numbered(2026, Style.YEAR, 2026)], 2026, Numbered(2027, Style.YEAR, 2027)),
        ([Numbered(2, Style.ISSUE, 2026)], 2026, Numbered(3, Style.ISSUE, 2026)),
        ([Numbered(6, Style.ISSUE, 2025)], 2026, Numbered(1, Style.ISSUE, 2026)),
    ],
)  # fmt: skip
def test_the_next_number_is_suggested_in_the_style_of_the_latest(
    held: list[Numbered], year: int, next_one: Numbered | None
) -> None:
    assert following(held, year) == next_one


def test_an_ordinal_needs_no_year() -> None:
    assert check(Numbered(35, Style.ORDINAL)) is None


@pytest.mark.parametrize(
    ("style", "number", "grown", "inside"),
    [
        (Style.ORDINAL, 41, 41, 41),
        (Style.ORDINAL_CHINESE, 12, 12, 12),
        (Style.ISSUE, 2, 9, 2),
        (Style.YEAR, 2026, 9, None),
    ],
)
def test_a_ring_for_each_edition_and_a_number_that_says_something_of_age(
    style: Style, number: int, grown: int, inside: int | None
) -> None:
    numbered = Numbered(number, style, 2026)
    assert (rings(numbered, 9), ring_number(numbered)) == (grown, inside)


def test_a_series_that_nobody_may_see_yet_has_one_ring() -> None:
    assert rings(Numbered(2026, Style.YEAR, 2026), 0) == 1
